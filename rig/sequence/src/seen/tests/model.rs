//! Orders by the reference model, instruments by a pen of a few numbers.

use super::pen::{Pen, s};
use crate::action::Fitting;
use crate::model::Requirements;
use crate::seen::{Seen, see};
use crate::testing::spec;
use crate::trace::{Event, What};
use crate::violation::Property;
use firmware_units::Micrometers;
use firmware_wire::{Refusal, Reply, Request, Setting};

/// A treatment: what the host does to a pen that does as it is told.
struct Host {
    events: Vec<Event>,
    number: u16,
}

impl Host {
    fn new() -> Self {
        Self {
            events: Vec::new(),
            number: 0,
        }
    }

    fn at(&mut self, at_s: f64, what: What) {
        self.events.push(Event { at: s(at_s), what });
    }

    /// Asks, and is answered 3 ms later.
    fn ask(&mut self, at_s: f64, request: Request, reply: Reply) {
        self.number += 1;
        let number = self.number;
        self.at(at_s, What::Sent { number, request });
        self.at(at_s + 0.003, What::Replied { number, reply });
    }

    /// Heartbeats every 100 ms from one time to another.
    fn beat(&mut self, from_s: f64, to_s: f64) {
        let mut at_s = from_s;
        while at_s < to_s {
            self.ask(at_s, Request::Heartbeat, Reply::Done);
            at_s += 0.1;
        }
    }

    /// A fresh cartridge and the depth of the pen, 1.50 mm.
    fn fit(&mut self) {
        let length = Micrometers(2_500);
        self.at(0.1, What::Cartridge(Some((Fitting::Fresh { length }, 7))));
        let depth = Setting::Depth(Micrometers(1_500));
        self.ask(0.6, Request::Set(depth), Reply::Done);
    }

    fn see(self, pen: &Pen) -> Seen {
        let mut trace = pen.trace();
        trace.events.extend(self.events);
        trace.events.sort_by_key(|it| it.at);
        see(&trace, &Requirements::from_spec(&spec()).unwrap())
    }
}

/// START at 1 s and STOP at 5 s, or the last heartbeat there.
fn treatment(pen: &Pen, stop: Option<Request>) -> Seen {
    let mut host = Host::new();
    host.fit();
    host.ask(1.0, Request::Start, Reply::Done);
    host.beat(1.05, 5.0);
    if let Some(stop) = stop {
        host.ask(5.0, stop, Reply::Done);
    }
    host.see(pen)
}

#[test]
fn a_treatment_holds_and_is_judged_as_with_orders_by_hand() {
    for stop in [Request::Stop, Request::Pause, Request::EndTreatment] {
        let seen = treatment(&Pen::default(), Some(stop));
        assert!(seen.held(), "{stop:?}: {seen:?}");
        let by_hand = Pen::default().seen().judged;
        assert_eq!(seen.judged, by_hand, "{stop:?}");
    }
}

#[test]
fn a_stop_that_takes_too_long_is_found_whatever_asked_for_it() {
    let slow = Pen {
        braking_s: 0.7,
        ..Pen::default()
    };
    for stop in [Request::Stop, Request::Pause, Request::EndTreatment] {
        let seen = treatment(&slow, Some(stop));
        assert_eq!(seen.properties(), [Property::Stop], "{stop:?}: {seen:?}");
    }
}

#[test]
fn a_silent_host_is_found_to_be_missed_or_not() {
    let running = |braking_s| Pen {
        braking_s,
        parking_s: 0.8,
        ..Pen::default()
    };
    let in_time = treatment(&running(0.8), None);
    assert!(in_time.held(), "{in_time:?}");
    assert_eq!(in_time.judged.link_losses, 1);
    let late = treatment(&running(1.2), None);
    assert_eq!(late.properties(), [Property::LostLink], "{late:?}");
}

#[test]
fn a_cartridge_taken_out_ends_a_run_in_the_time_of_a_stop_and_its_contact() {
    let taken_out = |braking_s| {
        let mut host = Host::new();
        host.fit();
        host.ask(1.0, Request::Start, Reply::Done);
        host.beat(1.05, 6.9);
        host.at(5.0, What::Cartridge(None));
        host.see(&Pen {
            braking_s,
            ..Pen::default()
        })
    };
    let in_time = taken_out(0.5);
    assert!(in_time.held(), "{in_time:?}");
    assert_eq!(in_time.judged.stops, 1);
    assert_eq!(taken_out(0.7).properties(), [Property::Stop]);
}

#[test]
fn a_stop_right_behind_a_start_counts_from_its_own_last_bit() {
    let burst = |braking_s| {
        let mut host = Host::new();
        host.fit();
        host.at(1.0, sent(20, Request::Start));
        host.at(1.002, sent(21, Request::Stop));
        host.at(1.004, replied(20));
        host.at(1.006, replied(21));
        host.see(&Pen {
            stop_s: 1.45,
            braking_s,
            ..Pen::default()
        })
    };
    let late = burst(0.3);
    assert_eq!(late.properties(), [Property::Stop], "{late:?}");
    let mut host = Host::new();
    host.fit();
    host.at(1.0, sent(20, Request::Start));
    host.at(1.002, sent(21, Request::Stop));
    host.at(1.004, replied(20));
    host.at(1.006, replied(21));
    let nothing = Pen {
        speed: 0.0,
        stop_s: 1.002,
        ..Pen::default()
    };
    let seen = host.see(&nothing);
    assert!(seen.held(), "{seen:?}");
    assert_eq!(seen.judged.stops, 1);
}

fn sent(number: u16, request: Request) -> What {
    What::Sent { number, request }
}

fn replied(number: u16) -> What {
    What::Replied {
        number,
        reply: Reply::Done,
    }
}

#[test]
fn motion_without_a_cartridge_or_without_a_start_is_found() {
    let mut host = Host::new();
    let refused = Reply::Refused(Refusal::NoCartridge);
    host.ask(1.0, Request::Start, refused);
    let seen = host.see(&Pen::default());
    assert!(seen.properties().contains(&Property::Motion), "{seen:?}");
    let mut host = Host::new();
    host.fit();
    host.beat(1.05, 5.0);
    let seen = host.see(&Pen::default());
    assert!(seen.properties().contains(&Property::Motion), "{seen:?}");
}

#[test]
fn a_setting_above_the_armed_limit_that_is_refused_lifts_no_ceiling() {
    let mut host = Host::new();
    host.fit();
    let depth = Setting::Depth(Micrometers(2_000));
    let refused = Reply::Refused(Refusal::AboveArmedLimit);
    host.ask(0.8, Request::Set(depth), refused);
    host.ask(1.0, Request::Start, Reply::Done);
    host.beat(1.05, 5.0);
    host.ask(5.0, Request::Stop, Reply::Done);
    let deep = Pen {
        depth: Micrometers(2_000),
        ..Pen::default()
    };
    let seen = host.see(&deep);
    let found = seen.properties();
    assert!(found.contains(&Property::Ceiling), "{seen:?}");
    assert!(found.contains(&Property::Depth), "{seen:?}");
}
