//! How long the program takes from the request of its tick to the end of its work: from TIM2's
//! compare interrupt being asked for to the next refresh of the watchdog. For tests of an image.

/// Keeps the longest time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Service {
    /// Cycle at which the tick was asked for that has not been served yet.
    asked: Option<u64>,
    longest: Option<u64>,
}

impl Service {
    /// The tick is asked for; one that was asked for before and not served counts from then.
    pub(crate) fn ask(&mut self, now: u64) {
        self.asked.get_or_insert(now);
    }

    /// The tick is served.
    pub(crate) fn serve(&mut self, now: u64) {
        if let Some(asked) = self.asked.take() {
            self.longest = self.longest.max(Some(now.saturating_sub(asked)));
        }
    }

    /// A reset: nothing is owed.
    pub(crate) fn reset(&mut self) {
        self.asked = None;
    }

    /// The longest time in cycles since this was asked before, if a tick was served.
    pub(crate) fn take_longest(&mut self) -> Option<u64> {
        core::mem::take(&mut self.longest)
    }
}
