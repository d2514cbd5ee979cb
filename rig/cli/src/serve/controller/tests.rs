//! The controller on a virtual bench, without ports: what each frame does, and what is refused.

use super::*;
use rig_bench_virtual::{Scenario, VirtualBench};

fn bench() -> VirtualBench {
    VirtualBench::new(&Scenario::reference(), 0, 1).unwrap()
}

fn reports(controller: &mut Controller) -> Vec<Report> {
    let mut decoder = Decoder::new();
    let frames = controller.take().into_iter();
    frames
        .flat_map(|frame| decoder.extend(&frame))
        .map(|frame| frame.unwrap().message)
        .collect()
}

#[test]
fn a_frame_of_another_version_is_answered_and_not_obeyed() {
    let mut bench = bench();
    let mut controller = Controller::new(&bench, false);
    let mut frame = encode(9, &Command::KeepAlive).unwrap();
    // A broken frame is dropped, and the next one is read.
    frame[1] ^= 0x55;
    frame.extend(encode(10, &Command::PowerOff).unwrap());
    controller
        .receive(&mut bench, &frame, Duration::ZERO)
        .unwrap();
    let said = reports(&mut controller);
    let [Report::Reply { to: 10, reply }] = said.as_slice() else {
        panic!("{said:?}");
    };
    assert!(matches!(reply, Reply::Refused(it) if it.why == WhyNot::IsOff));
}

#[test]
fn link_bytes_are_counted_when_they_have_left_and_time_comes_last() {
    let bench = bench();
    let mut controller = Controller::new(&bench, true);
    controller.sent(11, Nanoseconds(2_000_000));
    controller.observed(&[], Nanoseconds(1_000_000));
    let now_ns = 1_000_000;
    assert_eq!(reports(&mut controller), [Report::Time { now_ns }]);
    let at = Nanoseconds(3_000_000);
    let bytes = vec![1, 2, 0];
    controller.observed(&[Observation::Link { at, bytes }], Nanoseconds(4_000_000));
    let link = |at_ns, from_pen| Report::Link {
        at_ns,
        from_pen,
        to_pen: 11,
    };
    let now_ns = 4_000_000;
    assert_eq!(
        reports(&mut controller),
        [
            link(2_000_000, 0),
            link(3_000_000, 3),
            Report::Time { now_ns }
        ]
    );
}

#[test]
fn a_silent_rig_loses_the_supply_and_one_that_says_anything_keeps_it() {
    let mut bench = bench();
    let mut controller = Controller::new(&bench, false);
    let hold_ms = 200;
    let supply_mv = 3_700;
    let on = encode(0, &Command::PowerOn { supply_mv, hold_ms }).unwrap();
    let at = Duration::from_millis;
    controller.receive(&mut bench, &on, at(1_000)).unwrap();
    controller.watch(&mut bench, at(1_200)).unwrap();
    assert!(controller.is_powered());
    let alive = encode(1, &Command::KeepAlive).unwrap();
    controller.receive(&mut bench, &alive, at(1_200)).unwrap();
    controller.watch(&mut bench, at(1_400)).unwrap();
    assert!(controller.is_powered());
    controller.watch(&mut bench, at(1_401)).unwrap();
    assert!(!controller.is_powered());
    let cause = OffCause::RigSilent;
    let last = reports(&mut controller).pop();
    assert_eq!(last, Some(Report::SupplyOff { now_ns: 0, cause }));
}

#[test]
fn faults_are_described_and_brought_about_and_what_the_fixture_lacks_is_refused() {
    let mut bench = bench();
    let mut controller = Controller::new(&bench, false);
    let mut ask = |number, command| {
        let frame = encode(number, &command).unwrap();
        let wall = Duration::ZERO;
        controller.receive(&mut bench, &frame, wall).unwrap();
        reports(&mut controller)
    };
    let described = ask(0, Command::DescribeFaults);
    let name_of = |report: &Report| match report {
        Report::Reply {
            reply: Reply::Fault(fault),
            ..
        } => Some((fault.name.clone(), fault.contained)),
        _ => None,
    };
    let faults: Vec<_> = described.iter().filter_map(name_of).collect();
    assert_eq!(described.len(), faults.len() + 1, "and Done");
    assert!(faults.contains(&("hall-dead".to_owned(), true)));
    assert!(faults.contains(&("needles-long um 300".to_owned(), false)));
    let n = u16::try_from(faults.len()).unwrap();
    let mut refusal = |act| {
        let said = ask(1, Command::Actuate(act));
        match said.as_slice() {
            [Report::Reply { reply, .. }] => match reply {
                Reply::Done { .. } => None,
                Reply::Refused(refusal) => Some(refusal.why),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    let fault = |fault| Act::Fault {
        fault,
        present: true,
    };
    assert_eq!(refusal(fault(n - 1)), None);
    assert_eq!(refusal(fault(n)), Some(WhyNot::Lacking));
    assert_eq!(refusal(Act::AxialForce { force_mn: 1_000 }), None);
    let pull = Act::AxialForce { force_mn: -1 };
    assert_eq!(refusal(pull), Some(WhyNot::Lacking));
}
