//! Streams of sampled instruments, and captures opened on them.

use crate::harmonic::{Solved, of_window, phases};
use crate::moments::{Demodulator, Whole};
use crate::trace::TraceBuilder;
use crate::{
    Block, Channel, Event, NotMeasurable, SampleClock, SignalDefect, StreamCheck, Stroke,
    StrokeSettings, StrokeTracker, Trace,
};
use firmware_units::Nanoseconds;
use std::collections::{BTreeMap, VecDeque};

/// A capture that is open. Closing it consumes it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaptureId(pub(crate) u64);

/// What a stream kept between opening and closing a capture; every sample was there and sound.
#[derive(Clone, Debug)]
pub struct Capture {
    strokes: Vec<Stroke>,
    trace: Trace,
    clock: SampleClock,
    whole: Whole,
    resolution: f64,
}

impl Capture {
    /// The complete strokes, in order. Empty for a current.
    #[must_use]
    pub fn strokes(&self) -> &[Stroke] {
        &self.strokes
    }

    /// Short means of the whole window.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Variance of the noise of a sample, from third differences (see [`Trace::noise`]).
    pub(crate) fn noise_var(&self) -> f64 {
        self.trace.noise * self.trace.noise * f64::from(self.trace.block_len)
    }

    /// Harmonic fit of the window near a rate, rad/sample; nothing if there is none.
    pub(crate) fn fit(&self, omega: f64) -> Option<Solved> {
        of_window(&self.whole, omega, self.resolution)
    }

    /// Phases of the motion against its fit, in samples from the window's middle.
    pub(crate) fn phases(&self, fit: &Solved) -> Option<Vec<Event>> {
        phases(&self.whole, fit, self.noise_var())
    }

    /// Sample number of the window's middle.
    pub(crate) fn middle(&self) -> f64 {
        let n = match &self.whole {
            Whole::Unknown => 0,
            Whole::Samples(samples) => samples.len(),
            Whole::Moments(moments) => moments.n,
        };
        self.trace.first_seq as f64 + 0.5 * (n as f64 - 1.0)
    }

    /// Relates sample numbers to bench time in this window.
    #[must_use]
    pub fn clock(&self) -> SampleClock {
        self.clock
    }
}

/// The gauge from power-on to power-off.
///
/// # Examples
/// ```
/// use firmware_units::Nanoseconds;
/// use rig_measure::{Block, Channel, GaugeStream, StrokeSettings, level};
///
/// let channel = Channel {
///     sample_rate_hz: 20_000,
///     resolution: 100,
///     range: (-5_000_000, 5_000_000),
///     noise: 0.0, // this example has none, so held values cannot be told
///     time_base_ppb: 20_000,
///     at_jitter: Nanoseconds(0),
/// };
/// let settings = StrokeSettings { sample_rate_hz: 20_000, smallest_stroke_nm: 1e6, slowest_hz: 0.5 };
/// let mut gauge = GaugeStream::new(channel, settings);
/// let capture = gauge.open();
/// gauge.push(&Block { first_seq: 0, at: Nanoseconds(0), values: &[1_500_000; 4_000], exceptions: &[] });
/// let capture = gauge.close(capture)?;
/// assert_eq!(level(capture.trace(), 5_000.0)?.value, 1_500_000.0);
/// # Ok::<(), rig_measure::NotMeasurable>(())
/// ```
#[derive(Debug)]
pub struct GaugeStream {
    sampled: Sampled,
    tracker: StrokeTracker,
    /// Latest strokes, for the rate that captures are demodulated at.
    recent: VecDeque<(u64, f64)>,
}

/// Strokes that the rate of demodulation is taken from.
const RECENT_STROKES: usize = 16;

impl GaugeStream {
    /// A stream that has seen nothing yet.
    #[must_use]
    pub fn new(channel: Channel, settings: StrokeSettings) -> Self {
        Self {
            sampled: Sampled::new(channel),
            tracker: StrokeTracker::new(settings),
            recent: VecDeque::new(),
        }
    }

    /// Takes one block and gives the strokes that it completed (a stroke is complete when the
    /// next one has begun). A stroke that touches a defect is not given.
    pub fn push(&mut self, block: &Block<'_>) -> Vec<Stroke> {
        let mut strokes = Vec::new();
        let defects = self.sampled.push(block);
        for (first_seq, values) in sound_stretches(block, &defects) {
            self.tracker.push(first_seq, values, &mut strokes);
        }
        self.remember(&strokes, !defects.is_empty());
        let omega = self.recent_omega();
        for open in self.sampled.open.values_mut() {
            if let Some(demodulator) = &mut open.demodulator {
                demodulator.push(block.values, omega);
            }
            // The fits of a stroke reach half its width and a quarter beyond its mark.
            let inside = |it: &&Stroke| it.mark - it.width >= open.first_seq as f64;
            open.strokes.extend(strokes.iter().filter(inside));
        }
        strokes
    }

