//! `penrig qualify`: a lot of pens from intake to report.

use crate::args::{Format, QualifyArgs, Waveforms};
use crate::bundle::Bundle;
use crate::clock::{self, Stopwatch};
use crate::input::{self, ImageFile};
use crate::lot::{self, Intake};
use crate::operator::Announcement;
use crate::progress::Display;
use crate::waveforms::{self, Recorded, Recorder, WrittenWaveform};
use crate::{
    Failure, bench, explore, hardware, interrupt, operator, print_error, print_line, qualify_json,
};
use anyhow::anyhow;
use rig_bench::Bench;
use rig_bench_hardware::HardwareBench;
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{FlashPolicy, Progress, UnitJob, Violating, run_unit, sequence_seed};
use rig_record::{
    BenchIdentity, BenchKind, GoldenStatus, ImageIdentity, InstrumentRecord, LotRecord, RunHeader,
    SpecIdentity, UnitRecord,
};
use rig_report::{Attachment, ManifestEntry};
use rig_sequence::{Origin, Profile};
use rig_spec::{Plan, SpecSet};
use rig_stats::ExitCode;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

pub(crate) fn run(args: &QualifyArgs) -> Result<u8, Failure> {
    let spec = input::spec(&args.spec)?;
    let plan = find_plan(&spec, &args.plan)?;
    let file = bench::hardware_file(&args.bench)?;
    let image = input::image(&args.image)?;
    let (source, units, started) = match file {
        None => {
            let scenario = bench::read_scenario(args.scenario.as_deref())?;
            let units = choose_units(args, &spec, &scenario)?;
            let seed = args.seed.unwrap_or(scenario.lot.seed);
            let scenario = Box::new(scenario);
            let source = Source::Virtual { scenario, seed };
            (source, units, clock::now()?)
        }
        Some(file) => {
            let started = clock::wall()?;
            let (bench, unit, golden) = hardware::open(args, &spec, file)?;
            let today = clock::today(started);
            let bench = Mutex::new(Some(Box::new(bench)));
            let source = Source::Hardware {
                bench,
                today,
                golden,
            };
            (source, vec![unit], started)
        }
    };
    let bundle = Bundle::create(
        &args.out,
        &format!("{}-{}", clock::compact(started), plan.name),
    )?;
    // Units end within the row they are at: the pen is parked first.
    interrupt::watch(operator::on_interrupt)?;

    let watch = Stopwatch::start();
    let lot = Lot {
        of: units.len(),
        spec: &spec,
        plan,
        image: &image,
        source: &source,
        scenario: scenario_name(args),
        bundle: &bundle,
        waveforms: args.waveforms,
    };
    let ran = lot.run(&units, args.jobs.map_or_else(default_jobs, usize::from))?;
    let wall_s = watch.elapsed().as_secs_f64();

    let record = LotRecord {
        header: header(
            args,
            &lot,
            bundle.run_id(),
            ran.bench,
            ran.instruments,
            started,
        )?,
        units: ran.units,
    };
    let bench_s: f64 = record
        .units
        .iter()
        .map(|unit| unit.bench_time.seconds())
        .sum();
    let attachments = write(&bundle, &spec, &record, &ran.waveforms, ran.counterexamples)?;
    let folder = bundle.finish()?;
    let outcome = rig_report::outcome(&spec, &record).map_err(Failure::rig)?;
    let exit = if interrupt::is_set() {
        ExitCode::Interrupted
    } else {
        outcome.exit
    };
    match args.format {
        Format::Json => print_line(&qualify_json::document(
            &spec,
            &record,
            &outcome,
            &attachments,
            &folder,
            exit,
        )?),
        Format::Text => {
            print_line(
                rig_report::summary(&spec, &record)
                    .map_err(Failure::rig)?
                    .trim_end(),
            );
            print_line(&format!("report       {}", folder.display()));
            print_line(&format!(
                "speed        {bench_s:.0} bench-seconds in {wall_s:.1} s, {:.0} a second",
                bench_s / wall_s
            ));
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
    /// How many units there are.
    of: usize,
    spec: &'a SpecSet,
    plan: &'a Plan,
    image: &'a ImageFile,
    source: &'a Source,
    /// Name of the scenario of a virtual bench.
    scenario: String,
    bundle: &'a Bundle,
    waveforms: Waveforms,
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

/// What the benches gave.
struct Ran {
    units: Vec<UnitRecord>,
    waveforms: Vec<WrittenWaveform>,
    counterexamples: Vec<(ManifestEntry, Attachment)>,
    bench: BenchIdentity,
    instruments: Vec<InstrumentRecord>,
}

impl Lot<'_> {
    /// Runs every unit, several benches at once; the record does not depend on how many.
    fn run(&self, units: &[Intake], jobs: usize) -> Result<Ran, Failure> {
        let display = Display::new(units.len());
        let next = AtomicUsize::new(0);
        let results: Vec<Mutex<Option<UnitResult>>> =
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
                        display.unit_ended(self.announced(&result).as_ref());
                        *results[position]
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner) = Some(result);
                    }
                });
            }
        });
        display.clear();
        let mut ran = Vec::with_capacity(units.len());
        let mut waveforms = Vec::new();
        let mut counterexamples = Vec::new();
        let mut identity = None;
        for (result, unit) in results.into_iter().zip(units) {
            let result = result.into_inner().unwrap_or_else(PoisonError::into_inner);
            let (record, written, bench) = result.unwrap_or_else(|| {
                Err(Failure::Rig(anyhow!(
                    "the bench of unit {} ended without a record",
                    unit.serial
                )))
            })?;
            if let rig_record::Outcome::BenchError { cause } = &record.outcome {
                print_error(&format!(
                    "penrig: unit {}: bench error: {cause}",
                    record.serial
                ));
            }
            identity.get_or_insert(bench);
            ran.push(record);
            waveforms.extend(written.0);
            counterexamples.extend(written.1);
        }
        let BenchParts { bench, instruments } =
            identity.ok_or_else(|| Failure::Rig(anyhow!("no unit was run")))?;
        Ok(Ran {
            units: ran,
            waveforms,
            counterexamples,
            bench,
            instruments,
        })
    }

    /// What is shown of a unit that has ended.
    fn announced(&self, result: &UnitResult) -> Option<Announcement> {
        let (unit, _, bench) = result.as_ref().ok()?;
        operator::of_unit(self.spec, self.plan, bench.bench.kind, unit)
    }

    fn run_one(&self, position: usize, unit: &Intake, display: &Display) -> UnitResult {
        match self.source {
            Source::Virtual { scenario, seed } => {
                let mut bench =
                    VirtualBench::new(scenario, unit.index, *seed).map_err(Failure::input)?;
                let today = &scenario.dates.today;
                self.run_on(
                    &mut bench,
                    FlashPolicy::Always,
                    today,
                    position,
                    unit,
                    display,
                )
            }
            Source::Hardware { bench, today, .. } => {
                let bench = bench.lock().unwrap_or_else(PoisonError::into_inner).take();
                let mut bench =
                    bench.ok_or_else(|| Failure::Rig(anyhow!("the bench is in use")))?;
                let flash = hardware::flash_policy(&bench);
                self.run_on(&mut *bench, flash, today, position, unit, display)
            }
        }
    }

    fn run_on<B: Bench>(
        &self,
        bench: &mut B,
        flash: FlashPolicy,
        date: &str,
        position: usize,
        unit: &Intake,
        display: &Display,
    ) -> UnitResult {
        let mut line = display.unit(&unit.serial);
        let identity = identify(bench);
        let job = UnitJob {
            spec: self.spec,
            plan: self.plan,
            image: &self.image.image,
            build_id: self.image.build_id.as_deref(),
            serial: &unit.serial,
            index: u32::try_from(position).map_err(Failure::input)?,
            of: u32::try_from(self.of).map_err(Failure::input)?,
            flash,
            date,
        };
        let recorder = Recorder::new(bench);
        let mut written = Vec::new();
        let mut counterexamples = Vec::new();
        let mut failure = None;
        let mut record = run_unit(
            &mut Recorded::new(bench, &recorder),
            &job,
            &mut |progress| {
                line.show(&progress);
                match &progress {
                    Progress::Row { .. } => recorder.begin(),
                    Progress::Judged { row, verdict } => {
                        let of = (unit.serial.as_str(), row.as_str());
                        match recorder.judged(self.bundle, self.waveforms, of, *verdict) {
                            Ok(waveform) => written.extend(waveform),
                            Err(error) => failure = Some(error),
                        }
                    }
                    Progress::Violating { row, found } => {
                        match self.keep_violating(&unit.serial, row, found) {
                            Ok(entry) => counterexamples.extend(entry),
                            Err(error) => failure = Some(error),
                        }
                    }
                    Progress::Flashing | Progress::Passing { .. } | Progress::Part { .. } => {}
                }
            },
            &interrupt::is_set,
        );
        record.intake.clone_from(&unit.listed);
        line.finish();
        match failure {
            Some(error) => Err(error),
            None => Ok((record, (written, counterexamples), identity)),
        }
    }
}

