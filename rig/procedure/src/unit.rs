//! One unit from flashing to power-off: which rows are run, in which order, and what becomes of
//! each attempt.

mod dispatch;
mod explore;
mod order;
mod record;
mod sequences;
mod study;
mod watch;

pub use explore::{Driver, SequencesError, SequencesJob, run_sequences};
pub use sequences::{sequence_ranges, sequence_seed, spec_sha256};
pub use study::{StudyJob, can_be_studied, run_setup};
pub use watch::Progress;

use crate::chain::{Chain, Window};
use crate::flash::{self, FlashError, FlashPolicy};
use crate::image::{Image, hex};
use crate::link::LinkCounts;
use crate::pen::{Limits, Pen, fault_names};
use crate::rows::faults::Trials;
use crate::rows::hour::Hour;
use crate::rows::sequences::Sequences;
use crate::rows::{RowError, link, rig};
use crate::session::{GoOn, Session, SessionError};
use crate::unit::order::{HOUR, ORDER, PROVOKES_FAULT, WHOLE_RUN};
use crate::unit::watch::RowAt;
use firmware_units::{Micrometers, Millivolts, Nanoseconds};
use firmware_wire::Identity;
use rig_bench::{Bench, GAUGE, InstrumentId, MOTOR_CURRENT, TACHOMETER};
use rig_measure::{NotMeasurable, Zero};
use rig_record::{Anomaly, AnomalyKind, Attempt, AttemptEnd, DutIdentity, NotRun, UnitRecord};
use rig_spec::{Plan, Row, RowInstrument, Rule, SpecSet, TableName, Verdict};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::rc::Rc;

/// Nominal supply of Pen A1 (firmware/HARDWARE.md).
pub const NOMINAL_SUPPLY: Millivolts = Millivolts(3_700);

/// What is to be done to one unit.
#[derive(Clone, Copy, Debug)]
pub struct UnitJob<'a> {
    /// The spec.
    pub spec: &'a SpecSet,
    /// The plan.
    pub plan: &'a Plan,
    /// The image to flash.
    pub image: &'a Image,
    /// Build id that the image's provenance states, hexadecimal; checked against the pen's own.
    pub build_id: Option<&'a str>,
    /// Serial number by the intake list.
    pub serial: &'a str,
    /// Position among the units of the run, from zero: rows wanted on n units are run on the
    /// first n of them.
    pub index: u32,
    /// How many units the run has: what is done once an image is divided over those that the plan
    /// wants it on.
    pub of: u32,
    /// When the pen is flashed.
    pub flash: FlashPolicy,
    /// Date of the run, ISO 8601: instruments must be within calibration on it.
    pub date: &'a str,
}

/// Runs every row of the plan on one unit. Whatever happens, there is a record of it.
pub fn run_unit<B: Bench>(
    bench: &mut B,
    job: &UnitJob<'_>,
    progress: &mut dyn FnMut(Progress),
    interrupted: &dyn Fn() -> bool,
) -> UnitRecord {
    let mut unit = Unit::new(job);
    let end = unit.run(bench, progress, interrupted);
    let bench_time = bench.now();
    let power_off = bench.power_off();
    unit.record(
        bench_time,
        end.and(power_off.map_err(|error| End::Bench(error.to_string()))),
    )
}

/// Why a unit's run ended before its last row.
enum End {
    Bench(String),
    Unfit(String),
    Interrupted,
}

impl From<SessionError> for End {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Interrupted => Self::Interrupted,
            other => Self::Bench(chain_text(&other)),
        }
    }
}

impl From<RowError> for End {
    fn from(error: RowError) -> Self {
        match error {
            RowError::Session(error) => error.into(),
            other => Self::Unfit(other.to_string()),
        }
    }
}

/// Brings an interrupted pen to rest. However that goes, power-off follows, and the run was
/// interrupted.
fn park<B: Bench>(pen: &mut Pen<'_, B>) {
    pen.session.unwatched();
    let _ = pen.recover();
}

/// An error and its causes on one line.
fn chain_text(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}

struct Unit<'j> {
    job: &'j UnitJob<'j>,
    attempts: BTreeMap<String, Vec<Attempt>>,
    identity: Option<DutIdentity>,
    read_back: Option<String>,
    anomalies: Vec<Anomaly>,
    windows: BTreeMap<&'static str, Window>,
    first_zero: Option<Zero>,
    fresh_cartridge: bool,
    /// Trials with faults brought about, on which two rows rest.
    trials: Vec<Trials>,
    /// The treatment that several rows of endurance share, once it was run.
    hour: Option<Hour>,
    /// What all sequences showed, on which three rows rest.
    sequences: Option<Sequences>,
    /// What is to be told to whoever watches, as soon as the session looks up.
    notes: Rc<RefCell<Vec<Progress>>>,
}

