//! The estimators of the chain, called in this one place.

use super::NoValue;
use rig_measure::{
    Contact, Estimate, Flattening, NotMeasurable, Stroke, Zero, minimum_rise, period_variation,
    protrusion_maximum, protrusion_mean, rate_by_marks, spread, unseen_flattening,
};

/// What one batch of strokes gave.
#[derive(Clone, Debug)]
pub(crate) struct BatchEstimates {
    /// Of each part between defects that has a rate: the estimate, `n` its cycles.
    pub(crate) rates: Vec<Estimate>,
    /// Why the last part without a rate has none.
    pub(crate) rate_fault: Option<NotMeasurable>,
    pub(crate) variation: Result<Estimate, NotMeasurable>,
    pub(crate) mean: Result<Estimate, NotMeasurable>,
    pub(crate) largest: Result<Estimate, NotMeasurable>,
    /// What contact may hide in the tops.
    pub(crate) flattening: Result<Flattening, NotMeasurable>,
    pub(crate) spread: Result<Estimate, NotMeasurable>,
    /// Of the first and the last third.
    pub(crate) ends: Result<[Estimate; 2], NotMeasurable>,
}

/// A gap in ordinals, so that strokes on both sides of a defect are no neighbours.
const APART: u64 = 1 << 20;

/// Measures a batch. `begins` are the indices of strokes that begin a part; rates are by the
/// nominal sample rate.
pub(crate) fn batch(
    strokes: &[Stroke],
    begins: &[usize],
    nominal_hz: u32,
    zero: &Zero,
) -> BatchEstimates {
    let mut rates = Vec::new();
    let mut rate_fault = None;
    for (index, &from) in begins.iter().enumerate() {
        let to = begins.get(index + 1).copied().unwrap_or(strokes.len());
        match rate_by_marks(&strokes[from..to], nominal_hz) {
            Ok(smoothed) => rates.push(smoothed.rate),
            Err(fault) => rate_fault = Some(fault),
        }
    }
    let third = strokes.len() / 3;
    let ends = protrusion_mean(&strokes[..third], zero).and_then(|first| {
        Ok([
            first,
            protrusion_mean(&strokes[strokes.len() - third..], zero)?,
        ])
    });
    BatchEstimates {
        rates,
        rate_fault,
        variation: period_variation(&set_apart(strokes, begins)),
        mean: protrusion_mean(strokes, zero),
        largest: protrusion_maximum(strokes, zero).map(|it| it.estimate),
        flattening: unseen_flattening(strokes),
        spread: spread(strokes),
        ends,
    }
}

fn set_apart(strokes: &[Stroke], begins: &[usize]) -> Vec<Stroke> {
    let mut apart = 0;
    let shifted = strokes.iter().enumerate().map(|(index, stroke)| {
        if begins.contains(&index) {
            apart += APART;
        }
        let mut shifted = *stroke;
        shifted.ordinal += apart;
        shifted
    });
    shifted.collect()
}

/// The last mean less the first.
pub(crate) fn drift(first: &Estimate, last: &Estimate) -> Result<Estimate, NoValue> {
    Ok(minimum_rise(&[*first, *last])?.estimate)
}

/// Cycles of all parts over their time: a part's time is its cycles over its rate.
pub(crate) fn combine_rates(rates: &[Estimate]) -> Option<Estimate> {
    if let [only] = rates {
        return Some(*only);
    }
    let cycles: f64 = rates.iter().map(|it| it.n as f64).sum();
    let elapsed: f64 = rates.iter().map(|it| it.n as f64 / it.value).sum();
    let value = cycles / elapsed;
    // u(f)/f = u(elapsed)/elapsed, and u of a part's time is its time times its own u(f)/f.
    let terms: Vec<(f64, f64)> = rates
        .iter()
        .map(|it| {
            (
                value * (it.n as f64 / it.value) * (it.u / it.value) / elapsed,
                it.dof,
            )
        })
        .collect();
    (!rates.is_empty()).then(|| combined(value, &terms, rates))
}

/// Mean of means, each by its number of strokes.
pub(crate) fn combine_means(means: &[Estimate]) -> Option<Estimate> {
    if let [only] = means {
        return Some(*only);
    }
    let n: f64 = means.iter().map(|it| it.n as f64).sum();
    let value = means.iter().map(|it| it.n as f64 * it.value).sum::<f64>() / n;
    let terms: Vec<(f64, f64)> = means
        .iter()
        .map(|it| (it.n as f64 * it.u / n, it.dof))
        .collect();
    (!means.is_empty()).then(|| combined(value, &terms, means))
}

/// The most that one of the batches may hide: a record says nothing of what its needles met.
pub(crate) fn contact(flattenings: &[Flattening]) -> Option<Contact> {
    let widest = flattenings
        .iter()
        .max_by(|a, b| a.half_width_nm.total_cmp(&b.half_width_nm));
    widest.map(|it| Contact::Possible(*it))
}

/// Standard deviation over all batches, from that within each and that of their means.
pub(crate) fn combine_spreads(spreads: &[Estimate], means: &[Estimate]) -> Option<Estimate> {
    if let [only] = spreads {
        return Some(*only);
    }
    let n: f64 = spreads.iter().map(|it| it.n as f64).sum();
    let within = spreads.iter().map(|it| it.n as f64 * it.value * it.value);
    let between = combine_means(means).map_or(0.0, |all| {
        let squares = means.iter().map(|it| {
            let deviation = it.value - all.value;
            it.n as f64 * deviation * deviation
        });
        squares.sum()
    });
    let value = libm::sqrt((within.sum::<f64>() + between) / n);
    let terms: Vec<(f64, f64)> = spreads
        .iter()
        .map(|it| {
            let share = if value > 0.0 { it.value / value } else { 1.0 };
            (it.n as f64 * share * it.u / n, it.dof)
        })
        .collect();
    (!spreads.is_empty()).then(|| combined(value, &terms, spreads))
}

/// The largest, with the uncertainty of its own fit.
pub(crate) fn combine_largest(largest: &[Estimate]) -> Option<Estimate> {
    let n = largest.iter().map(|it| it.n).sum();
    let highest = largest
        .iter()
        .max_by(|a, b| a.value.total_cmp(&b.value))
        .copied()?;
    Some(Estimate { n, ..highest })
}

/// Independent terms in quadrature, degrees of freedom after Welch and Satterthwaite.
fn combined(value: f64, terms: &[(f64, f64)], parts: &[Estimate]) -> Estimate {
    let u = libm::sqrt(terms.iter().map(|it| it.0 * it.0).sum());
    let inverse: f64 = terms
        .iter()
        .filter(|it| it.0 > 0.0)
        .map(|(term, dof)| libm::pow(term / u, 4.0) / dof)
        .sum();
    Estimate {
        value,
        u,
        dof: if inverse > 0.0 {
            1.0 / inverse
        } else {
            f64::INFINITY
        },
        n: parts.iter().map(|it| it.n).sum(),
    }
}
