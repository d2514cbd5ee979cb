//! Invariants of the pen under random requests, inputs and faults, written from its requirements
//! and not from the code.

use std::collections::BTreeSet;

use firmware_core::ResetCause;
use firmware_units::{Micrometers, Milliseconds, Nanometers, StrokesPerMinute};
use firmware_wire::{
    CartridgeChip, Fault, FaultSet, Frame, Preset, Refusal, Reply, Request, Setting, State, Status,
};
use proptest::prelude::*;

use crate::simulation::{Ram, World, chip};
use crate::states::{self, Transition};

/// Depth and ceiling by preset in µm, from specs/pen-a1/presets.csv.
fn presets() -> Vec<(Preset, i32, i32)> {
    let table = include_str!("../../../../specs/pen-a1/presets.csv");
    let rows: Vec<_> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), Preset::ALL.len());
    let micrometers =
        |cell: &str| (cell.parse::<f64>().expect("a number") * 1_000.0).round() as i32;
    std::iter::zip(Preset::ALL, rows)
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
    /// Bytes on the link that are no frame, or half of one.
    Noise(Vec<u8>),
    /// An older frame comes late.
    Late(Request),
    Reset(ResetCause, Ram),
    /// The converter falls silent for some ticks.
    Blind(u16),
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
        2 => Just(Request::Pause),
        2 => Just(Request::NextSection),
        1 => any::<u8>().prop_map(|revision| Request::Hello { revision }),
        1 => Just(Request::Identify),
        1 => Just(Request::GetTreatment),
        1 => any::<u32>().prop_map(Request::GetLog),
        // The true values, so that the zero stays where it is, or none of this design.
        2 => (0..4usize).prop_map(|it| Request::Calibrate {
            home_protrusion: Nanometers([-412_345, -412_345, -150_000, -1_100_000][it]),
            screw_lead: Nanometers([500_700, 530_000, 500_700, 500_700][it]),
        }),
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
        1 => proptest::collection::vec(any::<u8>(), 1..120).prop_map(Event::Noise),
        1 => request().prop_map(Event::Late),
        1 => reset(),
        1 => (1..40u16).prop_map(Event::Blind),
    ]
}

fn reset() -> impl Strategy<Value = Event> {
    let cause = prop_oneof![
        Just(ResetCause::Power),
        Just(ResetCause::Watchdog),
        Just(ResetCause::Other),
    ];
    let ram = prop_oneof![Just(Ram::Kept), Just(Ram::Lost)];
    (cause, ram).prop_map(|(cause, ram)| Event::Reset(cause, ram))
}

