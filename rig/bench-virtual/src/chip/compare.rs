//! How one capture/compare channel of a timer is set up (CCMRx and CCER, RM0444 22.4.8 to 22.4.11).

/// What a channel's output reference does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputMode {
    /// Comparing changes nothing.
    Frozen,
    /// Forced low.
    Inactive,
    /// Forced high.
    Active,
    /// High below the compare value.
    Pwm1,
    /// High from the compare value on.
    Pwm2,
}

/// One channel's bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compare {
    /// Selection, preload and mode, as the lower channel of CCMR has them.
    ccmr: u32,
    /// Mode bit 3.
    mode_high: bool,
    /// CCxE, CCxP, CCxNE, CCxNP.
    ccer: u32,
}

impl Compare {
    pub(super) fn of(ccmr: &[u32; 2], ccer: u32, channel: usize) -> Self {
        let register = ccmr[channel / 2];
        let upper = channel % 2 * 8;
        Self {
            ccmr: register >> upper & 0xFF,
            mode_high: register >> (16 + upper) & 1 != 0,
            ccer: ccer >> (4 * channel) & 0xF,
        }
    }

    pub(super) fn is_output(self) -> bool {
        self.ccmr & 3 == 0
    }

    pub(super) fn mode(self) -> Option<OutputMode> {
        if !self.is_output() || self.mode_high {
            return None;
        }
        match self.ccmr >> 4 & 7 {
            0 => Some(OutputMode::Frozen),
            4 => Some(OutputMode::Inactive),
            5 => Some(OutputMode::Active),
            6 => Some(OutputMode::Pwm1),
            7 => Some(OutputMode::Pwm2),
            _ => None,
        }
    }

    /// Outputs that move: PWM. Inputs: own pin, rising edge, any filter (its delay is constant).
    pub(super) fn modelled(self) -> bool {
        if self.is_output() {
            self.mode().is_some()
        } else {
            self.ccmr & 3 == 1 && self.ccer & 0b1010 == 0
        }
    }

    pub(super) fn pulses(self) -> bool {
        matches!(self.mode(), Some(OutputMode::Pwm1 | OutputMode::Pwm2))
    }

    pub(super) fn preloaded(self) -> bool {
        self.ccmr & 1 << 3 != 0
    }

    pub(super) fn enabled(self) -> bool {
        self.ccer & 1 != 0
    }

    pub(super) fn inverted(self) -> bool {
        self.ccer & 2 != 0
    }

    pub(super) fn captures(self) -> bool {
        !self.is_output() && self.enabled()
    }

    /// Edges for one capture (ICxPSC).
    pub(super) fn capture_prescaler(self) -> u32 {
        1 << (self.ccmr >> 2 & 3)
    }
}
