//! What one pen of a lot truly is, and what its factory wrote into it.

use crate::mechanism::{
    CarriageParameters, MotorParameters, NOMINAL_LEAD_MM, NOMINAL_MOTOR, PenParameters,
};
use crate::noise::{Noise, Purpose};
use crate::scenario::{FaultKind, Scenario};
use firmware_units::{Micrometers, Nanometers};
use firmware_wire::{Calibration, CartridgeChip};
use rig_bench::{BenchError, Cartridge};

/// Nominal protrusion at home, mm.
const HOME_PROTRUSION_MM: f64 = -0.4;
/// Needles of the reference cartridge.
const NEEDLES: u8 = 14;
/// Longest protrusion that the reference cartridge allows.
const NEEDLE_LENGTH: Micrometers = Micrometers(2_500);

/// One pen of a lot.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Its serial number, 12 characters.
    pub serial: String,
    /// What it truly is.
    pub parameters: PenParameters,
    /// What its factory wrote.
    pub calibration: Calibration,
    /// What its oscillator runs too fast, parts in 1e9.
    pub oscillator_ppb: i32,
    /// Its chip's unique id.
    pub chip_uid: [u8; 12],
}

impl Unit {
    /// One unit of the scenario's lot as `seed` makes it, before its bench time begins.
    ///
    /// # Errors
    /// The lot has no such unit.
    pub fn draw(scenario: &Scenario, unit_index: usize, seed: u64) -> Result<Self, BenchError> {
        let number = u32::try_from(unit_index)
            .ok()
            .filter(|_| unit_index < scenario.lot.units);
        let Some(number) = number else {
            return Err(BenchError::Description {
                cause: format!(
                    "lot {} has {} units, none with index {unit_index}",
                    scenario.lot.name, scenario.lot.units
                ),
            });
        };
        let variation = &scenario.variation;
        let mut noise = Noise::new(seed, number, 0, Purpose::Unit);
        let mut normal = |sd: u32, unit: f64| f64::from(sd) * unit * noise.sorted_gaussian();
        let home_mm = HOME_PROTRUSION_MM + normal(variation.home_protrusion_sd_um, 1e-3);
        let home_residual_mm = normal(variation.depth_zero_residual_sd_um, 1e-3);
        let lead_mm = NOMINAL_LEAD_MM * (1.0 + normal(variation.screw_lead_sd_ppm, 1e-6));
        let lead_residual = normal(variation.screw_lead_residual_sd_ppm, 1e-6);
        let oscillator_ppb = libm::round(normal(variation.oscillator_sd_ppm, 1e3)) as i32;
        let position_offset_mm = normal(variation.position_sensor_sd_um, 1e-3);
        let current_offset_a = normal(variation.current_sensor_sd_ua, 1e-6);
        let mut uniform = |permille: u32| 1.0 + 1e-3 * f64::from(permille) * noise.symmetric();
        let motor_permille = variation.motor_tolerance_permille;
        let friction_permille = variation.friction_tolerance_permille;
        let motor = MotorParameters {
            resistance_ohm: NOMINAL_MOTOR.resistance_ohm * uniform(motor_permille),
            constant: NOMINAL_MOTOR.constant * uniform(motor_permille),
            inertia: NOMINAL_MOTOR.inertia,
            dry_friction: NOMINAL_MOTOR.dry_friction * uniform(friction_permille),
            viscous_friction: NOMINAL_MOTOR.viscous_friction * uniform(friction_permille),
        };
        let backlash_span_um = f64::from(variation.backlash_max_um - variation.backlash_min_um);
        let backlash_um = f64::from(variation.backlash_min_um) + backlash_span_um * noise.uniform();
        let zero_off_um: f64 = scenario
            .faults_of(unit_index)
            .map(|fault| {
                if let FaultKind::DepthZeroOff { um } = fault.kind {
                    um
                } else {
                    0.0
                }
            })
            .sum();
        // Drawn last: they came last.
        let pitch_error_um = f64::from(variation.screw_pitch_error_um) * noise.uniform();
        let pitch_phase = std::f64::consts::TAU * noise.uniform();
        let serial = scenario.lot.serial(unit_index);
        let recorded_mm = home_mm + home_residual_mm - 1e-3 * zero_off_um;
        let calibration = Calibration {
            generation: 1,
            serial: serial_bytes(&serial),
            hardware_revision: scenario.lot.hardware_revision as u8,
            home_protrusion: nanometers(recorded_mm),
            screw_lead: nanometers(lead_mm * (1.0 + lead_residual)),
        };
        let mut chip_uid = *b"PENRIG-VIRT\0";
        chip_uid[8..].copy_from_slice(&number.to_le_bytes());
        Ok(Self {
            serial,
            parameters: PenParameters {
                motor,
                carriage: CarriageParameters {
                    home_protrusion_mm: home_mm,
                    lead_mm,
                    backlash_mm: 1e-3 * backlash_um,
                    float_sd_mm: 1e-3 * f64::from(variation.stroke_to_stroke_sd_um),
                    pitch_error_mm: 1e-3 * pitch_error_um,
                    pitch_phase,
                    float_rise_mm: 1e-3 * f64::from(variation.float_rise_um),
                    float_rise_sd_mm: 1e-3 * f64::from(variation.float_rise_sd_um),
                },
                position_offset_mm,
                current_offset_a,
            },
            calibration,
            oscillator_ppb,
            chip_uid,
        })
    }
}

