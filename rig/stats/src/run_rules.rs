//! Patterns on a control chart that are rare in a process that stays as it is.
//!
//! The four rules of Western Electric, Statistical Quality Control Handbook, 1956, and beside them
//! the rule for a trend of L. S. Nelson, Journal of Quality Technology 16, 1984, 238-239 (six in a
//! row that rise or fall). Handbook and paper are recalled, not seen.

use crate::charts::ChartLimits;
use crate::sample::{StatisticError, check_finite};

/// A pattern, named for the point that completes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunRule {
    /// One point beyond three standard deviations.
    Beyond,
    /// Two of three in a row beyond two standard deviations, on one side.
    TwoOfThree,
    /// Four of five in a row beyond one standard deviation, on one side.
    FourOfFive,
    /// Eight in a row on one side of the center line.
    EightOnOneSide,
    /// Six in a row, each above the one before, or each below.
    SixRisingOrFalling,
}

impl RunRule {
    /// Every rule, the strongest sign first.
    pub const ALL: [Self; 5] = [
        Self::Beyond,
        Self::TwoOfThree,
        Self::FourOfFive,
        Self::EightOnOneSide,
        Self::SixRisingOrFalling,
    ];

    /// What it says, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Beyond => "beyond a control limit",
            Self::TwoOfThree => "two of three beyond 2 SD on one side",
            Self::FourOfFive => "four of five beyond 1 SD on one side",
            Self::EightOnOneSide => "eight in a row on one side",
            Self::SixRisingOrFalling => "six in a row rising or falling",
        }
    }
}

/// The rules that each point completes, by a chart whose limits may differ from point to point (the
/// means of subgroups of different sizes); none where it completes none.
///
/// A point on a line is not beyond it; one on the center line is on neither side. A rule of k of n
/// is completed by a point that is itself one of the k.
///
/// # Errors
/// A value or a limit that is not finite; not as many limits as values; limits without room between
/// them, by which everything or nothing would be a pattern.
pub fn run_rules(
    values: &[f64],
    limits: &[ChartLimits],
) -> Result<Vec<Vec<RunRule>>, StatisticError> {
    check_finite(values)?;
    if limits.len() != values.len() {
        return Err(StatisticError::Argument {
            name: "number of limits",
            value: limits.len() as f64,
        });
    }
    for limits in limits {
        check_finite(&[limits.lower, limits.center, limits.upper])?;
        if !(limits.lower < limits.center && limits.center < limits.upper) {
            return Err(StatisticError::NoSpread);
        }
    }
    // Distance from the center line, in standard deviations.
    let deviates: Vec<f64> = values
        .iter()
        .zip(limits)
        .map(|(value, it)| {
            let deviation = value - it.center;
            let reach = if deviation < 0.0 {
                it.center - it.lower
            } else {
                it.upper - it.center
            };
            3.0 * deviation / reach
        })
        .collect();
    let completed = (0..values.len()).map(|at| {
        let holds = |rule: &RunRule| match rule {
            RunRule::Beyond => deviates[at].abs() > 3.0,
            RunRule::TwoOfThree => is_one_of(&deviates[..=at], 2, 3, 2.0),
            RunRule::FourOfFive => is_one_of(&deviates[..=at], 4, 5, 1.0),
            RunRule::EightOnOneSide => is_one_of(&deviates[..=at], 8, 8, 0.0),
            RunRule::SixRisingOrFalling => is_monotonic(&values[..=at]),
        };
        RunRule::ALL.into_iter().filter(holds).collect()
    });
    Ok(completed.collect())
}

/// Whether the last point and `wanted` of the last `of` lie beyond `bound` on one side.
fn is_one_of(deviates: &[f64], wanted: usize, of: usize, bound: f64) -> bool {
    let Some(last) = deviates.last() else {
        return false;
    };
    let side = last.signum();
    let recent = &deviates[deviates.len().saturating_sub(of)..];
    let beyond = |it: &&f64| side * **it > bound;
    beyond(&last) && recent.iter().filter(beyond).count() >= wanted
}

