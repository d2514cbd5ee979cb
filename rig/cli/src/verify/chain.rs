//! One chain, and where in it the first wrong line stands.

use super::finding::{Kind, Place, Report};
use rig_record::journal::{ChainRead, JournalErrorKind, read_chain};
pub(crate) use rig_spec::sha256;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What a chain must come to, by whose word.
pub(crate) struct Ends<'a> {
    pub(crate) by: &'a str,
    pub(crate) head: &'a str,
}

/// A line as its bytes are, whatever they say.
struct Raw {
    /// First byte, from 0.
    start: usize,
    sha256: String,
    named: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    seq: u64,
    prev: String,
}

fn raw_lines(bytes: &[u8]) -> Vec<Raw> {
    let mut start = 0;
    let mut lines = Vec::new();
    while let Some(length) = bytes[start..].iter().position(|it| *it == b'\n') {
        let text = &bytes[start..start + length];
        lines.push(Raw {
            start,
            sha256: sha256(text),
            named: serde_json::from_slice(text).ok(),
        });
        start += length + 1;
    }
    lines
}

/// Hash of each whole line.
pub(crate) fn line_hashes(bytes: &[u8]) -> Vec<String> {
    raw_lines(bytes).into_iter().map(|it| it.sha256).collect()
}

/// What the second line names as the first: its hash when it was written.
pub(crate) fn first_by_the_second(bytes: &[u8]) -> Option<String> {
    let lines = raw_lines(bytes);
    Some(lines.get(1)?.named.as_ref()?.prev.clone())
}

