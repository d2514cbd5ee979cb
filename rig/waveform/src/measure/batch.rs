//! Strokes of a long record, measured in batches, so that memory does not grow with it.

use super::NoValue;
use super::account::Place;
use super::estimators::{self, BatchEstimates};
use rig_measure::{Contact, Estimate, NotMeasurable, Stroke, Zero};

/// Strokes of one batch: 9 min at 116.7 /s, 6 MB; two are held.
const BATCH: usize = 65_536;

/// Strokes so far.
pub(crate) struct Batches {
    nominal_hz: u32,
    zero: Zero,
    size: usize,
    strokes: Vec<Stroke>,
    begins: Vec<usize>,
    done: Vec<BatchEstimates>,
    noise: Pooled,
    residual: Pooled,
    heights: (f64, u64),
}

/// A variance pooled by degrees of freedom.
#[derive(Clone, Copy, Debug, Default)]
struct Pooled {
    sum: f64,
    dof: f64,
}

/// What all batches gave together.
pub(crate) struct Combined {
    pub(crate) rate: Result<Estimate, NoValue>,
    pub(crate) variation: Result<Estimate, NoValue>,
    pub(crate) mean: Result<Estimate, NoValue>,
    pub(crate) largest: Result<Estimate, NoValue>,
    /// What contact may hide in the tops.
    pub(crate) contact: Result<Contact, NoValue>,
    pub(crate) spread: Result<Estimate, NoValue>,
    pub(crate) drift: Result<Estimate, NoValue>,
    pub(crate) noise_nm: f64,
    pub(crate) residual_nm: f64,
    /// Mean height of a stroke, nm.
    pub(crate) height_nm: f64,
}

impl Batches {
    pub(crate) fn new(nominal_hz: u32, zero: Zero) -> Self {
        Self::of_size(BATCH, nominal_hz, zero)
    }

    pub(crate) fn of_size(size: usize, nominal_hz: u32, zero: Zero) -> Self {
        Self {
            nominal_hz,
            zero,
            size,
            strokes: Vec::new(),
            begins: Vec::new(),
            done: Vec::new(),
            noise: Pooled::default(),
            residual: Pooled::default(),
            heights: (0.0, 0),
        }
    }

    pub(crate) fn push(&mut self, stroke: &Stroke, place: Place) {
        // Of two batches the first is closed, so that the last is never too short to measure.
        if self.strokes.len() == 2 * self.size {
            let rest = self.strokes.split_off(self.size);
            let later = self.begins.partition_point(|it| *it < self.size);
            let rest_begins = self.begins.split_off(later);
            self.close();
            self.strokes = rest;
            self.begins = rest_begins.iter().map(|it| it - self.size).collect();
            if self.begins.first() != Some(&0) {
                self.begins.insert(0, 0);
            }
        }
        if place == Place::Begins || self.strokes.is_empty() {
            self.begins.push(self.strokes.len());
        }
        self.strokes.push(*stroke);
        self.noise.add(stroke.noise_var, stroke.residual_dof);
        self.residual.add(stroke.residual_var, stroke.residual_dof);
        self.heights.0 += stroke.height_nm;
        self.heights.1 += 1;
    }

    fn close(&mut self) {
        let batch = estimators::batch(&self.strokes, &self.begins, self.nominal_hz, &self.zero);
        self.done.push(batch);
    }

    pub(crate) fn finish(mut self, smallest_mm: f64) -> Combined {
        if self.heights.1 > 0 {
            self.close();
        }
        let none = NoValue::NoStrokes { smallest_mm };
        let done = &self.done;
        let all = |of: fn(&BatchEstimates) -> &Result<Estimate, NotMeasurable>| {
            let each: Result<Vec<Estimate>, NotMeasurable> =
                done.iter().map(|it| *of(it)).collect();
            each.map_err(NoValue::Signal)
        };
        let or_none = |it: Option<Estimate>| it.ok_or_else(|| none.clone());
        let means = all(|it| &it.mean);
        let rates: Vec<Estimate> = done.iter().flat_map(|it| it.rates.clone()).collect();
        let fault = done.iter().find_map(|it| it.rate_fault);
        let rate = match (estimators::combine_rates(&rates), fault) {
            (Some(rate), _) => Ok(rate),
            (None, Some(_)) if self.heights.1 > 2 => Err(NoValue::TooShortParts { needed: 3 }),
            (None, Some(fault)) => Err(fault.into()),
            (None, None) => Err(none.clone()),
        };
        let drift = match (done.first(), done.last()) {
            (Some(first), Some(last)) => match (&first.ends, &last.ends) {
                (Ok([first, _]), Ok([_, last])) => estimators::drift(first, last),
                (Err(fault), _) | (_, Err(fault)) => Err((*fault).into()),
            },
            _ => Err(none.clone()),
        };
        let flattenings: Result<Vec<_>, _> = done.iter().map(|it| it.flattening).collect();
        let contact = match flattenings {
            Ok(flattenings) => estimators::contact(&flattenings).ok_or_else(|| none.clone()),
            Err(fault) => Err(NoValue::Signal(fault)),
        };
        Combined {
            contact,
            rate,
            variation: all(|it| &it.variation)
                .and_then(|it| or_none(estimators::combine_spreads(&it, &[]))),
            mean: means
                .clone()
                .and_then(|it| or_none(estimators::combine_means(&it))),
            largest: all(|it| &it.largest).and_then(|it| or_none(estimators::combine_largest(&it))),
            spread: all(|it| &it.spread).and_then(|it| {
                or_none(estimators::combine_spreads(
                    &it,
                    means.as_deref().unwrap_or(&[]),
                ))
            }),
            drift,
            noise_nm: self.noise.sd(),
            residual_nm: self.residual.sd(),
            height_nm: self.heights.0 / self.heights.1 as f64,
        }
    }
}

impl Pooled {
    fn add(&mut self, variance: f64, dof: f64) {
        self.sum += variance * dof;
        self.dof += dof;
    }

    fn sd(self) -> f64 {
        libm::sqrt(self.sum / self.dof)
    }
}
