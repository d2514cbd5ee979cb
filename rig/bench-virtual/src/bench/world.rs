//! Everything around the chip: mechanism, instruments, and the faults that befall them.

use super::faults::{ChipDefects, Defects, LinkDefects, clock_errors};
use crate::factory::Unit;
use crate::instruments::Instruments;
use crate::mechanism::{Drive, Mechanism, NeedleLoad, Sensors};
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

/// What feeds the pen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Feed {
    /// The fixture's supply, at this open-circuit voltage, V.
    Supply(f64),
    /// The pen's own cell.
    Cell,
}

/// Mechanism, instruments and faults of one pen on one bench.
pub(crate) struct World {
    mechanism: Mechanism,
    instruments: Instruments,
    faults: Vec<Fault>,
    /// Bench times at which a fault comes or goes, ascending; those before `due` are done.
    changes: Vec<Nanoseconds>,
    due: usize,
    defects: Defects,
    feed: Feed,
    /// Bench time until which the supply has failed, ns; set once by a failure in a move.
    fails_until_ns: Option<u64>,
    /// Protrusion at top of stroke before the step under way, mm, while a failure waits for it.
    before_mm: f64,
    load: NeedleLoad,
    /// What the fixture should press the nose cone with, N.
    axial_n: f64,
    fitted_excess_mm: Option<f64>,
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
        let mut instruments = Instruments::new(&scenario.bench.gauge(), seed, number, setup);
        instruments.set_clock_errors(&clock_errors(&faults));
        Self {
            mechanism: Mechanism::new(unit.parameters, seed, number, setup),
            instruments,
            faults,
            changes,
            due: 0,
            defects: Defects::default(),
            feed: Feed::Supply(0.0),
            fails_until_ns: None,
            before_mm: f64::INFINITY,
            load: NeedleLoad::default(),
            axial_n: 0.0,
            fitted_excess_mm: None,
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
        if let Some((at_mm, dip_ns)) = self.defects.supply.fails_in_move {
            self.fail_in_move(at_mm, dip_ns, begin_ns);
        }
        let motion = self.mechanism.step(drive, STEP_S);
        self.instruments.look(&motion, begin_ns);
        self.instruments
            .feel(self.mechanism.nose_c(), begin_ns + STEP_NS);
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

    /// Faults of the link that hold now.
    pub(crate) fn link(&self) -> &LinkDefects {
        &self.defects.link
    }

    /// Faults of the chip that hold now.
    pub(crate) fn chip(&self) -> &ChipDefects {
        &self.defects.chip
    }

    /// What the instruments saw since they were last asked.
    pub(crate) fn take(&mut self) -> Vec<Observation> {
        self.instruments.take()
    }

    pub(crate) fn set_supply(&mut self, volts: f64) {
        self.feed = Feed::Supply(volts);
        self.supply();
    }

    /// Feeds the pen from its own cell, charged.
    pub(crate) fn set_charged_cell(&mut self) {
        self.feed = Feed::Cell;
        self.mechanism.set_charged_cell();
        self.supply();
    }

    pub(crate) fn set_shaft(&mut self, shaft: Shaft) {
        self.mechanism.set_shaft(shaft);
    }

    pub(crate) fn set_load(&mut self, load: NeedleLoad) {
        self.load = load;
        self.needle_load();
    }

    pub(crate) fn set_axial(&mut self, newton: f64) {
        self.axial_n = newton;
        self.axial();
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
        let most_v = match self.defects.supply.at_most_v {
            _ if self.fails_until_ns.is_some_and(|until| until > 0) => 0.0,
            most_v => most_v.unwrap_or(f64::INFINITY),
        };
        match self.feed {
            Feed::Supply(volts) => self.mechanism.set_supply(volts.min(most_v)),
            Feed::Cell => self.mechanism.limit_cell(most_v),
        }
    }

    fn cartridge(&mut self) {
        let fault_mm = self.defects.excess_mm;
        self.mechanism
            .set_cartridge(self.fitted_excess_mm.map(|it| it + fault_mm));
    }

    fn needle_load(&mut self) {
        let newton_per_mm = self.load.newton_per_mm * (1.0 - self.defects.missing);
        self.mechanism.set_load(NeedleLoad { newton_per_mm });
    }

    fn axial(&mut self) {
        let newton = self.axial_n * (1.0 - self.defects.instruments.force_lacking);
        self.mechanism.set_axial(newton);
        self.instruments
            .set_axial(newton, self.mechanism.nose_give_mm());
    }

    /// Takes the supply away once, when the carriage passes a place outward, and brings it back.
    fn fail_in_move(&mut self, at_mm: f64, dip_ns: u64, begin_ns: u64) {
        match self.fails_until_ns {
            None => {
                let now_mm = self.mechanism.top_mm();
                if self.before_mm <= at_mm && at_mm < now_mm {
                    self.fails_until_ns = Some(begin_ns + dip_ns);
                    self.supply();
                }
                self.before_mm = now_mm;
            }
            Some(until) if until > 0 && begin_ns >= until => {
                // Once is enough.
                self.fails_until_ns = Some(0);
                self.supply();
            }
            Some(_) => {}
        }
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
        self.apply_faults(now, struck_after);
    }

    /// Brings about a fault that no scenario names, from now on.
    pub(crate) fn inject(&mut self, fault: Fault) {
        let now = fault.from;
        // Those before it have struck; it has not.
        let struck_after = now.0.checked_sub(1).map(Nanoseconds);
        self.faults.push(fault);
        self.apply_faults(now, struck_after);
    }

    /// Takes a fault away again that was brought about on demand; those of the scenario, the
    /// first `n_standing`, stay.
    pub(crate) fn take_back(&mut self, kind: &FaultKind, n_standing: usize, now: Nanoseconds) {
        let mut index = 0;
        self.faults.retain(|fault| {
            index += 1;
            index <= n_standing || fault.kind != *kind
        });
        self.apply_faults(now, Some(now));
    }

    /// Lets everything feel the faults that hold now.
    fn apply_faults(&mut self, now: Nanoseconds, struck_after: Option<Nanoseconds>) {
        let mut defects = Defects::of(&self.faults, now, struck_after);
        // What is not yet left out is left out still.
        defects.instruments.gauge_gap += self.instruments.defects.gauge_gap;
        defects.instruments.gauge_loss += self.instruments.defects.gauge_loss;
        self.mechanism.set_defects(&defects.mechanism);
        self.instruments.defects = defects.instruments;
        if defects.supply.fails_in_move.is_none() {
            // A failure that its fault outlived ends with it.
            self.fails_until_ns = self.fails_until_ns.map(|_| 0);
        }
        self.defects = defects;
        self.supply();
        self.cartridge();
        self.needle_load();
        self.axial();
    }
}
