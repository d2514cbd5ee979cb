//! The stroke rate loop: feed-forward from the battery, a soft start, and PI on the Hall period.
//!
//! Rates are in 1/1000 stroke/s, voltages in mV at the motor, averaged over the PWM.
//! The motor of HARDWARE.md has a gain of 61 strokes/s a volt and a time constant of 38 ms. One
//! edge a turn makes the dead time proportional to the period, so the gain goes with the rate.

use firmware_units::Millivolts;

use crate::scale::scale;
use crate::signal::DUTY_FULL;

/// Soft start and later changes: 250 strokes/s² is 500 a tick.
const RAMP: i32 = 500;
/// Back-EMF and viscous friction: 16.34 mV a stroke/s (HARDWARE.md, Mechanism), as mV << 16.
const FORWARD_RATE: i32 = 1_071;
/// Dry friction: 0.25 mN m / Kt x R.
const FORWARD_FRICTION: i32 = 125;
/// Rotor and cam inertia at [`RAMP`]: 1,571 rad/s² x J / Kt x R.
const FORWARD_RAMP: i32 = 157;
/// Forward voltage of the freewheel diode, which carries the current while the switch is off.
const DIODE: i32 = 350;
/// Proportional gain over rate: 0.0078 mV at 50 strokes/s, as (mV << 16) / rate << 16.
const GAIN: i32 = 669;
/// Integral time: 2^5 ticks, 64 ms.
const INTEGRAL_SHIFT: u32 = 5;
/// When the next turn is about to be faster than the reference by more than 1/16 of it, whatever
/// the integrator had built up against a load is shed at once: a load that falls away while the
/// drive is saturated would otherwise carry the cam past the over-speed trip.
const SHED_SHIFT: u32 = 4;
/// A cam that has not turned once when the ramp is here sticks: 6 mV more each tick, mV << 16.
const BREAKAWAY_FROM: i32 = 15_000;
const BREAKAWAY: i32 = 6 << 16;
/// The reciprocal of the battery voltage is renewed every 16 ticks.
const BATTERY_TICKS: u8 = 16;
/// Battery voltages the loop reckons with.
const BATTERY_RANGE: (u32, u32) = (2_500, 4_500);

/// State of the loop while the motor is driven.
#[derive(Clone, Debug)]
pub(crate) struct RateLoop {
    /// Where the ramp stands.
    reference: i32,
    /// Output of the integrator, mV << 16.
    integral: i32,
    battery: i32,
    /// Duty counts a mV, << 16: duty x battery - (1 - duty) x diode is the voltage at the motor.
    counts_per_millivolt: i32,
    battery_age: u8,
}

impl RateLoop {
    /// A loop that begins at standstill.
    pub(crate) const fn new() -> Self {
        Self {
            reference: 0,
            integral: 0,
            battery: 0,
            counts_per_millivolt: 0,
            battery_age: 0,
        }
    }

    /// One control tick: the PWM compare value for the setpoint, given the measured rate (`None`
    /// before the first whole turn) and how much it rose from turn to turn.
    pub(crate) fn tick(
        &mut self,
        setpoint: i32,
        measured: Option<u32>,
        rise: i32,
        battery: Millivolts,
    ) -> u16 {
        if self.battery_age == 0 {
            self.battery_age = BATTERY_TICKS;
            let millivolts = battery.0.clamp(BATTERY_RANGE.0, BATTERY_RANGE.1);
            self.battery = millivolts as i32;
            self.counts_per_millivolt = (i32::from(DUTY_FULL) << 16) / (self.battery + DIODE);
        }
        self.battery_age -= 1;

        let ramp = (setpoint - self.reference).clamp(-RAMP, RAMP);
        self.reference += ramp;
        let mut forward = scale(self.reference, FORWARD_RATE, 16) + FORWARD_FRICTION;
        if ramp == RAMP {
            forward += FORWARD_RAMP;
        } else if ramp == -RAMP {
            forward -= FORWARD_RAMP;
        }

        let proportional = match measured {
            None => {
                if self.reference > BREAKAWAY_FROM {
                    self.integral += BREAKAWAY;
                }
                0
            }
            Some(measured) => {
                let limit = 200_000;
                let measured = i32::try_from(measured).unwrap_or(limit).min(limit);
                let error = self.reference - measured;
                let step = scale(error, scale(self.reference, GAIN >> 3, 13), 0);
                if rise - error > self.reference >> SHED_SHIFT {
                    self.integral = self.integral.min(0);
                }
                self.integrate(forward, step);
                step >> 16
            }
        };
        let millivolts = (forward + proportional + (self.integral >> 16)).clamp(0, self.battery);
        let halves = scale(millivolts + DIODE, self.counts_per_millivolt, 15);
        let counts = (halves + 1) >> 1;
        u16::try_from(counts).unwrap_or(0).min(DUTY_FULL)
    }

    /// Moves the integrator, held so that it alone never asks for more than the battery gives or
    /// less than nothing (anti-windup).
    fn integrate(&mut self, forward: i32, step: i32) {
        let low = -forward << 16;
        let high = (self.battery - forward) << 16;
        self.integral = (self.integral + (step >> INTEGRAL_SHIFT)).clamp(low, high.max(low));
    }
}
