//! What was done to the fixture, in words.

use crate::text::fixed;
use rig_bench::{Actuation, Actuator, Shaft};

/// What a bench may lack.
pub(crate) fn lacking(actuator: Actuator) -> &'static str {
    match actuator {
        Actuator::Supply => "this bench cannot set the supply voltage",
        Actuator::Needles => "this bench cannot load the needles",
        Actuator::Shaft => "this bench cannot get at the cam shaft",
        Actuator::Cartridge => "this bench cannot fit cartridges",
        Actuator::Button => "this bench cannot press the button",
        Actuator::GaugeBlock => "this bench cannot bring the gauge block",
        Actuator::Axial => "this bench cannot press on the nose cone",
    }
}

/// What an actuator was told.
pub(crate) fn acted(actuation: Actuation) -> String {
    match actuation {
        Actuation::Supply(supply) => format!("supply {} V", fixed(i64::from(supply.0), 3)),
        Actuation::NeedleLoad {
            needles,
            force_per_needle,
        } => format!(
            "load {} N at 1 mm on each of {needles} needles",
            fixed(i64::from(force_per_needle.0), 3)
        ),
        Actuation::Shaft(Shaft::Free) => "cam shaft free".to_owned(),
        Actuation::Shaft(Shaft::Locked) => "cam shaft held fast".to_owned(),
        Actuation::Shaft(Shaft::Brake(torque)) => {
            format!(
                "cam shaft braked with {} mN m",
                fixed(i64::from(torque.0), 3)
            )
        }
        Actuation::Shaft(Shaft::Turned { millihertz }) => {
            format!("cam shaft turned at {}/s", fixed(i64::from(millihertz), 3))
        }
        Actuation::Cartridge(None) => "cartridge taken out".to_owned(),
        Actuation::Cartridge(Some(_)) => "cartridge fitted".to_owned(),
        Actuation::Button { pressed: true } => "button held down".to_owned(),
        Actuation::Button { pressed: false } => "button let go".to_owned(),
        Actuation::GaugeBlock { present: true } => "gauge block at the nose plane".to_owned(),
        Actuation::GaugeBlock { present: false } => "gauge block away".to_owned(),
        Actuation::AxialForce(force) => {
            format!("nose cone pressed with {} N", fixed(i64::from(force.0), 3))
        }
        Actuation::Fault { fault, present } => {
            let what = if present {
                "brought about"
            } else {
                "taken away"
            };
            format!("fault {} of the bench {what}", fault.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_units::{Micronewtonmeters, Millinewtons, Millivolts};

    #[test]
    fn what_was_done_is_said_with_its_unit() {
        let check = |actuation, expected: &str| assert_eq!(acted(actuation), expected);
        check(Actuation::Supply(Millivolts(3_700)), "supply 3.700 V");
        check(
            Actuation::NeedleLoad {
                needles: 14,
                force_per_needle: Millinewtons(200),
            },
            "load 0.200 N at 1 mm on each of 14 needles",
        );
        check(
            Actuation::Shaft(Shaft::Brake(Micronewtonmeters(1_500))),
            "cam shaft braked with 1.500 mN m",
        );
        check(Actuation::Shaft(Shaft::Locked), "cam shaft held fast");
        check(
            Actuation::GaugeBlock { present: true },
            "gauge block at the nose plane",
        );
        assert_eq!(
            lacking(Actuator::Cartridge),
            "this bench cannot fit cartridges"
        );
    }
}
