//! Quantities and tables as people read them.

use firmware_units::Nanometers;
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

/// A length to the nanometre, in millimetres.
pub(crate) fn fine_millimeters(length: Nanometers) -> String {
    format!("{} mm", fixed(length.0, 6))
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
