//! What a terminal prints at the end of a study, for people: verdict first.

use super::{Scale, components, deviation, kind, model_word};
use crate::display::{exact, list, unit_word};
use crate::run::VIRTUAL_NOTE;
use crate::table::or_empty;
use rig_record::{BenchKind, StudyRecord};
use rig_spec::{Reason, Row, SpecSet};
use rig_stats::{NotSound, StudyFigures, StudySummary, Unsound};
use std::fmt::Write as _;

/// Values listed that cannot enter the analysis, before the rest is counted only.
const UNSOUND_SHOWN: usize = 6;

/// What a terminal prints at the end of a study, several lines, the last one ending with a line
/// feed: verdict first.
#[must_use]
pub fn study_summary(spec: &SpecSet, study: &StudyRecord, summary: &StudySummary) -> String {
    let mut text = String::new();
    let verdict = match &summary.figures {
        Ok(it) => it.decision.verdict.to_string().to_uppercase(),
        Err(_) => "NOT JUDGED".to_owned(),
    };
    let measurand = spec.row(study.row.as_str()).map(|it| it.measurand.as_str());
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "{verdict}  {}  gauge R&R of {} ({}), judged by {}",
        kind(study),
        study.row,
        measurand.unwrap_or_default(),
        summary.judged_by
    );
    let is_virtual = study
        .bench
        .as_ref()
        .is_some_and(|it| it.kind == BenchKind::Virtual);
    let note = if is_virtual {
        format!("; {VIRTUAL_NOTE}")
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "{} pens x {} set-ups x {} repeats, order drawn from seed {}{note}",
        study.pens.len(),
        study.n_setups,
        study.n_repeats,
        study.seed
    );
    for line in unsound_lines(&summary.unsound) {
        let _ = writeln!(text, "{line}");
    }
    match (&summary.figures, Scale::of(spec, study)) {
        (Ok(it), Some(scale)) => figures_for_people(&mut text, spec, it, scale, summary),
        (Err(why), _) => {
            let _ = writeln!(text, "no analysis  {why}");
        }
        (Ok(_), None) => {}
    }
    text
}

fn unsound_lines(unsound: &[Unsound]) -> Vec<String> {
    let mut lines: Vec<String> = unsound
        .iter()
        .take(UNSOUND_SHOWN)
        .map(|it| {
            let repeat = it.repeat.map(|it| format!(", repeat {it}"));
            let why = match &it.why {
                NotSound::NotMeasured(why) => why.clone(),
                NotSound::Doubts(doubts) => list(doubts),
            };
            format!(
                "void         {} set-up {}{}: {why}",
                it.pen,
                it.setup,
                repeat.unwrap_or_default()
            )
        })
        .collect();
    if unsound.len() > UNSOUND_SHOWN {
        lines.push(format!(
            "void         {} more",
            unsound.len() - UNSOUND_SHOWN
        ));
    }
    lines
}

fn figures_for_people(
    text: &mut String,
    spec: &SpecSet,
    it: &StudyFigures,
    scale: Scale,
    summary: &StudySummary,
) {
    let unit = scale.unit.word();
    let _ = writeln!(
        text,
        "\n{:20} {:>14} {:>14} {:>9} {:>11}",
        "source",
        format!("s, {unit}"),
        "contribution",
        "study",
        "tolerance"
    );
    for (name, variance, note) in components(it) {
        let tolerance = it.evaluation.percent_tolerance(variance);
        let tolerance = tolerance.map(|it| format!("{it:.2} %"));
        let line = format!(
            "{name:20} {:>14} {:>12.2} % {:>7.2} % {:>11}  {note}",
            scale.print(deviation(variance)),
            it.evaluation.percent_contribution(variance),
            it.evaluation.percent_study(variance),
            tolerance.unwrap_or_default()
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = writeln!(text);
    let level = 100.0 * summary.design.confidence;
    let lower = it.evaluation.percent_tolerance(it.grr.lower);
    let _ = writeln!(
        text,
        "bound        GRR takes at most {:.2} % of tolerance ({level} %, one-sided; at least {:.2} %)",
        it.bound_percent,
        lower.unwrap_or_default()
    );
    let _ = writeln!(
        text,
        "study        GRR is {:.2} to {:.2} % of study variation (95 %, generalised)",
        it.percent_study.lower, it.percent_study.upper
    );
    let [estimate, upper] = it.within_pens_percent;
    let _ = writeln!(
        text,
        "within pens  if set-ups share nothing from pen to pen: {estimate:.2} %, at most {upper:.2} % of tolerance; not judged"
    );
    let test = it.anova.interaction_test();
    let _ = writeln!(
        text,
        "interaction  F = {:.3}, p {}: {} (limit {})",
        test.f,
        if test.p < 0.001 {
            "< 0.001".to_owned()
        } else {
            format!("= {:.3}", test.p)
        },
        model_word(it.model),
        it.alpha
    );
    let categories = it.components.distinct_categories();
    let _ = writeln!(
        text,
        "categories   {} that the rig tells apart among these pens",
        or_empty(categories)
    );
    if let Some(row) = spec.row(&summary.judged_by) {
        let _ = writeln!(text, "{}", judgement(row, it));
    }
}

fn judgement(row: &Row, it: &StudyFigures) -> String {
    let limit = exact(row, row.tolerance.and_then(|it| it.upper()));
    let measured = it.evidence.measured.map(|it| it.value);
    let reasons = list::<Reason>(&it.decision.reasons);
    let reasons = if reasons.is_empty() {
        String::new()
    } else {
        format!(": {reasons}")
    };
    format!(
        "{}       {} {} of at most {} {}, rule {}: {}{reasons}",
        row.id,
        exact(row, measured),
        unit_word(row),
        limit,
        unit_word(row),
        row.rule,
        it.decision.verdict
    )
}
