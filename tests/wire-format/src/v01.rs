//! Exact bytes of protocol version 1: **do not change this test or a row of its vectors**.
//!
//! A pen in the field speaks these bytes for as long as it lives. If a test here fails, the change
//! under test breaks the protocol: undo it, or raise the version and give it a file and vectors of
//! its own. Variants that version 1 gains at the end of an enum add rows; no row is ever edited.
//!
//! `v01.csv` holds the vectors: whole frames (COBS, version, sequence number, postcard message,
//! CRC-32, final zero), the factory record, the cartridge chip, and frames that must be rejected.

mod samples;
mod text;

use anyhow::{Context as _, Result, bail, ensure};
use firmware_wire::{Calibration, CartridgeChip, DecodeError, Decoder, Frame, Request, encode};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

const VECTORS: &str = include_str!("../v01.csv");
const DECODER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/decode.py");

/// One vector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    kind: Kind,
    /// Empty where there is no frame, or no telling its number.
    sequence: Option<u16>,
    hex: String,
    text: String,
}

/// What a vector's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A frame from host to pen.
    Request,
    /// A frame from pen to host.
    Reply,
    /// A frame to the pen that it must not act on.
    Rejected,
    /// One copy of the factory record in flash.
    FactoryRecord,
    /// The first bytes of a cartridge's chip.
    CartridgeChip,
}

impl Row {
    fn line(&self) -> String {
        let kind = match self.kind {
            Kind::Request => "request",
            Kind::Reply => "reply",
            Kind::Rejected => "rejected",
            Kind::FactoryRecord => "factory-record",
            Kind::CartridgeChip => "cartridge-chip",
        };
        let sequence = self.sequence.map_or(String::new(), |it| it.to_string());
        format!("{},{kind},{sequence},{},{}", self.name, self.hex, self.text)
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        ensure!(
            self.hex.len().is_multiple_of(2),
            "row {}: odd number of digits",
            self.name
        );
        (0..self.hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&self.hex[at..at + 2], 16))
            .collect::<Result<_, _>>()
            .with_context(|| format!("row {}: hexadecimal", self.name))
    }
}

fn rows() -> Result<Vec<Row>> {
    let rows = csv::Reader::from_reader(VECTORS.as_bytes())
        .deserialize()
        .collect::<Result<Vec<Row>, _>>()
        .context("v01.csv")?;
    let mut names: Vec<&String> = rows.iter().map(|row| &row.name).collect();
    names.sort();
    ensure!(
        names.is_sorted_by(|a, b| a < b),
        "v01.csv: a name stands twice"
    );
    Ok(rows)
}

/// The vectors as this version of `firmware-wire` encodes the samples.
fn encoded() -> Result<Vec<Row>> {
    fn frames<M: Serialize>(
        kind: Kind,
        samples: Vec<samples::Sample<M>>,
        text: fn(&M) -> String,
    ) -> impl Iterator<Item = Result<Row>> {
        samples.into_iter().map(move |(name, sequence, message)| {
            let bytes = encode(sequence, &message).with_context(|| name.clone())?;
            let (hex, text) = (text::hex(&bytes), text(&message));
            Ok(Row {
                name,
                kind,
                sequence: Some(sequence),
                hex,
                text,
            })
        })
    }
    let records = samples::factory_records()
        .into_iter()
        .map(|(name, record)| Row {
            name,
            kind: Kind::FactoryRecord,
            sequence: None,
            hex: text::hex(&record.to_bytes()),
            text: text::factory_record(&record),
        });
    let chips = samples::cartridge_chips()
        .into_iter()
        .map(|(name, chip)| Row {
            name,
            kind: Kind::CartridgeChip,
            sequence: None,
            hex: text::hex(&chip.to_bytes()),
            text: text::cartridge_chip(&chip),
        });
    frames(Kind::Request, samples::requests(), text::request)
        .chain(frames(Kind::Reply, samples::replies(), text::reply))
        .chain(records.chain(chips).map(Ok))
        .collect()
}

/// What the pen or the rig makes of a row's bytes.
fn decoded(row: &Row) -> Result<(Option<u16>, String)> {
    let bytes = row.bytes()?;
    Ok(match row.kind {
        Kind::Request => {
            let frame = frame(&bytes).context("decodes as no request")?;
            (Some(frame.sequence), text::request(&frame.message))
        }
        Kind::Reply => {
            let frame = frame(&bytes).context("decodes as no reply")?;
            (Some(frame.sequence), text::reply(&frame.message))
        }
        Kind::Rejected => match frame::<Request>(&bytes) {
            Ok(frame) => bail!("row {} decodes as {frame:?}", row.name),
            Err(DecodeError::Malformed) => (None, "malformed".to_owned()),
            Err(DecodeError::Oversized) => (None, "oversized".to_owned()),
            Err(DecodeError::Version { version, sequence }) => {
                (Some(sequence), format!("version {version}"))
            }
            Err(DecodeError::Message { sequence }) => {
                (Some(sequence), "unknown message".to_owned())
            }
        },
        Kind::FactoryRecord => {
            let bytes = bytes
                .as_slice()
                .try_into()
                .context("length of the factory record")?;
            (None, text::factory_record(&Calibration::from_bytes(bytes)?))
        }
        Kind::CartridgeChip => {
            let bytes = bytes
                .as_slice()
                .try_into()
                .context("length of the chip's content")?;
            (
                None,
                text::cartridge_chip(&CartridgeChip::from_bytes(bytes).context("no cartridge")?),
            )
        }
    })
}

