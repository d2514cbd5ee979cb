//! The measuring chain of one unit: instrument streams, the zero, and the ceiling that every
//! stroke of the run is held against.

use crate::motion::{MotionLog, Samples};
use crate::thermometer::Thermometer;
use firmware_units::{Micrometers, Nanometers, Nanoseconds};
use rig_bench::{
    AMBIENT_THERMOMETER, FORCE, Fixture, GAUGE, Instrument, InstrumentId, MOTOR_CURRENT,
    NOSE_THERMOMETER, SampleBlock, SampleStatus, TACHOMETER,
};
use rig_measure::{
    Block, Capture, CaptureId, Channel, Contact, CurrentStream, DefectKind, EdgeCapture, Estimate,
    GaugeProperties, GaugeStream, NotMeasurable, SampleFault, SignalDefect, Stroke, StrokeSettings,
    TachometerStream, Zero, protrusion_budget,
};

/// Movement from trough to top below this is no stroke: a third of the cam's 3 mm.
const SMALLEST_STROKE_NM: f64 = 1_000_000.0;
/// Slower than this is a movement, not a stroke.
const SLOWEST_STROKE_HZ: f64 = 0.5;
/// Half the cam's stroke (firmware/HARDWARE.md).
const STROKE_AMPLITUDE_NM: f64 = 1_500_000.0;
/// Largest residual bias of the per-stroke fit that the measuring chain is tested for.
const FIT_BIAS_NM: f64 = 100.0;

/// The deepest setting, and the fastest (firmware/HARDWARE.md).
const DEEPEST_NM: f64 = 2_500_000.0;
pub(crate) const FASTEST_HZ: f64 = 150.0;

/// Losses of the target in one run beyond which the instrument counts as broken.
const FLICKERS_AT_MOST: usize = 200;

/// An instrument's samples cannot be measured from: the instrument failed, not the pen.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ChainError {
    /// It stopped, held its last value, or lost samples.
    #[error("{instrument}: {defect}")]
    Instrument {
        /// Which instrument.
        instrument: InstrumentId,
        /// What its samples show.
        defect: SignalDefect,
    },
}

/// The deepest stroke of a run against the ceiling in force when it was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeepestStroke {
    /// Protrusion above the ceiling, nm; negative while every stroke stays below it.
    pub excess_nm: f64,
    /// Protrusion at top of stroke, nm.
    pub protrusion_nm: f64,
    /// Standard uncertainty of this stroke's fit, nm.
    pub fit_u_nm: f64,
    /// The stroke itself.
    pub stroke: Stroke,
}

/// A stroke that stood out further than others, whatever ceiling was in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FurthestStroke {
    /// Protrusion at top of stroke, nm.
    pub(crate) protrusion_nm: f64,
    /// Standard uncertainty of this stroke's fit, nm.
    pub(crate) fit_u_nm: f64,
}

/// What all instruments kept of one window.
#[derive(Debug)]
pub struct Window {
    /// The gauge.
    pub gauge: Capture,
    /// The tachometer.
    pub edges: EdgeCapture,
    /// The current probe.
    pub current: Capture,
}

/// Open captures on every instrument.
#[derive(Debug)]
pub struct OpenWindow {
    gauge: CaptureId,
    edges: CaptureId,
    current: CaptureId,
}

/// Every instrument's stream, from power-on to power-off.
#[derive(Debug)]
pub struct Chain {
    gauge: GaugeStream,
    edges: TachometerStream,
    current: CurrentStream,
    /// The force sensor, on a bench that has one.
    force: Option<(CurrentStream, Instrument)>,
    gauge_instrument: Instrument,
    edges_instrument: Instrument,
    current_instrument: Instrument,
    nose: Option<Thermometer>,
    ambient: Option<Thermometer>,
    fixture: Fixture,
    zero: Option<Zero>,
    ceiling_nm: f64,
    deepest: Option<DeepestStroke>,
    /// The stroke that stood out furthest since this was last begun.
    furthest: Option<FurthestStroke>,
    n_strokes: u64,
    /// Latest edge whose bench time is known, and its time by the tachometer's own clock, ns.
    edge: Option<(Nanoseconds, i64)>,
    /// What is kept while a sequence runs.
    motion: Option<MotionLog>,
}

