//! Exact bytes of version 1, what comes back, and what is thrown away.

use super::*;
use crate::message::{
    Act, ActuatorName, CartridgeChip, Command, Exception, FaultInfo, InstrumentName, MAX_SAMPLES,
    OffCause, Refusal, Reply, Report, Samples, ShaftState, WhyNot,
};
use proptest::prelude::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Version 1 has been described to those who build controllers: these bytes may not change.
#[test]
fn frames_of_version_1_are_these_bytes() {
    let check = |number, message: &Command, expected: &str| {
        assert_eq!(hex(&encode(number, message).unwrap()), expected);
    };
    check(0, &Command::Describe, "020101010579b8f89900");
    check(1, &Command::KeepAlive, "0301010601d8e23def00");
    check(
        2,
        &Command::PowerOn {
            supply_mv: 3_700,
            hold_ms: 2_000,
        },
        "0301020a02f41cd00fd49e684900",
    );
    check(3, &Command::PowerOff, "03010306039a57b70200");
    check(
        4,
        &Command::Actuate(Act::Supply { mv: 3_000 }),
        "030104020407b817fca0278000",
    );
    check(
        5,
        &Command::Actuate(Act::NeedleLoad {
            needles: 14,
            force_mn: 200,
        }),
        "0301050a04010e90035fc75a5400",
    );
    check(
        6,
        &Command::Actuate(Act::Shaft(ShaftState::Brake { torque_unm: 1_500 })),
        "0301060a040201b817c64fdc3b00",
    );
    check(
        7,
        &Command::Actuate(Act::Cartridge(None)),
        "0301070304030509559ae400",
    );
    check(
        8,
        &Command::Actuate(Act::Cartridge(Some(CartridgeChip {
            chip: [0xA5; 24],
            excess_um: -12,
        }))),
        "03010821040301a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5177f25eafe00",
    );
    check(
        9,
        &Command::Actuate(Act::Button { pressed: true }),
        "03010908040401394dec6300",
    );
    check(
        10,
        &Command::Actuate(Act::GaugeBlock { present: true }),
        "03010a08040501a806573d00",
    );
    check(
        11,
        &Command::Actuate(Act::Battery),
        "03010b0704089a14f44600",
    );
    let check = |number, message: &Report, expected: &str| {
        assert_eq!(hex(&encode(number, message).unwrap()), expected);
    };
    check(
        258,
        &Report::Reply {
            to: 2,
            reply: Reply::Done { now_ns: 0 },
        },
        "04010201020201051f88374800",
    );
    check(
        259,
        &Report::Reply {
            to: 3,
            reply: Reply::Refused(Refusal {
                why: WhyNot::IsOff,
                text: "supply is off".to_owned(),
            }),
        },
        "04010301160301010d737570706c79206973206f666691f569c500",
    );
    check(
        260,
        &Report::Samples(Samples {
            instrument: InstrumentName::Gauge,
            first: 1_000,
            at_ns: 50_000_000,
            values: vec![-400_000, 0, 122],
            exceptions: vec![(1, Exception::NoTarget)],
        }),
        "05010401010be80780e1eb1703ffe93005f4010101058d32cee000",
    );
    check(
        264,
        &Report::Samples(Samples {
            instrument: InstrumentName::NoseThermometer,
            first: 4,
            at_ns: 1_000_000_000,
            values: vec![31_420],
            exceptions: Vec::new(),
        }),
        "100108010104048094ebdc0301f8ea03059b4fc7ca00",
    );
    check(
        265,
        &Report::Samples(Samples {
            instrument: InstrumentName::AmbientThermometer,
            first: 0,
            at_ns: 0,
            values: Vec::new(),
            exceptions: Vec::new(),
        }),
        "06010901010501010105a74cf64b00",
    );
    check(
        266,
        &Report::Reply {
            to: 4,
            reply: Reply::Actuators(vec![ActuatorName::GaugeBlock, ActuatorName::Battery]),
        },
        "04010a010a0405020507ebf40ce400",
    );
    check(
        261,
        &Report::Time { now_ns: 51_000_000 },
        "0d01050102c0e5a8186f22fae600",
    );
    check(
        262,
        &Report::Link {
            at_ns: 50_999_000,
            from_pen: 40,
            to_pen: 20,
        },
        "0f01060103d8dda81828149efc75d000",
    );
    check(
        263,
        &Report::SupplyOff {
            now_ns: 51_000_000,
            cause: OffCause::RigSilent,
        },
        "0901070104c0e5a81805068d959b00",
    );
}

/// What revision 2 added to version 1: these bytes may not change either.
#[test]
fn frames_of_revision_2_are_these_bytes() {
    let check = |number, message: &Command, expected: &str| {
        assert_eq!(hex(&encode(number, message).unwrap()), expected);
    };
    check(
        11,
        &Command::Actuate(Act::AxialForce { force_mn: 1_000 }),
        "03010b090406d00f6217b4cb00",
    );
    check(
        12,
        &Command::Actuate(Act::Fault {
            fault: 300,
            present: true,
        }),
        "03010c0a0407ac0201eadd2c9300",
    );
    check(13, &Command::DescribeFaults, "03010d0605a5df4ae100");
    let check = |number, message: &Report, expected: &str| {
        assert_eq!(hex(&encode(number, message).unwrap()), expected);
    };
    check(
        264,
        &Report::Reply {
            to: 13,
            reply: Reply::Fault(FaultInfo {
                name: "hall-dead".to_owned(),
                contained: true,
                does: "no edges".to_owned(),
            }),
        },
        "040108011b0d060968616c6c2d6465616401086e6f206564676573d217833800",
    );
    check(
        265,
        &Report::Reply {
            to: 14,
            reply: Reply::Actuators(vec![ActuatorName::GaugeBlock, ActuatorName::Axial]),
        },
        "040109010a0e050205063fdb345700",
    );
    check(
        266,
        &Report::Samples(Samples {
            instrument: InstrumentName::Force,
            first: 7,
            at_ns: 1_000_000,
            values: vec![1_000_000],
            exceptions: Vec::new(),
        }),
        "0e010a01010307c0843d0180897a05af0880f600",
    );
}

