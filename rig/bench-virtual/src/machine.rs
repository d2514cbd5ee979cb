//! The machine: the Cortex-M0+ core and the STM32G071 around it, on one cycle count.

mod cost;
mod debug_access;
#[cfg(test)]
mod tests;

use crate::chip::{
    CPU_HZ, Chip, FLASH_BASE, Inputs, Outputs, ResetCause, StepPulses, Wear, name_of,
};
use rig_armv6m::{Core, Stop};
use rig_bench::BenchError;

/// CPU cycles a second: SYSCLK is HSI16, undivided.
pub const CYCLES_PER_SECOND: u64 = CPU_HZ;

/// System control register, with SLEEPDEEP.
const SCR: u32 = 0xE000_ED10;

/// Why the machine cannot go on. Once met, every further run repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MachineError {
    /// The program made an access that is not modelled.
    #[error("{access} of {address:#010x} ({}) is not modelled (pc {pc:#010x})", register(*address))]
    NotModelled {
        /// Read or write, its width, and what is missing if the register itself is known.
        access: &'static str,
        /// Address of the access.
        address: u32,
        /// Address of the instruction.
        pc: u32,
    },
    /// A fault inside HardFault or NMI: the core is stopped for good, until a reset that nobody
    /// will give.
    #[error("core in lockup at pc {pc:#010x}")]
    Lockup {
        /// Where.
        pc: u32,
    },
}

impl From<MachineError> for BenchError {
    fn from(error: MachineError) -> Self {
        match error {
            MachineError::NotModelled {
                access,
                address,
                pc,
            } => BenchError::NotModelled {
                access,
                address,
                register: register(address),
                pc,
            },
            MachineError::Lockup { pc } => BenchError::Lockup { pc },
        }
    }
}

/// What is known of an address.
fn register(address: u32) -> String {
    name_of(address).unwrap_or_else(|| "no register that is known".to_owned())
}

/// An STM32G071RB with its program, driven by pins, voltages and bytes at given cycles.
pub struct Machine {
    core: Core,
    chip: Chip,
    powered: bool,
    /// Interrupt lines were set since the core last ran: it may have to wake.
    lines_set: bool,
    /// NRST is held low.
    held_in_reset: bool,
    failed: Option<MachineError>,
    // The first access that is not modelled; outlives resets and whatever a debugger does.
    gap: Option<MachineError>,
    /// How long the program runs while its debugger asks whether it has halted.
    poll_cycles: u64,
}

impl Machine {
    /// A chip as ST delivers it: blank flash, level 0 option bytes, not powered.
    ///
    /// `chip_uid` is the 96-bit unique id (RM0444 41).
    #[must_use]
    pub fn new(chip_uid: [u8; 12]) -> Self {
        Self {
            core: Core::new(),
            chip: Chip::new(chip_uid),
            powered: false,
            lines_set: false,
            held_in_reset: false,
            failed: None,
            gap: None,
            poll_cycles: debug_access::PATIENT_POLL_CYCLES,
        }
    }

