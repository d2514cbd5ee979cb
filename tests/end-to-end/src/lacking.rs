//! A bench that lacks a part of the virtual one's, as fixtures of steel do.

use crate::{RELEASED, image, plan, spec};
use anyhow::Result;
use rig_bench::{
    Actuation, Actuator, Bench, BenchError, BenchFault, Fixture, Identity, Instrument,
    InstrumentId, Millivolts, Nanoseconds, Observation,
};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{FlashPolicy, UnitJob, run_unit};
use rig_record::UnitRecord;
use rig_spec::SpecSet;

/// What a bench lacks.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// An instrument.
    Instrument(InstrumentId),
    /// An actuator.
    Actuator(Actuator),
    /// Every fault that the pen must contain, but these.
    ContainedBut(&'static [&'static str]),
}

struct LackingBench {
    bench: VirtualBench,
    instruments: Vec<Instrument>,
    actuators: Vec<Actuator>,
    faults: Vec<BenchFault>,
}

impl Bench for LackingBench {
    fn identity(&self) -> &Identity {
        self.bench.identity()
    }

    fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    fn fixture(&self) -> &Fixture {
        self.bench.fixture()
    }

    fn probe(&mut self) -> Result<probe_rs::probe::Probe, BenchError> {
        self.bench.probe()
    }

    fn now(&self) -> Nanoseconds {
        self.bench.now()
    }

    fn power_on(&mut self, supply: Millivolts) -> Result<(), BenchError> {
        self.bench.power_on(supply)
    }

    fn power_off(&mut self) -> Result<(), BenchError> {
        self.bench.power_off()
    }

    fn send(&mut self, bytes: &[u8]) -> Result<Nanoseconds, BenchError> {
        self.bench.send(bytes)
    }

    fn advance(&mut self, until: Nanoseconds) -> Result<Vec<Observation>, BenchError> {
        let mut observations = self.bench.advance(until)?;
        observations.retain(|it| match it {
            Observation::Samples { instrument, .. } => {
                self.instruments.iter().any(|it| it.id == *instrument)
            }
            Observation::Link { .. } => true,
        });
        Ok(observations)
    }

    fn actuate(&mut self, actuation: Actuation) -> Result<(), BenchError> {
        self.bench.actuate(actuation)
    }

    fn actuators(&self) -> &[Actuator] {
        &self.actuators
    }

    fn faults(&self) -> &[BenchFault] {
        &self.faults
    }
}

/// Runs rows on unit 0 of the reference lot, on a bench that lacks a part.
///
/// # Errors
/// An input that cannot be read.
pub fn run_lacking(part: Part, rows: &[&str]) -> Result<UnitRecord> {
    run_lacking_by(&spec()?, &Scenario::reference(), part, rows)
}

/// Runs rows of a spec on unit 0 of a lot, on a bench that lacks a part.
///
/// # Errors
/// An input that cannot be read.
pub fn run_lacking_by(
    spec: &SpecSet,
    lot: &Scenario,
    part: Part,
    rows: &[&str],
) -> Result<UnitRecord> {
    run_image(RELEASED, spec, lot, part, rows)
}

/// Runs rows on unit 0 of the reference lot with another image, on a bench that lacks a part.
///
/// # Errors
/// An input that cannot be read.
pub fn run_lacking_image(path: &str, part: Part, rows: &[&str]) -> Result<UnitRecord> {
    run_image(path, &spec()?, &Scenario::reference(), part, rows)
}

fn run_image(
    path: &str,
    spec: &SpecSet,
    lot: &Scenario,
    part: Part,
    rows: &[&str],
) -> Result<UnitRecord> {
    let bench = VirtualBench::new(lot, 0, lot.lot.seed)?;
    let mut bench = LackingBench {
        instruments: bench.instruments().to_vec(),
        actuators: bench.actuators().to_vec(),
        faults: bench.faults().to_vec(),
        bench,
    };
    match part {
        Part::Instrument(id) => bench.instruments.retain(|it| it.id != id),
        Part::Actuator(actuator) => bench.actuators.retain(|it| *it != actuator),
        Part::ContainedBut(names) => {
            for fault in &mut bench.faults {
                fault.contained &= names.contains(&fault.name.as_str());
            }
        }
    }
    let (plan, image) = (plan(rows)?, image(path)?);
    let job = UnitJob {
        spec,
        plan: &plan,
        image: &image,
        build_id: None,
        serial: &lot.lot.serial(0),
        index: 0,
        of: 1,
        flash: FlashPolicy::Always,
        date: &lot.dates.today,
    };
    Ok(run_unit(&mut bench, &job, &mut |_| {}, &|| false))
}
