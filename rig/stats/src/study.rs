//! A study of the rig against the row that judges it: MSR-02.
//!
//! The row names confidence and design in its statistic and the largest share of tolerance in its
//! upper limit; its rule decides. Nothing of that is written here.

use crate::ExitCode;
use crate::gauge_study::{
    Anova, Bounds, Components, CrossedStudy, Evaluation, GaugeModel, GaugeStudyError,
    GeneralizedInterval, Observation, StudyTolerance, choose_model,
};
use rig_record::{AbortCause, Attempt, AttemptEnd, Outcome, SetupRecord, StudyRecord};
use rig_spec::{
    Decision, Doubt, Evidence, JudgeError, Measured, RoundError, Row, SpecSet, Verdict,
};

/// The row that judges a study.
const STUDY_ROW: &str = "MSR-02";
/// The spread that is held against the tolerance, in standard deviations (AIAG MSA, 4th ed.).
const SPREAD: f64 = 6.0;
/// Two-sided confidence of the interval of %StudyVar, which is shown and not judged.
const SHOWN_CONFIDENCE: f64 = 0.95;
/// Draws of that interval.
const DRAWS: usize = 100_000;

/// What a row asks of a study: `upper 95 % bound; 10 pens x 6 set-ups x 2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudyDesign {
    /// One-sided confidence of the bound, 0.95.
    pub confidence: f64,
    /// Pens.
    pub pens: u32,
    /// Set-ups of each.
    pub setups: u32,
    /// Repeats in each set-up.
    pub repeats: u32,
}

/// Why a study cannot be summarised at all.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StudyError {
    /// The spec lacks a row.
    #[error("the spec has no row {id}")]
    NoRow {
        /// Its name.
        id: String,
    },
    /// The row's statistic is no design.
    #[error("{row}: `{statistic}` is not such as `upper 95 % bound; 10 pens x 6 set-ups x 2`")]
    NoDesign {
        /// The row.
        row: String,
        /// Its cell.
        statistic: String,
    },
    /// The measured row has no numeric limits to hold the rig's spread against.
    #[error("{row} has no tolerance limit; the rig's spread cannot be held against it")]
    NoTolerance {
        /// The row.
        row: String,
    },
    /// The judging row has no unit, or does not fit its evidence.
    #[error("{STUDY_ROW}: {source}")]
    Judge {
        /// Why.
        source: JudgeError,
    },
    /// The bound cannot be recorded.
    #[error("{STUDY_ROW}: {source}")]
    Round {
        /// Why.
        source: RoundError,
    },
    /// An argument makes no sense.
    #[error(transparent)]
    Argument(#[from] GaugeStudyError),
}

impl StudyDesign {
    /// Reads the design from the row that judges studies.
    ///
    /// # Errors
    /// [`StudyError::NoRow`], [`StudyError::NoDesign`].
    pub fn of(spec: &SpecSet) -> Result<Self, StudyError> {
        let row = judging_row(spec)?;
        parse(&row.statistic).ok_or_else(|| StudyError::NoDesign {
            row: row.id.to_string(),
            statistic: row.statistic.clone(),
        })
    }
}

fn parse(statistic: &str) -> Option<StudyDesign> {
    let (bound, design) = statistic.split_once(';')?;
    let percent: f64 = bound
        .trim()
        .strip_prefix("upper ")?
        .strip_suffix(" % bound")?
        .parse()
        .ok()?;
    let mut parts = design.split(" x ").map(str::trim);
    let mut number = |word: &str| -> Option<u32> {
        let text = parts.next()?.strip_suffix(word)?.trim();
        text.parse().ok().filter(|it| *it > 0)
    };
    let design = StudyDesign {
        confidence: percent / 100.0,
        pens: number("pens")?,
        setups: number("set-ups")?,
        repeats: number("")?,
    };
    let is_whole = parts.next().is_none() && design.confidence > 0.0 && design.confidence < 1.0;
    is_whole.then_some(design)
}

fn judging_row(spec: &SpecSet) -> Result<&Row, StudyError> {
    spec.row(STUDY_ROW).ok_or_else(|| StudyError::NoRow {
        id: STUDY_ROW.to_owned(),
    })
}