impl Lot<'_> {
    /// Keeps a sequence that the pen failed, for `penrig replay`.
    fn keep_violating(
        &self,
        serial: &str,
        row: &str,
        found: &Violating,
    ) -> Result<Option<(ManifestEntry, Attachment)>, Failure> {
        let seed = sequence_seed(&self.image.image, self.spec, &self.plan.name);
        let (Some(first), Some(seed)) = (found.violations.first(), seed) else {
            return Ok(None);
        };
        let of_virtual = match self.source {
            Source::Virtual { seed, .. } => Some((self.scenario.clone(), *seed)),
            Source::Hardware { .. } => None,
        };
        let counterexample = explore::failed(
            first.property,
            (&found.sequence, &found.trace, &found.violations),
            None,
            Origin::new(Profile::Usage, seed, u64::from(found.number)),
            explore::conditions_of(self.spec, self.image, of_virtual),
        );
        let text = counterexample.to_string();
        let stem = format!("{serial}-sequence-{}", found.number);
        let name = self
            .bundle
            .write_new("counterexamples", &stem, "toml", text.as_bytes())?;
        let entry = ManifestEntry::of(&name, text.as_bytes());
        let attachment = Attachment {
            unit: serial.to_owned(),
            row: row.to_owned(),
            path: name,
        };
        Ok(Some((entry, attachment)))
    }
}