/// The one frame in the bytes; a vector ends with the zero that ends its frame and holds no other.
fn frame<M: serde::de::DeserializeOwned + Debug>(bytes: &[u8]) -> Result<Frame<M>, DecodeError> {
    let mut decoder = Decoder::new();
    let mut frames: Vec<_> = bytes
        .iter()
        .filter_map(|&byte| decoder.push(byte))
        .collect();
    assert_eq!(
        (frames.len(), bytes.last()),
        (1, Some(&0)),
        "one frame in {bytes:02x?}"
    );
    frames.remove(0)
}

fn agree(expected: &[String], actual: &[String]) -> Result<()> {
    ensure!(expected == actual, "these differ:\n{}", {
        let missing = expected
            .iter()
            .filter(|line| !actual.contains(line))
            .map(|line| format!("- {line}\n"));
        let surplus = actual
            .iter()
            .filter(|line| !expected.contains(line))
            .map(|line| format!("+ {line}\n"));
        missing.chain(surplus).collect::<String>()
    });
    Ok(())
}

/// `None` where there is no Python 3; the reader of the log is told.
fn python(vectors: &str) -> Result<Option<Output>> {
    let found = Command::new("python3")
        .arg("--version")
        .output()
        .is_ok_and(|it| it.status.success());
    if !found {
        ensure!(
            std::env::var_os("CI").is_none(),
            "a CI machine needs python3, for decode.py"
        );
        // Written past the capture of test output, so that it is seen without a failure.
        writeln!(
            std::io::stderr(),
            "decode.py was NOT RUN, because python3 is missing"
        )?;
        return Ok(None);
    }
    let mut script = Command::new("python3")
        .args([DECODER, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting decode.py")?;
    script
        .stdin
        .take()
        .context("its input")?
        .write_all(vectors.as_bytes())
        .context("writing to decode.py")?;
    script
        .wait_with_output()
        .context("waiting for decode.py")
        .map(Some)
}

#[test]
fn every_message_encodes_to_its_vector() {
    let vectors: Vec<String> = rows()
        .unwrap()
        .iter()
        .filter(|row| row.kind != Kind::Rejected)
        .map(Row::line)
        .collect();
    let encoded: Vec<String> = encoded().unwrap().iter().map(Row::line).collect();
    agree(&vectors, &encoded).unwrap();
}

#[test]
fn every_vector_decodes_to_its_message() {
    for row in rows().unwrap() {
        let (sequence, text) = decoded(&row).with_context(|| row.line()).unwrap();
        assert_eq!((sequence, &text), (row.sequence, &row.text), "{}", row.name);
    }
}

#[test]
fn every_variant_has_a_vector() {
    let rows = rows().unwrap();
    let check = |kind: Kind, before: &str, names: &[&str]| {
        for name in names {
            let wanted = format!(" {before}{name} ");
            let found = rows
                .iter()
                .any(|row| row.kind == kind && format!(" ^ {} ", row.text).contains(&wanted));
            assert!(found, "no {kind:?} has{wanted}");
        }
    };
    check(Kind::Request, "^ ", text::REQUESTS);
    check(Kind::Request, "^ Set ", text::SETTINGS);
    check(Kind::Request, "^ Get ", text::SETTING_IDS);
    check(Kind::Request, "^ SelectPreset ", text::PRESETS);
    check(Kind::Reply, "^ ", text::REPLIES);
    check(Kind::Reply, "^ Refused ", text::REFUSALS);
    check(Kind::Reply, "^ Setting ", text::SETTINGS);
    check(Kind::Reply, "^ Status state=", text::STATES);
    check(Kind::Reply, "faults=", text::FAULTS);
    check(Kind::Reply, "faults=", &["none"]);
    check(Kind::Reply, "preset=", &["none", "Scars"]);
    check(Kind::Reply, "treatment=", &["none", "16909060"]);
    for flag in ["unlocked", "cartridge", "parked", "may_be_exposed"] {
        check(Kind::Reply, &format!("{flag}="), &["true", "false"]);
    }
    check(
        Kind::Rejected,
        "^ ",
        &["malformed", "oversized", "version 2", "unknown message"],
    );
}

#[test]
fn a_decoder_in_another_language_reads_the_same() {
    if let Some(output) = python(VECTORS).unwrap() {
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "decode.py: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let n_rows = rows().unwrap().len();
        assert_eq!(said.trim(), format!("{n_rows} vectors agree"));
    }
}

#[test]
fn the_other_decoder_does_see_a_difference() {
    if python(VECTORS).unwrap().is_none() {
        return;
    }
    let check = |true_text: &str, false_text: &str| {
        let spoiled = VECTORS.replacen(true_text, false_text, 1);
        assert_ne!(spoiled, VECTORS, "the vectors hold {true_text}");
        let output = python(&spoiled)
            .unwrap()
            .expect("python3 was there a moment ago");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{false_text}: {said}");
        assert!(said.contains("1 of "), "{false_text}: {said}");
    };
    check("depth_um=1500", "depth_um=1501");
    check("Refused NotAStep", "Refused OutOfRange");
    check("home_protrusion_nm=-412345", "home_protrusion_nm=412345");
    check("needles=14", "needles=15");
    check(",malformed", ",unknown message");
}
