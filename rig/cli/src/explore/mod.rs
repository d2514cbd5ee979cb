//! `penrig explore`: looks for misbehaviour with command sequences, on several benches at once.

mod corpus;
mod hunter;
mod keep;
mod shorten;
mod show;

pub(crate) use keep::{conditions, conditions_of, draw, failed, put};
pub(crate) use shorten::shortened;

use crate::args::{ExploreArgs, Format, ProfileChoice};
use crate::clock::{self, Stopwatch};
use crate::input::{self, ImageFile};
use crate::progress::Display;
use crate::qualify::default_jobs;
use crate::waveforms::Recorded;
use crate::{Failure, bench, hardware, interrupt, print_error, print_line};
use anyhow::{Context as _, anyhow};
use corpus::{Corpus, Renewed};
use firmware_units::Nanoseconds;
use hunter::{Gather, Given, Hunt, Hunted, Shared};
use rig_bench_hardware::HardwareBench;
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{FlashPolicy, SequencesError, SequencesJob, run_sequences, sequence_ranges};
use rig_sequence::model::Requirements;
use rig_sequence::search::Settings;
use rig_sequence::{Profile, SequenceFile, shrink};
use rig_spec::SpecSet;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Sequences of which a corpus is chosen, at most: what each reaches is kept in memory, and all are
/// looked at for each that is chosen.
const MAX_CHOSEN_FROM: u64 = 20_000;

/// Where pens come from.
pub(crate) enum Source {
    /// One is made for each bench, and a new one whenever one cannot be used any more.
    Virtual {
        scenario: Box<Scenario>,
        index: usize,
        seed: u64,
    },
    /// There is one.
    Hardware {
        bench: Box<HardwareBench>,
        today: String,
    },
}

/// What is looked at, and how.
pub(crate) struct Subject {
    pub(crate) spec: SpecSet,
    pub(crate) requirements: Requirements,
    pub(crate) image: ImageFile,
    pub(crate) serial: String,
    pub(crate) bench: String,
    pub(crate) scenario: Option<String>,
    pub(crate) seed: u64,
}

pub(crate) fn run(args: &ExploreArgs) -> Result<u8, Failure> {
    let (subject, mut source) = open(&args.bench, &args.spec, &args.operator)?;
    let ranges = sequence_ranges(&subject.requirements);
    let profile = match args.profile {
        ProfileChoice::Usage => Profile::Usage,
        ProfileChoice::Adversarial => Profile::Adversarial,
    };
    let given = args.shorten.as_deref().map(|file| given(file, &subject));
    let hunt = Hunt {
        subject: &subject,
        ranges: &ranges,
        profile,
        seed: sequences_seed(subject.seed),
        gather: match (&args.corpus, &source) {
            (None, _) => Gather::Nothing,
            (Some(_), Source::Virtual { .. }) => Gather::PenEach,
            (Some(_), Source::Hardware { .. }) => Gather::OnePen,
        },
        given: given.transpose()?,
    };
    if args.list {
        list(args, &hunt);
        return Ok(0);
    }
    if args.corpus.is_some() && args.sequences > MAX_CHOSEN_FROM {
        return Err(Failure::Input(anyhow!(
            "a corpus is chosen from at most {MAX_CHOSEN_FROM} sequences at a time; go on with --first"
        )));
    }
    let corpus = args.corpus.as_deref().map(Corpus::read).transpose()?;
    interrupt::watch(|| ())?;
    let jobs = match source {
        Source::Virtual { .. } if hunt.given.is_none() => {
            args.jobs.map_or_else(default_jobs, usize::from)
        }
        Source::Virtual { .. } | Source::Hardware { .. } => 1,
    };
    let corpus = match corpus {
        None => None,
        Some(corpus) => Some(corpus.run(&hunt, &mut source, jobs)?),
    };
    let watch = Stopwatch::start();
    let shared = Shared::default();
    let settings = |job: u64| settings(args, job, jobs as u64);
    let hunted = match source {
        Source::Virtual {
            scenario,
            index,
            seed,
        } => on_virtual(&hunt, &shared, jobs, &settings, (&scenario, index, seed))?,
        Source::Hardware { mut bench, today } => {
            let flash = hardware::flash_policy(&bench);
            let display = Display::counting(1, "benches");
            let mut hunter = hunt.hunter(
                &*bench,
                settings(0),
                &shared,
                display.sequences(0, drawn(args).1),
            );
            let job = hunt.job(0, flash, &today);
            let recorder = hunter.recorder();
            let mut recorded = Recorded::new(&mut *bench, &recorder);
            let ended = run_sequences(&mut recorded, &job, &mut hunter, &interrupt::is_set);
            display.clear();
            vec![hunter.finish(ended.err())]
        }
    };
    let result = Hunted::of_all(hunted, args.keep_going);
    let files = keep::write(&args.out, &hunt, &result)?;
    let corpus = match corpus {
        None => None,
        Some(corpus) => Some(corpus.renew(&hunt, &result, args)?),
    };
    match args.format {
        Format::Text => {
            let wall_s = watch.elapsed().as_secs_f64();
            let text = show::text(&hunt, &result, &files, wall_s, args.coverage);
            print_line(&text);
            if let Some(corpus) = &corpus {
                print_line(&format!("\n{}", corpus.text(&ranges)));
            }
        }
        Format::Json => {
            let corpus = corpus.as_ref().map(|it| it.json(&ranges));
            print_line(&show::json(&hunt, &result, &files, corpus)?);
        }
    }
    Ok(exit(&result, corpus.as_ref()))
}

