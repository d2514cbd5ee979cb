//! Sequences alone: a pen is flashed, zeroed, and has sequences run on it for as long as somebody
//! names one; then it is parked.

use super::{End, NOMINAL_SUPPLY, Unit, UnitJob, park};
use crate::chain::Chain;
use crate::flash::FlashPolicy;
use crate::image::Image;
use crate::pen::Pen;
use crate::sequences::{PlayError, make_new, play};
use crate::session::{GoOn, Session, SessionError};
use firmware_units::Nanoseconds;
use rig_bench::Bench;
use rig_sequence::{Cost, Sequence, Trace};
use rig_spec::{Plan, SpecSet};

/// On which pen sequences are run.
#[derive(Clone, Copy, Debug)]
pub struct SequencesJob<'a> {
    /// The spec.
    pub spec: &'a SpecSet,
    /// The image to flash.
    pub image: &'a Image,
    /// Build id that the image's provenance states, hexadecimal; checked against the pen's own.
    pub build_id: Option<&'a str>,
    /// Serial number that the pen must have.
    pub serial: &'a str,
    /// Which of several benches at work this is, from zero: cartridges get their ids from it.
    pub index: u32,
    /// When the pen is flashed.
    pub flash: FlashPolicy,
    /// Date of the run, ISO 8601: instruments must be within calibration on it.
    pub date: &'a str,
}

/// Who says which sequence is run, and is told what was seen.
pub trait Driver {
    /// The sequence to run next; nothing ends it.
    fn next(&mut self) -> Option<Sequence>;

    /// Takes what was seen of a sequence, and what it cost.
    fn told(&mut self, sequence: &Sequence, trace: Trace, cost: Cost);
}

/// Why no more sequences were run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SequencesError {
    /// The rig could not do its job.
    #[error("{0}")]
    Bench(String),
    /// The pen is not the one that was expected, or does not come back to where a sequence begins.
    #[error("{0}")]
    Unfit(String),
    /// A person asked for an end; the pen was parked.
    #[error("interrupted")]
    Interrupted,
}

impl From<End> for SequencesError {
    fn from(end: End) -> Self {
        match end {
            End::Bench(cause) => Self::Bench(cause),
            End::Unfit(cause) => Self::Unfit(cause),
            End::Interrupted => Self::Interrupted,
        }
    }
}

impl From<PlayError> for End {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Session(error) => error.into(),
            other => Self::Unfit(other.to_string()),
        }
    }
}

/// Runs sequences on a pen. However it ends, the pen is parked and switched off.
///
/// # Errors
/// Why it ended before the driver had enough.
pub fn run_sequences<B: Bench>(
    bench: &mut B,
    job: &SequencesJob<'_>,
    driver: &mut dyn Driver,
    interrupted: &dyn Fn() -> bool,
) -> Result<(), SequencesError> {
    let plan = Plan {
        name: "sequences".to_owned(),
        entries: Vec::new(),
    };
    let unit_job = UnitJob {
        spec: job.spec,
        plan: &plan,
        image: job.image,
        build_id: job.build_id,
        serial: job.serial,
        index: job.index,
        of: 1,
        flash: job.flash,
        date: job.date,
    };
    let mut unit = Unit::new(&unit_job);
    let end = unit.run_driven(bench, driver, interrupted);
    let power_off = bench.power_off();
    end.and(power_off.map_err(|error| End::Bench(error.to_string())))?;
    Ok(())
}

impl Unit<'_> {
    fn run_driven<B: Bench>(
        &mut self,
        bench: &mut B,
        driver: &mut dyn Driver,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), End> {
        self.check_calibration(bench)?;
        let chain = Chain::new(bench.instruments(), bench.fixture())
            .map_err(|missing| End::Bench(format!("the bench has no {missing}")))?;
        self.flash(bench)?;
        bench
            .power_on(NOMINAL_SUPPLY)
            .map_err(|error| End::Bench(error.to_string()))?;
        let cartridges = u64::from(self.job.index) << 32;
        let limits = self.limits()?;
        let onlooker = |_: Nanoseconds| {
            if interrupted() { GoOn::No } else { GoOn::Yes }
        };
        let session = Session::new(bench, chain).watched_by(&onlooker);
        let mut pen = Pen::new(session, cartridges, limits);
        self.admit(&mut pen)?;
        while let Some(sequence) = driver.next() {
            let before = (pen.session.now(), pen.session.chain().edges_seen());
            let played = play(&mut pen, &sequence).and_then(|trace| {
                // Whether the next sequence can begin belongs to what was seen of this one.
                let stuck = match make_new(&mut pen) {
                    Ok(()) => None,
                    Err(PlayError::NotAsNew(cause)) => Some(cause),
                    Err(error) => return Err(error),
                };
                Ok(Trace { stuck, ..trace })
            });
            match played {
                Ok(trace) => {
                    let cost = Cost {
                        bench: pen.session.now() - before.0,
                        strokes: pen.session.chain().edges_seen() - before.1,
                        flash_writes: Cost::foreseen(&sequence).flash_writes,
                    };
                    driver.told(&sequence, trace, cost);
                }
                Err(error) => {
                    if matches!(error, PlayError::Session(SessionError::Interrupted)) {
                        park(&mut pen);
                    }
                    return Err(error.into());
                }
            }
        }
        park(&mut pen);
        Ok(())
    }
}
