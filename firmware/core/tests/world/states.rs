//! The table of transitions in STATES.md, held to the code in both directions.

use std::collections::BTreeSet;

use firmware_core::ResetCause;
use firmware_units::{Micrometers, Nanometers};
use firmware_wire::{Request, Setting, State};

use crate::simulation::{Ram, World, boot, chip};

/// From and to, by their names.
pub(crate) type Transition = (String, String);

pub(crate) fn transition(from: State, to: State) -> Transition {
    (format!("{from:?}"), format!("{to:?}"))
}

/// The transitions that the page lists.
pub(crate) fn listed() -> BTreeSet<Transition> {
    let page = include_str!("../../../STATES.md");
    let name = |cell: &str| {
        cell.trim()
            .strip_prefix('`')?
            .strip_suffix('`')
            .map(str::to_owned)
    };
    let (_, table) = page.split_once("| from | to | when |").expect("a table");
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut listed = BTreeSet::new();
    for row in rows {
        let cells: Vec<_> = row.split('|').collect();
        let pair = name(cells[1]).zip(name(cells[2])).expect("two states");
        assert!(listed.insert(pair), "twice: {row}");
    }
    listed
}

/// A world whose every change of state is noted.
struct Watched {
    world: World,
    was: State,
    seen: BTreeSet<Transition>,
}

impl Watched {
    fn new(world: World) -> Self {
        let was = world.status().state;
        let seen = BTreeSet::new();
        Self { world, was, seen }
    }

    fn look(&mut self) {
        let is = self.world.status().state;
        if is != self.was {
            self.seen.insert(transition(self.was, is));
            self.was = is;
        }
    }

    fn run(&mut self, seconds: f64) {
        for tick in 0..(seconds * 500.0) as u32 {
            if tick % 50 == 0 {
                self.world.ask(Request::Heartbeat);
            }
            self.world.tick();
            self.look();
        }
    }

    /// Five minutes of which only the last second can show anything.
    fn fall_asleep(&mut self) {
        self.world.run_silent(299.0);
        self.run(2.0);
        assert_eq!(self.was, State::Asleep);
    }

    fn ask(&mut self, request: Request) {
        self.world.ask(request);
        self.look();
    }

    fn press(&mut self) {
        self.world.button = true;
        self.run(0.05);
        self.world.button = false;
        self.run(0.05);
    }

    fn heat(&mut self) {
        self.world.nose = 50.0;
        self.run(1.0);
        self.world.nose = 30.0;
        self.run(1.0);
        self.ask(Request::ClearFaults);
    }

    fn clear(&mut self) {
        self.ask(Request::ClearFaults);
        self.run(1.5);
    }
}

/// The true values: a factory record that moves no zero.
const CALIBRATE: Request = Request::Calibrate {
    home_protrusion: Nanometers(-412_345),
    screw_lead: Nanometers(500_700),
};

fn without_cartridge(seen: &mut BTreeSet<Transition>) {
    let mut it = Watched::new(World::new());
    it.run(1.2);
    it.ask(CALIBRATE);
    it.run(1.5);
    it.heat();
    it.fall_asleep();
    it.ask(Request::UnlockDepth);
    it.fall_asleep();
    it.world.put_carriage(900.0);
    it.run(1.5);
    it.fall_asleep();
    it.heat();
    it.world.fit(chip(None));
    it.run(0.5);
    it.heat();
    it.world.fitted = false;
    it.run(0.5);
    seen.append(&mut it.seen);
}

fn a_treatment(seen: &mut BTreeSet<Transition>) {
    let mut world = World::new();
    world.fit(chip(None));
    let mut it = Watched::new(world);
    it.run(1.2);
    it.fall_asleep();
    it.ask(Request::Start);
    it.run(0.03);
    it.ask(Request::Stop);
    it.run(0.5);
    it.fall_asleep();
    it.ask(Request::UnlockDepth);
    it.ask(Request::Start);
    it.run(1.0);
    it.ask(Request::Pause);
    it.run(0.5);
    it.press();
    it.run(1.0);
    it.ask(Request::Pause);
    it.run(0.5);
    it.ask(Request::NextSection);
    it.ask(Request::Start);
    it.run(1.0);
    it.ask(Request::Pause);
    it.run(0.5);
    it.heat();
    it.ask(Request::Start);
    it.run(1.0);
    it.ask(Request::Pause);
    it.run(0.5);
    it.fall_asleep();
    it.ask(Request::Start);
    it.run(1.0);
    it.ask(Request::Pause);
    it.run(0.5);
    it.ask(Request::EndTreatment);
    seen.append(&mut it.seen);
}

fn faults(seen: &mut BTreeSet<Transition>) {
    let mut it = Watched::new(World::ready());
    it.ask(Request::Set(Setting::Depth(Micrometers(1_500))));
    it.ask(Request::Start);
    it.run(0.02);
    it.world.fitted = false;
    it.run(1.0);
    it.clear();
    let mut it_runs = Watched::new(World::running(1_000, 7_000));
    it_runs.world.steps -= 60.0;
    it_runs.run(1.0);
    it_runs.clear();
    it_runs.ask(Request::Start);
    it_runs.run(1.0);
    it_runs.ask(Request::Stop);
    it_runs.run(0.02);
    it_runs.world.steps -= 60.0;
    it_runs.run(1.0);
    it_runs.clear();
    it_runs.ask(Request::Start);
    it_runs.run(1.0);
    it_runs.ask(Request::EndTreatment);
    it_runs.run(0.5);
    it_runs.ask(Request::ClearFaults);
    let mut unmarked = World::ready();
    unmarked.read_only = true;
    let mut unmarked = Watched::new(unmarked);
    unmarked.ask(Request::Start);
    unmarked.run(1.0);
    let mut blind = Watched::new(World::with(boot(ResetCause::Watchdog)));
    blind.was = State::Boot;
    blind.run(1.0);
    for mut watched in [it, it_runs, unmarked, blind] {
        seen.append(&mut watched.seen);
    }
}

/// A fault that a reset finds latched is shown from the first tick on.
fn after_a_reset(seen: &mut BTreeSet<Transition>) {
    let mut it = Watched::new(World::running(1_000, 7_000));
    it.world.reset(ResetCause::Watchdog, Ram::Kept);
    it.was = State::Boot;
    it.run(1.5);
    it.clear();
    it.world.reset(ResetCause::Other, Ram::Kept);
    it.was = it.world.status().state;
    assert_eq!(it.was, State::Boot);
    it.run(1.5);
    seen.append(&mut it.seen);
}

#[test]
fn every_transition_listed_is_seen_and_every_one_seen_is_listed() {
    let mut seen = BTreeSet::new();
    without_cartridge(&mut seen);
    a_treatment(&mut seen);
    faults(&mut seen);
    after_a_reset(&mut seen);
    let listed = listed();
    let only = |these: &BTreeSet<Transition>, those: &BTreeSet<Transition>| {
        these.difference(those).cloned().collect::<Vec<_>>()
    };
    assert_eq!(only(&seen, &listed), [], "seen and not listed");
    assert_eq!(only(&listed, &seen), [], "listed and not seen");
}
