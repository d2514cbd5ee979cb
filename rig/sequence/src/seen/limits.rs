//! The limits that instruments are held to, from the spec tables.

use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use rig_spec::{Decimal, Row, Rule, SpecSet, Tolerance, Unit, Verdict};

/// One row's limits and its guard band.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    /// Name of the row.
    pub(crate) row: String,
    tolerance: Tolerance,
    rule: Rule,
}

/// A time that a reaction may take.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reaction {
    /// Name of the row.
    pub(crate) row: String,
    /// The longest time that is within.
    pub(crate) limit: Nanoseconds,
}

/// Limits of every property that instruments can show.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenLimits {
    /// Protrusion above the ceiling: DEP-09-D1.
    pub(crate) ceiling: Limit,
    /// Protrusion at a depth that was set: DEP-01 to DEP-06, by depth.
    pub(crate) depths: Vec<(Micrometers, Limit)>,
    /// Protrusion of every stroke at depth 0.00: DEP-00b.
    pub(crate) depth_zero: Limit,
    /// Rise from notch to notch: DEP-13.
    pub(crate) notch: Limit,
    /// Mean over ten strokes: RAT-07-D1.
    pub(crate) over_speed: Limit,
    /// Rate over the rate set, in 1e-9, with the guard band of the row: RAT-03.
    pub(crate) rate: Limit,
    /// The rate that the limits of `rate` stand around, µHz.
    pub(crate) rate_target: i64,
    /// How far two clocks may be apart, as a ratio: MSR-04.
    pub(crate) clocks: f64,
    /// Rest and park: SAF-08.
    pub(crate) stop: Reaction,
    /// Protrusion that is parked, nm: SAF-08's to_event.
    pub(crate) parked_nm: f64,
    /// A held shaft: SAF-03.
    pub(crate) stall: Reaction,
    /// Motor current that is none, µA: SAF-03's to_event.
    pub(crate) no_current_ua: f64,
    /// An overloaded motor: SAF-09.
    pub(crate) overload: Reaction,
    /// Motor current beyond its limit, twice the rated one, µA; nothing where the document does not
    /// say for which current the motor is rated.
    pub(crate) overload_ua: Option<f64>,
    /// Rest and park after the last frame: SAF-06.
    pub(crate) lost_link: Reaction,
    /// Reported over measured rate: RAT-08a.
    pub(crate) telemetry_rate: Limit,
    /// Reported rate of a cam at rest: RAT-08b.
    pub(crate) telemetry_still: Limit,
}

/// Why the spec tables do not say what a trace is held to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeenLimitsError {
    /// There is no such row.
    #[error("no row {0}")]
    NoRow(String),
    /// The row has no such cell, or not in the unit or words that are wanted.
    #[error("{row}: `{column}` does not say {wanted}")]
    NoCell {
        /// Name of the row.
        row: String,
        /// The column.
        column: &'static str,
        /// What is looked for in it.
        wanted: &'static str,
    },
}

impl Limit {
    /// Decides one value with its expanded uncertainty, both in the record unit of the row; what
    /// is no number is never decided.
    pub(crate) fn decide(&self, value: f64, expanded: f64) -> Verdict {
        if !(value.is_finite() && expanded.is_finite() && expanded >= 0.0) {
            return Verdict::Inconclusive;
        }
        // Saturates beyond the range, far beyond any limit.
        let (value, expanded) = (value.round() as i64, expanded.ceil() as u64);
        let band = match self.rule {
            Rule::GuardBand(ratio) => ratio.guard_band(expanded),
            Rule::Simple | Rule::Exact | Rule::Risk(_) | Rule::None => 0,
        };
        self.tolerance.decide(value, band)
    }

    /// Lower limit, record units; the least number if there is none.
    pub(crate) fn lower(&self) -> f64 {
        self.tolerance
            .lower()
            .map_or(f64::NEG_INFINITY, |it| it as f64)
    }

    /// Upper limit, record units; the greatest number if there is none.
    pub(crate) fn upper(&self) -> f64 {
        self.tolerance.upper().map_or(f64::INFINITY, |it| it as f64)
    }

    /// The same guard band around limits moved by a function.
    fn moved(&self, by: impl Fn(i64) -> i64, unit: Unit) -> Option<Self> {
        let (lower, upper) = (self.tolerance.lower(), self.tolerance.upper());
        let tolerance = Tolerance::new(unit, lower.map(&by), upper.map(&by)).ok()?;
        Some(Self {
            row: self.row.clone(),
            tolerance,
            rule: self.rule,
        })
    }
}

