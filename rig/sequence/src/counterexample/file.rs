//! A counterexample out of its file.

use super::{Counterexample, Flakiness, Found, Remark};
use crate::file::{
    Drawn, Kind, On, SequenceFileError, Steps, conditions, origin, sequence, tables, time,
};
use crate::text::near;
use crate::violation::Property;
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
    /// [`SequenceFileError`]: the first thing for which it cannot be run as it is meant.
    pub fn read(text: &str) -> Result<Self, SequenceFileError> {
        let file: File = tables(text, Kind::Counterexample)?;
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

fn found(violated: Violated) -> Result<Found, SequenceFileError> {
    let words = Property::ALL.map(Property::word);
    let property = Property::ALL
        .into_iter()
        .find(|it| it.word() == violated.property)
        .ok_or_else(|| SequenceFileError::Property {
            near: near(&violated.property, &words),
            given: violated.property.clone(),
        })?;
    let flakiness = match (violated.failed, violated.of) {
        (None, None) => None,
        (Some(failed), Some(of)) if failed <= of => Some(Flakiness { failed, of }),
        _ => return Err(SequenceFileError::Flakiness),
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

fn remark([at, action, expected, observed]: [String; 4]) -> Result<Remark, SequenceFileError> {
    Ok(Remark {
        at: time(&at)?,
        action,
        expected,
        observed,
    })
}
