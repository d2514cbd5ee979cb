//! The virtual bench: one pen of a scenario's lot behind the seam.
//!
//! Bench time moves in steps of 50 µs. In each, mechanism and instruments move first under what
//! the pen's outputs were at the step's beginning; then the chip runs through the step with what
//! its sensors show, Hall edges and link bytes at their own times. So the pen's outputs act one
//! step late, which is one period of its PWM.
//!
//! While the program sleeps and nothing comes that the chip would notice, the chip is left behind
//! and catches up in one go: idle time is skipped, not stepped.

mod faults;
mod injection;
mod link;
mod world;

pub use world::StrokeTruth;

use crate::chip::{Inputs, Wear};
use crate::debug::DebugPins;
use crate::factory::Unit;
use crate::instruments::{describe_fixture, describe_instruments};
use crate::machine::{CYCLES_PER_SECOND, Machine};
use crate::mechanism::{Drive, NeedleLoad, Sensors};
use crate::noise::{Noise, Purpose};
use crate::scenario::{FaultKind, Scenario};
use firmware_units::Nanometers;
use firmware_wire::calibration::{COPY_A, COPY_B};
use injection::Injector;
use link::{Link, Way, deliver};
use rig_bench::{
    Actuation, Actuator, Bench, BenchError, BenchFault, BenchKind, Cartridge, Fixture, Identity,
    Instrument, Millivolts, Nanoseconds, Observation,
};
use std::sync::{Arc, Mutex, MutexGuard};
use world::{STEP_NS, World};

/// Battery voltage below which the chip loses its supply, V: its regulator needs no headroom at
/// its few milliamperes, and the chip runs down to 1.7 V (DS12232, 5.3.1).
const BROWN_OUT_V: f64 = 1.75;
/// Battery voltage at which it comes back, V.
const BROWN_IN_V: f64 = 1.85;
/// A chip that is further ahead of bench time, in cycles, than one instruction can take has run
/// under the debug probe. That is bench time, too: mechanism and instruments catch up.
const DEBUG_SLACK: u64 = 100;
/// A chip that would have nothing to do until some bench time is called early by this, ns: far more
/// than rounding makes of a cycle count.
const QUIET_MARGIN_NS: u64 = 1_000;
/// How often an oscillator that drifts is looked at, ns.
const OSCILLATOR_NS: u64 = 1_000_000;
/// Bytes of a cartridge's chip.
const CHIP_BYTES: usize = 128;

/// The bench, with one pen of a lot in its fixture.
///
/// [`Bench::advance`] moves bench time in whole steps of 50 µs, so it may pass the time asked for
/// by less than one. A second power-on goes on from the bench time of the power-off.
/// Before the first power-on, the debug probe sees the chip alone under supply.
pub struct VirtualBench {
    identity: Identity,
    instruments: Vec<Instrument>,
    fixture: Fixture,
    machine: Arc<Mutex<Machine>>,
    world: World,
    link: Link,
    link_noise: Noise,
    now_ns: u64,
    powered: bool,
    /// A bench time, ns, and the chip's cycle count then.
    anchor: (u64, u64),
    cycles_per_ns: f64,
    /// The same without the faults of the oscillator.
    sound_cycles_per_ns: f64,
    /// Whether the control tick's fault has struck.
    tick_lost: bool,
    /// Transfers that the debug probe makes before it is gone; for ever if none.
    probe_transfers: Option<u64>,
    drive: Drive,
    inputs: Inputs,
    button_pressed: bool,
    injector: Injector,
    /// Bench time until which the chip has nothing to do by itself, ns; within one
    /// [`Bench::advance`] alone, as a debug probe may come between two.
    quiet_until_ns: u64,
    /// No step is skipped for the chip.
    steps_all: bool,
    /// Nothing of the chip is broken, and nothing was in the last step it made.
    chip_is_sound: bool,
    /// The chip was left behind bench time.
    behind: bool,
    broken: Option<BenchError>,
}

