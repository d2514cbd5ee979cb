//! The chain over a recorded waveform, as its samples come.

use super::account::StrokeAccount;
use super::batch::{Batches, Combined};
use super::budget::{Known, scatter_only};
use super::result::{Measurand, NoValue, Outcome, Results, SampleAccount, ZeroFrom};
use crate::{Calibration, Description, Stretch};
use firmware_units::Nanoseconds;
use rig_measure::{
    Block, CaptureId, Channel, EdgeCapture, Estimate, GaugeStream, Measured, NotMeasurable,
    SampleFault, Stroke, StrokeSettings, Zero, agree_over_strokes, edge_period_variation, level,
    stale_run_length, stroke_rate, tachometer_rate,
};

/// A movement slower than this is no stroke, strokes/s.
const SLOWEST_HZ: f64 = 0.5;
/// Samples that the gauge's noise and step are taken from, where nothing states them.
const PRIME: usize = 8192;
/// More defects than this are not kept apart by the chain.
const MOST_DEFECTS: usize = 1000;
/// Samples up to which a record without defect is measured as one window: three and a half
/// minutes at 20 kS/s, some 20 MB.
const LONGEST_WHOLE: u64 = 1 << 22;
/// A living gauge is not quieter than this share of what its first samples show.
const QUIET: f64 = 0.5;

/// Edges of a tachometer beside the waveform.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edges {
    /// Times by the tachometer's clock, from the first sample of the waveform on, ns.
    pub edges_ns: Vec<i64>,
    /// Largest error of its time base, parts in 1e9.
    pub time_base_ppb: Option<u32>,
    /// Standard uncertainty of one edge, ns; what the edges themselves show counts if it is more.
    pub edge_u_ns: f64,
}

/// What to measure, and what is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// What is known of the gauge, in place of what the file says.
    pub calibration: Calibration,
    /// Movement from trough to top below this is no stroke, nm.
    pub smallest_stroke_nm: f64,
    /// Beginning of the window, seconds after the first sample.
    pub from_s: Option<f64>,
    /// End of the window, seconds after the first sample.
    pub to_s: Option<f64>,
    /// A tachometer's edges.
    pub edges: Option<Edges>,
}

/// One waveform while it is measured. Memory does not grow with it.
pub struct Analysis {
    settings: Settings,
    description: Description,
    nominal_hz: u32,
    zero: Option<Zero>,
    /// Samples that wait until the gauge's noise is known.
    primed: Vec<Stretch>,
    n_primed: usize,
    gauge: Option<GaugeStream>,
    /// A capture of all samples, while there are not too many of them.
    whole: Option<CaptureId>,
    held_from: Option<u32>,
    batches: Batches,
    strokes: StrokeAccount,
    samples: SampleAccount,
    first_seq: Option<u64>,
    next_seq: Option<u64>,
    window_first: Option<u64>,
    /// The first sound value, while all that followed are equal to it, and how many there are.
    constant: Option<(i64, u64)>,
    changed: bool,
    last_sound: i64,
}

impl Analysis {
    /// Begins with what is known of the file and from elsewhere.
    #[must_use]
    pub fn new(description: &Description, settings: Settings) -> Self {
        let calibration = description
            .calibration
            .clone()
            .overridden_by(settings.calibration.clone());
        let zero = zero_of(&calibration);
        let nowhere = Zero {
            level: exact(0.0),
            block_height_nm: 0.0,
            block_u_nm: 0.0,
        };
        let rate = libm::round(description.rate_hz()).clamp(1.0, 1e9);
        // Truncation is exact: a whole number from 1 to 1e9.
        let nominal_hz = rate as u32;
        Self {
            settings: Settings {
                calibration,
                ..settings
            },
            description: description.clone(),
            nominal_hz,
            zero,
            primed: Vec::new(),
            n_primed: 0,
            gauge: None,
            whole: None,
            held_from: None,
            batches: Batches::new(nominal_hz, zero.unwrap_or(nowhere)),
            strokes: StrokeAccount::default(),
            samples: SampleAccount::default(),
            first_seq: None,
            next_seq: None,
            window_first: None,
            constant: None,
            changed: false,
            last_sound: 0,
        }
    }

