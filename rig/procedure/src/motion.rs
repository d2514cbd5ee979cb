//! What gauge, tachometer and current probe saw while a sequence ran, kept short enough for every
//! sequence: tops, edges, and slices of 10 ms.

use firmware_units::Nanoseconds;
use rig_sequence::{Slice, Stroke};

/// Length of a slice.
const SLICE: Nanoseconds = Nanoseconds::from_millis(10);
/// Samples of a mean; at 20 kS/s they take a quarter of a millisecond, in which a stroke's top at
/// 150 /s falls by 21 µm at most.
const SAMPLES_OF_MEAN: u32 = 5;
/// A cam that made a top passed its mark within so many widths of it: a turn takes about two.
const WIDTHS_TO_EDGE: f64 = 2.5;

/// A top as the gauge gave it.
#[derive(Clone, Copy, Debug)]
struct Top {
    stroke: Stroke,
    /// Time above mid-level, ns.
    width_ns: f64,
}

/// What the gauge saw in one slice.
#[derive(Clone, Copy, Debug, Default)]
struct Sight {
    furthest_nm: Option<f64>,
    /// A sample in it was no indication.
    lost: bool,
}

/// Mean under way.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    n: u32,
}

/// The log of one sequence; it grows with the sequence's length alone, 50 bytes a slice.
#[derive(Debug)]
pub(crate) struct MotionLog {
    began: Nanoseconds,
    tops: Vec<Top>,
    edges: Vec<Nanoseconds>,
    sights: Vec<Sight>,
    currents: Vec<Mean>,
    mean: Mean,
    /// From an indication to the protrusion, nm.
    offset_nm: f64,
}

/// Consecutive samples: the first one's time, and nanoseconds from one to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Samples<'a> {
    pub(crate) at: Nanoseconds,
    pub(crate) step_ns: f64,
    pub(crate) values: &'a [i64],
}

impl Samples<'_> {
    /// Time of a sample since the log began; nothing before that.
    fn since(&self, began: Nanoseconds, index: f64) -> Option<Nanoseconds> {
        // Casts saturate; times of days fit well.
        let from_at = index * self.step_ns;
        let at = if from_at < 0.0 {
            self.at.0.checked_sub((-from_at) as u64)?
        } else {
            self.at.0.saturating_add(from_at as u64)
        };
        at.checked_sub(began.0).map(Nanoseconds)
    }

    fn slice(&self, began: Nanoseconds, index: usize) -> Option<usize> {
        let since = self.since(began, index as f64)?;
        usize::try_from(since.0 / SLICE.0).ok()
    }
}

impl MotionLog {
    /// A log that begins now; `offset_nm` is added to an indication to make a protrusion of it.
    pub(crate) fn new(began: Nanoseconds, offset_nm: f64) -> Self {
        Self {
            began,
            tops: Vec::new(),
            edges: Vec::new(),
            sights: Vec::new(),
            currents: Vec::new(),
            mean: Mean::default(),
            offset_nm,
        }
    }

    /// Takes samples of the gauge; `is_lost` tells of a sample whether it is no indication.
    pub(crate) fn gauge(&mut self, samples: Samples<'_>, is_lost: impl Fn(usize) -> bool) {
        for (index, &value) in samples.values.iter().enumerate() {
            let Some(slice) = samples.slice(self.began, index) else {
                continue;
            };
            if slice >= self.sights.len() {
                self.sights.resize(slice + 1, Sight::default());
            }
            let sight = &mut self.sights[slice];
            if is_lost(index) {
                sight.lost = true;
                self.mean = Mean::default();
                continue;
            }
            self.mean.sum += value as f64;
            self.mean.n += 1;
            if self.mean.n == SAMPLES_OF_MEAN {
                let level_nm = self.mean.sum / f64::from(SAMPLES_OF_MEAN) + self.offset_nm;
                self.mean = Mean::default();
                let furthest = sight.furthest_nm.unwrap_or(f64::NEG_INFINITY);
                sight.furthest_nm = Some(furthest.max(level_nm));
            }
        }
    }

    /// Takes samples of the current probe, in µA.
    pub(crate) fn current(&mut self, samples: Samples<'_>) {
        for (index, &value) in samples.values.iter().enumerate() {
            let Some(slice) = samples.slice(self.began, index) else {
                continue;
            };
            if slice >= self.currents.len() {
                self.currents.resize(slice + 1, Mean::default());
            }
            self.currents[slice].sum += value as f64;
            self.currents[slice].n += 1;
        }
    }