impl VirtualBench {
    /// Puts one unit of the scenario's lot into the fixture, factory record written, flash
    /// otherwise blank. `seed` makes the lot, the bench and all noise; the scenario names one for
    /// those who have none.
    ///
    /// # Errors
    /// [`BenchError::Description`] if the lot has no such unit.
    pub fn new(scenario: &Scenario, unit_index: usize, seed: u64) -> Result<Self, BenchError> {
        Self::with_setup(scenario, unit_index, seed, 0)
    }

    /// The same unit on the same bench, taken out and fixed anew: it sits otherwise, and noise
    /// goes on from elsewhere. [`VirtualBench::new`] is set-up 0.
    ///
    /// # Errors
    /// As [`VirtualBench::new`].
    pub fn with_setup(
        scenario: &Scenario,
        unit_index: usize,
        seed: u64,
        setup: u16,
    ) -> Result<Self, BenchError> {
        let unit = Unit::draw(scenario, unit_index, seed)?;
        let mut machine = Machine::new(unit.chip_uid);
        let standing = Standing::of(scenario, unit_index);
        let record = unit.calibration.to_bytes();
        for (copy, is_lost) in [(COPY_A, standing.lost[0]), (COPY_B, standing.lost[1])] {
            if !is_lost {
                machine.program_factory(copy, &record);
            }
        }
        machine.set_wear(standing.wear);
        let gauge = scenario.bench.gauge();
        let certificates = scenario.dates.certificates();
        let cycles_per_ns =
            1e-9 * CYCLES_PER_SECOND as f64 * (1.0 + 1e-9 * f64::from(unit.oscillator_ppb));
        machine.set_host_bit(cycles_per_ns * 1e9 / link::BAUD as f64);
        Ok(Self {
            identity: Identity {
                bench: "virtual".to_owned(),
                kind: BenchKind::Virtual,
                probe: "emulated SW-DP".to_owned(),
                chip: "STM32G071RBTx".to_owned(),
                description: concat!("rig-bench-virtual ", env!("CARGO_PKG_VERSION")).to_owned(),
            },
            instruments: describe_instruments(&gauge, &certificates),
            fixture: describe_fixture(&gauge, &certificates),
            machine: Arc::new(Mutex::new(machine)),
            injector: Injector::new(scenario.faults_of(unit_index).count(), standing.wear),
            world: World::new(scenario, &unit, unit_index, seed, setup),
            link: Link::default(),
            link_noise: Noise::new(seed, unit_index as u32, setup, Purpose::Link),
            now_ns: 0,
            powered: false,
            anchor: (0, 0),
            cycles_per_ns,
            sound_cycles_per_ns: cycles_per_ns,
            tick_lost: false,
            probe_transfers: standing.probe_transfers,
            drive: Drive::default(),
            inputs: Inputs::default(),
            button_pressed: false,
            quiet_until_ns: 0,
            steps_all: false,
            chip_is_sound: false,
            behind: false,
            broken: None,
        })
    }

    /// Keeps the truth of every stroke from now on. For tests of the estimators; the rig never
    /// asks.
    pub fn record_truth(&mut self) {
        self.world.record_truth();
    }

    /// Lets the chip run through every step from now on, also where it would notice nothing. For
    /// tests that nothing is lost by skipping those; the rig never asks.
    pub fn step_all(&mut self) {
        self.steps_all = true;
    }

    /// Every stroke since [`VirtualBench::record_truth`]. For tests; the rig never asks.
    #[must_use]
    pub fn truth(&self) -> &[StrokeTruth] {
        self.world.truth()
    }

    /// True protrusion at top of stroke, without the float. For tests; the rig never asks.
    #[must_use]
    pub fn true_top(&self) -> Nanometers {
        Nanometers(libm::round(1e6 * self.world.top_mm()) as i64)
    }

    /// The gauge's true indication of the nose plane, nm. For tests; the rig never asks.
    #[must_use]
    pub fn true_gauge_zero_nm(&self) -> f64 {
        self.world.gauge_zero_nm()
    }