    /// The zero in force.
    #[must_use]
    pub fn zero(&self) -> Option<&Zero> {
        self.zero.as_ref()
    }

    /// First sample of the file.
    #[must_use]
    pub fn first_seq(&self) -> u64 {
        self.first_seq.unwrap_or(0)
    }

    /// Takes the next samples and gives the strokes that they completed, in the window.
    pub fn push(&mut self, stretch: &Stretch) -> Vec<Stroke> {
        if stretch.values.is_empty() {
            return Vec::new();
        }
        let first = *self.first_seq.get_or_insert(stretch.first_seq);
        let Some(stretch) = self.cropped(stretch, first) else {
            return Vec::new();
        };
        self.count(&stretch);
        if self.gauge.is_some() {
            return self.take(&stretch);
        }
        self.n_primed += stretch.values.len();
        self.primed.push(stretch);
        if self.n_primed < PRIME {
            return Vec::new();
        }
        self.begin()
    }

    /// Ends the record: strokes that it still gives, and all results. `rate_hz` is the sample
    /// rate as it is known now that all times are.
    #[must_use]
    pub fn finish(mut self, rate_hz: f64) -> (Vec<Stroke>, Results) {
        let mut last_strokes = Vec::new();
        if self.gauge.is_none() {
            last_strokes = self.begin();
        }
        let (seen, defects) = self.gauge.as_ref().map_or((0, Vec::new()), |it| {
            (it.tops_seen(), it.defects().to_vec())
        });
        self.strokes.finish(seen, &defects);
        let smallest_mm = 1e-6 * self.settings.smallest_stroke_nm;
        let mut combined = self.batches.finish(smallest_mm);
        // A record without defect is one window, and its rate that of a row of the rig.
        let whole = self.whole.zip(self.gauge.as_mut());
        if let Some(Ok(capture)) = whole.map(|(id, gauge)| gauge.close(id))
            && combined.rate.is_ok()
            && let Ok(rate) = stroke_rate(&capture, self.nominal_hz)
        {
            combined.rate = Ok(rate.estimate);
        }
        let scale = rate_hz / f64::from(self.nominal_hz);
        let window_first = self.window_first.or(self.first_seq).unwrap_or(0);
        let first_seq = self.first_seq.unwrap_or(0);
        let seconds = |seq: u64| seq.saturating_sub(first_seq) as f64 / rate_hz;
        let (from_s, to_s) = (
            seconds(window_first),
            seconds(self.next_seq.unwrap_or(window_first)),
        );
        let mut results = Results {
            from_s,
            to_s,
            rate_hz,
            samples: self.samples,
            strokes: self.strokes,
            defects,
            held_from: self.held_from,
            noise_nm: combined.noise_nm,
            residual_nm: combined.residual_nm,
            zero: zero_from(&self.settings.calibration, self.zero.as_ref()),
            calibrated: self.settings.calibration.expanded.is_some(),
            outcomes: Vec::new(),
        };
        let edges = self.settings.edges.as_ref();
        let edges = edges.map(|it| within(it, from_s, to_s));
        let known = Known {
            calibration: &self.settings.calibration,
            zero: self.zero,
            height_nm: combined.height_nm,
            rate_hz: combined.rate.as_ref().ok().map(|it| scale * it.value),
        };
        results.outcomes = outcomes(&known, combined, scale, edges.as_ref());
        if let (false, Some((_, times))) = (self.changed, self.constant)
            && times > 1
        {
            for outcome in results.outcomes.iter_mut().filter(|it| it.result.is_err()) {
                outcome.result = Err(NoValue::Constant(times));
            }
        }
        if results.defects.len() >= MOST_DEFECTS {
            for outcome in &mut results.outcomes {
                outcome.result = Err(NoValue::TooManyDefects(MOST_DEFECTS));
            }
        }
        (last_strokes, results)
    }