    /// Says that bench time is `now`; a stream that should have sent samples by then is silent.
    pub fn tick(&mut self, now: Nanoseconds) {
        self.sampled.tick(now);
    }

    /// Keeps the latest strokes that follow each other without a gap.
    fn remember(&mut self, strokes: &[Stroke], is_broken: bool) {
        if is_broken {
            self.recent.clear();
        }
        for stroke in strokes {
            if self
                .recent
                .back()
                .is_some_and(|it| stroke.ordinal != it.0 + 1)
            {
                self.recent.clear();
            }
            self.recent.push_back((stroke.ordinal, stroke.mark));
            if self.recent.len() > RECENT_STROKES {
                self.recent.pop_front();
            }
        }
    }

    /// Rate of the latest strokes by a least-squares line, rad/sample.
    fn recent_omega(&self) -> Option<f64> {
        let n = self.recent.len();
        if n < RECENT_STROKES / 2 {
            return None;
        }
        let (middle, origin) = (0.5 * (n - 1) as f64, self.recent.front()?.1);
        let (mut slope, mut squares) = (0.0, 0.0);
        for (index, (_, mark)) in self.recent.iter().enumerate() {
            let from_middle = index as f64 - middle;
            slope += from_middle * (mark - origin);
            squares += from_middle * from_middle;
        }
        Some(core::f64::consts::TAU * squares / slope)
    }

    /// Opens a capture at the next sample.
    pub fn open(&mut self) -> CaptureId {
        let id = self.sampled.open();
        if let Some(open) = self.sampled.open.get_mut(&id.0) {
            open.demodulator = Some(Demodulator::new());
        }
        id
    }

    /// Complete strokes in an open capture so far; none in a capture of another stream.
    #[must_use]
    pub fn strokes_in(&self, id: &CaptureId) -> usize {
        self.sampled
            .open
            .get(&id.0)
            .map_or(0, |it| it.strokes.len())
    }

    /// Closes a capture after the last sample received.
    ///
    /// # Errors
    /// [`NotMeasurable::Defect`] if a sample in it is missing or no indication,
    /// [`NotMeasurable::NoSuchCapture`] if it was opened on another stream.
    pub fn close(&mut self, id: CaptureId) -> Result<Capture, NotMeasurable> {
        self.sampled.close(&id)
    }

    /// Defects since power-on, merged where they touch; the first thousand.
    #[must_use]
    pub fn defects(&self) -> &[SignalDefect] {
        self.sampled.check.defects()
    }

    /// Tops of stroke passed since power-on, complete strokes or not.
    #[must_use]
    pub fn tops_seen(&self) -> u64 {
        self.tracker.tops_seen()
    }
}

/// A sampled current from power-on to power-off.
#[derive(Debug)]
pub struct CurrentStream {
    sampled: Sampled,
}

impl CurrentStream {
    /// A stream that has seen nothing yet.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self {
            sampled: Sampled::new(channel),
        }
    }

    /// Takes one block.
    pub fn push(&mut self, block: &Block<'_>) {
        self.sampled.push(block);
    }

    /// Says that bench time is `now`; a stream that should have sent samples by then is silent.
    pub fn tick(&mut self, now: Nanoseconds) {
        self.sampled.tick(now);
    }

    /// Opens a capture at the next sample.
    pub fn open(&mut self) -> CaptureId {
        self.sampled.open()
    }

    /// Closes a capture after the last sample received.
    ///
    /// # Errors
    /// [`NotMeasurable::Defect`] if a sample in it is missing or no indication,
    /// [`NotMeasurable::NoSuchCapture`] if it was opened on another stream.
    pub fn close(&mut self, id: CaptureId) -> Result<Capture, NotMeasurable> {
        self.sampled.close(&id)
    }

    /// Defects since power-on, merged where they touch; the first thousand.
    #[must_use]
    pub fn defects(&self) -> &[SignalDefect] {
        self.sampled.check.defects()
    }
}

/// What the streams of sampled instruments share.
#[derive(Debug)]
struct Sampled {
    check: StreamCheck,
    /// Bench time of the latest block.
    latest: Option<(u64, Nanoseconds)>,
    open: BTreeMap<u64, Open>,
    n_opened: u64,
}

