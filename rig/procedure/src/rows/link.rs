//! Rows decided over the link: refusals and read-back.

use super::RowError;
use crate::pen::Pen;
use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::{Preset, Reply, Request, Setting, SettingId};
use rig_bench::Bench;
use rig_spec::{Evidence, Finding, Measured, RecordUnit};

/// Smallest step of the depth setting, DESIGN of Pen A1: 0.25 mm.
pub(crate) const NOTCH: Micrometers = Micrometers(250);
/// Presets of the wire in the order of `presets.csv`.
const PRESETS: [Preset; 13] = [
    Preset::PatchTest,
    Preset::Forehead,
    Preset::Cheek,
    Preset::Chin,
    Preset::Nose,
    Preset::Eyes,
    Preset::FrownLines,
    Preset::Lips,
    Preset::Neck,
    Preset::Decolletage,
    Preset::Hands,
    Preset::StretchMarks,
    Preset::Scars,
];

/// Asks for depths that the pen must refuse, and looks whether the setpoint moved.
fn refusals<B: Bench>(pen: &mut Pen<'_, B>, depths: &[Micrometers]) -> Result<u32, RowError> {
    let mut refused = 0;
    for &depth in depths {
        let before = pen.setting(SettingId::Depth)?;
        let answer = pen.session.request(Request::Set(Setting::Depth(depth)))?;
        let after = pen.setting(SettingId::Depth)?;
        if answer.refusal().is_some() && before == after {
            refused += 1;
        }
    }
    Ok(refused)
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn refused(refused: u32, of: usize) -> Evidence {
    let of = count(of);
    Evidence::findings(vec![Finding::Refused { refused, of }], u64::from(of))
}

/// DEP-10: every depth above the armed limit is refused while the limit is armed.
pub(crate) fn above_armed_limit<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Evidence, RowError> {
    pen.lock_depth()?;
    let depths = [1_750, 2_000, 2_250, 2_500].map(Micrometers);
    Ok(refused(refusals(pen, &depths)?, depths.len()))
}

/// DEP-14: depths above the range are refused though the limit is lifted.
pub(crate) fn above_range<B: Bench>(pen: &mut Pen<'_, B>) -> Result<Evidence, RowError> {
    pen.unlock_depth()?;
    let depths = [2_750, 3_000].map(Micrometers);
    let evidence = refused(refusals(pen, &depths)?, depths.len());
    pen.lock_depth()?;
    Ok(evidence)
}

/// DEP-15: one notch above each preset's ceiling is refused, the limit lifted so that the ceiling
/// alone can refuse.
pub(crate) fn above_preset_ceiling<B: Bench>(
    pen: &mut Pen<'_, B>,
    presets: &[rig_spec::Preset],
) -> Result<Evidence, RowError> {
    if presets.len() != PRESETS.len() {
        return Err(RowError::Precondition(format!(
            "presets.csv has {} presets, the pen's protocol {}",
            presets.len(),
            PRESETS.len()
        )));
    }
    pen.unlock_depth()?;
    let mut n_refused = 0;
    for (preset, limit) in PRESETS.into_iter().zip(presets) {
        pen.expect_done(Request::SelectPreset(preset))?;
        n_refused += refusals(pen, &[limit.ceiling + NOTCH])?;
    }
    pen.expect_done(Request::ClearPreset)?;
    pen.lock_depth()?;
    Ok(refused(n_refused, presets.len()))
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
    let mut accepted = 0;
    for setting in depths.chain(rates).chain(default) {
        let id = match setting {
            Setting::Depth(_) => SettingId::Depth,
            Setting::Rate(_) => SettingId::Rate,
        };
        if pen.session.request(Request::Set(setting))?.is_done() {
            accepted += 1;
            let answer = pen.session.request(Request::Get(id))?;
            if answer.reply != Some(Reply::Setting(setting)) {
                mismatches += 1;
            }
        }
    }
    pen.lock_depth()?;
    if accepted == 0 {
        return Err(RowError::Precondition(
            "the pen accepted no setting at all".to_owned(),
        ));
    }
    Ok(Evidence::measured(
        Measured::exact(RecordUnit::Count, mismatches),
        accepted,
    ))
}
