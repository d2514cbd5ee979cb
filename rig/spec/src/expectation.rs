//! What a row expects in words, and what was observed of it: a closed vocabulary.

use crate::{Decimal, RowId, Unit};
use firmware_units::{Micrometers, Microseconds, Millivolts, Nanometers, StrokesPerMinute};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The `expected` cell of a row: clauses apart by `; `, all of which must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    // Invariant: not empty.
    clauses: Vec<Clause>,
}

/// One thing expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Clause {
    /// `refused`: every request of the row is refused.
    Refused,
    /// `0 strokes`: this many strokes are seen.
    Strokes(u64),
    /// `gauge change below 0.05 mm`: the gauge's largest change is below this.
    GaugeChangeBelow(Nanometers),
    /// `protrusion change at most 0.05 mm`, either way.
    ProtrusionChangeAtMost(Nanometers),
    /// `calibration valid`, each time.
    CalibrationValid,
    /// `DEP-04 holds`: the other row's limits are met.
    RowHolds(RowId),
    /// `every corner inside the limits of the matching unit row`.
    EveryCornerInside,
}

/// One thing observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finding {
    /// Requests that the pen should refuse, and how many it did refuse.
    Refused {
        /// Refused.
        refused: u32,
        /// Requested.
        of: u32,
    },
    /// Strokes seen by an instrument, worst of the repeats.
    Strokes(u64),
    /// Largest change of the gauge, worst of the repeats.
    GaugeChange(Nanometers),
    /// Largest change of protrusion.
    ProtrusionChange(Nanometers),
    /// Calibration found valid.
    CalibrationValid {
        /// Valid.
        valid: u32,
        /// Looked at.
        of: u32,
    },
    /// Another row's limits held.
    RowHeld {
        /// The other row.
        row: RowId,
        /// Held.
        held: u32,
        /// Measured.
        of: u32,
    },
    /// Corners of the operating range inside their limits.
    CornersInside {
        /// Inside.
        inside: u32,
        /// Measured.
        of: u32,
    },
    /// The corner that was worst, by the row it came worst off under. Bears out no clause: it says
    /// where to look.
    WorstCorner(Corner),
    /// Of several faults the one that it came worst off under, and in which trial. Bears out no
    /// clause.
    WorstUnder {
        /// The bench's name of the fault.
        fault: String,
        /// Trial with this fault, from 1.
        trial: u32,
    },
    /// A property that was violated in a command sequence. Bears out no clause.
    Violated {
        /// Which property.
        property: String,
        /// Number of the sequence.
        sequence: u32,
        /// Step of the sequence, from 0.
        step: u32,
        /// When, since the sequence began.
        at: Microseconds,
        /// What should have been.
        expected: String,
        /// What was.
        observed: String,
    },
    /// Of several command sequences the one in which it came worst off. Bears out no clause.
    WorstIn {
        /// Number of the sequence.
        sequence: u32,
    },
}

/// A corner of the operating range, and what was measured there under one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corner {
    /// Depth setting.
    pub depth: Micrometers,
    /// Rate setting.
    pub rate: StrokesPerMinute,
    /// Supply voltage.
    pub supply: Millivolts,
    /// The row that it was held against.
    pub row: RowId,
    /// Unit of value and uncertainty.
    pub unit: Unit,
    /// Measured value, record units.
    pub value: i64,
    /// Its expanded uncertainty, record units.
    pub expanded: u64,
}

const EVERY_CORNER: &str = "every corner inside the limits of the matching unit row";

impl Expectation {
    /// Reads an `expected` cell.
    ///
    /// # Errors
    /// The first clause that is not of the vocabulary.
    pub fn parse(cell: &str) -> Result<Self, String> {
        let clauses = cell
            .split(';')
            .map(|part| Clause::parse(part.trim()).ok_or_else(|| part.trim().to_owned()))
            .collect::<Result<_, _>>()?;
        Ok(Self { clauses })
    }

    /// The clauses, as written; never empty.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, clause) in self.clauses.iter().enumerate() {
            if idx > 0 {
                f.write_str("; ")?;
            }
            clause.fmt(f)?;
        }
        Ok(())
    }
}

