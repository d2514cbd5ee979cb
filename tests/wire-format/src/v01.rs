//! Exact bytes of protocol version 1: **do not change this test or a row of its vectors**.
//!
//! A pen in the field speaks these bytes for as long as it lives. If a test here fails, the change
//! under test breaks the protocol: undo it, or raise the version and give it a file and vectors of
//! its own. Variants that version 1 gains at the end of an enum add rows behind those that are
//! there; no row is ever edited, moved or taken away.
//!
//! `v01.csv` holds the vectors: whole frames (COBS, version, sequence number, postcard message,
//! CRC-32, final zero), the factory record, the cartridge chip, slots of the event log, and what
//! must be rejected. A row's kind says what its bytes are, and in the words of which revision its
//! text is. Revision 0 has words for what firmware 1.0.0 could say: to it bit 12 of the faults is
//! `bit12`, to revision 1 it is `SelfTest`. A later revision adds kinds of its own, and what names
//! a revision (`request-1`) holds only what the revisions before it cannot say.

mod coverage;
mod other_decoder;
mod samples;
mod text;

use anyhow::{Context as _, Result, bail, ensure};
use firmware_wire::{
    Calibration, CartridgeChip, DecodeError, Decoder, Frame, LogEntry, Request, encode,
};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use text::Revision;

const VECTORS: &str = include_str!("../v01.csv");

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

/// What a vector's bytes are, and the revision in whose words they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A frame from host to pen, revision 0.
    Request,
    /// A frame from pen to host, revision 0.
    Reply,
    /// A frame to the pen that no revision may act on.
    Rejected,
    /// One copy of the factory record in flash.
    FactoryRecord,
    /// The first bytes of a cartridge's chip.
    CartridgeChip,
    /// A frame from host to pen that revision 1 brought.
    #[serde(rename = "request-1")]
    Request1,
    /// A frame from pen to host that only revision 1 has all the words for.
    #[serde(rename = "reply-1")]
    Reply1,
    /// A slot of the event log in retained RAM, revision 1; `malformed` where there is no entry.
    LogSlot,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reply => "reply",
            Self::Rejected => "rejected",
            Self::FactoryRecord => "factory-record",
            Self::CartridgeChip => "cartridge-chip",
            Self::Request1 => "request-1",
            Self::Reply1 => "reply-1",
            Self::LogSlot => "log-slot",
        }
    }

    const fn revision(self) -> Revision {
        match self {
            Self::Request | Self::Reply | Self::FactoryRecord | Self::CartridgeChip => {
                Revision::Zero
            }
            Self::Rejected | Self::Request1 | Self::Reply1 | Self::LogSlot => Revision::One,
        }
    }
}

impl Row {
    fn line(&self) -> String {
        let kind = self.kind.name();
        let sequence = self.sequence.map_or(String::new(), |it| it.to_string());
        format!("{},{kind},{sequence},{},{}", self.name, self.hex, self.text)
    }

    /// Whether the bytes are wrong on purpose, so that nothing encodes to them.
    fn is_spoiled(&self) -> bool {
        self.kind == Kind::Rejected || self.text == "malformed"
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
        text: fn(&M, Revision) -> Option<String>,
    ) -> impl Iterator<Item = Result<Row>> {
        samples.into_iter().map(move |(name, sequence, message)| {
            let bytes = encode(sequence, &message).with_context(|| name.clone())?;
            let hex = text::hex(&bytes);
            let text = text(&message, kind.revision())
                .with_context(|| format!("{name}: a kind without words for it"))?;
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
    let slots = samples::revision_1::log_slots()
        .into_iter()
        .map(|(name, entry)| {
            let text = text::log_slot(&entry, Kind::LogSlot.revision())
                .with_context(|| format!("{name}: no words for it"))?;
            Ok(Row {
                name,
                kind: Kind::LogSlot,
                sequence: None,
                hex: text::hex(&entry.to_slot()),
                text,
            })
        });
    let (requests_1, replies_1) = (
        samples::revision_1::requests(),
        samples::revision_1::replies(),
    );
    frames(Kind::Request, samples::requests(), text::request)
        .chain(frames(Kind::Reply, samples::replies(), text::reply))
        .chain(records.chain(chips).map(Ok))
        .chain(frames(Kind::Request1, requests_1, text::request))
        .chain(frames(Kind::Reply1, replies_1, text::reply))
        .chain(slots)
        .collect()
}

/// What the pen or the rig makes of a row's bytes.
fn decoded(row: &Row) -> Result<(Option<u16>, String)> {
    let bytes = row.bytes()?;
    let revision = row.kind.revision();
    let unknown = || format!("row {}: its revision has no words for it", row.name);
    Ok(match row.kind {
        Kind::Request | Kind::Request1 => {
            let frame = frame(&bytes).context("decodes as no request")?;
            let text = text::request(&frame.message, revision).with_context(unknown)?;
            (Some(frame.sequence), text)
        }
        Kind::Reply | Kind::Reply1 => {
            let frame = frame(&bytes).context("decodes as no reply")?;
            let text = text::reply(&frame.message, revision).with_context(unknown)?;
            (Some(frame.sequence), text)
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
        Kind::LogSlot => {
            let bytes = bytes.as_slice().try_into().context("length of a slot")?;
            let text = match LogEntry::from_slot(bytes) {
                Some(entry) => text::log_slot(&entry, revision).with_context(unknown)?,
                None => "malformed".to_owned(),
            };
            (None, text)
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

#[test]
fn every_message_encodes_to_its_vector() {
    let vectors: Vec<String> = rows()
        .unwrap()
        .iter()
        .filter(|row| !row.is_spoiled())
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
fn revision_0_has_no_words_for_a_row_of_revision_1() {
    for row in rows().unwrap() {
        let kind = match row.kind {
            Kind::Request1 => Kind::Request,
            Kind::Reply1 => Kind::Reply,
            _ => continue,
        };
        let name = row.name.clone();
        let text = row.text.clone();
        match decoded(&Row { kind, ..row }) {
            Ok((_, told)) => assert_ne!(told, text, "{name} belongs to revision 0"),
            Err(reason) => assert!(reason.to_string().contains("no words"), "{reason:#}"),
        }
    }
}
