//! The keys of a waveform's description in a file's metadata.

use super::read::ParquetDefect;
use crate::{Description, Quantity, rate_text};
use firmware_units::{Microhertz, Nanoseconds};
use std::collections::BTreeMap;

/// Version of the format that this edition writes and reads.
pub const FORMAT_VERSION: &str = "1";

pub(crate) const FORMAT: &str = "penrig.waveform";
pub(crate) const PROGRAM: &str = "penrig.program";
pub(crate) const QUANTITY: &str = "penrig.quantity";
pub(crate) const UNIT: &str = "penrig.unit";
pub(crate) const RATE: &str = "penrig.sample_rate_hz";
pub(crate) const FIRST_AT: &str = "penrig.first_at_ns";
pub(crate) const FIRST_SEQ: &str = "penrig.first_seq";
pub(crate) const SAMPLES: &str = "penrig.samples";
pub(crate) const SHA256: &str = "penrig.samples_sha256";
pub(crate) const PAGES: &str = "penrig.pages_sha256";
pub(crate) const DEFECTS: &str = "penrig.defects";
const INSTRUMENT: &str = "penrig.instrument";
const MODEL: &str = "penrig.model";
const SERIAL: &str = "penrig.serial";
const RESOLUTION: &str = "penrig.resolution";
const RANGE: &str = "penrig.range";
const CALIBRATION: &str = "penrig.calibration";
const SUBJECT: &str = "penrig.subject";

/// The keys known before the first sample, in the order they are written in.
pub(crate) fn of_description(
    description: &Description,
    program: &str,
) -> Vec<(&'static str, String)> {
    let calibration = serde_json::to_string(&description.calibration).unwrap_or_default();
    let mut keys = vec![
        (FORMAT, FORMAT_VERSION.to_owned()),
        (PROGRAM, program.to_owned()),
        (QUANTITY, description.quantity.to_string()),
        (UNIT, description.quantity.unit().to_owned()),
        (RATE, rate_text(description.sample_rate)),
        (FIRST_AT, description.first_at.0.to_string()),
        (INSTRUMENT, description.instrument.clone()),
        (MODEL, description.model.clone()),
        (SERIAL, description.serial.clone()),
        (RESOLUTION, description.resolution.to_string()),
        (CALIBRATION, calibration),
        (SUBJECT, description.subject.clone()),
    ];
    if let Some((lowest, highest)) = description.range {
        keys.push((RANGE, format!("{lowest} {highest}")));
    }
    keys
}

/// The description that keys give.
pub(crate) fn description(keys: &BTreeMap<String, String>) -> Result<Description, ParquetDefect> {
    let version = text(keys, FORMAT).ok_or(ParquetDefect::NoWaveform)?;
    if version != FORMAT_VERSION {
        return Err(ParquetDefect::Version(version.to_owned()));
    }
    let quantity = text(keys, QUANTITY).unwrap_or_default();
    let quantity = Quantity::ALL
        .into_iter()
        .find(|it| it.to_string() == quantity)
        .ok_or_else(|| defect(keys, QUANTITY))?;
    let owned = |key| text(keys, key).unwrap_or_default().to_owned();
    let range = match text(keys, RANGE) {
        None => None,
        Some(text) => Some(range(text).ok_or_else(|| defect(keys, RANGE))?),
    };
    let calibration = match text(keys, CALIBRATION) {
        None => crate::Calibration::default(),
        Some(text) => serde_json::from_str(text).map_err(|_| defect(keys, CALIBRATION))?,
    };
    let rate = text(keys, RATE).and_then(crate::csv_file::parse_microhertz);
    Ok(Description {
        quantity,
        sample_rate: Microhertz(rate.ok_or_else(|| defect(keys, RATE))?),
        first_at: Nanoseconds(number(keys, FIRST_AT)?),
        instrument: owned(INSTRUMENT),
        model: owned(MODEL),
        serial: owned(SERIAL),
        resolution: number(keys, RESOLUTION)?,
        range,
        calibration,
        subject: owned(SUBJECT),
    })
}

pub(crate) fn number<T: std::str::FromStr>(
    keys: &BTreeMap<String, String>,
    key: &'static str,
) -> Result<T, ParquetDefect> {
    text(keys, key)
        .and_then(|it| it.parse().ok())
        .ok_or_else(|| defect(keys, key))
}

pub(crate) fn text<'k>(keys: &'k BTreeMap<String, String>, key: &str) -> Option<&'k str> {
    keys.get(key).map(String::as_str)
}

fn range(text: &str) -> Option<(i64, i64)> {
    let (lowest, highest) = text.split_once(' ')?;
    Some((lowest.parse().ok()?, highest.parse().ok()?))
}

fn defect(keys: &BTreeMap<String, String>, key: &'static str) -> ParquetDefect {
    ParquetDefect::Key {
        key,
        text: text(keys, key).unwrap_or_default().to_owned(),
    }
}
