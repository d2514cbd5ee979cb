//! One pen handled by hand: flashing, power-on, and who it says it is.

use crate::Failure;
use crate::clock::Stopwatch;
use crate::input::ImageFile;
use anyhow::{Context as _, anyhow};
use firmware_units::Nanoseconds;
use firmware_wire::{Calibration, Identity, PROTOCOL_VERSION, REVISION, Reply, Request, State};
use rig_bench::Bench;
use rig_procedure::{Flashed, LinkCounts, NOMINAL_SUPPLY, Session, SessionError, Unmeasured};
use std::time::Duration;

/// Between two looks at the pen's state.
pub(crate) const POLL: Nanoseconds = Nanoseconds::from_millis(40);
/// Self-test and homing must be over by then.
const BOOT_DEADLINE: Nanoseconds = Nanoseconds::from_seconds(6);
/// A powered pen whose instruments nobody reads.
pub(crate) type HandSession<'b, B> = Session<'b, B, Unmeasured>;

/// What a pen says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    pub(crate) identity: Identity,
    /// Revision of the protocol in force from now on.
    pub(crate) revision: u8,
}

/// Flashes an image, verifies it and reads it back; says how long that took.
pub(crate) fn flash<B: Bench>(
    bench: &mut B,
    image: &ImageFile,
) -> Result<(Flashed, Duration), Failure> {
    let chip = bench.identity().chip.clone();
    let watch = Stopwatch::start();
    let probe = bench.probe().map_err(Failure::rig)?;
    let flashed = rig_procedure::flash(probe, &chip, &image.image)
        .with_context(|| format!("flashing `{}`", image.name))
        .map_err(Failure::Rig)?;
    Ok((flashed, watch.elapsed()))
}

/// Switches a flashed pen on and waits until self-test and homing are over.
pub(crate) fn power_up<B: Bench>(bench: &mut B) -> Result<HandSession<'_, B>, Failure> {
    bench.power_on(NOMINAL_SUPPLY).map_err(Failure::rig)?;
    let mut session = Session::new(bench, Unmeasured);
    let deadline = session.now() + BOOT_DEADLINE;
    loop {
        let reply = ask(&mut session, Request::GetStatus)?;
        if matches!(reply, Some(Reply::Status(status)) if status.state != State::Boot) {
            break;
        }
        if session.now() >= deadline {
            return Err(Failure::Rig(match reply {
                None => anyhow!("the pen does not answer after power-on"),
                Some(_) => anyhow!("the pen's self-test and homing do not end"),
            }));
        }
        session.wait(POLL).map_err(Failure::rig)?;
    }
    // What was asked of a pen that was still booting does not count.
    session.set_counts(LinkCounts::default());
    Ok(session)
}

/// Asks who the pen is, then says up to which revision the rig knows the protocol.
/// Nothing if the pen keeps quiet.
pub(crate) fn greet<B: Bench>(
    session: &mut HandSession<'_, B>,
) -> Result<Option<Greeting>, SessionError> {
    let Some(Reply::Identity(identity)) = session.request(Request::Identify)?.reply else {
        return Ok(None);
    };
    let hello = Request::Hello { revision: REVISION };
    let revision = match session.request(hello)?.reply {
        Some(Reply::Hello { revision, .. }) => revision,
        // The pen's firmware knows no revisions.
        _ => 0,
    };
    Ok(Some(Greeting { identity, revision }))
}

/// The greeting of a pen that was just switched on, if it is the pen and the build expected.
pub(crate) fn greet_expected<B: Bench>(
    session: &mut HandSession<'_, B>,
    serial: &str,
    image: &ImageFile,
) -> Result<Greeting, Failure> {
    let greeting = greet(session).map_err(Failure::rig)?;
    let greeting = greeting
        .ok_or_else(|| Failure::Rig(anyhow!("the pen does not answer when asked who it is")))?;
    let identity = &greeting.identity;
    if ascii(&identity.serial) != serial {
        return Err(Failure::Rig(anyhow!(
            "the pen says that it is {}, not {serial}",
            ascii(&identity.serial)
        )));
    }
    let build_id = hex(&identity.build_id);
    if let Some(expected) = &image.build_id
        && !expected.starts_with(&build_id)
    {
        return Err(Failure::Rig(anyhow!(
            "the pen says that it runs build {build_id}, the image's provenance says {expected}"
        )));
    }
    if identity.protocol != PROTOCOL_VERSION {
        return Err(Failure::Rig(anyhow!(
            "the pen speaks protocol version {}, this program {PROTOCOL_VERSION}",
            identity.protocol
        )));
    }
    Ok(greeting)
}

/// The depth calibration in force, if the pen has one.
pub(crate) fn calibration<B: Bench>(
    session: &mut HandSession<'_, B>,
) -> Result<Option<Calibration>, Failure> {
    match ask(session, Request::GetCalibration)? {
        Some(Reply::Calibration(calibration)) => Ok(Some(calibration)),
        Some(Reply::Refused(_)) => Ok(None),
        _ => Err(Failure::Rig(anyhow!(
            "the pen does not answer when asked for its calibration"
        ))),
    }
}

fn ask<B: Bench>(
    session: &mut HandSession<'_, B>,
    request: Request,
) -> Result<Option<Reply>, Failure> {
    Ok(session.request(request).map_err(Failure::rig)?.reply)
}

/// Text of fixed width, without what pads it.
pub(crate) fn ascii(text: &[u8]) -> String {
    String::from_utf8_lossy(text).trim_end().to_owned()
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
