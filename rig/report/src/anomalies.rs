//! `anomalies.csv`: what was out of the ordinary, in order of units and bench time.

use crate::table::{Table, or_empty};
use rig_record::LotRecord;
use std::io::{self, Write};

pub(crate) const COLUMNS: &[&str] = &["bench", "lot", "unit", "at_ns", "row", "kind", "detail"];

pub(crate) fn render(out: &mut dyn Write, lot: &LotRecord) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    for unit in &lot.units {
        for anomaly in &unit.anomalies {
            table.push(&[
                ("bench", lot.header.bench.kind.to_string()),
                ("lot", lot.header.lot.clone()),
                ("unit", unit.serial.clone()),
                ("at_ns", anomaly.at.0.to_string()),
                ("row", or_empty(anomaly.row.as_ref())),
                ("kind", anomaly.kind.to_string()),
                ("detail", anomaly.detail.clone()),
            ]);
        }
    }
    table.finish().map(|_| ())
}
