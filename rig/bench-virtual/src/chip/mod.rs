//! The STM32G071RB around its core: memories, peripherals, events and interrupt lines.
//!
//! Register behaviour is from ST's RM0444; sections are named where a rule comes from.
//! Peripherals compute their state lazily from the cycle count and name the next cycle at which
//! they will do something by themselves; nothing is stepped.

mod adc;
mod bus;
mod compare;
mod dma;
mod eeprom;
mod exti;
mod flash;
mod gpio;
mod i2c;
mod iwdg;
mod map;
mod memory;
mod names;
mod options;
mod pins;
mod rcc;
mod schedule;
mod service;
mod system;
#[cfg(test)]
mod tests;
mod timer;
mod transfers;
mod usart;

use adc::Adc;
use dma::Dma;
use exti::Exti;
use flash::Flash;
use gpio::{Gpio, ResetValues};
use i2c::I2c;
use iwdg::Iwdg;
pub(crate) use map::Peripheral;
use memory::Memory;
pub(crate) use names::name_of;
use rcc::Rcc;
use rig_armv6m::Attention;
use schedule::{SLOTS, Slot};
use service::Service;
use std::collections::VecDeque;
use system::{Dbgmcu, Pwr, Syscfg};
use timer::{Features, Timer};
use usart::Usart;

pub(crate) use flash::{FLASH_BASE, Wear};
pub use pins::{Inputs, Outputs, PwmDuty, StepPulses};
pub(crate) use rcc::ResetCause;

/// SYSCLK: HSI16, undivided.
pub(crate) const CPU_HZ: u64 = 16_000_000;

/// Nothing models the access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unmodelled;

/// An access by the program that nothing models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChipGap {
    pub(crate) access: &'static str,
    pub(crate) address: u32,
}

/// Everything but the core.
pub(crate) struct Chip {
    pub(crate) memory: Memory,
    rcc: Rcc,
    pwr: Pwr,
    syscfg: Syscfg,
    dbgmcu: Dbgmcu,
    exti: Exti,
    flash: Flash,
    /// Ports A, B, C, D, F.
    gpio: [Gpio; 5],
    tim1: Timer,
    tim2: Timer,
    tim3: Timer,
    tim16: Timer,
    usart: Usart,
    adc: Adc,
    dma: Dma,
    i2c: I2c,
    iwdg: Iwdg,
    pub(crate) service: Service,
    hall_edges: VecDeque<u64>,
    steps: StepPulses,
    inputs: Inputs,

    schedule: [u64; SLOTS],
    next_event: u64,
    /// Until when the core was told to run.
    pub(crate) run_deadline: u64,
    lines: u32,
    attention: Attention,
    gap: Option<ChipGap>,
    reset: Option<ResetCause>,
    stall_due: bool,
}

impl Chip {
    pub(crate) fn new(uid: [u8; 12]) -> Self {
        let plain = ResetValues {
            moder: 0xFFFF_FFFF,
            ospeedr: 0,
            pupdr: 0,
        };
        // PA13 and PA14 are the debug port after reset (RM0444 7.4.1).
        let port_a = ResetValues {
            moder: 0xEBFF_FFFF,
            ospeedr: 0x0C00_0000,
            pupdr: 0x2400_0000,
        };
        let timer = |counter_mask, channels, repetition_mask| {
            Timer::new(Features {
                counter_mask,
                channels,
                advanced: repetition_mask != 0,
                repetition_mask,
            })
        };
        let mut chip = Self {
            memory: Memory::new(uid),
            rcc: Rcc::new(),
            pwr: Pwr::new(),
            syscfg: Syscfg::default(),
            dbgmcu: Dbgmcu::default(),
            exti: Exti::new(),
            flash: Flash::new(),
            gpio: [port_a, plain, plain, plain, plain].map(Gpio::new),
            tim1: timer(0xFFFF, 4, 0xFFFF),
            tim2: timer(0xFFFF_FFFF, 4, 0),
            tim3: timer(0xFFFF, 4, 0),
            tim16: timer(0xFFFF, 1, 0xFF),
            usart: Usart::new(),
            adc: Adc::new(),
            dma: Dma::default(),
            i2c: I2c::new(),
            iwdg: Iwdg::new(),
            service: Service::default(),
            hall_edges: VecDeque::with_capacity(16),
            steps: StepPulses::default(),
            inputs: Inputs::default(),
            schedule: [u64::MAX; SLOTS],
            next_event: u64::MAX,
            run_deadline: 0,
            lines: 0,
            attention: Attention::None,
            gap: None,
            reset: None,
            stall_due: false,
        };
        chip.connect_inputs();
        chip
    }