#[test]
fn the_largest_block_of_samples_fits() {
    let samples = Samples {
        instrument: InstrumentName::MotorCurrent,
        first: u64::MAX,
        at_ns: u64::MAX,
        values: vec![i64::MIN; MAX_SAMPLES],
        exceptions: (0..MAX_SAMPLES as u16)
            .map(|index| (index, Exception::OutOfRange))
            .collect(),
    };
    assert!(encode(u16::MAX, &Report::Samples(samples)).is_ok());
    let cause = "x".repeat(MAX_FRAME_LEN);
    assert_eq!(encode(0, &Report::Broken { cause }), Err(EncodeError));
}

#[test]
fn another_version_and_an_unknown_message_say_their_number() {
    let framed = |body: &[u8]| {
        let mut raw = body.to_vec();
        raw.extend(CRC.checksum(body).to_le_bytes());
        let mut coded = vec![0; cobs::max_encoding_length(raw.len())];
        let length = cobs::encode(&raw, &mut coded);
        coded.truncate(length);
        coded.push(0);
        coded
    };
    let check = |body: &[u8], expected| {
        let mut decoder = Decoder::<Command>::new();
        assert_eq!(decoder.extend(&framed(body)), vec![Err(expected)]);
    };
    let (version, number) = (2, 0x0305);
    check(&[2, 5, 3, 0], DecodeError::Version { version, number });
    check(&[1, 5, 3, 99], DecodeError::Message { number });
    // A known command and a byte too many.
    check(&[1, 5, 3, 0, 0], DecodeError::Message { number });
    check(&[1, 5], DecodeError::Malformed);
}

fn report() -> impl Strategy<Value = Report> {
    let samples = (
        any::<u64>(),
        any::<u64>(),
        prop::collection::vec(any::<i64>(), 0..MAX_SAMPLES),
    );
    prop_oneof![
        any::<u64>().prop_map(|now_ns| Report::Time { now_ns }),
        (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(at_ns, from_pen, to_pen)| {
            Report::Link {
                at_ns,
                from_pen,
                to_pen,
            }
        }),
        samples.prop_map(|(first, at_ns, values)| Report::Samples(Samples {
            instrument: InstrumentName::Gauge,
            first,
            at_ns,
            exceptions: values
                .iter()
                .enumerate()
                .filter(|(_, value)| **value % 7 == 0)
                .map(|(index, _)| (index as u16, Exception::NoTarget))
                .collect(),
            values,
        })),
        ".{0,80}".prop_map(|cause| Report::Broken { cause }),
    ]
}

proptest! {
    #[test]
    fn what_was_sent_comes_back_however_it_is_cut(
        reports in prop::collection::vec((any::<u16>(), report()), 0..6),
        cut in 1_usize..64,
    ) {
        let mut bytes = vec![0];
        for (number, report) in &reports {
            bytes.extend(encode(*number, report).expect("fits"));
        }
        let mut decoder = Decoder::<Report>::new();
        let back: Vec<_> = bytes.chunks(cut).flat_map(|it| decoder.extend(it)).collect();
        let sent: Vec<_> = reports
            .into_iter()
            .map(|(number, message)| Ok(Frame { number, message }))
            .collect();
        prop_assert_eq!(back, sent);
    }

    #[test]
    fn a_changed_byte_is_never_another_message(
        number in any::<u16>(), report in report(), at in any::<prop::sample::Index>(),
        flip in 1_u8..=255,
    ) {
        let mut bytes = encode(number, &report).expect("fits");
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        // The next frame is whole again, whatever became of this one.
        bytes.push(0);
        bytes.extend(encode(7, &Report::Time { now_ns: 3 }).expect("fits"));
        let back = Decoder::<Report>::new().extend(&bytes);
        let (last, before) = back.split_last().expect("the whole one");
        prop_assert_eq!(
            last,
            &Ok(Frame { number: 7, message: Report::Time { now_ns: 3 } })
        );
        prop_assert!(before.iter().all(Result::is_err), "{:?}", before);
    }

    #[test]
    fn garbage_is_bounded_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..9_000)) {
        let mut decoder = Decoder::<Command>::new();
        let _ = decoder.extend(&bytes);
        decoder.abandon();
        prop_assert_eq!(decoder.push(0), None);
    }
}

#[test]
fn what_is_too_long_is_said_once_and_the_next_frame_is_read() {
    let mut bytes = vec![1; MAX_FRAME_LEN];
    bytes.push(0);
    bytes.extend(encode(3, &Command::KeepAlive).unwrap());
    let back = Decoder::<Command>::new().extend(&bytes);
    let whole = Frame {
        number: 3,
        message: Command::KeepAlive,
    };
    assert_eq!(back, vec![Err(DecodeError::Oversized), Ok(whole)]);
}