    /// The chip's debug pins, for probes of another process; they may be used from another thread.
    /// While the bench is powered, the time that a probe takes is bench time, as with
    /// [`Bench::probe`].
    #[must_use]
    pub fn debug_pins(&self) -> DebugPins {
        DebugPins::new(Arc::clone(&self.machine))
    }

    /// Instructions that the chip has executed since its last power-on.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        lock(&self.machine).instructions()
    }

    /// The longest control tick in CPU cycles since this was asked before, from its interrupt to
    /// the refresh of the watchdog; nothing if none came to its end. For tests; the rig never asks.
    pub fn take_longest_tick(&mut self) -> Option<u64> {
        lock(&self.machine).take_longest_tick()
    }

    /// The lowest address of RAM at or above `from` that the program has written since power-on
    /// (with what stood there before: not seen). For tests; the rig never asks.
    #[must_use]
    pub fn first_ram_touched(&self, from: u32) -> Option<u32> {
        lock(&self.machine).first_ram_touched(from)
    }

    /// Refuses if the bench is broken; breaks it if it is not in the state wanted.
    fn require_power(&mut self, powered: bool, wanted: &'static str) -> Result<(), BenchError> {
        self.require_sound()?;
        if self.powered == powered {
            return Ok(());
        }
        let state = if self.powered { "on" } else { "off" };
        Err(self.fail(BenchError::Power { state, wanted }))
    }

    fn require_sound(&self) -> Result<(), BenchError> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    fn fail(&mut self, error: BenchError) -> BenchError {
        self.broken = Some(error.clone());
        error
    }

    fn cycle(&self, at_ns: u64) -> u64 {
        let (anchor_ns, anchor_cycle) = self.anchor;
        anchor_cycle + (at_ns.saturating_sub(anchor_ns) as f64 * self.cycles_per_ns) as u64
    }

    fn time_ns(&self, cycle: u64) -> u64 {
        let (anchor_ns, anchor_cycle) = self.anchor;
        anchor_ns + (cycle.saturating_sub(anchor_cycle) as f64 / self.cycles_per_ns) as u64
    }

    fn start_chip(&mut self, machine: &mut Machine) {
        machine.power_off();
        machine.power_on_reset();
        self.anchor = (self.now_ns, machine.now());
        self.drive = Drive::default();
        self.inputs = chip_inputs(self.world.sensors(), self.is_button_down());
        machine.set_inputs(&self.inputs);
    }

    /// Moves everything by one step.
    fn step(&mut self, machine: &mut Machine) -> Result<(), BenchError> {
        let (begin_ns, end_ns) = (self.now_ns, self.now_ns + STEP_NS);
        self.world.step(&self.drive, begin_ns);
        self.now_ns = end_ns;
        if self.passes_quietly() {
            self.drive.steps = 0;
            self.behind = true;
            return Ok(());
        }
        self.step_chip(machine, begin_ns)
    }

    /// Whether the chip would notice nothing of the step that mechanism and instruments have made:
    /// it has nothing to do by itself, no edge and no byte comes, no switch and no supply moves.
    fn passes_quietly(&self) -> bool {
        let sensors = self.world.sensors();
        !self.steps_all
            && self.now_ns <= self.quiet_until_ns
            && sensors.hall_edge_s.is_none()
            && sensors.cartridge_fitted == self.inputs.cartridge_fitted
            && sensors.home_closed == self.inputs.at_home
            && self.is_button_down() == self.inputs.button_pressed
            && self.chip_is_sound
            && self.world.chip().is_sound()
            && 2.0 * sensors.battery_v >= BROWN_OUT_V
            && !self.link.begins(self.now_ns)
    }

    /// Lets the chip run through the step that began at `begin_ns`, and through those before it in
    /// which it was left behind.
    fn step_chip(&mut self, machine: &mut Machine, begin_ns: u64) -> Result<(), BenchError> {
        let end_ns = self.now_ns;
        let sensors = *self.world.sensors();
        self.quiet_until_ns = 0;
        self.behind = false;
        let battery_v = 2.0 * sensors.battery_v;
        if machine.is_powered() && battery_v < BROWN_OUT_V {
            machine.power_off();
            self.link.clear();
            self.drive = Drive::default();
        } else if !machine.is_powered() && battery_v > BROWN_IN_V {
            self.start_chip(machine);
        }
        if !machine.is_powered() {
            while self.link.begun(end_ns).is_some() {}
            return Ok(());
        }
        self.break_chip(machine, begin_ns);
        for at_s in [sensors.hall_edge_s, sensors.second_hall_edge_s]
            .into_iter()
            .flatten()
        {
            machine.hall_edge(self.cycle(begin_ns + (1e9 * at_s) as u64));
        }
        let inputs = chip_inputs(&sensors, self.is_button_down());
        if inputs != self.inputs {
            machine.set_inputs(&inputs);
            self.inputs = inputs;
        }
        let line = *self.world.link();
        while let Some((at_ns, byte)) = self.link.begun(end_ns) {
            if let Some(byte) = deliver(byte, Way::ToPen, &line, &mut self.link_noise) {
                machine.uart_receive(self.cycle(at_ns), byte);
            }
        }
        machine.run_until(self.cycle(end_ns))?;
        for (cycle, byte) in machine.take_uart_sent() {
            if let Some(byte) = deliver(byte, Way::FromPen, &line, &mut self.link_noise) {
                self.link.receive(self.time_ns(cycle), byte);
            }
        }
        let (outputs, steps) = (machine.outputs(), machine.take_steps());
        self.drive = Drive {
            duty: outputs.motor.ratio(),
            supply_closed: outputs.cut_off_closed,
            brake: outputs.brake,
            // The chip counts pulses that the stepper's driver ignores apart.
            stepper_enabled: true,
            steps: steps.outward as i32 - steps.inward as i32,
        };
        self.quiet_until_ns = machine.quiet_until().map_or(0, |cycle| {
            self.time_ns(cycle).saturating_sub(QUIET_MARGIN_NS)
        });
        Ok(())
    }

    /// Lets the faults of the chip act that hold now.
    fn break_chip(&mut self, machine: &mut Machine, begin_ns: u64) {
        let chip = *self.world.chip();
        machine.set_converter_dead(chip.converter_dead);
        match chip.tick_lost_ns {
            Some(_) if !self.tick_lost => {
                self.tick_lost = true;
                machine.lose_tick();
            }
            None => self.tick_lost = false,
            Some(_) => {}
        }
        // Once a millisecond: each anew of the anchor costs up to a nanosecond.
        if begin_ns.is_multiple_of(OSCILLATOR_NS) {
            let share = chip.oscillator_share(begin_ns + OSCILLATOR_NS / 2);
            let cycles_per_ns = self.sound_cycles_per_ns * (1.0 + share);
            if cycles_per_ns != self.cycles_per_ns {
                let cycle = self.cycle(begin_ns);
                self.anchor = (self.time_ns(cycle), cycle);
                self.cycles_per_ns = cycles_per_ns;
                machine.set_host_bit(cycles_per_ns * 1e9 / link::BAUD as f64);
            }
        }
        self.chip_is_sound = chip.is_sound() && self.cycles_per_ns == self.sound_cycles_per_ns;
    }

    fn is_button_down(&self) -> bool {
        self.button_pressed || self.world.chip().button_stuck
    }

    /// Makes steps until `until_ns`, or until `is_enough`, and leaves nothing behind.
    fn steps(
        &mut self,
        machine: &mut Machine,
        until_ns: u64,
        is_enough: impl Fn(&Self) -> bool,
    ) -> Result<(), BenchError> {
        self.quiet_until_ns = 0;
        let mut done = Ok(());
        while done.is_ok() && self.now_ns < until_ns && !is_enough(self) {
            done = self.step(machine);
        }
        if self.behind && done.is_ok() {
            self.behind = false;
            self.inputs = chip_inputs(self.world.sensors(), self.is_button_down());
            machine.set_inputs(&self.inputs);
            done = machine
                .run_until(self.cycle(self.now_ns))
                .map_err(Into::into);
        }
        done.map_err(|error| {
            machine.power_off();
            self.fail(error)
        })
    }

    /// Bench time up to which a debug probe let the chip run ahead; zero if it did not.
    fn debugged_ns(&self) -> u64 {
        if !self.powered {
            return 0;
        }
        let machine = lock(&self.machine);
        let is_ahead = machine.now() > self.cycle(self.now_ns) + DEBUG_SLACK;
        if machine.is_powered() && is_ahead {
            self.time_ns(machine.now())
        } else {
            0
        }
    }

    /// Moves mechanism and instruments to where a debug probe let the chip run, under what the
    /// pen's outputs are now.
    fn catch_up(&mut self) -> Result<(), BenchError> {
        let until_ns = self.debugged_ns();
        let machine = Arc::clone(&self.machine);
        let mut machine = lock(&machine);
        self.steps(&mut machine, until_ns, |_| false)
    }

    fn fit(&mut self, cartridge: Option<Cartridge>) {
        let excess_mm = |it: Cartridge| 1e-3 * f64::from(it.needle_excess.0);
        self.world.set_cartridge(cartridge.map(excess_mm));
        let content = cartridge.map(|it| {
            let mut content = [0xFF; CHIP_BYTES];
            content[..it.chip.len()].copy_from_slice(&it.chip);
            content
        });
        lock(&self.machine).set_cartridge_chip(content);
    }
}

