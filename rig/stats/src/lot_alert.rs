//! The lot alert of a record: which rows, and which of their values.

use crate::capability::Limits;
use crate::row_statistics::measured_values;
use crate::{Characteristic, ToleranceAlert, joint_tolerance_alerts};
use rig_record::LotRecord;
use rig_spec::{RowId, SpecSet, Tolerance};

/// Rows that the alert watches together: protrusion and stroke rate as measured.
pub const ALERT_ROWS: [&str; 2] = ["DEP-04", "RAT-03"];

/// The alert of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowAlert {
    /// The row.
    pub row: RowId,
    /// What its tolerance interval says; ends in record units of the row.
    pub alert: ToleranceAlert,
}

/// Tolerance intervals of [`ALERT_ROWS`] at a joint confidence of 95 %, against the rows' tolerance
/// limits; rows that the spec does not have, or has without limits, are left out, and the
/// confidence is shared among the others.
///
/// The values are those of [`crate::row_statistics`]: one a unit, as judged, without those in doubt.
/// A record does not say which part of U its values have in common, so the largest U of the row is
/// added at each end: more than that part, which errs on the safe side.
#[must_use]
pub fn lot_tolerance_alerts(spec: &SpecSet, lot: &LotRecord) -> Vec<RowAlert> {
    let mut rows = Vec::new();
    for row in ALERT_ROWS.iter().filter_map(|id| spec.row(id)) {
        let Some(tolerance) = row.tolerance else {
            continue;
        };
        let measured = measured_values(row, lot);
        let values: Vec<f64> = measured.iter().map(|it| it.value as f64).collect();
        let systematic = measured.iter().map(|it| it.expanded).max().unwrap_or(0) as f64;
        rows.push((row.id.clone(), limits(tolerance), values, systematic));
    }
    let characteristics: Vec<Characteristic<'_>> = rows
        .iter()
        .map(|(_, limits, values, systematic)| Characteristic {
            values,
            systematic: *systematic,
            limits: *limits,
        })
        .collect();
    let alerts = joint_tolerance_alerts(&characteristics);
    rows.iter()
        .zip(alerts)
        .map(|((row, ..), alert)| RowAlert {
            row: row.clone(),
            alert,
        })
        .collect()
}

fn limits(tolerance: Tolerance) -> Limits {
    Limits {
        lower: tolerance.lower().map(|it| it as f64),
        upper: tolerance.upper().map(|it| it as f64),
    }
}
