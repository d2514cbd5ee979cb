//! Battery, PWM drive and motor winding, averaged over one PWM period.
//!
//! With the switch closed for the share D of a period and current through the freewheel diode
//! for the rest, the mean voltage across the motor is D (V − R_b D i) − (1 − D) V_d, so
//!
//! ```text
//! i = max(0, (D V − (1 − D) V_d − K ω) / (R + D² R_b))      driven
//! i = −K ω / R                                              braked
//! V_terminal = V − R_b (i_e + D i)                          battery
//! ```
//!
//! | symbol | meaning | unit | value | source |
//! | --- | --- | --- | --- | --- |
//! | V | open-circuit voltage, as set | V | 3.3 to 4.2 | HARDWARE.md |
//! | R_b | internal resistance | Ω | 0.080 | ours |
//! | i_e | electronics | A | 0.015 | ours |
//! | V_d | Schottky diode | V | 0.35 | ours |
//! | R | winding | Ω | 1.2 | HARDWARE.md |
//! | K | constant | V s/rad | 2.4e-3 | HARDWARE.md |
//!
//! Current is never negative while driven: neither switch nor diode lets it turn round. The
//! winding's inductance is left out: its time constant (below 0.1 ms) is short against the
//! rotor's (some 40 ms). That a brushed motor's speed falls in a straight line with torque,
//! ω = ω₀ (1 − M/M_stall), is DOMAIN.md 2.2 (Mabuchi RF-500TB: 452 to 487 rpm per mN m; this one
//! at 3.7 V: 1,900).
//!
//! A pen's own R, K and frictions are drawn around these by the scenario's tolerances.
//! A fault of shorted turns takes the same share of R and K.

/// What one pen's motor and rotor truly are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotorParameters {
    /// Winding resistance, Ω.
    pub resistance_ohm: f64,
    /// Back EMF constant, V s/rad, equal to the torque constant, N m/A.
    pub constant: f64,
    /// Rotor and cam, kg m².
    pub inertia: f64,
    /// Dry friction, N m.
    pub dry_friction: f64,
    /// Viscous friction, N m s/rad.
    pub viscous_friction: f64,
}

/// The nominal motor of pen A1.
pub const NOMINAL_MOTOR: MotorParameters = MotorParameters {
    resistance_ohm: 1.2,
    constant: 2.4e-3,
    inertia: 2.0e-7,
    dry_friction: 0.25e-3,
    viscous_friction: 4.0e-7,
};

/// Internal resistance of the battery, Ω.
pub const BATTERY_OHM: f64 = 0.080;
/// Forward voltage of the freewheel diode (Schottky), V.
pub const DIODE_V: f64 = 0.35;
/// What the electronics draw beside the motor, A.
pub(crate) const ELECTRONICS_A: f64 = 0.015;
/// Resistance of brake and low-side switch in series, which short the supply when both are on, Ω.
const SHOOT_THROUGH_OHM: f64 = 0.1;

/// The battery: a source behind a resistance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Battery {
    /// Open-circuit voltage, V.
    pub(crate) volts: f64,
    /// Internal resistance, Ω.
    pub(crate) ohms: f64,
}

/// How the pen's outputs connect the motor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Circuit {
    /// Supply and freewheel diode: current is (volts − K ω)/ohms, never negative.
    Driven {
        /// Mean open-circuit voltage.
        volts: f64,
        /// Resistance in the path, battery's share included.
        ohms: f64,
        /// Share of the motor's current that the battery gives.
        duty: f64,
    },
    /// Shorted by the brake: current is −K ω/R.
    Shorted {
        /// What the battery gives into a low-side switch that is on at the same time, A.
        shoot_through_a: f64,
    },
}

impl Circuit {
    /// The circuit for a duty of 0 to 1, cut-off closed or open, brake on or off.
    pub(crate) fn new(
        motor: &MotorParameters,
        battery: Battery,
        duty: f64,
        supply_closed: bool,
        brake: bool,
    ) -> Self {
        let duty = if supply_closed { duty } else { 0.0 };
        if brake {
            let shoot_through_a = duty * battery.volts / (battery.ohms + SHOOT_THROUGH_OHM);
            return Self::Shorted { shoot_through_a };
        }
        Self::Driven {
            volts: duty * battery.volts - (1.0 - duty) * DIODE_V,
            ohms: motor.resistance_ohm + duty * duty * battery.ohms,
            duty,
        }
    }

    /// Motor current at rotor speed `omega`, A.
    pub(crate) fn current_a(&self, motor: &MotorParameters, omega: f64) -> f64 {
        match *self {
            Self::Driven { volts, ohms, .. } => ((volts - motor.constant * omega) / ohms).max(0.0),
            Self::Shorted { .. } => -motor.constant * omega / motor.resistance_ohm,
        }
    }

    /// Torque at standstill and its fall with speed, N m and N m s/rad, around speed `omega`.
    pub(crate) fn torque(&self, motor: &MotorParameters, omega: f64) -> (f64, f64) {
        let k = motor.constant;
        match *self {
            Self::Driven { volts, ohms, .. } if volts > k * omega => {
                (k * volts / ohms, k * k / ohms)
            }
            Self::Driven { .. } => (0.0, 0.0),
            Self::Shorted { .. } => (0.0, k * k / motor.resistance_ohm),
        }
    }

    /// Battery current for a motor current, A, electronics included.
    pub(crate) fn battery_a(&self, current_a: f64) -> f64 {
        ELECTRONICS_A
            + match *self {
                Self::Driven { duty, .. } => duty * current_a,
                Self::Shorted { shoot_through_a } => shoot_through_a,
            }
    }
}
