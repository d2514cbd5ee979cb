//! What the two sides say. Order of variants and fields is the format: it may not be changed.

use serde::{Deserialize, Serialize};

/// Most samples of one [`Samples`].
pub const MAX_SAMPLES: usize = 256;

/// What a rig says to the controller. Each is answered by one [`Reply`], but
/// [`Command::Describe`], which is answered by several and [`Reply::Done`] at last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Asks who is there: [`Reply::Who`], [`Reply::Instrument`] for each, [`Reply::Fixture`],
    /// [`Reply::Actuators`], [`Reply::Done`].
    Describe,
    /// Does nothing but show that the rig is there.
    KeepAlive,
    /// Switches the pen's supply on and starts clock and instruments.
    PowerOn {
        /// Supply voltage, mV.
        supply_mv: u32,
        /// The controller switches the supply off if it hears nothing for this long, ms of its
        /// own clock; 0 for never.
        hold_ms: u32,
    },
    /// Switches the pen's supply off; clock and instruments stop.
    PowerOff,
    /// Sets one actuator.
    Actuate(Act),
    /// Asks which faults the fixture can bring about: [`Reply::Fault`] for each, [`Reply::Done`].
    /// A controller of revision 1 refuses it as not understood: it has none.
    DescribeFaults,
}

/// One setting of one actuator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Supply voltage while powered, mV.
    Supply {
        /// Voltage, mV.
        mv: u32,
    },
    /// Skin simulant.
    NeedleLoad {
        /// Number of needles that meet it.
        needles: u8,
        /// Force on one needle at 1 mm, mN.
        force_mn: i32,
    },
    /// The cam shaft.
    Shaft(ShaftState),
    /// Takes the cartridge out, or fits one.
    Cartridge(Option<CartridgeChip>),
    /// The pen's button.
    Button {
        /// Whether it is held down.
        pressed: bool,
    },
    /// The gauge block.
    GaugeBlock {
        /// Whether the gauge sees the block instead of the needles.
        present: bool,
    },
    /// Force along the axis on the nose cone, towards the pen.
    AxialForce {
        /// Force, mN; zero lets go.
        force_mn: i32,
    },
    /// Brings about a fault, or takes it away again.
    Fault {
        /// Its place among the [`Reply::Fault`]s, from zero.
        fault: u16,
        /// Whether it is there.
        present: bool,
    },
    /// The pen's own charged cell in place of the supply.
    Battery,
}

/// What the fixture does to the cam shaft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShaftState {
    /// Nothing.
    Free,
    /// A friction brake.
    Brake {
        /// Its torque, µN·m.
        torque_unm: i32,
    },
    /// Held fast.
    Locked,
    /// Turned by the fixture.
    Turned {
        /// Turns in 1000 s.
        millihertz: u32,
    },
}

/// A cartridge that the fixture fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartridgeChip {
    /// The first bytes of its id chip; the others are 0xFF.
    pub chip: [u8; 24],
    /// Longest needle's length beyond nominal, µm.
    pub excess_um: i32,
}

/// What the controller says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// An answer.
    Reply {
        /// Number of the frame that held the command.
        to: u16,
        /// The answer.
        reply: Reply,
    },
    /// Consecutive samples of one instrument.
    Samples(Samples),
    /// Bench time has come this far: everything before it has been said.
    Time {
        /// Bench time, ns.
        now_ns: u64,
    },
    /// The tap on the serial line: how many bytes have passed since power-on, each way.
    Link {
        /// Bench time of the last byte of those, ns (end of its stop bit).
        at_ns: u64,
        /// Bytes from the pen since power-on.
        from_pen: u64,
        /// Bytes to the pen since power-on.
        to_pen: u64,
    },
    /// The supply went off, and no command asked for it.
    SupplyOff {
        /// Bench time, ns.
        now_ns: u64,
        /// Why.
        cause: OffCause,
    },
    /// The fixture is broken and stays so; the supply is off.
    Broken {
        /// What happened.
        cause: String,
    },
}

/// Why the supply went off unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OffCause {
    /// Nothing was heard from the rig for the time it had said itself.
    RigSilent,
    /// The controller stops.
    Stopping,
}

/// An answer to a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// It was done.
    Done {
        /// Bench time at which it took effect, ns.
        now_ns: u64,
    },
    /// It was not done, and nothing has changed.
    Refused(Refusal),
    /// Who is there.
    Who(Who),
    /// One instrument.
    Instrument(InstrumentInfo),
    /// The fixture.
    Fixture(FixtureInfo),
    /// Actuators that the fixture has.
    Actuators(Vec<ActuatorName>),
    /// A fault that the fixture can bring about.
    Fault(FaultInfo),
}

/// A fault that a fixture can bring about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultInfo {
    /// Its name, unique on the bench.
    pub name: String,
    /// Whether the pen must contain it.
    pub contained: bool,
    /// What it does.
    pub does: String,
}

/// A command was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why, for programs.
    pub why: WhyNot,
    /// Why, for people.
    pub text: String,
}