impl Clause {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "refused" => return Some(Self::Refused),
            "calibration valid" => return Some(Self::CalibrationValid),
            EVERY_CORNER => return Some(Self::EveryCornerInside),
            _ => {}
        }
        if let Some(count) = text.strip_suffix(" strokes") {
            return count.parse().ok().map(Self::Strokes);
        }
        if let Some(row) = text.strip_suffix(" holds") {
            return RowId::parse(row).map(Self::RowHolds);
        }
        if let Some(length) = text.strip_prefix("gauge change below ") {
            return parse_length(length).map(Self::GaugeChangeBelow);
        }
        let length = text.strip_prefix("protrusion change at most ")?;
        parse_length(length).map(Self::ProtrusionChangeAtMost)
    }

    /// Whether a finding bears the clause out; `None` if it is about something else.
    #[must_use]
    pub fn met_by(&self, finding: &Finding) -> Option<bool> {
        let all = |count: u32, of: u32| Some(of > 0 && count == of);
        match (self, finding) {
            (Self::Refused, Finding::Refused { refused, of }) => all(*refused, *of),
            (Self::Strokes(expected), Finding::Strokes(seen)) => Some(expected == seen),
            (Self::GaugeChangeBelow(limit), Finding::GaugeChange(change)) => {
                Some(change.0.abs() < limit.0)
            }
            (Self::ProtrusionChangeAtMost(limit), Finding::ProtrusionChange(change)) => {
                Some(change.0.abs() <= limit.0)
            }
            (Self::CalibrationValid, Finding::CalibrationValid { valid, of }) => all(*valid, *of),
            (Self::RowHolds(wanted), Finding::RowHeld { row, held, of }) if wanted == row => {
                all(*held, *of)
            }
            (Self::EveryCornerInside, Finding::CornersInside { inside, of }) => all(*inside, *of),
            _ => None,
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("refused"),
            Self::Strokes(count) => write!(f, "{count} strokes"),
            Self::GaugeChangeBelow(limit) => {
                write!(f, "gauge change below {}", print_length(*limit))
            }
            Self::ProtrusionChangeAtMost(limit) => {
                write!(f, "protrusion change at most {}", print_length(*limit))
            }
            Self::CalibrationValid => f.write_str("calibration valid"),
            Self::RowHolds(row) => write!(f, "{row} holds"),
            Self::EveryCornerInside => f.write_str(EVERY_CORNER),
        }
    }
}