    /// The part of a stretch that lies in the window.
    fn cropped(&self, stretch: &Stretch, first: u64) -> Option<Stretch> {
        let rate = self.description.rate_hz();
        // Truncation is meant, after the rounding that decimal seconds need.
        let seq = |seconds: f64| first.saturating_add(libm::round(seconds * rate).max(0.0) as u64);
        let end = stretch.first_seq + stretch.values.len() as u64;
        let from = self.settings.from_s.map_or(0, seq).max(stretch.first_seq);
        let to = self.settings.to_s.map_or(u64::MAX, seq).min(end);
        if from >= to {
            return None;
        }
        if (from, to) == (stretch.first_seq, end) {
            return Some(stretch.clone());
        }
        // Both lie within the stretch, whose length is a usize.
        let range = (from - stretch.first_seq) as usize..(to - stretch.first_seq) as usize;
        let exceptions = stretch.exceptions.iter();
        let inside = exceptions.filter(|it| range.contains(&(it.0 as usize)));
        Some(Stretch {
            first_seq: from,
            exceptions: inside.map(|it| (it.0 - range.start as u32, it.1)).collect(),
            values: stretch.values[range].to_vec(),
        })
    }

    fn count(&mut self, stretch: &Stretch) {
        let length = stretch.values.len() as u64;
        self.window_first.get_or_insert(stretch.first_seq);
        if let Some(next) = self.next_seq {
            self.samples.missing += stretch.first_seq.saturating_sub(next);
        }
        self.next_seq = Some(stretch.first_seq + length);
        self.samples.received += length;
        for (_, fault) in &stretch.exceptions {
            match fault {
                SampleFault::NoTarget => self.samples.no_target += 1,
                SampleFault::OutOfRange => self.samples.out_of_range += 1,
            }
        }
    }

    /// Makes the chain from what is known and what the first samples show, and gives it these.
    fn begin(&mut self) -> Vec<Stroke> {
        let primed = std::mem::take(&mut self.primed);
        let seen = Seen::of(&primed);
        let resolution = match self.description.resolution {
            0 => seen.step,
            stated => i64::from(stated),
        };
        let noise = self
            .settings
            .calibration
            .noise_floor
            .unwrap_or(QUIET * seen.noise);
        self.held_from = stale_run_length(resolution, noise);
        let channel = Channel {
            sample_rate_hz: self.nominal_hz,
            resolution,
            range: self.description.range.unwrap_or((i64::MIN, i64::MAX)),
            noise,
            // Sample times are those of the grid: what a time base does to them is no defect.
            time_base_ppb: 0,
            at_jitter: Nanoseconds::ZERO,
        };
        let settings = StrokeSettings {
            sample_rate_hz: self.nominal_hz,
            smallest_stroke_nm: self.settings.smallest_stroke_nm,
            slowest_hz: SLOWEST_HZ,
        };
        let mut gauge = GaugeStream::new(channel, settings);
        self.whole = Some(gauge.open());
        self.gauge = Some(gauge);
        primed.iter().flat_map(|it| self.take(it)).collect()
    }

    fn take(&mut self, stretch: &Stretch) -> Vec<Stroke> {
        let values = self.filled(stretch);
        let Some(gauge) = &mut self.gauge else {
            return Vec::new();
        };
        if self.samples.received > LONGEST_WHOLE
            && let Some(whole) = self.whole.take()
        {
            // Whatever it says, it is too long to be kept.
            let _ = gauge.close(whole);
        }
        let since = stretch
            .first_seq
            .saturating_sub(self.first_seq.unwrap_or(0));
        let at_ns = u128::from(since) * 1_000_000_000 / u128::from(self.nominal_hz);
        let strokes = gauge.push(&Block {
            first_seq: stretch.first_seq,
            at: Nanoseconds(u64::try_from(at_ns).unwrap_or(u64::MAX)),
            values: &values,
            exceptions: &stretch.exceptions,
        });
        for stroke in &strokes {
            let place = self.strokes.take(stroke, gauge.defects());
            self.batches.push(stroke, place);
        }
        strokes
    }
}

