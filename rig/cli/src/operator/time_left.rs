//! How long it will still take, as far as that is known.
//!
//! Rows differ much in length, so a count of rows alone says little: before a unit of the run has
//! ended, nothing is said until half of the rows are done. From then on, a unit is expected to take
//! as long as those before it took from the same row on; a unit on which fewer rows are wanted is
//! another matter.

use std::collections::BTreeMap;

/// What is known of the time left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Left {
    /// Nothing.
    Unknown,
    /// Reckoned from the number of rows done, s.
    ByRows(f64),
    /// Reckoned from units that have ended, s.
    ByUnits(f64),
}

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Unknown => f.write_str("time left unknown"),
            Self::ByRows(seconds) => write!(f, "roughly {} left", Coarse(seconds)),
            Self::ByUnits(seconds) => write!(f, "about {} left", Coarse(seconds)),
        }
    }
}

/// A time no finer than it is known.
struct Coarse(f64);

impl std::fmt::Display for Coarse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.max(0.0);
        if seconds < 7.5 {
            return f.write_str("5 s");
        }
        if seconds < 57.5 {
            return write!(f, "{:.0} s", (seconds / 5.0).round() * 5.0);
        }
        let minutes = (seconds / 60.0).round().max(1.0);
        if minutes < 60.0 {
            write!(f, "{minutes:.0} min")
        } else {
            write!(
                f,
                "{:.0} h {:.0} min",
                (minutes / 60.0).floor(),
                minutes % 60.0
            )
        }
    }
}

/// Times of the units of one run; every `now` is in seconds on one clock that never goes back.
#[derive(Debug, Default)]
pub(crate) struct Times {
    n_units: usize,
    running: BTreeMap<usize, Running>,
    ended: Vec<Profile>,
    n_begun: usize,
}

/// A unit that is under way: when it began, how many rows it has, and how many of them were done
/// when, since then.
#[derive(Debug)]
struct Running {
    began: f64,
    of: usize,
    rows: Vec<(usize, f64)>,
}

/// A unit that has ended: what a running one keeps, and how long it took.
#[derive(Debug)]
struct Profile {
    of: usize,
    rows: Vec<(usize, f64)>,
    took: f64,
}

impl Times {
    pub(crate) fn new(n_units: usize) -> Self {
        Self {
            n_units,
            ..Self::default()
        }
    }

    /// A unit begins; gives its ticket.
    pub(crate) fn begin(&mut self, now: f64) -> usize {
        let ticket = self.n_begun;
        self.n_begun += 1;
        let running = Running {
            began: now,
            of: 0,
            rows: Vec::new(),
        };
        self.running.insert(ticket, running);
        ticket
    }

    /// So many of its rows are done.
    pub(crate) fn rows(&mut self, ticket: usize, now: f64, done: usize, of: usize) {
        if let Some(running) = self.running.get_mut(&ticket) {
            running.of = of;
            running.rows.push((done, now - running.began));
        }
    }

    /// It has ended.
    pub(crate) fn end(&mut self, ticket: usize, now: f64) {
        if let Some(running) = self.running.remove(&ticket) {
            self.ended.push(Profile {
                of: running.of,
                took: now - running.began,
                rows: running.rows,
            });
        }
    }

    /// Whether no unit is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// What is left of a unit.
    pub(crate) fn unit(&self, ticket: usize, now: f64) -> Left {
        let Some(running) = self.running.get(&ticket) else {
            return Left::Unknown;
        };
        let last = running.rows.last().copied();
        let (done, since) = last.unwrap_or((0, 0.0));
        let spent = now - running.began - since;
        // A unit that has not begun its rows may be like any.
        let alike = |it: &&Profile| running.of == 0 || it.of == running.of;
        let after: Vec<f64> = self
            .ended
            .iter()
            .filter(alike)
            .map(|it| last.map_or(it.took, |_| it.after(done)))
            .collect();
        if !after.is_empty() {
            let rest = after.iter().sum::<f64>() / after.len() as f64;
            return Left::ByUnits((rest - spent).max(0.0));
        }
        if done > 0 && 2 * done >= running.of {
            let rest = since / done as f64 * (running.of - done) as f64;
            return Left::ByRows((rest - spent).max(0.0));
        }
        Left::Unknown
    }

