//! Invariants of the pen under random requests, inputs and faults, written from the requirements
//! of the pen's requirements and not from the code.

use firmware_units::{Micrometers, Milliseconds, StrokesPerMinute};
use firmware_wire::{
    CartridgeChip, Fault, FaultSet, Preset, Reply, Request, Setting, State, Status,
};
use proptest::prelude::*;

use crate::simulation::{World, chip};

/// Depth and ceiling by preset in µm, from specs/pen-a1/presets.csv.
fn presets() -> Vec<(Preset, i32, i32)> {
    let table = include_str!("../../../../specs/pen-a1/presets.csv");
    let presets = [
        Preset::PatchTest,
        Preset::Forehead,
        Preset::Cheek,
        Preset::Chin,
        Preset::Nose,
        Preset::Eyes,
        Preset::FrownLines,
        Preset::Lips,
        Preset::Neck,
        Preset::Decolletage,
        Preset::Hands,
        Preset::StretchMarks,
        Preset::Scars,
    ];
    let rows: Vec<_> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), presets.len());
    let micrometers =
        |cell: &str| (cell.parse::<f64>().expect("a number") * 1_000.0).round() as i32;
    std::iter::zip(presets, rows)
        .map(|(preset, row)| {
            let cells: Vec<_> = row.split(',').collect();
            (preset, micrometers(cells[1]), micrometers(cells[2]))
        })
        .collect()
}

#[test]
fn presets_are_those_of_the_table_and_one_notch_above_the_ceiling_is_refused() {
    for (preset, depth, ceiling) in presets() {
        let mut world = World::ready();
        world.ask(Request::UnlockDepth);
        assert_eq!(world.ask(Request::SelectPreset(preset)), Reply::Done);
        let status = world.status();
        assert_eq!(
            (status.depth.0, status.limit.0),
            (depth, ceiling),
            "{preset:?}"
        );
        let set = |depth| Request::Set(Setting::Depth(Micrometers(depth)));
        assert!(
            matches!(world.ask(set(ceiling + 250)), Reply::Refused(_)),
            "{preset:?}"
        );
        assert_eq!(world.ask(set(ceiling)), Reply::Done, "{preset:?}");
    }
}

/// Something that happens to the pen.
#[derive(Clone, Debug)]
enum Event {
    Ask(Request),
    /// Control ticks with heartbeats, or without.
    Talk(u16),
    Silence(u16),
    /// A fresh cartridge, one used elsewhere, or none.
    Fit(u64, i32),
    FitUsed,
    Pull,
    Press,
    Lock(bool),
    Stick(bool),
    Short(bool),
    Nose(i32),
    Battery(i32),
}

fn request() -> impl Strategy<Value = Request> {
    let depth = prop_oneof![
        6 => (0..=10i32).prop_map(|notch| notch * 250),
        1 => -500..4_000i32,
        1 => any::<i32>(),
    ];
    let rate = prop_oneof![4 => 3_000..=9_000u32, 1 => any::<u32>()];
    prop_oneof![
        4 => depth.prop_map(|it| Request::Set(Setting::Depth(Micrometers(it)))),
        2 => rate.prop_map(|it| Request::Set(Setting::Rate(StrokesPerMinute(it)))),
        2 => (0..13usize).prop_map(|it| Request::SelectPreset(presets()[it].0)),
        1 => Just(Request::ClearPreset),
        2 => Just(Request::UnlockDepth),
        1 => Just(Request::LockDepth),
        6 => Just(Request::Start),
        3 => Just(Request::Stop),
        1 => Just(Request::EndTreatment),
        2 => Just(Request::ClearFaults),
        1 => any::<u32>().prop_map(|it| Request::SetTelemetryPeriod(Milliseconds(it))),
        1 => Just(Request::GetLinkCounters),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => request().prop_map(Event::Ask),
        8 => (1..500u16).prop_map(Event::Talk),
        2 => (1..400u16).prop_map(Event::Silence),
        2 => (any::<u64>(), 500..2_600i32).prop_map(|(id, length)| Event::Fit(id, length)),
        1 => Just(Event::FitUsed),
        1 => Just(Event::Pull),
        1 => Just(Event::Press),
        1 => any::<bool>().prop_map(Event::Lock),
        1 => any::<bool>().prop_map(Event::Stick),
        1 => any::<bool>().prop_map(Event::Short),
        1 => (20..43i32).prop_map(Event::Nose),
        1 => (30..42i32).prop_map(Event::Battery),
    ]
}

/// What was promised before the last tick.
struct Watch {
    world: World,
    faults: FaultSet,
    /// Ticks since the cartridge was last fitted or pulled.
    fitted_for: u32,
    /// The depth that the carriage last went out for.
    went_out_for: Micrometers,
}

