//! What a run works with, whether it is begun now or taken up again.

use super::surroundings::{last_of_lot, program_sha256, same_list, same_program, surroundings};
use super::{Source, find_plan, scenario_name};
use crate::args::{QualifyArgs, Waveforms};
use crate::bundle::{self, Bundle, JournalFile, Ledger, RUN_JOURNAL, SPEC_INPUTS};
use crate::input::{self, ImageFile};
use crate::lot::Intake;
use crate::{Failure, bench, clock, hardware, print_error};
use anyhow::{Context as _, anyhow};
use clap::ValueEnum as _;
use rig_bench_virtual::Scenario;
use rig_record::journal::{
    Begun, JOURNAL_VERSION, LedgerEvent, LedgerRun, RunEvent, UnitHistory, UnitOrder, origin_of,
    unit_histories,
};
use rig_record::{BenchKind, GoldenStatus, ImageIdentity, SpecIdentity};
use rig_spec::SpecSet;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

/// Where the scenario of a virtual bench stands in a run's folder.
const SCENARIO_INPUT: &str = "inputs/scenario.toml";

/// Where the intake list stands there, if there was one.
const INTAKE_INPUT: &str = "inputs/lot.csv";

/// A run that is under way.
pub(super) struct Run {
    pub(super) begun: Begun,
    pub(super) spec: SpecSet,
    pub(super) image: ImageFile,
    pub(super) source: Source,
    pub(super) waveforms: Waveforms,
    pub(super) bundle: Bundle,
    pub(super) journal: Mutex<JournalFile>,
    /// What the chains of its units hang on.
    pub(super) origin: String,
    /// Units of which its chain knows the end.
    pub(super) known_ends: BTreeSet<String>,
    /// Whether every unit was dealt with before it was taken up again.
    pub(super) is_ended: bool,
    /// The units, with what a bench needs to know of each.
    pub(super) units: Vec<Intake>,
}

/// Begins a run.
pub(super) fn fresh(args: &QualifyArgs) -> Result<Run, Failure> {
    let tables = input::spec_files(&args.spec)?;
    let spec = input::spec_of(&args.spec, &tables)?;
    let plan = find_plan(&spec, &args.plan)?.name.clone();
    let file = bench::hardware_file(&args.bench)?;
    let image = input::image(&args.image)?;
    let mut inputs: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, text) in tables {
        inputs.push((format!("{SPEC_INPUTS}/{name}"), text.into_bytes()));
    }
    for (name, bytes) in &image.files {
        inputs.push((format!("inputs/{name}"), bytes.clone()));
    }
    let (source, units, started) = match file {
        None => {
            let (scenario, text) = bench::read_scenario_text(args.scenario.as_deref())?;
            let units = super::choose_units(args, &spec, &scenario)?;
            let seed = args.seed.unwrap_or(scenario.lot.seed);
            let scenario = Box::new(scenario);
            inputs.push((SCENARIO_INPUT.to_owned(), text.into_bytes()));
            let source = Source::Virtual { scenario, seed };
            (source, units, clock::now()?)
        }
        Some(file) => {
            let started = clock::wall()?;
            let (bench, unit, golden) = hardware::open(args, &spec, file)?;
            let source = Source::hardware(bench, clock::today(started), golden);
            (source, vec![unit], started)
        }
    };
    let mut noted = surroundings();
    if let Some(path) = &args.lot {
        let bytes = same_list(path, &spec, &units)?;
        noted.insert("intake list".to_owned(), super::file_name(path));
        let sha256 = rig_spec::sha256(&bytes);
        noted.insert("intake list sha256".to_owned(), sha256);
        inputs.push((INTAKE_INPUT.to_owned(), bytes));
    }
    let ledger = Ledger::of(&args.out);
    let kind = source.kind();
    let lines = ledger.read()?.lines;
    let lot = source.lot_name(args);
    if let Some(before) = last_of_lot(&lines, kind, &lot) {
        noted.insert("previous run of the lot".to_owned(), before);
    }
    let histories = unit_histories(&lines, kind);
    if kind == BenchKind::Hardware {
        refuse_held(&histories, &units)?;
        refuse_to_test_away(&args.out, &histories, &units)?;
    }
    let bundle = Bundle::create(&args.out, &format!("{}-{plan}", clock::compact(started)))?;
    let mut records = Vec::with_capacity(inputs.len());
    for (name, bytes) in &inputs {
        records.push(bundle.write_file(name, bytes)?);
    }
    let orders = units.iter().map(|it| UnitOrder {
        index: it.index as u64,
        serial: it.serial.clone(),
        intake: it.listed.clone(),
    });
    let mut begun = Begun {
        journal: JOURNAL_VERSION,
        run_id: bundle.run_id().to_owned(),
        ledger_number: 0,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        program_sha256: program_sha256(),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        bench_file: file.map(|it| it.display().to_string()),
        seed: source.seed(),
        scenario: (kind == BenchKind::Virtual).then(|| scenario_name(args)),
        lot,
        plan,
        spec: SpecIdentity::from(&spec),
        image: ImageIdentity {
            file: image.name.clone(),
            sha256: image.image.file_sha256.clone(),
            firmware_version: image.version.clone(),
            build_id: image.build_id.clone().unwrap_or_default(),
        },
        operator: args.operator.clone(),
        station: args.station.clone(),
        reason: args.reason.clone(),
        golden: source.golden(),
        tested_before: units
            .iter()
            .filter_map(|it| histories.get(&it.serial)?.before(&it.serial))
            .collect(),
        noted,
        waveforms: word_of(args.waveforms),
        units: orders.collect(),
        inputs: records,
    };
    let in_ledger = ledger.append(|lines| {
        let number = bundle::next_run(lines);
        let run = LedgerRun {
            number,
            run_id: begun.run_id.clone(),
            kind,
            lot: begun.lot.clone(),
            plan: begun.plan.clone(),
            image_sha256: begun.image.sha256.clone(),
            spec: format!("{} {}", begun.spec.document, begun.spec.revision),
            operator: begun.operator.clone(),
            station: begun.station.clone(),
            reason: begun.reason.clone(),
            units: begun.units.iter().map(|it| it.serial.clone()).collect(),
        };
        Ok((LedgerEvent::RunBegun(Box::new(run)), number))
    });
    if in_ledger.is_err() {
        // Nothing was begun, so nothing is left that looks like it.
        bundle.give_up();
    }
    let (head, number) = in_ledger?;
    begun.ledger_number = number;
    let path = bundle.folder().join(RUN_JOURNAL);
    make_folder_of(&path)?;
    let mut journal = JournalFile::create(&path, &head)?;
    journal.append(&RunEvent::Begun(Box::new(begun.clone())))?;
    Ok(Run {
        origin: journal.head().to_owned(),
        begun,
        spec,
        image,
        source,
        waveforms: args.waveforms,
        bundle,
        journal: Mutex::new(journal),
        known_ends: BTreeSet::new(),
        is_ended: false,
        units,
    })
}

