//! Turning points of a signal: tops and troughs, told from noise by hysteresis.

/// A top or a trough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Turn {
    /// Where, as index into the samples.
    pub(crate) index: usize,
    /// The extreme sample (median of three).
    pub(crate) value: f64,
    /// A top, or else a trough.
    pub(crate) is_top: bool,
}

/// What the signal is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// It has not moved by the threshold yet.
    Standing,
    /// Last turn was a trough; a top is looked for.
    Rising,
    /// Last turn was a top; a trough is looked for.
    Falling,
}

/// Finds turning points.
///
/// While standing both extremes are followed; the first movement by the threshold decides which
/// of them was the turn.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    phase: Phase,
    smallest: f64,
    threshold: f64,
    lowest: (usize, f64),
    highest: (usize, f64),
    /// The last two samples, if there were any.
    recent: Option<(f64, f64)>,
    /// Index of the last turn taken, or of the beginning of standing.
    since: usize,
    tops_seen: u64,
}

/// Hysteresis as a share of the movement before.
const HYSTERESIS: f64 = 0.3;

impl Turns {
    pub(crate) fn new(smallest: f64) -> Self {
        let smallest = smallest.max(1.0);
        Self {
            phase: Phase::Standing,
            smallest,
            threshold: smallest,
            lowest: (0, f64::INFINITY),
            highest: (0, f64::NEG_INFINITY),
            recent: None,
            since: 0,
            tops_seen: 0,
        }
    }

    pub(crate) fn tops_seen(&self) -> u64 {
        self.tops_seen
    }

    /// Index of the last turn, or since when the signal stands.
    pub(crate) fn since(&self) -> usize {
        self.since
    }

    /// Begins anew at index 0.
    pub(crate) fn restart(&mut self) {
        *self = Self {
            tops_seen: self.tops_seen,
            ..Self::new(self.smallest)
        };
    }

    /// The signal stands from this sample on.
    pub(crate) fn stand(&mut self, index: usize, value: f64) {
        self.phase = Phase::Standing;
        self.threshold = self.smallest;
        self.lowest = (index, value);
        self.highest = (index, value);
        self.since = index;
    }

    /// The samples were renumbered: `by` fewer lie before.
    pub(crate) fn shift(&mut self, by: usize) {
        self.lowest.0 = self.lowest.0.saturating_sub(by);
        self.highest.0 = self.highest.0.saturating_sub(by);
        self.since = self.since.saturating_sub(by);
    }

    /// Takes the sample at `index` (they come in order) and says whether the signal has turned.
    pub(crate) fn push(&mut self, index: usize, sample: f64) -> Option<Turn> {
        let Some((first, second)) = self
            .recent
            .replace((self.recent.map_or(sample, |it| it.1), sample))
        else {
            self.stand(index, sample);
            return None;
        };
        // The median belongs to the sample before.
        let value = first.min(second).max(first.max(second).min(sample));
        let index = index.saturating_sub(1);
        match self.phase {
            Phase::Standing => {
                if value < self.lowest.1 {
                    self.lowest = (index, value);
                }
                if value > self.highest.1 {
                    self.highest = (index, value);
                }
                if value - self.lowest.1 >= self.threshold {
                    return Some(self.turn(Phase::Rising, index, value));
                }
                if self.highest.1 - value >= self.threshold {
                    return Some(self.turn(Phase::Falling, index, value));
                }
            }
            Phase::Rising => {
                if value > self.highest.1 {
                    self.highest = (index, value);
                } else if self.highest.1 - value >= self.threshold {
                    return Some(self.turn(Phase::Falling, index, value));
                }
            }
            Phase::Falling => {
                if value < self.lowest.1 {
                    self.lowest = (index, value);
                } else if value - self.lowest.1 >= self.threshold {
                    return Some(self.turn(Phase::Rising, index, value));
                }
            }
        }
        None
    }

    /// Takes the extreme that the signal has left, and follows it the other way.
    fn turn(&mut self, now: Phase, index: usize, value: f64) -> Turn {
        let is_top = now == Phase::Falling;
        let left = if is_top { self.highest } else { self.lowest };
        if self.phase != Phase::Standing {
            let moved = self.highest.1 - self.lowest.1;
            self.threshold = self.smallest.max(HYSTERESIS * moved);
        }
        if is_top {
            self.lowest = (index, value);
            self.tops_seen += 1;
        } else {
            self.highest = (index, value);
        }
        self.phase = now;
        self.since = left.0;
        Turn {
            index: left.0,
            value: left.1,
            is_top,
        }
    }
}
