//! A study of the rig as tables, and as what a terminal prints.

mod terminal;

pub use terminal::study_summary;

use crate::ReportFile;
use crate::display::{EvidenceCells, exact, list, unit_word};
use crate::run::VIRTUAL_NOTE;
use crate::table::{Table, or_empty};
use rig_record::{Attempt, AttemptEnd, BenchKind, SetupRecord, StudyRecord};
use rig_spec::{Evidence, SpecSet, Unit};
use rig_stats::gauge_study::{Component, ErrorTerm, GaugeModel, Source};
use rig_stats::{StudyFigures, StudySummary};

const STUDY: &[&str] = &[
    "bench",
    "run",
    "pen",
    "setup",
    "repeat",
    "row",
    "n",
    "value",
    "expanded",
    "k",
    "unit",
    "sound",
    "why",
    "block_shift",
    "block_verdict",
];
const GRR: &[&str] = &["part", "statistic", "value", "unit", "note"];

/// The columns of the tables of a study, by file name; its `run.csv` has those of any run.
pub const STUDY_COLUMNS: [(&str, &[&str]); 2] = [("study.csv", STUDY), ("grr.csv", GRR)];

/// Every table of a study.
#[must_use]
pub fn study_tables(
    spec: &SpecSet,
    study: &StudyRecord,
    summary: &StudySummary,
) -> Vec<ReportFile> {
    vec![
        ReportFile {
            name: "study.csv",
            text: values(spec, study),
        },
        ReportFile {
            name: "grr.csv",
            text: figures(spec, study, summary),
        },
        ReportFile {
            name: "run.csv",
            text: run(study, summary),
        },
    ]
}

fn kind(study: &StudyRecord) -> String {
    or_empty(study.bench.as_ref().map(|it| it.kind))
}

fn evidence(attempt: &Attempt) -> Option<&Evidence> {
    match &attempt.end {
        AttemptEnd::Judged { evidence, .. } | AttemptEnd::Reported { evidence } => Some(evidence),
        AttemptEnd::NotMeasured(_) => None,
    }
}

fn values(spec: &SpecSet, study: &StudyRecord) -> String {
    let mut table = Table::in_memory(STUDY);
    for setup in &study.setups {
        if setup.repeats.is_empty() {
            let why = setup.outcome.to_string();
            table.push(&line(spec, study, setup, None, why));
        }
        for attempt in &setup.repeats {
            let why = match &attempt.end {
                AttemptEnd::NotMeasured(why) => why.to_string(),
                AttemptEnd::Judged { evidence, .. } | AttemptEnd::Reported { evidence } => {
                    list(&evidence.doubts)
                }
            };
            table.push(&line(spec, study, setup, Some(attempt), why));
        }
    }
    table.text()
}

fn line(
    spec: &SpecSet,
    study: &StudyRecord,
    setup: &SetupRecord,
    attempt: Option<&Attempt>,
    why: String,
) -> Vec<(&'static str, String)> {
    let row = spec.row(study.row.as_str());
    let found = attempt.and_then(evidence);
    let cells = row.map_or_else(EvidenceCells::default, |row| EvidenceCells::new(row, found));
    let (shift, verdict) = block(spec, setup);
    let sound = if why.is_empty() { "yes" } else { "no" };
    vec![
        ("bench", kind(study)),
        ("run", setup.run.to_string()),
        ("pen", setup.pen.clone()),
        ("setup", setup.setup.to_string()),
        ("repeat", or_empty(attempt.map(|it| it.number))),
        ("row", study.row.to_string()),
        ("n", cells.n),
        ("value", cells.value),
        ("expanded", cells.expanded),
        ("k", cells.k),
        ("unit", row.map(unit_word).unwrap_or_default()),
        ("sound", sound.to_owned()),
        ("why", why),
        ("block_shift", shift),
        ("block_verdict", verdict),
    ]
}

/// How far the gauge block had moved, and the verdict on that.
fn block(spec: &SpecSet, setup: &SetupRecord) -> (String, String) {
    let Some(look) = &setup.datum else {
        return Default::default();
    };
    let attempt = &look.attempt;
    let measured = evidence(attempt).and_then(|it| it.measured);
    let row = spec.row(look.row.as_str());
    let shift = row.map(|row| exact(row, measured.map(|it| it.value)));
    let verdict = match &attempt.end {
        AttemptEnd::Judged { decision, .. } => decision.verdict.to_string(),
        AttemptEnd::Reported { .. } | AttemptEnd::NotMeasured(_) => String::new(),
    };
    (shift.unwrap_or_default(), verdict)
}

