//! `penrig spec check`: every defect of every table at once.

use crate::{Failure, input, print_line};
use std::path::Path;

pub(crate) fn run(dir: &Path) -> Result<u8, Failure> {
    let spec = input::spec(dir)?;
    let document = &spec.document;
    print_line(&format!(
        "{} revision {} ({}): {} rows, {} plans, no defects",
        document.document,
        document.revision,
        document.status,
        spec.rows.len(),
        spec.plans.len()
    ));
    for (name, table) in &spec.tables {
        print_line(&format!("{}  {name}", table.sha256));
    }
    Ok(0)
}