impl SeenLimits {
    /// The limits of these tables.
    ///
    /// # Errors
    /// [`SeenLimitsError::NoRow`] where a row that a property rests on is missing,
    /// [`SeenLimitsError::NoCell`] where it does not state its limit.
    pub fn of(spec: &SpecSet) -> Result<Self, SeenLimitsError> {
        let depths = ["DEP-01", "DEP-02", "DEP-03", "DEP-04", "DEP-05", "DEP-06"]
            .into_iter()
            .map(|id| around_target(row(spec, id)?))
            .collect::<Result<_, _>>()?;
        let rate_row = row(spec, "RAT-03")?;
        let rate_target = target(rate_row)?;
        let relative = |limit: i64| {
            // Within 2^53 for rates of pens; ppb are far finer than the limit's own digits.
            ((limit - rate_target) as f64 / rate_target as f64 * 1e9).round() as i64
        };
        let rate = limit(rate_row, Unit::StrokesPerSecond)?
            .moved(relative, Unit::Ratio)
            .ok_or_else(|| missing(rate_row, "upper", "limits around the target"))?;
        let stop = row(spec, "SAF-08")?;
        let stall = row(spec, "SAF-03")?;
        Ok(Self {
            ceiling: limit(row(spec, "DEP-09-D1")?, Unit::Millimeter)?,
            depths,
            depth_zero: limit(row(spec, "DEP-00b")?, Unit::Millimeter)?,
            notch: limit(row(spec, "DEP-13")?, Unit::Millimeter)?,
            over_speed: limit(row(spec, "RAT-07-D1")?, Unit::StrokesPerSecond)?,
            rate,
            rate_target,
            clocks: limit(row(spec, "MSR-04")?, Unit::PartPerMillion)?.upper() * 1e-9,
            stop: reaction(stop)?,
            parked_nm: 1e6 * number_before(stop, "mm", "the protrusion that is parked")?,
            stall: reaction(stall)?,
            no_current_ua: 1e3 * number_before(stall, "mA", "the current that is none")?,
            overload: reaction(row(spec, "SAF-09")?)?,
            overload_ua: spec
                .document
                .rated_motor_current
                .map(|it| 2.0 * 1e3 * f64::from(it.0)),
            lost_link: reaction(row(spec, "SAF-06")?)?,
            telemetry_rate: limit(row(spec, "RAT-08a")?, Unit::Percent)?,
            telemetry_still: limit(row(spec, "RAT-08b")?, Unit::StrokesPerSecond)?,
        })
    }

    /// Limits of protrusion less the depth set, nm: those of the row whose depth is nearest, the
    /// shallower of two as near.
    pub(crate) fn depth(&self, set: Micrometers) -> Option<&Limit> {
        self.depths
            .iter()
            .min_by_key(|(depth, _)| (i64::from(depth.0) - i64::from(set.0)).abs())
            .map(|(_, limit)| limit)
    }

    /// What a rate deviates from the one that was set, 1e-9.
    pub(crate) fn relative(rate_microhertz: f64, set: StrokesPerMinute) -> f64 {
        let set_microhertz = f64::from(set.0) * 1e6 / 60.0;
        (rate_microhertz / set_microhertz - 1.0) * 1e9
    }
}

fn row<'a>(spec: &'a SpecSet, id: &str) -> Result<&'a Row, SeenLimitsError> {
    spec.row(id)
        .ok_or_else(|| SeenLimitsError::NoRow(id.to_owned()))
}

fn missing(row: &Row, column: &'static str, wanted: &'static str) -> SeenLimitsError {
    SeenLimitsError::NoCell {
        row: row.id.to_string(),
        column,
        wanted,
    }
}

fn limit(row: &Row, unit: Unit) -> Result<Limit, SeenLimitsError> {
    let tolerance = row
        .tolerance
        .filter(|it| it.unit() == unit)
        .ok_or_else(|| missing(row, "unit", "a limit in the unit of the property"))?;
    Ok(Limit {
        row: row.id.to_string(),
        tolerance,
        rule: row.rule,
    })
}

fn target(row: &Row) -> Result<i64, SeenLimitsError> {
    row.target
        .filter(|it| *it > 0)
        .ok_or_else(|| missing(row, "target", "a value aimed at"))
}

fn around_target(row: &Row) -> Result<(Micrometers, Limit), SeenLimitsError> {
    let target = target(row)?;
    let limit = limit(row, Unit::Millimeter)?
        .moved(|it| it - target, Unit::Millimeter)
        .ok_or_else(|| missing(row, "upper", "limits around the target"))?;
    let depth = row
        .depth
        .one()
        .ok_or_else(|| missing(row, "depth_mm", "one depth"))?;
    Ok((depth, limit))
}

fn reaction(row: &Row) -> Result<Reaction, SeenLimitsError> {
    let micros = row
        .tolerance
        .filter(|it| it.unit() == Unit::Second)
        .and_then(Tolerance::upper)
        .and_then(|it| u64::try_from(it).ok())
        .ok_or_else(|| missing(row, "upper", "a time in seconds"))?;
    Ok(Reaction {
        row: row.id.to_string(),
        limit: Nanoseconds(micros.saturating_mul(1_000)),
    })
}

/// The number before a unit in the words of `to_event`.
fn number_before(row: &Row, unit: &str, wanted: &'static str) -> Result<f64, SeenLimitsError> {
    let words: Vec<&str> = row
        .to_event
        .as_deref()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    words
        .windows(2)
        .find(|pair| pair[1].trim_end_matches([',', ';']) == unit)
        .and_then(|pair| Decimal::parse(pair[0]).ok())
        .and_then(|it| it.times(1_000_000, 1))
        .map(|millionths| millionths as f64 * 1e-6)
        .ok_or_else(|| missing(row, "to_event", wanted))
}
