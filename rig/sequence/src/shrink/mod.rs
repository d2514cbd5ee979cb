//! Making a failing sequence short, on a device that costs time and wears.
//!
//! The shrinker asks for runs and is told what came of them ([`Shrinker::candidate`],
//! [`Shrinker::tell`]); it runs nothing itself. So it can be stopped at any time, and the best
//! sequence so far is always at hand.
//!
//! First the failure itself is repeated: it must show in so many of so many runs before anything is
//! tried, and one that shows less often is reported as [`End::Flaky`] with its rate. Then, from
//! large to small: runs of steps are left out (Zeller and Hildebrandt 2002, ddmin), pairs that
//! belong together are, waits become shorter, and actions simpler; again until nothing more gives.
//! Of what is tried in one pass, what saves most comes first. Every step needs as many failures of
//! the *same property* as the first; a sequence that violates another one is set aside.
//!
//! proptest's own shrinking is not used: it knows neither cost nor flakiness, and a counterexample
//! that was read from a file has no value tree.

mod edits;

use crate::action::Sequence;
use crate::cost::Cost;
use crate::violation::Property;
use edits::Edits;
use firmware_units::Nanoseconds;

/// How often a failure must show, and what the search may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A sequence fails if so many runs do,
    pub failures: u32,
    /// of at most so many.
    pub runs: u32,
    /// Bench time that all runs together may take.
    pub bench: Nanoseconds,
    /// Strokes that all runs together may make.
    pub strokes: u64,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These properties were violated.
    Violated(Vec<Property>),
    /// Everything held.
    Held,
    /// Nobody can say.
    Inconclusive,
}

/// Why the search is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing simpler that was tried fails.
    Minimal,
    /// The budget is used up; the best so far is kept.
    OutOfBudget,
    /// The failure did not repeat often enough to shrink it.
    Flaky {
        /// Runs that failed,
        failures: u32,
        /// of so many.
        runs: u32,
    },
}

/// A search for the shortest sequence that still fails.
#[derive(Clone, Debug)]
pub struct Shrinker {
    property: Property,
    settings: Settings,
    best: Sequence,
    /// The first failure was repeated.
    confirmed: bool,
    /// What is being tried, its failures and its runs.
    trial: Option<(Sequence, u32, u32)>,
    /// Failures and runs of the best.
    rate: (u32, u32),
    tried: Vec<Sequence>,
    edits: Edits,
    spent: Cost,
    n_runs: u32,
    others: Vec<(Property, Sequence)>,
    end: Option<End>,
}

impl Shrinker {
    /// A search from a sequence that was seen to violate a property, once.
    #[must_use]
    pub fn new(failing: Sequence, property: Property, settings: Settings) -> Self {
        Self {
            property,
            settings,
            edits: Edits::of(&failing),
            trial: Some((failing.clone(), 0, 0)),
            best: failing,
            confirmed: false,
            rate: (0, 0),
            tried: Vec::new(),
            spent: Cost::default(),
            n_runs: 0,
            others: Vec::new(),
            end: None,
        }
    }

    /// The sequence to run next; nothing once the search is over.
    pub fn candidate(&mut self) -> Option<&Sequence> {
        if self.end.is_some() {
            return None;
        }
        if self.spent.bench >= self.settings.bench || self.spent.strokes >= self.settings.strokes {
            self.end = Some(End::OutOfBudget);
            return None;
        }
        while self.trial.is_none() {
            let Some(next) = self.edits.next(&self.best) else {
                self.end = Some(End::Minimal);
                return None;
            };
            if self.tried.contains(&next) {
                self.edits.told(false, &self.best);
            } else {
                self.trial = Some((next, 0, 0));
            }
        }
        self.trial.as_ref().map(|(sequence, _, _)| sequence)
    }

    /// Takes what came of running [`Shrinker::candidate`], and what that cost.
    pub fn tell(&mut self, outcome: &Outcome, cost: Cost) {
        self.spent = self.spent.and(cost);
        self.n_runs += 1;
        let Some((sequence, mut failures, mut runs)) = self.trial.take() else {
            return;
        };
        runs += 1;
        if let Outcome::Violated(properties) = outcome {
            if properties.contains(&self.property) {
                failures += 1;
            } else if let Some(&other) = properties.first() {
                let known = self.others.iter().any(|(it, _)| *it == other);
                if !known {
                    self.others.push((other, sequence.clone()));
                }
            }
        }
        let (needed, most) = (self.settings.failures.max(1), self.settings.runs.max(1));
        // The first is run as often as it takes to say how often it fails; of others, no run is
        // made that could not help any more.
        let lost = self.confirmed && failures + most.saturating_sub(runs) < needed;
        if failures < needed && runs < most && !lost {
            self.trial = Some((sequence, failures, runs));
            return;
        }
        let fails = failures >= needed;
        if !self.confirmed {
            self.confirmed = true;
            self.rate = (failures, runs);
            if !fails {
                self.end = Some(End::Flaky { failures, runs });
            }
            return;
        }
        if fails {
            self.best = sequence;
            self.rate = (failures, runs);
        } else {
            self.tried.push(sequence);
        }
        self.edits.told(fails, &self.best);
    }

    /// The shortest sequence so far that fails.
    #[must_use]
    pub fn best(&self) -> &Sequence {
        &self.best
    }

    /// How often the best failed, of how many runs.
    #[must_use]
    pub fn rate(&self) -> (u32, u32) {
        self.rate
    }

    /// Why the search is over, once it is.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// What all runs cost together, and how many there were.
    #[must_use]
    pub fn spent(&self) -> (Cost, u32) {
        (self.spent, self.n_runs)
    }

    /// Sequences that violated another property on the way, the first of each.
    #[must_use]
    pub fn others(&self) -> &[(Property, Sequence)] {
        &self.others
    }
}

#[cfg(test)]
mod tests;