/// Takes up a run that was stopped, with what it was begun with and nothing else.
pub(super) fn resumed(args: &QualifyArgs, run: &Path) -> Result<Run, Failure> {
    let bundle = Bundle::reopen(&args.out, run)?;
    let folder = bundle.folder().to_owned();
    let loaded = bundle::load_to_go_on(&folder)?;
    let begun = loaded.begun;
    let version = env!("CARGO_PKG_VERSION");
    same_program(&begun, &program_sha256())?;
    let image = input::image(&folder.join("inputs").join(&begun.image.file))?;
    let waveforms = Waveforms::from_str(&begun.waveforms, false).map_err(|_| {
        Failure::Input(anyhow!(
            "run {} keeps waveforms `{}`, which this program does not know",
            begun.run_id,
            begun.waveforms
        ))
    })?;
    let units = begun.units.iter().map(|it| -> Result<Intake, Failure> {
        Ok(Intake {
            index: usize::try_from(it.index).map_err(Failure::input)?,
            serial: it.serial.clone(),
            listed: it.intake.clone(),
        })
    });
    let units: Vec<Intake> = units.collect::<Result<_, _>>()?;
    let source = match (&begun.bench_file, begun.seed) {
        (None, Some(seed)) => {
            let path = folder.join(SCENARIO_INPUT);
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read the scenario `{}`", path.display()))
                .map_err(Failure::Input)?;
            let scenario =
                Scenario::parse(&path.display().to_string(), &text).map_err(Failure::input)?;
            Source::Virtual {
                scenario: Box::new(scenario),
                seed,
            }
        }
        (Some(file), _) => {
            // It may have been held since the run was begun.
            let lines = Ledger::of(bundle.out()).read()?.lines;
            refuse_held(&unit_histories(&lines, BenchKind::Hardware), &units)?;
            let wanted = QualifyArgs {
                bench: file.clone(),
                serial: units.iter().map(|it| it.serial.clone()).collect(),
                operator: begun.operator.clone(),
                ..args.clone()
            };
            let today = clock::today(clock::wall()?);
            let (bench, _, golden) = hardware::open(&wanted, &loaded.spec, Path::new(file))?;
            Source::hardware(bench, today, golden)
        }
        (None, None) => {
            return Err(Failure::Input(anyhow!(
                "run {} names neither a bench file nor a seed",
                begun.run_id
            )));
        }
    };
    let path = folder.join(RUN_JOURNAL);
    let bytes = fs::read(&path)
        .with_context(|| format!("cannot read the journal `{}`", path.display()))
        .map_err(Failure::Input)?;
    let origin = origin_of(&bytes).unwrap_or_default();
    let (mut journal, read) = JournalFile::open::<RunEvent>(&path, &origin)?;
    let torn = match read.torn {
        0 => Vec::new(),
        torn => vec![(RUN_JOURNAL.to_owned(), torn as u64)],
    };
    for (name, seq) in &loaded.backwards {
        print_error(&format!(
            "penrig: the wall clock was set back between lines {seq} and {} of {name}; \
             the order of the lines holds, their times do not",
            seq + 1
        ));
    }
    let now = clock::iso(clock::now()?);
    if let Some(last) = read.lines.last().filter(|it| now < it.at) {
        print_error(&format!(
            "penrig: the wall clock says {now}, and the run was last written to at {}: the clock was set back; \
             the order of the lines holds, their times do not",
            last.at
        ));
    }
    journal.append(&RunEvent::Resumed {
        tool_version: version.to_owned(),
        torn,
    })?;
    let origin = bundle::origin_of_units(&folder, &origin)?;
    Ok(Run {
        begun,
        spec: loaded.spec,
        image,
        source,
        waveforms,
        bundle,
        journal: Mutex::new(journal),
        origin,
        known_ends: read
            .lines
            .iter()
            .filter_map(|it| match &it.event {
                RunEvent::UnitEnded { serial, .. } => Some(serial.clone()),
                _ => None,
            })
            .collect(),
        is_ended: loaded.ended.is_some(),
        units,
    })
}