    /// Writes flash as a factory programmer would, before any run and past every lock.
    ///
    /// # Panics
    /// The bytes do not lie within the 128 KiB from 0x0800_0000.
    pub fn program_factory(&mut self, address: u32, bytes: &[u8]) {
        let start = address.wrapping_sub(FLASH_BASE) as usize;
        self.chip.memory.flash[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// The main flash, 128 KiB from 0x0800_0000.
    #[must_use]
    pub fn flash(&self) -> &[u8] {
        &self.chip.memory.flash[..]
    }

    /// Switches the supply on: everything but flash is lost, the cycle count restarts at zero,
    /// and RAM holds a fixed pattern that is not zero.
    pub fn power_on_reset(&mut self) {
        self.core = Core::new();
        self.failed = None;
        self.powered = true;
        self.held_in_reset = false;
        self.chip.power_on();
        self.core.reset(&mut self.chip);
        self.lines_set = true;
    }

    /// Switches the supply off. A flash operation under way is cut short and leaves what it was
    /// working on half done.
    pub fn power_off(&mut self) {
        self.chip.power_off(self.core.now());
        self.powered = false;
    }

    /// The first access since it was made that the emulator does not model, if any: whatever a
    /// program did after it is not to be believed, although a debugger may have let it go on.
    #[must_use]
    pub fn gap(&self) -> Option<MachineError> {
        self.gap
    }

    /// Whether the supply is on.
    #[must_use]
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// Resets by the NRST pin: RAM survives, the cycle count goes on.
    pub fn reset_pin(&mut self) {
        self.system_reset(ResetCause::Pin);
    }

    /// A dip of VDD below the brown-out level: as power-off and power-on, but the cycle count
    /// goes on.
    pub fn brown_out(&mut self) {
        let now = self.core.now();
        self.chip.power_off(now);
        self.chip.power_on();
        self.system_reset(ResetCause::Power);
    }

    /// CPU cycles since power-on.
    #[inline]
    #[must_use]
    pub fn now(&self) -> u64 {
        self.core.now()
    }

    /// Instructions executed since power-on.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        self.core.instructions()
    }

    /// Runs until the cycle count reaches `cycle`; it may pass it by the length of the last
    /// instruction. Without supply nothing happens and no time passes.
    ///
    /// A halted core (debug) lets time pass: the chip's timers and watchdog go on.
    ///
    /// # Errors
    /// The program met something that is not modelled, or locked up; the first cause is repeated.
    #[inline]
    pub fn run_until(&mut self, cycle: u64) -> Result<(), MachineError> {
        if self.core.is_sleeping()
            && self.powered
            && self.failed.is_none()
            && !self.lines_set
            && cycle < self.chip.next_event()
            && self.core.next_wake().is_none_or(|wake| cycle < wake)
        {
            self.core.skip_to(cycle);
            return Ok(());
        }
        self.run_events(cycle)
    }

    /// The cycle before which nothing happens by itself: the program sleeps, no event comes, the
    /// outputs stand. Until then the machine needs not be run, voltages may be set late, and
    /// [`Machine::run_until`] catches up. Nothing while the program does not sleep so.
    pub(crate) fn quiet_until(&self) -> Option<u64> {
        let is_quiet = self.powered
            && self.core.is_sleeping()
            && !self.core.is_sleep_deep()
            && !self.lines_set
            && !self.held_in_reset
            && self.failed.is_none()
            && self.chip.outputs_stand();
        let wake = self.core.next_wake().unwrap_or(u64::MAX);
        is_quiet.then(|| self.chip.next_event().min(wake))
    }

    fn run_events(&mut self, cycle: u64) -> Result<(), MachineError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.held_in_reset && self.powered {
            self.core.skip_to(cycle);
            return Ok(());
        }
        while self.powered && self.core.now() < cycle {
            self.run_slice(cycle)?;
        }
        Ok(())
    }

    /// One stretch without chip events, and the events at its end.
    fn run_slice(&mut self, cycle: u64) -> Result<(), MachineError> {
        let until = cycle.min(self.chip.next_event());
        self.chip.run_deadline = until;
        if self.core.now() < until {
            let stop = self.run_core(until);
            if let Some(gap) = self.chip.take_gap() {
                // Every ARMv6-M instruction that can touch a peripheral is one halfword.
                let pc = self.core.register(15).wrapping_sub(2);
                return Err(self.fail(MachineError::NotModelled {
                    access: gap.access,
                    address: gap.address,
                    pc,
                }));
            }
            match stop {
                Stop::Deadline | Stop::Attention => {
                    if let Some(gap) = self.core.take_gap() {
                        let access = match gap.written {
                            Some(_) => "write of private peripheral",
                            None => "read of private peripheral",
                        };
                        return Err(self.fail(MachineError::NotModelled {
                            access,
                            address: gap.address,
                            pc: gap.pc,
                        }));
                    }
                }
                Stop::Sleeping if self.core.is_sleep_deep() => {
                    // Stop and standby would stop clocks that run on here.
                    let pc = self.core.register(15).wrapping_sub(2);
                    return Err(self.fail(MachineError::NotModelled {
                        access: "deep sleep, as set by a write",
                        address: SCR,
                        pc,
                    }));
                }
                Stop::Sleeping => {
                    let wake = self.core.next_wake().unwrap_or(u64::MAX);
                    let until = cycle.min(self.chip.next_event()).min(wake);
                    self.core.skip_to(until.max(self.core.now()));
                }
                Stop::Halted => {
                    let now = self.core.now();
                    let until = cycle.min(self.chip.next_event());
                    self.core.skip_to(until.max(now));
                    self.chip.halted_for(self.core.now() - now);
                }
                Stop::ResetRequested => {
                    self.core.take_reset_request();
                    self.system_reset(ResetCause::Software);
                }
                Stop::Lockup => {
                    if self.chip.next_reset_pending() {
                        let until = cycle.min(self.chip.next_event());
                        self.core.skip_to(until.max(self.core.now()));
                    } else {
                        let pc = self.core.register(15);
                        return Err(self.fail(MachineError::Lockup { pc }));
                    }
                }
            }
        }
        self.chip_events();
        Ok(())
    }

