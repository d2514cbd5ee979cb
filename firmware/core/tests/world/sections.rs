//! Sections, passes and pauses of a treatment, and their exact counters.

use firmware_wire::{LogEvent, Refusal, Reply, Request, State, TreatmentReport};

use crate::simulation::{World, chip};

fn pass(world: &mut World, seconds: f64) {
    assert_eq!(world.ask(Request::Start), Reply::Done);
    world.run(seconds);
    assert_eq!(world.ask(Request::Stop), Reply::Done);
    world.run(0.7);
}

#[test]
fn sections_passes_and_their_strokes_are_counted_exactly() {
    let mut world = World::ready();
    world.ask(Request::UnlockDepth);
    let mut turns_before_section = 0;
    for section in 1..=4u16 {
        for section_pass in 1..=3u16 {
            let turns_before_pass = world.turns;
            pass(&mut world, 0.8);
            let TreatmentReport {
                section: got_section,
                section_passes,
                passes,
                pass_strokes,
                section_strokes,
                strokes,
                ..
            } = world.treatment();
            assert_eq!((got_section, section_passes), (section, section_pass));
            assert_eq!(
                passes,
                3 * (u32::from(section) - 1) + u32::from(section_pass)
            );
            assert_eq!(
                (pass_strokes, section_strokes, strokes),
                (
                    (world.turns - turns_before_pass) as u32,
                    (world.turns - turns_before_section) as u32,
                    world.turns as u32
                )
            );
            assert!(pass_strokes > 20);
        }
        assert_eq!(world.ask(Request::NextSection), Reply::Done);
        turns_before_section = world.turns;
        let report = world.treatment();
        assert_eq!((report.section, report.section_passes), (section + 1, 0));
        assert_eq!((report.section_strokes, report.pass_strokes), (0, 0));
    }
    assert!(world.events().contains(&LogEvent::SectionBegun(5)));
}

#[test]
fn a_pause_goes_on_with_its_pass_and_a_stop_ends_it() {
    let mut world = World::running(1_000, 7_000);
    assert_eq!(world.ask(Request::Pause), Reply::Done);
    world.run(0.5);
    let status = world.status();
    assert_eq!((status.state, status.parked), (State::Paused, true));
    assert!(world.rate() == 0.0 && !world.outputs.cutoff_closed);
    assert_eq!(world.ask(Request::Pause), Reply::Done);
    assert_eq!(world.ask(Request::Start), Reply::Done);
    world.run(1.0);
    assert_eq!(world.status().state, State::Running);
    let report = world.treatment();
    assert_eq!((report.passes, report.strokes), (1, report.pass_strokes));
    world.ask(Request::Pause);
    world.run(0.5);
    assert_eq!(world.ask(Request::Stop), Reply::Done);
    assert_eq!(world.status().state, State::Ready);
    pass(&mut world, 0.6);
    assert_eq!(world.treatment().passes, 2);
}

#[test]
fn a_stop_on_the_way_to_a_pause_ends_the_pass() {
    let mut world = World::running(1_000, 7_000);
    world.ask(Request::Pause);
    world.run(0.05);
    assert_eq!(world.status().state, State::Stopping);
    world.ask(Request::Stop);
    world.run(0.5);
    assert_eq!(world.status().state, State::Ready);
}

#[test]
fn a_pause_ends_when_its_cartridge_goes_or_a_fault_comes() {
    let mut world = World::running(1_000, 7_000);
    world.ask(Request::Pause);
    world.run(0.5);
    world.fitted = false;
    world.run(0.2);
    assert_eq!(world.status().state, State::Standby);

    let mut world = World::running(1_000, 7_000);
    world.ask(Request::Pause);
    world.run(0.5);
    world.nose = 45.0;
    world.run(1.5);
    assert_eq!(world.status().state, State::Faulted);
    world.nose = 30.0;
    world.run(1.5);
    assert_eq!(world.ask(Request::ClearFaults), Reply::Done);
    assert_eq!(world.status().state, State::Ready);
}

#[test]
fn a_cartridge_that_goes_before_the_pause_is_reached_ends_the_pass() {
    let mut world = World::running(1_500, 7_000);
    assert_eq!(world.ask(Request::Pause), Reply::Done);
    assert_eq!(world.status().state, State::Stopping);
    world.fitted = false;
    world.run(1.0);
    assert_eq!(world.status().state, State::Standby);
    world.fit(chip(world.status().treatment));
    world.run(0.5);
    let passes = pass_count(&mut world);
    assert_eq!(world.ask(Request::Start), Reply::Done);
    world.run(1.0);
    assert_eq!(pass_count(&mut world), passes + 1, "a new pass");
}

/// Passes that the treatment has had.
fn pass_count(world: &mut World) -> u32 {
    match world.ask(Request::GetTreatment) {
        Reply::Treatment(report) => report.passes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_needs_a_treatment_or_a_turning_cam_is_refused_without() {
    let mut world = World::ready();
    let refused = |refusal| Reply::Refused(refusal);
    assert_eq!(world.ask(Request::Pause), refused(Refusal::NotRunning));
    assert_eq!(
        world.ask(Request::NextSection),
        refused(Refusal::NoTreatment)
    );
    assert_eq!(
        world.ask(Request::GetTreatment),
        refused(Refusal::NoTreatment)
    );
    world.begin(1_000, 7_000);
    world.run(1.0);
    assert_eq!(world.ask(Request::NextSection), refused(Refusal::Running));
    assert_eq!(world.treatment().section, 1);
}

#[test]
fn a_stop_right_after_the_first_start_wastes_no_cartridge() {
    for ticks in 0..20 {
        let mut world = World::ready();
        world.begin(1_000, 7_000);
        (0..ticks).for_each(|_| world.tick());
        world.ask(Request::Stop);
        world.run(0.7);
        assert_eq!(world.status().state, State::Ready, "{ticks} ticks");
        assert_eq!(world.ask(Request::Start), Reply::Done, "{ticks} ticks");
        world.run(1.0);
        assert_eq!(world.status().state, State::Running);
        let marked = world.chip().and_then(|it| it.treatment);
        assert_eq!(marked, world.status().treatment);
    }
}

#[test]
fn the_cartridge_is_reported_as_its_chip_says() {
    let mut world = World::ready();
    let Reply::Cartridge(report) = world.ask(Request::GetCartridge) else {
        panic!("a cartridge is fitted")
    };
    let fitted = chip(None);
    assert_eq!(
        (report.id, report.needles, report.needle_length),
        (fitted.id, fitted.needles, fitted.needle_length)
    );
    assert_eq!(report.treatment, None);
    world.begin(1_000, 7_000);
    world.run(1.0);
    let Reply::Cartridge(report) = world.ask(Request::GetCartridge) else {
        panic!("a cartridge is fitted")
    };
    assert_eq!(report.treatment, world.status().treatment);
    world.ask(Request::Stop);
    world.run(0.5);
    world.fitted = false;
    world.run(0.2);
    assert_eq!(
        world.ask(Request::GetCartridge),
        Reply::Refused(Refusal::NoCartridge)
    );
}