impl Bench for VirtualBench {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    fn fixture(&self) -> &Fixture {
        &self.fixture
    }

    fn probe(&mut self) -> Result<probe_rs::probe::Probe, BenchError> {
        self.require_sound()?;
        if self.probe_transfers == Some(0) {
            let cause = "no probe is connected".to_owned();
            return Err(self.fail(BenchError::Probe { cause }));
        }
        let mut machine = lock(&self.machine);
        if !machine.is_powered() {
            machine.power_on_reset();
        }
        drop(machine);
        let machine = Arc::clone(&self.machine);
        Ok(match self.probe_transfers.take() {
            // It is unplugged for good: the next one does not open.
            Some(transfers) => {
                self.probe_transfers = Some(0);
                crate::debug::failing_probe(machine, transfers)
            }
            None => crate::debug::probe(machine),
        })
    }

    fn now(&self) -> Nanoseconds {
        Nanoseconds(self.now_ns.max(self.debugged_ns()))
    }

    fn power_on(&mut self, supply: Millivolts) -> Result<(), BenchError> {
        self.require_power(false, "power-on needs it off")?;
        self.world.set_supply(1e-3 * f64::from(supply.0));
        let machine = Arc::clone(&self.machine);
        let gap = lock(&machine).gap();
        if let Some(error) = gap {
            return Err(self.fail(error.into()));
        }
        let mut machine = lock(&machine);
        machine.set_in_operation(true);
        self.start_chip(&mut machine);
        self.powered = true;
        Ok(())
    }

