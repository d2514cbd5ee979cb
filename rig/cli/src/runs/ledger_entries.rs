//! `penrig deviation add` and `penrig hold`: added to the ledger, never changed and never taken back.

use crate::args::{DeviationArgs, HoldArgs};
use crate::bundle::Ledger;
use crate::{Failure, print_line};
use anyhow::anyhow;
use rig_record::BenchKind;
use rig_record::journal::{Deviation, Hold, LedgerEvent, Line, unit_histories};
use std::path::Path;

/// Leave to test a failed unit again, once.
pub(crate) fn add_deviation(args: &DeviationArgs) -> Result<u8, Failure> {
    insist_on_text("--reason", &args.reason)?;
    insist_on_text("--by", &args.by)?;
    let ledger = existing(&args.runs.out)?;
    let (head, (number, why)) = ledger.append(|lines| {
        let kinds = [BenchKind::Hardware, BenchKind::Virtual];
        let why = kinds.into_iter().find_map(|kind| {
            let mut histories = unit_histories(lines, kind);
            let history = histories.remove(&args.serial)?;
            let failed = history.failed.map(|(run, rows)| {
                let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
                format!("it failed {} in run {run}", rows.join(" "))
            });
            failed.or_else(|| {
                let (run, _) = history.without_end.last()?;
                Some(format!("run {run} never came to its end"))
            })
        });
        let Some(why) = why else {
            return Err(Failure::Input(anyhow!(
                "{} has no failure in this ledger that a deviation could be for",
                args.serial
            )));
        };
        let number = count(lines, |it| matches!(it, LedgerEvent::Deviation(_)));
        let event = LedgerEvent::Deviation(Deviation {
            number,
            serial: args.serial.clone(),
            reason: args.reason.clone(),
            by: args.by.clone(),
            reference: args.reference.clone(),
        });
        Ok((event, (number, why)))
    })?;
    print_line(&format!(
        "deviation {number}: {} may be tested once more; {why}. \
         The name is recorded as claimed, not authenticated. Ledger head {head}",
        args.serial
    ));
    Ok(0)
}

/// Holds a unit or a lot.
pub(crate) fn hold(args: &HoldArgs) -> Result<u8, Failure> {
    insist_on_text("--reason", &args.reason)?;
    insist_on_text("--by", &args.by)?;
    let ledger = existing(&args.runs.out)?;
    let (head, number) = ledger.append(|lines| {
        let number = count(lines, |it| matches!(it, LedgerEvent::Hold(_)));
        let event = LedgerEvent::Hold(Hold {
            number,
            serial: args.serial.clone(),
            lot: args.lot.clone(),
            reason: args.reason.clone(),
            by: args.by.clone(),
        });
        Ok((event, number))
    })?;
    let what = args.serial.as_ref().or(args.lot.as_ref());
    print_line(&format!(
        "hold {number}: {} is held; nothing here releases it. \
         The name is recorded as claimed, not authenticated. Ledger head {head}",
        what.map_or("", String::as_str)
    ));
    Ok(0)
}

fn existing(out: &Path) -> Result<Ledger, Failure> {
    let ledger = Ledger::of(out);
    if ledger.read()?.lines.is_empty() {
        return Err(Failure::Input(anyhow!(
            "`{}` has no ledger: no run was begun there; give the folder of runs with --out DIR",
            out.display()
        )));
    }
    Ok(ledger)
}

fn insist_on_text(option: &str, text: &str) -> Result<(), Failure> {
    if text.trim().is_empty() {
        return Err(Failure::Input(anyhow!(
            "{option} is empty; say it in words that are understood in two years"
        )));
    }
    Ok(())
}

/// Number of the next entry of a kind.
fn count(lines: &[Line<LedgerEvent>], is_kind: impl Fn(&LedgerEvent) -> bool) -> u64 {
    lines.iter().filter(|it| is_kind(&it.event)).count() as u64 + 1
}
