//! A line of a unit's journal that was changed, as it was: what was acknowledged stands in the unit's
//! end too, and the line after it names its hash, so that what is put together again is known to be
//! right.

use super::chain::sha256;
use super::finding::{Kind, Report};
use super::manifest::first_difference;
use rig_record::journal::{Line, UnitEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How much is shown of both, bytes.
const SHOWN: usize = 24;

/// The form of a line, as it is written.
#[derive(Serialize)]
struct Written<'a> {
    seq: u64,
    prev: &'a str,
    at: &'a str,
    event: &'a UnitEvent,
}

#[derive(Deserialize)]
struct Named {
    prev: String,
}

/// Names the byte, unit and row of the change that was found last, if that can be known.
pub(super) fn place_exactly(report: &mut Report, file: &str, bytes: &[u8]) {
    let Some(finding) = report.findings.last_mut() else {
        return;
    };
    if finding.kind != Kind::Journal || finding.file != file {
        return;
    }
    let lines: Vec<&[u8]> = bytes.split(|it| *it == b'\n').collect();
    let line = finding.place.line.and_then(|it| usize::try_from(it).ok());
    let Some((line, changed)) = line.and_then(|it| Some((it, *lines.get(it.checked_sub(1)?)?)))
    else {
        return;
    };
    let Some(original) = original(&lines, line) else {
        return;
    };
    let Some((_, differs)) = first_difference(changed, original.text.as_bytes()) else {
        return;
    };
    let start: usize = lines[..line - 1].iter().map(|it| it.len() + 1).sum();
    finding.place.byte = Some((start + differs) as u64);
    finding.place.unit = Some(original.serial);
    finding.place.row = Some(original.row);
    finding.what = format!(
        "was changed: it was `{}` from there, and is `{}`; line {} names the hash of what it was",
        shown(original.text.as_bytes(), differs),
        shown(changed, differs),
        line + 1
    );
}

struct Original {
    text: String,
    serial: String,
    row: String,
}

/// The line with this number, from 1, as the line after it names it.
fn original(lines: &[&[u8]], line: usize) -> Option<Original> {
    let wanted: Named = serde_json::from_slice(lines.get(line)?).ok()?;
    let last = lines.iter().rev().find(|it| !it.is_empty())?;
    let end: Line<UnitEvent> = serde_json::from_slice(last).ok()?;
    let UnitEvent::Ended(record) = end.event else {
        return None;
    };
    let prev = sha256(lines.get(line.checked_sub(2)?)?);
    let seq = line as u64 - 1;
    // The time is that of the line, or of one beside it where it is what was changed.
    let around = [line - 1, line, line - 2].into_iter();
    let times: Vec<String> = around.filter_map(|it| time_of(lines.get(it)?)).collect();
    for result in &record.results {
        for attempt in result.attempts() {
            let event = UnitEvent::Attempted {
                row: result.row().clone(),
                attempt: Box::new(attempt.clone()),
            };
            for at in &times {
                let text = serde_json::to_string(&Written {
                    seq,
                    prev: &prev,
                    at,
                    event: &event,
                })
                .ok()?;
                if sha256(text.as_bytes()) == wanted.prev {
                    return Some(Original {
                        text,
                        serial: record.serial,
                        row: result.row().to_string(),
                    });
                }
            }
        }
    }
    None
}

/// The time of a line, though it be broken elsewhere.
fn time_of(line: &[u8]) -> Option<String> {
    if let Ok(line) = serde_json::from_slice::<Value>(line) {
        return Some(line.get("at")?.as_str()?.to_owned());
    }
    let text = String::from_utf8_lossy(line);
    let (_, rest) = text.split_once("\"at\":\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn shown(text: &[u8], from: usize) -> String {
    let end = (from + SHOWN).min(text.len());
    String::from_utf8_lossy(text.get(from..end).unwrap_or_default()).into_owned()
}