    fn power_off(&mut self) -> Result<(), BenchError> {
        self.require_power(true, "power-off needs it on")?;
        let mut machine = lock(&self.machine);
        machine.power_off();
        machine.set_in_operation(false);
        drop(machine);
        self.world.set_supply(0.0);
        self.world.come_to_rest();
        self.link.clear();
        self.drive = Drive::default();
        self.powered = false;
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) -> Result<Nanoseconds, BenchError> {
        self.require_power(true, "sending needs it on")?;
        self.catch_up()?;
        Ok(Nanoseconds(self.link.send(self.now_ns, bytes)))
    }

    fn advance(&mut self, until: Nanoseconds) -> Result<Vec<Observation>, BenchError> {
        self.require_power(true, "bench time moves only while it is on")?;
        let machine = Arc::clone(&self.machine);
        let mut machine = lock(&machine);
        if let Some(error) = machine.gap() {
            machine.power_off();
            return Err(self.fail(error.into()));
        }
        self.steps(&mut machine, until.0, |it| it.link.is_due(it.now_ns))?;
        let mut observations = self.world.take();
        // The last byte came after the first sample of every block.
        observations.extend(self.link.take());
        Ok(observations)
    }

    fn actuate(&mut self, actuation: Actuation) -> Result<(), BenchError> {
        self.require_sound()?;
        self.catch_up()?;
        match actuation {
            Actuation::Supply(supply) => {
                self.require_power(true, "setting its voltage needs it on")?;
                self.world.set_supply(1e-3 * f64::from(supply.0));
            }
            Actuation::NeedleLoad {
                needles,
                force_per_needle,
            } => {
                let newton_per_mm = 1e-3 * f64::from(needles) * f64::from(force_per_needle.0);
                self.world.set_load(NeedleLoad { newton_per_mm });
            }
            Actuation::Shaft(shaft) => self.world.set_shaft(shaft),
            Actuation::Cartridge(cartridge) => self.fit(cartridge),
            Actuation::Button { pressed } => self.button_pressed = pressed,
            Actuation::GaugeBlock { present } => self.world.set_gauge_block(present),
            Actuation::AxialForce(force) => self.world.set_axial(1e-3 * f64::from(force.0)),
            Actuation::Fault { fault, present } => self.set_fault(fault, present)?,
            Actuation::Battery => {
                self.require_power(true, "putting the pen on its own cell needs it on")?;
                self.world.set_charged_cell();
            }
        }
        Ok(())
    }

