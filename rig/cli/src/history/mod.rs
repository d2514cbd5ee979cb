//! `penrig history`: what the runs in a folder, or in several, say together.

mod folders;
mod index;

use crate::args::{Format, HistoryArgs, KindChoice};
use crate::{Failure, print_error, print_line};
use anyhow::{Context as _, anyhow};
use folders::{Read, Unread};
use jiff::civil::Date;
use rig_history::{History, RunEntry, Selection};
use rig_record::BenchKind;
use rig_record::journal::{UnitHistory, unit_histories};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;

/// Form of the document for programs; raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

pub(crate) fn run(args: &HistoryArgs) -> Result<u8, Failure> {
    let selection = selection(args)?;
    let mut read = Read::default();
    for out in &args.out {
        read.add(out, args.rebuild)?;
    }
    for note in &read.notes {
        print_error(note);
    }
    if !read.copies.is_empty() {
        let names: Vec<&str> = read.copies.iter().map(String::as_str).collect();
        print_error(&format!(
            "there more than once, and counted once: {}",
            names.join(", ")
        ));
    }
    let runs: Vec<RunEntry> = std::mem::take(&mut read.runs).into_values().collect();
    let history = rig_history::select(&runs, &selection).map_err(|error| {
        for unread in &read.unread {
            print_error(&unread.line());
        }
        let folders: Vec<String> = args
            .out
            .iter()
            .map(|it| format!("`{}`", it.display()))
            .collect();
        Failure::Input(anyhow!(
            "in {}: {error}; give folders of runs with --out DIR",
            folders.join(", ")
        ))
    })?;
    let told = told(&read, &runs, &history);
    if let (Some(path), Some(row)) = (&args.plot, &history.row) {
        fs::write(path, rig_history::svg(row, history.kind))
            .with_context(|| format!("cannot write the picture `{}`", path.display()))
            .map_err(Failure::Rig)?;
    }
    match args.format {
        Format::Text => print_text(&history, &told, &read.unread),
        Format::Json => print_json(&history, &told, &read.unread)?,
    }
    if let Some(path) = &args.plot {
        print_error(&format!("picture: {}", path.display()));
    }
    if read.unread.is_empty() {
        return Ok(0);
    }
    print_error(&format!(
        "penrig: {} of what is there could not be read or {} not as the ledger says, so the figures may not be whole",
        read.unread.len(),
        if read.unread.len() == 1 { "is" } else { "are" }
    ));
    Ok(4)
}

fn selection(args: &HistoryArgs) -> Result<Selection, Failure> {
    let since = match &args.since {
        None => None,
        Some(text) => {
            let day: Date = text
                .parse()
                .with_context(|| format!("--since `{text}` is no day such as 2026-11-02"))
                .map_err(Failure::Input)?;
            Some(day.to_string())
        }
    };
    Ok(Selection {
        kind: args.kind.map(|it| match it {
            KindChoice::Virtual => BenchKind::Virtual,
            KindChoice::Hardware => BenchKind::Hardware,
        }),
        lot: args.lot.clone(),
        bench: args.bench.clone(),
        row: args.row.clone(),
        since,
    })
}

/// What the ledgers say of units beyond their results.
#[derive(Default, Serialize)]
struct Told {
    /// Serial numbers of units that are held.
    held: BTreeSet<String>,
    /// Serial numbers of units with a failure that no result under a deviation has answered.
    failure_stands: BTreeSet<String>,
    /// Serial numbers of units that were tested again under a deviation.
    under_deviation: BTreeSet<String>,
}

fn told(read: &Read, runs: &[RunEntry], history: &History) -> Told {
    let lots: BTreeSet<(&str, &str)> = history
        .lots
        .iter()
        .map(|it| (it.lot.as_str(), it.plan.as_str()))
        .collect();
    let of_lots = runs.iter().filter(|it| {
        it.kind == history.kind && lots.contains(&(it.lot.as_str(), it.plan.as_str()))
    });
    let serials: BTreeSet<&str> = of_lots
        .flat_map(|it| &it.units)
        .map(|it| it.serial.as_str())
        .collect();
    let mut told = Told::default();
    for lines in &read.ledgers {
        for (serial, it) in unit_histories(lines, history.kind) {
            if !serials.contains(serial.as_str()) {
                continue;
            }
            let UnitHistory {
                failed,
                used,
                is_held,
                ..
            } = it;
            if is_held {
                told.held.insert(serial.clone());
            }
            if failed.is_some() {
                told.failure_stands.insert(serial.clone());
            }
            if used > 0 {
                told.under_deviation.insert(serial);
            }
        }
    }
    told
}

fn print_text(history: &History, told: &Told, unread: &[Unread]) {
    let mut text = rig_history::text(history);
    let lists = [
        ("held, by the ledger", &told.held),
        ("a failure stands, by the ledger", &told.failure_stands),
        ("tested again under a deviation", &told.under_deviation),
    ];
    for (words, serials) in lists {
        if !serials.is_empty() {
            let serials: Vec<&str> = serials.iter().map(String::as_str).collect();
            text.push_str(&format!("\n{words}: {}", serials.join(", ")));
        }
    }
    for it in unread {
        text.push_str(&format!("\n{}", it.line()));
    }
    print_line(text.trim_end());
}

fn print_json(history: &History, told: &Told, unread: &[Unread]) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct All<'h> {
        /// Form of the document.
        #[serde(rename = "history")]
        version: u32,
        #[serde(flatten)]
        history: &'h History,
        ledger: &'h Told,
        unread: &'h [Unread],
    }
    let all = All {
        version: VERSION,
        history,
        ledger: told,
        unread,
    };
    let text = serde_json::to_string_pretty(&all).map_err(Failure::rig)?;
    print_line(&text);
    Ok(())
}
