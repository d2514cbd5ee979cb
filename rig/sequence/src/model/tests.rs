//! Guesses that become one lose nothing, and those too many to follow are said to be so.

use super::due::{Context, Due, What, add, advance};
use super::guess::{Chip, Guess, Kept, Mark, Phase};
use super::{Model, Requirements, StopCause};
use crate::action::Fitting;
use crate::testing::spec;
use firmware_units::{Micrometers, Nanoseconds};
use firmware_wire::{Fault, FaultSet};

const NOW: Nanoseconds = Nanoseconds::from_millis(5_000);

fn model() -> Model {
    Model::new(&Requirements::from_spec(&spec()).unwrap())
}

fn guess() -> Guess {
    Guess::new(firmware_units::StrokesPerMinute(7_000))
}

fn together(guesses: [Guess; 2]) -> Vec<Guess> {
    let mut all = Vec::new();
    for guess in guesses {
        add(&mut all, guess);
    }
    all
}

#[test]
fn a_reset_finds_what_either_of_two_merged_guesses_has_kept() {
    let kept = |fault| Kept {
        latched: FaultSet::NONE.with(fault),
        treatment: None,
        moving: true,
    };
    let with = |fault| {
        let mut guess = guess();
        guess.stale.push((NOW, kept(fault)));
        guess
    };
    let merged = together([with(Fault::Stall), with(Fault::NoseHot)]);
    assert_eq!(merged.len(), 1);
    let model = model();
    let after = |at: Nanoseconds| -> Vec<u16> {
        let booted = merged[0]
            .clone()
            .reset(at, &model.world, &model.requirements);
        booted.iter().map(|it| it.latched.0).collect()
    };
    let bits = |fault| FaultSet::NONE.with(fault).0;
    assert_eq!(after(NOW), [0, bits(Fault::Stall), bits(Fault::NoseHot)]);
    assert_eq!(after(NOW + Nanoseconds(1)), [0]);
}

#[test]
fn a_chip_says_what_either_of_two_merged_guesses_has_written() {
    let length = Micrometers(2_500);
    let mut model = model();
    model.world.fit(Fitting::Fresh { length }, 7);
    let reading = |mark: Option<Mark>| {
        let mut guess = guess();
        guess.fitted = true;
        guess.chip = Chip::Reading;
        if mark.is_some() {
            guess.may_be_marked(7, mark);
            guess.marks.get_mut(&7).unwrap().remove(&None);
        }
        let window = super::window::READ;
        guess.expect(What::ChipRead, window, Nanoseconds::ZERO, Nanoseconds::ZERO);
        guess
    };
    let read = |guesses: &[Guess]| -> Vec<Chip> {
        let context = Context {
            world: &model.world,
            requirements: &model.requirements,
        };
        let read = advance(guesses, context, NOW, NOW).unwrap();
        read.iter().map(|it| it.chip).collect()
    };
    let known = |mark| Chip::Known {
        id: 7,
        length,
        mark,
        marking: None,
    };
    let merged = together([reading(None), reading(Some(Mark::Treatment(1)))]);
    assert_eq!(merged.len(), 1);
    assert_eq!(
        read(&merged),
        [known(Mark::Unused), known(Mark::Treatment(1))]
    );
    let torn = together([reading(Some(Mark::Torn)), reading(Some(Mark::Treatment(1)))]);
    assert_eq!(read(&torn), [known(Mark::Treatment(1)), Chip::Unreadable]);
    // What surely is written is all that is read.
    let one = reading(Some(Mark::Treatment(1)));
    assert_eq!(read(&[one]), [known(Mark::Treatment(1))]);
}

#[test]
fn what_ended_a_run_matters_until_the_pen_rests() {
    let by = |phase, stopped_by| {
        let mut guess = guess();
        (guess.phase, guess.stopped_by) = (phase, stopped_by);
        guess
    };
    let both = |phase| together([by(phase, StopCause::Stall), by(phase, StopCause::Asked)]).len();
    assert_eq!(both(Phase::Idle), 1);
    assert_eq!(both(Phase::Stopping { paused: false }), 2);
}

#[test]
fn too_much_to_say_is_not_nothing_that_may_be_shown() {
    let mut model = model();
    assert_eq!(model.may_show(NOW).map(|it| it.len()), Some(1));
    let deep = |depth| {
        let mut guess = guess();
        guess.depth.value = Micrometers(depth);
        guess.due.push(Due {
            what: What::Latches(Fault::NoseHot),
            from: Nanoseconds::ZERO,
            by: None,
            until: None,
        });
        guess
    };
    model.guesses = (0..10_000).map(deep).collect();
    assert_eq!(model.may_show(NOW), None);
    // What was too much a moment ago may be told of still.
    model.let_pass(NOW);
    let later = NOW + Nanoseconds::from_millis(10);
    (model.guesses, model.lost) = (vec![guess()], false);
    assert_eq!(model.may_show(later), None);
    let gone = NOW + Nanoseconds::from_millis(100);
    assert_eq!(model.may_show(gone).map(|it| it.len()), Some(1));
}