/// The sequences, each under its number, in the form of a counterexample's steps.
fn list(args: &ExploreArgs, hunt: &Hunt<'_>) {
    for number in args.first..args.first.saturating_add(args.sequences) {
        let sequence = rig_sequence::draw(hunt.profile, hunt.seed, number, hunt.ranges);
        print_line(&format!("# sequence {number}\n{sequence}"));
    }
}

fn exit(result: &Hunted, corpus: Option<&Renewed>) -> u8 {
    let of_corpus = |is: fn(&Renewed) -> bool| corpus.is_some_and(is);
    if interrupt::is_set() {
        130
    } else if !result.finished.finds.is_empty() || of_corpus(Renewed::is_violated) {
        3
    } else if result.error.is_some() {
        1
    } else if !result.finished.inconclusive.is_empty() || of_corpus(Renewed::is_in_doubt) {
        4
    } else {
        0
    }
}

/// Reads tables and image, and opens or finds the bench.
pub(crate) fn open(
    args: &crate::args::BenchArgs,
    spec_folder: &Path,
    operator: &str,
) -> Result<(Subject, Source), Failure> {
    let spec = input::spec(spec_folder)?;
    let requirements = Requirements::from_spec(&spec).map_err(|error| {
        Failure::Input(anyhow!("the spec tables cannot judge sequences: {error}"))
    })?;
    let image = input::image(&args.image)?;
    let (serial, source, scenario) = match bench::hardware_file(&args.bench)? {
        None => {
            let scenario = Box::new(bench::read_scenario(args.scenario.as_deref())?);
            let (index, serial) = bench::choose(&scenario, args.serial.as_deref())?;
            let seed = args.seed.unwrap_or(scenario.lot.seed);
            let name = args
                .scenario
                .as_deref()
                .map_or_else(|| "reference".to_owned(), crate::qualify::file_name);
            (
                serial,
                Source::Virtual {
                    scenario,
                    index,
                    seed,
                },
                Some(name),
            )
        }
        Some(file) => {
            let (bench, serial) = hardware::open_one(&spec, file, args, operator)?;
            let today = clock::today(clock::wall()?);
            let bench = Box::new(bench);
            (serial, Source::Hardware { bench, today }, None)
        }
    };
    let subject = Subject {
        spec,
        requirements,
        image,
        serial,
        bench: args.bench.clone(),
        scenario,
        seed: match &source {
            Source::Virtual { seed, .. } => *seed,
            Source::Hardware { .. } => args.seed.unwrap_or(1),
        },
    };
    Ok((subject, source))
}

/// The seed of the sequences of `explore`, which a person chooses.
fn sequences_seed(seed: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"penrig explore sequences\0");
    hash.update(seed.to_le_bytes());
    hash.finalize().into()
}

/// The first number that is drawn, and how many are: a sequence that is given, as often as one is
/// repeated to see whether it fails.
fn drawn(args: &ExploreArgs) -> (u64, u64) {
    match args.shorten {
        Some(_) => (0, args.repeat.1.into()),
        None => (args.first, args.sequences),
    }
}

/// Reads a counterexample, or a sequence of a corpus.
pub(crate) fn read_sequence(file: &Path) -> Result<SequenceFile, Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the sequence `{name}`"))
        .map_err(Failure::Input)?;
    SequenceFile::read(&text)
        .with_context(|| format!("`{name}`"))
        .map_err(Failure::Input)
}

