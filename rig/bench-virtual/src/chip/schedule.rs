//! Events by themselves: who acts next, what happens then, and the interrupt lines it moves.

use super::{Chip, Peripheral, ResetCause};

/// Who has events in the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Tim1,
    Tim2,
    Tim3,
    Tim16,
    Usart,
    Adc,
    I2c,
    Iwdg,
    Flash,
    Hall,
}

pub(super) const SLOTS: usize = 10;

impl Slot {
    const ALL: [Slot; SLOTS] = [
        Self::Tim1,
        Self::Tim2,
        Self::Tim3,
        Self::Tim16,
        Self::Usart,
        Self::Adc,
        Self::I2c,
        Self::Iwdg,
        Self::Flash,
        Self::Hall,
    ];

    /// Whose interrupt lines an event of the slot can move.
    pub(super) fn peripheral(self) -> Peripheral {
        match self {
            Self::Tim1 => Peripheral::Tim1,
            Self::Tim2 | Self::Hall => Peripheral::Tim2,
            Self::Tim3 => Peripheral::Tim3,
            Self::Tim16 => Peripheral::Tim16,
            Self::Usart => Peripheral::Usart2,
            Self::Adc => Peripheral::Adc1,
            Self::I2c => Peripheral::I2c1,
            Self::Iwdg => Peripheral::Iwdg,
            Self::Flash => Peripheral::Flash,
        }
    }
}

/// Peripherals with interrupt lines.
const INTERRUPTING: [Peripheral; 10] = [
    Peripheral::Flash,
    Peripheral::Exti,
    Peripheral::Dma1,
    Peripheral::Adc1,
    Peripheral::Tim1,
    Peripheral::Tim2,
    Peripheral::Tim3,
    Peripheral::Tim16,
    Peripheral::I2c1,
    Peripheral::Usart2,
];

impl Chip {
    /// Makes everything happen that is due.
    pub(crate) fn process_events(&mut self, now: u64) {
        for slot in Slot::ALL {
            if self.schedule[slot as usize] <= now {
                self.process_event(slot, now);
                self.refresh(slot);
                self.update_lines(slot.peripheral());
            }
        }
        self.serve_dma(now);
    }

    fn process_event(&mut self, slot: Slot, now: u64) {
        match slot {
            Slot::Tim1 => self.tim1.sync(now),
            Slot::Tim2 => {
                self.tim2.sync(now);
                if self.tim2.compare_interrupt() {
                    self.service.ask(now);
                }
            }
            Slot::Tim3 => self.tim3.sync(now),
            Slot::Tim16 => self.tim16.sync(now),
            Slot::Usart => self.usart.on_event(now),
            Slot::Adc => self.adc.on_event(now),
            Slot::I2c => self.i2c.on_event(now),
            Slot::Iwdg => {
                self.iwdg.on_event(now);
                if self.iwdg.expired() {
                    self.reset = Some(ResetCause::Watchdog);
                }
            }
            Slot::Flash => self.flash.sync(now),
            Slot::Hall => {
                while self.hall_edges.front().is_some_and(|at| *at <= now) {
                    let at = self.hall_edges.pop_front().unwrap_or(now);
                    if self.gpio[0].is_alternate(0, 2) {
                        self.tim2.capture(at, now);
                    }
                }
                self.refresh(Slot::Tim2);
            }
        }
    }

    fn slot_event(&self, slot: Slot) -> u64 {
        match slot {
            Slot::Tim1 => self.tim1.next_event(),
            Slot::Tim2 => self.tim2.next_event(),
            Slot::Tim3 => self.tim3.next_event(),
            Slot::Tim16 => self.tim16.next_event(),
            Slot::Usart => self.usart.next_event(),
            Slot::Adc => self.adc.next_event(),
            Slot::I2c => self.i2c.next_event(),
            Slot::Iwdg if self.iwdg.expired() => 0,
            Slot::Iwdg => self.iwdg.next_event(),
            Slot::Flash => self.flash.next_event(),
            Slot::Hall => self.hall_edges.front().copied().unwrap_or(u64::MAX),
        }
    }

    /// Looks up anew when a slot's owner will next act.
    #[inline]
    pub(super) fn refresh(&mut self, slot: Slot) {
        let event = self.slot_event(slot);
        let entry = &mut self.schedule[slot as usize];
        if *entry != event {
            *entry = event;
            self.next_event = self.schedule.iter().copied().min().unwrap_or(u64::MAX);
        }
    }

    pub(super) fn refresh_all(&mut self) {
        for slot in Slot::ALL {
            self.schedule[slot as usize] = self.slot_event(slot);
        }
        self.next_event = self.schedule.iter().copied().min().unwrap_or(u64::MAX);
        self.update_all_lines();
    }

    /// Interrupt lines of one peripheral, by position (RM0444 12.3, table 59).
    pub(super) fn update_lines(&mut self, peripheral: Peripheral) {
        let line = |asks: bool, position: u32| u32::from(asks) << position;
        let (mask, lines) = match peripheral {
            Peripheral::Flash => (1 << 3, line(self.flash.interrupt(), 3)),
            Peripheral::Exti => (0b111 << 5, self.exti.interrupts()),
            Peripheral::Dma1 => (0b111 << 9, self.dma.interrupts()),
            Peripheral::Adc1 => (1 << 12, line(self.adc.interrupt(), 12)),
            Peripheral::Tim1 => (
                0b11 << 13,
                line(self.tim1.update_interrupt(), 13) | line(self.tim1.compare_interrupt(), 14),
            ),
            Peripheral::Tim2 => (1 << 15, line(self.tim2.interrupt(), 15)),
            Peripheral::Tim3 => (1 << 16, line(self.tim3.interrupt(), 16)),
            Peripheral::Tim16 => (1 << 21, line(self.tim16.interrupt(), 21)),
            Peripheral::I2c1 => (1 << 23, line(self.i2c.interrupt(), 23)),
            Peripheral::Usart2 => (1 << 28, line(self.usart.interrupt(), 28)),
            Peripheral::Dmamux
            | Peripheral::Iwdg
            | Peripheral::Pwr
            | Peripheral::Syscfg
            | Peripheral::Dbgmcu
            | Peripheral::Rcc
            | Peripheral::Gpio(_) => return,
        };
        self.lines = self.lines & !mask | lines;
    }

    fn update_all_lines(&mut self) {
        for peripheral in INTERRUPTING {
            self.update_lines(peripheral);
        }
    }
}
