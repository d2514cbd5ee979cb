//! Looks at each part of a bench and says whether it answers.

use crate::bench::measure_latency;
use crate::controller;
use crate::description::{Description, FlashPolicy, Parts};
use crate::latency::LatencyNote;
use crate::line::Line;
use crate::lock::Lock;
use crate::preflight;
use firmware_wire::{Decoder, Reply, Request, frame};
use rig_bench::{BenchError, Certificate, Nanoseconds, Observation};
use std::path::Path;

/// Round trips that the latency is taken from.
const ROUND_TRIPS: usize = 50;
/// A pen that was switched on has booted by then.
const BOOT: Nanoseconds = Nanoseconds::from_seconds(6);
/// Between two questions to a pen that boots.
const PERIOD: Nanoseconds = Nanoseconds::from_millis(250);
/// Nominal supply (firmware/HARDWARE.md), and how long it lasts without us.
const SUPPLY_MV: u32 = 3_700;
const HOLD_MS: u32 = 5_000;

/// What was found of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which part.
    pub part: String,
    /// Whether it does its work.
    pub is_sound: bool,
    /// What it answered, or what is wrong and what to do.
    pub text: String,
}

/// Looks at every part: lock, fixture controller and latency, instruments and certificates on the
/// day given (ISO 8601), probe with chip and factory record, and the pen on its link.
///
/// The pen is switched on for up to six seconds; it homes and is sent nothing but questions.
#[must_use]
pub fn check(description: &Description, file: &Path, operator: &str, today: &str) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    let lock = Lock::take(file, operator);
    match &lock {
        Ok(lock) => findings.sound("lock", lock.taken_over().unwrap_or("free").to_owned()),
        Err(error) => {
            findings.ill("lock", error.to_string());
            return findings.0;
        }
    }
    match Line::open(description) {
        Ok(mut line) => {
            if let Err(error) = fixture(&mut findings, &mut line, description, today) {
                findings.ill("fixture controller", error.to_string());
            }
            if description.flash == FlashPolicy::Never {
                findings.sound("probe", "not used: the bench file says `never`".to_owned());
            } else {
                probe(&mut findings, description);
            }
            match greet(&mut line) {
                Ok(Some(text)) => findings.sound("pen", text),
                Ok(None) => findings.ill(
                    "pen",
                    "does not answer on its link; it may be blank, or not in the fixture"
                        .to_owned(),
                ),
                Err(error) => findings.ill("pen", error.to_string()),
            }
            line.power_off_quietly();
        }
        Err(error) => {
            findings.ill("ports", error.to_string());
            probe(&mut findings, description);
        }
    }
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn push(&mut self, part: &str, is_sound: bool, text: String) {
        self.0.push(Finding {
            part: part.to_owned(),
            is_sound,
            text,
        });
    }

    fn sound(&mut self, part: &str, text: String) {
        self.push(part, true, text);
    }

    fn ill(&mut self, part: &str, text: String) {
        self.push(part, false, text);
    }
}

fn fixture(
    findings: &mut Findings,
    line: &mut Line,
    description: &Description,
    today: &str,
) -> Result<(), BenchError> {
    let described = controller::ask(line)?;
    if described.who.powered {
        line.power_off()?;
    }
    let who = &described.who;
    let kind = rig_bench::BenchKind::from(who.kind);
    let text = format!("{} ({kind:?}), bench {}", who.description, who.bench);
    findings.sound("fixture controller", text);
    let latency = measure_latency(line, ROUND_TRIPS)?;
    findings.push(
        "latency",
        latency.note() == LatencyNote::Sound,
        latency.to_string(),
    );
    let Parts {
        fixture,
        instruments,
        ..
    } = controller::settle(description, &described)?;
    for instrument in &instruments {
        let (is_due, text) = calibration(&instrument.certificate, today);
        let text = format!("{} {}; {text}", instrument.model, instrument.serial);
        findings.push(instrument.id.0, !is_due, text);
    }
    let listed = description.parts.iter().flat_map(|it| &it.instruments);
    for missing in listed.filter(|it| instruments.iter().all(|there| there.id != it.id)) {
        let text = "the controller does not stream it; rows that need it are not run";
        findings.ill(missing.id.0, text.to_owned());
    }
    let (is_due, text) = calibration(&fixture.block_certificate, today);
    findings.push("gauge block", !is_due, text);
    Ok(())
}

/// Whether a certificate is due on a day, and what it says.
fn calibration(certificate: &Certificate, today: &str) -> (bool, String) {
    let Certificate { id, due, .. } = certificate;
    // ISO 8601 dates compare as text.
    if due.as_str() < today {
        (true, format!("{id} expired on {due}; have it calibrated"))
    } else {
        (false, format!("{id} holds until {due}"))
    }
}

fn probe(findings: &mut Findings, description: &Description) {
    match preflight::look(&description.probe) {
        Ok(found) => {
            findings.sound("probe", format!("{} answers", description.probe.selector));
            let text = format!("{}, IDCODE {:#010x}", description.probe.chip, found.idcode);
            findings.sound("chip", text);
            match found.serial {
                Some(serial) => findings.sound("factory record", format!("pen {serial}")),
                None => findings.ill("factory record", "none in flash, or damaged".to_owned()),
            }
        }
        Err(error) => findings.ill("probe", error.to_string()),
    }
}

/// Switches the pen on and asks who it is; nothing if it does not say.
fn greet(line: &mut Line) -> Result<Option<String>, BenchError> {
    line.power_on(SUPPLY_MV, HOLD_MS)?;
    let until = line.now() + BOOT;
    let mut decoder = Decoder::new();
    let mut sequence = 0;
    while line.now() < until {
        sequence += 1;
        let Ok(question) = frame::encode_request(sequence, &Request::Identify) else {
            return Ok(None);
        };
        line.send(&question)?;
        let next = line.now() + PERIOD;
        while line.now() < next {
            for observation in line.advance(next)? {
                let Observation::Link { bytes, .. } = observation else {
                    continue;
                };
                for byte in bytes {
                    let Some(Ok(frame)) = decoder.push::<Reply>(byte) else {
                        continue;
                    };
                    if let Reply::Identity(it) = frame.message {
                        let serial = String::from_utf8_lossy(&it.serial);
                        let version = it.firmware;
                        return Ok(Some(format!(
                            "{}, hardware revision {}, firmware {}.{}.{}",
                            serial.trim_end(),
                            char::from(it.hardware_revision),
                            version.major,
                            version.minor,
                            version.patch
                        )));
                    }
                }
            }
        }
    }
    Ok(None)
}