    /// Lets the core run, or wait where it fetches code from a flash that is busy: the bus stalls
    /// until the operation ends (RM0444 3.3.6).
    fn run_core(&mut self, until: u64) -> Stop {
        if let Some(free) = self
            .chip
            .flash_stall(self.core.now(), self.core.register(15))
            && !self.core.is_halted()
        {
            self.core.skip_to(free.min(until));
            return Stop::Deadline;
        }
        self.lines_set = false;
        self.core.run(&mut self.chip, until)
    }

    fn chip_events(&mut self) {
        let now = self.core.now();
        if self.chip.next_event() <= now {
            self.chip.process_events(now);
            self.show_lines();
        }
        if let Some(cause) = self.chip.take_reset() {
            self.system_reset(cause);
        }
    }

    fn system_reset(&mut self, cause: ResetCause) {
        self.failed = None;
        self.chip.system_reset(cause, self.core.now());
        self.core.reset(&mut self.chip);
        self.show_lines();
    }

    fn show_lines(&mut self) {
        self.core.set_interrupt_lines(self.chip.current_lines());
        self.lines_set = true;
    }

    fn fail(&mut self, error: MachineError) -> MachineError {
        if matches!(error, MachineError::NotModelled { .. }) {
            self.gap.get_or_insert(error);
        }
        self.failed = Some(error);
        error
    }

    /// What the pins drive now. Without supply, everything is off.
    #[must_use]
    pub fn outputs(&mut self) -> Outputs {
        if self.powered {
            self.chip.outputs(self.core.now())
        } else {
            Outputs::default()
        }
    }

    /// STEP pulses emitted since the last call, by the level of DIR at each.
    pub fn take_steps(&mut self) -> StepPulses {
        self.chip.take_steps(self.core.now())
    }

    /// Sets voltages and switches, from now on.
    pub fn set_inputs(&mut self, inputs: &Inputs) {
        if self.chip.set_inputs(inputs) {
            self.show_lines();
        }
    }

    /// Sets the frequency of the internal low-speed oscillator, which the watchdog counts: 32 kHz
    /// unless set, 29.5 to 34 kHz by the data sheet (DS12232, LSI oscillator characteristics).
    pub fn set_lsi_hz(&mut self, lsi_hz: u64) {
        self.chip.set_lsi_hz(lsi_hz);
    }

    /// Lets conversions of the ADC never end, or end again.
    pub(crate) fn set_converter_dead(&mut self, is_dead: bool) {
        self.chip.set_converter_dead(is_dead);
    }

    /// Wears the flash out.
    pub(crate) fn set_wear(&mut self, wear: Wear) {
        self.chip.set_wear(wear);
    }

    /// A rising edge of the Hall sensor on PA0 at `cycle`, which may lie ahead. Edges come in
    /// ascending order; one that lies behind is captured with the count of its own cycle.
    pub fn hall_edge(&mut self, cycle: u64) {
        self.chip.hall_edge(cycle);
    }

    /// Fits a cartridge with this chip content, or takes it out.
    pub fn set_cartridge_chip(&mut self, content: Option<[u8; 128]>) {
        self.chip.set_cartridge_chip(content);
    }

    /// Holds the clock line of the cartridge's bus low, as a shorted contact does, or lets it go.
    /// Meanwhile no transfer goes on, and none fails by itself.
    pub fn hold_cartridge_clock(&mut self, is_held: bool) {
        let now = self.core.now();
        self.chip.hold_cartridge_clock(is_held, now);
    }

    /// What the fitted cartridge's chip holds.
    #[must_use]
    pub fn cartridge_chip(&self) -> Option<&[u8; 128]> {
        self.chip.cartridge_chip()
    }

    /// A byte whose stop bit reaches USART2's RX pin at `at_cycle`. Bytes come in ascending order.
    pub fn uart_receive(&mut self, at_cycle: u64, byte: u8) {
        self.chip.uart_receive(at_cycle, byte);
    }

    /// Sets how long a bit of the link's other end is, in CPU cycles (16 MHz / 115,200 Bd unless
    /// set): where it differs from the pen's by more than a receiver bears, characters garble.
    pub fn set_host_bit(&mut self, cycles: f64) {
        self.chip.set_host_bit(cycles);
    }

    /// Bytes that left USART2's TX pin, each with the cycle of its stop bit's end.
    /// Does not allocate where nothing was sent.
    pub fn take_uart_sent(&mut self) -> Vec<(u64, u8)> {
        self.chip.take_uart_sent()
    }

    /// Whether the core is halted by the debugger.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        self.core.is_halted()
    }

    /// Core register r0 to r15 (13 stack pointer, 14 link, 15 next instruction).
    ///
    /// # Panics
    /// `index` is above 15.
    #[must_use]
    pub fn register(&self, index: usize) -> u32 {
        self.core.register(index)
    }
}
