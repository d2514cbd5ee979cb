//! What files of sequences have in common, as it is read.

use super::{Conditions, FORMAT_VERSION, Kind, SequenceFileError};
use crate::action::{Sequence, Step};
use crate::profile::{Origin, Profile};
use crate::text::read;
use firmware_units::Nanoseconds;
use rig_spec::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Steps {
    pub(crate) steps: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {
    profile: String,
    seed: String,
    number: toml::Value,
    generator: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct On {
    firmware: Option<String>,
    build_id: Option<String>,
    image_sha256: Option<String>,
    document: Option<String>,
    revision: Option<String>,
    spec_sha256: Option<String>,
    bench: Option<String>,
    scenario: Option<String>,
    bench_seed: Option<toml::Value>,
}

/// A file's tables, if its format is one that is read here.
pub(crate) fn tables<T: DeserializeOwned>(text: &str, kind: Kind) -> Result<T, SequenceFileError> {
    let form = |error: toml::de::Error| {
        let message = error.to_string();
        // One line: the place, and what is wrong there.
        let lines: Vec<&str> = message.lines().map(str::trim).collect();
        let (first, last) = (lines.first().copied(), lines.last().copied());
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        let message = if lines.len() > 1 {
            format!("{first}: {last}")
        } else {
            first.to_owned()
        };
        SequenceFileError::Form { kind, message }
    };
    let table: toml::Table = toml::from_str(text).map_err(form)?;
    // Before anything else: a newer file may hold anything.
    match table.get("format").and_then(toml::Value::as_integer) {
        Some(format) if format > i64::from(FORMAT_VERSION) => {
            return Err(SequenceFileError::Newer(format));
        }
        Some(format) if format < 1 => return Err(SequenceFileError::NoFormat(format)),
        _ => {}
    }
    toml::from_str(text).map_err(form)
}

pub(crate) fn sequence(lines: &[String]) -> Result<Sequence, SequenceFileError> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let read = read(line).map_err(|mut defects| {
            let mut defect = defects.swap_remove(0);
            defect.line = number;
            SequenceFileError::Step(defect)
        })?;
        steps.extend(read.steps);
    }
    if steps.is_empty() {
        return Err(SequenceFileError::NothingToRun);
    }
    Ok(Sequence { steps })
}

pub(crate) fn origin(drawn: Drawn) -> Result<Origin, SequenceFileError> {
    let profile = Profile::ALL
        .into_iter()
        .find(|it| it.word() == drawn.profile)
        .ok_or(SequenceFileError::Profile(drawn.profile))?;
    let seed = seed(&drawn.seed).ok_or(SequenceFileError::Seed { given: drawn.seed })?;
    Ok(Origin {
        profile,
        seed,
        number: count(drawn.number, "number")?,
        generator: drawn.generator,
    })
}

pub(crate) fn conditions(on: On) -> Result<Conditions, SequenceFileError> {
    let bench_seed = on.bench_seed.map(|seed| count(seed, "bench-seed"));
    Ok(Conditions {
        firmware: on.firmware,
        build_id: on.build_id,
        image_sha256: on.image_sha256,
        document: on.document,
        revision: on.revision,
        spec_sha256: on.spec_sha256,
        bench: on.bench,
        scenario: on.scenario,
        bench_seed: bench_seed.transpose()?,
    })
}

/// A bench time, to the nanosecond.
pub(crate) fn time(text: &str) -> Result<Nanoseconds, SequenceFileError> {
    let nanoseconds = text
        .trim()
        .strip_suffix('s')
        .and_then(|number| Decimal::parse(number.trim_end()).ok())
        .and_then(|seconds| seconds.times(1_000_000_000, 1))
        .and_then(|count| u64::try_from(count).ok());
    nanoseconds
        .map(Nanoseconds)
        .ok_or_else(|| SequenceFileError::Time {
            given: text.to_owned(),
        })
}

fn seed(text: &str) -> Option<[u8; 32]> {
    // A sign would pass otherwise.
    if text.len() != 64 || !text.bytes().all(|it| it.is_ascii_hexdigit()) {
        return None;
    }
    let mut seed = [0; 32];
    for (place, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(seed)
}

/// A whole number; as text where TOML's 63 bits do not hold it.
pub(crate) fn count(count: toml::Value, key: &'static str) -> Result<u64, SequenceFileError> {
    let read = match count {
        toml::Value::Integer(number) => u64::try_from(number).ok(),
        toml::Value::String(text) => text.parse().ok(),
        _ => None,
    };
    read.ok_or(SequenceFileError::Count { key })
}
