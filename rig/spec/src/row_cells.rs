//! From the cells of one line of a limit table to a row.

use crate::sheet::{Cells, Line};
use crate::{
    Decimal, DefectKind, Expectation, GuardRatio, MaxRisk, Row, RowId, RowInstrument, RowLoad,
    Rule, Setting, TableName, Tolerance, ToleranceError, Unit,
};
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use std::collections::BTreeSet;

/// What the `rule` cell says, before its guard ratio is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RuleWord {
    Simple,
    GuardBand,
    Risk,
    Exact,
    None,
}

impl Row {
    /// Reads one line; nothing if it has a defect.
    pub(crate) fn from_cells(
        cells: &mut Cells<'_, '_>,
        table: TableName,
        line: &Line<'_>,
        loads: Option<&BTreeSet<String>>,
    ) -> Option<Self> {
        let id = row_id(cells);
        let load = load(cells, loads);
        let depth = setting(cells, "depth_mm", micrometers);
        let rate = setting(cells, "rate_per_s", strokes_per_minute);
        let window = setting(cells, "window_s", seconds);
        let n = cells.whole("n", 1, u32::MAX);
        let word = rule_word(cells);
        let rule = rule(cells, word);
        let limits = Limits::read(cells, word);
        let expected = expectation(cells);
        let instruments = instruments(cells);
        let rev = cells.wanted("rev");
        let measurand = cells.wanted("measurand");
        let statistic = cells.wanted("statistic");
        let basis_condition = cells.wanted("basis_condition");
        let basis_limit = cells.wanted("basis_limit");
        let source = cells.wanted("source");
        let judged = word.is_some_and(|it| it != RuleWord::None);
        let nothing_written = ["lower", "upper", "expected"]
            .iter()
            .all(|column| cells.text(column).is_empty());
        if judged && nothing_written {
            cells.report_line(DefectKind::NothingToJudge);
        }
        let limits = limits?;
        Some(Self {
            id: id?,
            rev,
            measurand,
            statistic,
            depth: depth?,
            rate: rate?,
            load: load?,
            supply: cells.optional("supply"),
            cartridge: cells.optional("cartridge"),
            stimulus: cells.optional("stimulus"),
            from_event: cells.optional("from_event"),
            to_event: cells.optional("to_event"),
            window: window?,
            n,
            target: limits.target,
            tolerance: limits.tolerance,
            expected,
            unit: limits.unit,
            rule: rule?,
            max_u: limits.max_u,
            instruments: instruments?,
            hazard: cells.optional("hazard"),
            basis_condition,
            basis_limit,
            source,
            cells: line.cells.clone(),
            table,
            line: line.number,
        })
    }
}

fn row_id(cells: &mut Cells<'_, '_>) -> Option<RowId> {
    let cell = cells.wanted("id");
    if cell.is_empty() {
        return None;
    }
    let id = RowId::parse(&cell);
    if id.is_none() {
        cells.report("id", DefectKind::BadRowId { cell });
    }
    id
}

/// What the fixture need not know may be called anything.
fn load(cells: &mut Cells<'_, '_>, loads: Option<&BTreeSet<String>>) -> Option<RowLoad> {
    let cell = cells.text("load").to_owned();
    match cell.as_str() {
        "" => Some(RowLoad::NotStated),
        "all of the run" => Some(RowLoad::AllOfTheRun),
        name if loads.is_none_or(|it| it.contains(name)) => Some(RowLoad::Named(cell)),
        _ if cells.text("instrument") == "external" => Some(RowLoad::External(cell)),
        _ => {
            cells.report("load", DefectKind::UnknownLoad { load: cell });
            None
        }
    }
}

fn rule_word(cells: &mut Cells<'_, '_>) -> Option<RuleWord> {
    cells.word(
        "rule",
        "simple, guard-band, risk, exact, none",
        |word| match word {
            "simple" => Some(RuleWord::Simple),
            "guard-band" => Some(RuleWord::GuardBand),
            "risk" => Some(RuleWord::Risk),
            "exact" => Some(RuleWord::Exact),
            "none" => Some(RuleWord::None),
            _ => None,
        },
    )
}