/// Why a value cannot enter the analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSound {
    /// It was not measured: the reason.
    NotMeasured(String),
    /// It is not to be believed.
    Doubts(Vec<Doubt>),
}

/// A set-up, or one value of it, that cannot enter the analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    /// Serial number of the pen.
    pub pen: String,
    /// Its set-up.
    pub setup: u32,
    /// Which repeat, if it is one alone.
    pub repeat: Option<u32>,
    /// Why.
    pub why: NotSound,
}

/// A study against the row that judges it.
#[derive(Clone, Debug, PartialEq)]
pub struct StudySummary {
    /// What the row asks for.
    pub design: StudyDesign,
    /// The name of the row that judges.
    pub judged_by: String,
    /// Everything that was to be measured and is not to be believed, or is not there.
    pub unsound: Vec<Unsound>,
    /// The analysis; or why there is none.
    pub figures: Result<StudyFigures, String>,
    /// What the program tells its caller.
    pub exit: ExitCode,
}

/// The analysis of a whole study. Variances are in squared record units of the measured row.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyFigures {
    /// Number of values.
    pub n: usize,
    /// Mean of all, record units.
    pub mean: f64,
    /// Analysis of variance, interaction apart.
    pub anova: Anova,
    /// Level at which the interaction is pooled.
    pub alpha: f64,
    /// The model that the components are of.
    pub model: GaugeModel,
    /// Components of that model.
    pub components: Components,
    /// What they are shares of.
    pub evaluation: Evaluation,
    /// Two-sided generalised interval of %StudyVar, from the study's own seed; not judged.
    pub percent_study: GeneralizedInterval,
    /// Bounds of the gauge's variance at the row's confidence, interaction apart.
    pub grr: Bounds,
    /// Upper bound of %GRR against tolerance, per cent, interaction apart.
    pub bound_percent: f64,
    /// Estimate and upper bound of %GRR against tolerance, per cent, for set-ups that share nothing
    /// from pen to pen; not judged.
    pub within_pens_percent: [f64; 2],
    /// The bound as it is judged, rounded up to the record.
    pub evidence: Evidence,
    /// The verdict.
    pub decision: Decision,
}

/// Holds a study against the row that judges it.
///
/// Judged is the upper bound of 6·GRR over the tolerance of the measured row, at the confidence
/// that the judging row names, with the interaction on its own whatever its p-value: a model that
/// the data chose would narrow the bound without warrant. A study that is smaller than the row asks
/// for, or of another measurand than it names, is in doubt and cannot pass.
///
/// # Errors
/// [`StudyError`]: the spec or the arguments do not allow a study. A study that is incomplete or
/// cannot be analysed is no error; its summary has no figures.
pub fn summarize_study(
    spec: &SpecSet,
    study: &StudyRecord,
    alpha: f64,
) -> Result<StudySummary, StudyError> {
    let design = StudyDesign::of(spec)?;
    let judging = judging_row(spec)?;
    let row = spec
        .row(study.row.as_str())
        .ok_or_else(|| StudyError::NoRow {
            id: study.row.to_string(),
        })?;
    let tolerance = tolerance(row)?;
    let unsound = unsound(study);
    let figures = if unsound.is_empty() {
        match analyze(study, tolerance, alpha, design.confidence) {
            Ok(analysis) => Ok(judge(judging, row, study, design, analysis)?),
            // An argument is the caller's; what the values say is the study's result.
            Err(error @ GaugeStudyError::NotAShare { .. }) => return Err(error.into()),
            Err(error) => Err(error.to_string()),
        }
    } else {
        Err(format!(
            "{} of {} values are missing or not to be believed",
            unsound.iter().map(|it| it.count(study)).sum::<u32>(),
            study.n_values()
        ))
    };
    let exit = exit(study, &figures);
    Ok(StudySummary {
        design,
        judged_by: judging.id.to_string(),
        unsound,
        figures,
        exit,
    })
}

