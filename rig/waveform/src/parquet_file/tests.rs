//! What is written comes back; what was damaged does not.

use super::*;
use crate::{Calibration, Description, Quantity, SampleDigest, Stretch};
use bytes::Bytes;
use firmware_units::{Microhertz, Nanoseconds};
use proptest::prelude::*;
use rig_measure::{DefectKind, SampleFault, SignalDefect};

const PROGRAM: &str = "penrig 0.1.0";

fn described() -> Description {
    Description {
        first_at: Nanoseconds(1_234_567_890),
        instrument: "gauge".to_owned(),
        model: "8 mm displacement gauge".to_owned(),
        serial: "G-117".to_owned(),
        resolution: 122,
        range: Some((-4_000_000, 3_999_878)),
        calibration: Calibration {
            certificate: Some("C-2026-0117".to_owned()),
            expanded: Some(1_000.0),
            coverage_factor: Some(2.0),
            ..Calibration::default()
        },
        subject: "PA1-00000001 DEP-04".to_owned(),
        ..Description::new(Quantity::Displacement, Microhertz(20_000_000_000))
    }
}

fn written(
    stretches: &[Stretch],
    defects: &[SignalDefect],
) -> Result<(Bytes, Written), WriteError> {
    let mut writer = ParquetWriter::new(Vec::new(), &described(), PROGRAM)?;
    for stretch in stretches {
        writer.push(stretch)?;
    }
    let (bytes, written) = writer.finish(defects)?;
    Ok((Bytes::from(bytes), written))
}

/// Samples one by one: number, value, fault.
fn flat(stretches: &[Stretch]) -> Vec<(u64, i64, Option<SampleFault>)> {
    let mut all = Vec::new();
    for stretch in stretches {
        for (index, value) in (0_u32..).zip(&stretch.values) {
            let fault = stretch.exceptions.iter().find(|it| it.0 == index);
            let value = if fault.is_some() { 0 } else { *value };
            all.push((
                stretch.first_seq + u64::from(index),
                value,
                fault.map(|it| it.1),
            ));
        }
    }
    all
}

fn read(bytes: Bytes) -> Result<(Description, Vec<Stretch>), ParquetDefect> {
    let mut reader = ParquetReader::new(bytes)?;
    let mut stretches = Vec::new();
    while let Some(stretch) = reader.next_stretch()? {
        stretches.push(stretch);
    }
    Ok((reader.description().clone(), stretches))
}

/// A noisy stroke in steps of 122 nm, with lost samples and two that are no indication.
fn example() -> Vec<Stretch> {
    let mut state = 1_u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as i64 % 160 - 80
    };
    let mut value = |at: u64| {
        let turn = core::f64::consts::TAU * 116.667 * at as f64 / 20_000.0;
        (12_288.0 * libm::sin(turn)) as i64 * 122 + 122 * noise()
    };
    let mut stretch = |first_seq: u64, length: u64| Stretch {
        first_seq,
        values: (first_seq..first_seq + length).map(&mut value).collect(),
        exceptions: Vec::new(),
    };
    let mut stretches = vec![stretch(40_000, 150_000), stretch(190_007, 9_000)];
    stretches[1].exceptions = vec![(17, SampleFault::NoTarget), (18, SampleFault::OutOfRange)];
    stretches
}

#[test]
fn samples_and_description_come_back() {
    let stretches = example();
    let (bytes, written) = written(&stretches, &[]).unwrap();
    let (description, back) = read(bytes).unwrap();
    assert_eq!(description, described());
    assert!(
        back.iter()
            .all(|it| it.values.len() <= crate::STRETCH_LENGTH)
    );
    assert_eq!(flat(&back), flat(&stretches));
    assert_eq!(written.samples, 159_000);
    let mut digest = SampleDigest::default();
    stretches.iter().for_each(|it| digest.push(it));
    assert_eq!(written.samples_sha256, digest.hex());
}

