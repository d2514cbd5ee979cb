//! Keeps what the gauge shows while a row runs, and writes the rows that are wanted as Parquet.
//!
//! Samples are held as they come and encoded only if they are kept, so that a row that passes costs
//! a copy. So many are held at most that a bench needs 20 MB for them.

use crate::Failure;
use crate::args::Waveforms;
use crate::bundle::{Loaded, plain};
use crate::measure::PROGRAM;
use firmware_units::{Microhertz, Nanoseconds};
use rig_bench::{
    Actuation, Actuator, Bench, BenchError, BenchFault, Fixture, GAUGE, Identity, Instrument,
    Millivolts, Observation, SampleBlock, SampleStatus,
};
use rig_record::LotRecord;
use rig_spec::Verdict;
use rig_waveform::{
    Calibration, Description, ParquetWriter, Quantity, SampleFault, Stretch, Written, measure_level,
};
use std::cell::RefCell;
use std::rc::Rc;

/// Samples of one row that are held: 2 min of 20 kS/s.
const MOST: usize = 2_400_000;
/// What the level on the gauge block is taken from: as long as the rows' own window of it.
const BLOCK_S: f64 = 0.2;
/// It is still within this, nm.
const STILL_NM: f64 = 5_000.0;

/// A row's waveform that is to be kept.
pub(crate) struct Kept {
    /// Path inside the run's folder.
    pub(crate) name: String,
    /// The file.
    pub(crate) bytes: Vec<u8>,
    /// What `waveforms.csv` says of it: verdict, samples, whole, SHA-256 of the samples.
    pub(crate) notes: Vec<String>,
}

/// What is held of the row that runs.
#[derive(Default)]
struct Held {
    /// What the bench states of its gauge; none if it has none.
    gauge: Option<Description>,
    running: bool,
    blocks: Vec<SampleBlock>,
    samples: usize,
    cut: bool,
    /// Samples of the gauge block while it is in sight, the latest ones.
    on_block: Option<Vec<SampleBlock>>,
    /// The level last taken from it.
    level: Calibration,
}

/// The samples of one unit's rows, shared by the bench that they come through and the progress
/// that says which row runs.
#[derive(Clone)]
pub(crate) struct Recorder(Rc<RefCell<Held>>);

/// A bench whose gauge is recorded.
pub(crate) struct Recorded<'b, B: Bench> {
    bench: &'b mut B,
    recorder: Recorder,
}

impl<'b, B: Bench> Recorded<'b, B> {
    pub(crate) fn new(bench: &'b mut B, recorder: &Recorder) -> Self {
        Self {
            bench,
            recorder: recorder.clone(),
        }
    }
}

impl<B: Bench> Bench for Recorded<'_, B> {
    fn identity(&self) -> &Identity {
        self.bench.identity()
    }

    fn instruments(&self) -> &[Instrument] {
        self.bench.instruments()
    }

    fn fixture(&self) -> &Fixture {
        self.bench.fixture()
    }

    fn probe(&mut self) -> Result<probe_rs::probe::Probe, BenchError> {
        self.bench.probe()
    }

    fn now(&self) -> Nanoseconds {
        self.bench.now()
    }

    fn power_on(&mut self, supply: Millivolts) -> Result<(), BenchError> {
        self.bench.power_on(supply)
    }

    fn power_off(&mut self) -> Result<(), BenchError> {
        self.bench.power_off()
    }

    fn send(&mut self, bytes: &[u8]) -> Result<Nanoseconds, BenchError> {
        self.bench.send(bytes)
    }

    fn advance(&mut self, until: Nanoseconds) -> Result<Vec<Observation>, BenchError> {
        let observations = self.bench.advance(until)?;
        let mut held = self.recorder.0.borrow_mut();
        for observation in &observations {
            if let Observation::Samples { instrument, block } = observation
                && *instrument == GAUGE
            {
                held.take(block);
            }
        }
        Ok(observations)
    }

    fn actuate(&mut self, actuation: Actuation) -> Result<(), BenchError> {
        if let Actuation::GaugeBlock { present } = actuation {
            let mut held = self.recorder.0.borrow_mut();
            if present {
                held.on_block = Some(Vec::new());
            } else if let Some(blocks) = held.on_block.take() {
                held.level = held
                    .gauge
                    .as_ref()
                    .map_or_else(Calibration::default, |it| level(it, &blocks));
            }
        }
        self.bench.actuate(actuation)
    }

    fn actuators(&self) -> &[Actuator] {
        self.bench.actuators()
    }

    fn faults(&self) -> &[BenchFault] {
        self.bench.faults()
    }
}

