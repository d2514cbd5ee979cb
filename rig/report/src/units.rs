//! `units.csv`: one row a unit.

use crate::results::row_list;
use crate::table::{Table, or_empty, yes_no};
use rig_record::LotRecord;
use rig_stats::LotSummary;
use std::io::{self, Write};

pub(crate) const COLUMNS: &[&str] = &[
    "bench",
    "lot",
    "unit",
    "position",
    "udi",
    "work_order",
    "condition",
    "cartridge_lot",
    "dut_serial",
    "hardware_revision",
    "firmware_version",
    "build_id",
    "protocol_version",
    "image_read_back_sha256",
    "outcome",
    "bench_time_ns",
    "standing",
    "rows_required",
    "rows_pass",
    "rows_inconclusive",
    "rows_fail",
    "rows_not_run",
    "rows_remeasured",
    "first_pass",
    "failing_rows",
    "inconclusive_rows",
    "not_run_rows",
    "failing_rig_rows",
];

pub(crate) fn render(out: &mut dyn Write, lot: &LotRecord, summary: &LotSummary) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    for (unit, standing) in lot.units.iter().zip(&summary.units) {
        let identity = unit.identity.as_ref();
        let intake = unit.intake.as_ref();
        table.push(&[
            ("bench", lot.header.bench.kind.to_string()),
            ("lot", lot.header.lot.clone()),
            ("unit", unit.serial.clone()),
            ("position", (unit.index + 1).to_string()),
            ("udi", or_empty(intake.map(|it| &it.udi))),
            ("work_order", or_empty(intake.map(|it| &it.work_order))),
            ("condition", or_empty(intake.map(|it| &it.condition))),
            (
                "cartridge_lot",
                or_empty(intake.map(|it| &it.cartridge_lot)),
            ),
            ("dut_serial", or_empty(identity.map(|it| &it.serial))),
            (
                "hardware_revision",
                or_empty(identity.map(|it| &it.hardware_revision)),
            ),
            (
                "firmware_version",
                or_empty(identity.map(|it| &it.firmware_version)),
            ),
            ("build_id", or_empty(identity.map(|it| &it.build_id))),
            (
                "protocol_version",
                or_empty(identity.map(|it| &it.protocol_version)),
            ),
            (
                "image_read_back_sha256",
                or_empty(unit.image_read_back_sha256.as_ref()),
            ),
            ("outcome", unit.outcome.to_string()),
            ("bench_time_ns", unit.bench_time.0.to_string()),
            ("standing", standing.standing.to_string()),
            ("rows_required", standing.required.len().to_string()),
            ("rows_pass", standing.passed.len().to_string()),
            ("rows_inconclusive", standing.inconclusive.len().to_string()),
            (
                "rows_fail",
                (standing.failed.len() + standing.rig_failed.len()).to_string(),
            ),
            ("rows_not_run", standing.not_run.len().to_string()),
            ("rows_remeasured", standing.remeasured.len().to_string()),
            ("first_pass", yes_no(standing.is_first_pass())),
            ("failing_rows", row_list(&standing.failed)),
            ("inconclusive_rows", row_list(&standing.inconclusive)),
            ("not_run_rows", row_list(&standing.not_run)),
            ("failing_rig_rows", row_list(&standing.rig_failed)),
        ]);
    }
    table.finish().map(|_| ())
}
