//! A counterexample out of its file.

use super::{
    Conditions, Counterexample, CounterexampleError, FORMAT_VERSION, Flakiness, Found, Remark,
};
use crate::action::{Sequence, Step};
use crate::profile::{Origin, Profile};
use crate::text::{near, read};
use crate::violation::Property;
use firmware_units::Nanoseconds;
use rig_spec::Decimal;
use serde::Deserialize;

/// The keys of format 1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "looked at before")]
    format: i64,
    violated: Violated,
    sequence: Steps,
    origin: Option<Drawn>,
    #[serde(default)]
    conditions: On,
    #[serde(default)]
    trace: Rows,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Violated {
    property: String,
    expected: Option<String>,
    observed: Option<String>,
    at: Option<String>,
    step: Option<usize>,
    failed: Option<u32>,
    of: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    steps: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawn {
    profile: String,
    seed: String,
    number: toml::Value,
    generator: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct On {
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

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    waveform: Option<String>,
    #[serde(default)]
    rows: Vec<[String; 4]>,
}

impl Counterexample {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CounterexampleError`]: the first thing for which it cannot be run as it is meant.
    pub fn read(text: &str) -> Result<Self, CounterexampleError> {
        let form = |error: toml::de::Error| {
            let message = error.to_string();
            // One line: the place, and what is wrong there.
            let lines: Vec<&str> = message.lines().map(str::trim).collect();
            let (first, last) = (lines.first().copied(), lines.last().copied());
            let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
            CounterexampleError::Form(if lines.len() > 1 {
                format!("{first}: {last}")
            } else {
                first.to_owned()
            })
        };
        let table: toml::Table = toml::from_str(text).map_err(form)?;
        // Before anything else: a newer file may hold anything.
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(format) if format > i64::from(FORMAT_VERSION) => {
                return Err(CounterexampleError::Newer(format));
            }
            Some(format) if format < 1 => return Err(CounterexampleError::NoFormat(format)),
            _ => {}
        }
        let file: File = toml::from_str(text).map_err(form)?;
        Ok(Self {
            found: found(file.violated)?,
            sequence: sequence(&file.sequence.steps)?,
            origin: file.origin.map(origin).transpose()?,
            conditions: conditions(file.conditions)?,
            trace: file
                .trace
                .rows
                .into_iter()
                .map(remark)
                .collect::<Result<_, _>>()?,
            waveform: file.trace.waveform,
        })
    }
}

fn found(violated: Violated) -> Result<Found, CounterexampleError> {
    let words = Property::ALL.map(Property::word);
    let property = Property::ALL
        .into_iter()
        .find(|it| it.word() == violated.property)
        .ok_or_else(|| CounterexampleError::Property {
            near: near(&violated.property, &words),
            given: violated.property.clone(),
        })?;
    let flakiness = match (violated.failed, violated.of) {
        (None, None) => None,
        (Some(failed), Some(of)) if failed <= of => Some(Flakiness { failed, of }),
        _ => return Err(CounterexampleError::Flakiness),
    };
    Ok(Found {
        property,
        expected: violated.expected,
        observed: violated.observed,
        at: violated.at.as_deref().map(time).transpose()?,
        step: violated.step,
        flakiness,
    })
}

fn sequence(lines: &[String]) -> Result<Sequence, CounterexampleError> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let read = read(line).map_err(|mut defects| {
            let mut defect = defects.swap_remove(0);
            defect.line = number;
            CounterexampleError::Step(defect)
        })?;
        steps.extend(read.steps);
    }
    if steps.is_empty() {
        return Err(CounterexampleError::NothingToRun);
    }
    Ok(Sequence { steps })
}

fn origin(drawn: Drawn) -> Result<Origin, CounterexampleError> {
    let profile = Profile::ALL
        .into_iter()
        .find(|it| it.word() == drawn.profile)
        .ok_or(CounterexampleError::Profile(drawn.profile))?;
    let seed = seed(&drawn.seed).ok_or(CounterexampleError::Seed { given: drawn.seed })?;
    Ok(Origin {
        profile,
        seed,
        number: count(drawn.number, "number")?,
        generator: drawn.generator,
    })
}

fn conditions(on: On) -> Result<Conditions, CounterexampleError> {
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

fn remark([at, action, expected, observed]: [String; 4]) -> Result<Remark, CounterexampleError> {
    Ok(Remark {
        at: time(&at)?,
        action,
        expected,
        observed,
    })
}

/// A bench time, to the nanosecond.
fn time(text: &str) -> Result<Nanoseconds, CounterexampleError> {
    let nanoseconds = text
        .trim()
        .strip_suffix('s')
        .and_then(|number| Decimal::parse(number.trim_end()).ok())
        .and_then(|seconds| seconds.times(1_000_000_000, 1))
        .and_then(|count| u64::try_from(count).ok());
    nanoseconds
        .map(Nanoseconds)
        .ok_or_else(|| CounterexampleError::Time {
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
fn count(count: toml::Value, key: &'static str) -> Result<u64, CounterexampleError> {
    let read = match count {
        toml::Value::Integer(number) => u64::try_from(number).ok(),
        toml::Value::String(text) => text.parse().ok(),
        _ => None,
    };
    read.ok_or(CounterexampleError::Count { key })
}