impl Held {
    fn take(&mut self, block: &SampleBlock) {
        if let Some(on_block) = &mut self.on_block {
            on_block.push(block.clone());
            // The latest second is more than the level needs.
            let excess = on_block.len().saturating_sub(64);
            on_block.drain(..excess);
        }
        if !self.running || self.cut {
            return;
        }
        if self.samples + block.values.len() > MOST {
            self.cut = true;
            return;
        }
        self.samples += block.values.len();
        self.blocks.push(block.clone());
    }
}

impl Recorder {
    /// A recorder for what this bench's gauge shows.
    pub(crate) fn new<B: Bench>(bench: &B) -> Self {
        Self(Rc::new(RefCell::new(Held {
            gauge: describe(bench),
            ..Held::default()
        })))
    }

    /// A row begins.
    pub(crate) fn begin(&self) {
        let mut held = self.0.borrow_mut();
        held.blocks.clear();
        (held.running, held.samples, held.cut) = (true, 0, false);
    }

    /// What was shown since it began, as a Parquet file; nothing if the bench has no gauge, or there
    /// was more than is held.
    pub(crate) fn parquet(&self, subject: &str) -> Option<Vec<u8>> {
        let held = self.0.borrow();
        let first = held.blocks.iter().find(|it| !it.values.is_empty())?;
        let gauge = held.gauge.as_ref().filter(|_| !held.cut)?;
        let encoded = encode(
            gauge,
            &held.level,
            first.at,
            &held.blocks,
            subject.to_owned(),
        );
        encoded.ok().map(|(bytes, _)| bytes)
    }

    /// A row was judged: its waveform, if it is wanted and there is one.
    pub(crate) fn judged(
        &self,
        wanted: Waveforms,
        (serial, row): (&str, &str),
        verdict: Option<Verdict>,
    ) -> Result<Option<Kept>, Failure> {
        let mut held = self.0.borrow_mut();
        held.running = false;
        let blocks = std::mem::take(&mut held.blocks);
        let first = blocks.iter().find(|it| !it.values.is_empty());
        let verdict = verdict.filter(|it| wanted.includes(*it));
        let (Some(verdict), Some(first), Some(gauge)) = (verdict, first, &held.gauge) else {
            return Ok(None);
        };
        let (bytes, written) = encode(
            gauge,
            &held.level,
            first.at,
            &blocks,
            format!("{serial} {row}"),
        )?;
        let whole = if held.cut { "no" } else { "yes" };
        Ok(Some(Kept {
            name: format!("waveforms/{}-{}.parquet", plain(serial), plain(row)),
            bytes,
            notes: vec![
                verdict.to_string(),
                written.samples.to_string(),
                whole.to_owned(),
                written.samples_sha256,
            ],
        }))
    }
}

/// Samples as a Parquet file.
fn encode(
    gauge: &Description,
    level: &Calibration,
    first_at: Nanoseconds,
    blocks: &[SampleBlock],
    subject: String,
) -> Result<(Vec<u8>, Written), Failure> {
    let mut description = gauge.clone();
    description.first_at = first_at;
    description.subject = subject;
    description.calibration = description.calibration.overridden_by(level.clone());
    let mut writer = ParquetWriter::new(Vec::new(), &description, PROGRAM).map_err(Failure::rig)?;
    for block in blocks {
        writer.push(&stretch(block)).map_err(Failure::rig)?;
    }
    writer.finish(&[]).map_err(Failure::rig)
}

