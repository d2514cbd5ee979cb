//! What is kept of one run for comparing it with others.

use rig_record::journal::{LedgerRun, UnitResult};
use rig_record::{BenchKind, LotRecord, NotRun, RowResult, UnitRecord};
use rig_spec::{Plan, Required, Row, SpecSet, Unit};
use rig_stats::{Standing, StatsError, summarize};
use serde::Serialize;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunEntry {
    /// Its name.
    pub run_id: String,
    /// Hash of the line of the ledger that begins it: no other run has it.
    pub begun: String,
    /// Its number in that ledger.
    pub number: u64,
    /// Hardware or virtual.
    pub kind: BenchKind,
    /// The lot.
    pub lot: String,
    /// The plan.
    pub plan: String,
    /// When it was begun, ISO 8601 in UTC.
    pub started: String,
    /// When it came to its end; none for one that did not.
    pub ended: Option<String>,
    /// Document and revision of the spec; empty if only a ledger knows the run.
    pub spec: String,
    /// Version of the firmware; empty if only a ledger knows the run.
    pub firmware: String,
    /// Where.
    pub station: String,
    /// What became of the lot, in the words of the report.
    pub disposition: String,
    /// Whether its folder was read; of one without, only the ledger's word is known.
    pub has_folder: bool,
    /// Rows of its spec that have numbers, in the order of reports.
    pub rows: Vec<RowEntry>,
    /// The units that were dealt with, in order.
    pub units: Vec<UnitEntry>,
}

/// What a run's spec says of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowEntry {
    /// Its name.
    pub row: String,
    /// The quantity.
    pub measurand: String,
    /// The unit that its values are printed in, by its word; values are in record units of it.
    pub unit: String,
    /// Lower tolerance limit.
    pub lower: Option<i64>,
    /// Upper tolerance limit.
    pub upper: Option<i64>,
    /// Whether the run's plan requires it.
    pub is_required: bool,
}

impl RowEntry {
    /// The unit, if this program knows it.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        Unit::parse(&self.unit)
    }
}

/// One unit in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitEntry {
    /// Serial number.
    pub serial: String,
    /// Name of the bench that it was on; empty if only a ledger knows of it.
    pub bench: String,
    /// Its standing, in the words of the report.
    pub standing: String,
    /// Whether it met the plan without a re-measurement; of a unit that only a ledger knows,
    /// whether it met the plan.
    pub is_first_pass: bool,
    /// What was found on rows that have numbers.
    pub results: Vec<ResultEntry>,
}

impl UnitEntry {
    /// Whether it met the plan.
    #[must_use]
    pub fn meets(&self) -> bool {
        self.standing == Standing::Meets.to_string()
    }

    /// Whether the plan asked anything of it.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        self.standing != Standing::NotDrawn.to_string()
    }
}

/// What one row came to on one unit. Values are in record units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResultEntry {
    /// The row.
    pub row: String,
    /// What was measured, if anything was.
    pub value: Option<i64>,
    /// Its expanded uncertainty; 0 for what is counted.
    pub expanded: Option<u64>,
    /// Whether the value is in doubt or a mere bound, so that no statistic may rest on it.
    pub is_left_out: bool,
    /// The verdict, `reported`, or why it was not run.
    pub verdict: String,
    /// How many attempts there were.
    pub attempts: u64,
}

/// What a run that was begun came to, beside its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Hash of the line of the ledger that begins it.
    pub begun: String,
    /// Its number there.
    pub number: u64,
    /// Bench of each unit that was dealt with, in order.
    pub benches: Vec<String>,
}

/// What the disposition of a run says that never came to its end.
pub const UNFINISHED: &str = "unfinished";