    /// The supply rises: everything at power-on values, the cycle count at zero.
    pub(crate) fn power_on(&mut self) {
        self.memory.scramble_ram();
        self.flash.power_on(&self.memory.flash);
        self.dbgmcu = Dbgmcu::default();
        self.hall_edges.clear();
        self.steps = StepPulses::default();
        self.gap = None;
        self.reset_peripherals(ResetCause::Power);
    }

    /// The supply falls at `now`.
    pub(crate) fn power_off(&mut self, now: u64) {
        self.flash.interrupt_operation(&mut self.memory.flash, now);
        self.usart.power_off();
        self.i2c.eeprom.power_off();
    }

    /// A system reset (RM0444 5.1.2). RAM, debug support and the RTC domain survive.
    pub(crate) fn system_reset(&mut self, cause: ResetCause, now: u64) {
        self.collect_steps(now);
        self.flash.reset(&mut self.memory.flash, now);
        if cause == ResetCause::OptionBytes {
            self.flash.load_options(&self.memory.flash);
        }
        self.reset_peripherals(cause);
    }

    fn reset_peripherals(&mut self, cause: ResetCause) {
        self.rcc.reset(cause);
        self.iwdg.reset();
        self.service.reset();
        for peripheral in Peripheral::RESETTABLE {
            self.reset_peripheral(peripheral);
        }
        self.memory.boots_system = self.flash.is_empty();
        self.reset = None;
        self.stall_due = false;
        self.refresh_all();
    }

    /// Registers of one peripheral to their reset values, as its bit in RCC does.
    fn reset_peripheral(&mut self, peripheral: Peripheral) {
        match peripheral {
            Peripheral::Tim1 => self.tim1.reset(),
            Peripheral::Tim2 => self.tim2.reset(),
            Peripheral::Tim3 => self.tim3.reset(),
            Peripheral::Tim16 => self.tim16.reset(),
            Peripheral::Usart2 => self.usart.reset(),
            Peripheral::Adc1 => self.adc.reset(),
            Peripheral::Dma1 | Peripheral::Dmamux => self.dma.reset(),
            Peripheral::I2c1 => self.i2c.reset(),
            Peripheral::Gpio(port) => self.gpio[port].reset(),
            Peripheral::Pwr => self.pwr = Pwr::new(),
            Peripheral::Syscfg => self.syscfg = Syscfg::default(),
            Peripheral::Exti => self.exti = Exti::new(),
            // FLASHRST resets the interface's registers; a system reset has ended operations
            // before, and firmware that pulls it during one is not looked at.
            Peripheral::Flash | Peripheral::Rcc | Peripheral::Iwdg | Peripheral::Dbgmcu => {}
        }
    }

    /// The next cycle at which something happens by itself.
    #[inline]
    pub(crate) fn next_event(&self) -> u64 {
        self.next_event
    }

    /// Whether a reset is still to come by itself: a watchdog that runs.
    pub(crate) fn next_reset_pending(&self) -> bool {
        self.iwdg.next_event() != u64::MAX
    }

    /// The reset that an event asked for.
    pub(crate) fn take_reset(&mut self) -> Option<ResetCause> {
        self.reset.take()
    }

    /// The first access that was not modelled, since the last call.
    #[inline]
    pub(crate) fn take_gap(&mut self) -> Option<ChipGap> {
        self.gap.take()
    }

    /// While the flash is busy and the core executes from it: when it goes on.
    #[inline]
    pub(crate) fn flash_stall(&mut self, now: u64, pc: u32) -> Option<u64> {
        let until = self.flash.busy_until();
        (until > now && memory::is_flash(pc)).then_some(until)
    }

    /// Watchdog and timers stand still for as long as the core was halted, if they are told to.
    pub(crate) fn halted_for(&mut self, cycles: u64) {
        if !self.dbgmcu.freezes_any() {
            return;
        }
        for slot in [Slot::Iwdg, Slot::Tim1, Slot::Tim2, Slot::Tim3, Slot::Tim16] {
            if !self.dbgmcu.freezes(slot.peripheral()) {
                continue;
            }
            match slot {
                Slot::Tim1 => self.tim1.postpone(cycles),
                Slot::Tim2 => self.tim2.postpone(cycles),
                Slot::Tim3 => self.tim3.postpone(cycles),
                Slot::Tim16 => self.tim16.postpone(cycles),
                _ => self.iwdg.postpone(cycles),
            }
            self.refresh(slot);
        }
    }

    /// Sets the frequency of the internal low-speed oscillator.
    pub(crate) fn set_lsi_hz(&mut self, lsi_hz: u64) {
        self.iwdg.set_lsi_hz(lsi_hz);
        self.refresh(Slot::Iwdg);
    }

    pub(crate) fn current_lines(&self) -> u32 {
        self.lines
    }
}
