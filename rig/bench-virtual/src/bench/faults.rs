//! What the faults that hold at some time do to each part of the bench.

use crate::instruments::{ClockErrors, InstrumentDefects};
use crate::mechanism::MechanismDefects;
use crate::scenario::{Fault, FaultKind};
use firmware_units::Nanoseconds;

/// What bent needles scrape the membrane with, N.
const SCRAPE_N: f64 = 0.02;
/// Needles of the reference cartridge.
const NEEDLES: f64 = 14.0;

/// What faults do to the supply.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct SupplyDefects {
    /// The open-circuit voltage is at most this, V.
    pub(super) at_most_v: Option<f64>,
    /// Fails once, when the carriage passes a protrusion (mm) on its way out, for so long (ns).
    pub(super) fails_in_move: Option<(f64, u64)>,
}

/// What faults do to the link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct LinkDefects {
    /// No byte reaches the pen.
    pub(crate) cut_to_pen: bool,
    /// No byte of the pen is heard.
    pub(crate) cut_from_pen: bool,
    /// Share of bytes to the pen with one bit flipped.
    pub(crate) noise_to_pen: f64,
    /// Share of data bits that flip, in both directions.
    pub(crate) bit_errors: f64,
    /// Share of bytes lost, in both directions.
    pub(crate) byte_loss: f64,
}

/// What faults do to the chip and to what is wired to it beside mechanism and link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ChipDefects {
    /// The button is stuck pressed.
    pub(crate) button_stuck: bool,
    /// Conversions never end.
    pub(crate) converter_dead: bool,
    /// The control tick's interrupt enable falls: bench time at which, ns.
    pub(crate) tick_lost_ns: Option<u64>,
    /// The oscillator runs off: since when (ns), to which share, within how many ns.
    pub(crate) oscillator: Option<(u64, f64, f64)>,
}

impl ChipDefects {
    /// Whether nothing of the chip is broken.
    pub(crate) fn is_sound(&self) -> bool {
        *self == Self::default()
    }

    /// What the oscillator runs too fast at some bench time, as a share.
    pub(crate) fn oscillator_share(&self, now_ns: u64) -> f64 {
        self.oscillator.map_or(0.0, |(since_ns, share, over_ns)| {
            let passed_ns = now_ns.saturating_sub(since_ns) as f64;
            if passed_ns < over_ns {
                share * passed_ns / over_ns
            } else {
                share
            }
        })
    }
}

/// What is broken at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Defects {
    pub(super) mechanism: MechanismDefects,
    pub(super) instruments: InstrumentDefects,
    pub(super) supply: SupplyDefects,
    pub(super) link: LinkDefects,
    pub(super) chip: ChipDefects,
    /// Needles longer than the fixture knows, mm.
    pub(super) excess_mm: f64,
    /// Share of needles missing.
    pub(super) missing: f64,
}

impl Defects {
    /// Those of the faults that hold now. Of samples to leave out, only those of faults that
    /// struck after `struck_after`: the others have been left out.
    pub(super) fn of(
        faults: &[Fault],
        now: Nanoseconds,
        struck_after: Option<Nanoseconds>,
    ) -> Self {
        let mut defects = Self::default();
        for fault in faults.iter().filter(|fault| fault.is_active(now)) {
            let is_new = struck_after.is_none_or(|last| fault.from > last);
            defects.add(fault, is_new);
        }
        defects
    }