impl Waveforms {
    fn includes(self, verdict: Verdict) -> bool {
        match self {
            Self::None => false,
            Self::Failed => verdict != Verdict::Pass,
            Self::All => true,
        }
    }
}

/// `waveforms.csv`: which waveform belongs to which row of which unit; nothing if none was kept.
pub(crate) fn index(loaded: &Loaded, record: &LotRecord) -> Option<String> {
    let mut text =
        String::from("bench,lot,unit,row,verdict,file,samples,whole,samples_sha256,file_sha256\n");
    let header = &record.header;
    let mut count = 0;
    for unit in &loaded.units {
        for (row, file, notes) in unit.files() {
            let [verdict, samples, whole, samples_sha256] = notes else {
                continue;
            };
            text.push_str(&format!(
                "{},{},{},{row},{verdict},{},{samples},{whole},{samples_sha256},{}\n",
                header.bench.kind,
                plain(&header.lot),
                plain(&unit.serial),
                file.name,
                file.sha256
            ));
            count += 1;
        }
    }
    let hash = rig_spec::sha256(text.as_bytes());
    text.push_str(&format!("END,{count},{hash},,,,,,,\n"));
    (count > 0).then_some(text)
}

/// What the bench states of its gauge; none if it has none.
fn describe<B: Bench>(bench: &B) -> Option<Description> {
    let gauge = bench.instruments().iter().find(|it| it.id == GAUGE)?;
    let (certificate, fixture) = (&gauge.certificate, bench.fixture());
    let block = &fixture.block_certificate;
    let rate = Microhertz(i64::from(gauge.sample_rate_hz) * 1_000_000);
    Some(Description {
        instrument: gauge.id.to_string(),
        model: gauge.model.clone(),
        serial: gauge.serial.clone(),
        resolution: gauge.resolution,
        range: Some(gauge.range),
        calibration: Calibration {
            certificate: Some(certificate.id.clone()),
            traceability: Some(certificate.traceability.clone()),
            due: Some(certificate.due.clone()),
            expanded: Some(certificate.expanded_uncertainty),
            coverage_factor: Some(certificate.coverage_factor),
            linearity: Some(certificate.linearity),
            time_base_ppb: Some(certificate.time_base_ppb),
            bandwidth_hz: Some(f64::from(gauge.bandwidth_hz)),
            noise_floor: Some(fixture.gauge_noise_floor_nm),
            tilt_deg: Some(fixture.tilt_deg),
            drift_per_kelvin: Some(fixture.drift_nm_per_kelvin),
            temperature_kelvin: Some(fixture.temperature_kelvin),
            seating: Some(fixture.seating_nm),
            block_height: Some(fixture.block_height_nm),
            block_u: Some(block.expanded_uncertainty / block.coverage_factor),
            ..Calibration::default()
        },
        ..Description::new(Quantity::Displacement, rate)
    })
}

/// The level on the gauge block from the last samples before it was taken away; nothing if they
/// are no still record of it.
fn level(description: &Description, blocks: &[SampleBlock]) -> Calibration {
    let end = blocks
        .last()
        .map_or(0, |it| it.first_seq + it.values.len() as u64);
    let begin = end.saturating_sub((BLOCK_S * description.rate_hz()) as u64);
    let stretches = blocks
        .iter()
        .filter(|it| it.first_seq >= begin)
        .map(stretch);
    match measure_level(description, stretches, STILL_NM) {
        Ok(level) => Calibration {
            block_level: Some(level.value),
            block_level_u: Some(level.u),
            block_level_dof: level.dof.is_finite().then_some(level.dof),
            ..Calibration::default()
        },
        Err(_) => Calibration::default(),
    }
}

fn stretch(block: &SampleBlock) -> Stretch {
    let fault = |status| match status {
        SampleStatus::NoTarget => SampleFault::NoTarget,
        SampleStatus::OutOfRange => SampleFault::OutOfRange,
    };
    let exceptions = block.exceptions.iter();
    Stretch {
        first_seq: block.first_seq,
        values: block.values.clone(),
        exceptions: exceptions.map(|it| (it.0, fault(it.1))).collect(),
    }
}