impl Chain {
    /// A chain for the bench's instruments; the first that is missing otherwise. Thermometers may be
    /// missing: few rows need them.
    ///
    /// # Errors
    /// The instrument that this bench lacks.
    pub fn new(instruments: &[Instrument], fixture: &Fixture) -> Result<Self, InstrumentId> {
        let find = |id: InstrumentId| {
            instruments
                .iter()
                .find(|instrument| instrument.id == id)
                .cloned()
                .ok_or(id)
        };
        let (gauge, edges, current) = (find(GAUGE)?, find(TACHOMETER)?, find(MOTOR_CURRENT)?);
        let channel = |instrument: &Instrument, noise: f64| Channel {
            sample_rate_hz: instrument.sample_rate_hz,
            resolution: i64::from(instrument.resolution),
            range: instrument.range,
            noise,
            time_base_ppb: instrument.certificate.time_base_ppb,
            at_jitter: Nanoseconds(fixture.time_jitter_ns),
        };
        let settings = StrokeSettings {
            sample_rate_hz: gauge.sample_rate_hz,
            smallest_stroke_nm: SMALLEST_STROKE_NM,
            slowest_hz: SLOWEST_STROKE_HZ,
        };
        // Its noise is not stated, so that held values do not show; whoever relies on it looks at
        // it with and without a force.
        let force = find(FORCE)
            .ok()
            .map(|it| (CurrentStream::new(channel(&it, 0.0)), it));
        Ok(Self {
            force,
            gauge: GaugeStream::new(channel(&gauge, fixture.gauge_noise_floor_nm), settings),
            edges: TachometerStream::new(),
            current: CurrentStream::new(channel(&current, fixture.current_noise_floor_ua)),
            gauge_instrument: gauge,
            edges_instrument: edges,
            current_instrument: current,
            nose: find(NOSE_THERMOMETER).ok().map(Thermometer::new),
            ambient: find(AMBIENT_THERMOMETER).ok().map(Thermometer::new),
            fixture: fixture.clone(),
            zero: None,
            ceiling_nm: 0.0,
            deepest: None,
            furthest: None,
            n_strokes: 0,
            edge: None,
            motion: None,
        })
    }

    /// Takes samples of one instrument.
    pub(crate) fn take(
        &mut self,
        instrument: InstrumentId,
        samples: &SampleBlock,
    ) -> Result<(), ChainError> {
        let exceptions: Vec<_> = samples
            .exceptions
            .iter()
            .map(|&(index, status)| {
                let fault = match status {
                    SampleStatus::NoTarget => SampleFault::NoTarget,
                    SampleStatus::OutOfRange => SampleFault::OutOfRange,
                };
                (index, fault)
            })
            .collect();
        let block = Block {
            first_seq: samples.first_seq,
            at: samples.at,
            values: &samples.values,
            exceptions: &exceptions,
        };
        if self.motion.is_some() {
            self.log_samples(instrument, samples);
        }
        if instrument == GAUGE {
            for stroke in self.gauge.push(&block) {
                self.n_strokes += 1;
                self.hold_against_ceiling(&stroke);
                self.log_top(samples, &stroke);
            }
            sound(GAUGE, self.gauge.defects())
        } else if instrument == MOTOR_CURRENT {
            self.current.push(&block);
            sound(MOTOR_CURRENT, self.current.defects())
        } else if let Some((force, _)) = &mut self.force
            && instrument == FORCE
        {
            force.push(&block);
            sound(FORCE, force.defects())
        } else if instrument == TACHOMETER {
            self.edges.push(samples.first_seq, &samples.values);
            if let Some(&first_ns) = samples.values.first() {
                self.edge = Some((samples.at, first_ns));
            }
            sound(TACHOMETER, self.edges.defects())
        } else {
            let thermometers = [&mut self.nose, &mut self.ambient].into_iter().flatten();
            for thermometer in thermometers.filter(|it| it.instrument().id == instrument) {
                thermometer.take(samples);
            }
            Ok(())
        }
    }

