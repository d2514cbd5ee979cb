//! A trace as it is kept: how many states, and a CRC-32 of every few.

use std::fmt::Write as _;

use crate::program::Program;
use crate::state::State;

const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
/// States a digest.
const CHUNK: usize = 64;
/// Digests a line.
const LINE: usize = 12;

/// Digest of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Golden {
    name: String,
    /// What gave the trace, in its own words.
    pub source: String,
    /// CRC-32 of flash and RAM as the program begins.
    image: u32,
    /// States of the trace.
    pub n_states: usize,
    digests: Vec<u32>,
}

/// Why a text is no golden file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Defect {
    line: usize,
    what: String,
}

/// Where a trace leaves a golden one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The program is another one than when the trace was captured.
    #[error("the program is not the one of the trace: `cargo xtask traces` captures it anew")]
    Program,
    /// States differ.
    #[error("states {first} to {last} differ, or one of them")]
    States {
        /// Number of the first state that may differ.
        first: usize,
        /// Number of the last one.
        last: usize,
    },
    /// One trace is longer.
    #[error("{found} states instead of {expected}")]
    Length {
        /// States found.
        found: usize,
        /// States of the golden file.
        expected: usize,
    },
}

impl Golden {
    /// Digests the trace of a program; `source` says what gave it.
    pub fn new(program: &Program, source: &str, states: impl IntoIterator<Item = State>) -> Self {
        let mut n_states = 0;
        let mut digests = Vec::new();
        let mut digest = CRC.digest();
        for state in states {
            digest.update(&state.to_bytes());
            n_states += 1;
            if n_states % CHUNK == 0 {
                digests.push(std::mem::replace(&mut digest, CRC.digest()).finalize());
            }
        }
        if n_states % CHUNK != 0 {
            digests.push(digest.finalize());
        }
        let mut image = CRC.digest();
        image.update(&program.flash());
        image.update(&program.ram());
        Self {
            name: program.name.to_owned(),
            source: source.to_owned(),
            image: image.finalize(),
            n_states,
            digests,
        }
    }

    /// Compares another trace with this one.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare(&self, other: &Self) -> Result<(), Mismatch> {
        if (&self.name, self.image) != (&other.name, other.image) {
            return Err(Mismatch::Program);
        }
        for (index, (expected, found)) in self.digests.iter().zip(&other.digests).enumerate() {
            if expected != found {
                let first = CHUNK * index;
                let last = (first + CHUNK).min(self.n_states.max(other.n_states)) - 1;
                return Err(Mismatch::States { first, last });
            }
        }
        if self.n_states != other.n_states {
            return Err(Mismatch::Length {
                found: other.n_states,
                expected: self.n_states,
            });
        }
        Ok(())
    }

    /// The text of a golden file.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "program {}\nsource {}\nimage {:08x}\nstates {}, CRC-32 of {CHUNK} each\n",
            self.name, self.source, self.image, self.n_states
        );
        for line in self.digests.chunks(LINE) {
            for (index, digest) in line.iter().enumerate() {
                let separator = if index == 0 { "" } else { " " };
                // Writing to a string does not fail.
                let _ = write!(text, "{separator}{digest:08x}");
            }
            text.push('\n');
        }
        text
    }

    /// Reads the text of a golden file.
    ///
    /// # Errors
    /// Every defect of it.
    pub fn parse(text: &str) -> Result<Self, Vec<Defect>> {
        let mut defects = Vec::new();
        let mut lines = (1..).zip(text.lines());
        let mut field = |key: &str, end: &str| {
            let (line, text) = lines.next().unwrap_or((1, ""));
            let value = text
                .strip_prefix(key)
                .and_then(|it| it.strip_prefix(' '))
                .and_then(|it| it.strip_suffix(end));
            if value.is_none() {
                defects.push(Defect {
                    line,
                    what: format!("`{key} …{end}` is missing"),
                });
            }
            (line, value.unwrap_or_default())
        };
        let (_, name) = field("program", "");
        let (_, source) = field("source", "");
        let (image_line, image) = field("image", "");
        let (states_line, states) = field("states", &format!(", CRC-32 of {CHUNK} each"));
        let mut number = |line: usize, text: &str, radix: u32| {
            u32::from_str_radix(text, radix).unwrap_or_else(|error| {
                let what = format!("`{text}`: {error}");
                defects.push(Defect { line, what });
                0
            })
        };
        let image = number(image_line, image, 16);
        let n_states = number(states_line, states, 10) as usize;
        let digests: Vec<u32> = lines
            .flat_map(|(line, text)| text.split(' ').map(move |it| (line, it)))
            .map(|(line, text)| number(line, text, 16))
            .collect();
        if digests.len() != n_states.div_ceil(CHUNK) {
            let what = format!("{} digests for {n_states} states", digests.len());
            let line = states_line;
            defects.push(Defect { line, what });
        }
        if defects.is_empty() {
            Ok(Self {
                name: name.to_owned(),
                source: source.to_owned(),
                image,
                n_states,
                digests,
            })
        } else {
            Err(defects)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::PROGRAMS;

    fn trace(n: u32) -> Vec<State> {
        let state = |it| State {
            registers: [it; 16],
            xpsr: it,
        };
        (0..n).map(state).collect()
    }

    fn golden(states: Vec<State>) -> Golden {
        Golden::new(&PROGRAMS[0], "nothing", states)
    }

    #[test]
    fn a_text_is_read_as_it_was_written() {
        for n in [0, 1, 63, 64, 65, 1000] {
            let golden = golden(trace(n));
            assert_eq!(Golden::parse(&golden.to_text()), Ok(golden));
        }
    }

    #[test]
    fn every_defect_is_told() {
        let text = golden(trace(100)).to_text();
        let text = text
            .replace("source ", "sauce ")
            .replace("image ", "image x");
        let defects = Golden::parse(&text).unwrap_err();
        let lines: Vec<usize> = defects.iter().map(|it| it.line).collect();
        assert_eq!(lines, [2, 3], "{defects:?}");
        let cut = golden(trace(100)).to_text();
        let cut = &cut[..cut.len() - 10];
        assert_eq!(Golden::parse(cut).unwrap_err().len(), 1);
    }

    #[test]
    fn one_bit_of_one_state_is_a_difference() {
        let expected = golden(trace(100));
        for register in 0..17 {
            let mut states = trace(100);
            match register {
                16 => states[70].xpsr ^= 1 << 28,
                _ => states[70].registers[register] ^= 1,
            }
            let difference = expected.compare(&golden(states)).unwrap_err();
            let (first, last) = (64, 99);
            assert_eq!(difference, Mismatch::States { first, last });
        }
    }

    #[test]
    fn a_trace_that_ends_early_is_a_difference() {
        let expected = golden(trace(128));
        let (found, of) = (64, 128);
        assert_eq!(
            expected.compare(&golden(trace(64))),
            Err(Mismatch::Length {
                found,
                expected: of
            })
        );
        assert!(expected.compare(&golden(trace(127))).is_err());
    }
}
