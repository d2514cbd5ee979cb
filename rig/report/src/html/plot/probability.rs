//! Normal probability plot: values over the scores that a normal lot would have.

use super::{Scale, svg};
use crate::html::markup::{Markup, Px};
use rig_stats::Moments;
use rig_stats::normality::normal_scores;

const LEFT: f64 = 64.0;
const TOP: f64 = 26.0;
/// Points drawn at most; the outermost ones always are.
const POINTS: usize = 160;
const OUTERMOST: usize = 10;

/// Draws values in rising order, with the line of their mean and standard deviation.
pub(in crate::html) fn probability(
    page: &mut Markup,
    sorted: &[f64],
    moments: &Moments,
    unit: &str,
    words: &str,
) {
    let (width, bottom) = (380.0, 200.0);
    let scores = normal_scores(sorted.len());
    let (Some(first), Some(last)) = (scores.first(), scores.last()) else {
        return;
    };
    let x = Scale::new((first - 0.3, last + 0.3), (LEFT, width - 8.0));
    let line = |score: f64| moments.mean + score * moments.standard_deviation;
    let least = sorted[0].min(line(*first));
    let most = sorted[sorted.len() - 1].max(line(*last));
    let margin = 0.06 * (most - least);
    let y = Scale::new((least - margin, most + margin), (bottom, TOP));
    svg(page, (width, bottom + 38.0), words, |canvas| {
        canvas.y_axis(&y, (LEFT, width - 8.0), 4.0, unit);
        canvas.x_axis(&x, (TOP, bottom), 5.0, "normal score (standard deviations)");
        canvas.line(
            "fit",
            x.at(*first),
            y.at(line(*first)),
            x.at(*last),
            y.at(line(*last)),
        );
        let mut path = String::new();
        for idx in shown(sorted.len()) {
            path += &format!(
                "M{} {}m-2 0a2 2 0 1 0 4 0a2 2 0 1 0 -4 0",
                Px(x.at(scores[idx])),
                Px(y.at(sorted[idx]))
            );
        }
        canvas.path("data-fill", &path);
    });
}

/// All of few values; of many the outermost and an even choice of the others.
fn shown(n: usize) -> Vec<usize> {
    if n <= POINTS {
        return (0..n).collect();
    }
    let inner = n - 2 * OUTERMOST;
    let step = inner.div_ceil(POINTS - 2 * OUTERMOST);
    (0..OUTERMOST)
        .chain((OUTERMOST..n - OUTERMOST).step_by(step))
        .chain(n - OUTERMOST..n)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_values_keep_their_ends() {
        let shown = shown(10_000);
        assert!(shown.len() <= POINTS + 1 && shown[..3] == [0, 1, 2]);
        assert_eq!(shown.last(), Some(&9_999));
        assert!(shown.windows(2).all(|it| it[0] < it[1]));
    }
}
