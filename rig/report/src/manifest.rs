//! `manifest.json`: every file of a bundle with its size and hash.

use crate::table::hexadecimal;
use rig_spec::sha256;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// One file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// Path inside the bundle, with forward slashes.
    pub name: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl ManifestEntry {
    /// The entry of a file with these contents.
    #[must_use]
    pub fn of(name: &str, contents: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            sha256: sha256(contents),
            bytes: contents.len() as u64,
        }
    }
}

/// Writes a file and knows its entry, so that nothing is read or held again for it.
pub struct Listed<W> {
    to: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Listed<W> {
    /// Nothing written yet.
    pub fn new(to: W) -> Self {
        Self {
            to,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// What was written to, and the entry of a file with what was written.
    pub fn finish(self, name: &str) -> (W, ManifestEntry) {
        let entry = ManifestEntry {
            name: name.to_owned(),
            sha256: hexadecimal(&self.hash.finalize()),
            bytes: self.bytes,
        };
        (self.to, entry)
    }
}

impl<W: Write> Write for Listed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Where a run stands in its station's ledger, and how its chains end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chained {
    /// Name of the run.
    pub run_id: String,
    /// Its number in the ledger.
    pub ledger_number: u64,
    /// Hash of the line of the ledger that begins it.
    pub ledger_head: String,
    /// Each chain's file with its last hash.
    pub heads: Vec<(String, String)>,
}

/// The manifest's text: files sorted by name, one a line.
#[must_use]
pub fn manifest(entries: &[ManifestEntry]) -> String {
    format!("{{\n  \"manifest\": 1,\n  {}\n}}\n", files(entries))
}

/// The manifest of a run, with what its chains hang on and end with.
#[must_use]
pub fn run_manifest(chained: &Chained, entries: &[ManifestEntry]) -> String {
    let mut heads: Vec<&(String, String)> = chained.heads.iter().collect();
    heads.sort();
    let heads: Vec<String> = heads
        .iter()
        .map(|(name, head)| format!("    {}: \"{head}\"", quoted(name)))
        .collect();
    format!(
        "{{\n  \"manifest\": 2,\n  \"run\": {},\n  \"ledger_number\": {},\n  \"ledger_head\": \"{}\",\n  \"chain_heads\": {{\n{}\n  }},\n  {}\n}}\n",
        quoted(&chained.run_id),
        chained.ledger_number,
        chained.ledger_head,
        heads.join(",\n"),
        files(entries)
    )
}

fn files(entries: &[ManifestEntry]) -> String {
    let mut sorted: Vec<&ManifestEntry> = entries.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let lines: Vec<String> = sorted
        .iter()
        .map(|it| {
            format!(
                "    {{\"name\": {}, \"bytes\": {}, \"sha256\": \"{}\"}}",
                quoted(&it.name),
                it.bytes,
                it.sha256
            )
        })
        .collect();
    format!("\"files\": [\n{}\n  ]", lines.join(",\n"))
}

/// A JSON string, RFC 8259 section 7.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_in_parts_has_the_entry_of_the_whole() {
        let mut file = Listed::new(Vec::new());
        for part in [b"a".as_slice(), b"", b"bc"] {
            file.write_all(part).unwrap();
        }
        let (bytes, entry) = file.finish("units.csv");
        assert_eq!(bytes, b"abc");
        assert_eq!(entry, ManifestEntry::of("units.csv", b"abc"));
    }

    #[test]
    fn files_stand_sorted_with_size_and_hash() {
        let entries = [
            ManifestEntry::of("units.csv", b"abc"),
            ManifestEntry::of("a \"quoted\"\n.csv", b""),
        ];
        // SHA-256 of "abc": FIPS 180-4 example.
        insta::assert_snapshot!(manifest(&entries), @r#"
        {
          "manifest": 1,
          "files": [
            {"name": "a \"quoted\"\u000a.csv", "bytes": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
            {"name": "units.csv", "bytes": 3, "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
          ]
        }
        "#);
    }
}
