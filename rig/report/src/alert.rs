//! The lot alert in words: a line a row.

use crate::display::{symbol, trimmed};
use rig_record::LotRecord;
use rig_spec::{SpecSet, Unit};
use rig_stats::tolerance::ToleranceInterval;
use rig_stats::{NoInterval, RowAlert, ToleranceAlert, lot_tolerance_alerts};

/// What the tolerance intervals of a lot say; nothing of a lot too small for any.
pub(crate) fn lines(spec: &SpecSet, lot: &LotRecord) -> Vec<String> {
    lot_tolerance_alerts(spec, lot)
        .iter()
        .filter(|it| {
            !matches!(
                it.alert,
                ToleranceAlert::None(NoInterval::TooFewValues { .. })
            )
        })
        .map(|it| line(spec, it))
        .collect()
}

fn line(spec: &SpecSet, RowAlert { row, alert }: &RowAlert) -> String {
    let head = match alert {
        ToleranceAlert::Beyond { .. } => "alert       ",
        _ => "tolerance   ",
    };
    let unit = spec.row(row.as_str()).and_then(|it| it.unit);
    match unit.zip(alert.interval()) {
        Some((unit, interval)) => {
            format!("{head} {row} {}: {alert}", ends(unit, interval))
        }
        None => format!("{head} {row}: {alert}"),
    }
}

/// `1.4624 to 1.5376 mm, U added`, rounded outwards.
fn ends(unit: Unit, interval: &ToleranceInterval) -> String {
    let lower = interval.lower.map(|it| trimmed(unit, it.floor() as i64));
    let upper = interval.upper.map(|it| trimmed(unit, it.ceil() as i64));
    let word = symbol(unit);
    match (lower, upper) {
        (Some(lower), Some(upper)) => format!("{lower} to {upper} {word}, U added"),
        (Some(lower), None) => format!("at least {lower} {word}, U added"),
        (None, Some(upper)) => format!("at most {upper} {word}, U added"),
        (None, None) => String::new(),
    }
}
