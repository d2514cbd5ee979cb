//! Statistics of one row over the units of a lot.

use rig_record::{LotRecord, RowResult};
use rig_spec::{Measured, Row, Verdict};

/// One row over the lot. Values are in record units of the row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowStatistics {
    /// Units judged pass.
    pub passed: usize,
    /// Units judged inconclusive.
    pub inconclusive: usize,
    /// Units judged fail.
    pub failed: usize,
    /// Units reported and not judged.
    pub reported: usize,
    /// Units on which the row was not run.
    pub not_run: usize,
    /// Values the statistics below are of: one a unit, as judged; values in doubt are left out.
    pub n: usize,
    /// Mean, rounded to the record unit, halves away from zero; none without a value.
    pub mean: Option<i64>,
    /// Standard deviation with n − 1, rounded; none below two values.
    pub standard_deviation: Option<i64>,
    /// Least value.
    pub minimum: Option<i64>,
    /// Largest value.
    pub maximum: Option<i64>,
    /// Largest expanded uncertainty.
    pub largest_expanded: Option<u64>,
}

/// Statistics of one row over the units of a lot.
#[must_use]
pub fn row_statistics(row: &Row, lot: &LotRecord) -> RowStatistics {
    statistics_of_results(lot.results_of(row.id.as_str()))
}

/// The same from the results of one row, one a unit; none where the record leaves the row out.
#[must_use]
pub fn statistics_of_results<'r>(
    results: impl Iterator<Item = Option<&'r RowResult>>,
) -> RowStatistics {
    let mut statistics = RowStatistics::default();
    let mut measured = Vec::new();
    for result in results {
        measured.extend(result.and_then(measured_value));
        match result.map(|it| (it.judged(), it.reported())) {
            Some((Some(judged), _)) => {
                *match judged.decision.verdict {
                    Verdict::Pass => &mut statistics.passed,
                    Verdict::Inconclusive => &mut statistics.inconclusive,
                    Verdict::Fail => &mut statistics.failed,
                } += 1;
            }
            Some((None, Some(_))) => statistics.reported += 1,
            _ => statistics.not_run += 1,
        }
    }
    let values: Vec<i64> = measured.iter().map(|it| it.value).collect();
    statistics.largest_expanded = measured.iter().map(|it| it.expanded).max();
    statistics.n = values.len();
    statistics.mean = mean(&values);
    statistics.standard_deviation = standard_deviation(&values);
    statistics.minimum = values.iter().min().copied();
    statistics.maximum = values.iter().max().copied();
    statistics
}

/// What was measured of a row: one value a unit, as judged or reported; values in doubt are left
/// out.
pub(crate) fn measured_values(row: &Row, lot: &LotRecord) -> Vec<Measured> {
    lot.results_of(row.id.as_str())
        .filter_map(|it| measured_value(it?))
        .collect()
}

fn measured_value(result: &RowResult) -> Option<Measured> {
    let evidence = result.evidence()?;
    evidence.measured.filter(|_| evidence.doubts.is_empty())
}

fn mean(values: &[i64]) -> Option<i64> {
    let count = i128::try_from(values.len()).ok().filter(|it| *it > 0)?;
    let sum: i128 = values.iter().map(|&it| i128::from(it)).sum();
    // Halves away from zero; a mean lies between its parts, so it fits.
    Some(((2 * sum + sum.signum() * count) / (2 * count)) as i64)
}

/// s = √(Σ(x − x̄)²/(n − 1)) about the exact mean, by differences from the first value so that no
/// digit is lost to a large common part.
fn standard_deviation(values: &[i64]) -> Option<i64> {
    let &origin = values.first()?;
    if values.len() < 2 {
        return None;
    }
    let count = values.len() as f64;
    let offsets: Vec<f64> = values
        .iter()
        .map(|&it| (i128::from(it) - i128::from(origin)) as f64)
        .collect();
    let center = offsets.iter().sum::<f64>() / count;
    let squares: f64 = offsets.iter().map(|it| (it - center) * (it - center)).sum();
    Some(libm::round(libm::sqrt(squares / (count - 1.0))) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation_of_known_values() {
        // NIST StRD NumAcc1: 10000001, 10000003, 10000002; certified mean 10000002, s 1.
        assert_eq!(
            mean(&[10_000_001, 10_000_003, 10_000_002]),
            Some(10_000_002)
        );
        assert_eq!(
            standard_deviation(&[10_000_001, 10_000_003, 10_000_002]),
            Some(1)
        );
        assert_eq!(
            standard_deviation(&[1_000_000_001, 1_000_000_301, 1_000_000_601]),
            Some(300)
        );
        assert_eq!(mean(&[1, 2]), Some(2));
        assert_eq!(mean(&[-1, -2]), Some(-2));
        assert_eq!(mean(&[i64::MAX, i64::MAX]), Some(i64::MAX));
    }

    #[test]
    fn too_few_values_have_no_statistic() {
        assert_eq!(mean(&[]), None);
        assert_eq!(standard_deviation(&[]), None);
        assert_eq!(standard_deviation(&[5]), None);
    }
}
