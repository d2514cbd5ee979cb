//! Guesses that become one lose nothing, and those too many to follow are said to be so.

use super::due::{Context, Due, What, add, advance};
use super::guess::{Chip, Guess, Kept, Mark, Phase};
use super::{Model, Motion, Requirements, StopCause};
use crate::action::Fitting;
use crate::testing::spec;
use crate::trace::{self, Event};
use firmware_units::{Micrometers, Nanometers, Nanoseconds};
use firmware_wire::{Calibration, Fault, FaultSet};

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

#[test]
fn a_program_that_hangs_leaves_a_fault_beside_those_before() {
    let mut model = model();
    let before = FaultSet::NONE.with(Fault::CartridgeRemoved);
    for guess in &mut model.guesses {
        guess.latched = before;
    }
    model.event(&Event {
        at: NOW,
        what: trace::What::Hang,
    });
    model.let_pass(NOW + Nanoseconds::from_seconds(4));
    let known = model.faults();
    let both = before.with(Fault::Watchdog);
    assert_eq!((known.latched, known.possible), (both, both));
    assert!(matches!(model.may_move(), Motion::Forbidden { .. }));
}

#[test]
fn a_record_half_written_holds_as_it_was_or_as_it_was_to_be() {
    let record = |generation, home| Calibration {
        generation,
        serial: [b'x'; 12],
        hardware_revision: b'C',
        home_protrusion: Nanometers(home),
        screw_lead: Nanometers(500_000),
    };
    let torn = |before: Option<Calibration>, written: Option<Calibration>| {
        let mut guess = guess();
        guess.phase = Phase::Calibrating;
        guess.calibration = before;
        guess.writing = Some(written);
        let off = guess.power_off(NOW);
        let found = |it: &Guess| (it.calibration, it.recalibrated);
        off.iter().map(found).collect::<Vec<_>>()
    };
    let (old, same) = (record(1, -400_000), record(2, -400_000));
    assert_eq!(
        torn(Some(old), Some(same)),
        [(Some(old), false), (Some(same), false)]
    );
    let other = record(2, -300_000);
    assert_eq!(
        torn(Some(old), Some(other)),
        [(Some(old), false), (Some(other), true)]
    );
    assert_eq!(torn(None, None), [(None, true)]);
}

#[test]
fn a_battery_between_both_limits_is_not_good_enough_to_start() {
    let good = |supply, after| {
        let mut model = model();
        model.world.set_supply(NOW, supply);
        model
            .world
            .battery_good(NOW + Nanoseconds::from_millis(after))
    };
    assert_eq!(good(3_234, 1_000), Some(false));
    assert_eq!(good(3_234, 999), None);
    // Nearer to the limit than can be told.
    assert_eq!(good(3_235, 5_000), None);
    assert_eq!(good(3_300, 1_000), Some(true));
}