    fn actuators(&self) -> &[Actuator] {
        &[
            Actuator::Supply,
            Actuator::Needles,
            Actuator::Shaft,
            Actuator::Cartridge,
            Actuator::Button,
            Actuator::GaugeBlock,
            Actuator::Axial,
            Actuator::Battery,
        ]
    }

    fn faults(&self) -> &[BenchFault] {
        self.injector.offered()
    }
}

/// What standing faults do before bench time begins.
#[derive(Default)]
struct Standing {
    /// Whether each copy of the factory record is lost.
    lost: [bool; 2],
    wear: Wear,
    probe_transfers: Option<u64>,
}

impl Standing {
    fn of(scenario: &Scenario, unit_index: usize) -> Self {
        let mut standing = Self::default();
        for fault in scenario.faults_of(unit_index) {
            match fault.kind {
                FaultKind::CalibrationLost => standing.lost = [true; 2],
                FaultKind::CalibrationCopyLost => standing.lost[0] = true,
                // Whole numbers of the catalogue's ranges.
                FaultKind::FlashPageStuck { page } => {
                    standing.wear.stuck_page = Some(page as usize)
                }
                FaultKind::FlashPageWeak { page } => standing.wear.weak_page = Some(page as usize),
                FaultKind::ProbeAbsent => standing.probe_transfers = Some(0),
                FaultKind::ProbeLost { transfers } => {
                    standing.probe_transfers = Some(transfers as u64);
                }
                _ => {}
            }
        }
        standing
    }
}

impl Drop for VirtualBench {
    /// Without supply the motor is off; the needles stay where the carriage holds them.
    fn drop(&mut self) {
        lock(&self.machine).power_off();
    }
}

/// The machine; a thread that panicked with it in hand leaves it usable for switching it off.
fn lock(machine: &Mutex<Machine>) -> MutexGuard<'_, Machine> {
    machine
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The sensors' voltages as the chip's converter sees them: 4,096 steps of 3.3 V.
fn chip_inputs(sensors: &Sensors, button_pressed: bool) -> Inputs {
    let lsb = |volts: f64| (volts * (4_096.0 / 3.3)) as f32;
    Inputs {
        carriage_lsb: lsb(sensors.position_v),
        motor_current_lsb: lsb(sensors.current_v),
        battery_lsb: lsb(sensors.battery_v),
        nose_lsb: lsb(sensors.temperature_v),
        cartridge_fitted: sensors.cartridge_fitted,
        at_home: sensors.home_closed,
        button_pressed,
    }
}

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod tests;
