//! `penrig qualify`: a lot of pens from intake to report.

mod begin;
mod finish;
mod journal;
mod surroundings;
mod violating;

pub(crate) use violating::SHORT;

use crate::args::{Format, QualifyArgs};
use crate::clock::Stopwatch;
use crate::lot::{self, Intake};
use crate::operator::Announcement;
use crate::progress::Display;
use crate::signature::StationKey;
use crate::waveforms::{Recorded, Recorder};
use crate::{Failure, hardware, interrupt, operator, print_error, print_line, qualify_json};
use anyhow::anyhow;
use begin::Run;
use journal::{Before, UnitJournal};
use rig_bench::Bench;
use rig_bench_hardware::HardwareBench;
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{FlashPolicy, Progress, UnitJob, run_unit};
use rig_record::journal::{BenchRecord, RunEvent, UnitEvent};
use rig_record::{
    AbortCause, BenchIdentity, BenchKind, GoldenStatus, InstrumentRecord, Outcome, UnitRecord,
};
use rig_spec::{Plan, RowId, SpecSet};
use rig_stats::ExitCode;
use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use violating::Aside;

pub(crate) use finish::{Finished, not_meeting};
pub(crate) use surroundings::program_sha256;

pub(crate) fn run(args: &QualifyArgs) -> Result<u8, Failure> {
    let key = args.sign.as_deref().map(StationKey::read).transpose()?;
    if let Some(run) = &args.resume
        && let Some((spec, finished)) = finish::catch_up(&args.out, run)?
    {
        return tell(args, &spec, &finished, None);
    }
    let run = match &args.resume {
        None => begin::fresh(args)?,
        Some(run) => begin::resumed(args, run)?,
    };
    // Units end within the row they are at: the pen is parked first.
    interrupt::watch(operator::on_interrupt)?;
    let watch = Stopwatch::start();
    let lot = Lot {
        plan: find_plan(&run.spec, &run.begun.plan)?,
        run: &run,
        is_broken: AtomicBool::new(false),
    };
    let cut_short = lot.run(args.jobs.map_or_else(default_jobs, usize::from))?;
    let wall_s = watch.elapsed().as_secs_f64();
    let (spec, finished) = if cut_short.is_empty() {
        (run.spec.clone(), finish::finish(run, key.as_ref())?)
    } else {
        (run.spec.clone(), finish::leave(&run, cut_short)?)
    };
    tell(args, &spec, &finished, Some(wall_s))
}

/// Prints what came of a run, and where the report is.
fn tell(
    args: &QualifyArgs,
    spec: &SpecSet,
    finished: &Finished,
    wall_s: Option<f64>,
) -> Result<u8, Failure> {
    let record = &finished.record;
    let outcome = rig_report::outcome(spec, record).map_err(Failure::rig)?;
    let exit = if finished.is_cut_short {
        ExitCode::Interrupted
    } else {
        outcome.exit
    };
    match args.format {
        Format::Json => print_line(&qualify_json::document(
            spec, record, &outcome, finished, exit,
        )?),
        Format::Text => {
            let bench_s: f64 = record.units.iter().map(|it| it.bench_time.seconds()).sum();
            let summary = rig_report::summary(spec, record).map_err(Failure::rig)?;
            print_line(summary.trim_end());
            print_line(&format!("report       {}", finished.folder.display()));
            for line in violating::to_replay(finished) {
                print_line(&line);
            }
            if let Some(head) = &finished.ledger_head {
                print_line(&format!(
                    "keep         {head}, elsewhere: `penrig verify RUN --head` holds run and ledger to it"
                ));
            }
            if let Some(wall_s) = wall_s {
                print_line(&format!(
                    "speed        {bench_s:.0} bench-seconds in {wall_s:.1} s, {:.0} a second",
                    bench_s / wall_s
                ));
            }
            if finished.is_cut_short {
                print_line(&format!(
                    "resume       penrig qualify --resume {}",
                    finished.folder.display()
                ));
            }
        }
    }
    Display::run_ended(&operator::of_run(&outcome, exit, &record.header.lot));
    Ok(exit.number())
}