/// What figures are printed in: record units over those in one of the unit, with three decimals
/// more than the record has.
#[derive(Clone, Copy)]
struct Scale {
    unit: Unit,
}

impl Scale {
    fn of(spec: &SpecSet, study: &StudyRecord) -> Option<Self> {
        let unit = spec.row(study.row.as_str())?.unit?.printed();
        Some(Self { unit })
    }

    fn in_one(self) -> f64 {
        self.unit.record_units_in_one() as f64
    }

    /// A figure in the unit.
    fn print(self, record_units: f64) -> String {
        let decimals = self.unit.record_units_in_one().ilog10() as usize + 3;
        format!("{:.decimals$}", record_units / self.in_one())
    }

    /// A square of it.
    fn print_square(self, square: f64) -> String {
        format!("{:.6e}", square / (self.in_one() * self.in_one()))
    }
}

/// Lines of `grr.csv`.
struct Figures {
    table: Table<Vec<u8>>,
}

impl Figures {
    fn push(&mut self, part: &str, statistic: &str, value: String, unit: &str, note: &str) {
        self.table.push(&[
            ("part", part.to_owned()),
            ("statistic", statistic.to_owned()),
            ("value", value),
            ("unit", unit.to_owned()),
            ("note", note.to_owned()),
        ]);
    }
}

fn figures(spec: &SpecSet, study: &StudyRecord, summary: &StudySummary) -> String {
    let mut lines = Figures {
        table: Table::in_memory(GRR),
    };
    let count = |value: usize| value.to_string();
    lines.push("study", "pens", count(study.pens.len()), "", "");
    lines.push(
        "study",
        "set-ups",
        study.n_setups.to_string(),
        "",
        "of each pen",
    );
    let repeats = study.n_repeats.to_string();
    lines.push("study", "repeats", repeats, "", "in each set-up");
    match (&summary.figures, Scale::of(spec, study)) {
        (Ok(it), Some(scale)) => analysis(&mut lines, it, scale, summary),
        (Err(why), _) => lines.push("study", "no analysis", why.clone(), "", ""),
        (Ok(_), None) => {}
    }
    lines.table.text()
}

fn analysis(lines: &mut Figures, it: &StudyFigures, scale: Scale, summary: &StudySummary) {
    let unit = scale.unit.word();
    lines.push("study", "mean", scale.print(it.mean), unit, "");
    let sources = [
        ("pens", it.anova.part, Some(part_test(it))),
        ("set-ups", it.anova.appraiser, Some(setup_test(it))),
        (
            "pens by set-ups",
            it.anova.interaction,
            Some(it.anova.interaction_test()),
        ),
        ("repeats", it.anova.repeatability, None),
    ];
    let squared = format!("{unit} squared");
    for (part, source, test) in sources {
        let Source {
            sum_of_squares,
            dof,
        } = source;
        lines.push(part, "degrees of freedom", format!("{dof}"), "", "");
        let sum = scale.print_square(sum_of_squares);
        lines.push(part, "sum of squares", sum, &squared, "");
        let mean = scale.print_square(source.mean_square());
        lines.push(part, "mean square", mean, &squared, "");
        if let Some(test) = test {
            lines.push(part, "F", format!("{:.6}", test.f), "", "");
            lines.push(part, "p", format!("{:.6e}", test.p), "", "");
        }
    }
    let note = format!("interaction pooled if p >= {}", it.alpha);
    lines.push("study", "model", model_word(it.model).to_owned(), "", &note);
    for (part, variance, note) in components(it) {
        let square = scale.print_square(variance);
        lines.push(part, "variance", square, &squared, note);
        let root = scale.print(deviation(variance));
        lines.push(part, "standard deviation", root, unit, "");
        let evaluation = &it.evaluation;
        let share = format!("{:.4}", evaluation.percent_contribution(variance));
        lines.push(part, "contribution", share, "%", "of the total variance");
        let share = format!("{:.4}", evaluation.percent_study(variance));
        lines.push(
            part,
            "study variation",
            share,
            "%",
            "of the total standard deviation",
        );
        if let Some(share) = evaluation.percent_tolerance(variance) {
            let share = format!("{share:.4}");
            lines.push(
                part,
                "tolerance",
                share,
                "%",
                "6 standard deviations over the tolerance",
            );
        }
    }
    let categories = or_empty(it.components.distinct_categories());
    lines.push(
        "study",
        "distinct categories",
        categories,
        "",
        "1.41 pens over GRR",
    );
    let (low, high) = (it.percent_study.lower, it.percent_study.upper);
    let note = "generalised 95 % interval of GRR, by simulation from the seed";
    lines.push(
        "bounds",
        "study variation from",
        format!("{low:.2}"),
        "%",
        note,
    );
    lines.push(
        "bounds",
        "study variation to",
        format!("{high:.2}"),
        "%",
        note,
    );
    let level = 100.0 * summary.design.confidence;
    let note = format!("one-sided {level} %, modified large sample, interaction apart");
    let lower = it.evaluation.percent_tolerance(it.grr.lower);
    let lower = lower.map(|it| format!("{it:.4}")).unwrap_or_default();
    lines.push("bounds", "tolerance from", lower, "%", &note);
    let upper = format!("{:.4}", it.bound_percent);
    lines.push("bounds", "tolerance to", upper, "%", &note);
    let [estimate, upper] = it.within_pens_percent.map(|it| format!("{it:.4}"));
    let note = "if set-ups share nothing from pen to pen; not judged";
    lines.push("set-ups within pens", "tolerance", estimate, "%", note);
    lines.push("set-ups within pens", "tolerance to", upper, "%", note);
    let by = &summary.judged_by;
    let verdict = it.decision.verdict.to_string();
    lines.push("judgement", by, verdict, "", &list(&it.decision.reasons));
}

