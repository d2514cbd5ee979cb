//! What the spec tables require of a pen, as the model and the judges use it.

use crate::seen::{SeenLimits, SeenLimitsError};
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::Preset;
use rig_spec::{Decimal, Row, RowId, SpecSet, Tolerance};

/// Limits, settings, tolerances and deadlines of one device, all from its tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirements {
    /// Smallest step of the depth setting: what the depths of DEP-10 and DEP-14 lie apart.
    pub step: Micrometers,
    /// Highest depth setting while the limit is armed: one step below the least of DEP-10.
    pub armed: Micrometers,
    /// Highest depth setting at all: one step below the least of DEP-14.
    pub range: Micrometers,
    /// Presets, in the order of the wire.
    pub presets: Vec<PresetLimit>,
    /// Slowest and fastest rate setting, those of RAT-01 and RAT-04.
    pub rates: (StrokesPerMinute, StrokesPerMinute),
    /// Rate setting after boot, that of RAT-03.
    pub rate_after_boot: StrokesPerMinute,
    /// Rows DEP-01 to DEP-06: each a depth setting and its tolerance, nm.
    pub depth_rows: Vec<Row>,
    /// Rows RAT-01 to RAT-04: each a rate setting and its tolerance, µHz.
    pub rate_rows: Vec<Row>,
    /// DEP-09-D1: most protrusion beyond the ceiling, nm.
    pub ceiling_row: Row,
    /// DEP-13: least rise from notch to notch, nm.
    pub notch_row: Row,
    /// RAT-07-D1: fastest mean of ten strokes, µHz.
    pub over_speed_row: Row,
    /// RAT-08a: reported minus measured rate, 1e-9 of the measured one.
    pub telemetry_row: Row,
    /// SAF-03: from a held shaft to the motor's current off.
    pub stall: Nanoseconds,
    /// SAF-06: from the host's last byte to rest and parked.
    pub lost_link: Nanoseconds,
    /// SAF-08: from the end of STOP to rest and parked.
    pub stop: Nanoseconds,
    /// SAF-13: a treatment ends by itself no sooner and no later than this after its first START.
    pub treatment: (Nanoseconds, Nanoseconds),
    /// END-03: pen's strokes minus tachometer's, least and most.
    pub counter_error: (i64, i64),
    /// What instruments are held to.
    pub seen: SeenLimits,
}

/// A preset's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresetLimit {
    /// Which.
    pub preset: Preset,
    /// Depth that it sets.
    pub depth: Micrometers,
    /// Deepest setting under it.
    pub ceiling: Micrometers,
}

/// Why the tables do not say what sequences are judged by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequirementsError {
    /// A row is missing.
    #[error("the tables have no row {0}")]
    NoRow(&'static str),
    /// A row does not state something.
    #[error("{row} does not state {what}")]
    NotStated {
        /// The row.
        row: RowId,
        /// What is missing, by the column's name.
        what: &'static str,
    },
    /// The depths that must be refused do not lie a step apart.
    #[error("the depths of {0} do not lie an even step apart")]
    UnevenSteps(RowId),
    /// The presets are not those of the wire.
    #[error("presets.csv lists {0} presets, the protocol has {n}", n = Preset::ALL.len())]
    Presets(usize),
    /// A limit of what instruments see is not stated.
    #[error(transparent)]
    Seen(#[from] SeenLimitsError),
}

impl Requirements {
    /// Reads what sequences are judged by out of the tables.
    ///
    /// # Errors
    /// [`RequirementsError`] names the row that is missing or says too little.
    pub fn from_spec(spec: &SpecSet) -> Result<Self, RequirementsError> {
        let armed = depths_named(row(spec, "DEP-10")?)?;
        let range = depths_named(row(spec, "DEP-14")?)?;
        let step = even_step(&armed, row(spec, "DEP-10")?)?;
        if even_step(&range, row(spec, "DEP-14")?)? != step {
            return Err(RequirementsError::UnevenSteps(
                row(spec, "DEP-14")?.id.clone(),
            ));
        }
        let rows = |ids: &[&'static str]| -> Result<Vec<Row>, RequirementsError> {
            ids.iter().map(|id| row(spec, id).cloned()).collect()
        };
        let rate = |id| {
            let row = row(spec, id)?;
            row.rate.one().ok_or_else(|| not_stated(row, "rate_per_s"))
        };
        Ok(Self {
            step,
            armed: armed[0] - step,
            range: range[0] - step,
            presets: presets(spec)?,
            rates: (rate("RAT-01")?, rate("RAT-04")?),
            rate_after_boot: rate("RAT-03")?,
            depth_rows: rows(&["DEP-01", "DEP-02", "DEP-03", "DEP-04", "DEP-05", "DEP-06"])?,
            rate_rows: rows(&["RAT-01", "RAT-02", "RAT-03", "RAT-04"])?,
            ceiling_row: bounded(spec, "DEP-09-D1")?.0.clone(),
            notch_row: bounded(spec, "DEP-13")?.0.clone(),
            over_speed_row: bounded(spec, "RAT-07-D1")?.0.clone(),
            telemetry_row: bounded(spec, "RAT-08a")?.0.clone(),
            stall: at_most(spec, "SAF-03")?,
            lost_link: at_most(spec, "SAF-06")?,
            stop: at_most(spec, "SAF-08")?,
            treatment: (at_least(spec, "SAF-13")?, at_most(spec, "SAF-13")?),
            counter_error: {
                let (row, tolerance) = bounded(spec, "END-03")?;
                (
                    tolerance.lower().ok_or_else(|| not_stated(row, "lower"))?,
                    tolerance.upper().ok_or_else(|| not_stated(row, "upper"))?,
                )
            },
            seen: SeenLimits::of(spec)?,
        })
    }

    /// Depth and ceiling of a preset.
    #[must_use]
    pub fn preset(&self, preset: Preset) -> Option<PresetLimit> {
        self.presets.iter().find(|it| it.preset == preset).copied()
    }
}

fn row<'s>(spec: &'s SpecSet, id: &'static str) -> Result<&'s Row, RequirementsError> {
    spec.row(id).ok_or(RequirementsError::NoRow(id))
}

fn not_stated(row: &Row, what: &'static str) -> RequirementsError {
    RequirementsError::NotStated {
        row: row.id.clone(),
        what,
    }
}

fn bounded<'s>(
    spec: &'s SpecSet,
    id: &'static str,
) -> Result<(&'s Row, Tolerance), RequirementsError> {
    let row = row(spec, id)?;
    let tolerance = row.tolerance.ok_or_else(|| not_stated(row, "limits"))?;
    Ok((row, tolerance))
}