/// A unit that is held is not tested.
fn refuse_held(histories: &BTreeMap<String, UnitHistory>, units: &[Intake]) -> Result<(), Failure> {
    let is_held = |it: &&Intake| histories.get(&it.serial).is_some_and(|it| it.is_held);
    match units.iter().find(is_held) {
        Some(unit) => Err(Failure::Input(anyhow!(
            "{} is held (see ledger.jsonl); nothing here releases it",
            unit.serial
        ))),
        None => Ok(()),
    }
}

/// A unit that failed on a bench of steel is tested again under a recorded deviation alone.
fn refuse_to_test_away(
    out: &Path,
    histories: &BTreeMap<String, UnitHistory>,
    units: &[Intake],
) -> Result<(), Failure> {
    for unit in units {
        let Some(history) = histories.get(&unit.serial) else {
            continue;
        };
        if history.leave > 0 {
            continue;
        }
        let failed = history.failed.as_ref().map(|(run, rows)| {
            let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
            format!("failed {} in run {run}", rows.join(" "))
        });
        let cut_short = || {
            let runs = history.without_end.iter();
            runs.filter_map(|(run, name)| shown_before_the_end(out, *run, name, &unit.serial))
                .next()
        };
        if let Some(why) = failed.or_else(cut_short) {
            return Err(Failure::Input(anyhow!(
                "{} {why} of the ledger; a failed unit is tested again under a recorded deviation alone: \
                 `penrig deviation add --serial {} --by NAME --reason TEXT --out {}`",
                unit.serial,
                unit.serial,
                out.display()
            )));
        }
    }
    Ok(())
}

/// What a run that never came to its end had shown of a unit, if that was a failure or cannot be
/// known any more.
fn shown_before_the_end(out: &Path, run: u64, name: &str, serial: &str) -> Option<String> {
    let loaded = bundle::find(out, Path::new(name)).and_then(|folder| bundle::load(&folder));
    let Ok(loaded) = loaded else {
        return Some(format!(
            "was tested in a run that never came to its end and whose record cannot be read, run {run}"
        ));
    };
    let unit = loaded.units.iter().find(|it| it.serial == serial)?;
    let acknowledged = unit.events.iter().find_map(super::journal::failed_row);
    let row = acknowledged.or_else(|| super::journal::failed_in(unit.record.as_ref()?))?;
    Some(format!(
        "failed {row} before run {run} was cut short, run {run}"
    ))
}

fn word_of(waveforms: Waveforms) -> String {
    let value = waveforms.to_possible_value();
    value.map_or_else(String::new, |it| it.get_name().to_owned())
}

fn make_folder_of(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))
        .map_err(Failure::Rig)
}

impl Source {
    fn hardware(
        bench: rig_bench_hardware::HardwareBench,
        today: String,
        golden: GoldenStatus,
    ) -> Self {
        Self::Hardware {
            bench: Mutex::new(Some(Box::new(bench))),
            today,
            golden,
        }
    }

    pub(super) fn kind(&self) -> BenchKind {
        match self {
            Self::Virtual { .. } => BenchKind::Virtual,
            Self::Hardware { .. } => BenchKind::Hardware,
        }
    }

    fn seed(&self) -> Option<u64> {
        match self {
            Self::Virtual { seed, .. } => Some(*seed),
            Self::Hardware { .. } => None,
        }
    }

    fn golden(&self) -> GoldenStatus {
        match self {
            Self::Virtual { .. } => GoldenStatus::NotAsked,
            Self::Hardware { golden, .. } => golden.clone(),
        }
    }

    fn lot_name(&self, args: &QualifyArgs) -> String {
        match self {
            Self::Virtual { scenario, .. } => scenario.lot.name.clone(),
            Self::Hardware { .. } => args
                .lot
                .as_deref()
                .map_or_else(|| "unlisted".to_owned(), super::file_name),
        }
    }
}