fn find_plan<'s>(spec: &'s SpecSet, name: &str) -> Result<&'s Plan, Failure> {
    spec.plan(name).ok_or_else(|| {
        let names: Vec<&str> = spec.plans.iter().map(|plan| plan.name.as_str()).collect();
        Failure::Input(anyhow!(
            "plans.csv has no plan `{name}`; it has {}",
            names.join(", ")
        ))
    })
}

fn choose_units(
    args: &QualifyArgs,
    spec: &SpecSet,
    scenario: &Scenario,
) -> Result<Vec<Intake>, Failure> {
    let intake = args.lot.as_deref();
    let intake = intake
        .map(|it| lot::read_intake(it, &spec.document))
        .transpose()?;
    lot::check_wanted(&args.serial, &spec.document, intake.as_ref())?;
    let at_most = args.units.map(usize::from);
    lot::choose(&scenario.serials(), intake.as_ref(), &args.serial, at_most)
}

pub(crate) fn default_jobs() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

struct Lot<'a> {
    run: &'a Run,
    plan: &'a Plan,
    /// Set once something could not be written: every bench stops.
    is_broken: AtomicBool,
}

/// What is kept of a unit that was dealt with, or cut short.
struct Ran {
    bench_error: Option<String>,
    cut_short: Option<UnitRecord>,
}

impl Ran {
    fn of(record: UnitRecord) -> Self {
        match &record.outcome {
            Outcome::BenchError { cause } => Self {
                bench_error: Some(cause.clone()),
                cut_short: None,
            },
            Outcome::Aborted(AbortCause::Interrupted) => Self {
                bench_error: None,
                cut_short: Some(record),
            },
            Outcome::Completed | Outcome::Aborted(AbortCause::DutUnfit) => Self {
                bench_error: None,
                cut_short: None,
            },
        }
    }
}

/// Where benches come from.
enum Source {
    /// One is made for each pen.
    Virtual { scenario: Box<Scenario>, seed: u64 },
    /// There is one, with one pen in it.
    Hardware {
        bench: Mutex<Option<Box<HardwareBench>>>,
        today: String,
        golden: GoldenStatus,
    },
}