impl Finding {
    /// Reads back what [`Finding`] prints, so that a report can be judged again.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(count) = text.strip_suffix(" strokes") {
            return count.parse().ok().map(Self::Strokes);
        }
        if let Some(length) = text.strip_prefix("gauge change ") {
            return parse_length(length).map(Self::GaugeChange);
        }
        if let Some(length) = text.strip_prefix("protrusion change ") {
            return parse_length(length).map(Self::ProtrusionChange);
        }
        if let Some(corner) = text.strip_prefix("worst corner ") {
            return Corner::parse(corner).map(Self::WorstCorner);
        }
        if let Some(rest) = text.strip_prefix("worst in trial ") {
            let (trial, fault) = rest.split_once(" under ")?;
            return Some(Self::WorstUnder {
                fault: fault.to_owned(),
                trial: trial.parse().ok()?,
            });
        }
        if let Some(sequence) = text.strip_prefix("worst in sequence ") {
            let sequence = sequence.parse().ok()?;
            return Some(Self::WorstIn { sequence });
        }
        if let Some(rest) = text.strip_prefix("violated ") {
            return Self::parse_violated(rest);
        }
        let (count, rest) = text.split_once(" of ")?;
        let (of, what) = rest.split_once(' ')?;
        let (count, of) = (count.parse().ok()?, of.parse().ok()?);
        match what {
            "refused" => Some(Self::Refused { refused: count, of }),
            "calibrations valid" => Some(Self::CalibrationValid { valid: count, of }),
            "corners inside" => Some(Self::CornersInside { inside: count, of }),
            _ => {
                let row = RowId::parse(what.strip_suffix(" held")?)?;
                Some(Self::RowHeld {
                    row,
                    held: count,
                    of,
                })
            }
        }
    }

    fn parse_violated(text: &str) -> Option<Self> {
        let (property, rest) = text.split_once(" in sequence ")?;
        let (sequence, rest) = rest.split_once(", step ")?;
        let (step, rest) = rest.split_once(" at ")?;
        let (at, rest) = rest.split_once(" µs: expected ")?;
        let (expected, observed) = rest.split_once(" | observed ")?;
        Some(Self::Violated {
            property: property.to_owned(),
            sequence: sequence.parse().ok()?,
            step: step.parse().ok()?,
            at: Microseconds(at.parse().ok()?),
            expected: expected.to_owned(),
            observed: observed.to_owned(),
        })
    }

    /// Reads a list of findings apart by `; `; nothing for an empty text.
    #[must_use]
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        if text.is_empty() {
            return Some(Vec::new());
        }
        text.split("; ").map(Self::parse).collect()
    }

    /// Prints findings apart by `; `.
    #[must_use]
    pub fn print_list(findings: &[Self]) -> String {
        findings
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { refused, of } => write!(f, "{refused} of {of} refused"),
            Self::Strokes(count) => write!(f, "{count} strokes"),
            Self::GaugeChange(change) => write!(f, "gauge change {}", print_length(*change)),
            Self::ProtrusionChange(change) => {
                write!(f, "protrusion change {}", print_length(*change))
            }
            Self::CalibrationValid { valid, of } => write!(f, "{valid} of {of} calibrations valid"),
            Self::RowHeld { row, held, of } => write!(f, "{held} of {of} {row} held"),
            Self::CornersInside { inside, of } => write!(f, "{inside} of {of} corners inside"),
            Self::WorstCorner(corner) => write!(f, "worst corner {corner}"),
            Self::WorstUnder { fault, trial } => {
                // A name comes from the bench; a list of findings goes by this sign.
                let fault = fault.replace(';', ",");
                write!(f, "worst in trial {trial} under {fault}")
            }
            Self::Violated {
                property,
                sequence,
                step,
                at,
                expected,
                observed,
            } => {
                // A list of findings goes by these signs.
                let [expected, observed] =
                    [expected, observed].map(|it| it.replace(';', ",").replace('|', "/"));
                write!(
                    f,
                    "violated {property} in sequence {sequence}, step {step} at {at}: \
                     expected {expected} | observed {observed}"
                )
            }
            Self::WorstIn { sequence } => write!(f, "worst in sequence {sequence}"),
        }
    }
}

impl Corner {
    fn parse(text: &str) -> Option<Self> {
        let [depth, rate, supply, row, value, expanded] =
            text.split(", ").collect::<Vec<_>>().try_into().ok()?;
        let depth = parse_length(depth)?.0;
        let (value, unit) = value.split_once(' ')?;
        let unit = Unit::parse(unit)?;
        let record = |cell: &str| unit.to_record(Decimal::parse(cell).ok()?);
        let expanded = expanded.strip_prefix("U ")?.strip_suffix(unit.word())?;
        Some(Self {
            depth: Micrometers(i32::try_from(depth / 1_000).ok()?),
            rate: StrokesPerMinute(rate.strip_suffix(" /min")?.parse().ok()?),
            supply: Millivolts(supply.strip_suffix(" mV")?.parse().ok()?),
            row: RowId::parse(row)?,
            unit,
            value: record(value)?,
            expanded: u64::try_from(record(expanded.trim_end())?).ok()?,
        })
    }
}

impl fmt::Display for Corner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let print = |record: i64| format!("{} {}", self.unit.print(record), self.unit.word());
        write!(
            f,
            "{}, {} /min, {} mV, {}, {}, U {}",
            print_length(self.depth.into()),
            self.rate.0,
            self.supply.0,
            self.row,
            print(self.value),
            print(i64::try_from(self.expanded).unwrap_or(i64::MAX)),
        )
    }
}

