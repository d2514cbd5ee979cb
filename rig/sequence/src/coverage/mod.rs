//! What sequences have reached: states, ways between them, commands in each state, refusals,
//! faults, limits.
//!
//! Taken from traces: what the pen showed, as often as it was looked at. A way is seen when two
//! looks that follow each other show its two ends; of what lies between two looks nothing is
//! claimed, so that a host that looks rarely covers less than it reached.

mod limits;
mod names;
mod render;
#[cfg(test)]
pub(crate) mod tests;
mod watch;

use crate::action::Sequence;
use crate::profile::Ranges;
use crate::trace::Trace;
use firmware_wire::Fault;
use std::collections::BTreeMap;

pub use limits::Side;

/// One thing that can be reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A state was shown.
    State(&'static str),
    /// Two looks showed a way of STATES.md.
    Transition(&'static str, &'static str),
    /// A command was sent in a state.
    Command(&'static str, &'static str),
    /// A request was refused so.
    Refusal(&'static str),
    /// A fault was shown.
    Fault(&'static str),
    /// A limit in force was touched.
    Limit(String, Side),
    /// Something was done.
    Action(&'static str),
}

/// What was reached, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    counts: BTreeMap<Item, u64>,
}

impl Item {
    /// Names of the groups, in order.
    pub(super) const GROUPS: [&'static str; 7] = [
        "states",
        "transitions",
        "commands × states",
        "refusals",
        "faults",
        "limits",
        "actions",
    ];

    /// The group of commands in states.
    pub(super) const COMMANDS: usize = 2;

    /// Place of its group.
    pub(super) const fn group(&self) -> usize {
        match self {
            Self::State(_) => 0,
            Self::Transition(..) => 1,
            Self::Command(..) => Self::COMMANDS,
            Self::Refusal(_) => 3,
            Self::Fault(_) => 4,
            Self::Limit(..) => 5,
            Self::Action(_) => 6,
        }
    }

    /// The name of its group.
    #[must_use]
    pub fn group_name(&self) -> &'static str {
        Self::GROUPS.get(self.group()).copied().unwrap_or_default()
    }

    /// What it takes beyond what a sequence can do to a pen that is whole: nothing for most.
    ///
    /// Where an item that needs something is not reached, nobody need wonder.
    #[must_use]
    pub fn needs(&self) -> Option<&'static str> {
        match self {
            Self::Fault(
                "over-speed" | "nose hot" | "carriage lost" | "watchdog" | "calibration"
                | "uncommanded motion" | "self-test",
            )
            | Self::Refusal("not calibrated")
            | Self::Transition("Faulted", "Boot") => Some("a defect of the pen"),
            Self::Transition("Starting", "Standby") => Some("a chip that takes no mark"),
            Self::Transition("Standby" | "Asleep", "Boot") => {
                Some("a calibration that the pen takes, or a carriage moved by hand")
            }
            Self::Refusal("treatment over") => Some("a treatment of 60 min"),
            _ => None,
        }
    }

    /// Everything that there is to reach, within these limits.
    #[must_use]
    pub fn all(ranges: &Ranges) -> Vec<Self> {
        let mut all = Vec::new();
        all.extend(names::STATES.map(|it| Self::State(names::state(it))));
        let transitions = names::TRANSITIONS.iter();
        all.extend(
            transitions.map(|(from, to)| Self::Transition(names::state(*from), names::state(*to))),
        );
        for command in names::COMMANDS {
            all.extend(names::STATES.map(|it| Self::Command(command, names::state(it))));
        }
        all.extend(
            names::REFUSALS
                .iter()
                .map(|it| Self::Refusal(names::refusal(*it))),
        );
        all.extend(Fault::ALL.map(|it| Self::Fault(names::fault(it))));
        for limit in limits::all(ranges) {
            all.extend(Side::ALL.map(|side| Self::Limit(limit.clone(), side)));
        }
        all.extend(names::ACTIONS.iter().map(|it| Self::Action(it)));
        all
    }
}

impl Coverage {
    /// What one run of a sequence has reached.
    #[must_use]
    pub fn of(sequence: &Sequence, trace: &Trace, ranges: &Ranges) -> Self {
        watch::watch(sequence, trace, ranges)
    }

    /// Adds what another run has reached.
    pub fn add(&mut self, other: &Self) {
        for (item, count) in &other.counts {
            self.count(item.clone(), *count);
        }
    }

    fn count(&mut self, item: Item, times: u64) {
        let count = self.counts.entry(item).or_default();
        *count = count.saturating_add(times);
    }

    /// How often something was reached.
    #[must_use]
    pub fn times(&self, item: &Item) -> u64 {
        self.counts.get(item).copied().unwrap_or(0)
    }

    /// Everything that was reached, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.counts.keys()
    }

    /// As much of it as there is to reach: without commands where nothing is known of the state.
    #[must_use]
    pub fn within(&self, ranges: &Ranges) -> Self {
        let all = Item::all(ranges);
        let counts = all.into_iter().filter_map(|item| {
            let count = self.counts.get(&item).copied()?;
            Some((item, count))
        });
        Self {
            counts: counts.collect(),
        }
    }

    /// Each group: its name, what was reached, of how much.
    #[must_use]
    pub fn groups(&self, ranges: &Ranges) -> Vec<(&'static str, usize, usize)> {
        let (all, missing) = (Item::all(ranges), self.missing(ranges));
        let of =
            |items: &[Item], group: usize| items.iter().filter(|it| it.group() == group).count();
        let counted = |(group, name)| {
            let n_all = of(&all, group);
            (name, n_all - of(&missing, group), n_all)
        };
        Item::GROUPS.into_iter().enumerate().map(counted).collect()
    }

    /// Everything that there is to reach and that was not.
    #[must_use]
    pub fn missing(&self, ranges: &Ranges) -> Vec<Item> {
        let mut missing = Item::all(ranges);
        missing.retain(|item| self.times(item) == 0);
        missing
    }
}