/// Why a command was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyNot {
    /// The supply is on already.
    IsOn,
    /// The supply is off.
    IsOff,
    /// The fixture lacks the actuator, or the value is beyond it.
    Lacking,
    /// The frame's version or message is not known.
    NotUnderstood,
    /// The fixture is broken.
    Broken,
}

/// Whether this is steel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A board, a fixture and instruments.
    Hardware,
    /// Emulated; not for product release.
    Virtual,
}

/// Who a controller is, and what bench it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Name of the bench.
    pub bench: String,
    /// Whether this is steel.
    pub kind: Kind,
    /// Model and serial of the debug probe.
    pub probe: String,
    /// probe-rs name of the chip.
    pub chip: String,
    /// Model and version of the controller.
    pub description: String,
    /// Whether the supply is on.
    pub powered: bool,
    /// Bench time, ns.
    pub now_ns: u64,
}

/// An instrument's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum InstrumentName {
    /// Displacement gauge.
    Gauge,
    /// Tachometer.
    Tachometer,
    /// Current probe around the motor lead.
    MotorCurrent,
    /// Force sensor under the nose cone.
    Force,
    /// Thermometer on the pen's nose.
    NoseThermometer,
    /// Thermometer in the air around the fixture.
    AmbientThermometer,
}

/// What a sample counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuantityName {
    /// Nanometres, outward of the nose.
    DisplacementNm,
    /// Time of an edge by the instrument's clock, ns.
    EdgeTimeNs,
    /// Microamperes.
    CurrentUa,
    /// Micronewtons, towards the pen.
    ForceUn,
    /// Thousandths of a degree Celsius.
    TemperatureMilliCelsius,
}

/// One instrument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstrumentInfo {
    /// Its name.
    pub name: InstrumentName,
    /// Maker's model.
    pub model: String,
    /// Maker's serial number.
    pub serial: String,
    /// What a sample counts.
    pub quantity: QuantityName,
    /// Samples a second by its own clock; 0 for edges.
    pub sample_rate_hz: u32,
    /// Smallest step of an indication.
    pub resolution: u32,
    /// Lowest indication.
    pub lowest: i64,
    /// Highest indication.
    pub highest: i64,
    /// First-order bandwidth, Hz; 0 if not applicable.
    pub bandwidth_hz: u32,
    /// Its certificate.
    pub certificate: Calibration,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Number.
    pub id: String,
    /// To what it is traceable.
    pub traceability: String,
    /// Date calibrated, ISO 8601.
    pub calibrated: String,
    /// Date due, ISO 8601.
    pub due: String,
    /// Expanded uncertainty, in counts of the quantity; of the time base in parts in 1e9 for edges.
    pub expanded_uncertainty: f64,
    /// Coverage factor.
    pub coverage_factor: f64,
    /// Largest error of the time base, parts in 1e9.
    pub time_base_ppb: u32,
    /// Largest deviation from linearity, in counts of the quantity.
    pub linearity: f64,
}

/// The fixture, as `rig_bench::Fixture` has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FixtureInfo {
    /// Height of the gauge block's face above the nose plane, nm.
    pub block_height_nm: f64,
    /// The gauge block's certificate.
    pub block_certificate: Calibration,
    /// Repeatability of seating, standard uncertainty, nm.
    pub seating_nm: f64,
    /// Largest angle between gauge and needle axis, degrees.
    pub tilt_deg: f64,
    /// Drift with temperature, nm/K.
    pub drift_nm_per_kelvin: f64,
    /// Largest departure in temperature, K.
    pub temperature_kelvin: f64,
    /// Smallest noise of a living gauge, standard deviation, nm.
    pub gauge_noise_floor_nm: f64,
    /// Smallest noise of a living current probe, standard deviation, µA.
    pub current_noise_floor_ua: f64,
    /// Standard uncertainty of one edge, ns.
    pub edge_u_ns: f64,
    /// Largest error of the bench times said, ns.
    pub time_jitter_ns: u64,
}

/// An actuator's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ActuatorName {
    /// Supply voltage.
    Supply,
    /// Load on the needles.
    Needles,
    /// Cam shaft.
    Shaft,
    /// Cartridges.
    Cartridge,
    /// Button.
    Button,
    /// Gauge block.
    GaugeBlock,
    /// Force on the nose cone.
    Axial,
    /// The pen's own cell and its charger.
    Battery,
}

/// Consecutive samples of one instrument; a gap shows in `first`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Samples {
    /// Which instrument.
    pub instrument: InstrumentName,
    /// Number of the first sample, counted from power-on.
    pub first: u64,
    /// Bench time of the first sample, ns.
    pub at_ns: u64,
    /// Indications, at most [`MAX_SAMPLES`].
    pub values: Vec<i64>,
    /// Samples that are no indication: index into `values`, ascending, and why.
    pub exceptions: Vec<(u16, Exception)>,
}

/// Why a sample is no indication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exception {
    /// No target seen.
    NoTarget,
    /// Beyond the range.
    OutOfRange,
}