/// A deadline; times are recorded in µs.
fn at_most(spec: &SpecSet, id: &'static str) -> Result<Nanoseconds, RequirementsError> {
    let (row, tolerance) = bounded(spec, id)?;
    time(tolerance.upper()).ok_or_else(|| not_stated(row, "upper"))
}

fn at_least(spec: &SpecSet, id: &'static str) -> Result<Nanoseconds, RequirementsError> {
    let (row, tolerance) = bounded(spec, id)?;
    time(tolerance.lower()).ok_or_else(|| not_stated(row, "lower"))
}

fn time(micros: Option<i64>) -> Option<Nanoseconds> {
    let micros = u64::try_from(micros?).ok()?;
    micros.checked_mul(1_000).map(Nanoseconds)
}

/// The depths that a row names in its statistic, `each of 1.75, 2.00, 2.25, 2.50 mm`, ascending;
/// never empty.
fn depths_named(row: &Row) -> Result<Vec<Micrometers>, RequirementsError> {
    let words = row
        .statistic
        .split([' ', ','])
        .filter_map(|word| Decimal::parse(word).ok());
    let mut depths: Vec<Micrometers> = words
        .filter_map(|number| i32::try_from(number.times(1_000, 1)?).ok())
        .map(Micrometers)
        .collect();
    depths.sort_unstable();
    if depths.is_empty() {
        return Err(not_stated(row, "depths in its statistic"));
    }
    Ok(depths)
}

fn even_step(depths: &[Micrometers], row: &Row) -> Result<Micrometers, RequirementsError> {
    let uneven = || RequirementsError::UnevenSteps(row.id.clone());
    let [first, second, ..] = depths else {
        return Err(uneven());
    };
    let step = *second - *first;
    let even = depths.windows(2).all(|it| it[1] - it[0] == step);
    if even && step > Micrometers::ZERO && first.0 % step.0 == 0 {
        Ok(step)
    } else {
        Err(uneven())
    }
}

/// The protocol lists its presets in the order of the table (firmware/wire, `Preset`).
fn presets(spec: &SpecSet) -> Result<Vec<PresetLimit>, RequirementsError> {
    if spec.presets.len() != Preset::ALL.len() {
        return Err(RequirementsError::Presets(spec.presets.len()));
    }
    let limits = Preset::ALL.into_iter().zip(&spec.presets);
    Ok(limits
        .map(|(preset, limit)| PresetLimit {
            preset,
            depth: limit.depth,
            ceiling: limit.ceiling,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::spec;

    #[test]
    fn the_tables_of_pen_a1_say_everything() {
        let requirements = Requirements::from_spec(&spec()).unwrap();
        let read = (
            requirements.step.0,
            requirements.armed.0,
            requirements.range.0,
            requirements.rates,
            requirements.rate_after_boot,
        );
        let rates = (StrokesPerMinute(3_000), StrokesPerMinute(9_000));
        assert_eq!(read, (250, 1_500, 2_500, rates, StrokesPerMinute(7_000)));
        assert_eq!(requirements.stop, Nanoseconds::from_millis(500));
        assert_eq!(requirements.lost_link, Nanoseconds::from_millis(1_000));
        assert_eq!(requirements.stall, Nanoseconds::from_millis(300));
        let nose = requirements.preset(Preset::Nose).unwrap();
        assert_eq!((nose.depth.0, nose.ceiling.0), (250, 500));
        let depths: Vec<_> = requirements
            .depth_rows
            .iter()
            .map(|it| it.depth.one().unwrap().0)
            .collect();
        assert_eq!(depths, [250, 500, 1_000, 1_500, 2_000, 2_500]);
    }

    #[test]
    fn a_row_that_is_missing_is_named() {
        let mut spec = spec();
        spec.rows.retain(|it| it.id != *"SAF-06");
        assert_eq!(
            Requirements::from_spec(&spec),
            Err(RequirementsError::NoRow("SAF-06"))
        );
    }
}
