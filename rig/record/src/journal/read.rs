//! The reading end of a chain.

use super::Chain;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::io::BufRead as _;

/// One line of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Line<E> {
    /// Place in the chain, from 0.
    pub seq: u64,
    /// SHA-256 of the line before, or what the chain hangs on.
    pub prev: String,
    /// Wall-clock time, ISO 8601.
    pub at: String,
    /// What happened.
    pub event: E,
}

/// A chain as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainRead<E> {
    /// Every whole line, in order.
    pub lines: Vec<Line<E>>,
    /// Where it stands after them.
    pub chain: Chain,
    /// Bytes of the whole lines.
    pub whole: usize,
    /// Bytes behind them that a crash left; they were never acknowledged.
    pub torn: usize,
}

impl<E> ChainRead<E> {
    /// Lines whose time is before that of the line before them: the wall clock was set back.
    pub fn backwards(&self) -> impl Iterator<Item = &Line<E>> {
        // ISO 8601 in UTC compares as text.
        let pairs = self.lines.windows(2);
        pairs.filter_map(|pair| match pair {
            [before, after] if after.at < before.at => Some(after),
            _ => None,
        })
    }
}

/// What is wrong with a chain, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, byte {byte}: {kind}")]
pub struct JournalError {
    /// Line, from 1.
    pub line: u64,
    /// First byte of that line, from 0.
    pub byte: usize,
    /// What.
    pub kind: JournalErrorKind,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalErrorKind {
    /// It is no line of this format.
    #[error("not a line of a journal: {0}")]
    Malformed(String),
    /// It does not name the line before it: that one was changed, or lines were left out or put in.
    #[error(
        "names {named} as the line before it, which is {found}: what stands before was changed"
    )]
    Broken {
        /// What it names.
        named: String,
        /// What stands there.
        found: String,
    },
    /// It is numbered otherwise.
    #[error("is numbered {named}, not {wanted}")]
    Numbered {
        /// Its number.
        named: u64,
        /// The number that is its turn.
        wanted: u64,
    },
}

/// What the first line of a chain hangs on by its own word; nothing if there is no such line.
#[must_use]
pub fn origin_of(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct First {
        prev: String,
    }
    let end = bytes.iter().position(|it| *it == b'\n')?;
    let first: First = serde_json::from_slice(&bytes[..end]).ok()?;
    Some(first.prev)
}

/// Reads a chain that hangs on `origin`.
///
/// A tail without a line feed, or a last line that is no JSON at all, is what a crash leaves; it is
/// counted as torn. Anything else that is wrong is an error: a crash does not do that.
///
/// # Errors
/// The first line that is wrong.
pub fn read_chain<E: DeserializeOwned>(
    bytes: &[u8],
    origin: &str,
) -> Result<ChainRead<E>, JournalError> {
    let mut read = ChainRead {
        lines: Vec::new(),
        chain: Chain::hung_on(origin),
        whole: 0,
        torn: 0,
    };
    while let Some(text) = next_line(&bytes[read.whole..]) {
        let length = text.len();
        let wrong = |kind| JournalError {
            line: read.chain.len() + 1,
            byte: read.whole,
            kind,
        };
        let is_last = read.whole + length + 1 == bytes.len();
        let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
        if is_last && !is_json() {
            break;
        }
        let line: Line<E> = serde_json::from_slice(text)
            .map_err(|error| wrong(JournalErrorKind::Malformed(error.to_string())))?;
        if line.prev != read.chain.head() {
            return Err(wrong(JournalErrorKind::Broken {
                named: line.prev,
                found: read.chain.head().to_owned(),
            }));
        }
        if line.seq != read.chain.len() {
            return Err(wrong(JournalErrorKind::Numbered {
                named: line.seq,
                wanted: read.chain.len(),
            }));
        }
        read.chain = read.chain.followed_by(text);
        read.lines.push(line);
        read.whole += length + 1;
    }
    read.torn = bytes.len() - read.whole;
    Ok(read)
}

