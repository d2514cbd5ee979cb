//! The seam: what a procedure sees of a bench.
//!
//! The seam carries bytes and samples on a bench clock; no typed commands, no measured values.
//! So framing, timeouts and measuring are the same code on steel and in simulation.
//!
//! **Invariant:** nothing above the seam asks which bench it is on; [`Identity::kind`] goes into
//! the record and is read by reports alone.
//! **Invariant:** every wait has a deadline on the bench clock; silence is an observation.
//! **Invariant:** a gap is never filled in; it shows in sequence numbers and sample status.

mod fault;
mod fixture;
mod identity;
mod instrument;
mod observation;

pub use fault::{BenchFault, FaultId};
pub use firmware_units::{Millivolts, Nanoseconds};
pub use fixture::Fixture;
pub use identity::{BenchKind, Identity};
pub use instrument::{
    AMBIENT_THERMOMETER, Certificate, FORCE, GAUGE, Instrument, InstrumentId, MOTOR_CURRENT,
    NOSE_THERMOMETER, Quantity, TACHOMETER,
};
pub use observation::{Observation, SampleBlock, SampleStatus};

use firmware_units::{Micrometers, Micronewtonmeters, Millinewtons};

/// One fixture with one DUT, its probe, link, instruments and clock.
///
/// Implementations drop to a safe state: losing the value, by return, error or panic, switches
/// the motor off and parks the needles where the mechanism allows.
/// After an error the bench is broken: every further call repeats the first cause.
pub trait Bench {
    /// Who this bench is; for the record, not for branching.
    fn identity(&self) -> &Identity;

    /// The instruments fitted. A row that needs one that is not here is not run.
    fn instruments(&self) -> &[Instrument];

    /// The fixture: gauge block, alignment, temperature; what the instruments' certificates do not
    /// say of the set-up.
    fn fixture(&self) -> &Fixture;

    /// The debug probe, for unmodified probe-rs. Works before [`Bench::power_on`] (the fixture
    /// then supplies the chip alone, never the motor) and while powered.
    /// Drop the session before moving the clock. While powered, the time that the probe takes is
    /// bench time.
    ///
    /// # Errors
    /// The probe is in use, missing or broken.
    fn probe(&mut self) -> Result<probe_rs::probe::Probe, BenchError>;

    /// Bench time. It begins at zero with [`Bench::power_on`] and never goes back.
    fn now(&self) -> Nanoseconds;

    /// Switches the DUT's supply on at the given voltage and starts clock and instruments.
    /// The DUT sees a power-on reset.
    ///
    /// # Errors
    /// The bench is broken.
    fn power_on(&mut self, supply: Millivolts) -> Result<(), BenchError>;

    /// Switches the DUT's supply off; instruments stop with it.
    ///
    /// # Errors
    /// The bench is broken.
    fn power_off(&mut self) -> Result<(), BenchError>;

    /// Sends bytes to the DUT, starting now or when what was sent before has left, and says when
    /// the last bit will have left.
    ///
    /// # Errors
    /// The link is broken.
    fn send(&mut self, bytes: &[u8]) -> Result<Nanoseconds, BenchError>;

    /// Moves bench time to `until` and gives what happened on the way, in bench-time order.
    /// May return earlier, but only with at least one observation of the link, so that a
    /// procedure can react to bytes from the DUT while they are fresh; [`Bench::now`] tells.
    ///
    /// # Errors
    /// The bench is broken, an instrument stopped, or the emulator met what it does not model.
    fn advance(&mut self, until: Nanoseconds) -> Result<Vec<Observation>, BenchError>;

    /// Sets one actuator of the fixture.
    ///
    /// # Errors
    /// The fixture is broken or lacks the actuator.
    fn actuate(&mut self, actuation: Actuation) -> Result<(), BenchError>;

    /// Reads back which actuators the fixture has.
    fn actuators(&self) -> &[Actuator];

    /// The faults that the bench can bring about on demand, by relays and stops on steel, in its
    /// models on a virtual one; [`Actuation::Fault`] names one by its place here. Empty if there
    /// are none.
    fn faults(&self) -> &[BenchFault];
}

/// A part of the fixture that acts on the DUT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actuator {
    /// Supply voltage.
    Supply,
    /// Load on the needles, along the axis.
    Needles,
    /// Brake, lock and slow drive on the cam shaft.
    Shaft,
    /// Cartridges with chips the fixture writes.
    Cartridge,
    /// The pen's button.
    Button,
    /// The gauge block on the nose plane.
    GaugeBlock,
    /// Force along the axis on the nose cone.
    Axial,
    /// The pen's own cell in place of the supply, and its charger.
    Battery,
}

