//! Settings, frames that are not as they should be, revisions, and telemetry.

use firmware_units::{Micrometers, Milliseconds, StrokesPerMinute};
use firmware_wire::{
    DecodeError, Fault, Frame, LinkReport, Preset, Refusal, Reply, Request, Setting, SettingId,
    State, encode,
};

use crate::motion::mean_rate;
use crate::simulation::World;

#[test]
fn settings_read_back_and_stand_while_running() {
    let mut world = World::running(1_000, 7_000);
    let set = Request::Set(Setting::Depth(Micrometers(500)));
    assert_eq!(world.ask(set), Reply::Refused(Refusal::Running));
    assert_eq!(
        world.ask(Request::SelectPreset(Preset::Nose)),
        Reply::Refused(Refusal::Running)
    );
    assert_eq!(world.ask(Request::Start), Reply::Refused(Refusal::Running));
    let rate = Setting::Rate(StrokesPerMinute(6_000));
    assert_eq!(world.ask(Request::Set(rate)), Reply::Done);
    assert_eq!(
        world.ask(Request::Get(SettingId::Rate)),
        Reply::Setting(rate)
    );
    let depth = Setting::Depth(Micrometers(1_000));
    assert_eq!(
        world.ask(Request::Get(SettingId::Depth)),
        Reply::Setting(depth)
    );
    world.run(2.0);
    assert!((mean_rate(&world, 1.0) / 100.0 - 1.0).abs() < 0.01);
}

#[test]
fn a_repeated_frame_is_answered_again_and_not_acted_on_again() {
    let mut world = World::ready();
    let start = Frame {
        sequence: 900,
        message: Request::Start,
    };
    let first = world.receive(Ok(start)).unwrap();
    let again = world.receive(Ok(start)).unwrap();
    assert_eq!((first, first.message), (again, Reply::Done));
    let other = Frame {
        sequence: 900,
        message: Request::Heartbeat,
    };
    world.receive(Ok(other)).unwrap();
    assert_eq!(world.receive(Err(DecodeError::Malformed)), None);
    assert_eq!(world.receive(Err(DecodeError::Oversized)), None);
    let foreign = Err(DecodeError::Version {
        version: 2,
        sequence: 5,
    });
    let answer = world.receive(foreign).unwrap();
    assert_eq!(
        answer,
        Frame {
            sequence: 5,
            message: Reply::NotUnderstood { protocol: 1 }
        }
    );
    world
        .receive(Err(DecodeError::Message { sequence: 6 }))
        .unwrap();
    let Reply::LinkCounters(counters) = world.ask(Request::GetLinkCounters) else {
        panic!()
    };
    assert_eq!((counters.malformed, counters.oversized), (1, 1));
    assert_eq!((counters.not_understood, counters.repeated), (2, 1));
}

#[test]
fn stop_is_acted_on_however_often_it_comes() {
    let mut world = World::running(1_000, 7_000);
    let stop = Frame {
        sequence: 900,
        message: Request::Stop,
    };
    world.receive(Ok(stop)).unwrap();
    world.run_silent(0.3);
    // Started by the button, the pen runs without a host, and the next host counts anew.
    world.button = true;
    world.run_silent(0.2);
    world.button = false;
    world.run_silent(1.5);
    assert!(world.rate() > 20.0, "{}", world.rate());
    world.receive(Ok(stop)).unwrap();
    world.run_silent(1.0);
    assert!(world.rate() < 1.0, "{}", world.rate());
}

