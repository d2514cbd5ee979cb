//! The wall clock, read in this one place.

use crate::Failure;
use anyhow::Context as _;
use firmware_units::Nanoseconds;
use jiff::Timestamp;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
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

/// Time of day now, which nothing may fix: a hardware bench is of its own day.
pub(crate) fn wall() -> Result<Timestamp, Failure> {
    if std::env::var_os("SOURCE_DATE_EPOCH").is_some() {
        return Err(Failure::Input(anyhow::anyhow!(
            "SOURCE_DATE_EPOCH fixes the time of the virtual bench alone; unset it for a hardware bench"
        )));
    }
    Ok(Timestamp::now())
}

/// The day, ISO 8601, in UTC.
pub(crate) fn today(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
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

/// Keeps bench time beside the wall clock: bench time waits where it is ahead, and goes on from
/// where it is when it fell behind. It is never skipped.
pub(crate) struct Pace {
    wall: Instant,
    bench: Nanoseconds,
}

impl Pace {
    /// What is still made up for; beyond that, bench time has stretched.
    const LAG: Duration = Duration::from_millis(100);

    /// Bench time is this, now.
    #[expect(
        clippy::disallowed_methods,
        reason = "someone sits before the bench and watches the clock"
    )]
    pub(crate) fn start(bench: Nanoseconds) -> Self {
        Self {
            wall: Instant::now(),
            bench,
        }
    }

    /// How far bench time is ahead.
    pub(crate) fn ahead(&mut self, bench: Nanoseconds) -> Duration {
        let passed = self.wall.elapsed();
        let due = Duration::from_nanos((bench - self.bench).0);
        if passed > due + Self::LAG {
            *self = Self::start(bench);
        }
        due.saturating_sub(passed)
    }

    /// Waits until the wall clock has come up to bench time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the wall clock is what is waited for"
    )]
    pub(crate) fn keep(&mut self, bench: Nanoseconds) {
        std::thread::sleep(self.ahead(bench));
    }

    /// Likewise, but no longer than until something is received.
    pub(crate) fn keep_or_receive<T>(
        &mut self,
        bench: Nanoseconds,
        receiver: &Receiver<T>,
    ) -> Result<T, RecvTimeoutError> {
        receiver.recv_timeout(self.ahead(bench))
    }
}
