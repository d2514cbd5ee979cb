//! Reads one line of `sampling.csv`.

use crate::sheet::Cells;
use crate::{
    AttributesNumbers, AttributesPlan, DefectKind, InspectionLevel, InspectionSeverity, Plan,
    Required, RiskPoints, Row, SampleStage, Sampling, SamplingKind, SamplingRule, Share,
    TableEntry, VariablesNumbers,
};

/// The rules, as they are written.
const RULES: &str = "single, double, multiple, variables, zero-failure, sequential";
const LEVELS: &str = "S-1, S-2, S-3, S-4, I, II, III";
const INSPECTIONS: &str = "normal, tightened, reduced";
/// Units that can be drawn.
const MOST_UNITS: u32 = 100_000;

const TABLE: [&str; 3] = ["level", "aql", "inspection"];
const OWN: [&str; 3] = ["n", "ac", "re"];
const POINTS: [&str; 4] = ["p1", "alpha", "p2", "beta"];
const CLAIM: [&str; 2] = ["confidence", "content"];

/// Which way of giving numbers a line uses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Table,
    Own,
    Points,
}

/// Reads a line; none where it was reported.
pub(crate) fn sampling(
    cells: &mut Cells<'_, '_>,
    plans: &[Plan],
    rows: &[Row],
) -> Option<Sampling> {
    let plan = plan(cells, plans);
    let row = row(cells, plan, rows);
    let lot_size = cells.whole("lot_size", 1, u32::MAX);
    let rule = cells.wanted("rule");
    let rule = match rule.as_str() {
        "" => None,
        "single" => attributes(cells, SamplingKind::Single),
        "double" => attributes(cells, SamplingKind::Double),
        "multiple" => attributes(cells, SamplingKind::Multiple),
        "variables" => variables(cells, row),
        "zero-failure" => zero_failure(cells),
        "sequential" => sequential(cells),
        _ => {
            let (cell, list) = (rule, RULES.to_owned());
            cells.report("rule", DefectKind::UnknownWord { cell, list });
            None
        }
    };
    Some(Sampling {
        plan: plan?.name.clone(),
        row: row.map(|it| it.id.clone()),
        rule: rule?,
        lot_size,
        note: cells.text("note").to_owned(),
    })
}

fn plan<'p>(cells: &mut Cells<'_, '_>, plans: &'p [Plan]) -> Option<&'p Plan> {
    let name = cells.wanted("plan");
    let plan = plans.iter().find(|it| it.name == name);
    if plan.is_none() && !name.is_empty() {
        cells.report("plan", DefectKind::UnknownPlan { plan: name });
    }
    plan
}

/// The row that a line names: one that the plan has the rig run.
fn row<'r>(cells: &mut Cells<'_, '_>, plan: Option<&Plan>, rows: &'r [Row]) -> Option<&'r Row> {
    let name = cells.optional("row")?;
    let required = plan?
        .entry(&name)
        .is_some_and(|it| it.required == Required::Yes);
    if !required {
        cells.report("row", DefectKind::RowNotRequired { row: name });
        return None;
    }
    rows.iter().find(|it| it.id == *name)
}

