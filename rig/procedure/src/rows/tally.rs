//! The pen's stroke counter against the tachometer's count, exactly.
//!
//! The pen counts its Hall edge at bottom of stroke, the tachometer its mark a quarter turn later.
//! While the cam turns, a look at the pen's counter lies between two bench times, and the edges of
//! the tachometer say how many bottoms had passed at either: so each look allows the difference of
//! both counts to be one of a few whole numbers, and looks at other phases of the turn leave one.

use super::RowError;
use crate::pen::{Pen, unexpected};
use firmware_units::Nanoseconds;
use firmware_wire::{Reply, Request};
use rig_bench::Bench;

/// Most looks until one difference must be left.
const LOOKS: u32 = 60;
/// Sight of edges before the first look and after the last.
const SIGHT: Nanoseconds = Nanoseconds::from_millis(60);
/// The pen counts once a control tick of 2 ms (firmware/HARDWARE.md): a counter is no older than
/// this, s.
const OLDER_S: f64 = 0.0025;
/// From bottom of stroke to the tachometer's mark, turns; and by how much less or more, as the cam
/// turns unevenly within a turn.
const QUARTER: f64 = 0.25;
const UNEVEN: f64 = 0.06;

/// Pen minus tachometer, in strokes since START: what looks allow it to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Apart {
    pub(crate) least: i64,
    pub(crate) most: i64,
}

impl Apart {
    const ANY: Self = Self {
        least: i64::MIN,
        most: i64::MAX,
    };

    fn and(self, other: Self) -> Self {
        Self {
            least: self.least.max(other.least),
            most: self.most.min(other.most),
        }
    }

    /// The one difference that is left.
    pub(crate) fn one(self) -> Option<i64> {
        (self.least == self.most).then_some(self.least)
    }
}

/// One look at the pen's counter: bench times, in s from START, that it lies between.
#[derive(Clone, Copy, Debug)]
struct Look {
    asked_s: f64,
    answered_s: f64,
    strokes: u32,
}

/// Edges of the tachometer around some looks.
struct Edges {
    /// Edges since START before the first of these.
    before: u64,
    /// Seconds from START, ascending.
    times_s: Vec<f64>,
}

impl Edges {
    /// Bottoms of stroke since START that have surely passed at a time, and those that may have;
    /// nothing outside the sight of the edges.
    fn bottoms(&self, at_s: f64) -> Option<(i64, i64)> {
        let times = &self.times_s;
        let (first, last) = (times.first()?, times.last()?);
        if at_s <= *first || at_s >= *last {
            return None;
        }
        let bottom = |idx: usize, turns: f64| times[idx] - turns * (times[idx] - times[idx - 1]);
        let passed = |turns: f64| {
            let seen = (1..times.len()).filter(|&idx| bottom(idx, turns) <= at_s);
            // The first edge lies before the time, and so does its bottom.
            i64::try_from(self.before + 1 + seen.count() as u64).unwrap_or(i64::MAX)
        };
        Some((passed(QUARTER - UNEVEN), passed(QUARTER + UNEVEN)))
    }

    /// What one look allows.
    fn allow(&self, look: &Look) -> Option<Apart> {
        let (least_passed, _) = self.bottoms(look.asked_s - OLDER_S)?;
        let (_, most_passed) = self.bottoms(look.answered_s)?;
        let strokes = i64::from(look.strokes);
        Some(Apart {
            least: strokes - most_passed,
            most: strokes - least_passed,
        })
    }
}

/// The pen's stroke counter in the treatment under way.
pub(crate) fn strokes<B: Bench>(pen: &mut Pen<'_, B>) -> Result<u32, RowError> {
    match pen.session.request(Request::GetTreatment)?.reply {
        Some(Reply::Treatment(report)) => Ok(report.strokes),
        other => Err(unexpected("GetTreatment", other)),
    }
}

/// The difference, from many looks at the counter of a pen that runs; `turns_before` are the edges
/// seen before START. Nothing if they leave more than one, as in a pen that stops meanwhile.
///
/// If looks contradict each other, the counter jumped while they were taken: the last ones count.
pub(crate) fn apart<B: Bench>(
    pen: &mut Pen<'_, B>,
    started: Nanoseconds,
    turns_before: u64,
) -> Result<Option<i64>, RowError> {
    let mut looks = Vec::new();
    let id = pen.session.chain().open_edges();
    let before = pen.session.chain().edges_seen() - turns_before;
    pen.session.wait(SIGHT)?;
    let jitter_s = pen.session.chain().fixture().time_jitter_ns as f64 * 1e-9;
    for number in 0..LOOKS {
        let answer = pen.session.request(Request::GetTreatment)?;
        let Some(Reply::Treatment(report)) = answer.reply else {
            return Err(unexpected("GetTreatment", answer.reply));
        };
        looks.push(Look {
            asked_s: since_s(started, answer.sent) - jitter_s,
            answered_s: since_s(started, pen.session.now()) + jitter_s,
            strokes: report.strokes,
        });
        // Other phases of the turn, whatever the rate.
        pen.session
            .wait(Nanoseconds(4_000_000 + u64::from(number % 16) * 550_000))?;
    }
    pen.session.wait(SIGHT)?;
    let chain = pen.session.chain();
    let edges_ns = chain.close_edges(id)?.edges_ns;
    let times_s = edges_ns
        .iter()
        .filter_map(|&edge_ns| chain.seconds_to_edge(started, edge_ns))
        .collect();
    let edges = Edges { before, times_s };
    Ok(latest(&edges, &looks))
}