/// The bytes before the next line feed; nothing if there is none.
fn next_line(bytes: &[u8]) -> Option<&[u8]> {
    let mut left = bytes;
    // Looks for it many bytes at a time, and does not fail in memory.
    let taken = left.skip_until(b'\n').ok()?;
    bytes[..taken].strip_suffix(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::ORIGIN;

    fn three_lines() -> (Vec<String>, Vec<u8>) {
        let mut chain = Chain::hung_on(ORIGIN);
        let mut lines = Vec::new();
        for event in ["one", "two \"quoted\"\nand a line feed", "3"] {
            let (line, next) = chain.next("2026-01-05T09:00:00Z", &event).unwrap();
            lines.push(line);
            chain = next;
        }
        let bytes = lines.concat().into_bytes();
        (lines, bytes)
    }

    #[test]
    fn whatever_byte_a_crash_cuts_it_at_every_whole_line_is_there_and_no_other() {
        let (lines, bytes) = three_lines();
        for end in 0..=bytes.len() {
            let read = read_chain::<String>(&bytes[..end], ORIGIN).unwrap();
            let mut whole = 0;
            let expected = lines.iter().take_while(|line| {
                whole += line.len();
                whole <= end
            });
            assert_eq!(read.lines.len(), expected.count(), "cut at {end}");
            assert_eq!(read.whole + read.torn, end);
            // What is written on goes on where the whole lines end.
            let (next, _) = read.chain.next("2026-01-05T09:00:01Z", &"on").unwrap();
            let mut on = bytes[..read.whole].to_vec();
            on.extend(next.into_bytes());
            let on = read_chain::<String>(&on, ORIGIN).unwrap();
            assert_eq!(on.lines.len(), read.lines.len() + 1);
        }
    }

    #[test]
    fn no_byte_of_a_line_can_be_changed_unseen_while_a_line_or_the_head_follows() {
        let (_, bytes) = three_lines();
        let whole = read_chain::<String>(&bytes, ORIGIN).unwrap();
        for place in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = bytes.clone();
                changed[place] ^= flip;
                let is_seen = match read_chain::<String>(&changed, ORIGIN) {
                    Err(_) => true,
                    Ok(read) => read.chain.head() != whole.chain.head(),
                };
                assert!(is_seen, "byte {place} with {flip:02x}");
            }
        }
    }

    #[test]
    fn a_line_left_out_put_in_or_taken_from_another_chain_is_named() {
        let (lines, bytes) = three_lines();
        let at = |bytes: &[u8], origin: &str| {
            read_chain::<String>(bytes, origin)
                .map(|_| ())
                .map_err(|error| error.line)
        };
        assert_eq!(at(&bytes, ORIGIN), Ok(()));
        let without_second = [lines[0].as_str(), lines[2].as_str()].concat();
        assert_eq!(at(without_second.as_bytes(), ORIGIN), Err(2));
        let twice = [lines[0].as_str(), lines[0].as_str()].concat();
        assert_eq!(at(twice.as_bytes(), ORIGIN), Err(2));
        let other = "f".repeat(64);
        assert_eq!(at(&bytes, &other), Err(1));
    }

    #[test]
    fn a_clock_that_was_set_back_is_seen() {
        let mut text = String::new();
        let mut chain = Chain::hung_on(ORIGIN);
        for at in [
            "2026-01-05T09:00:05Z",
            "2026-01-05T09:00:04Z",
            "2026-01-05T09:00:06Z",
        ] {
            let (line, next) = chain.next(at, &"x").unwrap();
            text.push_str(&line);
            chain = next;
        }
        let read = read_chain::<String>(text.as_bytes(), ORIGIN).unwrap();
        let backwards: Vec<u64> = read.backwards().map(|it| it.seq).collect();
        assert_eq!(backwards, [1]);
    }
}