/// Reads a chain of the run or of the station and reports the first line that is wrong. `ends` is
/// what others say that it ends with.
pub(crate) fn check<E: DeserializeOwned>(
    report: &mut Report,
    kind: Kind,
    file: &str,
    bytes: &[u8],
    (origin, origin_name): (&str, &str),
    ends: &[Ends<'_>],
) -> Option<ChainRead<E>> {
    let read = match read_chain::<E>(bytes, origin) {
        Ok(read) => read,
        Err(error) => {
            let lines = raw_lines(bytes);
            let (place, what) = locate(&error, &lines, origin_name, ends);
            report.find(kind, file, place, what);
            return None;
        }
    };
    if let Some(end) = ends.iter().find(|it| it.head != read.chain.head()) {
        let count = read.lines.len();
        let (place, what) = match raw_lines(bytes).get(count.saturating_sub(1)) {
            _ if read.torn > 0 => (
                Place::line(count as u64 + 1, read.whole),
                format!(
                    "{} bytes from here are no line as it was written",
                    read.torn
                ),
            ),
            Some(last) => (
                Place::line(count as u64, last.start),
                format!(
                    "is the last line, with SHA-256 {}; {} names {} as the last one: this line was changed, or lines were cut off or added behind it",
                    last.sha256, end.by, end.head
                ),
            ),
            None => (
                Place::line(1, 0),
                format!(
                    "holds no line; {} names {} as the last one",
                    end.by, end.head
                ),
            ),
        };
        report.find(kind, file, place, what);
        return None;
    }
    Some(read)
}

fn locate(
    error: &rig_record::journal::JournalError,
    lines: &[Raw],
    origin_name: &str,
    ends: &[Ends<'_>],
) -> (Place, String) {
    let at = usize::try_from(error.line.saturating_sub(1)).unwrap_or(usize::MAX);
    let here = Place::line(error.line, error.byte);
    let (named, found) = match &error.kind {
        JournalErrorKind::Malformed(why) => {
            let column = column_of(why);
            return (
                Place::line(error.line, error.byte + column.saturating_sub(1)),
                format!("is no line as it was written: {why}"),
            );
        }
        JournalErrorKind::Numbered { named, wanted } => {
            return (
                here,
                format!("is numbered {named}, and {wanted} is its turn"),
            );
        }
        JournalErrorKind::Broken { named, found } => (named, found),
    };
    let Some(line) = lines.get(at) else {
        return (here, error.kind.to_string());
    };
    // A line whose hash the next one names is as it was: then what stands before it is not.
    let follower = lines.get(at + 1);
    let is_intact = match follower {
        Some(next) => next.named.as_ref().is_some_and(|it| it.prev == line.sha256),
        None => ends.iter().any(|it| it.head == line.sha256),
    };
    let Some(before) = at.checked_sub(1).and_then(|it| lines.get(it)) else {
        return (
            here,
            format!(
                "hangs on {named}, not on {found}, {origin_name}: the chain is another run's, or what it hangs on was changed"
            ),
        );
    };
    let seq = |raw: &Raw| raw.named.as_ref().map(|it| it.seq);
    let follows = matches!((seq(before), seq(line)), (Some(a), Some(b)) if a + 1 == b);
    if !follows {
        let number = seq(line).map_or_else(|| "not".to_owned(), |it| it.to_string());
        return (
            here,
            format!(
                "is not the line that stood here: it is numbered {number}, and {at} is its turn; lines were left out, put in or swapped"
            ),
        );
    }
    if is_intact {
        return (
            Place::line(error.line - 1, before.start),
            format!(
                "was changed: its SHA-256 is {found}, and line {} names {named}",
                error.line
            ),
        );
    }
    if follower.is_none() && ends.is_empty() {
        return (
            Place::line(error.line - 1, before.start),
            format!(
                "was changed, or what line {} names: its SHA-256 is {found}, named is {named}",
                error.line
            ),
        );
    }
    (
        here,
        format!(
            "was changed, or the line before it: it names {named} as that line, which is {found}"
        ),
    )
}

/// The column that an error of serde_json ends with, from 1.
fn column_of(why: &str) -> usize {
    why.rsplit(' ')
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_record::journal::{Chain, ORIGIN};

    fn chain(texts: &[&str], origin: &str) -> (Vec<String>, String) {
        let mut chain = Chain::hung_on(origin);
        let mut lines = Vec::new();
        for text in texts {
            let (line, next) = chain.next("2026-01-05T09:00:00Z", text).unwrap();
            lines.push(line);
            chain = next;
        }
        (lines, chain.head().to_owned())
    }

    /// Line and byte that are named, of four lines that end as `head` says.
    fn found(lines: &[String], head: &str) -> Option<(u64, u64)> {
        let mut report = Report::new(String::new());
        let bytes = lines.concat().into_bytes();
        let ends = [Ends {
            by: "the manifest",
            head,
        }];
        let origin = (ORIGIN, "nothing");
        check::<String>(&mut report, Kind::Journal, "a", &bytes, origin, &ends);
        let place = report.findings.pop()?.place;
        Some((place.line?, place.byte?))
    }

    #[test]
    fn the_line_that_was_changed_is_named_and_not_the_one_that_noticed() {
        let (lines, head) = chain(&["one", "two", "three", "four"], ORIGIN);
        let length = lines[0].len() as u64;
        assert_eq!(found(&lines, &head), None);
        for at in 0..4 {
            let mut changed = lines.clone();
            changed[at] = changed[at].replace("09:00:00", "09:00:01");
            let start: usize = lines[..at].iter().map(String::len).sum();
            let place = (at as u64 + 1, start as u64);
            assert_eq!(found(&changed, &head), Some(place), "line {}", at + 1);
        }
        let without = [lines[0].clone(), lines[2].clone(), lines[3].clone()];
        assert_eq!(found(&without, &head), Some((2, length)));
        let mut swapped = lines.clone();
        swapped.swap(1, 2);
        assert_eq!(found(&swapped, &head), Some((2, length)));
        let cut = &lines[..2];
        assert_eq!(found(cut, &head), Some((2, length)));
        for at in 0..4 {
            let mut broken = lines.clone();
            broken[at] = broken[at].replace("\"seq\"", "\"seq");
            assert_eq!(found(&broken, &head).map(|it| it.0), Some(at as u64 + 1));
        }
        assert_eq!(found(&[], &head), Some((1, 0)));
    }

    #[test]
    fn a_chain_of_another_run_does_not_hang_here() {
        let (lines, head) = chain(&["one", "two"], &"f".repeat(64));
        assert_eq!(found(&lines, &head), Some((1, 0)));
    }
}