    /// Says that bench time is `now`: an instrument that should have sent samples is silent.
    pub(crate) fn tick(&mut self, now: Nanoseconds) -> Result<(), ChainError> {
        self.gauge.tick(now);
        self.current.tick(now);
        sound(GAUGE, self.gauge.defects())?;
        sound(MOTOR_CURRENT, self.current.defects())?;
        if let Some((force, _)) = &mut self.force {
            force.tick(now);
            sound(FORCE, force.defects())?;
        }
        Ok(())
    }

    /// Keeps every stroke, edge and slice from now on, until [`Chain::end_motion_log`]; false without
    /// a zero, from which protrusion is measured.
    pub(crate) fn begin_motion_log(&mut self, now: Nanoseconds) -> bool {
        let offset_nm = self.zero.map(|it| it.protrusion_nm(0.0));
        self.motion = offset_nm.map(|offset_nm| MotionLog::new(now, offset_nm));
        self.motion.is_some()
    }

    /// Ends the log.
    pub(crate) fn end_motion_log(&mut self) -> Option<MotionLog> {
        self.motion.take()
    }

    fn log_samples(&mut self, instrument: InstrumentId, samples: &SampleBlock) {
        let Some(motion) = &mut self.motion else {
            return;
        };
        if instrument == GAUGE {
            let (lowest, highest) = self.gauge_instrument.range;
            let block = sampled(&self.gauge_instrument, samples);
            motion.gauge(block, |index| {
                let value = samples.values[index];
                let place = |it: &(u32, SampleStatus)| it.0 as usize;
                let marked = samples.exceptions.binary_search_by_key(&index, place);
                marked.is_ok() || value <= lowest || value >= highest
            });
        } else if instrument == MOTOR_CURRENT {
            motion.current(sampled(&self.current_instrument, samples));
        } else if instrument == TACHOMETER {
            motion.edges(samples.at, &samples.values);
        }
    }

    fn log_top(&mut self, samples: &SampleBlock, stroke: &Stroke) {
        let block = sampled(&self.gauge_instrument, samples);
        if let Some(motion) = &mut self.motion {
            let index = stroke.top - samples.first_seq as f64;
            let peak = (stroke.peak_nm, stroke.peak_u_nm);
            motion.top(block, index, peak, stroke.width);
        }
    }

    /// Expanded uncertainty (k = 2) of a protrusion of 2.5 mm at the highest rate, nm, beyond that
    /// of its own fit; nothing without a zero.
    pub(crate) fn protrusion_u_nm(&self) -> Option<f64> {
        let estimate = Estimate {
            value: DEEPEST_NM,
            u: 0.0,
            dof: f64::INFINITY,
            n: 1,
        };
        let zero = self.zero.as_ref()?;
        let properties = self.gauge_properties();
        // Tops that skin flattens unseen read too deep, never too shallow: on the strict side.
        let contact = Contact::Excluded;
        let budget = protrusion_budget(&estimate, zero, &properties, FASTEST_HZ, contact);
        Some(2.0 * budget.combine().u_c)
    }

    fn hold_against_ceiling(&mut self, stroke: &Stroke) {
        let Some(zero) = &self.zero else { return };
        let protrusion_nm = stroke.peak_nm - zero.level.value + zero.block_height_nm;
        let further = self
            .furthest
            .is_none_or(|it| protrusion_nm > it.protrusion_nm);
        if further {
            self.furthest = Some(FurthestStroke {
                protrusion_nm,
                fit_u_nm: stroke.peak_u_nm,
            });
        }
        if self.motion.is_some() {
            // A sequence's ceilings are those of its trace, which is held against them by itself.
            return;
        }
        let excess_nm = protrusion_nm - self.ceiling_nm;
        if self
            .deepest
            .is_none_or(|deepest| excess_nm > deepest.excess_nm)
        {
            let fit_u_nm = stroke.peak_u_nm;
            self.deepest = Some(DeepestStroke {
                excess_nm,
                protrusion_nm,
                fit_u_nm,
                stroke: *stroke,
            });
        }
    }

