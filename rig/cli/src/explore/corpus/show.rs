//! What became of a corpus, for people and for programs.

use super::renew::{Kept, Renewed};
use crate::text::table;
use rig_sequence::{Item, Ranges};
use serde::Serialize;
use std::fmt::Write as _;

/// Names of items that are told in a line at most.
const TOLD: usize = 4;

impl Renewed {
    /// For a terminal.
    pub(in super::super) fn text(&self, ranges: &Ranges) -> String {
        let mut text = table(&self.rows(ranges));
        let _ = writeln!(
            text,
            "\n\n{:<18} {:>6} {:>6} {:>4}",
            "reached", "before", "after", "of"
        );
        let before = self.before.groups(ranges);
        for ((name, before, of), (_, after, _)) in before.into_iter().zip(self.after.groups(ranges))
        {
            let _ = writeln!(text, "{name:<18} {before:>6} {after:>6} {of:>4}");
        }
        for (name, why) in &self.violated {
            let _ = writeln!(text, "\nVIOLATED   {name}: {why}");
        }
        for (name, why) in &self.in_doubt {
            let _ = writeln!(text, "\nnot judged {name}: {why}");
        }
        text.trim_end().to_owned()
    }

    fn rows(&self, ranges: &Ranges) -> Vec<(&'static str, String)> {
        let n = |is: fn(&Kept) -> bool| self.files.values().filter(|it| is(it)).count();
        let minutes = |seconds: f64| format!("{:.1}", seconds / 60.0);
        let mut rows = vec![(
            "corpus",
            format!(
                "{}: {} files, {} of at most {} min of bench time",
                self.folder.display(),
                self.files.len() + self.violated.len() + self.in_doubt.len(),
                minutes(self.bench().seconds()),
                minutes(self.limit.seconds()),
            ),
        )];
        if let Some(why) = self.untouched {
            rows.push(("left", format!("as it was: {why}")));
            return rows;
        }
        rows.push((
            "chosen",
            format!(
                "{} kept, {} added, {} removed; {} by hand, which stay; {} that did not hold, which stay",
                n(|it| !it.is_new && !it.is_by_hand),
                n(|it| it.is_new),
                self.removed.len(),
                n(|it| it.is_by_hand),
                self.violated.len() + self.in_doubt.len()
            ),
        ));
        let added = self.files.iter().filter(|it| it.1.is_new);
        rows.extend(added.map(|(name, kept)| ("added", format!("{name}: {}", said(kept)))));
        let why = if self.left_out.is_empty() {
            "the others reach as much"
        } else {
            "the others reach as much, or more for their time"
        };
        let removed = self.removed.iter();
        rows.extend(removed.map(|name| ("removed", format!("{name}: {why}"))));
        let (before, after, of) = self.sums(ranges);
        rows.push(("reached", format!("{after} of {of}, {before} before")));
        if !self.left_out.is_empty() {
            let names: Vec<String> = self.left_out.iter().map(Item::to_string).collect();
            rows.push((
                "left out",
                format!(
                    "{} more, reached by sequences for which there is no bench time: {}",
                    names.len(),
                    names.join(", ")
                ),
            ));
        }
        rows
    }

    /// What was reached, what is, of how much.
    fn sums(&self, ranges: &Ranges) -> (usize, usize, usize) {
        let of = Item::all(ranges).len();
        let reached = |it: &rig_sequence::Coverage| of - it.missing(ranges).len();
        (reached(&self.before), reached(&self.after), of)
    }

    /// For a program.
    pub(in super::super) fn json(&self, ranges: &Ranges) -> CorpusJson {
        let names = |is: fn(&Kept) -> bool| {
            let files = self.files.iter().filter(|it| is(it.1));
            files.map(|it| it.0.clone()).collect()
        };
        let of_files = |files: &[(String, String)]| {
            let files = files.iter();
            files
                .map(|(file, why)| NotHeld {
                    file: file.clone(),
                    why: why.clone(),
                })
                .collect()
        };
        let (before, after, of) = self.sums(ranges);
        CorpusJson {
            folder: self.folder.display().to_string(),
            untouched: self.untouched,
            kept: names(|it| !it.is_new && !it.is_by_hand),
            added: names(|it| it.is_new),
            by_hand: names(|it| it.is_by_hand),
            removed: self.removed.clone(),
            violated: of_files(&self.violated),
            in_doubt: of_files(&self.in_doubt),
            bench_s: self.bench().seconds(),
            limit_s: self.limit.seconds(),
            reached_before: before,
            reached: after,
            of,
            left_out: self.left_out.iter().map(Item::to_string).collect(),
        }
    }
}

/// What a file costs, and what it reaches alone.
fn said(kept: &Kept) -> String {
    let mut text = format!("{:.1} s", kept.cost.bench.seconds());
    if !kept.alone.is_empty() {
        let told = &kept.alone[..kept.alone.len().min(TOLD)];
        let _ = write!(text, ", alone reaches {}", told.join(", "));
        let more = kept.alone.len() - told.len();
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
    }
    text
}

/// For a program.
#[derive(Serialize)]
pub(in super::super) struct CorpusJson {
    folder: String,
    untouched: Option<&'static str>,
    kept: Vec<String>,
    added: Vec<String>,
    by_hand: Vec<String>,
    removed: Vec<String>,
    violated: Vec<NotHeld>,
    in_doubt: Vec<NotHeld>,
    bench_s: f64,
    limit_s: f64,
    reached_before: usize,
    reached: usize,
    of: usize,
    left_out: Vec<String>,
}

#[derive(Serialize)]
struct NotHeld {
    file: String,
    why: String,
}
