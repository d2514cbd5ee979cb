//! Everything around the chip: mechanism, instruments, and the faults that befall them.

use crate::factory::Unit;
use crate::instruments::{InstrumentDefects, Instruments};
use crate::mechanism::{CarriageDefects, Drive, Mechanism, MechanismDefects, NeedleLoad, Sensors};
use crate::scenario::{Fault, FaultKind, Scenario};
use firmware_units::{Nanometers, Nanoseconds};
use rig_bench::{Observation, Shaft};

/// The fixed step of the model, ns: one period of the motor PWM.
pub(crate) const STEP_NS: u64 = 50_000;
const STEP_S: f64 = 1e-9 * STEP_NS as f64;

/// One stroke as it truly was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrokeTruth {
    /// Bench time of its top.
    pub at: Nanoseconds,
    /// Protrusion of the longest needle there.
    pub protrusion: Nanometers,
}

/// What faults do to the link and to the supply.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct OtherDefects {
    pub(crate) link_dead: bool,
    pub(crate) link_noise: f64,
    pub(crate) supply_at_most_v: Option<f64>,
}

/// Mechanism, instruments and faults of one pen on one bench.
pub(crate) struct World {
    mechanism: Mechanism,
    instruments: Instruments,
    faults: Vec<Fault>,
    /// Bench times at which a fault comes or goes, ascending; those before `due` are done.
    changes: Vec<Nanoseconds>,
    due: usize,
    other: OtherDefects,
    supply_v: f64,
    fitted_excess_mm: Option<f64>,
    fault_excess_mm: f64,
    truth: Option<Vec<StrokeTruth>>,
}

impl World {
    pub(crate) fn new(
        scenario: &Scenario,
        unit: &Unit,
        unit_index: usize,
        seed: u64,
        setup: u16,
    ) -> Self {
        // Unit::draw has checked that the index is one of the lot's.
        let number = unit_index as u32;
        let faults: Vec<Fault> = scenario.faults_of(unit_index).cloned().collect();
        let mut changes: Vec<Nanoseconds> = faults
            .iter()
            .flat_map(|fault| [Some(fault.from), fault.until])
            .flatten()
            .collect();
        changes.sort_unstable();
        changes.dedup();
        Self {
            mechanism: Mechanism::new(unit.parameters, seed, number, setup),
            instruments: Instruments::new(&scenario.bench.gauge(), seed, number, setup),
            faults,
            changes,
            due: 0,
            other: OtherDefects::default(),
            supply_v: 0.0,
            fitted_excess_mm: None,
            fault_excess_mm: 0.0,
            truth: None,
        }
    }

    /// Moves everything by one step that begins at `begin_ns`.
    pub(crate) fn step(&mut self, drive: &Drive, begin_ns: u64) {
        if self
            .changes
            .get(self.due)
            .is_some_and(|change| change.0 <= begin_ns)
        {
            self.change_faults(Nanoseconds(begin_ns));
        }
        let motion = self.mechanism.step(drive, STEP_S);
        self.instruments.look(&motion, begin_ns);
        if let Some(truth) = &mut self.truth
            && let Some((at_s, peak_mm)) = motion.peak()
        {
            truth.push(StrokeTruth {
                at: Nanoseconds(begin_ns + (1e9 * at_s) as u64),
                protrusion: Nanometers(libm::round(1e6 * peak_mm) as i64),
            });
        }
    }

    /// What the pen's sensors show at the end of the last step.
    pub(crate) fn sensors(&self) -> &Sensors {
        self.mechanism.sensors()
    }

    /// Faults of link and supply that hold now.
    pub(crate) fn other(&self) -> &OtherDefects {
        &self.other
    }

    /// What the instruments saw since they were last asked.
    pub(crate) fn take(&mut self) -> Vec<Observation> {
        self.instruments.take()
    }

    pub(crate) fn set_supply(&mut self, volts: f64) {
        self.supply_v = volts;
        self.supply();
    }

    pub(crate) fn set_shaft(&mut self, shaft: Shaft) {
        self.mechanism.set_shaft(shaft);
    }

    pub(crate) fn set_load(&mut self, load: NeedleLoad) {
        self.mechanism.set_load(load);
    }

    pub(crate) fn set_cartridge(&mut self, excess_mm: Option<f64>) {
        self.fitted_excess_mm = excess_mm;
        self.cartridge();
    }

