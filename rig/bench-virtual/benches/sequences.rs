//! What SAF-05 takes: the sequences of its claim, run and judged on the virtual bench.
//!
//! `cargo bench -p rig-bench-virtual --bench sequences` first runs some of them on one core, with and
//! without judging, in turns, and gives the ratio; then all of them on all cores, and compares with
//! what DESIGN allows: 60 bench-seconds a sequence on the average, and two minutes on two cores.
//! Seconds are the wall clock's: on a busy machine they are too many.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use anyhow::{Context as _, Result, anyhow, ensure};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{
    ChipMemory, Driver, FlashPolicy, Image, SequencesJob, run_sequences, sequence_ranges,
    sequence_seed,
};
use rig_sequence::model::Requirements;
use rig_sequence::{Cost, Coverage, Judgement, Profile, Ranges, Sequence, Trace, draw, judge};
use rig_spec::SpecSet;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Instant;

const RELEASED: &[u8] = include_bytes!("../../../firmware/images/pen-a1-1.2.1.elf");
/// The row that says how many there are, and the plan that holds it.
const ROW: &str = "SAF-05";
const PLAN: &str = "design";
/// Sequences of a round on one core, and rounds.
const FEW: u32 = 20;
const ROUNDS: usize = 3;

/// Everything that the sequences are drawn from and judged by.
struct Claim {
    spec: SpecSet,
    image: Image,
    requirements: Requirements,
    ranges: Ranges,
    seed: [u8; 32],
    n: u32,
}

impl Claim {
    fn load() -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(entry.path())?);
        }
        let spec = SpecSet::parse(&files).map_err(|defects| anyhow!("{defects:?}"))?;
        let image = Image::parse(RELEASED, ChipMemory::STM32G071RB)?;
        let requirements = Requirements::from_spec(&spec)?;
        let ranges = sequence_ranges(&requirements);
        let seed = sequence_seed(&image, &spec, PLAN).context("no seed")?;
        let n = spec.row(ROW).and_then(|it| it.n).context("no number")?;
        Ok(Self {
            spec,
            image,
            requirements,
            ranges,
            seed,
            n,
        })
    }
}

/// Draws the numbers below an end, one after the other, whoever asks for the next.
struct Share<'a> {
    claim: &'a Claim,
    next: &'a AtomicU32,
    end: u32,
    judges: bool,
    sum: Sum,
}

/// What was run.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    sequences: u32,
    bench_s: f64,
    strokes: u64,
    not_held: u32,
}

impl Driver for Share<'_> {
    fn next(&mut self) -> Option<Sequence> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let claim = self.claim;
        (number < self.end).then(|| draw(Profile::Usage, claim.seed, number.into(), &claim.ranges))
    }

    fn told(&mut self, sequence: &Sequence, trace: Trace, cost: Cost) {
        self.sum.sequences += 1;
        self.sum.bench_s += cost.bench.seconds();
        self.sum.strokes += cost.strokes;
        if self.judges {
            let reached = Coverage::of(sequence, &trace, &self.claim.ranges);
            std::hint::black_box(reached);
            let judged = judge(&trace, &self.claim.requirements);
            self.sum.not_held += u32::from(judged != Judgement::Held);
        }
    }
}

/// Runs sequences on one bench; what it did, and the seconds that took.
fn share(
    claim: &Claim,
    index: u32,
    next: &AtomicU32,
    end: u32,
    judges: bool,
) -> Result<(Sum, f64)> {
    let scenario = Scenario::reference();
    let mut bench = VirtualBench::new(&scenario, index as usize, scenario.lot.seed)?;
    let job = SequencesJob {
        spec: &claim.spec,
        image: &claim.image,
        build_id: None,
        serial: &scenario.lot.serial(index as usize),
        index,
        flash: FlashPolicy::Always,
        date: &scenario.dates.today,
    };
    let mut share = Share {
        claim,
        next,
        end,
        judges,
        sum: Sum::default(),
    };
    let begin = Instant::now();
    run_sequences(&mut bench, &job, &mut share, &|| false)?;
    Ok((share.sum, begin.elapsed().as_secs_f64()))
}

fn main() -> Result<()> {
    // The harness of `cargo test --benches` asks for nothing to be measured.
    if std::env::args().any(|it| it == "--test") {
        return Ok(());
    }
    let claim = Claim::load()?;
    let (mut played_s, mut judged_s) = (f64::INFINITY, f64::INFINITY);
    let mut few = Sum::default();
    for _ in 0..ROUNDS {
        for judges in [false, true] {
            let (sum, seconds) = share(&claim, 0, &AtomicU32::new(0), FEW, judges)?;
            ensure!(sum.not_held == 0, "{} sequences did not hold", sum.not_held);
            let fastest = if judges { &mut judged_s } else { &mut played_s };
            *fastest = fastest.min(seconds);
            few = sum;
        }
    }
    println!(
        "one core     {} sequences, {:.0} bench-s, fastest of {ROUNDS} rounds",
        few.sequences, few.bench_s
    );
    println!(
        "  played     {played_s:.2} s, {:.0} bench-s/s",
        few.bench_s / played_s
    );
    println!(
        "  and judged {judged_s:.2} s, {:.0} bench-s/s, {:.2} of played alone",
        few.bench_s / judged_s,
        judged_s / played_s
    );

    let jobs = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = AtomicU32::new(0);
    let begin = Instant::now();
    let sums = thread::scope(|scope| {
        let claim = &claim;
        let next = &next;
        let benches: Vec<_> = (0..jobs)
            .map(|index| {
                let index = u32::try_from(index).unwrap_or(0);
                scope.spawn(move || share(claim, index, next, claim.n, true))
            })
            .collect();
        benches
            .into_iter()
            .map(|it| it.join().map_err(|_| anyhow!("a bench broke down"))?)
            .collect::<Result<Vec<_>>>()
    })?;
    let wall_s = begin.elapsed().as_secs_f64();
    let mut all = Sum::default();
    for (sum, _) in sums {
        all.sequences += sum.sequences;
        all.bench_s += sum.bench_s;
        all.strokes += sum.strokes;
        all.not_held += sum.not_held;
    }
    ensure!(all.sequences == claim.n, "{} of {}", all.sequences, claim.n);
    println!(
        "{ROW}       {} sequences on {jobs} cores: {:.0} bench-s, {} strokes, {} not held",
        all.sequences, all.bench_s, all.strokes, all.not_held
    );
    println!(
        "  a sequence {:.1} bench-s; at most 60 on the average",
        all.bench_s / f64::from(all.sequences)
    );
    println!(
        "  together   {wall_s:.1} s, {:.0} bench-s/s; at most 120 s on two cores",
        all.bench_s / wall_s
    );
    Ok(())
}