fn rule(cells: &mut Cells<'_, '_>, word: Option<RuleWord>) -> Option<Rule> {
    let word = word?;
    let rule = match word {
        RuleWord::GuardBand => {
            let list = "ratios above 0 with at most six decimals";
            parameter(cells, "guard_r", list, GuardRatio::from_decimal).map(Rule::GuardBand)
        }
        RuleWord::Risk => {
            let list = "risks above 0 and below 0.5 with at most six decimals";
            parameter(cells, "max_risk", list, MaxRisk::from_decimal).map(Rule::Risk)
        }
        RuleWord::Simple => Some(Rule::Simple),
        RuleWord::Exact => Some(Rule::Exact),
        RuleWord::None => Some(Rule::None),
    };
    for (column, owner) in [
        ("guard_r", RuleWord::GuardBand),
        ("max_risk", RuleWord::Risk),
    ] {
        let cell = cells.text(column).to_owned();
        if word != owner && !cell.is_empty() {
            let rule = cells.text("rule").to_owned();
            cells.report(column, DefectKind::UnusedCell { cell, rule });
        }
    }
    rule
}

/// The number that a rule needs, from the column that holds it.
fn parameter<T>(
    cells: &mut Cells<'_, '_>,
    column: &'static str,
    list: &str,
    read: fn(Decimal) -> Option<T>,
) -> Option<T> {
    let cell = cells.wanted(column);
    let value = read(cells.decimal(column)?);
    if value.is_none() {
        let list = list.to_owned();
        cells.report(column, DefectKind::UnknownWord { cell, list });
    }
    value
}

fn expectation(cells: &mut Cells<'_, '_>) -> Option<Expectation> {
    let cell = cells.text("expected");
    if cell.is_empty() {
        return None;
    }
    match Expectation::parse(cell) {
        Ok(expectation) => Some(expectation),
        Err(clause) => {
            cells.report("expected", DefectKind::UnknownExpectation { clause });
            None
        }
    }
}

fn instruments(cells: &mut Cells<'_, '_>) -> Option<Vec<RowInstrument>> {
    let list = RowInstrument::ALL.map(RowInstrument::word).join(", ");
    cells.word("instrument", &list, |cell| {
        cell.split(',')
            .flat_map(|part| part.split(" and "))
            .map(|part| RowInstrument::parse(part.trim()))
            .collect()
    })
}

struct Limits {
    unit: Option<Unit>,
    target: Option<i64>,
    tolerance: Option<Tolerance>,
    max_u: Option<u64>,
}