fn parse_length(text: &str) -> Option<Nanometers> {
    let cell = Decimal::parse(text.strip_suffix(" mm")?).ok()?;
    Unit::Millimeter.to_record(cell).map(Nanometers)
}

fn print_length(length: Nanometers) -> String {
    format!("{} mm", Unit::Millimeter.print(length.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expectation_of_the_tables_is_understood() {
        for cell in [
            "refused",
            "refused; gauge change below 0.05 mm; 0 strokes",
            "refused; 0 strokes",
            "calibration valid; DEP-04 holds",
            "protrusion change at most 0.05 mm",
            EVERY_CORNER,
        ] {
            let expectation = Expectation::parse(cell).unwrap();
            let again = Expectation::parse(&expectation.to_string()).unwrap();
            assert_eq!(expectation, again, "{cell}");
        }
    }

    #[test]
    fn a_clause_outside_the_vocabulary_is_named() {
        assert_eq!(
            Expectation::parse("refused; politely").unwrap_err(),
            "politely"
        );
        assert_eq!(Expectation::parse("").unwrap_err(), "");
    }

    #[test]
    fn findings_read_back_as_printed() {
        let findings = vec![
            Finding::Refused { refused: 3, of: 4 },
            Finding::Strokes(2),
            Finding::GaugeChange(Nanometers(-3_120)),
            Finding::ProtrusionChange(Nanometers(50_001)),
            Finding::CalibrationValid { valid: 50, of: 50 },
            Finding::RowHeld {
                row: RowId::parse("DEP-04").unwrap(),
                held: 49,
                of: 50,
            },
            Finding::CornersInside { inside: 27, of: 27 },
            Finding::WorstCorner(Corner {
                depth: Micrometers(2_500),
                rate: StrokesPerMinute(7_000),
                supply: Millivolts(3_300),
                row: RowId::parse("DEP-06").unwrap(),
                unit: Unit::Millimeter,
                value: 2_612_345,
                expanded: 7_901,
            }),
            Finding::WorstUnder {
                fault: "hall-double probability 0.2 after_us 3000".to_owned(),
                trial: 4,
            },
            Finding::WorstIn { sequence: 298 },
            Finding::Violated {
                property: "Ceiling".to_owned(),
                sequence: 17,
                step: 4,
                at: Microseconds(1_234_567),
                expected: "no stroke beyond 1.65 mm at step 3".to_owned(),
                observed: "3 in a row, the furthest to 2.51 ± 0.01 mm".to_owned(),
            },
            Finding::WorstCorner(Corner {
                depth: Micrometers(250),
                rate: StrokesPerMinute(9_000),
                supply: Millivolts(4_200),
                row: RowId::parse("RAT-04").unwrap(),
                unit: Unit::StrokesPerSecond,
                value: 149_000_001,
                expanded: 12,
            }),
        ];
        let text = Finding::print_list(&findings);
        assert_eq!(Finding::parse_list(&text), Some(findings));
    }

    #[track_caller]
    fn check(clause: &str, finding: &Finding, met: Option<bool>) {
        assert_eq!(
            Clause::parse(clause).unwrap().met_by(finding),
            met,
            "{clause} by {finding}"
        );
    }

    #[test]
    fn a_clause_holds_only_if_every_repeat_bears_it_out() {
        check(
            "refused",
            &Finding::Refused { refused: 4, of: 4 },
            Some(true),
        );
        check(
            "refused",
            &Finding::Refused { refused: 3, of: 4 },
            Some(false),
        );
        check(
            "refused",
            &Finding::Refused { refused: 0, of: 0 },
            Some(false),
        );
        check("refused", &Finding::Strokes(0), None);
        check("0 strokes", &Finding::Strokes(1), Some(false));
        check(
            "gauge change below 0.05 mm",
            &Finding::GaugeChange(Nanometers(49_999)),
            Some(true),
        );
        check(
            "gauge change below 0.05 mm",
            &Finding::GaugeChange(Nanometers(-50_000)),
            Some(false),
        );
        check(
            "protrusion change at most 0.05 mm",
            &Finding::ProtrusionChange(Nanometers(50_000)),
            Some(true),
        );
    }
}