/// What was promised before the last tick.
struct Watch {
    world: World,
    faults: FaultSet,
    /// Ticks since the cartridge was last fitted or pulled.
    fitted_for: u32,
    /// The depth that the carriage last went out for.
    went_out_for: Micrometers,
    /// What the host unlocked and chose, by its own book.
    unlocked: bool,
    ceiling: i32,
    /// Needle length of the cartridge fitted.
    needle_length: i32,
    /// The treatment under way, and the turns when it began, where no reset made that uncertain.
    treatment: Option<u32>,
    began: Option<(u32, u64)>,
    was: State,
    /// The transitions of STATES.md.
    listed: BTreeSet<Transition>,
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
                self.needle_length = *length;
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
                self.needle_length = 2_500;
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
            Event::Noise(bytes) => {
                // What is answered is an answer to no request: 2 in 2^32 could be a frame.
                let before = self.world.status();
                for &byte in bytes {
                    self.world.pen.receive_byte(byte);
                }
                assert_eq!(settings(&before), settings(&self.world.status()));
            }
            Event::Late(request) => self.late(*request),
            Event::Reset(cause, ram) => {
                self.world.reset(*cause, *ram);
                self.faults = self.world.status().faults;
                self.unlocked = false;
                self.ceiling = 2_500;
                self.began = None;
                self.treatment = self.world.status().treatment;
                self.went_out_for = Micrometers(2_500);
                self.was = State::Boot;
            }
            Event::Blind(ticks) => {
                self.world.converter_dead = true;
                (0..*ticks).for_each(|_| self.tick());
                self.world.converter_dead = false;
            }
        }
    }

    /// A frame with an older number than the last one: nothing but STOP may come of it.
    fn late(&mut self, request: Request) {
        self.world.ask(Request::Heartbeat);
        if matches!(request, Request::Stop | Request::Identify) {
            return;
        }
        let before = self.world.status();
        let frame = Frame {
            sequence: self.world.sequence.wrapping_sub(7),
            message: request,
        };
        let answer = self.world.pen.receive(Ok(frame)).expect("answered");
        let refused = matches!(
            answer.message,
            Reply::Refused(Refusal::OutOfOrder | Refusal::Busy)
        );
        assert!(refused, "{answer:?}");
        assert_eq!(before, self.world.status());
    }

    /// Holds a change of state to the table.
    fn change_to(&mut self, state: State) {
        let transition = states::transition(self.was, state);
        assert!(
            self.was == state || self.listed.contains(&transition),
            "{transition:?} is not in STATES.md"
        );
        self.was = state;
    }

    /// The deepest setting that may go out, by the host's book and the cartridge.
    fn allowed(&self) -> i32 {
        let armed = if self.unlocked { 2_500 } else { 1_500 };
        armed.min(self.ceiling).min(self.needle_length)
    }

    /// Keeps the host's book.
    fn book(&mut self, request: Request) {
        match request {
            Request::UnlockDepth => self.unlocked = true,
            Request::LockDepth | Request::EndTreatment => self.unlocked = false,
            Request::SelectPreset(preset) => self.ceiling = presets()[preset as usize].2,
            Request::ClearPreset => self.ceiling = 2_500,
            _ => {}
        }
    }

    fn ask(&mut self, request: Request) {
        let before = self.world.status();
        self.change_to(before.state);
        let reply = self.world.ask(request);
        let after = self.world.status();
        if let Reply::Refused(_) = reply {
            assert_eq!(
                settings(&before),
                settings(&after),
                "a refusal changes nothing"
            );
        }
        if reply == Reply::Done {
            self.book(request);
        }
        match request {
            Request::ClearFaults if reply == Reply::Done => self.faults = after.faults,
            Request::Set(Setting::Depth(depth)) if reply == Reply::Done => {
                assert_eq!(after.depth, depth);
                assert!(after.depth <= after.limit, "{after:?}");
            }
            Request::Start if reply == Reply::Done => {
                assert!(before.cartridge && before.faults.is_empty(), "{before:?}");
                assert!(before.depth <= before.limit);
                assert!(matches!(
                    before.state,
                    State::Ready | State::Paused | State::Asleep
                ));
                assert!(before.depth.0 <= self.allowed(), "{before:?}");
            }
            _ => {}
        }
        self.change_to(after.state);
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

        // A treatment begins with START and its strokes are the cam's.
        if status.treatment != self.treatment {
            self.treatment = status.treatment;
            let at_rest = world.speed == 0.0 && self.was != State::Boot;
            self.began = status
                .treatment
                .filter(|_| at_rest)
                .map(|id| (id, world.turns));
        }
        if status.state == State::Starting && self.was != State::Starting {
            assert!(status.depth.0 <= self.allowed(), "{status:?}");
        }
        self.change_to(status.state);
        let world = &mut self.world;

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
        if let Some((id, turns)) = self.began
            && status.treatment == Some(id)
            && self.world.speed == 0.0
        {
            let report = self.world.treatment();
            assert_eq!(u64::from(report.strokes), self.world.turns - turns);
            assert!(report.section_strokes <= report.strokes);
            assert!(report.pass_strokes <= report.section_strokes);
            assert!(u32::from(report.section_passes) <= report.passes);
        }
        if status.state == State::Faulted {
            assert!(!self.world.outputs.cutoff_closed && self.world.outputs.duty == 0);
            assert_eq!(self.world.speed, 0.0);
            assert!(status.parked != status.may_be_exposed, "{status:?}");
            let blind = [Fault::CarriageLost, Fault::SelfTest];
            if !blind.into_iter().any(|it| status.faults.contains(it)) {
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
    // 2,800 x 20 to 60 events: more than 100,000.
    #![proptest_config(ProptestConfig::with_cases(2_800))]

    #[test]
    fn whatever_happens_the_pen_keeps_its_promises(
        events in proptest::collection::vec(event(), 20..60)
    ) {
        let mut watch = Watch {
            world: World::new(),
            faults: FaultSet::NONE,
            fitted_for: 0,
            // It may have been left anywhere.
            went_out_for: Micrometers(2_500),
            unlocked: false,
            ceiling: 2_500,
            needle_length: 0,
            treatment: None,
            began: None,
            was: State::Boot,
            listed: states::listed(),
        };
        watch.happen(&Event::Talk(400));
        events.iter().for_each(|event| watch.happen(event));
        watch.finish();
    }
}
