//! `penrig rejudge`: another revision of the spec on what was measured.

use super::{new_folder, record_of, write, write_tables};
use crate::args::RejudgeArgs;
use crate::{Failure, bundle, input, print_line};
use rig_record::{LotRecord, UnitRecord};
use rig_report::rejudged_table;
use rig_spec::SpecSet;

/// Verdicts that differ are listed up to so many; the table has them all.
const SHOWN: usize = 40;

pub(crate) fn run(args: &RejudgeArgs) -> Result<u8, Failure> {
    let folder = bundle::find(&args.runs.out, &args.run)?;
    let mut loaded = bundle::load(&folder)?;
    let after_spec = input::spec(&args.spec)?;
    let before = record_of(&mut loaded)?;
    // The plan that the lot was measured by must stand in the other spec too.
    let after = rig_record::rejudge(&loaded.spec, &after_spec, &before);
    let was = rig_stats::summarize(&loaded.spec, &before).map_err(Failure::rig)?;
    let is = rig_stats::summarize(&after_spec, &after).map_err(Failure::input)?;
    let (table, differing) = rejudged_table((&loaded.spec, &after_spec), &before, &after);
    print_line(&format!(
        "RETROSPECTIVE  {}  lot {}, plan {}: nothing was measured again, and nothing is replaced",
        before.header.bench.kind, before.header.lot, before.header.plan
    ));
    let name = |spec: &SpecSet| {
        let document = &spec.document;
        format!(
            "{} revision {}, {}",
            document.document, document.revision, document.status
        )
    };
    print_line(&format!(
        "before       {}: {}",
        name(&loaded.spec),
        was.disposition
    ));
    print_line(&format!(
        "after        {}: {}",
        name(&after_spec),
        is.disposition
    ));
    print_line(&format!(
        "verdicts     {differing} of {} differ",
        table.lines().count().saturating_sub(2)
    ));
    for line in differences(&before, &after, &after_spec) {
        print_line(&line);
    }
    if let Some(to) = &args.to {
        new_folder(to)?;
        write(to, "rejudged.csv", &table)?;
        let note = format!(
            "Retrospective: run {} of {} judged by other tables. It replaces nothing.\n",
            before.header.run_id, before.header.started
        );
        write(to, "RETROSPECTIVE.txt", &note)?;
        write_tables(to, &after_spec, &after)?;
        print_line(&format!("tables       {}", to.display()));
    }
    Ok(is.exit.number())
}

/// A line a verdict that differs, by unit.
fn differences(before: &LotRecord, after: &LotRecord, spec: &SpecSet) -> Vec<String> {
    let mut lines = Vec::new();
    for (was, is) in before.units.iter().zip(&after.units) {
        for row in &spec.rows {
            let id = row.id.as_str();
            let (then, now) = (word(was, id), word(is, id));
            if then != now {
                lines.push(format!("  {}  {id}: {then}, now {now}", was.serial));
            }
        }
    }
    let hidden = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if hidden > 0 {
        lines.push(format!("  and {hidden} more; --to DIR writes them all"));
    }
    lines
}

fn word(unit: &UnitRecord, row: &str) -> String {
    match unit.result(row) {
        None => "not in this spec".to_owned(),
        Some(result) => match (result.verdict(), result.why_not_run()) {
            (Some(verdict), _) => verdict.to_string(),
            (None, Some(reason)) => format!("not run: {reason}"),
            (None, None) => "reported".to_owned(),
        },
    }
}