/// The one way in which a line gives its numbers.
fn source(cells: &mut Cells<'_, '_>, own: &[&'static str]) -> Option<Source> {
    let given = |cells: &Cells<'_, '_>, columns: &[&str]| {
        columns.iter().any(|it| !cells.text(it).is_empty())
    };
    let mut found = Vec::new();
    if given(cells, &TABLE) {
        found.push(Source::Table);
    }
    if given(cells, own) {
        found.push(Source::Own);
    }
    if given(cells, &POINTS) {
        found.push(Source::Points);
    }
    match found[..] {
        [source] => Some(source),
        _ => {
            cells.report_line(DefectKind::SamplingNumbers);
            None
        }
    }
}

/// Reports cells that a rule has no use for.
fn unused(cells: &mut Cells<'_, '_>, rule: &str, columns: &[&'static str]) {
    for column in columns {
        if let Some(cell) = cells.optional(column) {
            let rule = rule.to_owned();
            cells.report(column, DefectKind::UnusedCell { cell, rule });
        }
    }
}

fn attributes(cells: &mut Cells<'_, '_>, kind: SamplingKind) -> Option<SamplingRule> {
    unused(cells, &kind.to_string(), &["k"]);
    unused(cells, &kind.to_string(), &CLAIM);
    let numbers = match source(cells, &OWN)? {
        Source::Table => AttributesNumbers::Table(table_entry(cells)?),
        Source::Own => AttributesNumbers::Own(own_plan(cells, kind)?),
        Source::Points if kind == SamplingKind::Single => AttributesNumbers::Points(points(cells)?),
        Source::Points => {
            unused(cells, &kind.to_string(), &POINTS);
            return None;
        }
    };
    Some(SamplingRule::Attributes { kind, numbers })
}

fn variables(cells: &mut Cells<'_, '_>, row: Option<&Row>) -> Option<SamplingRule> {
    unused(cells, "variables", &["ac", "re"]);
    unused(cells, "variables", &CLAIM);
    if cells.text("row").is_empty() {
        cells.wanted("row");
    } else if row.is_some_and(|it| it.tolerance.is_none()) {
        cells.report("row", DefectKind::NoLimit);
    }
    let source = source(cells, &["n", "k"])?;
    if source != Source::Table {
        unused(cells, "variables", &["lot_size"]);
    }
    let numbers = match source {
        Source::Table => VariablesNumbers::Table(table_entry(cells)?),
        Source::Points => VariablesNumbers::Points(points(cells)?),
        Source::Own => {
            cells.wanted("n");
            cells.wanted("k");
            let n = cells.whole("n", 3, MOST_UNITS);
            let k = billionths(cells, "k");
            VariablesNumbers::Own {
                n: n?,
                k_billionths: k?,
            }
        }
    };
    Some(SamplingRule::Variables(numbers))
}

fn zero_failure(cells: &mut Cells<'_, '_>) -> Option<SamplingRule> {
    unused(cells, "zero-failure", &TABLE);
    unused(cells, "zero-failure", &OWN);
    unused(cells, "zero-failure", &["lot_size", "k"]);
    unused(cells, "zero-failure", &POINTS);
    let confidence = share(cells, "confidence");
    let content = share(cells, "content");
    Some(SamplingRule::ZeroFailure {
        confidence: confidence?,
        content: content?,
    })
}

fn sequential(cells: &mut Cells<'_, '_>) -> Option<SamplingRule> {
    unused(cells, "sequential", &TABLE);
    unused(cells, "sequential", &["lot_size", "ac", "re", "k"]);
    unused(cells, "sequential", &CLAIM);
    let points = points(cells);
    cells.wanted("n");
    let most = cells.whole("n", 1, MOST_UNITS);
    Some(SamplingRule::Sequential {
        points: points?,
        most: most?,
    })
}

fn table_entry(cells: &mut Cells<'_, '_>) -> Option<TableEntry> {
    cells.wanted("lot_size");
    let lot_size = cells.whole("lot_size", 2, u32::MAX);
    let level = cells.word("level", LEVELS, InspectionLevel::parse);
    cells.wanted("aql");
    let aql = aql_thousandths(cells);
    let inspection = cells.word("inspection", INSPECTIONS, |word| {
        InspectionSeverity::ALL
            .into_iter()
            .find(|it| it.to_string() == word)
    });
    Some(TableEntry {
        lot_size: lot_size?,
        level: level?,
        aql_thousandths: aql?,
        inspection: inspection?,
    })
}

fn aql_thousandths(cells: &mut Cells<'_, '_>) -> Option<u32> {
    let thousandths = cells
        .decimal("aql")?
        .times(1_000, 1)
        .and_then(|it| u32::try_from(it).ok())
        .filter(|it| *it > 0);
    if thousandths.is_none() {
        let cell = cells.text("aql").to_owned();
        cells.report("aql", DefectKind::BadAql { cell });
    }
    thousandths
}

fn own_plan(cells: &mut Cells<'_, '_>, kind: SamplingKind) -> Option<AttributesPlan> {
    let sizes = numbers(cells, "n");
    let accepts = numbers(cells, "ac");
    let rejects = numbers(cells, "re");
    let (sizes, accepts, rejects) = (sizes?, accepts?, rejects?);
    let expected = match kind {
        SamplingKind::Single => 1..=1,
        SamplingKind::Double => 2..=2,
        SamplingKind::Multiple => 3..=7,
    };
    let same = sizes.len() == accepts.len() && sizes.len() == rejects.len();
    if !same || !expected.contains(&sizes.len()) {
        let (least, most) = (*expected.start(), *expected.end());
        cells.report("n", DefectKind::SampleCount { least, most });
        return None;
    }
    let stages = sizes
        .iter()
        .zip(&accepts)
        .zip(&rejects)
        .map(|((n, accept), reject)| {
            Some(SampleStage {
                n: (*n)?,
                accept: *accept,
                reject: (*reject)?,
            })
        });
    let Some(stages) = stages.collect() else {
        let cell = format!("{} / {}", cells.text("n"), cells.text("re"));
        cells.report("n", DefectKind::BadNumbers { cell });
        return None;
    };
    match AttributesPlan::new(stages) {
        Ok(plan) => Some(plan),
        Err(cause) => {
            cells.report("n", DefectKind::NoPlan { cause });
            None
        }
    }
}

/// Whole numbers apart by spaces, `#` for none; nothing if the cell was reported.
fn numbers(cells: &mut Cells<'_, '_>, column: &'static str) -> Option<Vec<Option<u32>>> {
    let text = cells.wanted(column);
    if text.is_empty() {
        return None;
    }
    let parsed: Option<Vec<Option<u32>>> = text
        .split_whitespace()
        .map(|word| match word {
            "#" => Some(None),
            _ => {
                let plain = word.bytes().all(|it| it.is_ascii_digit());
                let number = word.parse::<u32>().ok();
                number.filter(|it| plain && *it <= MOST_UNITS).map(Some)
            }
        })
        .collect();
    if parsed.is_none() {
        cells.report(column, DefectKind::BadNumbers { cell: text });
    }
    parsed
}

fn points(cells: &mut Cells<'_, '_>) -> Option<RiskPoints> {
    let [p1, alpha, p2, beta] = POINTS.map(|column| share(cells, column));
    let points = RiskPoints::new(p1?, alpha?, p2?, beta?);
    if points.is_none() {
        cells.report("p1", DefectKind::BadPoints);
    }
    points
}

fn share(cells: &mut Cells<'_, '_>, column: &'static str) -> Option<Share> {
    let cell = cells.wanted(column);
    let number = cells.decimal(column)?;
    let share = number
        .times(1_000_000_000, 1)
        .and_then(Share::from_billionths);
    if share.is_none() {
        cells.report(column, DefectKind::BadShare { cell });
    }
    share
}

fn billionths(cells: &mut Cells<'_, '_>, column: &'static str) -> Option<i64> {
    let number = cells.decimal(column)?;
    let billionths = number.times(1_000_000_000, 1);
    if billionths.is_none() {
        let cell = cells.text(column).to_owned();
        cells.report(column, DefectKind::BadConstant { cell });
    }
    billionths
}