/// The difference that the looks leave; those before a contradiction are left out.
fn latest(edges: &Edges, looks: &[Look]) -> Option<i64> {
    let mut left = Apart::ANY;
    for look in looks.iter().rev() {
        let narrower = left.and(edges.allow(look)?);
        if narrower.least > narrower.most {
            break;
        }
        left = narrower;
    }
    left.one()
}

fn since_s(from: Nanoseconds, at: Nanoseconds) -> f64 {
    (i128::from(at.0) - i128::from(from.0)) as f64 * 1e-9
}

/// The counts of one treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Pen minus tachometer once it runs.
    pub(crate) first: i64,
    /// The same at the end of the last window.
    pub(crate) last: i64,
    /// The pen's counter with the cam at rest.
    pub(crate) strokes: u32,
    /// Edges of the tachometer from START to rest.
    pub(crate) turns: u64,
}

impl Counts {
    /// Strokes that the pen counted too many, those too few negative.
    ///
    /// A cam that started between bottom of stroke and mark gives the tachometer one edge more, one
    /// that came to rest there gives the pen one stroke more: a difference of one is no error at
    /// either end. In between, none is explained.
    pub(crate) fn error(&self) -> i64 {
        let turns = i64::try_from(self.turns).unwrap_or(i64::MAX);
        let at_start = beyond(self.first, -1, 0);
        let running = self.last - self.first;
        let at_rest = beyond(i64::from(self.strokes) - turns - self.last, 0, 1);
        at_start + running + at_rest
    }
}

/// By how much a number lies outside a range.
fn beyond(number: i64, least: i64, most: i64) -> i64 {
    number - number.clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD_S: f64 = 0.6 / 70.0;

    /// Edges 101 to 400 of a cam at 7,000 /min; edge k comes at k periods.
    fn edges() -> Edges {
        Edges {
            before: 100,
            times_s: (101..=400).map(|it| f64::from(it) * PERIOD_S).collect(),
        }
    }

    /// What a pen answers that counts `apart` more than the bottoms of stroke, looked at as over
    /// the link: asked, counted up to 2 ms before it says so, answered 3.5 ms later.
    fn look(asked_s: f64, apart: i64) -> Look {
        let counted_s = asked_s - 0.001;
        // Bottom k comes a quarter of a period before edge k, whatever the estimate says.
        let bottoms = (counted_s / PERIOD_S + 0.25).floor() as i64;
        Look {
            asked_s,
            answered_s: asked_s + 0.0055,
            strokes: u32::try_from(bottoms + apart).unwrap(),
        }
    }

    #[test]
    fn looks_at_many_phases_leave_one_difference() {
        for apart in [-2, -1, 0, 5] {
            let looks: Vec<Look> = (0..60)
                .map(|it| look(1.0 + f64::from(it) * 0.0143, apart))
                .collect();
            assert_eq!(latest(&edges(), &looks), Some(apart));
            // One alone leaves two or three.
            assert_eq!(latest(&edges(), &looks[..1]), None);
        }
    }

    #[test]
    fn a_counter_that_jumps_between_looks_is_told_by_the_last() {
        let looks: Vec<Look> = (0..60)
            .map(|it| look(1.0 + f64::from(it) * 0.0143, i64::from(it >= 20) * 3))
            .collect();
        assert_eq!(latest(&edges(), &looks), Some(3));
    }

    #[test]
    fn a_look_that_no_edges_surround_says_nothing() {
        assert_eq!(latest(&edges(), &[look(0.5, 0)]), None);
        assert_eq!(latest(&edges(), &[look(3.6, 0)]), None);
        assert_eq!(latest(&edges(), &[]), None);
    }

    #[track_caller]
    fn check(first: i64, last: i64, at_rest: i64, expected: i64) {
        let counts = Counts {
            first,
            last,
            strokes: u32::try_from(420_000 + last + at_rest).unwrap(),
            turns: 420_000,
        };
        assert_eq!(counts.error(), expected, "{counts:?}");
    }

    #[test]
    fn only_the_quarter_turn_at_either_end_is_no_error() {
        check(0, 0, 0, 0);
        check(-1, -1, 1, 0);
        check(0, 1, 0, 1);
        check(-1, 0, 1, 1);
        check(0, -3, 0, -3);
        check(1, 1, 0, 1);
        check(-2, -2, 0, -1);
        check(0, 0, 2, 1);
        check(0, 0, -1, -1);
    }
}