/// A fresh reference cartridge: 14 needles, 2.5 mm, unused. `number` tells one from another.
#[must_use]
pub fn reference_cartridge(number: u32) -> Cartridge {
    let chip = CartridgeChip {
        // ASCII "PRIG" above the number: no maker's id.
        id: 0x5052_4947_0000_0000 | u64::from(number),
        needles: NEEDLES,
        needle_length: NEEDLE_LENGTH,
        treatment: None,
    };
    Cartridge {
        chip: chip.to_bytes(),
        needle_excess: Micrometers::ZERO,
    }
}

fn nanometers(length_mm: f64) -> Nanometers {
    Nanometers(libm::round(1e6 * length_mm) as i64)
}

fn serial_bytes(serial: &str) -> [u8; 12] {
    let mut bytes = [b' '; 12];
    for (byte, letter) in bytes.iter_mut().zip(serial.bytes()) {
        *byte = letter;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(seed: u64, count: usize) -> Vec<Unit> {
        let mut scenario = Scenario::reference();
        scenario.lot.units = count;
        (0..count)
            .map(|index| Unit::draw(&scenario, index, seed).unwrap())
            .collect()
    }

    #[track_caller]
    fn check_spread(name: &str, values: &[f64], mean: f64, sd: f64) {
        let n = values.len() as f64;
        let found = values.iter().sum::<f64>() / n;
        let spread = (values.iter().map(|it| (it - found).powi(2)).sum::<f64>() / n).sqrt();
        assert!(
            (found - mean).abs() < 4.0 * sd / n.sqrt(),
            "{name}: mean {found}"
        );
        // Holding deviates within ±3 takes 0.7 % of the spread (all at the ends).
        assert!(
            (spread / sd - 1.0).abs() < 0.01 + 4.0 / (2.0 * n).sqrt(),
            "{name}: {spread}"
        );
    }

    #[test]
    fn a_lot_varies_as_its_scenario_says() {
        let units = units(1, 4_000);
        let of = |value: fn(&Unit) -> f64| units.iter().map(value).collect::<Vec<f64>>();
        check_spread(
            "home",
            &of(|it| it.parameters.carriage.home_protrusion_mm),
            -0.4,
            0.05,
        );
        check_spread(
            "zero",
            &of(|it| {
                it.calibration.home_protrusion.0 as f64 * 1e-6
                    - it.parameters.carriage.home_protrusion_mm
            }),
            0.0,
            0.015,
        );
        check_spread(
            "oscillator",
            &of(|it| f64::from(it.oscillator_ppb) * 1e-9),
            0.0,
            0.002,
        );
        check_spread(
            "lead",
            &of(|it| it.parameters.carriage.lead_mm / 0.5 - 1.0),
            0.0,
            5e-4,
        );
        let uniform_sd = |half: f64| half / 3f64.sqrt();
        check_spread(
            "motor",
            &of(|it| it.parameters.motor.constant / NOMINAL_MOTOR.constant),
            1.0,
            uniform_sd(0.03),
        );
        check_spread(
            "friction",
            &of(|it| it.parameters.motor.dry_friction / NOMINAL_MOTOR.dry_friction),
            1.0,
            uniform_sd(0.15),
        );
        check_spread(
            "backlash",
            &of(|it| it.parameters.carriage.backlash_mm),
            0.015,
            uniform_sd(0.01),
        );
    }

    #[test]
    fn a_unit_is_the_same_in_every_lot_size_and_another_with_another_seed() {
        assert_eq!(units(1, 5), units(1, 9)[..5]);
        assert_ne!(units(1, 1)[0].parameters, units(2, 1)[0].parameters);
    }

    #[test]
    fn a_zero_that_is_off_stands_in_the_record_and_not_in_the_pen() {
        let text = include_str!("../scenarios/depth-zero-off.toml");
        let scenario = Scenario::parse("depth-zero-off.toml", text).unwrap();
        let (off, sound) = (Unit::draw(&scenario, 2, 1).unwrap(), &units(1, 5)[2]);
        assert_eq!(off.parameters, sound.parameters);
        assert_eq!(
            off.calibration.home_protrusion.0,
            sound.calibration.home_protrusion.0 - 300_000
        );
    }

    #[test]
    fn records_and_cartridges_are_read_back_by_the_pens_own_crate() {
        let unit = &units(1, 5)[4];
        let read = Calibration::from_bytes(&unit.calibration.to_bytes()).unwrap();
        assert_eq!(&read.serial, b"PA1-00000005");
        let chip = CartridgeChip::from_bytes(&reference_cartridge(9).chip).unwrap();
        assert_eq!(
            (chip.needles, chip.needle_length, chip.treatment),
            (14, NEEDLE_LENGTH, None)
        );
        assert_ne!(reference_cartridge(9), reference_cartridge(10));
    }

    #[test]
    fn a_unit_beyond_the_lot_is_refused() {
        let error = Unit::draw(&Scenario::reference(), 5, 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "bench description: lot REF-2026-01 has 5 units, none with index 5"
        );
    }
}