#[test]
fn telemetry_comes_at_its_period_and_says_zero_at_rest() {
    let mut world = World::ready();
    assert_eq!(
        world.ask(Request::SetTelemetryPeriod(Milliseconds(9))),
        Reply::Refused(Refusal::OutOfRange)
    );
    world.ask(Request::SetTelemetryPeriod(Milliseconds(20)));
    world.begin(1_000, 7_000);
    world.run(2.0);
    assert_eq!(world.telemetry.len(), 100);
    let last = *world.telemetry.last().unwrap();
    assert!(last.rate_millihertz.abs_diff(116_667) < 500, "{last:?}");
    // The sensor is on the motor's side of the backlash.
    assert!((last.position.0 - 1_000).abs() < 40, "{last:?}");
    assert!((last.motor_current.0 - 250).abs() < 60, "{last:?}");
    world.ask(Request::Stop);
    world.run(0.3);
    world.telemetry.clear();
    world.run(0.5);
    assert!(world.telemetry.iter().all(|it| it.rate_millihertz == 0));
    world.ask(Request::SetTelemetryPeriod(Milliseconds(0)));
    world.telemetry.clear();
    world.run(0.5);
    assert!(world.telemetry.is_empty());
}

fn link_report(world: &mut World) -> LinkReport {
    match world.ask(Request::GetLinkReport) {
        Reply::LinkReport(report) => report,
        other => panic!("{other:?}"),
    }
}

fn send(world: &mut World, sequence: u16, message: Request) -> Reply {
    let answer = world.receive(Ok(Frame { sequence, message }));
    answer.expect("a whole frame is answered").message
}

#[test]
fn an_old_frame_is_refused_and_changes_nothing() {
    let mut world = World::ready();
    let depth = |depth| Request::Set(Setting::Depth(Micrometers(depth)));
    let refused = Reply::Refused(Refusal::OutOfOrder);
    world.hello();
    assert_eq!(send(&mut world, 1_000, depth(1_000)), Reply::Done);
    assert_eq!(send(&mut world, 999, depth(500)), refused);
    assert_eq!(send(&mut world, 1_000 - 64, Request::Start), refused);
    assert_eq!(world.status().depth, Micrometers(1_000));
    // The last frame again is not an old one, and farther behind is a host that began anew.
    assert_eq!(send(&mut world, 1_000, depth(1_000)), Reply::Done);
    assert_eq!(send(&mut world, 1_000 - 65, depth(750)), Reply::Done);
    // Numbers wrap.
    assert_eq!(send(&mut world, 3, Request::Heartbeat), Reply::Done);
    assert_eq!(send(&mut world, u16::MAX - 10, depth(250)), refused);
    // A host that opens its conversation may begin with any number, and so may one after silence.
    assert!(matches!(
        send(&mut world, 1, Request::Identify),
        Reply::Identity(_)
    ));
    assert_eq!(send(&mut world, 2, depth(500)), Reply::Done);
    world.run_silent(0.5);
    assert_eq!(send(&mut world, 1, depth(250)), Reply::Done);
    assert_eq!(link_report(&mut world).out_of_order, 3);
}

#[test]
fn an_old_stop_stops_and_lets_newer_frames_through() {
    let mut world = World::running(1_000, 7_000);
    let next = world.sequence + 5;
    assert_eq!(send(&mut world, next, Request::Heartbeat), Reply::Done);
    assert_eq!(send(&mut world, next - 3, Request::Stop), Reply::Done);
    world.run_silent(0.3);
    assert_eq!(world.rate(), 0.0);
    assert_eq!(send(&mut world, next + 1, Request::Heartbeat), Reply::Done);
    assert_eq!(
        send(&mut world, next, Request::LockDepth),
        Reply::Refused(Refusal::Busy),
        "in the words of revision 0"
    );
}

#[test]
fn old_frames_keep_no_run_alive() {
    let mut world = World::running(1_000, 7_000);
    let old = world.sequence - 3;
    for _ in 0..14 {
        assert_eq!(
            send(&mut world, old, Request::Heartbeat),
            Reply::Refused(Refusal::Busy)
        );
        world.run_silent(0.02);
    }
    world.run_silent(0.14);
    let status = world.status();
    assert!(status.faults.contains(Fault::LostLink), "{status:?}");
}