/// A capture in the making.
#[derive(Debug)]
struct Open {
    first_seq: u64,
    trace: TraceBuilder,
    strokes: Vec<Stroke>,
    /// None for a current.
    demodulator: Option<Demodulator>,
    /// First block in it.
    anchor: Option<(u64, Nanoseconds)>,
    /// First defect in it.
    defect: Option<SignalDefect>,
}

impl Sampled {
    fn new(channel: Channel) -> Self {
        Self {
            check: StreamCheck::new(channel),
            latest: None,
            open: BTreeMap::new(),
            n_opened: 0,
        }
    }

    fn push(&mut self, block: &Block<'_>) -> Vec<SignalDefect> {
        let defects = self.check.push(block);
        if !block.values.is_empty() {
            let here = (block.first_seq, block.at);
            self.latest = Some(here);
            for open in self.open.values_mut() {
                if open.anchor.is_none() {
                    open.anchor = Some(here);
                }
                open.trace.push(block.values);
            }
        }
        self.note(&defects);
        defects
    }

    fn tick(&mut self, now: Nanoseconds) {
        let defect = self.check.tick(now);
        self.note(defect.as_slice());
    }

    fn note(&mut self, defects: &[SignalDefect]) {
        for open in self.open.values_mut() {
            // Whatever shows while it is open counts, except what ended before it began.
            let inside = defects.iter().find(|it| it.last >= open.first_seq);
            open.defect = open.defect.or(inside.copied());
        }
    }

    fn open(&mut self) -> CaptureId {
        let id = self.n_opened;
        self.n_opened += 1;
        let channel = self.check.channel();
        let first_seq = self.check.next_seq();
        let trace = TraceBuilder::new(first_seq, channel.sample_rate_hz, channel.resolution);
        let open = Open {
            first_seq,
            trace,
            strokes: Vec::new(),
            demodulator: None,
            anchor: None,
            defect: None,
        };
        self.open.insert(id, open);
        CaptureId(id)
    }

    fn close(&mut self, id: &CaptureId) -> Result<Capture, NotMeasurable> {
        let open = self
            .open
            .remove(&id.0)
            .ok_or(NotMeasurable::NoSuchCapture)?;
        if let Some(defect) = open.defect {
            return Err(NotMeasurable::Defect(defect));
        }
        let (seq, at) = open.anchor.unwrap_or((open.first_seq, Nanoseconds::ZERO));
        let clock = SampleClock {
            seq,
            at,
            sample_s: self.sample_s((seq, at)),
        };
        Ok(Capture {
            strokes: open.strokes,
            trace: open.trace.finish(),
            clock,
            whole: open.demodulator.map_or(Whole::Unknown, Demodulator::finish),
            resolution: self.check.channel().resolution.max(0) as f64,
        })
    }

    /// Seconds a sample since the given block, by bench time; never further from nominal than
    /// the time base may be, so that jitter of bench times over a short span does no harm.
    fn sample_s(&self, (seq, at): (u64, Nanoseconds)) -> f64 {
        let channel = self.check.channel();
        let nominal_s = channel.sample_s();
        let Some((last_seq, last_at)) = self.latest.filter(|it| it.0 > seq && it.1 > at) else {
            return nominal_s;
        };
        let seen_s = (last_at - at).seconds() / (last_seq - seq) as f64;
        let error = f64::from(channel.time_base_ppb) * 1e-9;
        seen_s.clamp(nominal_s * (1.0 - error), nominal_s * (1.0 + error))
    }
}

/// The parts of a block that no defect touches, each with its first sequence number.
fn sound_stretches<'a>(block: &Block<'a>, defects: &[SignalDefect]) -> Vec<(u64, &'a [i64])> {
    let end = block.first_seq.saturating_add(block.values.len() as u64);
    let mut bad: Vec<(u64, u64)> = defects
        .iter()
        .map(|it| {
            (
                it.first.max(block.first_seq),
                it.last.saturating_add(1).min(end),
            )
        })
        .filter(|(from, to)| from < to)
        .collect();
    bad.sort_unstable();
    bad.push((end, end));
    let mut stretches = Vec::with_capacity(bad.len());
    let mut from = block.first_seq;
    for (bad_from, bad_to) in bad {
        if bad_from > from {
            // Both lie within the block, whose length is a usize.
            let range = (from - block.first_seq) as usize..(bad_from - block.first_seq) as usize;
            stretches.push((from, &block.values[range]));
        }
        from = from.max(bad_to);
    }
    stretches
}
