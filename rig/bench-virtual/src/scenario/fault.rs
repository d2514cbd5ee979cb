//! Faults: what is broken, on which unit, from when to when.

use firmware_units::Nanoseconds;

/// One fault of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Its name in the catalogue.
    pub name: &'static str,
    /// What is broken.
    pub kind: FaultKind,
    /// On which unit.
    pub affected: Affected,
    /// Bench time at which it strikes.
    pub from: Nanoseconds,
    /// Bench time at which it is gone again; never if none.
    pub until: Option<Nanoseconds>,
    /// Whether the pen must contain it: no needle or rate beyond its ceiling, whatever breaks.
    pub contained: bool,
}

impl Fault {
    /// Whether it holds at some bench time.
    #[must_use]
    pub fn is_active(&self, now: Nanoseconds) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Whether it strikes some unit at some time that another one of the same name strikes, too.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let same_unit = match (self.affected, other.affected) {
            (Affected::Unit(one), Affected::Unit(another)) => one == another,
            _ => true,
        };
        let begins_before_end =
            |one: &Self, another: &Self| another.until.is_none_or(|until| one.from < until);
        self.name == other.name
            && same_unit
            && begins_before_end(self, other)
            && begins_before_end(other, self)
    }
}

/// Which unit of the lot a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affected {
    /// Every one.
    All,
    /// The one with this index in the lot.
    Unit(usize),
}

/// What is broken. The catalogue says what each does and in which units its numbers are.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "the catalogue of faults describes each, for readers of programs and of lists alike"
)]
pub enum FaultKind {
    DepthZeroOff { um: f64 },
    ZeroDrift { um_per_s: f64 },
    CarriageSlip { at_um: f64, by_um: f64 },
    ParkStop { um: f64 },
    BacklashGrown { um: f64 },
    StepsLost { probability: f64 },
    CamSlip,
    ShaftStuck,
    CamTurned { millihertz: f64 },
    MotorDrag { torque_unm: f64 },
    NoseHeated { kelvin: f64 },
    NoseSoft { um_per_n: f64 },
    NeedlesLong { um: f64 },
    NeedlesBent { um: f64 },
    NeedlesMissing { needles: f64 },
    MembraneDrag { mn: f64 },
    HallDead,
    HallDouble { probability: f64, after_us: f64 },
    HallMissed { probability: f64 },
    HallNoise { per_s: f64 },
    PositionHeld,
    PositionTorn,
    ConverterDead,
    SwitchShorted,
    CutOffStuck,
    WindingShorted { permille: f64 },
    HomeStuckClosed,
    HomeStuckOpen,
    CartridgeStuckClosed,
    CartridgeStuckOpen,
    ButtonStuck,
    TickLost,
    OscillatorDrift { ppm: f64, over_s: f64 },
    FlashPageStuck { page: f64 },
    FlashPageWeak { page: f64 },
    CalibrationLost,
    CalibrationCopyLost,
    SupplyDip { to_mv: f64 },
    BatteryWeak { mohm: f64 },
    BatteryWorn { permille: f64 },
    BrownOutInMove { at_um: f64, dip_ms: f64 },
    LinkDead,
    LinkCutToPen,
    LinkCutFromPen,
    LinkNoise { probability: f64 },
    LinkBitErrors { rate: f64 },
    LinkByteLoss { probability: f64 },
    GaugeHold,
    GaugeHoldOnLoss { probability: f64, samples: f64 },
    GaugeDropout { probability: f64 },
    GaugeGap { samples: f64 },
    GaugeLoss { samples: f64 },
    GaugeShift { um: f64 },
    GaugeSaturated { um: f64 },
    GaugeTilt { centidegrees: f64 },
    GaugeDrift { nm_per_s: f64 },
    GaugeScale { ppm: f64 },
    GaugeNoise { nm: f64 },
    GaugeClockOff { ppm: f64 },
    TachometerDead,
    TachometerDouble { probability: f64 },
    TachometerMissed { probability: f64 },
    TachometerClockOff { ppm: f64 },
    CurrentDead,
    CurrentOffset { ua: f64 },
    CurrentClockOff { ppm: f64 },
    ForceDead,
    AxialWeak { permille: f64 },
    NoseThermometerDead,
    ProbeAbsent,
    ProbeLost { transfers: f64 },
}