#[test]
fn a_frame_that_breaks_off_spoils_no_later_one() {
    let mut world = World::ready();
    let start = encode(900, &Request::Start).unwrap();
    let beat = encode(901, &Request::Heartbeat).unwrap();
    let feed = |world: &mut World, bytes: &[u8]| {
        let answers = world.feed(bytes).into_iter();
        answers.map(|it| it.message).collect::<Vec<_>>()
    };
    assert_eq!(feed(&mut world, &start[..5]), []);
    world.run_silent(0.06);
    assert_eq!(feed(&mut world, &beat), [Reply::Done]);
    // Without the silence the two are one broken frame.
    assert_eq!(feed(&mut world, &start[..5]), []);
    assert_eq!(feed(&mut world, &beat), []);
    // Slow bytes are no break.
    for byte in &beat[..beat.len() - 1] {
        assert_eq!(feed(&mut world, &[*byte]), []);
        world.run_silent(0.04);
    }
    assert_eq!(feed(&mut world, &[0]), [Reply::Done]);
    world.run_silent(0.5);
    assert_eq!(world.turns, 0);
    let report = link_report(&mut world);
    assert_eq!((report.truncated, report.counters.malformed), (1, 2));
}

#[test]
fn damaged_bytes_of_the_receiver_are_counted() {
    let mut world = World::ready();
    world.pen.receive_error();
    world.pen.receive_error();
    assert_eq!(link_report(&mut world).receive_errors, 2);
}

#[test]
fn what_a_host_does_not_know_is_said_in_words_that_it_knows() {
    let shown = |world: &mut World| match world.ask(Request::GetStatus) {
        Reply::Status(status) => status.state,
        other => panic!("{other:?}"),
    };
    let mut world = World::running(1_000, 7_000);
    world.ask(Request::Pause);
    world.run(0.5);
    assert_eq!(shown(&mut world), State::Ready);
    world.hello();
    assert_eq!(shown(&mut world), State::Paused);
    world.run_silent(301.0);
    assert_eq!(shown(&mut world), State::Asleep);
    world.ask(Request::SetTelemetryPeriod(Milliseconds(20)));
    world.run_silent(0.1);
    assert_eq!(world.telemetry.last().unwrap().state, State::Asleep);
    // Another host opens its conversation.
    world.ask(Request::Identify);
    assert_eq!(shown(&mut world), State::Ready);
    world.run_silent(0.1);
    assert_eq!(world.telemetry.last().unwrap().state, State::Ready);
    world.fitted = false;
    world.run_silent(301.0);
    assert_eq!(shown(&mut world), State::Standby);
}

#[test]
fn a_newer_host_is_told_what_is_spoken_here() {
    let mut world = World::ready();
    let newer = world.ask(Request::Hello { revision: 200 });
    assert_eq!(
        newer,
        Reply::Hello {
            protocol: 1,
            revision: 1
        }
    );
    assert_eq!(
        world.ask(Request::Hello { revision: 0 }),
        Reply::Hello {
            protocol: 1,
            revision: 0
        }
    );
    // A frame of version 2 that is otherwise whole.
    let mut decoder = firmware_wire::Decoder::new();
    let frame = encode(7, &Request::Start).unwrap();
    let mut raw = frame[..frame.len() - 1].to_vec();
    let length = cobs::decode_in_place(&mut raw).unwrap();
    raw.truncate(length - 4);
    raw[0] = 2;
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&raw);
    raw.extend_from_slice(&crc.to_le_bytes());
    let mut coded = cobs::encode_vec(&raw);
    coded.push(0);
    let answers = world.feed(&coded);
    let [answer] = answers[..] else {
        panic!("{answers:?}")
    };
    let bytes = encode(answer.sequence, &answer.message).unwrap();
    let mut told = bytes.iter().filter_map(|&byte| decoder.push::<Reply>(byte));
    assert_eq!(
        told.next(),
        Some(Ok(Frame {
            sequence: 7,
            message: Reply::NotUnderstood { protocol: 1 }
        }))
    );
    world.run(0.5);
    assert_eq!(world.turns, 0);
}
