//! The wall clock, read in this one place.

use crate::Failure;
use anyhow::Context as _;
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// Time of day now, or that of `SOURCE_DATE_EPOCH`, which fixes it for the virtual bench.
pub(crate) fn now() -> Result<Timestamp, Failure> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => {
            let seconds: i64 = text
                .parse()
                .with_context(|| format!("SOURCE_DATE_EPOCH is `{text}`, not a number of seconds"))
                .map_err(Failure::Input)?;
            Timestamp::from_second(seconds)
                .with_context(|| format!("SOURCE_DATE_EPOCH `{text}` is no date"))
                .map_err(Failure::Input)
        }
        Err(_) => Ok(Timestamp::now()),
    }
}

/// ISO 8601 in UTC, to the second.
pub(crate) fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The same for folder names.
pub(crate) fn compact(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Measures how long something takes, for display only.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "for display only; no record depends on it"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
