//! One set-up of a study: a pen that was put into the fixture anew is flashed, zeroed and measured
//! several times, and the gauge block is looked at again.

use super::order::{ORDER, WHOLE_RUN};
use super::record::DATUM_ROW;
use super::{End, NOMINAL_SUPPLY, Progress, Unit, UnitJob};
use crate::chain::Chain;
use crate::flash::FlashPolicy;
use crate::image::Image;
use crate::pen::Pen;
use crate::session::Session;
use firmware_units::Nanoseconds;
use rig_bench::Bench;
use rig_record::{AbortCause, DatumLook, NotRun, Outcome, SetupRecord};
use rig_spec::{Plan, PlanEntry, Required, Row, SpecSet, UnitsWanted};

/// What is to be done in one set-up.
#[derive(Clone, Copy, Debug)]
pub struct StudyJob<'a> {
    /// The spec.
    pub spec: &'a SpecSet,
    /// The row whose measurand is measured.
    pub row: &'a Row,
    /// How often.
    pub n_repeats: u32,
    /// The image to flash.
    pub image: &'a Image,
    /// Build id that the image's provenance states, hexadecimal.
    pub build_id: Option<&'a str>,
    /// Serial number that the pen must have.
    pub serial: &'a str,
    /// Place in the order of runs, from 1; cartridges get their ids from it.
    pub run: u32,
    /// Which of the pen's set-ups, from 1.
    pub setup: u32,
    /// When the pen is flashed.
    pub flash: FlashPolicy,
    /// Date of the run, ISO 8601: instruments must be within calibration on it.
    pub date: &'a str,
}

/// Runs one set-up. Whatever happens, there is a record of it.
///
/// Zero is taken on the gauge block once, cartridge and set-up stay, and each repeat runs the row
/// anew: settings, start, window, stop. Nothing is measured a second time for being inconclusive.
/// What was measured is in doubt unless the gauge block stands afterwards where it stood before
/// (row MSR-03).
pub fn run_setup<B: Bench>(
    bench: &mut B,
    job: &StudyJob<'_>,
    progress: &mut dyn FnMut(Progress),
    interrupted: &dyn Fn() -> bool,
) -> SetupRecord {
    let plan = plan(job);
    let unit_job = UnitJob {
        spec: job.spec,
        plan: &plan,
        image: job.image,
        build_id: job.build_id,
        serial: job.serial,
        index: job.run,
        of: 1,
        flash: job.flash,
        date: job.date,
    };
    let mut unit = Unit::new(&unit_job);
    let end = unit.measure_repeats(bench, job, progress, interrupted);
    let bench_time = bench.now();
    let power_off = bench.power_off();
    let end = end.and(power_off.map_err(|error| End::Bench(error.to_string())));
    unit.setup_record(job, bench_time, end)
}

/// The row, and the one that looks at the gauge block afterwards.
fn plan(job: &StudyJob<'_>) -> Plan {
    let rows = [Some(job.row), job.spec.row(DATUM_ROW)];
    let entries = rows.into_iter().flatten().map(|row| PlanEntry {
        row: row.id.clone(),
        required: Required::Yes,
        n_units: UnitsWanted::All,
        max_remeasure: 0,
        note: String::new(),
    });
    Plan {
        name: "study".to_owned(),
        entries: entries.collect(),
    }
}

impl Unit<'_> {
    fn measure_repeats<B: Bench>(
        &mut self,
        bench: &mut B,
        job: &StudyJob<'_>,
        progress: &mut dyn FnMut(Progress),
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), End> {
        let datum = self.row(DATUM_ROW)?;
        self.check_calibration(bench)?;
        let chain = Chain::new(bench.instruments(), bench.fixture())
            .map_err(|missing| End::Bench(format!("the bench has no {missing}")))?;
        progress(Progress::Flashing);
        self.flash(bench)?;
        bench
            .power_on(NOMINAL_SUPPLY)
            .map_err(|error| End::Bench(error.to_string()))?;
        let cartridges = u64::from(job.run) << 32;
        let limits = self.limits()?;
        let mut pen = Pen::new(Session::new(bench, chain), cartridges, limits);
        self.admit(&mut pen)?;
        let of = job.n_repeats as usize + 1;
        for done in 0..of {
            if interrupted() {
                // However that goes, power-off follows, and the run was interrupted.
                let _ = pen.recover();
                return Err(End::Interrupted);
            }
            let row = if done + 1 < of { job.row } else { datum };
            progress(Progress::Row {
                row: row.id.to_string(),
                done,
                of,
            });
            // What the last repeat saw is no part of this one.
            self.windows.clear();
            self.attempt(&mut pen, row)?;
        }
        self.note_link(&pen);
        Ok(())
    }

    fn setup_record(
        mut self,
        job: &StudyJob<'_>,
        bench_time: Nanoseconds,
        end: Result<(), End>,
    ) -> SetupRecord {
        let outcome = match end {
            Ok(()) => Outcome::Completed,
            Err(End::Bench(cause)) => Outcome::BenchError { cause },
            Err(End::Interrupted) => Outcome::Aborted(AbortCause::Interrupted),
            Err(End::Unfit(cause)) => {
                self.not_measured(job.row, bench_time, NotRun::Precondition { cause });
                Outcome::Aborted(AbortCause::DutUnfit)
            }
        };
        if let Some(doubt) = self.doubt_of_datum() {
            self.doubt_what_rests_on_datum(doubt);
        }
        let repeats = self.attempts.remove(job.row.id.as_str());
        let datum = self.attempts.remove(DATUM_ROW).and_then(|mut it| it.pop());
        let datum_row = job.spec.row(DATUM_ROW).map(|it| it.id.clone());
        SetupRecord {
            run: job.run,
            pen: job.serial.to_owned(),
            setup: job.setup,
            identity: self.identity,
            outcome,
            bench_time,
            repeats: repeats.unwrap_or_default(),
            datum: datum_row
                .zip(datum)
                .map(|(row, attempt)| DatumLook { row, attempt }),
            anomalies: self.anomalies,
        }
    }
}

/// Whether a row can be studied: the rig runs it, it is measured in a window of its own, and there
/// are numeric limits to hold the rig's spread against.
#[must_use]
pub fn can_be_studied(row: &Row) -> bool {
    let id = row.id.as_str();
    ORDER.contains(&id) && !WHOLE_RUN.contains(&id) && row.tolerance.is_some()
}