fn tolerance(row: &Row) -> Result<StudyTolerance, StudyError> {
    let limits = row.tolerance.map(|it| (it.lower(), it.upper()));
    match limits {
        Some((Some(lower), Some(upper))) => Ok(StudyTolerance::TwoSided {
            lower: lower as f64,
            upper: upper as f64,
        }),
        Some((Some(limit), None) | (None, Some(limit))) => Ok(StudyTolerance::OneSided {
            limit: limit as f64,
        }),
        _ => Err(StudyError::NoTolerance {
            row: row.id.to_string(),
        }),
    }
}

/// The value of a repeat, if it is to be believed.
fn value(attempt: &Attempt) -> Result<i64, NotSound> {
    let evidence = match &attempt.end {
        AttemptEnd::Judged { evidence, .. } | AttemptEnd::Reported { evidence } => evidence,
        AttemptEnd::NotMeasured(why) => return Err(NotSound::NotMeasured(why.to_string())),
    };
    if !evidence.doubts.is_empty() {
        return Err(NotSound::Doubts(evidence.doubts.clone()));
    }
    let measured = evidence.measured.map(|it| it.value);
    measured.ok_or_else(|| NotSound::NotMeasured("no value".to_owned()))
}

/// The first of what is wrong with each set-up, or that it was not run.
fn unsound(study: &StudyRecord) -> Vec<Unsound> {
    let mut found = Vec::new();
    for pen in &study.pens {
        for setup in 1..=study.n_setups {
            let whole = |why: String| Unsound {
                pen: pen.clone(),
                setup,
                repeat: None,
                why: NotSound::NotMeasured(why),
            };
            let is_it = |it: &&SetupRecord| it.pen == *pen && it.setup == setup;
            let Some(record) = study.setups.iter().find(is_it) else {
                found.push(whole("not run".to_owned()));
                continue;
            };
            if record.outcome != Outcome::Completed {
                found.push(whole(record.outcome.to_string()));
                continue;
            }
            for (index, attempt) in record.repeats.iter().enumerate() {
                if let Err(why) = value(attempt) {
                    found.push(Unsound {
                        pen: pen.clone(),
                        setup,
                        repeat: Some(index as u32 + 1),
                        why,
                    });
                }
            }
            if record.repeats.len() != study.n_repeats as usize {
                found.push(whole(format!("{} repeats", record.repeats.len())));
            }
        }
    }
    found
}

impl Unsound {
    /// How many values it stands for.
    fn count(&self, study: &StudyRecord) -> u32 {
        self.repeat.map_or(study.n_repeats, |_| 1)
    }
}

/// Figures before they are judged.
struct Analysis {
    n: usize,
    mean: f64,
    anova: Anova,
    alpha: f64,
    model: GaugeModel,
    components: Components,
    evaluation: Evaluation,
    percent_study: GeneralizedInterval,
    grr: Bounds,
    bound_percent: f64,
    within_pens_percent: [f64; 2],
}

fn analyze(
    study: &StudyRecord,
    tolerance: StudyTolerance,
    alpha: f64,
    confidence: f64,
) -> Result<Analysis, GaugeStudyError> {
    let names: Vec<String> = (1..=study.n_setups).map(|it| it.to_string()).collect();
    let mut observations = Vec::new();
    for record in &study.setups {
        let appraiser = names.get(record.setup.saturating_sub(1) as usize);
        for attempt in &record.repeats {
            if let (Ok(value), Some(appraiser)) = (value(attempt), appraiser) {
                observations.push(Observation {
                    part: &record.pen,
                    appraiser,
                    // Record units are below 2^53, as they came from a float.
                    value: value as f64,
                });
            }
        }
    }
    let values = CrossedStudy::new(&observations)?;
    let anova = values.anova();
    let model = choose_model(&anova, alpha)?;
    let (components, evaluation) = values.evaluate(model, SPREAD, Some(tolerance))?;
    let apart = GaugeModel::WithInteraction;
    let bounds = anova.grr_bounds(apart, confidence)?;
    let upper = bounds.upper_for(&anova.components(apart));
    let limits = anova.generalized_limits(model, SHOWN_CONFIDENCE, DRAWS, study.seed)?;
    let within = anova.components(GaugeModel::WithinParts);
    let within_upper = anova
        .grr_bounds(GaugeModel::WithinParts, confidence)?
        .upper_for(&within);
    let percent = |variance: f64| {
        evaluation
            .percent_tolerance(variance)
            .ok_or(GaugeStudyError::NoTolerance { why: "it is open" })
    };
    Ok(Analysis {
        n: observations.len(),
        mean: values.mean(),
        anova,
        alpha,
        model,
        components,
        evaluation,
        percent_study: limits.percent_study,
        grr: bounds.variance,
        bound_percent: percent(upper)?,
        within_pens_percent: [percent(within.grr())?, percent(within_upper)?],
    })
}

