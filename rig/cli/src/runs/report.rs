//! `penrig report`: a run read back from its journal, and its report written anew.

use super::{new_folder, record_of, write, write_tables};
use crate::args::ReportArgs;
use crate::bundle::{self, Ledger};
use crate::{Failure, print_line};

pub(crate) fn run(args: &ReportArgs) -> Result<u8, Failure> {
    let folder = bundle::find(&args.runs.out, &args.run)?;
    let mut loaded = bundle::load(&folder)?;
    let record = record_of(&mut loaded)?;
    let exit = rig_stats::summarize(&loaded.spec, &record)
        .map_err(Failure::rig)?
        .exit;
    if let Some(to) = &args.to {
        new_folder(to)?;
        write_tables(to, &loaded.spec, &record)?;
        let ledger = Ledger::of(folder.parent().unwrap_or(&args.runs.out));
        let extras = bundle::extras(&folder, &ledger, &loaded, &record)?;
        let html = rig_report::html(&loaded.spec, &record, &extras).map_err(Failure::rig)?;
        write(to, "report.html", &html)?;
    }
    print_line(
        rig_report::summary(&loaded.spec, &record)
            .map_err(Failure::rig)?
            .trim_end(),
    );
    let missing = loaded.units.len() - record.units.len();
    if missing > 0 {
        print_line(&format!(
            "unfinished   {missing} of {} units were not done; `penrig qualify --resume {}` goes on",
            loaded.units.len(),
            folder.display()
        ));
    }
    let folder = args.to.as_ref().unwrap_or(&folder);
    print_line(&format!("report       {}", folder.display()));
    Ok(match (missing, exit.number()) {
        (0, code) => code,
        (_, 3) => 3,
        _ => 4,
    })
}
