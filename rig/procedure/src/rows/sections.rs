//! The row of the sectioned treatment.

use super::words::count_before;
use super::{RowError, stated, unit_of};
use crate::pen::{Pen, unexpected};
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::{FaultSet, Reply, Request, TreatmentReport};
use rig_bench::Bench;
use rig_measure::NotMeasurable;
use rig_spec::{Evidence, Measured, Row, Setting};

/// Gauge and tachometer may differ by so many turns in one pass: the carriage that goes out and
/// home looks to the gauge like one or two more.
const TURNS_APART: u64 = 4;
/// Pen and tachometer may differ by so many strokes: the pen counts at bottom of stroke, the
/// tachometer a quarter turn later, and the cam may rest between the two.
const STROKES_APART: u64 = 1;

/// What the `stimulus` cell asks for.
struct Treatment {
    sections: u32,
    passes: u32,
    on: Nanoseconds,
    off: Nanoseconds,
    depths: Vec<Micrometers>,
    rate: StrokesPerMinute,
}

impl Treatment {
    fn of(row: &Row) -> Result<Self, RowError> {
        let seconds = |words| {
            let seconds = count_before(row, "stimulus", words)?;
            Ok::<_, RowError>(Nanoseconds::from_seconds(u64::from(seconds)))
        };
        let depths = match &row.depth {
            Setting::List(depths) if depths.len() > 1 => Some(depths.clone()),
            _ => None,
        };
        Ok(Self {
            sections: count_before(row, "stimulus", "sections")?,
            passes: count_before(row, "stimulus", "passes")?,
            on: seconds("s on")?,
            off: seconds("s off")?,
            depths: depths.ok_or_else(|| {
                RowError::Precondition(format!("{} states no list of `depth_mm`", row.id))
            })?,
            rate: stated(row, "rate_per_s", row.rate.one())?,
        })
    }
}

/// What the rig did and the tachometer counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Done {
    section: u32,
    section_passes: u32,
    passes: u32,
    pass_turns: u64,
    section_turns: u64,
    turns: u64,
}

/// END-06: a treatment in sections and passes, the depth changed between sections; faults latched
/// and counters of the pen that are not what the rig did.
///
/// The tachometer counts every turn, and the gauge must have seen as many. Strokes are compared
/// with the cam at rest, pass by pass, section by section and over the whole treatment; in each, a
/// difference of one is what the quarter turn between the pen's sensor and the tachometer's mark
/// explains, and no error. It does not add up: over sixty passes, one stroke is all there may be.
/// A fault ends the treatment, and the row has failed.
pub(crate) fn counters<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    pen.insist_revision_1()?;
    let treatment = Treatment::of(row)?;
    let mut done = Done::default();
    let mut faults = FaultSet::NONE;
    let mut errors = 0;
    let depths = treatment.depths.iter().cycle();
    'treatment: for (section, &depth) in (1..=treatment.sections).zip(depths) {
        if section > 1 {
            pen.expect_done(Request::NextSection)?;
        }
        pen.set(depth, treatment.rate)?;
        (done.section, done.section_passes, done.section_turns) = (section, 0, 0);
        for _ in 0..treatment.passes {
            faults = one_pass(pen, &treatment, &mut done)?;
            if !faults.is_empty() {
                break 'treatment;
            }
            errors += differences(&report(pen)?, &done);
        }
    }
    let latched = faults.0.count_ones();
    let unit = unit_of(row)?.record_unit();
    let measured = Measured::exact(unit, i64::from(latched + errors));
    Ok(Evidence::measured(measured, u64::from(done.passes)))
}

/// One pass, and what the tachometer counted of it; the faults latched by its end.
fn one_pass<B: Bench>(
    pen: &mut Pen<'_, B>,
    treatment: &Treatment,
    done: &mut Done,
) -> Result<FaultSet, RowError> {
    let chain = pen.session.chain();
    let before = (chain.edges_seen(), chain.tops_seen());
    let started = pen.start()?;
    pen.session.run_until(started + treatment.on)?;
    let stopped = pen.stop()?;
    pen.session.run_until(stopped + treatment.off)?;
    let faults = pen.status()?.faults;
    let chain = pen.session.chain();
    let turns = chain.edges_seen() - before.0;
    let tops = chain.tops_seen() - before.1;
    if turns.abs_diff(tops) > TURNS_APART {
        let needed = usize::try_from(tops).unwrap_or(usize::MAX);
        let found = usize::try_from(turns).unwrap_or(usize::MAX);
        return Err(NotMeasurable::TooFewEdges { needed, found }.into());
    }
    done.passes += 1;
    done.section_passes += 1;
    done.pass_turns = turns;
    done.section_turns += turns;
    done.turns += turns;
    Ok(faults)
}

fn report<B: Bench>(pen: &mut Pen<'_, B>) -> Result<TreatmentReport, RowError> {
    match pen.session.request(Request::GetTreatment)?.reply {
        Some(Reply::Treatment(report)) => Ok(report),
        other => Err(unexpected("GetTreatment", other)),
    }
}

/// How many of the pen's counters are not what was done.
fn differences(report: &TreatmentReport, done: &Done) -> u32 {
    let counted = [
        (u32::from(report.section), done.section),
        (u32::from(report.section_passes), done.section_passes),
        (report.passes, done.passes),
    ];
    let strokes = [
        (report.pass_strokes, done.pass_turns),
        (report.section_strokes, done.section_turns),
        (report.strokes, done.turns),
    ];
    let counted = counted.into_iter().filter(|(pen, rig)| pen != rig).count();
    let strokes = strokes
        .into_iter()
        .filter(|(pen, rig)| u64::from(*pen).abs_diff(*rig) > STROKES_APART)
        .count();
    // At most six.
    (counted + strokes) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_units::Milliseconds;

    const DONE: Done = Done {
        section: 2,
        section_passes: 1,
        passes: 4,
        pass_turns: 1_150,
        section_turns: 1_150,
        turns: 4_600,
    };
    const REPORT: TreatmentReport = TreatmentReport {
        id: 7,
        elapsed: Milliseconds(60_000),
        left: Milliseconds(3_540_000),
        section: 2,
        section_passes: 1,
        passes: 4,
        pass_strokes: 1_150,
        section_strokes: 1_150,
        strokes: 4_600,
    };

    #[track_caller]
    fn check(report: TreatmentReport, expected: u32) {
        assert_eq!(differences(&report, &DONE), expected, "{report:?}");
    }

    #[test]
    fn every_counter_that_is_not_what_was_done_is_an_error() {
        check(REPORT, 0);
        check(
            TreatmentReport {
                section: 1,
                ..REPORT
            },
            1,
        );
        check(
            TreatmentReport {
                section_passes: 2,
                passes: 5,
                ..REPORT
            },
            2,
        );
        check(
            TreatmentReport {
                pass_strokes: 0,
                section_strokes: 0,
                strokes: 0,
                ..REPORT
            },
            3,
        );
    }

    #[test]
    fn one_stroke_at_rest_is_no_error_and_two_are() {
        check(
            TreatmentReport {
                pass_strokes: 1_151,
                strokes: 4_599,
                ..REPORT
            },
            0,
        );
        check(
            TreatmentReport {
                pass_strokes: 1_152,
                ..REPORT
            },
            1,
        );
        check(
            TreatmentReport {
                strokes: 4_598,
                ..REPORT
            },
            1,
        );
    }
}