impl Lot<'_> {
    /// Runs every unit, several benches at once; the record does not depend on how many. Gives the
    /// units that were cut short: the others stand in their chains, and a large lot is not held twice.
    fn run(&self, jobs: usize) -> Result<Vec<UnitRecord>, Failure> {
        let units = &self.run.units;
        let display = Display::new(units.len());
        let next = AtomicUsize::new(0);
        let results: Vec<Mutex<Option<Result<Ran, Failure>>>> =
            units.iter().map(|_| Mutex::new(None)).collect();
        thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, units.len()) {
                scope.spawn(|| {
                    loop {
                        let position = next.fetch_add(1, Ordering::Relaxed);
                        let Some(unit) = units.get(position) else {
                            return;
                        };
                        let result = self.run_one(position, unit, &display);
                        if result.is_err() {
                            self.is_broken.store(true, Ordering::Relaxed);
                        }
                        display.unit_ended(self.announced(&result).as_ref());
                        *results[position]
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner) = Some(result.map(Ran::of));
                    }
                });
            }
        });
        display.clear();
        let mut cut_short = Vec::new();
        for (result, unit) in results.into_iter().zip(units) {
            let result = result.into_inner().unwrap_or_else(PoisonError::into_inner);
            let ran = result.unwrap_or_else(|| {
                Err(Failure::Rig(anyhow!(
                    "the bench of unit {} ended without a record",
                    unit.serial
                )))
            })?;
            if let Some(cause) = ran.bench_error {
                print_error(&format!(
                    "penrig: unit {}: bench error: {cause}",
                    unit.serial
                ));
            }
            cut_short.extend(ran.cut_short);
        }
        Ok(cut_short)
    }

    /// What is shown of a unit that has ended.
    fn announced(&self, result: &Result<UnitRecord, Failure>) -> Option<Announcement> {
        let unit = result.as_ref().ok()?;
        operator::of_unit(&self.run.spec, self.plan, self.run.source.kind(), unit)
    }

    fn run_one(
        &self,
        position: usize,
        unit: &Intake,
        display: &Display,
    ) -> Result<UnitRecord, Failure> {
        let journal = match UnitJournal::open(self.run, position, &unit.serial)? {
            Before::ToRun(journal) => *journal,
            Before::Done { record, head } => {
                self.unit_ended(&unit.serial, head)?;
                return Ok(*record);
            }
        };
        let (record, head) = match &self.run.source {
            Source::Virtual { scenario, seed } => {
                let mut bench =
                    VirtualBench::new(scenario, unit.index, *seed).map_err(Failure::input)?;
                let today = &scenario.dates.today;
                let job = self.job(position, unit, FlashPolicy::Always, today)?;
                self.run_on(&mut bench, (&job, unit), journal, display)?
            }
            Source::Hardware { bench, today, .. } => {
                let bench = bench.lock().unwrap_or_else(PoisonError::into_inner).take();
                let mut bench =
                    bench.ok_or_else(|| Failure::Rig(anyhow!("the bench is in use")))?;
                let flash = hardware::flash_policy(&bench);
                let job = self.job(position, unit, flash, today)?;
                self.run_on(&mut *bench, (&job, unit), journal, display)?
            }
        };
        if let Some(head) = head {
            self.unit_ended(&unit.serial, head)?;
        }
        Ok(record)
    }

    fn job<'j>(
        &'j self,
        position: usize,
        unit: &'j Intake,
        flash: FlashPolicy,
        date: &'j str,
    ) -> Result<UnitJob<'j>, Failure> {
        let image = &self.run.image;
        Ok(UnitJob {
            spec: &self.run.spec,
            plan: self.plan,
            image: &image.image,
            build_id: image.build_id.as_deref(),
            serial: &unit.serial,
            index: u32::try_from(position).map_err(Failure::input)?,
            of: u32::try_from(self.run.units.len()).map_err(Failure::input)?,
            flash,
            date,
        })
    }

    /// Runs a unit and writes down what comes of it before it is shown; with its record, the last
    /// hash of its chain, unless it was cut short.
    fn run_on<B: Bench>(
        &self,
        bench: &mut B,
        (job, unit): (&UnitJob<'_>, &Intake),
        mut journal: UnitJournal,
        display: &Display,
    ) -> Result<(UnitRecord, Option<String>), Failure> {
        let mut line = display.unit(job.serial);
        let parts = identify(bench);
        journal.begin(BenchRecord {
            bench: parts.bench,
            instruments: parts.instruments,
        })?;
        let recorder = Recorder::new(bench);
        let aside = Aside::new(unit, display);
        let failure = RefCell::new(None);
        let mut record = run_unit(
            &mut Recorded::new(bench, &recorder),
            job,
            &mut |progress| {
                if failure.borrow().is_some() {
                    return;
                }
                let noted = self.note(&aside, &progress, &recorder, &mut journal);
                match noted {
                    Ok(()) => line.show(&progress),
                    Err(error) => {
                        self.is_broken.store(true, Ordering::Relaxed);
                        failure.replace(Some(error));
                    }
                }
            },
            &|| interrupt::is_set() || self.is_broken.load(Ordering::Relaxed),
        );
        record.intake.clone_from(&unit.listed);
        line.finish();
        if let Some(error) = failure.into_inner() {
            return Err(error);
        }
        let head = match record.outcome {
            Outcome::Aborted(AbortCause::Interrupted) => None,
            _ => Some(journal.end(&record)?),
        };
        Ok((record, head))
    }

    /// Writes down what is told of a unit.
    fn note(
        &self,
        aside: &Aside<'_>,
        progress: &Progress,
        recorder: &Recorder,
        journal: &mut UnitJournal,
    ) -> Result<(), Failure> {
        let serial = aside.serial();
        match progress {
            Progress::Row { .. } => recorder.begin(),
            Progress::Attempted { row, attempt } => journal.record(&UnitEvent::Attempted {
                row: row.clone(),
                attempt: attempt.clone(),
            })?,
            Progress::Judged { row, verdict } => {
                let of = (serial, row.as_str());
                if let Some(kept) = recorder.judged(self.run.waveforms, of, *verdict)? {
                    self.keep(journal, row, &kept.name, &kept.bytes, kept.notes)?;
                }
            }
            Progress::Violating { row, found } => {
                self.keep_violating(aside, row, found, journal)?
            }
            Progress::Covered { row, items } => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                for cells in [["group", "item", "times"].map(str::to_owned)]
                    .iter()
                    .chain(items)
                {
                    writer.write_record(cells).map_err(Failure::rig)?;
                }
                let bytes = writer
                    .into_inner()
                    .map_err(|error| Failure::Rig(anyhow!("{error}")))?;
                let name = format!("coverage/{serial}.csv");
                self.keep(journal, row, &name, &bytes, Vec::new())?;
            }
            Progress::Flashing | Progress::Passing { .. } | Progress::Part { .. } => {}
        }
        Ok(())
    }

    /// Keeps a file that belongs to a row.
    fn keep(
        &self,
        journal: &mut UnitJournal,
        row: &str,
        name: &str,
        bytes: &[u8],
        notes: Vec<String>,
    ) -> Result<(), Failure> {
        let file = self.run.bundle.write_file(name, bytes)?;
        let row = RowId::parse(row)
            .ok_or_else(|| Failure::Rig(anyhow!("`{row}` is no name of a row")))?;
        journal.record(&UnitEvent::Wrote { row, file, notes })
    }

    /// The run's chain learns that a unit's has ended, once.
    fn unit_ended(&self, serial: &str, head: String) -> Result<(), Failure> {
        let mut journal = self
            .run
            .journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.run.known_ends.contains(serial) {
            return Ok(());
        }
        journal.append(&RunEvent::UnitEnded {
            serial: serial.to_owned(),
            head,
        })
    }
}

