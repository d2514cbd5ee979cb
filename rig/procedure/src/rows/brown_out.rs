//! The row of calibration after brown-outs.

use super::{RowError, depth, stated};
use crate::draw::Draw;
use crate::pen::{Pen, unexpected};
use firmware_units::{Nanoseconds, StrokesPerMinute};
use firmware_wire::{Calibration, Refusal, Reply, Request};
use rig_bench::Bench;
use rig_spec::{Evidence, Finding, Row, Verdict};

/// The supply is away for a time drawn from these.
const OFF_LEAST: Nanoseconds = Nanoseconds::from_millis(20);
const OFF_MOST: Nanoseconds = Nanoseconds::from_millis(90);
/// A write is looked at so long after it was asked for, then after twice that, and so on.
const WRITE_LOOK: Nanoseconds = Nanoseconds::from_millis(15);
/// A record must be written within so many of these looks.
const WRITE_LOOKS: u64 = 60;

/// What the brown-out strikes.
#[derive(Clone, Copy, Debug)]
enum Struck {
    /// The carriage on its way out to the deepest setting.
    MoveOut,
    /// The factory record on its way into flash.
    Write,
    /// The carriage on its way home, the cam braking.
    MoveIn,
}

/// In this order, so that every other brown-out strikes a write.
const STRUCK: [Struck; 4] = [
    Struck::MoveOut,
    Struck::Write,
    Struck::MoveIn,
    Struck::Write,
];

/// How long each of these takes when nothing strikes it.
struct Lengths {
    out: Nanoseconds,
    home: Nanoseconds,
    write: Nanoseconds,
}

/// SAF-10: brown-outs at random times, half of them while the carriage moves to or from the
/// deepest setting and half while the pen writes its factory record; after each the calibration
/// that holds, and at the end the protrusion of the depth row.
///
/// A brown-out comes at a time drawn over the length that move or write took undisturbed. A record
/// is written with the values that it has, so that old and new differ in their generation alone.
/// A pen that does not come back leaves the row without evidence, as it may be the rig's doing.
pub(crate) fn calibration_after<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    depth_row: &Row,
    serial: &str,
) -> Result<Evidence, RowError> {
    pen.insist_revision_1()?;
    let n = stated(row, "n", row.n)?;
    let rate = stated(depth_row, "rate_per_s", depth_row.rate.one())?;
    let lengths = lengths(pen, rate)?;
    let mut draw = Draw::of(serial, row.id.as_str());
    let first = calibration(pen)?.ok_or_else(|| not_calibrated("before any brown-out"))?;
    let mut last = first;
    let (mut valid, mut of) = (0, 0);
    for struck in STRUCK.into_iter().cycle().take(n as usize) {
        strike(pen, struck, rate, &lengths, &first, &mut draw)?;
        of += 1;
        let found = calibration(pen)?;
        let Some(found) = found.filter(|found| holds(found, &last)) else {
            break;
        };
        valid += 1;
        last = found;
        pen.clear_faults()?;
    }
    let mut evidence =
        Evidence::findings(vec![Finding::CalibrationValid { valid, of }], u64::from(of));
    if valid == of {
        depth_holds(pen, depth_row, &mut evidence)?;
    }
    Ok(evidence)
}

/// Whether a calibration says what the one before it said; its generation may be newer.
fn holds(found: &Calibration, before: &Calibration) -> bool {
    found.generation >= before.generation
        && found.home_protrusion == before.home_protrusion
        && found.screw_lead == before.screw_lead
}

/// The calibration in force; nothing if the pen says that it has none.
fn calibration<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Option<Calibration>, RowError> {
    match pen.session.request(Request::GetCalibration)?.reply {
        Some(Reply::Calibration(calibration)) => Ok(Some(calibration)),
        Some(Reply::Refused(Refusal::NotCalibrated)) => Ok(None),
        other => Err(unexpected("GetCalibration", other)),
    }
}

fn not_calibrated(when: &str) -> RowError {
    RowError::Precondition(format!("the pen is not calibrated {when}"))
}

