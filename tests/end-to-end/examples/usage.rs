//! Runs sequences of the usage profile on an image and says what was done, seen and judged:
//! `cargo run --release -p tests-end-to-end --example usage -- IMAGE FROM TO [text] [unjudged]`.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use anyhow::{Context as _, Result, anyhow};
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{sequence_ranges, sequence_seed};
use rig_sequence::model::Requirements;
use rig_sequence::{Judgement, Profile, What, draw, judge};
use tests_end_to_end::traced::{player, text};
use tests_end_to_end::{image, spec};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [image_path, from, to, rest @ ..] = &arguments[..] else {
        return Err(anyhow!("IMAGE FROM TO [text] [unjudged]"));
    };
    let spec = spec()?;
    let requirements = Requirements::from_spec(&spec)?;
    let ranges = sequence_ranges(&requirements);
    let seed = sequence_seed(&image(image_path)?, &spec, "design").context("a seed")?;
    let scenario = Scenario::reference();
    let mut bench = VirtualBench::new(&scenario, 0, scenario.lot.seed)?;
    let mut player = player(&mut bench, image_path)?;
    let (from, to): (u64, u64) = (from.parse()?, to.parse()?);
    let (mut held, mut trace_s) = (0, 0.0);
    let began = player.session().now();
    for number in from..to {
        let sequence = draw(Profile::Usage, seed, number, &ranges);
        let trace = player.play(&sequence)?;
        trace_s += trace.ended.seconds();
        let judgement = if rest.iter().any(|it| it == "unjudged") {
            Judgement::Held
        } else {
            judge(&trace, &requirements)
        };
        let (violations, doubt) = match judgement {
            Judgement::Held => (Vec::new(), None),
            Judgement::Violated(violations) => (violations, None),
            Judgement::Inconclusive(doubt) => (Vec::new(), Some(doubt)),
        };
        let is = |is: fn(&What) -> bool| trace.events.iter().filter(|it| is(&it.what)).count();
        println!(
            "sequence {number}: {} steps, {:.2} s, {} turns, {} tops, {} sent, {} unanswered: {}",
            sequence.steps.len(),
            trace.ended.seconds(),
            trace.edges.len(),
            trace.strokes.len(),
            is(|it| matches!(it, What::Sent { .. })),
            is(|it| matches!(it, What::Unanswered { .. })),
            match (violations.len(), &doubt) {
                (0, None) => "held".to_owned(),
                (0, Some(doubt)) => format!("inconclusive: {doubt}"),
                (n, _) => format!("{n} violations"),
            }
        );
        held += usize::from(violations.is_empty() && doubt.is_none());
        for it in &violations {
            println!(
                "    {:?} at {:.3} ms in step {}: expected {}; observed {}",
                it.property,
                it.at.0 as f64 * 1e-6,
                it.step,
                it.expected,
                it.observed
            );
        }
        if rest.iter().any(|it| it == "text") {
            for (index, step) in sequence.steps.iter().enumerate() {
                println!(
                    "    step {index}: after {} µs {:?}",
                    step.after.0, step.action
                );
            }
            println!("{}", text(&trace)?);
        }
    }
    let n = to.saturating_sub(from).max(1);
    let all_s = (player.session().now() - began).seconds();
    println!(
        "{held} of {n} held; {:.1} bench-seconds in traces, {all_s:.1} in all: {:.1} a sequence",
        trace_s,
        all_s / n as f64
    );
    Ok(())
}
