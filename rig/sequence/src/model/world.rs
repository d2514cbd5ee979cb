//! What is done to the pen from outside: known exactly, whatever the pen makes of it.

use super::window;
use crate::action::{Fitting, ShaftHold};
use firmware_units::{Micrometers, Nanoseconds};

/// Length of the needles of a cartridge whose length no step says.
const USUAL_LENGTH: Micrometers = Micrometers(2_500);
/// Needles of every cartridge.
pub(super) const NEEDLES: u8 = 14;

/// A cartridge as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) id: u64,
    pub(super) length: Micrometers,
    pub(super) readable: bool,
    /// Used in a treatment that is none of this sequence's.
    pub(super) used: bool,
}

/// Since when a switch stands as it does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stand {
    /// Since when.
    pub(super) since: Nanoseconds,
    /// Since when it does at the earliest for a pen that looks at it once in a control tick, and
    /// misses what is shorter.
    pub(super) earliest: Nanoseconds,
    /// The same for where it stood before.
    other: Nanoseconds,
}

impl Stand {
    /// It stands the other way from now on.
    pub(super) fn moved(&mut self, at: Nanoseconds) {
        let before = self.earliest;
        let is_missed = at.saturating_sub(self.since) < window::LOOK;
        self.earliest = if is_missed { self.other } else { at };
        self.other = before;
        self.since = at;
    }
}

/// Supply, shaft, loads, cartridge and button, and since when.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) supply: u32,
    pub(super) supply_since: Nanoseconds,
    /// Since when it has been within the rated range.
    pub(super) rated_since: Option<Nanoseconds>,
    /// Since when it has been surely low.
    pub(super) low_since: Option<Nanoseconds>,
    /// When it was last outside the rated range.
    pub(super) unrated_until: Option<Nanoseconds>,
    pub(super) shaft: ShaftHold,
    pub(super) shaft_since: Nanoseconds,
    /// When something last held the motor back.
    pub(super) hindered_until: Option<Nanoseconds>,
    pub(super) axial: i32,
    pub(super) needles: i32,
    pub(super) fitted: Option<Made>,
    pub(super) button: bool,
    /// The cartridge's contact and the button.
    pub(super) contact_stands: Stand,
    pub(super) button_stands: Stand,
    /// When the supply last rose.
    pub(super) raised: Option<Nanoseconds>,
    made: Vec<Made>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            supply: 3_700,
            supply_since: Nanoseconds::ZERO,
            rated_since: Some(Nanoseconds::ZERO),
            low_since: None,
            unrated_until: None,
            shaft: ShaftHold::Free,
            shaft_since: Nanoseconds::ZERO,
            hindered_until: None,
            axial: 0,
            needles: 0,
            fitted: None,
            button: false,
            contact_stands: Stand::default(),
            button_stands: Stand::default(),
            raised: None,
            made: Vec::new(),
        }
    }

    pub(super) fn set_supply(&mut self, at: Nanoseconds, supply: u32) {
        let rated = supply >= window::RATED;
        if !rated {
            self.rated_since = None;
            self.unrated_until = Some(at);
        } else if self.rated_since.is_none() {
            self.rated_since = Some(at);
            self.unrated_until = Some(at);
        }
        if supply >= window::SURELY_LOW {
            self.low_since = None;
        } else if self.low_since.is_none() {
            self.low_since = Some(at);
        }
        if supply > self.supply {
            self.raised = Some(at);
        }
        self.supply = supply;
        self.supply_since = at;
    }

    /// Fits a cartridge as a step says.
    pub(super) fn fit(&mut self, fitting: Fitting, id: u64) {
        let known = self.made.iter().find(|it| it.id == id).copied();
        let new = |length, readable, used| Made {
            id,
            length,
            readable,
            used,
        };
        let made = match (fitting, known) {
            (Fitting::Same, Some(known)) => known,
            (Fitting::Fresh { length }, _) => new(length, true, false),
            (Fitting::Used, _) => new(USUAL_LENGTH, true, true),
            (Fitting::Unreadable, _) => new(USUAL_LENGTH, false, false),
            (Fitting::Same, None) => new(USUAL_LENGTH, true, false),
        };
        if known.is_none() {
            self.made.push(made);
        }
        self.fitted = Some(made);
    }

    /// Whether something holds the motor back by more than the loads of the tables.
    pub(super) fn hindered(&self) -> bool {
        let braked = match self.shaft {
            ShaftHold::Free => false,
            ShaftHold::Brake(torque) => torque.0 > window::LIGHT_BRAKE,
            ShaftHold::Locked => true,
        };
        braked
            || self.axial.abs() > window::HEAVY_AXIAL
            || self.needles > window::HEAVY_NEEDLES
            || (self.needles > 0 && matches!(self.shaft, ShaftHold::Brake(torque) if torque.0 > 0))
    }

    /// Whether the battery is good enough to start; nothing where that cannot be told.
    pub(super) fn battery_good(&self, at: Nanoseconds) -> Option<bool> {
        let for_long = |since: Nanoseconds| at.saturating_sub(since) >= window::BATTERY.most;
        // A trace begins with a pen that has been up for long.
        let always = self.unrated_until.is_none();
        if always || self.rated_since.is_some_and(for_long) {
            return Some(true);
        }
        let low = self.supply < window::SURELY_NOT_GOOD && for_long(self.supply_since);
        low.then_some(false)
    }
}