impl Limits {
    fn read(cells: &mut Cells<'_, '_>, word: Option<RuleWord>) -> Option<Self> {
        let columns = ["target", "lower", "upper", "max_u"];
        let mut unit = None;
        if columns.iter().any(|column| !cells.text(column).is_empty())
            || !cells.text("unit").is_empty()
        {
            let list = Unit::ALL.map(Unit::word).join(", ");
            unit = Some(cells.word("unit", &list, Unit::parse));
        }
        let [target, lower, upper, max_u] = columns.map(|column| cells.decimal(column));
        if let Some(rule @ (RuleWord::Exact | RuleWord::None)) = word {
            let unused = match rule {
                RuleWord::Exact => ["max_u"].as_slice(),
                _ => &["lower", "upper", "expected", "max_u"],
            };
            let name = if rule == RuleWord::Exact {
                "exact"
            } else {
                "none"
            };
            for column in unused {
                let cell = cells.text(column).to_owned();
                if !cell.is_empty() {
                    cells.report(
                        column,
                        DefectKind::UnusedCell {
                            cell,
                            rule: name.to_owned(),
                        },
                    );
                }
            }
        }
        let Some(unit) = unit else {
            return Some(Self {
                unit: None,
                target: None,
                tolerance: None,
                max_u: None,
            });
        };
        let unit = unit?;
        let mut record = |column: &'static str, cell: Option<Decimal>| {
            let cell = cell?;
            let value = unit.to_record(cell);
            if value.is_none() {
                let record_unit = unit.record_unit().word();
                cells.report(
                    column,
                    DefectKind::TooFine {
                        cell: cell.to_string(),
                        unit: unit.word(),
                        record_unit,
                    },
                );
            }
            value
        };
        let (target, lower, upper) = (
            record("target", target),
            record("lower", lower),
            record("upper", upper),
        );
        let max_u = record("max_u", max_u).and_then(|it| {
            let positive = u64::try_from(it).ok().filter(|it| *it > 0);
            if positive.is_none() {
                let cell = cells.text("max_u").to_owned();
                let list = "uncertainties above 0".to_owned();
                cells.report("max_u", DefectKind::UnknownWord { cell, list });
            }
            positive
        });
        let tolerance = match Tolerance::new(unit, lower, upper) {
            Ok(tolerance) => Some(tolerance),
            Err(ToleranceError::Open) => None,
            Err(ToleranceError::Crossed) => {
                let (lower, upper) = (
                    cells.text("lower").to_owned(),
                    cells.text("upper").to_owned(),
                );
                cells.report_line(DefectKind::LimitsCrossed {
                    lower,
                    upper,
                    unit: unit.word(),
                });
                None
            }
        };
        if let (Some(tolerance), Some(value)) = (tolerance, target)
            && tolerance.excess(value) > 0
        {
            let target = cells.text("target").to_owned();
            cells.report(
                "target",
                DefectKind::TargetOutside {
                    target,
                    unit: unit.word(),
                },
            );
        }
        Some(Self {
            unit: Some(unit),
            target,
            tolerance,
            max_u,
        })
    }
}

/// A condition: one number, several apart by commas, or words that do not begin like a number.
fn setting<T>(
    cells: &mut Cells<'_, '_>,
    column: &'static str,
    read: fn(&str) -> Result<T, DefectKind>,
) -> Option<Setting<T>> {
    let cell = cells.text(column);
    let numeric = cell.starts_with(|first: char| first.is_ascii_digit() || "-+.,".contains(first));
    if cell.is_empty() {
        return Some(Setting::NotStated);
    }
    if !numeric {
        return Some(Setting::Words(cell.to_owned()));
    }
    match cell
        .split(',')
        .map(|part| read(part.trim()))
        .collect::<Result<Vec<T>, _>>()
    {
        Ok(mut values) if values.len() == 1 => values.pop().map(Setting::One),
        Ok(values) => Some(Setting::List(values)),
        Err(kind) => {
            cells.report(column, kind);
            None
        }
    }
}

fn number(cell: &str) -> Result<Decimal, DefectKind> {
    Decimal::parse(cell).map_err(|cause| DefectKind::BadNumber {
        cell: cell.to_owned(),
        cause,
    })
}

fn micrometers(cell: &str) -> Result<Micrometers, DefectKind> {
    let value = number(cell)?
        .times(1_000, 1)
        .and_then(|it| i32::try_from(it).ok());
    let kind = DefectKind::TooFine {
        cell: cell.to_owned(),
        unit: "mm",
        record_unit: "µm",
    };
    value.map(Micrometers).ok_or(kind)
}

fn seconds(cell: &str) -> Result<Nanoseconds, DefectKind> {
    let value = number(cell)?
        .times(1_000_000, 1)
        .and_then(|it| u64::try_from(it).ok());
    let kind = DefectKind::TooFine {
        cell: cell.to_owned(),
        unit: "s",
        record_unit: "µs",
    };
    value
        .and_then(|it| it.checked_mul(1_000))
        .map(Nanoseconds)
        .ok_or(kind)
}

fn strokes_per_minute(cell: &str) -> Result<StrokesPerMinute, DefectKind> {
    let whole = number(cell)?
        .nearest_whole_meant(60)
        .and_then(|it| u32::try_from(it).ok());
    whole
        .map(StrokesPerMinute)
        .ok_or_else(|| DefectKind::BadRate {
            cell: cell.to_owned(),
        })
}