    /// The highest protrusion allowed from now on: limit in force or cartridge, the lower.
    pub(crate) fn set_ceiling(&mut self, ceiling: Micrometers) {
        self.ceiling_nm = Nanometers::from(ceiling).0 as f64;
    }

    /// Takes the level on the gauge block as zero.
    pub(crate) fn set_zero(&mut self, level: Estimate) -> Zero {
        let block = &self.fixture.block_certificate;
        let zero = Zero {
            level,
            block_height_nm: self.fixture.block_height_nm,
            block_u_nm: block.expanded_uncertainty / block.coverage_factor,
        };
        self.zero = Some(zero);
        zero
    }

    /// Zero in force.
    #[must_use]
    pub fn zero(&self) -> Option<&Zero> {
        self.zero.as_ref()
    }

    /// The deepest stroke since the zero was taken, and how many strokes there were.
    #[must_use]
    pub fn deepest(&self) -> Option<(DeepestStroke, u64)> {
        Some((self.deepest?, self.n_strokes))
    }

    /// The stroke that stood out furthest since this was last asked.
    pub(crate) fn take_furthest(&mut self) -> Option<FurthestStroke> {
        self.furthest.take()
    }

    /// Whether the gauge had its target in sight and in range all along, so that no stroke went
    /// unseen.
    #[must_use]
    pub fn saw_everything(&self) -> bool {
        self.gauge.defects().is_empty()
    }

    /// What is known of the gauge in this fixture.
    #[must_use]
    pub fn gauge_properties(&self) -> GaugeProperties {
        let certificate = &self.gauge_instrument.certificate;
        GaugeProperties {
            certificate_expanded_nm: certificate.expanded_uncertainty,
            certificate_k: certificate.coverage_factor,
            linearity_nm: certificate.linearity,
            tilt_deg: self.fixture.tilt_deg,
            drift_nm_per_kelvin: self.fixture.drift_nm_per_kelvin,
            temperature_kelvin: self.fixture.temperature_kelvin,
            bandwidth_hz: f64::from(self.gauge_instrument.bandwidth_hz),
            stroke_amplitude_nm: STROKE_AMPLITUDE_NM,
            fit_bias_nm: FIT_BIAS_NM,
            seating_nm: self.fixture.seating_nm,
        }
    }

    /// The gauge.
    #[must_use]
    pub fn gauge_instrument(&self) -> &Instrument {
        &self.gauge_instrument
    }

    /// The tachometer.
    #[must_use]
    pub fn edges_instrument(&self) -> &Instrument {
        &self.edges_instrument
    }

    /// The current probe.
    #[must_use]
    pub fn current_instrument(&self) -> &Instrument {
        &self.current_instrument
    }

    /// The force sensor, if the bench has one.
    #[must_use]
    pub fn force_instrument(&self) -> Option<&Instrument> {
        self.force.as_ref().map(|(_, instrument)| instrument)
    }

    /// Opens a capture on the force sensor; nothing without one.
    pub(crate) fn open_force(&mut self) -> Option<CaptureId> {
        self.force.as_mut().map(|(force, _)| force.open())
    }

    /// Closes a capture on the force sensor.
    ///
    /// # Errors
    /// A sample in it is missing or no indication, or there is no such sensor.
    pub(crate) fn close_force(&mut self, id: CaptureId) -> Result<Capture, NotMeasurable> {
        match &mut self.force {
            Some((force, _)) => force.close(id),
            None => Err(NotMeasurable::NoSuchCapture),
        }
    }

    /// The thermometers on the nose and in the air, if the bench has both.
    pub(crate) fn thermometers(&self) -> Option<(&Thermometer, &Thermometer)> {
        self.nose.as_ref().zip(self.ambient.as_ref())
    }

