//! The system timer (B3.3), counted in closed form from the cycle count rather than tick by tick.

/// Core cycles per tick of the external reference clock: STM32G0 divides HCLK by 8
/// (RM0444, system architecture, SysTick).
const REFERENCE_DIVIDER: u64 = 8;

const ENABLE: u32 = 1;
const TICKINT: u32 = 1 << 1;
const CLKSOURCE: u32 = 1 << 2;
const COUNTFLAG: u32 = 1 << 16;
const COUNTER_MASK: u32 = 0x00FF_FFFF;

/// Counter, reload value and control bits, as they were at cycle `since`.
#[derive(Clone, Debug)]
pub(crate) struct SysTick {
    control: u32,
    count_flag: bool,
    reload: u32,
    value: u32,
    /// Cycle of the last tick that `value` has seen.
    since: u64,
    // Invariant: follows from the fields above; u64::MAX where no expiry makes the exception
    // pending.
    expiry: u64,
}

impl SysTick {
    pub(crate) fn new(now: u64) -> Self {
        Self {
            control: 0,
            count_flag: false,
            reload: 0,
            value: 0,
            since: now,
            expiry: u64::MAX,
        }
    }

    /// Cycle at which the exception becomes pending next; `u64::MAX` for never.
    #[inline(always)]
    pub(crate) fn expiry(&self) -> u64 {
        self.expiry
    }

    /// Counts up to cycle `now`; true if the exception became pending on the way.
    pub(crate) fn count_to(&mut self, now: u64) -> bool {
        if self.control & ENABLE == 0 {
            self.since = now;
            return false;
        }
        let n_ticks = (now - self.since) / self.divider();
        self.since += n_ticks * self.divider();
        let to_zero = u64::from(self.value);
        if n_ticks == 0 {
            return false;
        }
        if n_ticks < to_zero {
            self.value -= n_ticks as u32; // below `value`, so it fits
            return false;
        }
        let after_zero = n_ticks - to_zero;
        let mut n_zeros = u64::from(to_zero > 0);
        self.value = 0;
        if self.reload > 0 {
            // One tick loads the reload value, `reload` more count it down to 0.
            let period = u64::from(self.reload) + 1;
            n_zeros += after_zero / period;
            let into_period = after_zero % period;
            if into_period > 0 {
                self.value = self.reload - (into_period as u32 - 1); // at most `reload`
            }
        }
        self.update_expiry();
        if n_zeros == 0 {
            return false;
        }
        self.count_flag = true;
        self.control & TICKINT != 0
    }

    /// Time passed without counting: the core was halted.
    pub(crate) fn hold(&mut self, n_cycles: u64) {
        self.since += n_cycles;
        self.update_expiry();
    }

    /// SYST_CSR. Call [`Self::count_to`] before.
    pub(crate) fn control(&self) -> u32 {
        self.control | if self.count_flag { COUNTFLAG } else { 0 }
    }

    /// A read of SYST_CSR by the program clears COUNTFLAG.
    pub(crate) fn clear_count_flag(&mut self) {
        self.count_flag = false;
    }

    /// Writes SYST_CSR. Call [`Self::count_to`] before.
    pub(crate) fn set_control(&mut self, value: u32, now: u64) {
        if (self.control ^ value) & (ENABLE | CLKSOURCE) != 0 {
            self.since = now;
        }
        self.control = value & (ENABLE | TICKINT | CLKSOURCE);
        self.update_expiry();
    }

    pub(crate) fn reload(&self) -> u32 {
        self.reload
    }

    /// Writes SYST_RVR: taken at the next reload. Call [`Self::count_to`] before.
    pub(crate) fn set_reload(&mut self, value: u32) {
        self.reload = value & COUNTER_MASK;
        self.update_expiry();
    }

    /// SYST_CVR. Call [`Self::count_to`] before.
    pub(crate) fn value(&self) -> u32 {
        self.value
    }

    /// Any write to SYST_CVR clears it and COUNTFLAG. Call [`Self::count_to`] before.
    pub(crate) fn clear_value(&mut self) {
        self.value = 0;
        self.count_flag = false;
        self.update_expiry();
    }

    fn divider(&self) -> u64 {
        if self.control & CLKSOURCE != 0 {
            1
        } else {
            REFERENCE_DIVIDER
        }
    }

    fn update_expiry(&mut self) {
        let n_ticks = match (self.value, self.reload) {
            (0, 0) => None,
            (0, reload) => Some(u64::from(reload) + 1),
            (value, _) => Some(u64::from(value)),
        };
        let counts = self.control & (ENABLE | TICKINT) == ENABLE | TICKINT;
        self.expiry = match n_ticks {
            Some(n_ticks) if counts => self.since + n_ticks * self.divider(),
            _ => u64::MAX,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The counter as B3.3.1 words it, one tick at a time.
    fn tick_by_tick(value: u32, reload: u32, n_ticks: u64) -> (u32, bool) {
        let (mut value, mut wrapped) = (value, false);
        for _ in 0..n_ticks {
            if value == 0 {
                value = reload;
            } else {
                value -= 1;
                wrapped |= value == 0;
            }
        }
        (value, wrapped)
    }

    proptest! {
        #[test]
        fn closed_form_counts_as_ticks_do(
            value in 0u32..20, reload in 0u32..20, n_cycles in 0u64..500, core_clock: bool,
        ) {
            let mut timer = SysTick::new(1000);
            timer.set_control(ENABLE | TICKINT | if core_clock { CLKSOURCE } else { 0 }, 1000);
            timer.set_reload(value);
            timer.value = value;
            timer.set_reload(reload);
            let expiry = timer.expiry();
            let (expected, wrapped) = tick_by_tick(value, reload, n_cycles / timer.divider());
            prop_assert_eq!(timer.count_to(1000 + n_cycles), wrapped);
            prop_assert_eq!(timer.value(), expected);
            prop_assert_eq!(wrapped, expiry <= 1000 + n_cycles);
        }

        #[test]
        fn counting_in_two_parts_is_counting_once(reload in 1u32..20, first in 0u64..200, second in 0u64..200) {
            let mut once = SysTick::new(0);
            once.set_reload(reload);
            once.set_control(ENABLE, 0);
            let mut twice = once.clone();
            once.count_to(first + second);
            twice.count_to(first);
            twice.count_to(first + second);
            prop_assert_eq!(once.value(), twice.value());
            prop_assert_eq!(once.control(), twice.control());
        }
    }
}