/// A unit's record, the waveforms and counterexamples that were written of it, and who its bench was.
type UnitResult = Result<
    (
        UnitRecord,
        (Vec<WrittenWaveform>, Vec<(ManifestEntry, Attachment)>),
        BenchParts,
    ),
    Failure,
>;

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

fn header(
    args: &QualifyArgs,
    lot: &Lot<'_>,
    run_id: &str,
    bench: BenchIdentity,
    instruments: Vec<InstrumentRecord>,
    started: jiff::Timestamp,
) -> Result<RunHeader, Failure> {
    let golden = match lot.source {
        Source::Virtual { .. } => GoldenStatus::NotAsked,
        Source::Hardware { golden, .. } => golden.clone(),
    };
    let (seed, scenario, lot_name, ended) = match lot.source {
        Source::Virtual { scenario, seed } => {
            let name = scenario_name(args);
            let lot_name = scenario.lot.name.clone();
            (Some(*seed), Some(name), lot_name, clock::now()?)
        }
        Source::Hardware { .. } => {
            let lot_name = args
                .lot
                .as_deref()
                .map_or_else(|| "unlisted".to_owned(), file_name);
            (None, None, lot_name, clock::wall()?)
        }
    };
    Ok(RunHeader {
        run_id: run_id.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        bench,
        seed,
        scenario,
        lot: lot_name,
        plan: lot.plan.name.clone(),
        spec: SpecIdentity::from(lot.spec),
        image: ImageIdentity {
            file: lot.image.name.clone(),
            sha256: lot.image.image.file_sha256.clone(),
            firmware_version: lot.image.version.clone(),
            build_id: lot.image.build_id.clone().unwrap_or_default(),
        },
        operator: args.operator.clone(),
        station: args.station.clone(),
        reason: args.reason.clone(),
        started: clock::iso(started),
        ended: Some(clock::iso(ended)),
        instruments,
        golden,
    })
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

/// Writes every table, the JUnit file and, last, the manifest; gives the files of rows.
fn write(
    bundle: &Bundle,
    spec: &SpecSet,
    record: &LotRecord,
    waveforms: &[WrittenWaveform],
    counterexamples: Vec<(ManifestEntry, Attachment)>,
) -> Result<Vec<Attachment>, Failure> {
    let mut entries = Vec::new();
    for file in rig_report::tables(spec, record).map_err(Failure::rig)? {
        bundle.write(file.name, &file.text)?;
        entries.push(ManifestEntry::of(file.name, file.text.as_bytes()));
    }
    if !waveforms.is_empty() {
        let index = waveforms::index(&record.header, waveforms);
        bundle.write("waveforms.csv", &index)?;
        entries.push(ManifestEntry::of("waveforms.csv", index.as_bytes()));
        entries.extend(waveforms.iter().map(|it| it.entry.clone()));
    }
    // What a person can read comes before what is not: some readers show the first alone.
    let attachments = counterexamples.iter().map(|(_, it)| it.clone());
    let attachments: Vec<Attachment> = attachments
        .chain(waveforms.iter().map(WrittenWaveform::attachment))
        .collect();
    let junit = rig_report::junit(spec, record, &attachments).map_err(Failure::rig)?;
    bundle.write("junit.xml", &junit)?;
    entries.push(ManifestEntry::of("junit.xml", junit.as_bytes()));
    entries.extend(counterexamples.into_iter().map(|(entry, _)| entry));
    bundle.write("manifest.json", &rig_report::manifest(&entries))?;
    Ok(attachments)
}