impl Analysis {
    /// The values of a stretch, with something in the place of those that are no indication which
    /// is neither held nor beyond the range: they are defects for what the instrument said of
    /// them, and for nothing else. Notes on the way whether the indication ever changes.
    fn filled(&mut self, stretch: &Stretch) -> Vec<i64> {
        let mut exceptions = stretch.exceptions.iter().peekable();
        let values = (0_u32..).zip(&stretch.values).map(|(index, &value)| {
            if exceptions.next_if(|it| it.0 == index).is_some() {
                return self.last_sound.saturating_add(i64::from(index % 2));
            }
            self.last_sound = value;
            let (first, times) = self.constant.get_or_insert((value, 0));
            self.changed |= *first != value;
            *times += 1;
            value
        });
        values.collect()
    }
}

/// Mean indication of a record on the gauge block, nm, if it is still and whole.
///
/// # Errors
/// [`NotMeasurable`]: a defect, a movement of more than `allowed_nm`, or a record below 0.1 s.
pub fn measure_level(
    description: &Description,
    stretches: impl Iterator<Item = Stretch>,
    allowed_nm: f64,
) -> Result<Estimate, NotMeasurable> {
    let nominal_hz = libm::round(description.rate_hz()).clamp(1.0, 1e9) as u32;
    let channel = Channel {
        sample_rate_hz: nominal_hz,
        resolution: i64::from(description.resolution),
        range: description.range.unwrap_or((i64::MIN, i64::MAX)),
        noise: description.calibration.noise_floor.unwrap_or(0.0),
        time_base_ppb: 0,
        at_jitter: Nanoseconds::ZERO,
    };
    let settings = StrokeSettings {
        sample_rate_hz: nominal_hz,
        smallest_stroke_nm: f64::MAX,
        slowest_hz: SLOWEST_HZ,
    };
    let mut gauge = GaugeStream::new(channel, settings);
    let capture = gauge.open();
    let mut first = None;
    for stretch in stretches {
        let since = stretch.first_seq - *first.get_or_insert(stretch.first_seq);
        let at_ns = u128::from(since) * 1_000_000_000 / u128::from(nominal_hz);
        gauge.push(&Block {
            first_seq: stretch.first_seq,
            at: Nanoseconds(u64::try_from(at_ns).unwrap_or(u64::MAX)),
            values: &stretch.values,
            exceptions: &stretch.exceptions,
        });
    }
    level(gauge.close(capture)?.trace(), allowed_nm)
}

/// What the first samples show of a gauge.
struct Seen {
    /// Standard deviation of its noise, nm.
    noise: f64,
    /// Its smallest step, nm.
    step: i64,
}

impl Seen {
    fn of(stretches: &[Stretch]) -> Self {
        let mut thirds: Vec<f64> = Vec::new();
        let mut step = i64::MAX;
        for values in stretches.iter().map(|it| &it.values) {
            for pair in values.windows(2) {
                let change = pair[1].saturating_sub(pair[0]).saturating_abs();
                if change > 0 {
                    step = step.min(change);
                }
            }
            let wide: Vec<f64> = values.iter().map(|it| *it as f64).collect();
            thirds.extend(
                wide.windows(4)
                    .map(|it| (it[3] - 3.0 * it[2] + 3.0 * it[1] - it[0]).abs()),
            );
        }
        // A third difference of white noise has 20 times its variance; the median of its
        // magnitude is 0.6745 of its standard deviation.
        let middle = thirds.len() / 2;
        let noise = if thirds.is_empty() {
            0.0
        } else {
            let (_, median, _) = thirds.select_nth_unstable_by(middle, f64::total_cmp);
            *median / (0.6745 * libm::sqrt(20.0))
        };
        Self {
            noise,
            step: if step == i64::MAX { 1 } else { step },
        }
    }
}

fn exact(value: f64) -> Estimate {
    Estimate {
        value,
        u: 0.0,
        dof: f64::INFINITY,
        n: 0,
    }
}

