//! A general timer: counter, prescaler, preload, capture, compare, one-pulse and repetition
//! (RM0444 21, 22, 25), computed lazily from the cycle count.

mod registers;

use super::compare::{Compare, OutputMode};

const CEN: u32 = 1 << 0;
const UDIS: u32 = 1 << 1;
const OPM: u32 = 1 << 3;
const UIF: u32 = 1 << 0;
const BIF: u32 = 1 << 7;
const MOE: u32 = 1 << 15;

/// What a timer instance has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features {
    /// Largest counter value.
    pub(crate) counter_mask: u32,
    /// Capture/compare channels with a pin.
    pub(crate) channels: usize,
    /// Repetition counter and break and dead-time register.
    pub(crate) advanced: bool,
    /// Bits of the repetition counter: 16 in TIM1, 8 in TIM16 (TIMx_RCR).
    pub(crate) repetition_mask: u32,
}

/// A register with preload: what was written, and what is in effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preloaded {
    pub(crate) written: u32,
    pub(crate) active: u32,
}

impl Preloaded {
    fn at(value: u32) -> Self {
        Self {
            written: value,
            active: value,
        }
    }

    fn load(&mut self) {
        self.active = self.written;
    }

    fn pending(self) -> bool {
        self.written != self.active
    }
}

/// One timer.
#[derive(Clone, Debug)]
pub(crate) struct Timer {
    features: Features,
    cr1: u32,
    cr2: u32,
    dier: u32,
    sr: u32,
    ccmr: [u32; 2],
    ccer: u32,
    bdtr: u32,
    prescaler: Preloaded,
    reload: Preloaded,
    compare: [Preloaded; 4],
    repetition: Preloaded,
    repetitions_left: u32,
    /// Counter value at `anchor_cycle`, where a tick begins.
    count: u32,
    anchor_cycle: u64,
    /// Cycles into a tick at which a stopped counter stands.
    phase: u64,
    /// Rising edges of the first channel's reference since last taken.
    rises: u32,
    captures: u32,
}