    /// The fixture.
    #[must_use]
    pub fn fixture(&self) -> &Fixture {
        &self.fixture
    }

    /// Opens a capture on every instrument.
    pub fn open(&mut self) -> OpenWindow {
        OpenWindow {
            gauge: self.gauge.open(),
            edges: self.edges.open(),
            current: self.current.open(),
        }
    }

    /// Complete strokes of the gauge in an open window.
    pub(crate) fn strokes_in(&self, window: &OpenWindow) -> usize {
        self.gauge.strokes_in(&window.gauge)
    }

    /// Edges of the tachometer since power-on.
    pub(crate) fn edges_seen(&self) -> u64 {
        self.edges.edges_seen()
    }

    /// Tops of stroke that the gauge saw pass since power-on, measured or not.
    pub(crate) fn tops_seen(&self) -> u64 {
        self.gauge.tops_seen()
    }

    /// Opens captures on gauge and tachometer, which see the motion, whatever the current does.
    pub(crate) fn open_motion(&mut self) -> (CaptureId, CaptureId) {
        (self.gauge.open(), self.edges.open())
    }

    /// Closes captures on gauge and tachometer.
    ///
    /// # Errors
    /// A sample in one of them is missing or no indication.
    pub(crate) fn close_motion(
        &mut self,
        (gauge, edges): (CaptureId, CaptureId),
    ) -> Result<(Capture, EdgeCapture), NotMeasurable> {
        let (gauge, edges) = (self.gauge.close(gauge), self.edges.close(edges));
        Ok((gauge?, edges?))
    }

    /// Opens a capture on the tachometer alone.
    pub(crate) fn open_edges(&mut self) -> CaptureId {
        self.edges.open()
    }

    /// Closes a capture on the tachometer.
    ///
    /// # Errors
    /// An edge in it was lost or out of order.
    pub(crate) fn close_edges(&mut self, id: CaptureId) -> Result<EdgeCapture, NotMeasurable> {
        self.edges.close(id)
    }

    /// Seconds of bench time from an event to an edge, by the latest edge whose bench time is
    /// known: wrong by the tachometer's time base over the time between both edges.
    pub(crate) fn seconds_to_edge(&self, event: Nanoseconds, edge_ns: i64) -> Option<f64> {
        let (at, anchor_ns) = self.edge?;
        let since_ns = i128::from(at.0) - i128::from(event.0);
        let between_ns = i128::from(edge_ns) - i128::from(anchor_ns);
        Some((since_ns + between_ns) as f64 * 1e-9)
    }

    /// Closes a window.
    ///
    /// # Errors
    /// A sample in it is missing or no indication.
    pub fn close(&mut self, window: OpenWindow) -> Result<Window, NotMeasurable> {
        let gauge = self.gauge.close(window.gauge);
        let edges = self.edges.close(window.edges);
        let current = self.current.close(window.current);
        Ok(Window {
            gauge: gauge?,
            edges: edges?,
            current: current?,
        })
    }
}

/// A block's samples with the time from one to the next.
fn sampled<'a>(instrument: &Instrument, samples: &'a SampleBlock) -> Samples<'a> {
    Samples {
        at: samples.at,
        step_ns: 1e9 / f64::from(instrument.sample_rate_hz.max(1)),
        values: &samples.values,
    }
}

/// A defect of the instrument itself ends the run; a target out of sight or range may be the
/// pen's doing and makes the window not measurable instead.
fn sound(instrument: InstrumentId, defects: &[SignalDefect]) -> Result<(), ChainError> {
    let broken = defects
        .iter()
        .find(|defect| !matches!(defect.kind, DefectKind::NoTarget | DefectKind::OutOfRange));
    // An instrument that flickers so often is not to be believed either, and would fill the log
    // in which a worse defect must be seen.
    let flickers = defects.get(FLICKERS_AT_MOST);
    match broken.or(flickers) {
        Some(&defect) => Err(ChainError::Instrument { instrument, defect }),
        None => Ok(()),
    }
}
