//! One published case: figures as they were printed, and ours beside them.

use anyhow::Result;

/// A case by its name.
pub(crate) type Named = (&'static str, fn() -> Result<Case>);

/// Whether the printed value was seen, or is known from the literature and was recomputed.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// The printed value was seen there.
    Seen(&'static str),
    /// The printed value is recalled, not seen; the computation reproduces it.
    Recalled(&'static str),
}

/// A printed figure and ours.
pub(crate) struct Figure {
    pub(crate) published: String,
    pub(crate) ours: f64,
    pub(crate) tolerance: f64,
}

/// A published case.
pub(crate) struct Case {
    pub(crate) statistic: &'static str,
    pub(crate) source: Source,
    pub(crate) figures: Vec<Figure>,
}

/// Digits after the point of a printed number, its exponent counted.
fn decimals(printed: &str) -> i32 {
    let (mantissa, exponent) = printed.split_once(['e', 'E']).unwrap_or((printed, "0"));
    let digits = mantissa.split_once('.').map_or(0, |(_, it)| it.len());
    digits as i32 - exponent.parse::<i32>().unwrap_or(0)
}

/// Ours must round to the printed figure.
pub(crate) fn figure(published: &str, ours: f64) -> Figure {
    // Half a unit of the last digit, and what a decimal loses in binary.
    let half = 0.5 * 10f64.powi(-decimals(published));
    within(published, ours, half * (1.0 + 1e-6))
}

/// Ours must lie within a tolerance, for a reason that the case gives.
pub(crate) fn within(published: &str, ours: f64, tolerance: f64) -> Figure {
    Figure {
        published: published.to_owned(),
        ours,
        tolerance,
    }
}

impl Case {
    /// What does not hold.
    pub(crate) fn misses(&self) -> Vec<String> {
        let misses = self.figures.iter().filter(|it| {
            let published: f64 = it.published.parse().unwrap_or(f64::NAN);
            let distance = (it.ours - published).abs();
            distance.is_nan() || distance > it.tolerance
        });
        misses
            .map(|it| {
                let Figure {
                    published,
                    ours,
                    tolerance,
                } = it;
                format!(
                    "{}: published {published}, ours {ours}, tolerance {tolerance:e}",
                    self.statistic
                )
            })
            .collect()
    }

    /// Its row in `PUBLISHED.md`.
    pub(crate) fn row(&self, number: usize, name: &str) -> String {
        let published: Vec<&str> = self
            .figures
            .iter()
            .map(|it| it.published.as_str())
            .collect();
        let ours: Vec<String> = self.figures.iter().map(shown).collect();
        let (seen, source) = match self.source {
            Source::Seen(source) => ("seen", source),
            Source::Recalled(source) => ("recalled", source),
        };
        format!(
            "| {number} | `{name}` | {} | {} | {} | {source} | {seen} |",
            self.statistic,
            published.join(" "),
            ours.join(" ")
        )
    }
}

/// Ours to two digits more than was printed, but no more than a number has.
fn shown(figure: &Figure) -> String {
    let Figure {
        published, ours, ..
    } = figure;
    if published.contains(['e', 'E']) {
        return format!("{ours:.6e}");
    }
    let whole = format!("{:.0}", ours.abs()).len();
    let decimals = decimals(published).max(0) as usize;
    let decimals = (decimals + 2).min(15usize.saturating_sub(whole));
    let text = format!("{ours:.decimals$}");
    if decimals > 0 && ours.fract() == 0.0 {
        format!("{ours:.0}")
    } else {
        text
    }
}

/// The numbers of a data file.
pub(crate) fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace()
        .map(|it| it.parse().unwrap_or(f64::NAN))
        .collect()
}
