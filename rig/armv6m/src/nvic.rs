//! Pending, active and enabled exceptions and their priorities (B1.5.4, B3.4).

pub(crate) const NMI: u32 = 2;
pub(crate) const HARD_FAULT: u32 = 3;
pub(crate) const SV_CALL: u32 = 11;
pub(crate) const PEND_SV: u32 = 14;
pub(crate) const SYS_TICK: u32 = 15;
pub(crate) const FIRST_INTERRUPT: u32 = 16;

/// Priority of thread mode with nothing active: below the four configurable levels.
pub(crate) const LOWEST: i32 = 4;

/// Two bits of each priority byte are implemented.
const PRIORITY_BITS: u32 = 0xC0C0_C0C0;

/// Exceptions that DHCSR.C_MASKINTS holds back: PendSV, SysTick and the interrupts.
pub(crate) const MASKABLE: u64 = !0 << PEND_SV;

/// State of every exception, one bit per exception number.
#[derive(Clone, Debug)]
pub(crate) struct Nvic {
    pending: u64,
    active: u64,
    /// Interrupts can be disabled, system exceptions cannot.
    enabled: u64,
    lines: u32,
    interrupt_priorities: [u32; 8],
    sv_call_priority: u32,
    system_priorities: u32,
}

impl Nvic {
    pub(crate) fn new() -> Self {
        Self {
            pending: 0,
            active: 0,
            enabled: (1 << FIRST_INTERRUPT) - 1,
            lines: 0,
            interrupt_priorities: [0; 8],
            sv_call_priority: 0,
            system_priorities: 0,
        }
    }

    /// Makes exceptions pending; returns those that were not.
    pub(crate) fn pend(&mut self, exceptions: u64) -> u64 {
        let new = exceptions & !self.pending;
        self.pending |= exceptions;
        new
    }

    /// Takes pending state away, except from interrupts whose line is high and that are not
    /// active: those are pending again at once.
    pub(crate) fn unpend(&mut self, exceptions: u64) {
        let held = u64::from(self.lines) << FIRST_INTERRUPT & !self.active;
        self.pending &= !exceptions | held;
    }

    pub(crate) fn is_pending(&self, number: u32) -> bool {
        self.pending >> number & 1 != 0
    }

    pub(crate) fn is_active(&self, number: u32) -> bool {
        self.active >> number & 1 != 0
    }

    pub(crate) fn n_active(&self) -> u32 {
        self.active.count_ones()
    }

    /// Takes the lines' levels; returns the exceptions that a rising level makes pending.
    pub(crate) fn set_lines(&mut self, lines: u32) -> u64 {
        let rising = lines & !self.lines;
        self.lines = lines;
        u64::from(rising) << FIRST_INTERRUPT
    }

    pub(crate) fn activate(&mut self, number: u32) {
        self.active |= 1 << number;
        self.pending &= !(1 << number);
    }

    /// Ends an exception; returns what its line, if still high, makes pending again.
    pub(crate) fn deactivate(&mut self, number: u32) -> u64 {
        self.active &= !(1 << number);
        u64::from(self.lines) << FIRST_INTERRUPT & 1 << number
    }

    pub(crate) fn deactivate_all(&mut self) {
        self.active = 0;
    }

    /// Priority of an exception: smaller is more urgent.
    pub(crate) fn priority(&self, number: u32) -> i32 {
        let (register, byte) = match number {
            0..=1 => return -3,
            NMI => return -2,
            HARD_FAULT => return -1,
            4..=11 => (self.sv_call_priority, 3),
            12..=15 => (self.system_priorities, number - 12),
            _ => {
                let interrupt = number - FIRST_INTERRUPT;
                (
                    self.interrupt_priorities[(interrupt / 4 % 8) as usize],
                    interrupt % 4,
                )
            }
        };
        (register >> (8 * byte + 6) & 3) as i32
    }

    /// Priority of the most urgent active exception, [`LOWEST`] without one.
    pub(crate) fn active_priority(&self) -> i32 {
        bits(self.active)
            .map(|it| self.priority(it))
            .min()
            .unwrap_or(LOWEST)
    }

    /// The pending and enabled exception that comes first, among `allowed`: by priority, then by
    /// number.
    pub(crate) fn first_pending(&self, allowed: u64) -> Option<u32> {
        bits(self.pending & self.enabled & allowed).min_by_key(|it| self.priority(*it))
    }

    pub(crate) fn has_pending(&self) -> bool {
        self.pending & self.enabled != 0
    }

    /// NVIC_ISPR and NVIC_ICPR.
    pub(crate) fn pending_interrupts(&self) -> u32 {
        (self.pending >> FIRST_INTERRUPT) as u32
    }

    /// NVIC_ISER and NVIC_ICER.
    pub(crate) fn enabled_interrupts(&self) -> u32 {
        (self.enabled >> FIRST_INTERRUPT) as u32
    }

    pub(crate) fn enable(&mut self, interrupts: u32) {
        self.enabled |= u64::from(interrupts) << FIRST_INTERRUPT;
    }

    pub(crate) fn disable(&mut self, interrupts: u32) {
        self.enabled &= !(u64::from(interrupts) << FIRST_INTERRUPT);
    }

    /// NVIC_IPR0 to NVIC_IPR7.
    pub(crate) fn interrupt_priorities(&self, register: usize) -> u32 {
        self.interrupt_priorities[register]
    }

    pub(crate) fn set_interrupt_priorities(&mut self, register: usize, value: u32) {
        self.interrupt_priorities[register] = value & PRIORITY_BITS;
    }

    /// SHPR2: SVCall in the top byte.
    pub(crate) fn sv_call_priority(&self) -> u32 {
        self.sv_call_priority
    }

    pub(crate) fn set_sv_call_priority(&mut self, value: u32) {
        self.sv_call_priority = value & PRIORITY_BITS & 0xFF00_0000;
    }

    /// SHPR3: SysTick in the top byte, PendSV in the next.
    pub(crate) fn system_priorities(&self) -> u32 {
        self.system_priorities
    }

    pub(crate) fn set_system_priorities(&mut self, value: u32) {
        self.system_priorities = value & PRIORITY_BITS & 0xFFFF_0000;
    }
}

/// Numbers of the bits set, ascending.
fn bits(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let number = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask - 1;
        Some(number)
    })
}
