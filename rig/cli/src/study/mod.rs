//! `penrig study grr`: a gauge R&R study of the rig, from its plan to its report.

mod source;

use crate::args::StudyGrrArgs;
use crate::bundle::Bundle;
use crate::clock::{self, Stopwatch};
use crate::input::{self, ImageFile};
use crate::progress::Display;
use crate::qualify::{BenchParts, default_jobs, identify};
use crate::{Failure, hardware, interrupt, print_error, print_line};
use anyhow::anyhow;
use rig_bench::Bench;
use rig_bench_hardware::HardwareBench;
use rig_bench_virtual::VirtualBench;
use rig_procedure::{FlashPolicy, StudyJob, can_be_studied, run_setup};
use rig_record::{Outcome, SetupRecord, SpecIdentity, StudyRecord};
use rig_report::ManifestEntry;
use rig_spec::{Row, SpecSet};
use rig_stats::StudyDesign;
use rig_stats::gauge_study::shuffled;
use source::{Source, SourceKind, ask_for};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

pub(crate) fn run(args: &StudyGrrArgs) -> Result<u8, Failure> {
    let spec = input::spec(&args.spec)?;
    let row = find_row(&spec, &args.row)?;
    let asked = StudyDesign::of(&spec).map_err(Failure::input)?;
    // Said before an hour of measuring, not after it.
    if !(args.alpha > 0.0 && args.alpha < 1.0) {
        return Err(Failure::Input(anyhow!(
            "--alpha {} is not between 0 and 1",
            args.alpha
        )));
    }
    let image = input::image(&args.image)?;
    let source = Source::new(args, asked.pens)?;
    let pens = source.pens.clone();
    let (n_setups, n_repeats) = (
        args.set_ups.unwrap_or(asked.setups),
        args.repeats.unwrap_or(asked.repeats),
    );
    let started = source.time()?;
    let bundle = Bundle::create(&args.out, &format!("{}-study-grr", clock::compact(started)))?;
    interrupt::watch(|| ())?;

    let watch = Stopwatch::start();
    let study = Study {
        spec: &spec,
        row,
        n_repeats,
        image: &image,
        source: &source,
        operator: &args.operator,
    };
    let runs = plan(pens.len(), n_setups, source.seed);
    let (setups, parts) = study.run(&runs, args.jobs.map_or_else(default_jobs, usize::from))?;
    let wall_s = watch.elapsed().as_secs_f64();

    let (bench, instruments) = match parts {
        Some(it) => (Some(it.bench), it.instruments),
        None => (None, Vec::new()),
    };
    let record = StudyRecord {
        study_id: bundle.run_id().to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        bench,
        instruments,
        spec: SpecIdentity::from(&spec),
        scenario: source.scenario_name(args),
        seed: source.seed,
        row: row.id.clone(),
        pens,
        n_setups,
        n_repeats,
        operator: args.operator.clone(),
        started: clock::iso(started),
        ended: clock::iso(source.time()?),
        setups,
    };
    let summary = rig_stats::summarize_study(&spec, &record, args.alpha).map_err(Failure::input)?;
    let mut entries = Vec::new();
    for file in rig_report::study_tables(&spec, &record, &summary) {
        bundle.write(file.name, &file.text)?;
        entries.push(ManifestEntry::of(file.name, file.text.as_bytes()));
    }
    bundle.write("manifest.json", &rig_report::manifest(&entries))?;
    let folder = bundle.finish()?;
    print_line(rig_report::study_summary(&spec, &record, &summary).trim_end());
    print_line(&format!("report       {}", folder.display()));
    let bench_s: f64 = record.setups.iter().map(|it| it.bench_time.seconds()).sum();
    print_line(&format!(
        "speed        {bench_s:.0} bench-seconds in {wall_s:.1} s, {:.0} a second",
        bench_s / wall_s
    ));
    Ok(if interrupt::is_set() {
        130
    } else {
        summary.exit.number()
    })
}

fn find_row<'s>(spec: &'s SpecSet, id: &str) -> Result<&'s Row, Failure> {
    let row = spec
        .row(id)
        .ok_or_else(|| Failure::Input(anyhow!("the spec has no row {id}")))?;
    if can_be_studied(row) {
        return Ok(row);
    }
    Err(Failure::Input(anyhow!(
        "{id} cannot be studied: the rig must measure it in a window of its own, against numeric limits"
    )))
}

/// One set-up to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Position of the pen in the study.
    pen: usize,
    /// From 1.
    setup: u32,
    /// Place in the order, from 1.
    number: u32,
}

/// Set-up by set-up, in each the pens in an order of its own.
fn plan(n_pens: usize, n_setups: u32, seed: u64) -> Vec<Run> {
    (1..=n_setups)
        .flat_map(|setup| {
            shuffled(n_pens, seed ^ u64::from(setup) << 32)
                .into_iter()
                .map(move |pen| (pen, setup))
        })
        .zip(1..)
        .map(|((pen, setup), number)| Run { pen, setup, number })
        .collect()
}