impl Watch {
    fn happen(&mut self, event: &Event) {
        // No hand swaps a cartridge within the 50 ms of the contact.
        let empty = !self.world.fitted && self.fitted_for > 30;
        let world = &mut self.world;
        match event {
            Event::Ask(request) => self.ask(*request),
            Event::Talk(ticks) => {
                for tick in 0..*ticks {
                    if tick % 50 == 0 {
                        self.world.ask(Request::Heartbeat);
                    }
                    self.tick();
                }
            }
            Event::Silence(ticks) => (0..*ticks).for_each(|_| self.tick()),
            Event::Fit(..) | Event::FitUsed if !empty => {}
            Event::Fit(id, length) => {
                self.fitted_for = 0;
                let fresh = chip(None);
                let needle_length = Micrometers(*length);
                world.fit(CartridgeChip {
                    id: *id,
                    needle_length,
                    ..fresh
                });
            }
            Event::FitUsed => {
                self.fitted_for = 0;
                world.fit(chip(Some(77)));
            }
            Event::Pull => {
                self.fitted_for = 0;
                world.fitted = false;
            }
            Event::Press => world.button = !world.button,
            Event::Lock(locked) => {
                world.motor.locked = *locked;
                world.speed = if *locked { 0.0 } else { world.speed };
            }
            Event::Stick(stuck) => world.stuck = *stuck,
            Event::Short(shorted) => world.motor.shorted = *shorted,
            Event::Nose(degrees) => world.nose = f64::from(*degrees),
            Event::Battery(decivolts) => world.motor.battery = f64::from(*decivolts) * 0.1,
        }
    }

    fn ask(&mut self, request: Request) {
        let before = self.world.status();
        let reply = self.world.ask(request);
        let after = self.world.status();
        if let Reply::Refused(_) = reply {
            assert_eq!(
                settings(&before),
                settings(&after),
                "a refusal changes nothing"
            );
        }
        match request {
            Request::ClearFaults if reply == Reply::Done => self.faults = after.faults,
            Request::Set(Setting::Depth(depth)) if reply == Reply::Done => {
                assert_eq!(after.depth, depth);
                assert!(after.depth <= after.limit, "{after:?}");
            }
            Request::Start if reply == Reply::Done => {
                assert!(before.cartridge && before.faults.is_empty(), "{before:?}");
                assert!(before.depth <= before.limit && before.state == State::Ready);
            }
            _ => {}
        }
        if before.state == State::Running {
            assert!(after.depth == before.depth || matches!(request, Request::EndTreatment));
        }
    }

    fn tick(&mut self) {
        let before = self.world.protrusion();
        self.world.tick();
        self.fitted_for += 1;
        let world = &mut self.world;
        let status = world.status();
        let outputs = world.outputs;

        // Settings.
        assert!(status.depth.0 % 250 == 0 && (0..=2_500).contains(&status.depth.0));
        assert!(status.unlocked || status.depth.0 <= 1_500, "{status:?}");
        if let Some(preset) = status.preset {
            let ceiling = presets()[preset as usize].2;
            assert!(status.depth.0 <= ceiling, "{status:?}");
        }

        // Motion.
        if matches!(status.state, State::Starting | State::Running) {
            assert!(status.depth <= status.limit, "{status:?}");
            self.went_out_for = status.depth;
        }
        if outputs.cutoff_closed || outputs.duty > 0 {
            assert!(
                matches!(status.state, State::Starting | State::Running),
                "{status:?}"
            );
            assert!(status.cartridge && status.faults.is_empty());
        }
        if outputs.duty > 0 {
            let marked = world.chip().and_then(|it| it.treatment);
            assert!(
                !world.fitted || marked == status.treatment,
                "{marked:?} {status:?}"
            );
            assert!(status.treatment.is_some());
        }
        let moved = world.protrusion() - before;
        let parked = -200.0 + 8.0;
        if moved > 0.0 && world.protrusion() > parked {
            assert!(matches!(
                status.state,
                State::Starting | State::Stopping | State::Faulted
            ));
        }
        if world.protrusion() > parked {
            let deepest = f64::from(self.went_out_for.0);
            assert!(
                world.protrusion() < deepest + 10.0,
                "{} {status:?}",
                world.protrusion()
            );
        }

        // Faults stay until they are cleared.
        assert_eq!(
            status.faults.0 & self.faults.0,
            self.faults.0,
            "a fault vanished"
        );
        self.faults = status.faults;
        assert_eq!(status.state == State::Faulted, !status.faults.is_empty());
    }

    /// Any fault ends in the safe state: motor off and at rest, parked or saying that it is not.
    fn finish(&mut self) {
        self.world.motor.shorted = false;
        (0..1_500).for_each(|_| self.tick());
        let status = self.world.status();
        if status.state == State::Faulted {
            assert!(!self.world.outputs.cutoff_closed && self.world.outputs.duty == 0);
            assert_eq!(self.world.speed, 0.0);
            assert!(status.parked != status.may_be_exposed, "{status:?}");
            if !status.faults.contains(Fault::CarriageLost) {
                assert!(
                    self.world.protrusion() < -150.0 && status.parked,
                    "{status:?}"
                );
            }
        }
    }
}

/// What a refusal must leave alone.
fn settings(status: &Status) -> (i32, i32, u32, bool, Option<Preset>, Option<u32>) {
    let Status {
        depth,
        limit,
        rate,
        unlocked,
        preset,
        treatment,
        ..
    } = status;
    (depth.0, limit.0, rate.0, *unlocked, *preset, *treatment)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_happens_the_pen_keeps_its_promises(
        events in proptest::collection::vec(event(), 1..40)
    ) {
        let mut watch = Watch {
            world: World::new(),
            faults: FaultSet::NONE,
            fitted_for: 0,
            // It may have been left anywhere.
            went_out_for: Micrometers(2_500),
        };
        watch.happen(&Event::Talk(400));
        events.iter().for_each(|event| watch.happen(event));
        watch.finish();
    }
}