impl RunEntry {
    /// What is kept of a run's record.
    ///
    /// # Errors
    /// The record names a plan that the spec does not have.
    pub fn of(spec: &SpecSet, lot: &LotRecord, beginning: Beginning) -> Result<Self, StatsError> {
        let summary = summarize(spec, lot)?;
        let header = &lot.header;
        let benches = beginning
            .benches
            .iter()
            .chain(std::iter::repeat(&header.bench.name));
        let units = lot.units.iter().zip(&summary.units).zip(benches);
        Ok(Self {
            run_id: header.run_id.clone(),
            begun: beginning.begun,
            number: beginning.number,
            kind: header.bench.kind,
            lot: header.lot.clone(),
            plan: header.plan.clone(),
            started: header.started.clone(),
            ended: header.ended.clone(),
            spec: format!("{} revision {}", header.spec.document, header.spec.revision),
            firmware: header.image.firmware_version.clone(),
            station: header.station.clone(),
            disposition: match header.ended {
                Some(_) => summary.disposition.to_string(),
                None => UNFINISHED.to_owned(),
            },
            has_folder: true,
            rows: spec
                .rows
                .iter()
                .filter_map(|row| row_entry(row, &summary.plan))
                .collect(),
            units: units
                .map(|((unit, summary), bench)| UnitEntry {
                    serial: unit.serial.clone(),
                    bench: bench.clone(),
                    standing: summary.standing.to_string(),
                    is_first_pass: summary.is_first_pass(),
                    results: results(spec, unit),
                })
                .collect(),
        })
    }

    /// What a ledger says of a run whose folder is not there: `not_meeting` and the disposition if
    /// it came to its end.
    #[must_use]
    pub fn of_ledger(
        run: &LedgerRun,
        begun: String,
        started: String,
        end: Option<(String, String, &[UnitResult])>,
    ) -> Self {
        let units = match &end {
            // Nobody knows what became of them.
            None => Vec::new(),
            Some((_, _, not_meeting)) => run
                .units
                .iter()
                .map(|serial| {
                    let result = not_meeting.iter().find(|it| it.serial == *serial);
                    UnitEntry {
                        serial: serial.clone(),
                        bench: String::new(),
                        standing: result
                            .map_or_else(|| Standing::Meets.to_string(), |it| it.standing.clone()),
                        is_first_pass: result.is_none(),
                        results: Vec::new(),
                    }
                })
                .collect(),
        };
        let (ended, disposition) = match end {
            Some((at, disposition, _)) => (Some(at), disposition),
            None => (None, UNFINISHED.to_owned()),
        };
        Self {
            run_id: run.run_id.clone(),
            begun,
            number: run.number,
            kind: run.kind,
            lot: run.lot.clone(),
            plan: run.plan.clone(),
            started,
            ended,
            spec: run.spec.clone(),
            firmware: String::new(),
            station: run.station.clone(),
            disposition,
            has_folder: false,
            rows: Vec::new(),
            units,
        }
    }
}

fn row_entry(row: &Row, plan: &Plan) -> Option<RowEntry> {
    let unit = row.unit?;
    let entry = plan.entry(row.id.as_str())?;
    Some(RowEntry {
        row: row.id.to_string(),
        measurand: row.measurand.clone(),
        unit: unit.word().to_owned(),
        lower: row.tolerance.and_then(rig_spec::Tolerance::lower),
        upper: row.tolerance.and_then(rig_spec::Tolerance::upper),
        is_required: entry.required == Required::Yes,
    })
}

fn results(spec: &SpecSet, unit: &UnitRecord) -> Vec<ResultEntry> {
    let with_numbers = spec.rows.iter().filter(|row| row.unit.is_some());
    with_numbers
        .filter_map(|row| unit.result(row.id.as_str()))
        // What the plan did not ask for is most of a spec, and no news.
        .filter(|it| {
            !matches!(
                it.why_not_run(),
                Some(NotRun::OutsidePlan | NotRun::NotDrawn)
            )
        })
        .map(result_entry)
        .collect()
}

fn result_entry(result: &RowResult) -> ResultEntry {
    let evidence = result.evidence();
    let measured = evidence.and_then(|it| it.measured);
    let verdict = match (result.verdict(), result.why_not_run()) {
        (Some(verdict), _) => verdict.to_string(),
        (None, Some(why)) => format!("not run: {why}"),
        (None, None) => "reported".to_owned(),
    };
    ResultEntry {
        row: result.row().to_string(),
        value: measured.map(|it| it.value),
        expanded: measured.map(|it| it.expanded),
        is_left_out: evidence.is_some_and(|it| !it.doubts.is_empty() || it.bound.is_some()),
        verdict,
        attempts: result.attempts().len() as u64,
    }
}
