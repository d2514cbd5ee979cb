//! Contacts that bounce.

/// A contact, debounced: it changes when it has stood still long enough.
#[derive(Clone, Debug)]
pub(crate) struct Switch {
    closed: bool,
    count: u8,
    ticks: u8,
}

/// What a contact did in this tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Closed,
    Opened,
}

impl Switch {
    /// A contact in the given position that must stand still for `ticks` to change.
    pub(crate) const fn new(closed: bool, ticks: u8) -> Self {
        Self {
            closed,
            count: 0,
            ticks,
        }
    }

    pub(crate) const fn closed(&self) -> bool {
        self.closed
    }

    pub(crate) fn tick(&mut self, closed: bool) -> Option<Change> {
        if closed == self.closed {
            self.count = 0;
            return None;
        }
        self.count += 1;
        if self.count < self.ticks {
            return None;
        }
        self.count = 0;
        self.closed = closed;
        Some(if closed {
            Change::Closed
        } else {
            Change::Opened
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounce_is_no_change_and_a_steady_contact_is_one() {
        let mut switch = Switch::new(false, 3);
        let levels = [
            true, true, false, true, true, true, true, false, false, false,
        ];
        let changes: Vec<_> = levels.iter().map(|&it| switch.tick(it)).collect();
        let mut expected = vec![None; 10];
        expected[5] = Some(Change::Closed);
        expected[9] = Some(Change::Opened);
        assert_eq!(changes, expected);
    }
}