/// Who a bench is, for the record.
#[derive(Clone)]
pub(crate) struct BenchParts {
    pub(crate) bench: BenchIdentity,
    pub(crate) instruments: Vec<InstrumentRecord>,
}

pub(crate) fn identify<B: Bench>(bench: &B) -> BenchParts {
    let identity = bench.identity();
    let instruments = bench
        .instruments()
        .iter()
        .map(|it| {
            (
                it.id.0,
                it.model.as_str(),
                it.serial.as_str(),
                &it.certificate,
            )
        })
        .chain([(
            "gauge block",
            "of the fixture",
            "",
            &bench.fixture().block_certificate,
        )])
        .map(|(name, model, serial, certificate)| InstrumentRecord {
            name: name.to_owned(),
            model: model.to_owned(),
            serial: serial.to_owned(),
            certificate: certificate.id.clone(),
            traceability: certificate.traceability.clone(),
            calibrated: certificate.calibrated.clone(),
            due: certificate.due.clone(),
        })
        .collect();
    BenchParts {
        bench: BenchIdentity {
            kind: match identity.kind {
                rig_bench::BenchKind::Hardware => BenchKind::Hardware,
                rig_bench::BenchKind::Virtual => BenchKind::Virtual,
            },
            name: identity.bench.clone(),
            probe: identity.probe.clone(),
            chip: identity.chip.clone(),
            description: identity.description.clone(),
        },
        instruments,
    }
}

fn scenario_name(args: &QualifyArgs) -> String {
    let path = args.scenario.as_deref();
    path.map_or_else(|| "reference".to_owned(), file_name)
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