impl<'j> Unit<'j> {
    fn new(job: &'j UnitJob<'j>) -> Self {
        Self {
            job,
            attempts: BTreeMap::new(),
            identity: None,
            read_back: None,
            anomalies: Vec::new(),
            windows: BTreeMap::new(),
            first_zero: None,
            fresh_cartridge: false,
            trials: Vec::new(),
            hour: None,
            sequences: None,
            notes: Rc::default(),
        }
    }

    /// The rows of the plan that this unit is drawn for and that the rig can run, in order.
    fn rows(&self) -> Vec<&'j Row> {
        let planned = |id: &&str| {
            let entry = self.job.plan.entry(id);
            entry.is_some_and(|entry| entry.n_units.includes(self.job.index))
        };
        let rows = ORDER.into_iter().filter(planned);
        rows.filter_map(|id| self.job.spec.row(id))
            .filter(|row| !row.is_external())
            .collect()
    }

    fn run<B: Bench>(
        &mut self,
        bench: &mut B,
        progress: &mut dyn FnMut(Progress),
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), End> {
        self.check_calibration(bench)?;
        let chain = match Chain::new(bench.instruments(), bench.fixture()) {
            Ok(chain) => chain,
            Err(missing) => {
                self.miss_instrument(missing);
                return Ok(());
            }
        };
        progress(Progress::Flashing);
        self.flash(bench)?;
        bench
            .power_on(NOMINAL_SUPPLY)
            .map_err(|error| End::Bench(error.to_string()))?;
        let cartridges = u64::from(self.job.index) << 32;
        let limits = self.limits()?;
        let progress = RefCell::new(progress);
        let row_at = RefCell::new(RowAt::default());
        let notes = Rc::clone(&self.notes);
        let tell = || {
            for note in notes.take() {
                progress.borrow_mut()(note);
            }
        };
        let onlooker = |now| {
            tell();
            if interrupted() {
                return GoOn::No;
            }
            if let Some(passing) = row_at.borrow_mut().passing(now) {
                progress.borrow_mut()(passing);
            }
            GoOn::Yes
        };
        let session = Session::new(bench, chain).watched_by(&onlooker);
        let mut pen = Pen::new(session, cartridges, limits);
        self.admit(&mut pen)?;
        let rows = self.rows();
        for (done, row) in rows.iter().enumerate() {
            if interrupted() {
                park(&mut pen);
                return Err(End::Interrupted);
            }
            progress.borrow_mut()(Progress::Row {
                row: row.id.to_string(),
                done,
                of: rows.len(),
            });
            row_at.replace(RowAt::new(row, pen.session.now()));
            let ran = self.run_row(&mut pen, row);
            row_at.take();
            tell();
            if matches!(ran, Err(End::Interrupted)) {
                park(&mut pen);
            }
            ran?;
            let verdict = self.last_verdict(row);
            progress.borrow_mut()(Progress::Judged {
                row: row.id.to_string(),
                verdict,
            });
            if row.table == TableName::Rig && verdict == Some(Verdict::Fail) {
                // The rig itself is out of its limits: what it measured before is void.
                return Err(End::Bench(format!(
                    "{} {} is outside its limits",
                    row.id, row.measurand
                )));
            }
        }
        self.note_link(&pen);
        Ok(())
    }

    fn last_verdict(&self, row: &Row) -> Option<Verdict> {
        match &self.attempts.get(row.id.as_str())?.last()?.end {
            AttemptEnd::Judged { decision, .. } => Some(decision.verdict),
            AttemptEnd::Reported { .. } | AttemptEnd::NotMeasured(_) => None,
        }
    }

    /// Armed limit and range of the pen, as the rows of refusal name them: one notch below the
    /// lowest depth that must be refused.
    fn limits(&self) -> Result<Limits, End> {
        let below = |id: &str| -> Result<Micrometers, RowError> {
            let depths = link::depths_named(self.row(id)?)?;
            let lowest = depths.into_iter().min().unwrap_or(link::NOTCH);
            Ok(lowest - link::NOTCH)
        };
        let limits = || -> Result<Limits, RowError> {
            Ok(Limits {
                armed: below("DEP-10")?,
                range: below("DEP-14")?,
            })
        };
        limits().map_err(|error| End::Bench(format!("depth limits of the spec: {error}")))
    }

    /// No instrument may be used beyond the date on its certificate.
    fn check_calibration<B: Bench>(&self, bench: &B) -> Result<(), End> {
        let instruments = bench.instruments().iter();
        let certificates = instruments
            .map(|it| (it.id.0, &it.certificate))
            .chain([("gauge block", &bench.fixture().block_certificate)]);
        for (name, certificate) in certificates {
            // ISO 8601 dates compare as text.
            if certificate.due.as_str() < self.job.date {
                return Err(End::Bench(format!(
                    "{name}: calibration {} expired on {}; have it calibrated and enter the new certificate",
                    certificate.id, certificate.due
                )));
            }
        }
        Ok(())
    }

    fn miss_instrument(&mut self, missing: InstrumentId) {
        let instrument = match missing {
            GAUGE => RowInstrument::Gauge,
            TACHOMETER => RowInstrument::Tachometer,
            MOTOR_CURRENT => RowInstrument::CurrentProbe,
            _ => RowInstrument::All,
        };
        for row in self.rows() {
            self.not_measured(row, Nanoseconds::ZERO, NotRun::NeedsInstrument(instrument));
        }
    }

    fn flash<B: Bench>(&mut self, bench: &mut B) -> Result<(), End> {
        let flash = match self.job.flash {
            FlashPolicy::Always => flash::flash,
            FlashPolicy::IfDifferent => flash::flash_if_different,
            FlashPolicy::Never => return Ok(()),
        };
        let chip = bench.identity().chip.clone();
        let probe = bench
            .probe()
            .map_err(|error| End::Bench(error.to_string()))?;
        let flashed = flash(probe, &chip, self.job.image)
            .map_err(|error: FlashError| End::Bench(format!("flashing: {}", chain_text(&error))))?;
        self.read_back = Some(flashed.read_back_sha256);
        Ok(())
    }

    /// Boot, identity, zero, first cartridge.
    fn admit<B: Bench>(&mut self, pen: &mut Pen<'_, B>) -> Result<(), End> {
        pen.wait_for_boot()?;
        pen.session.set_counts(LinkCounts::default());
        let identity = pen.identify()?;
        let mismatch = self.cross_check(&identity);
        self.identity = Some(dut_identity(&identity));
        if let Some(detail) = mismatch {
            self.anomaly(
                pen.session.now(),
                None,
                AnomalyKind::Identity,
                detail.clone(),
            );
            return Err(End::Unfit(detail));
        }
        self.clear_faults_of_power_on(pen)?;
        let level = zero_level(pen)?;
        self.first_zero = Some(pen.session.chain().set_zero(level));
        pen.lock_depth()?;
        Ok(())
    }

    /// A pen whose needles were left out says so when power comes on, and shows it while it still
    /// homes. That is cleared on purpose, once it can be, and noted; what cannot be cleared is left
    /// for the rows to meet.
    fn clear_faults_of_power_on<B: Bench>(&mut self, pen: &mut Pen<'_, B>) -> Result<(), End> {
        let cleared = pen.clear_faults();
        for (at, faults) in std::mem::take(&mut pen.faults_seen) {
            if !faults.is_empty() {
                let detail = format!("pen {} after power-on", fault_names(faults));
                self.anomaly(at, None, AnomalyKind::Fault, detail);
            }
        }
        match cleared {
            Err(RowError::Session(error)) => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// What the pen says it is against what it should be.
    fn cross_check(&self, identity: &Identity) -> Option<String> {
        let serial = ascii(&identity.serial);
        if serial != self.job.serial {
            return Some(format!(
                "serial number {serial} in the pen, {} on the intake list",
                self.job.serial
            ));
        }
        let build_id = hex(&identity.build_id);
        match self.job.build_id {
            Some(expected) if !expected.starts_with(&build_id) => Some(format!(
                "build id {build_id} in the pen, {expected} in the image's provenance"
            )),
            _ => None,
        }
    }

    /// One row: an attempt, and one re-fixtured re-measurement where an inconclusive verdict and
    /// the plan allow it.
    fn run_row<B: Bench>(&mut self, pen: &mut Pen<'_, B>, row: &Row) -> Result<(), End> {
        let first = self.attempt(pen, row)?;
        let entry = self.job.plan.entry(row.id.as_str());
        let again = first == Some(Verdict::Inconclusive)
            && entry.is_some_and(|entry| entry.max_remeasure > 0)
            && !WHOLE_RUN.contains(&row.id.as_str());
        if again {
            let detail = "inconclusive; zero taken anew and measured again".to_owned();
            self.anomaly(
                pen.session.now(),
                Some(row),
                AnomalyKind::Remeasurement,
                detail,
            );
            self.windows.clear();
            if HOUR.contains(&row.id.as_str()) {
                self.hour = None;
            }
            let level = zero_level(pen)?;
            pen.session.chain().set_zero(level);
            self.attempt(pen, row)?;
        }
        Ok(())
    }

    fn attempt<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        row: &Row,
    ) -> Result<Option<Verdict>, End> {
        let started = pen.session.now();
        let evidence = self.evidence(pen, row);
        let end = match evidence {
            Ok(evidence) if row.rule == Rule::None => AttemptEnd::Reported { evidence },
            Ok(evidence) => match row.judge(&evidence) {
                Ok(decision) => AttemptEnd::Judged { evidence, decision },
                Err(error) => {
                    let cause = format!("{}: {error}", row.id);
                    self.not_measured(
                        row,
                        started,
                        NotRun::BenchError {
                            cause: cause.clone(),
                        },
                    );
                    return Err(End::Bench(cause));
                }
            },
            Err(RowError::Session(error)) => {
                let end = End::from(error);
                if let End::Bench(cause) = &end {
                    self.not_measured(
                        row,
                        started,
                        NotRun::BenchError {
                            cause: cause.clone(),
                        },
                    );
                }
                return Err(end);
            }
            Err(RowError::NotMeasurable(
                error @ (NotMeasurable::Disagreement { .. }
                | NotMeasurable::MissingEdge { .. }
                | NotMeasurable::DoubleEdge { .. }
                | NotMeasurable::TooFewEdges { .. }),
            )) => {
                // The gauge saw the pen turn; the tachometer did not, or saw otherwise.
                let cause = format!("{}: {error}", row.id);
                let reason = NotRun::BenchError {
                    cause: cause.clone(),
                };
                self.not_measured(row, started, reason);
                return Err(End::Bench(cause));
            }
            Err(error) => {
                let reason = why_not(&error);
                self.not_measured(row, started, reason);
                self.note_faults(pen, row);
                self.fresh_cartridge = true;
                pen.recover()?;
                return Ok(None);
            }
        };
        self.note_faults(pen, row);
        let verdict = match &end {
            AttemptEnd::Judged { decision, .. } => Some(decision.verdict),
            _ => None,
        };
        self.push(row, started, pen.session.now(), end);
        Ok(verdict)
    }

    fn push(&mut self, row: &Row, started: Nanoseconds, ended: Nanoseconds, end: AttemptEnd) {
        let attempts = self.attempts.entry(row.id.to_string()).or_default();
        let number = u32::try_from(attempts.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let attempt = Attempt {
            number,
            condition: dispatch::condition(row).into(),
            started,
            ended,
            end,
        };
        self.notes.borrow_mut().push(Progress::Attempted {
            row: row.id.clone(),
            attempt: Box::new(attempt.clone()),
        });
        attempts.push(attempt);
    }

    fn not_measured(&mut self, row: &Row, at: Nanoseconds, reason: NotRun) {
        self.push(row, at, at, AttemptEnd::NotMeasured(reason));
    }

    fn anomaly(&mut self, at: Nanoseconds, row: Option<&Row>, kind: AnomalyKind, detail: String) {
        self.anomalies.push(Anomaly {
            at,
            row: row.map(|row| row.id.clone()),
            kind,
            detail,
        });
    }

    /// Faults that no row provoked are anomalies.
    fn note_faults<B: Bench>(&mut self, pen: &mut Pen<'_, B>, row: &Row) {
        for (at, faults) in std::mem::take(&mut pen.faults_seen) {
            if !faults.is_empty() && !PROVOKES_FAULT.contains(&row.id.as_str()) {
                let detail = format!("pen {}", fault_names(faults));
                self.anomaly(at, Some(row), AnomalyKind::Fault, detail);
            }
        }
    }

    fn note_link<B: Bench>(&mut self, pen: &Pen<'_, B>) {
        let counts = pen.session.counts();
        if counts.malformed > 0 || counts.unanswered > 0 {
            let detail = format!(
                "{} frames broken, {} of {} requests unanswered",
                counts.malformed, counts.unanswered, counts.sent
            );
            self.anomaly(pen.session.now(), None, AnomalyKind::Link, detail);
        }
    }
}

/// Why a row that gave no evidence was not run.
fn why_not(error: &RowError) -> NotRun {
    match error {
        RowError::NoInstrument(instrument) => NotRun::NeedsInstrument(*instrument),
        RowError::NoActuator(actuator) => NotRun::NeedsActuator {
            actuator: (*actuator).into(),
        },
        other => NotRun::Precondition {
            cause: other.to_string(),
        },
    }
}

/// A zero that cannot be taken is the rig's failure.
fn zero_level<B: Bench>(pen: &mut Pen<'_, B>) -> Result<rig_measure::Estimate, End> {
    rig::zero_level(pen).map_err(|error| match error {
        RowError::Session(error) => error.into(),
        other => End::Bench(format!("zero on the gauge block: {other}")),
    })
}

fn ascii(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end_matches([' ', '\0'])
        .to_owned()
}

fn dut_identity(identity: &Identity) -> DutIdentity {
    let version = identity.firmware;
    DutIdentity {
        serial: ascii(&identity.serial),
        hardware_revision: ascii(&[identity.hardware_revision]),
        firmware_version: format!("{}.{}.{}", version.major, version.minor, version.patch),
        build_id: hex(&identity.build_id),
        protocol_version: identity.protocol.to_string(),
    }
}