impl Timer {
    pub(crate) fn new(features: Features) -> Self {
        Self {
            features,
            cr1: 0,
            cr2: 0,
            dier: 0,
            sr: 0,
            ccmr: [0; 2],
            ccer: 0,
            bdtr: 0,
            prescaler: Preloaded::default(),
            reload: Preloaded::at(features.counter_mask),
            compare: [Preloaded::default(); 4],
            repetition: Preloaded::default(),
            repetitions_left: 0,
            count: 0,
            anchor_cycle: 0,
            phase: 0,
            rises: 0,
            captures: 0,
        }
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.features);
    }

    fn counting(&self) -> bool {
        // A counter whose reload value is zero is blocked (RM0444 21.3.2).
        self.cr1 & CEN != 0 && self.reload.active != 0
    }

    fn tick_cycles(&self) -> u64 {
        u64::from(self.prescaler.active) + 1
    }

    fn ticks_to_overflow(&self) -> u64 {
        if self.count <= self.reload.active {
            u64::from(self.reload.active - self.count) + 1
        } else {
            // Past the reload value the counter runs to its end.
            u64::from(self.features.counter_mask - self.count) + 1
        }
    }

    /// Brings counter and flags to `now`.
    #[inline]
    pub(crate) fn sync(&mut self, now: u64) {
        if self.cr1 & CEN != 0 && now > self.anchor_cycle {
            self.advance(now);
        }
    }

    fn advance(&mut self, now: u64) {
        if !self.counting() {
            self.anchor_cycle = now;
            return;
        }
        loop {
            let tick = self.tick_cycles();
            let ticks = (now - self.anchor_cycle) / tick;
            if ticks == 0 {
                return;
            }
            let to_overflow = self.ticks_to_overflow();
            if ticks < to_overflow {
                let end = self.count + u32::try_from(ticks).expect("less than a counter's range");
                self.match_range(self.count, end);
                self.count = end;
                self.anchor_cycle += ticks * tick;
                return;
            }
            let last = if self.count <= self.reload.active {
                self.reload.active
            } else {
                self.features.counter_mask
            };
            self.match_range(self.count, last);
            self.count = 0;
            self.anchor_cycle += to_overflow * tick;
            self.overflow();
            if !self.counting() {
                return;
            }
            self.skip_steady_periods(now);
        }
    }

    /// Marks compare matches of counts above `after` up to `last`.
    fn match_range(&mut self, after: u32, last: u32) {
        for channel in 0..self.features.channels {
            let compare = self.compare[channel].active;
            if self.channel(channel).is_output() && compare > after && compare <= last {
                self.sr |= 2 << channel;
                if channel == 0 && self.channel(0).mode() == Some(OutputMode::Pwm2) {
                    self.rises += 1;
                }
            }
        }
    }

    /// The counter went from its reload value to zero.
    fn overflow(&mut self) {
        let was_low = self.compare[0].active <= self.reload.active;
        for channel in 0..self.features.channels {
            self.match_beyond(channel);
        }
        if self.repetitions_left == 0 {
            if self.cr1 & UDIS == 0 {
                self.load_preloads();
                self.sr |= UIF;
            }
            if self.cr1 & OPM != 0 {
                self.cr1 &= !CEN;
                self.phase = 0;
            }
        } else {
            self.repetitions_left -= 1;
        }
        for channel in 0..self.features.channels {
            if self.channel(channel).is_output() && self.compare[channel].active == 0 {
                self.sr |= 2 << channel;
            }
        }
        let rises = self.channel(0).mode() == Some(OutputMode::Pwm1)
            && was_low
            && self.compare[0].active > 0;
        self.rises += u32::from(rises);
    }

    /// A compare value that the counter does not reach matches when it overflows (TIMx_SR.CC1IF).
    fn match_beyond(&mut self, channel: usize) {
        let beyond = self.compare[channel].active > self.reload.active;
        if beyond && self.channel(channel).is_output() {
            self.sr |= 2 << channel;
        }
    }

    fn load_preloads(&mut self) {
        self.prescaler.load();
        self.reload.load();
        for compare in &mut self.compare {
            compare.load();
        }
        self.repetition.load();
        self.repetitions_left = self.repetition.active;
    }

    /// Passes whole periods in which nothing changes at once.
    fn skip_steady_periods(&mut self, now: u64) {
        let steady = self.cr1 & OPM == 0
            && self.repetitions_left == 0
            && self.repetition.written == 0
            && !self.prescaler.pending()
            && !self.reload.pending()
            && !self.compare.iter().any(|compare| compare.pending());
        let period = (u64::from(self.reload.active) + 1) * self.tick_cycles();
        let periods = (now - self.anchor_cycle) / period;
        if !steady || periods == 0 {
            return;
        }
        self.anchor_cycle += periods * period;
        if self.cr1 & UDIS == 0 {
            self.sr |= UIF;
        }
        for channel in 0..self.features.channels {
            if self.channel(channel).is_output() {
                self.sr |= 2 << channel;
            }
        }
        let compare = self.compare[0].active;
        if self.channel(0).pulses() && compare > 0 && compare <= self.reload.active {
            self.rises += u32::try_from(periods).unwrap_or(u32::MAX);
        }
    }

    fn channel(&self, channel: usize) -> Compare {
        Compare::of(&self.ccmr, self.ccer, channel)
    }

    /// Captures the count of `cycle` into the first channel, as an edge on its pin does.
    pub(crate) fn capture(&mut self, cycle: u64, now: u64) {
        self.sync(now);
        let channel = self.channel(0);
        if !channel.captures() {
            return;
        }
        self.captures += 1;
        if !self.captures.is_multiple_of(channel.capture_prescaler()) {
            return;
        }
        let late = if self.cr1 & CEN != 0 {
            self.anchor_cycle.saturating_sub(cycle)
        } else {
            0
        };
        let ago = u32::try_from(late.div_ceil(self.tick_cycles())).unwrap_or(0);
        let period = u64::from(self.reload.active) + 1;
        let count = if ago <= self.count {
            u64::from(self.count - ago)
        } else {
            (u64::from(self.count) + period - u64::from(ago) % period) % period
        };
        self.compare[0] = Preloaded::at(u32::try_from(count).unwrap_or(0));
        // CC1OF: a capture while the one before was not read (RM0444 22.3.5).
        if self.sr & 2 != 0 {
            self.sr |= 1 << 9;
        }
        self.sr |= 2;
    }

    /// The next cycle at which an enabled interrupt flag will rise.
    pub(crate) fn next_event(&self) -> u64 {
        if !self.counting() {
            return u64::MAX;
        }
        let tick = self.tick_cycles();
        let period = u64::from(self.reload.active) + 1;
        let to_overflow = self.ticks_to_overflow();
        let mut ticks = u64::MAX;
        if self.dier & 1 != 0 && self.sr & UIF == 0 && self.cr1 & UDIS == 0 {
            ticks = to_overflow + u64::from(self.repetitions_left) * period;
        }
        for channel in 0..self.features.channels {
            let flag = 2 << channel;
            if self.dier & flag == 0 || self.sr & flag != 0 || !self.channel(channel).is_output() {
                continue;
            }
            let compare = self.compare[channel].active;
            if compare > self.count
                && (compare <= self.reload.active || self.count > self.reload.active)
            {
                ticks = ticks.min(u64::from(compare - self.count));
            } else if compare > self.reload.active || self.preload_pending(channel) {
                // There it matches, or is looked at anew.
                ticks = ticks.min(to_overflow);
            } else {
                ticks = ticks.min(to_overflow + u64::from(compare));
            }
        }
        if ticks == u64::MAX {
            u64::MAX
        } else {
            self.anchor_cycle + ticks * tick
        }
    }

    /// Whether what follows the next update is another count of cycles for a channel.
    fn preload_pending(&self, channel: usize) -> bool {
        self.compare[channel].pending() || self.reload.pending() || self.prescaler.pending()
    }

    /// Stands still for so many cycles, which have passed.
    pub(crate) fn postpone(&mut self, cycles: u64) {
        if self.counting() {
            self.anchor_cycle += cycles;
        }
    }

    /// Whether the update or break interrupt is asked for.
    pub(crate) fn update_interrupt(&self) -> bool {
        self.sr & self.dier & (UIF | BIF) != 0
    }

    /// Whether any interrupt is asked for.
    pub(crate) fn interrupt(&self) -> bool {
        self.sr & self.dier & 0x9F != 0
    }

    /// Whether a capture/compare interrupt is asked for.
    pub(crate) fn compare_interrupt(&self) -> bool {
        self.sr & self.dier & 0x1E != 0
    }

    /// Duty of the first channel's pin: counts high of counts a period, while the timer drives it.
    pub(crate) fn duty(&self) -> Option<(u32, u32)> {
        if !self.drives_pin() {
            return None;
        }
        let period = self.reload.active + 1;
        let compare = self.compare[0].active;
        let high = match self.channel(0).mode()? {
            OutputMode::Frozen | OutputMode::Inactive => 0,
            OutputMode::Active => period,
            mode if self.cr1 & CEN == 0 => {
                let low_count = self.count < compare;
                if low_count == (mode == OutputMode::Pwm1) {
                    period
                } else {
                    0
                }
            }
            OutputMode::Pwm1 => compare.min(period),
            OutputMode::Pwm2 => period - compare.min(period),
        };
        let high = if self.channel(0).inverted() {
            period - high
        } else {
            high
        };
        Some((high, period))
    }

    /// Whether [`Timer::duty`] may be another at the next update: something is preloaded, or the
    /// counter stops there.
    pub(crate) fn duty_may_change(&self) -> bool {
        self.compare[0].pending()
            || self.reload.pending()
            || self.prescaler.pending()
            || self.cr1 & OPM != 0
    }

    /// Whether the counter runs.
    pub(crate) fn is_enabled(&self) -> bool {
        self.cr1 & CEN != 0
    }

    /// Whether channel 1's output reaches its pin: enabled, and main output on.
    pub(crate) fn drives_pin(&self) -> bool {
        let channel = self.channel(0);
        channel.is_output()
            && channel.enabled()
            && (!self.features.advanced || self.bdtr & MOE != 0)
    }

    /// Rising edges of channel 1's reference since last taken.
    pub(crate) fn take_rises(&mut self) -> u32 {
        std::mem::take(&mut self.rises)
    }
}
