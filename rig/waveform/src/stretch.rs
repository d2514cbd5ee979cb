//! Samples in a row, and the digest of a record's samples.

use rig_measure::{DefectKind, SampleFault, SignalDefect};
use sha2::{Digest as _, Sha256};

/// Consecutive samples; a gap shows in `first_seq` of the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Sequence number of the first sample.
    pub first_seq: u64,
    /// Indications, in counts of the quantity; zero where there is none.
    pub values: Vec<i64>,
    /// Samples that are no indication: index into `values`, and why. Ascending.
    pub exceptions: Vec<(u32, SampleFault)>,
}

/// Word of a fault in files.
pub(crate) fn fault_word(fault: SampleFault) -> &'static str {
    match fault {
        SampleFault::NoTarget => "no-target",
        SampleFault::OutOfRange => "out-of-range",
    }
}

/// The fault with this word.
pub(crate) fn fault_of(word: &[u8]) -> Option<SampleFault> {
    [SampleFault::NoTarget, SampleFault::OutOfRange]
        .into_iter()
        .find(|it| fault_word(*it).as_bytes() == word)
}

/// Defects as a file keeps them: `lost 10-20; held 31-44`, empty without any.
#[must_use]
pub fn defects_text(defects: &[SignalDefect]) -> String {
    let words: Vec<String> = defects
        .iter()
        .map(|it| format!("{} {}-{}", defect_word(it.kind), it.first, it.last))
        .collect();
    words.join("; ")
}

fn defect_word(kind: DefectKind) -> &'static str {
    match kind {
        DefectKind::Lost => "lost",
        DefectKind::OutOfOrder => "out-of-order",
        DefectKind::Uncounted => "uncounted",
        DefectKind::NoTarget => "no-target",
        DefectKind::OutOfRange => "out-of-range",
        DefectKind::Stale => "held",
        DefectKind::Silent => "silent",
    }
}

/// SHA-256 of samples: of each, in order, its sequence number and its value as 8 bytes each
/// (two's complement, lowest first; a value of zero where there is no indication), and one byte
/// of status (0 sound, 1 no target, 2 out of range).
///
/// How samples are cut into stretches does not enter, nor does the kind of file.
#[derive(Clone, Debug, Default)]
pub struct SampleDigest {
    hash: Sha256,
    bytes: Vec<u8>,
}

impl SampleDigest {
    /// Takes the next samples.
    pub fn push(&mut self, stretch: &Stretch) {
        self.bytes.clear();
        let mut exceptions = stretch.exceptions.iter().peekable();
        for (index, value) in (0_u32..).zip(&stretch.values) {
            let seq = stretch.first_seq.wrapping_add(u64::from(index));
            let fault = exceptions.next_if(|it| it.0 == index).map(|it| it.1);
            let value = if fault.is_some() { 0 } else { *value };
            self.bytes.extend_from_slice(&seq.to_le_bytes());
            self.bytes.extend_from_slice(&value.to_le_bytes());
            self.bytes.push(match fault {
                None => 0,
                Some(SampleFault::NoTarget) => 1,
                Some(SampleFault::OutOfRange) => 2,
            });
        }
        self.hash.update(&self.bytes);
    }

    /// The digest so far, as 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(self.hash.clone())
    }
}

/// SHA-256 of a file's bytes, as they are read.
#[derive(Clone, Debug, Default)]
pub struct FileDigest(Sha256);

impl FileDigest {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest so far, as 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(self.0.clone())
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect()
}