struct Study<'a> {
    spec: &'a SpecSet,
    row: &'a Row,
    n_repeats: u32,
    image: &'a ImageFile,
    source: &'a Source,
    operator: &'a str,
}

/// A set-up's record and who its bench was.
type SetupResult = Result<(SetupRecord, BenchParts), Failure>;

impl Study<'_> {
    /// Runs set-ups, several benches at once where there are several; gives those that were begun,
    /// in the order of the plan.
    fn run(
        &self,
        runs: &[Run],
        jobs: usize,
    ) -> Result<(Vec<SetupRecord>, Option<BenchParts>), Failure> {
        let display = Display::counting(runs.len(), "set-ups");
        let next = AtomicUsize::new(0);
        let results: Vec<Mutex<Option<SetupResult>>> =
            runs.iter().map(|_| Mutex::new(None)).collect();
        let jobs = match self.source.kind {
            SourceKind::Virtual(_) => jobs.clamp(1, runs.len().max(1)),
            SourceKind::Hardware { .. } => 1,
        };
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    while !interrupt::is_set() {
                        let position = next.fetch_add(1, Ordering::Relaxed);
                        let Some(run) = runs.get(position) else {
                            return;
                        };
                        let result = self.run_one(*run, &display);
                        let is_over = result.is_err();
                        *results[position]
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner) = Some(result);
                        display.unit_done();
                        if is_over {
                            return;
                        }
                    }
                });
            }
        });
        display.clear();
        let (mut setups, mut parts) = (Vec::new(), None);
        for result in results {
            let result = result.into_inner().unwrap_or_else(PoisonError::into_inner);
            let Some(result) = result else { continue };
            match result {
                Ok((setup, bench)) => {
                    if let Outcome::BenchError { cause } = &setup.outcome {
                        print_error(&format!(
                            "penrig: pen {}, set-up {}: bench error: {cause}",
                            setup.pen, setup.setup
                        ));
                    }
                    parts.get_or_insert(bench);
                    setups.push(setup);
                }
                // What was measured before is kept; a study that never began is an error.
                Err(failure) if setups.is_empty() && !interrupt::is_set() => return Err(failure),
                Err(Failure::Input(error) | Failure::Rig(error)) => {
                    print_error(&format!("penrig: {error:#}"));
                }
            }
        }
        Ok((setups, parts))
    }

    fn run_one(&self, run: Run, display: &Display) -> SetupResult {
        let serial = &self.source.pens[run.pen];
        match &self.source.kind {
            SourceKind::Virtual(scenario) => {
                let index = scenario.lot.index_of(serial).unwrap_or(run.pen);
                // Set-up 0 is the one that `qualify` has.
                let setup = u16::try_from(run.setup).map_err(Failure::input)?;
                let seed = self.source.seed;
                let mut bench = VirtualBench::with_setup(scenario, index, seed, setup)
                    .map_err(Failure::input)?;
                let today = &scenario.dates.today;
                self.run_on(&mut bench, FlashPolicy::Always, today, run, display)
            }
            SourceKind::Hardware { file, today } => {
                ask_for(serial, run.setup)?;
                let description = hardware::read(file)?;
                let mut bench = HardwareBench::open(description, file, self.operator, Some(serial))
                    .map_err(Failure::rig)?;
                let flash = hardware::flash_policy(&bench);
                self.run_on(&mut bench, flash, today, run, display)
            }
        }
    }

    fn run_on<B: Bench>(
        &self,
        bench: &mut B,
        flash: FlashPolicy,
        date: &str,
        run: Run,
        display: &Display,
    ) -> SetupResult {
        let serial = &self.source.pens[run.pen];
        let mut line = display.unit(&format!("{serial} #{}", run.setup));
        let parts = identify(bench);
        let job = StudyJob {
            spec: self.spec,
            row: self.row,
            n_repeats: self.n_repeats,
            image: &self.image.image,
            build_id: self.image.build_id.as_deref(),
            serial,
            run: run.number,
            setup: run.setup,
            flash,
            date,
        };
        let record = run_setup(
            bench,
            &job,
            &mut |progress| line.show(&progress),
            &interrupt::is_set,
        );
        line.finish();
        Ok((record, parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_pen_comes_once_in_each_set_up_in_an_order_that_the_seed_gives() {
        let runs = plan(10, 6, 1);
        assert_eq!(runs.len(), 60);
        for (setup, block) in (1..).zip(runs.chunks(10)) {
            assert!(block.iter().all(|it| it.setup == setup));
            let pens: BTreeSet<usize> = block.iter().map(|it| it.pen).collect();
            assert_eq!(pens.len(), 10);
        }
        let numbers: Vec<u32> = runs.iter().map(|it| it.number).collect();
        assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
        let pens = |runs: &[Run]| runs.iter().map(|it| it.pen).collect::<Vec<_>>();
        assert_ne!(pens(&runs[..10]), pens(&runs[10..20]));
        assert_ne!(pens(&runs[..10]), (0..10).collect::<Vec<_>>());
        assert_eq!(runs, plan(10, 6, 1));
        assert_ne!(runs, plan(10, 6, 2));
    }
}
