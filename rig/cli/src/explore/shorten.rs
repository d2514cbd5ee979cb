//! Makes a sequence short on virtual benches of its own, beside whatever else is done.

use super::hunter::{Gather, Given, Hunt, Hunted, Shared};
use super::{Subject, keep, one_virtual};
use crate::progress::Display;
use crate::{Failure, interrupt, print_error};
use firmware_units::Nanoseconds;
use rig_bench_virtual::Scenario;
use rig_procedure::sequence_ranges;
use rig_sequence::search::Settings;
use rig_sequence::{Counterexample, Origin, Profile, Sequence, shrink};

/// Runs of which…
const RUNS: u32 = 3;
/// …so many must fail.
const FAILURES: u32 = 2;
/// Bench time that it may take.
const BENCH: Nanoseconds = Nanoseconds::from_seconds(20 * 60);

/// The shortest that was found of a failing sequence; nothing if it does not fail on a pen that was
/// just switched on, or if a person has interrupted it.
pub(crate) fn shortened(
    subject: &Subject,
    (scenario, index): (&Scenario, usize),
    (sequence, origin): (&Sequence, Origin),
    display: &Display,
) -> Result<Option<Counterexample>, Failure> {
    let ranges = sequence_ranges(&subject.requirements);
    let hunt = Hunt {
        subject,
        ranges: &ranges,
        profile: Profile::Usage,
        seed: origin.seed,
        gather: Gather::Nothing,
        given: Some(Given {
            file: String::new(),
            sequence: sequence.clone(),
            origin: Some(origin),
        }),
    };
    let settings = Settings {
        first: 0,
        stride: 1,
        end: RUNS.into(),
        bench: BENCH,
        shrink: Some(shrink::Settings {
            failures: FAILURES,
            runs: RUNS,
            bench: BENCH,
            strokes: u64::MAX,
        }),
        keep_going: false,
    };
    let line = display.sequences(index as u64, RUNS.into());
    let on = (scenario, index, subject.seed);
    let hunted = one_virtual(&hunt, &Shared::default(), 0, settings, line, on)?;
    let result = Hunted::of_all(vec![hunted], false);
    if let Some(error) = &result.error {
        // What is claimed of the unit does not rest on it.
        print_error(&format!(
            "penrig: a sequence of {} was not shortened to the end: {error}",
            subject.serial
        ));
    }
    let find = result.finished.finds.first();
    let find = find.filter(|it| it.shortest != *sequence && !interrupt::is_set());
    Ok(find.map(|it| keep::counterexample(&hunt, it, None)))
}