    /// Takes a top: where it lies against a block's first sample, how far out it was by the
    /// gauge's own scale, the standard uncertainty of that, and how wide it was, in samples.
    pub(crate) fn top(&mut self, block: Samples<'_>, index: f64, peak: (f64, f64), width: f64) {
        let (peak_nm, u_nm) = peak;
        // What began before the log did is not of it.
        if let Some(at) = block.since(self.began, index) {
            let stroke = Stroke {
                at,
                protrusion_nm: peak_nm + self.offset_nm,
                u_nm,
            };
            let width_ns = width * block.step_ns;
            self.tops.push(Top { stroke, width_ns });
        }
    }

    /// Takes edges by the tachometer's own clock, the first of which came at a bench time.
    pub(crate) fn edges(&mut self, at: Nanoseconds, edges_ns: &[i64]) {
        let Some(&first_ns) = edges_ns.first() else {
            return;
        };
        let since = edges_ns.iter().filter_map(|&edge_ns| {
            let after = u64::try_from(i128::from(edge_ns) - i128::from(first_ns)).ok()?;
            at.0.saturating_add(after).checked_sub(self.began.0)
        });
        self.edges.extend(since.map(Nanoseconds));
    }

    /// Tops of a cam that turned, edges, and the slices that both sampled instruments filled.
    ///
    /// A carriage that goes out and home makes a top, too; without a mark of the tachometer near it,
    /// it is none of the cam's.
    pub(crate) fn finish(self) -> (Vec<Stroke>, Vec<Nanoseconds>, Vec<Slice>) {
        let turned = |top: &&Top| {
            let reach = (top.width_ns * WIDTHS_TO_EDGE) as u64;
            let from = Nanoseconds(top.stroke.at.0.saturating_sub(reach));
            let next = self.edges.partition_point(|edge| *edge < from);
            let edge = self.edges.get(next);
            edge.is_some_and(|edge| edge.0 <= top.stroke.at.0.saturating_add(reach))
        };
        let strokes = self.tops.iter().filter(turned).map(|top| top.stroke);
        let strokes = strokes.collect();
        // The last of either may have begun only.
        let whole = self.sights.len().min(self.currents.len()).saturating_sub(1);
        let both = self.sights.iter().zip(&self.currents).take(whole);
        let slices = (1..).zip(both).map(|(number, (sight, current))| Slice {
            until: Nanoseconds(SLICE.0 * number),
            furthest_nm: sight.furthest_nm.filter(|_| !sight.lost),
            current_ua: current.sum / f64::from(current.n.max(1)),
        });
        let slices = slices.collect();
        (strokes, self.edges, slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Nanoseconds = Nanoseconds::from_millis(1_000);

    fn samples(at: Nanoseconds, values: &[i64]) -> Samples<'_> {
        let step_ns = 50_000.0;
        Samples {
            at,
            step_ns,
            values,
        }
    }

    #[test]
    fn a_slice_holds_its_furthest_mean_and_its_mean_current() {
        let mut log = MotionLog::new(BEGAN, 1_000.0);
        // 200 samples a slice; one mean of five stands out in the second.
        let mut values = vec![0; 600];
        values[300..305].fill(50_000);
        log.gauge(samples(BEGAN, &values), |index| index == 550);
        log.current(samples(BEGAN, &[3; 200]));
        log.current(samples(Nanoseconds(BEGAN.0 + 10_000_000), &[5; 400]));
        log.gauge(
            samples(Nanoseconds(BEGAN.0 + 30_000_000), &[0; 200]),
            |_| false,
        );
        log.current(samples(Nanoseconds(BEGAN.0 + 30_000_000), &[0; 200]));
        let (_, _, slices) = log.finish();
        let seen: Vec<_> = slices
            .iter()
            .map(|it| (it.until.0 / 1_000_000, it.furthest_nm, it.current_ua))
            .collect();
        assert_eq!(
            seen,
            [
                (10, Some(1_000.0), 3.0),
                (20, Some(51_000.0), 5.0),
                (30, None, 5.0)
            ]
        );
    }

    #[test]
    fn a_top_without_a_mark_near_it_is_none_of_the_cams() {
        let mut log = MotionLog::new(BEGAN, 0.0);
        let block = samples(Nanoseconds(BEGAN.0 + 500_000_000), &[]);
        // At 400 ms, 5 ms wide; at 500 ms.
        log.top(block, -2_000.0, (1e6, 3.0), 100.0);
        log.top(block, 0.0, (2e6, 3.0), 100.0);
        // Before the log began.
        log.top(block, -11_000.0, (3e6, 3.0), 100.0);
        log.edges(Nanoseconds(BEGAN.0 + 410_000_000), &[7_000_000, 13_000_000]);
        let (strokes, edges, _) = log.finish();
        let ms: Vec<u64> = edges.iter().map(|it| it.0 / 1_000_000).collect();
        assert_eq!(ms, [410, 416]);
        let found: Vec<_> = strokes.iter().map(|it| it.protrusion_nm).collect();
        assert_eq!(found, [1e6]);
        assert_eq!(strokes[0].at, Nanoseconds::from_millis(400));
    }
}