fn is_monotonic(values: &[f64]) -> bool {
    const IN_A_ROW: usize = 6;
    let Some(from) = values.len().checked_sub(IN_A_ROW) else {
        return false;
    };
    let pairs = || values[from..].windows(2);
    pairs().all(|it| it[0] < it[1]) || pairs().all(|it| it[0] > it[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDARD: ChartLimits = ChartLimits {
        lower: -3.0,
        center: 0.0,
        upper: 3.0,
    };

    /// Positions from 1 at which a rule is completed.
    fn at(rule: RunRule, values: &[f64]) -> Vec<usize> {
        let rules = run_rules(values, &vec![STANDARD; values.len()]).unwrap();
        (1..)
            .zip(&rules)
            .filter_map(|(at, it)| it.contains(&rule).then_some(at))
            .collect()
    }

    #[test]
    fn each_rule_is_completed_where_its_words_say_and_not_on_the_line() {
        let beyond = |values: &[f64]| at(RunRule::Beyond, values);
        assert_eq!(beyond(&[3.0, -3.0, 3.01, 0.0, -3.01]), [3, 5]);
        let two = |values: &[f64]| at(RunRule::TwoOfThree, values);
        assert_eq!(two(&[2.1, 0.0, 2.1]), [3]);
        assert_eq!(two(&[2.1, 0.0, 0.0, 2.1]), [0_usize; 0]);
        assert_eq!(two(&[2.1, -2.1, 2.1]), [3], "the other side is between");
        assert_eq!(two(&[2.1, -2.1]), [0_usize; 0], "two sides");
        assert_eq!(two(&[2.0, 2.1]), [0_usize; 0], "on the line");
        assert_eq!(two(&[2.1, 2.1, 0.0]), [2], "the third is not one of them");
        let four = |values: &[f64]| at(RunRule::FourOfFive, values);
        assert_eq!(four(&[-1.1, -1.1, 0.5, -1.1, -1.1]), [5]);
        assert_eq!(four(&[-1.1, -1.1, 0.5, 0.5, -1.1, -1.1]), [0_usize; 0]);
        let eight = |values: &[f64]| at(RunRule::EightOnOneSide, values);
        assert_eq!(eight(&[0.1; 9]), [8, 9]);
        let mut broken = [0.1; 9];
        broken[4] = 0.0;
        assert_eq!(eight(&broken), [0_usize; 0], "on the center line");
        let six = |values: &[f64]| at(RunRule::SixRisingOrFalling, values);
        assert_eq!(six(&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), [6, 7]);
        assert_eq!(six(&[0.5, 0.4, 0.3, 0.2, 0.1, 0.0]), [6]);
        assert_eq!(six(&[0.0, 0.1, 0.2, 0.2, 0.3, 0.4, 0.5]), [0_usize; 0]);
    }

    #[test]
    fn limits_are_those_of_the_point() {
        let wide = ChartLimits {
            lower: -30.0,
            center: 0.0,
            upper: 30.0,
        };
        let rules = run_rules(&[4.0, 4.0], &[wide, STANDARD]).unwrap();
        assert_eq!(rules, [vec![], vec![RunRule::Beyond]]);
    }

    #[test]
    fn charts_that_say_nothing_are_refused() {
        let flat = ChartLimits {
            lower: 1.0,
            center: 1.0,
            upper: 1.0,
        };
        assert_eq!(run_rules(&[1.0], &[flat]), Err(StatisticError::NoSpread));
        assert!(run_rules(&[f64::NAN], &[STANDARD]).is_err());
        assert!(run_rules(&[1.0], &[]).is_err());
        assert_eq!(run_rules(&[], &[]), Ok(Vec::new()));
    }

    /// Mean run length of the four Western Electric rules in a process in control: 91.75 (Champ and
    /// Woodall, Technometrics 29, 1987, 393-399, by a Markov chain; recalled, not seen). Here by
    /// 4,000 runs of normal deviates, so within some 3 %.
    #[test]
    fn in_control_the_four_rules_signal_once_in_92_points() {
        let mut state = 0x1234_5678_9abc_def0_u64;
        let mut uniform = || {
            // Steele, Lea and Flood's SplitMix64 (2014).
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0 + 5e-17
        };
        let (mut points, runs) = (0_usize, 4_000);
        for _ in 0..runs {
            let mut values = Vec::new();
            loop {
                values.push(rig_distributions::normal::quantile(uniform()));
                let recent = &values[values.len().saturating_sub(8)..];
                let rules = run_rules(recent, &vec![STANDARD; recent.len()]).unwrap();
                let last = rules.last().unwrap();
                points += 1;
                if last.iter().any(|it| *it != RunRule::SixRisingOrFalling) {
                    break;
                }
            }
        }
        let mean = points as f64 / f64::from(runs);
        assert!((mean - 91.75).abs() < 0.05 * 91.75, "{mean}");
    }
}
