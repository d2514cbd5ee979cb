//! The writing end of a chain.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// What the first line of a chain names that hangs on nothing.
pub const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where a chain stands: what its next line will be numbered, and what it will name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    next: u64,
    head: String,
}

impl Chain {
    /// A chain without a line yet that hangs on a line of another, or on [`ORIGIN`].
    #[must_use]
    pub fn hung_on(head: &str) -> Self {
        Self {
            next: 0,
            head: head.to_owned(),
        }
    }

    /// SHA-256 of the last line without its line feed, lower-case hexadecimal; what the chain hangs
    /// on if it has no line.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.next
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// The next line with its line feed, and the chain as it stands once the line is on the disk.
    ///
    /// `at` is wall-clock time, ISO 8601.
    ///
    /// # Errors
    /// The event has no JSON, such as a map whose keys are no text; that is a defect of the program.
    pub fn next<E: Serialize>(
        &self,
        at: &str,
        event: &E,
    ) -> Result<(String, Self), serde_json::Error> {
        #[derive(Serialize)]
        struct Out<'a, E> {
            seq: u64,
            prev: &'a str,
            at: &'a str,
            event: &'a E,
        }
        let mut text = serde_json::to_string(&Out {
            seq: self.next,
            prev: &self.head,
            at,
            event,
        })?;
        let head = sha256(text.as_bytes());
        text.push('\n');
        let next = Self {
            next: self.next + 1,
            head,
        };
        Ok((text, next))
    }

    pub(super) fn followed_by(&self, line: &[u8]) -> Self {
        Self {
            next: self.next + 1,
            head: sha256(line),
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        for digit in [byte >> 4, byte & 0xf] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}