fn judge(
    judging: &Row,
    row: &Row,
    study: &StudyRecord,
    design: StudyDesign,
    it: Analysis,
) -> Result<StudyFigures, StudyError> {
    let unit = judging.unit.ok_or(StudyError::Judge {
        source: JudgeError::NothingMeasured,
    })?;
    // A share, as the row's unit has it: per cent, ppm or plain; rounded up to the record.
    let in_one = unit.record_units_in_one() as f64;
    let in_record = it.bound_percent * 0.01 * RECORD_UNITS_OF_ONE;
    let value = rig_spec::round_to_record(unit, libm::ceil(in_record) / in_one)
        .map_err(|source| StudyError::Round { source })?;
    let measured = Measured::exact(unit.record_unit(), value);
    let mut evidence = Evidence::measured(measured, it.n as u64);
    let is_smaller = (study.pens.len() as u64) < u64::from(design.pens)
        || study.n_setups < design.setups
        || study.n_repeats < design.repeats;
    if is_smaller || !is_about(judging, row) {
        evidence = evidence.in_doubt(Doubt::StimulusNotReached);
    }
    let decision = judging
        .judge(&evidence)
        .map_err(|source| StudyError::Judge { source })?;
    Ok(StudyFigures {
        n: it.n,
        mean: it.mean,
        anova: it.anova,
        alpha: it.alpha,
        model: it.model,
        components: it.components,
        evaluation: it.evaluation,
        percent_study: it.percent_study,
        grr: it.grr,
        bound_percent: it.bound_percent,
        within_pens_percent: it.within_pens_percent,
        evidence,
        decision,
    })
}

/// Whether the judging row, `%GRR of protrusion against tolerance`, is about the measurand of a row,
/// `protrusion at top of stroke`.
fn is_about(judging: &Row, row: &Row) -> bool {
    let about = judging.measurand.strip_prefix("%GRR of ");
    let about = about.and_then(|it| it.strip_suffix(" against tolerance"));
    about.is_some_and(|it| !it.is_empty() && row.measurand.starts_with(it))
}

/// Shares are recorded in parts of 1e9.
const RECORD_UNITS_OF_ONE: f64 = 1e9;

fn exit(study: &StudyRecord, figures: &Result<StudyFigures, String>) -> ExitCode {
    let interrupted = Outcome::Aborted(AbortCause::Interrupted);
    let is_broken = |it: &SetupRecord| matches!(it.outcome, Outcome::BenchError { .. });
    if study.setups.iter().any(|it| it.outcome == interrupted) {
        return ExitCode::Interrupted;
    }
    match figures.as_ref().map(|it| it.decision.verdict) {
        Ok(Verdict::Fail) => ExitCode::Fail,
        Ok(Verdict::Pass) => ExitCode::Met,
        Err(_) if study.setups.iter().any(is_broken) => ExitCode::BenchError,
        Ok(Verdict::Inconclusive) | Err(_) => ExitCode::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statistic_says_confidence_and_design() {
        let design = parse("upper 95 % bound; 10 pens x 6 set-ups x 2");
        let expected = StudyDesign {
            confidence: 0.95,
            pens: 10,
            setups: 6,
            repeats: 2,
        };
        assert_eq!(design, Some(expected));
        for text in [
            "",
            "upper 95 % bound",
            "upper 95 % bound; 10 pens x 6 set-ups",
            "upper 95 % bound; 10 pens x 0 set-ups x 2",
            "upper 95 % bound; 10 pens x 6 set-ups x 2 x 3",
            "upper 100 % bound; 10 pens x 6 set-ups x 2",
            "lower 95 % bound; 10 pens x 6 set-ups x 2",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