    fn add(&mut self, fault: &Fault, is_new: bool) {
        let mechanism = &mut self.mechanism;
        let instruments = &mut self.instruments;
        // Whole numbers of the catalogue's ranges.
        let once = |samples: f64| if is_new { samples as u64 } else { 0 };
        match fault.kind {
            // In the factory record, in the flash, at the probe, in the clocks: standing faults
            // are set up before bench time begins.
            FaultKind::DepthZeroOff { .. }
            | FaultKind::CalibrationLost
            | FaultKind::CalibrationCopyLost
            | FaultKind::FlashPageStuck { .. }
            | FaultKind::FlashPageWeak { .. }
            | FaultKind::GaugeClockOff { .. }
            | FaultKind::TachometerClockOff { .. }
            | FaultKind::CurrentClockOff { .. }
            | FaultKind::ProbeAbsent
            | FaultKind::ProbeLost { .. } => {}
            FaultKind::ZeroDrift { um_per_s } => mechanism.creep += 1e-3 * um_per_s,
            FaultKind::CarriageSlip { at_um, by_um } => {
                mechanism.carriage.slip = Some((1e-3 * at_um, 1e-3 * by_um));
            }
            FaultKind::ParkStop { um } => mechanism.carriage.park_stop = Some(1e-3 * um),
            FaultKind::BacklashGrown { um } => mechanism.carriage.backlash_mm += 1e-3 * um,
            FaultKind::StepsLost { probability } => mechanism.steps_lost = probability,
            FaultKind::CamSlip => mechanism.cam_slipped = true,
            FaultKind::ShaftStuck => mechanism.shaft_stuck = true,
            FaultKind::CamTurned { millihertz } => mechanism.turned = Some(millihertz as u32),
            FaultKind::MotorDrag { torque_unm } => mechanism.drag += 1e-6 * torque_unm,
            FaultKind::NoseHeated { kelvin } => mechanism.nose_heating += kelvin,
            FaultKind::NoseSoft { um_per_n } => mechanism.nose_soft += 1e-3 * um_per_n,
            FaultKind::NeedlesLong { um } => self.excess_mm += 1e-3 * um,
            FaultKind::NeedlesBent { um } => {
                self.excess_mm -= 1e-3 * um;
                mechanism.membrane += SCRAPE_N;
            }
            FaultKind::NeedlesMissing { needles } => self.missing = needles / NEEDLES,
            FaultKind::MembraneDrag { mn } => mechanism.membrane += 1e-3 * mn,
            FaultKind::HallDead => mechanism.hall.dead = true,
            FaultKind::HallDouble {
                probability,
                after_us,
            } => {
                mechanism.hall.doubled = probability;
                mechanism.hall.double_after_s = 1e-6 * after_us;
            }
            FaultKind::HallMissed { probability } => mechanism.hall.missed = probability,
            FaultKind::HallNoise { per_s } => mechanism.hall.spurious_per_s = per_s,
            FaultKind::PositionHeld => mechanism.position_held = true,
            FaultKind::PositionTorn => mechanism.position_torn = true,
            FaultKind::ConverterDead => self.chip.converter_dead = true,
            FaultKind::SwitchShorted => mechanism.switch_shorted = true,
            FaultKind::CutOffStuck => mechanism.cut_off_stuck = true,
            FaultKind::WindingShorted { permille } => {
                mechanism.winding_shorted = 1.0 - 1e-3 * permille;
            }
            FaultKind::HomeStuckClosed => mechanism.home_stuck = Some(true),
            FaultKind::HomeStuckOpen => mechanism.home_stuck = Some(false),
            FaultKind::CartridgeStuckClosed => mechanism.cartridge_stuck = Some(true),
            FaultKind::CartridgeStuckOpen => mechanism.cartridge_stuck = Some(false),
            FaultKind::ButtonStuck => self.chip.button_stuck = true,
            FaultKind::TickLost => self.chip.tick_lost_ns = Some(fault.from.0),
            FaultKind::OscillatorDrift { ppm, over_s } => {
                self.chip.oscillator = Some((fault.from.0, 1e-6 * ppm, 1e9 * over_s));
            }
            FaultKind::SupplyDip { to_mv } => self.supply.at_most_v = Some(1e-3 * to_mv),
            FaultKind::BatteryWeak { mohm } => mechanism.battery_ohm += 1e-3 * mohm,
            FaultKind::BatteryWorn { permille } => mechanism.battery_lost = 1e-3 * permille,
            FaultKind::BrownOutInMove { at_um, dip_ms } => {
                self.supply.fails_in_move = Some((1e-3 * at_um, (1e6 * dip_ms) as u64));
            }
            FaultKind::LinkDead => {
                (self.link.cut_to_pen, self.link.cut_from_pen) = (true, true);
            }
            FaultKind::LinkCutToPen => self.link.cut_to_pen = true,
            FaultKind::LinkCutFromPen => self.link.cut_from_pen = true,
            FaultKind::LinkNoise { probability } => self.link.noise_to_pen = probability,
            FaultKind::LinkBitErrors { rate } => self.link.bit_errors = rate,
            FaultKind::LinkByteLoss { probability } => self.link.byte_loss = probability,
            FaultKind::GaugeHold => instruments.gauge_held = true,
            FaultKind::GaugeHoldOnLoss {
                probability,
                samples,
            } => instruments.gauge_hold_on_loss = (probability, samples as u32),
            FaultKind::GaugeDropout { probability } => instruments.gauge_dropout = probability,
            FaultKind::GaugeGap { samples } => instruments.gauge_gap += once(samples),
            FaultKind::GaugeLoss { samples } => instruments.gauge_loss += once(samples),
            FaultKind::GaugeShift { um } => instruments.gauge_shift_mm += 1e-3 * um,
            FaultKind::GaugeSaturated { um } => instruments.gauge_saturated_mm = Some(1e-3 * um),
            FaultKind::GaugeTilt { centidegrees } => {
                let angle = (0.01 * centidegrees).to_radians();
                instruments.gauge_foreshortened = 1.0 - libm::cos(angle);
            }
            FaultKind::GaugeDrift { nm_per_s } => instruments.gauge_drift += 1e-6 * nm_per_s,
            FaultKind::GaugeScale { ppm } => instruments.gauge_scale = 1e-6 * ppm,
            FaultKind::GaugeNoise { nm } => instruments.gauge_noise_mm = 1e-6 * nm,
            FaultKind::TachometerDead => instruments.tachometer_dead = true,
            FaultKind::TachometerDouble { probability } => {
                instruments.tachometer_doubled = probability;
            }
            FaultKind::TachometerMissed { probability } => {
                instruments.tachometer_missed = probability;
            }
            FaultKind::CurrentDead => instruments.current_dead = true,
            FaultKind::NoseThermometerDead => instruments.nose_thermometer_dead = true,
            FaultKind::CurrentOffset { ua } => instruments.current_offset_ua += ua,
            FaultKind::ForceDead => instruments.force_dead = true,
            FaultKind::AxialWeak { permille } => {
                instruments.force_lacking = 1.0 - 1e-3 * permille;
            }
        }
    }
}

/// What the instruments' clocks run too fast by these faults.
pub(super) fn clock_errors(faults: &[Fault]) -> ClockErrors {
    let mut errors = ClockErrors::default();
    for fault in faults {
        match fault.kind {
            FaultKind::GaugeClockOff { ppm } => errors.gauge += 1e-6 * ppm,
            FaultKind::TachometerClockOff { ppm } => errors.tachometer += 1e-6 * ppm,
            FaultKind::CurrentClockOff { ppm } => errors.current += 1e-6 * ppm,
            _ => {}
        }
    }
    errors
}