#[test]
fn a_sample_takes_well_below_four_bytes_and_the_same_samples_give_the_same_bytes() {
    let (bytes, written_once) = written(&example(), &[]).unwrap();
    let per_sample = bytes.len() as f64 / written_once.samples as f64;
    assert!(per_sample < 2.6, "{per_sample} bytes a sample");
    // However they were cut when they came.
    let cut: Vec<Stretch> = example()
        .iter()
        .flat_map(|it| {
            let whole = it.clone();
            let chunks = it.values.chunks(1_000).enumerate();
            chunks
                .map(move |(chunk, values)| {
                    let from = 1_000 * chunk as u32;
                    let inside = whole
                        .exceptions
                        .iter()
                        .filter(|it| (from..from + 1_000).contains(&it.0));
                    Stretch {
                        first_seq: whole.first_seq + u64::from(from),
                        values: values.to_vec(),
                        exceptions: inside.map(|it| (it.0 - from, it.1)).collect(),
                    }
                })
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(written(&cut, &[]).unwrap().0, bytes);
}

#[test]
fn defects_found_when_recording_stay_with_the_samples() {
    let defect = SignalDefect {
        kind: DefectKind::Lost,
        first: 190_000,
        last: 190_006,
    };
    let (bytes, _) = written(&example(), &[defect]).unwrap();
    let reader = ParquetReader::new(bytes).unwrap();
    assert_eq!(reader.recorded_defects(), "lost 190000-190006");
    assert_eq!(reader.stated_samples().unwrap(), 159_000);
}

#[test]
fn samples_must_come_in_order_and_there_must_be_some() {
    let mut writer = ParquetWriter::new(Vec::new(), &described(), PROGRAM).unwrap();
    let stretch = |first_seq| Stretch {
        first_seq,
        values: vec![1, 2, 3],
        exceptions: Vec::new(),
    };
    writer.push(&stretch(10)).unwrap();
    let error = writer.push(&stretch(12)).unwrap_err();
    assert_eq!(error.to_string(), "sample 12 comes after sample 12");
    let error = writer.push(&stretch(u64::MAX - 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("sequence number {} is beyond the format", u64::MAX)
    );
    let empty = ParquetWriter::new(Vec::new(), &described(), PROGRAM).unwrap();
    assert_eq!(
        empty.finish(&[]).unwrap_err().to_string(),
        "no sample was taken"
    );
}

#[test]
fn a_changed_sample_or_a_file_cut_short_is_not_read() {
    let short = Stretch {
        first_seq: 0,
        values: (0..3_000).map(|it| it * it % 977).collect(),
        exceptions: vec![(5, SampleFault::NoTarget)],
    };
    let (bytes, _) = written(&[short], &[]).unwrap();
    let whole = flat(&read(bytes.clone()).unwrap().1);
    // The footer too; there only what is no sample may differ without notice, such as who wrote it.
    let mut unnoticed = 0;
    for at in 0..bytes.len() {
        for bit in [0x01, 0x10, 0x80] {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= bit;
            if let Ok((_, stretches)) = read(Bytes::from(damaged)) {
                unnoticed += 1;
                assert_eq!(flat(&stretches), whole, "byte {at}");
            }
        }
    }
    assert!(unnoticed < 3 * 1_500, "{unnoticed}");
    for length in [0, 3, 4, 8, 100, bytes.len() - 1] {
        assert!(read(bytes.slice(..length)).is_err(), "{length}");
    }
    assert!(matches!(
        read(Bytes::from_static(b"time_s,position_um\n")),
        Err(ParquetDefect::Parquet(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn any_samples_come_back(
        pieces in proptest::collection::vec(
            (1_u64..1_000_000, proptest::collection::vec((any::<i64>(), 0_u8..8), 1..300)),
            1..6,
        )
    ) {
        let mut next = 0;
        let stretches: Vec<Stretch> = pieces.iter().map(|(gap, samples)| {
            let first_seq = next + gap;
            next = first_seq + samples.len() as u64;
            let faults = (0_u32..).zip(samples).filter_map(|(index, it)| match it.1 {
                0 => Some((index, SampleFault::NoTarget)),
                1 => Some((index, SampleFault::OutOfRange)),
                _ => None,
            });
            Stretch { first_seq, values: samples.iter().map(|it| it.0).collect(), exceptions: faults.collect() }
        }).collect();
        let (bytes, _) = written(&stretches, &[]).unwrap();
        let (_, back) = read(bytes).unwrap();
        prop_assert_eq!(flat(&back), flat(&stretches));
    }
}
