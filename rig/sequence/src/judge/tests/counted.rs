//! Strokes, passes and sections.

use super::{Story, check, check_violated};
use crate::Property;
use firmware_units::Milliseconds;
use firmware_wire::{Reply, Request, TreatmentReport};

/// Three passes, the last in a section of its own; what the pen counts, were it right.
fn sections() -> (Story, TreatmentReport) {
    let begun = Story::new().fit(2_500);
    let from = begun.now();
    let story = begun.start().wait(800).stop().start().wait(500).stop();
    let section_from = story.edges();
    let story = story.done(Request::NextSection).start().wait(700).stop();
    let elapsed = u32::try_from(story.now() - from).unwrap();
    let strokes = story.edges();
    let report = TreatmentReport {
        id: 9,
        elapsed: Milliseconds(elapsed),
        left: Milliseconds(3_600_000 - elapsed),
        section: 2,
        section_passes: 1,
        passes: 3,
        pass_strokes: strokes - section_from,
        section_strokes: strokes - section_from,
        strokes,
    };
    (story, report)
}

fn asked(change: impl Fn(&mut TreatmentReport)) -> Story {
    let (story, mut report) = sections();
    change(&mut report);
    story.ask(Request::GetTreatment, Reply::Treatment(report))
}

#[test]
fn exact_counts_hold() {
    check(asked(|_| {}));
    // The cam rests between bottom of stroke and mark.
    check(asked(|it| it.strokes += 1));
    check(asked(|it| it.strokes -= 1));
}

#[test]
fn counts_that_are_off_are_seen() {
    let changes: [fn(&mut TreatmentReport); 7] = [
        |it| it.strokes += 2,
        |it| it.strokes -= 2,
        |it| it.section_strokes = it.strokes,
        |it| it.pass_strokes += 2,
        |it| it.passes += 1,
        |it| it.section_passes += 1,
        |it| it.section = 1,
    ];
    for change in changes {
        check_violated(asked(change), Property::Counters);
    }
}

#[test]
fn a_count_that_is_ahead_once_and_behind_later_is_seen() {
    let twice = |first: i64, second: i64| {
        let (story, mut report) = sections();
        let exact = i64::from(report.strokes);
        report.strokes = u32::try_from(exact + first).unwrap();
        let story = story.ask(Request::GetTreatment, Reply::Treatment(report));
        report.strokes = u32::try_from(exact + second).unwrap();
        story.ask(Request::GetTreatment, Reply::Treatment(report))
    };
    check(twice(1, 0));
    check(twice(-1, 0));
    check_violated(twice(1, -1), Property::Counters);
}

#[test]
fn a_treatment_that_is_too_long_or_too_short_is_seen() {
    check_violated(asked(|it| it.elapsed.0 += 2_000), Property::Counters);
    check_violated(asked(|it| it.left.0 = 30 * 60 * 1_000), Property::Counters);
}

#[test]
fn a_pen_that_may_start_does() {
    let started = |turns| {
        Story::new()
            .fit(2_500)
            .done(Request::Start)
            .beats(true)
            .wait(300)
            .turns(turns)
            .wait(2_500)
    };
    check(started(Some(7_000)));
    check_violated(started(None), Property::Start);
    let fitted = Story::new().fit(2_500);
    check_violated(
        fitted.refused(Request::Start, firmware_wire::Refusal::NoCartridge),
        Property::Start,
    );
}
