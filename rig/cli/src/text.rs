//! Quantities and tables as people read them.

use firmware_units::{Micrometers, Nanometers, StrokesPerMinute};
use firmware_wire::Calibration;

/// Names and values under each other.
pub(crate) fn table(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> = rows
        .iter()
        .map(|(name, value)| format!("{name:width$}  {value}"))
        .collect();
    lines.join("\n")
}

/// A count over 10^`decimals`, with exactly that many decimals.
pub(crate) fn fixed(count: i64, decimals: u32) -> String {
    let sign = if count < 0 { "-" } else { "" };
    let magnitude = count.unsigned_abs();
    if decimals == 0 {
        return format!("{sign}{magnitude}");
    }
    let scale = 10_u64.pow(decimals);
    let width = decimals as usize;
    format!("{sign}{}.{:0width$}", magnitude / scale, magnitude % scale)
}

/// A depth: hundredths of a millimetre, or thousandths where it has them.
pub(crate) fn millimeters(length: Micrometers) -> String {
    let count = i64::from(length.0);
    if count % 10 == 0 {
        format!("{} mm", fixed(count / 10, 2))
    } else {
        format!("{} mm", fixed(count, 3))
    }
}

/// A length to the nanometre, in millimetres.
pub(crate) fn fine_millimeters(length: Nanometers) -> String {
    format!("{} mm", fixed(length.0, 6))
}

/// A rate setting, with what it is in a second.
pub(crate) fn strokes(rate: StrokesPerMinute) -> String {
    let per_second = (i64::from(rate.0) * 1_000 + 30) / 60;
    format!("{rate} ({}/s)", fixed(per_second, 3))
}

/// The depth calibration, in one line.
pub(crate) fn calibration(it: &Calibration) -> String {
    format!(
        "generation {}: home at {}, screw lead {}",
        it.generation,
        fine_millimeters(it.home_protrusion),
        fine_millimeters(it.screw_lead)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_rates_are_printed_as_they_are_set() {
        assert_eq!(millimeters(Micrometers(1_250)), "1.25 mm");
        assert_eq!(millimeters(Micrometers(-207)), "-0.207 mm");
        assert_eq!(millimeters(Micrometers(0)), "0.00 mm");
        assert_eq!(fine_millimeters(Nanometers(-412_345)), "-0.412345 mm");
        assert_eq!(
            strokes(StrokesPerMinute(7_000)),
            "7000 strokes/min (116.667/s)"
        );
    }
}