/// The zero, if a level on the block and the block's height are stated.
fn zero_of(calibration: &Calibration) -> Option<Zero> {
    let (level_nm, height_nm) = calibration.block_level.zip(calibration.block_height)?;
    Some(Zero {
        level: Estimate {
            value: level_nm,
            u: calibration.block_level_u.unwrap_or(0.0),
            dof: calibration.block_level_dof.unwrap_or(f64::INFINITY),
            n: 0,
        },
        block_height_nm: height_nm,
        block_u_nm: calibration.block_u.unwrap_or(0.0),
    })
}

fn zero_from(calibration: &Calibration, zero: Option<&Zero>) -> ZeroFrom {
    zero.map_or(ZeroFrom::Nothing, |it| ZeroFrom::Block {
        level_nm: it.level.value,
        level_u_nm: calibration.block_level_u,
        height_nm: it.block_height_nm,
    })
}

/// Edges in a window.
fn within(edges: &Edges, from_s: f64, to_s: f64) -> Edges {
    let inside = |it: &&i64| {
        let at_s = **it as f64 * 1e-9;
        (from_s..=to_s).contains(&at_s)
    };
    Edges {
        edges_ns: edges.edges_ns.iter().filter(inside).copied().collect(),
        ..*edges
    }
}

/// Every measurand, in the order of reports.
fn outcomes(
    known: &Known<'_>,
    combined: Combined,
    scale: f64,
    edges: Option<&Edges>,
) -> Vec<Outcome> {
    let outcome = |measurand, result: Result<(Measured, Vec<&'static str>), NoValue>| match result {
        Ok((measured, left_out)) => Outcome {
            measurand,
            result: Ok(measured),
            left_out,
        },
        Err(fault) => Outcome {
            measurand,
            result: Err(fault),
            left_out: Vec::new(),
        },
    };
    let scaled = |it: Estimate| Estimate {
        value: scale * it.value,
        u: scale * it.u,
        ..it
    };
    let contact = combined.contact;
    let length = |it: Result<Estimate, NoValue>| {
        let (value, contact) = (it?, contact.clone()?);
        Ok(known.length(&value, contact))
    };
    let scatter = |it: Estimate, name| (scatter_only(&it, name), Vec::new());
    let time_base = known.calibration.time_base_ppb;
    let (mean, largest) = match known.zero {
        Some(_) => (Measurand::MeanProtrusion, Measurand::LargestProtrusion),
        None => (Measurand::MeanTop, Measurand::LargestTop),
    };
    let mut rate = outcome(
        Measurand::StrokeRate,
        combined.rate.map(|it| known.rate(&scaled(it), time_base)),
    );
    let mut tachometer = Vec::new();
    if let Some(edges) = edges {
        let capture = EdgeCapture {
            edges_ns: edges.edges_ns.clone(),
        };
        let by_edges = tachometer_rate(&capture, edges.edge_u_ns)
            .map(|it| known.rate(&it, edges.time_base_ppb));
        if let (Ok(gauge), Ok((measured, _))) = (&rate.result, &by_edges)
            && let Err(fault) = agree_over_strokes(gauge, measured, &capture)
        {
            rate.result = Err(fault.into());
        }
        tachometer.push(outcome(
            Measurand::TachometerRate,
            by_edges.map_err(NoValue::Signal),
        ));
        tachometer.push(outcome(
            Measurand::TachometerVariation,
            edge_period_variation(&capture, edges.edge_u_ns)
                .map(|it| scatter(it, "scatter of the periods"))
                .map_err(NoValue::Signal),
        ));
    }
    let mut all = vec![
        rate,
        outcome(
            Measurand::PeriodVariation,
            combined
                .variation
                .map(|it| scatter(it, "scatter of the periods")),
        ),
        outcome(mean, length(combined.mean)),
        outcome(largest, length(combined.largest)),
        outcome(
            Measurand::Spread,
            combined.spread.map(|it| scatter(it, "scatter of the tops")),
        ),
        outcome(
            Measurand::Drift,
            combined.drift.map(|it| known.difference(&it)),
        ),
    ];
    all.extend(tachometer);
    all
}
