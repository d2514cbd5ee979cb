//! Points over a growing stretch of sample numbers, thinned to what a picture can show.

use std::collections::BTreeMap;

/// So many bins at most: about two a pixel column.
const MOST: usize = 2_000;

/// Points that fell into one bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bin {
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
    pub(crate) sum: f64,
    pub(crate) count: u64,
}

impl Bin {
    fn of(value: f64) -> Self {
        Self {
            lowest: value,
            highest: value,
            sum: value,
            count: 1,
        }
    }

    fn join(self, other: Self) -> Self {
        Self {
            lowest: self.lowest.min(other.lowest),
            highest: self.highest.max(other.highest),
            sum: self.sum + other.sum,
            count: self.count + other.count,
        }
    }

    pub(crate) fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }
}

/// Bins of equal width, which doubles when there are too many.
#[derive(Clone, Debug)]
pub(crate) struct Bins {
    width: u64,
    bins: BTreeMap<u64, Bin>,
    /// The bin that points fall into now.
    current: Option<(u64, Bin)>,
}

impl Default for Bins {
    fn default() -> Self {
        Self {
            width: 1,
            bins: BTreeMap::new(),
            current: None,
        }
    }
}

impl Bins {
    /// Adds a point at a distance from the first sample.
    pub(crate) fn push(&mut self, at: u64, value: f64) {
        let index = at / self.width;
        match &mut self.current {
            Some((here, bin)) if *here == index => *bin = bin.join(Bin::of(value)),
            _ => {
                self.flush();
                self.current = Some((at / self.width, Bin::of(value)));
            }
        }
    }

    fn flush(&mut self) {
        let Some((index, bin)) = self.current.take() else {
            return;
        };
        let join = |bins: &mut BTreeMap<u64, Bin>, index, bin: Bin| {
            bins.entry(index)
                .and_modify(|it| *it = it.join(bin))
                .or_insert(bin);
        };
        join(&mut self.bins, index, bin);
        while self.bins.len() > MOST {
            self.width *= 2;
            for (index, bin) in std::mem::take(&mut self.bins) {
                join(&mut self.bins, index / 2, bin);
            }
        }
    }

    /// Samples a bin.
    pub(crate) fn width(&self) -> u64 {
        self.width
    }

    /// Bins in order, each by the distance of its middle from the first sample.
    pub(crate) fn finish(mut self) -> Vec<(f64, Bin)> {
        self.flush();
        let width = self.width as f64;
        self.bins
            .into_iter()
            .map(|(index, bin)| (width * (index as f64 + 0.5) - 0.5, bin))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_and_counts_outlive_thinning() {
        let mut bins = Bins::default();
        for at in 0..1_000_000_u64 {
            bins.push(at, if at == 654_321 { 7.0 } else { (at % 3) as f64 });
        }
        let width = bins.width();
        let bins = bins.finish();
        assert!((MOST / 2..=MOST).contains(&bins.len()), "{}", bins.len());
        assert_eq!(bins.iter().map(|it| it.1.count).sum::<u64>(), 1_000_000);
        let highest = bins.iter().find(|it| it.1.highest == 7.0).unwrap().0;
        assert!((highest - 654_321.0).abs() <= width as f64, "{highest}");
    }

    #[test]
    fn single_points_stay_where_they_are() {
        let mut bins = Bins::default();
        for at in [5, 177, 350] {
            bins.push(at, at as f64);
        }
        let points: Vec<(f64, f64)> = bins.finish().iter().map(|it| (it.0, it.1.mean())).collect();
        assert_eq!(points, [(5.0, 5.0), (177.0, 177.0), (350.0, 350.0)]);
    }
}