    /// What is left of the run.
    pub(crate) fn run(&self, now: f64) -> Left {
        let of_running: Vec<Left> = self.running.keys().map(|it| self.unit(*it, now)).collect();
        if self.ended.is_empty() {
            // Without a unit that has ended, the run is known only if it has no other.
            return match &of_running[..] {
                [left] if self.n_units == 1 => *left,
                _ => Left::Unknown,
            };
        }
        let n = self.ended.len() as f64;
        let took = self.ended.iter().map(|it| it.took).sum::<f64>() / n;
        let waiting = self.n_units.saturating_sub(self.n_begun) as f64;
        let left = of_running.iter().map(|it| match *it {
            Left::ByRows(seconds) | Left::ByUnits(seconds) => seconds,
            Left::Unknown => took,
        });
        let (sum, longest) = left.fold((0.0, 0.0_f64), |(sum, longest), it| {
            (sum + it, longest.max(it))
        });
        let at_once = self.running.len().max(1) as f64;
        Left::ByUnits(((waiting * took + sum) / at_once).max(longest))
    }
}

impl Profile {
    /// How long it still took from when so many of its rows were done.
    fn after(&self, done: usize) -> f64 {
        let passed = self.rows.iter().rev().find(|(it, _)| *it <= done);
        self.took - passed.map_or(0.0, |(_, since)| *since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_before_half_of_the_rows_are_done() {
        let mut times = Times::new(1);
        let unit = times.begin(100.0);
        assert_eq!(times.unit(unit, 101.0), Left::Unknown);
        times.rows(unit, 110.0, 1, 10);
        assert_eq!(times.unit(unit, 110.0), Left::Unknown);
        times.rows(unit, 150.0, 5, 10);
        assert_eq!(times.unit(unit, 150.0), Left::ByRows(50.0));
        // Time that passes within a row counts down, and not beyond zero.
        assert_eq!(times.unit(unit, 160.0), Left::ByRows(40.0));
        assert_eq!(times.unit(unit, 260.0), Left::ByRows(0.0));
        assert_eq!(times.run(160.0), Left::ByRows(40.0));
    }

    #[test]
    fn later_units_are_expected_to_take_what_earlier_ones_took() {
        let mut times = Times::new(4);
        let first = times.begin(0.0);
        // A short row and a long one.
        times.rows(first, 10.0, 0, 2);
        times.rows(first, 20.0, 1, 2);
        assert_eq!(times.run(20.0), Left::Unknown, "three others wait");
        assert!(!times.is_idle());
        times.end(first, 100.0);
        assert!(times.is_idle());
        let second = times.begin(100.0);
        assert_eq!(times.unit(second, 100.0), Left::ByUnits(100.0));
        times.rows(second, 110.0, 0, 2);
        times.rows(second, 120.0, 1, 2);
        assert_eq!(times.unit(second, 120.0), Left::ByUnits(80.0));
        assert_eq!(times.run(120.0), Left::ByUnits(280.0), "two others wait");
        // Two benches at once share what waits.
        let third = times.begin(120.0);
        assert_eq!(
            times.run(120.0),
            Left::ByUnits((80.0 + 100.0 + 100.0) / 2.0)
        );
        // A unit of fewer rows has nothing to go by.
        times.rows(third, 121.0, 0, 1);
        assert_eq!(times.unit(third, 121.0), Left::Unknown);
        times.end(second, 200.0);
        times.end(third, 220.0);
        let fourth = times.begin(220.0);
        assert_eq!(times.run(220.0), times.unit(fourth, 220.0));
    }

    #[test]
    fn times_are_said_no_finer_than_they_are_known() {
        let said = |seconds| Left::ByUnits(seconds).to_string();
        assert_eq!(said(0.0), "about 5 s left");
        assert_eq!(said(12.3), "about 10 s left");
        assert_eq!(said(57.0), "about 55 s left");
        assert_eq!(said(58.0), "about 1 min left");
        assert_eq!(said(500.0), "about 8 min left");
        assert_eq!(said(3_599.0), "about 1 h 0 min left");
        assert_eq!(said(10_230.0), "about 2 h 51 min left");
        assert_eq!(Left::ByRows(70.0).to_string(), "roughly 1 min left");
        assert_eq!(Left::Unknown.to_string(), "time left unknown");
    }
}
