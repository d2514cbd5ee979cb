//! Rows decided over the link: refusals and read-back.

use super::RowError;
use crate::pen::Pen;
use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::{Preset, Refusal, Request, Setting, SettingId};
use rig_bench::Bench;
use rig_spec::{Decimal, Evidence, Finding, Measured, RecordUnit, Row};

/// Smallest step of the depth setting, DESIGN of Pen A1: 0.25 mm.
pub(crate) const NOTCH: Micrometers = Micrometers(250);
/// Presets of the wire by their names in `presets.csv`.
const PRESETS: [(&str, Preset); 13] = [
    ("patch test", Preset::PatchTest),
    ("forehead", Preset::Forehead),
    ("cheek", Preset::Cheek),
    ("chin", Preset::Chin),
    ("nose", Preset::Nose),
    ("eyes and crow's feet", Preset::Eyes),
    ("frown lines", Preset::FrownLines),
    ("lips", Preset::Lips),
    ("neck", Preset::Neck),
    ("decolletage", Preset::Decolletage),
    ("hands", Preset::Hands),
    ("stretch marks", Preset::StretchMarks),
    ("scars", Preset::Scars),
];

/// The depths that a row names in its statistic, `each of 1.75, 2.00, 2.25, 2.50 mm`.
pub(crate) fn depths_named(row: &Row) -> Result<Vec<Micrometers>, RowError> {
    let words = row
        .statistic
        .split([' ', ','])
        .filter_map(|word| Decimal::parse(word).ok());
    let depths: Option<Vec<Micrometers>> = words
        .map(|number| {
            let micrometers = number.times(1_000, 1)?;
            i32::try_from(micrometers).ok().map(Micrometers)
        })
        .collect();
    match depths {
        Some(depths) if !depths.is_empty() => Ok(depths),
        _ => Err(RowError::Precondition(format!(
            "{} names no depths in `statistic`",
            row.id
        ))),
    }
}

/// Asks for a depth that the pen must refuse for one of the given reasons, and looks whether the
/// setpoint moved.
pub(crate) fn is_refused<B: Bench>(
    pen: &mut Pen<'_, B>,
    depth: Micrometers,
    reasons: &[Refusal],
) -> Result<bool, RowError> {
    let before = pen.setting(SettingId::Depth)?;
    let request = Request::Set(Setting::Depth(depth));
    let refused = pen.is_refused(request, reasons)?;
    Ok(refused && pen.setting(SettingId::Depth)? == before)
}

fn refusals<B: Bench>(
    pen: &mut Pen<'_, B>,
    depths: &[Micrometers],
    reason: Refusal,
) -> Result<Evidence, RowError> {
    let mut refused = 0;
    for &depth in depths {
        refused += u32::from(is_refused(pen, depth, &[reason])?);
    }
    Ok(evidence(refused, depths.len()))
}

fn evidence(refused: u32, of: usize) -> Evidence {
    let of = u32::try_from(of).unwrap_or(u32::MAX);
    Evidence::findings(vec![Finding::Refused { refused, of }], u64::from(of))
}

/// A pen that refuses everything proves nothing: it must take the highest depth allowed.
fn control<B: Bench>(pen: &mut Pen<'_, B>, depth: Micrometers) -> Result<(), RowError> {
    pen.expect_done(Request::Set(Setting::Depth(depth)))?;
    Ok(())
}

/// DEP-10: every depth above the armed limit is refused while the limit is armed.
pub(crate) fn above_armed_limit<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
) -> Result<Evidence, RowError> {
    pen.lock_depth()?;
    control(pen, pen.limits().armed)?;
    refusals(pen, &depths_named(row)?, Refusal::AboveArmedLimit)
}

/// DEP-14: depths above the range are refused though the limit is lifted.
pub(crate) fn above_range<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    pen.unlock_depth()?;
    control(pen, pen.limits().range)?;
    let evidence = refusals(pen, &depths_named(row)?, Refusal::OutOfRange)?;
    pen.lock_depth()?;
    Ok(evidence)
}

/// DEP-15: one notch above each preset's ceiling is refused, the limit lifted so that the ceiling
/// alone can refuse, or the range where the ceiling is its end.
pub(crate) fn above_preset_ceiling<B: Bench>(
    pen: &mut Pen<'_, B>,
    presets: &[rig_spec::Preset],
) -> Result<Evidence, RowError> {
    pen.unlock_depth()?;
    let mut n_refused = 0;
    for limit in presets {
        let preset = PRESETS.iter().find(|(name, _)| *name == limit.name);
        let Some((_, preset)) = preset else {
            return Err(RowError::Precondition(format!(
                "the pen's protocol has no preset `{}`",
                limit.name
            )));
        };
        pen.expect_done(Request::SelectPreset(*preset))?;
        control(pen, limit.ceiling)?;
        let reasons = [Refusal::AbovePresetCeiling, Refusal::OutOfRange];
        n_refused += u32::from(is_refused(pen, limit.ceiling + NOTCH, &reasons)?);
    }
    pen.expect_done(Request::ClearPreset)?;
    pen.lock_depth()?;
    Ok(evidence(n_refused, presets.len()))
}

/// SAF-07: every accepted value of every setting reads back as it was set.
pub(crate) fn read_back<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Evidence, RowError> {
    pen.unlock_depth()?;
    let depths = (0..=10).map(|notch| Setting::Depth(Micrometers(notch * NOTCH.0)));
    let rates = (3_000..=9_000)
        .step_by(100)
        .map(|rate| Setting::Rate(StrokesPerMinute(rate)));
    let default = [
        Setting::Rate(StrokesPerMinute(7_000)),
        Setting::Depth(Micrometers::ZERO),
    ];
    let mut mismatches = 0;
    let mut n = 0;
    for setting in depths.chain(rates).chain(default) {
        let id = match setting {
            Setting::Depth(_) => SettingId::Depth,
            Setting::Rate(_) => SettingId::Rate,
        };
        // Every value is one that the pen must take; a pen that does not is not tested by this row.
        pen.expect_done(Request::Set(setting))?;
        mismatches += i64::from(pen.setting(id)? != setting);
        n += 1;
    }
    pen.lock_depth()?;
    let measured = Measured::exact(RecordUnit::Count, mismatches);
    Ok(Evidence::measured(measured, n))
}