/// One setting of one actuator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actuation {
    /// Supply voltage while powered; takes the place of [`Actuation::Battery`].
    Supply(Millivolts),
    /// A skin simulant: force on each needle at 1 mm protrusion, growing linearly with
    /// protrusion; 30 % of it on withdrawal (specs/pen-a1/loads.csv).
    NeedleLoad {
        /// Number of needles that meet the simulant.
        needles: u8,
        /// Force on one needle at 1 mm.
        force_per_needle: Millinewtons,
    },
    /// The cam shaft.
    Shaft(Shaft),
    /// Takes the cartridge out, or fits one with the given id chip.
    Cartridge(Option<Cartridge>),
    /// Presses or lets go of the button.
    Button {
        /// Whether it is held down.
        pressed: bool,
    },
    /// Brings the gauge block to the nose plane, in the gauge's sight, or takes it away.
    GaugeBlock {
        /// Whether the gauge sees the block instead of the needles.
        present: bool,
    },
    /// A force along the axis on the nose cone, towards the pen, as a hand has that presses it on
    /// skin; zero lets go.
    AxialForce(Millinewtons),
    /// Brings about one of [`Bench::faults`], or takes it away again.
    Fault {
        /// Which.
        fault: FaultId,
        /// Whether it is there.
        present: bool,
    },
    /// The pen's own cell, charged to its end of charge, feeds the pen in place of the supply,
    /// without an interruption. A fixture whose cell is not charged must refuse.
    Battery,
}

/// What the fixture does to the cam shaft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shaft {
    /// Nothing.
    Free,
    /// A friction brake of this torque.
    Brake(Micronewtonmeters),
    /// Held fast.
    Locked,
    /// Turned by the fixture at this many millihertz, so that an unpowered pen shows its
    /// needles at top of stroke.
    Turned {
        /// Turns in 1000 s.
        millihertz: u32,
    },
}

/// A cartridge and what its chip holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cartridge {
    /// The first bytes of its id chip, as the pen will read them.
    pub chip: [u8; 24],
    /// Longest needle's true length beyond nominal, from the cartridge's certificate of
    /// conformity; the reference cartridge is zero.
    pub needle_excess: Micrometers,
}

/// The rig could not do its job. Never a verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BenchError {
    /// The probe cannot be opened.
    #[error("debug probe: {cause}")]
    Probe {
        /// What the driver said.
        cause: String,
    },
    /// The link to the DUT broke.
    #[error("link to the DUT: {cause}")]
    Link {
        /// What the driver said.
        cause: String,
    },
    /// An instrument stopped or lost samples.
    #[error("{instrument}: {cause}")]
    Instrument {
        /// Which one.
        instrument: InstrumentId,
        /// What went wrong.
        cause: String,
    },
    /// The fixture lacks an actuator or it failed.
    #[error("fixture: {cause}")]
    Fixture {
        /// What went wrong.
        cause: String,
    },
    /// The DUT is not powered, or is powered already.
    #[error("supply is {state}, {wanted}")]
    Power {
        /// What it is.
        state: &'static str,
        /// What was attempted.
        wanted: &'static str,
    },
    /// Another rig works with the bench.
    #[error("bench: {cause}")]
    Locked {
        /// Who holds it and until when.
        cause: String,
    },
    /// Another chip hangs on the debug probe.
    #[error(
        "debug probe: it found {found}, where {expected} should be; check bench file and wiring"
    )]
    WrongChip {
        /// The chip that was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// Another pen lies in the fixture.
    #[error(
        "fixture: pen {found} lies in it, not {expected}; put the right pen in, or name this one"
    )]
    WrongDut {
        /// Serial number expected.
        expected: String,
        /// Serial number found.
        found: String,
    },
    /// The emulated chip met an access that it does not model.
    #[error(
        "virtual bench: {access} of {address:#010x} ({register}) is not modelled (pc {pc:#010x})"
    )]
    NotModelled {
        /// Read or write, and its width.
        access: &'static str,
        /// Address of the access.
        address: u32,
        /// Name of the register, or what is known of the address.
        register: String,
        /// Address of the instruction.
        pc: u32,
    },
    /// The emulated core stopped for good.
    #[error("virtual bench: core in lockup at pc {pc:#010x}")]
    Lockup {
        /// Where.
        pc: u32,
    },
    /// A description of a bench, unit or scenario makes no sense.
    #[error("bench description: {cause}")]
    Description {
        /// What is wrong and where.
        cause: String,
    },
}