    pub(crate) fn set_gauge_block(&mut self, present: bool) {
        self.instruments.set_gauge_block(present);
    }

    pub(crate) fn come_to_rest(&mut self) {
        self.mechanism.come_to_rest();
    }

    pub(crate) fn record_truth(&mut self) {
        self.truth.get_or_insert_default();
    }

    pub(crate) fn truth(&self) -> &[StrokeTruth] {
        self.truth.as_deref().unwrap_or_default()
    }

    pub(crate) fn gauge_zero_nm(&self) -> f64 {
        self.instruments.gauge_zero_nm()
    }

    pub(crate) fn top_mm(&self) -> f64 {
        self.mechanism.top_mm()
    }

    fn supply(&mut self) {
        let volts = self
            .other
            .supply_at_most_v
            .map_or(self.supply_v, |it| it.min(self.supply_v));
        self.mechanism.set_supply(volts);
    }

    fn cartridge(&mut self) {
        self.mechanism
            .set_cartridge(self.fitted_excess_mm.map(|it| it + self.fault_excess_mm));
    }

    fn change_faults(&mut self, now: Nanoseconds) {
        let struck_after = self.due.checked_sub(1).map(|last| self.changes[last]);
        while self
            .changes
            .get(self.due)
            .is_some_and(|&change| change <= now)
        {
            self.due += 1;
        }
        let mut mechanism = MechanismDefects::default();
        let mut instruments = InstrumentDefects {
            gauge_gap: self.instruments.defects.gauge_gap,
            gauge_loss: self.instruments.defects.gauge_loss,
            ..InstrumentDefects::default()
        };
        let mut other = OtherDefects::default();
        self.fault_excess_mm = 0.0;
        for fault in self.faults.iter().filter(|fault| fault.is_active(now)) {
            let is_new = struck_after.is_none_or(|last| fault.from > last);
            let once = |samples: u64| if is_new { samples } else { 0 };
            match fault.kind {
                // Stands in the factory record.
                FaultKind::DepthZeroOff { .. } => {}
                FaultKind::CarriageSlip { at_um, by_um } => {
                    let slip = Some((1e-3 * f64::from(at_um), 1e-3 * f64::from(by_um)));
                    mechanism.carriage = CarriageDefects {
                        slip,
                        ..mechanism.carriage
                    };
                }
                FaultKind::ParkStop { um } => {
                    let park_stop = Some(1e-3 * f64::from(um));
                    mechanism.carriage = CarriageDefects {
                        park_stop,
                        ..mechanism.carriage
                    };
                }
                FaultKind::NeedlesLong { um } => self.fault_excess_mm += 1e-3 * f64::from(um),
                FaultKind::MotorDrag { torque_unm } => {
                    mechanism.drag += 1e-6 * f64::from(torque_unm);
                }
                FaultKind::StepsLost { probability } => mechanism.steps_lost = probability,
                FaultKind::NoseHeated { kelvin } => mechanism.nose_heating += f64::from(kelvin),
                FaultKind::HallDead {} => mechanism.hall_dead = true,
                FaultKind::PositionHeld {} => mechanism.position_held = true,
                FaultKind::SwitchShorted {} => mechanism.switch_shorted = true,
                FaultKind::SupplyDip { to_mv } => {
                    other.supply_at_most_v = Some(1e-3 * f64::from(to_mv));
                }
                FaultKind::LinkDead {} => other.link_dead = true,
                FaultKind::LinkNoise { probability } => other.link_noise = probability,
                FaultKind::GaugeHold {} => instruments.gauge_held = true,
                FaultKind::GaugeDropout { probability } => instruments.gauge_dropout = probability,
                FaultKind::GaugeGap { samples } => instruments.gauge_gap += once(samples),
                FaultKind::GaugeLoss { samples } => instruments.gauge_loss += once(samples),
                FaultKind::GaugeShift { um } => {
                    instruments.gauge_shift_mm += 1e-3 * f64::from(um);
                }
                FaultKind::TachometerDead {} => instruments.tachometer_dead = true,
            }
        }
        self.mechanism.defects = mechanism;
        self.instruments.defects = instruments;
        self.other = other;
        self.supply();
        self.cartridge();
    }
}