/// Says what differs from when a sequence was kept, and gives it.
pub(crate) fn tell_differences(file: &SequenceFile, subject: &Subject) -> Vec<String> {
    let differences = file.differences(&conditions(subject));
    for difference in &differences {
        print_error(&format!("penrig: differs: {difference}"));
    }
    differences
}

/// The sequence of a file; what differs from when it was kept is said.
fn given(file: &Path, subject: &Subject) -> Result<Given, Failure> {
    let name = file.display().to_string();
    let read = read_sequence(file)?;
    tell_differences(&read, subject);
    let origin = match &read {
        SequenceFile::Counterexample(it) => it.origin,
        SequenceFile::Corpus(it) => it.origin,
    };
    Ok(Given {
        file: name,
        sequence: read.sequence().clone(),
        origin,
    })
}

fn settings(args: &ExploreArgs, job: u64, jobs: u64) -> Settings {
    let minutes = |minutes: u64| Nanoseconds::from_seconds(60 * minutes);
    let shrink = (args.shrink_minutes > 0).then(|| shrink::Settings {
        failures: args.repeat.0,
        runs: args.repeat.1,
        bench: minutes(args.shrink_minutes),
        strokes: args.strokes,
    });
    let (first, sequences) = drawn(args);
    Settings {
        first: first.saturating_add(job),
        stride: jobs,
        end: first.saturating_add(sequences),
        bench: Nanoseconds(minutes(args.minutes).0 / jobs.max(1)),
        shrink,
        keep_going: args.keep_going,
    }
}

fn on_virtual(
    hunt: &Hunt<'_>,
    shared: &Shared,
    jobs: usize,
    settings: &(dyn Fn(u64) -> Settings + Sync),
    (scenario, index, seed): (&Scenario, usize, u64),
) -> Result<Vec<Hunted>, Failure> {
    let display = Display::counting(jobs, "benches");
    let results: Vec<Mutex<Option<Result<Hunted, Failure>>>> =
        (0..jobs).map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for (job, result) in results.iter().enumerate() {
            let display = &display;
            scope.spawn(move || {
                let job = job as u64;
                let settings = settings(job);
                let line = display.sequences(job, settings.end.saturating_sub(settings.first));
                let hunted =
                    one_virtual(hunt, shared, job, settings, line, (scenario, index, seed));
                *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(hunted);
                display.unit_done();
            });
        }
    });
    display.clear();
    results
        .into_iter()
        .map(|it| {
            let result = it.into_inner().unwrap_or_else(PoisonError::into_inner);
            result.unwrap_or_else(|| Err(Failure::Rig(anyhow!("a bench ended without a result"))))
        })
        .collect()
}

/// One bench after the other, until the search is over: a pen that cannot be used any more is taken
/// out, and a new one put in.
fn one_virtual(
    hunt: &Hunt<'_>,
    shared: &Shared,
    job: u64,
    settings: Settings,
    line: crate::progress::SequenceLine,
    (scenario, index, seed): (&Scenario, usize, u64),
) -> Result<Hunted, Failure> {
    let open = || VirtualBench::new(scenario, index, seed).map_err(Failure::input);
    let mut bench = open()?;
    let mut hunter = hunt.hunter(&bench, settings, shared, line);
    // Where each sequence has a pen of its own, all are numbered alike: the numbers of cartridges go
    // over the line.
    let of = match hunt.gather {
        Gather::PenEach => 0,
        Gather::Nothing | Gather::OnePen => u32::try_from(job).map_err(Failure::input)?,
    };
    let today = &scenario.dates.today;
    loop {
        let job = hunt.job(of, FlashPolicy::Always, today);
        let recorder = hunter.recorder();
        let mut recorded = Recorded::new(&mut bench, &recorder);
        let ended = run_sequences(&mut recorded, &job, &mut hunter, &interrupt::is_set);
        let needs_new_pen = hunter.needs_new_pen();
        match ended {
            Ok(()) | Err(SequencesError::Unfit(_)) if needs_new_pen => {
                bench = open()?;
                hunter.new_bench(&bench);
            }
            ended => return Ok(hunter.finish(ended.err())),
        }
    }
}

impl<'a> Hunt<'a> {
    fn job(&self, index: u32, flash: FlashPolicy, date: &'a str) -> SequencesJob<'a> {
        let subject = self.subject;
        SequencesJob {
            spec: &subject.spec,
            image: &subject.image.image,
            build_id: subject.image.build_id.as_deref(),
            serial: &subject.serial,
            index,
            flash,
            date,
        }
    }
}
