//! One GPIO port (RM0444 7): modes, output latch, levels, lock.

use super::Unmodelled;

const LCKK: u32 = 1 << 16;

/// What a pin is set up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinMode {
    Input,
    Output,
    Alternate,
    Analog,
}

/// Values that a port has after reset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResetValues {
    pub(crate) moder: u32,
    pub(crate) ospeedr: u32,
    pub(crate) pupdr: u32,
}

/// One port.
#[derive(Clone, Debug)]
pub(crate) struct Gpio {
    reset_values: ResetValues,
    moder: u32,
    otyper: u32,
    ospeedr: u32,
    pupdr: u32,
    odr: u32,
    lckr: u32,
    lock_step: u8,
    locked: bool,
    afr: [u32; 2],
    /// Pins that something outside holds, and the levels it holds them at.
    held: u32,
    held_high: u32,
}

impl Gpio {
    pub(crate) fn new(reset_values: ResetValues) -> Self {
        Self {
            reset_values,
            moder: reset_values.moder,
            otyper: 0,
            ospeedr: reset_values.ospeedr,
            pupdr: reset_values.pupdr,
            odr: 0,
            lckr: 0,
            lock_step: 0,
            locked: false,
            afr: [0; 2],
            held: 0,
            held_high: 0,
        }
    }

    /// Registers to reset values; what is connected outside stays.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            held: self.held,
            held_high: self.held_high,
            ..Self::new(self.reset_values)
        };
    }

    /// Something outside holds the pin at a level, or lets go.
    pub(crate) fn hold(&mut self, pin: u32, level: Option<bool>) {
        self.held = self.held & !(1 << pin) | u32::from(level.is_some()) << pin;
        self.held_high = self.held_high & !(1 << pin) | u32::from(level == Some(true)) << pin;
    }

    pub(crate) fn mode(&self, pin: u32) -> PinMode {
        match self.moder >> (2 * pin) & 3 {
            0 => PinMode::Input,
            1 => PinMode::Output,
            2 => PinMode::Alternate,
            _ => PinMode::Analog,
        }
    }

    /// Whether the pin is given to this alternate function.
    pub(crate) fn is_alternate(&self, pin: u32, function: u32) -> bool {
        self.mode(pin) == PinMode::Alternate
            && self.afr[(pin / 8) as usize] >> (4 * (pin % 8)) & 0xF == function
    }

    /// Whether the port drives the pin high. An open drain that is off does not.
    pub(crate) fn drives_high(&self, pin: u32) -> bool {
        self.mode(pin) == PinMode::Output && self.odr >> pin & 1 != 0 && self.otyper >> pin & 1 == 0
    }

    /// Levels of all pins as the port's input stage sees them.
    ///
    /// A pin given to an alternate function shows what is held outside or its pull; what the
    /// peripheral drives on it is not looked up.
    pub(crate) fn levels(&self) -> u32 {
        (0..16).fold(0, |levels, pin| levels | u32::from(self.level(pin)) << pin)
    }

    fn level(&self, pin: u32) -> bool {
        let latch = self.odr >> pin & 1 != 0;
        let open_drain = self.otyper >> pin & 1 != 0;
        match self.mode(pin) {
            PinMode::Analog => false,
            PinMode::Output if !(latch && open_drain) => latch,
            _ if self.held >> pin & 1 != 0 => self.held_high >> pin & 1 != 0,
            // A floating pin reads low.
            _ => self.pupdr >> (2 * pin) & 3 == 1,
        }
    }

    pub(crate) fn read(&self, offset: u32) -> Result<u32, Unmodelled> {
        Ok(match offset {
            0x00 => self.moder,
            0x04 => self.otyper,
            0x08 => self.ospeedr,
            0x0C => self.pupdr,
            0x10 => self.levels(),
            0x14 => self.odr,
            0x18 | 0x28 => 0,
            0x1C => self.lckr | if self.locked { LCKK } else { 0 },
            0x20 => self.afr[0],
            0x24 => self.afr[1],
            _ => return Err(Unmodelled),
        })
    }

    pub(crate) fn write(&mut self, offset: u32, value: u32) -> Result<(), Unmodelled> {
        // Locked pins keep mode, type, speed, pull and function (RM0444 7.3.8).
        let frozen = if self.locked { self.lckr } else { 0 };
        match offset {
            0x00 => self.moder = merge(self.moder, value, widen(frozen, 2)),
            0x04 => self.otyper = merge(self.otyper, value & 0xFFFF, frozen),
            // Edge rate has no effect on logic levels.
            0x08 => self.ospeedr = merge(self.ospeedr, value, widen(frozen, 2)),
            0x0C => self.pupdr = merge(self.pupdr, value, widen(frozen, 2)),
            0x10 => {}
            0x14 => self.odr = value & 0xFFFF,
            // Set wins over reset (RM0444 7.4.7).
            0x18 => self.odr = self.odr & !(value >> 16) | value & 0xFFFF,
            0x1C => self.write_lock(value),
            0x20 => self.afr[0] = merge(self.afr[0], value, widen(frozen & 0xFF, 4)),
            0x24 => self.afr[1] = merge(self.afr[1], value, widen(frozen >> 8, 4)),
            0x28 => self.odr &= !value,
            _ => return Err(Unmodelled),
        }
        Ok(())
    }

    /// The key: LCKK with the pins, the pins without it, LCKK with the pins (RM0444 7.4.8).
    fn write_lock(&mut self, value: u32) {
        if self.locked {
            return;
        }
        let pins = value & 0xFFFF;
        let key = value & LCKK != 0;
        self.lock_step = match (self.lock_step, key) {
            (0, true) => 1,
            (1, false) if pins == self.lckr => 2,
            (2, true) if pins == self.lckr => 3,
            (_, true) => 1,
            _ => 0,
        };
        self.lckr = pins;
        self.locked = self.lock_step == 3;
    }
}

/// `new`, but `old` where `frozen` is set.
fn merge(old: u32, new: u32, frozen: u32) -> u32 {
    old & frozen | new & !frozen
}

/// Spreads each of the bits over a field of `width` bits.
fn widen(bits: u32, width: u32) -> u32 {
    let field = (1_u64 << width) - 1;
    let spread = (0..32 / width).fold(0_u64, |all, index| {
        all | (u64::from(bits >> index & 1) * field) << (index * width)
    });
    u32::try_from(spread).expect("fields fill 32 bits")
}