fn part_test(it: &StudyFigures) -> rig_stats::gauge_study::FTest {
    it.anova.part_test(it.model, ErrorTerm::Interaction)
}

fn setup_test(it: &StudyFigures) -> rig_stats::gauge_study::FTest {
    it.anova.appraiser_test(it.model, ErrorTerm::Interaction)
}

fn model_word(model: GaugeModel) -> &'static str {
    match model {
        GaugeModel::WithInteraction => "interaction apart",
        GaugeModel::Pooled => "interaction pooled with repeats",
        GaugeModel::WithinParts => "set-ups within pens",
    }
}

fn components(it: &StudyFigures) -> Vec<(&'static str, f64, &'static str)> {
    let of = &it.components;
    let note = |component: Component| {
        if component.is_truncated() {
            "negative estimate, set to zero"
        } else {
            ""
        }
    };
    let mut lines = vec![
        ("GRR", of.grr(), ""),
        ("repeatability EV", of.repeatability.variance(), ""),
        ("reproducibility AV", of.reproducibility(), ""),
        ("set-ups", of.appraiser.variance(), note(of.appraiser)),
    ];
    if let Some(interaction) = of.interaction {
        lines.push(("pens by set-ups", interaction.variance(), note(interaction)));
    }
    lines.push(("pens PV", of.part.variance(), note(of.part)));
    lines.push(("total TV", of.total(), ""));
    lines
}

/// Standard deviation; IEEE 754 asks every machine for the same root.
fn deviation(variance: f64) -> f64 {
    variance.sqrt()
}

/// `run.csv`: who, what, with what, when.
fn run(study: &StudyRecord, summary: &StudySummary) -> String {
    let mut table = Table::in_memory(crate::run::COLUMNS);
    let mut push = |key: &str, value: String, note: &str| {
        table.push(&[
            ("key", key.to_owned()),
            ("value", value),
            ("note", note.to_owned()),
        ]);
    };
    let bench = study.bench.as_ref();
    let is_virtual = bench.is_some_and(|it| it.kind == BenchKind::Virtual);
    push("study id", study.study_id.clone(), "");
    push("tool version", study.tool_version.clone(), "");
    let note = if is_virtual { VIRTUAL_NOTE } else { "" };
    push("bench kind", kind(study), note);
    push("bench name", or_empty(bench.map(|it| &it.name)), "");
    push("scenario", or_empty(study.scenario.as_ref()), "");
    push("seed", study.seed.to_string(), "of the order of runs too");
    push("order of runs", "drawn".to_owned(), ORDER_NOTE);
    push("row", study.row.to_string(), "");
    push(
        "operator",
        study.operator.clone(),
        "as claimed, not authenticated",
    );
    push("started", study.started.clone(), "");
    push("ended", study.ended.clone(), "");
    push("spec document", study.spec.document.clone(), "");
    push("spec revision", study.spec.revision.clone(), "");
    for (name, sha256) in &study.spec.tables {
        push(&format!("spec table {name}"), sha256.clone(), "SHA-256");
    }
    for it in &study.instruments {
        let name = &it.name;
        push(&format!("{name} certificate"), it.certificate.clone(), "");
        push(&format!("{name} due"), it.due.clone(), "");
    }
    let exit = summary.exit;
    push("exit code", exit.number().to_string(), exit.meaning());
    table.text()
}

/// How the order of runs came about.
const ORDER_NOTE: &str =
    "set-up by set-up, in each the pens in an order drawn from the seed; repeats one after another";