/// Begins what is to be struck, takes the supply away at a random time of it, and brings the pen
/// back.
fn strike<B: Bench>(
    pen: &mut Pen<'_, B>,
    struck: Struck,
    rate: StrokesPerMinute,
    lengths: &Lengths,
    calibration: &Calibration,
    draw: &mut Draw,
) -> Result<(), RowError> {
    let (begun, length) = match struck {
        Struck::MoveOut => {
            ready(pen, rate)?;
            pen.session.start_heartbeat();
            (pen.expect_done(Request::Start)?, lengths.out)
        }
        Struck::MoveIn => {
            ready(pen, rate)?;
            pen.start()?;
            (pen.expect_done(Request::Stop)?, lengths.home)
        }
        Struck::Write => {
            bare(pen)?;
            (pen.expect_done(write_again(calibration))?, lengths.write)
        }
    };
    let after = Nanoseconds(draw.between(0, length.0));
    let off = Nanoseconds(draw.between(OFF_LEAST.0, OFF_MOST.0));
    pen.session.run_until(begun + after)?;
    pen.session.stop_heartbeat();
    pen.interrupt_supply(off)?;
    pen.wait_for_reboot()?;
    Ok(())
}

fn write_again(calibration: &Calibration) -> Request {
    Request::Calibrate {
        home_protrusion: calibration.home_protrusion,
        screw_lead: calibration.screw_lead,
    }
}

/// A fresh cartridge, no treatment, the deepest setting.
fn ready<B: Bench>(pen: &mut Pen<'_, B>, rate: StrokesPerMinute) -> Result<(), RowError> {
    pen.end_treatment()?;
    pen.fit_cartridge(None)?;
    let deepest = pen.limits().range;
    pen.set(deepest, rate)
}

/// No cartridge and no treatment, as service needs it.
fn bare<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), RowError> {
    pen.end_treatment()?;
    pen.remove_cartridge()
}

/// How long move out, move home and write take undisturbed.
fn lengths<B: Bench>(pen: &mut Pen<'_, B>, rate: StrokesPerMinute) -> Result<Lengths, RowError> {
    ready(pen, rate)?;
    let started = pen.start()?;
    let out = pen.session.now() - started;
    let stopped = pen.stop()?;
    let home = pen.session.now() - stopped;
    let write = write_length(pen)?;
    Ok(Lengths { out, home, write })
}

/// How long a write takes until the pen tells of the new record.
///
/// A chip that erases hears nothing, and asking it costs the whole time-out: so each write is asked
/// about once, later from write to write.
fn write_length<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Nanoseconds, RowError> {
    bare(pen)?;
    for look in 1..=WRITE_LOOKS {
        let before = calibration(pen)?.ok_or_else(|| not_calibrated("before any brown-out"))?;
        let asked = pen.expect_done(write_again(&before))?;
        pen.session
            .run_until(asked + Nanoseconds(look * WRITE_LOOK.0))?;
        let counts = pen.session.counts();
        let answer = pen.session.request(Request::GetCalibration)?;
        pen.session.set_counts(counts);
        let answered = pen.session.now();
        match answer.reply {
            Some(Reply::Calibration(found)) if found.generation > before.generation => {
                pen.wait_for_rest()?;
                return Ok(answered - asked);
            }
            _ => pen.wait_for_reboot()?,
        };
    }
    let cause = "the pen does not write its calibration when it is asked to";
    Err(RowError::Precondition(cause.to_owned()))
}

/// The depth row, measured anew and held against its limits. Neither shown to hold nor not to
/// hold, it is not observed.
fn depth_holds<B: Bench>(
    pen: &mut Pen<'_, B>,
    depth_row: &Row,
    evidence: &mut Evidence,
) -> Result<(), RowError> {
    pen.end_treatment()?;
    pen.fit_cartridge(None)?;
    let window = depth::window(pen, depth_row)?;
    let measured = depth::mean(pen, depth_row, &window)?;
    let decision = depth_row
        .judge(&measured)
        .map_err(|error| RowError::Precondition(format!("{}: {error}", depth_row.id)))?;
    let held = match decision.verdict {
        Verdict::Pass => 1,
        Verdict::Fail => 0,
        Verdict::Inconclusive => return Ok(()),
    };
    let row = depth_row.id.clone();
    evidence
        .findings
        .push(Finding::RowHeld { row, held, of: 1 });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_units::Nanometers;

    fn record(generation: u32, home_nm: i64) -> Calibration {
        Calibration {
            generation,
            home_protrusion: Nanometers(home_nm),
            screw_lead: Nanometers(500_000),
            serial: *b"PA1-00000001",
            hardware_revision: b'C',
        }
    }

    #[test]
    fn a_calibration_holds_if_its_values_stay_and_its_generation_does_not_fall() {
        let before = record(7, -400_000);
        assert!(holds(&record(7, -400_000), &before), "the old one");
        assert!(holds(&record(8, -400_000), &before), "the new one");
        assert!(!holds(&record(6, -400_000), &before), "an older one");
        assert!(!holds(&record(8, -400_001), &before), "another value");
    }
}
