//! The stroke rate loop: feed-forward from the battery, a soft start, and PI on the Hall period.
//!
//! Rates are in 1/1000 stroke/s, voltages in mV at the motor, averaged over the PWM.
//! The motor of HARDWARE.md has a gain of 61 strokes/s a volt and a time constant of 38 ms. One
//! edge a turn makes the dead time proportional to the period, so the gain goes with the rate.
//!
//! What the motor's voltage leaves beyond its current times its resistance is the back-EMF: a rate
//! that needs neither Hall sensor nor clock, good to some 4 % of 150 strokes/s (HARDWARE.md, Motor
//! as a sensor). Edges that are lost look like a cam that is slow; the loop raises nothing on
//! their word while the back-EMF says that it is not, and beyond [`CEILING`] it lowers on the
//! back-EMF's alone.

use firmware_units::{Milliamperes, Millivolts};

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
/// A cam that has not turned once when the ramp is here sticks, or presses its needles into skin: 24 mV
/// more each tick, mV << 16. The whole battery is on the motor within 0.3 s, before that is a stall.
const BREAKAWAY_FROM: i32 = 15_000;
const BREAKAWAY: i32 = 24 << 16;
/// 1/(2 pi Ke): 66.31 strokes/s a volt, as 1/1000 stroke/s for 1/4 mV << 9.
const EMF_RATE: i32 = 8_488;
/// Winding resistance, 1.2 ohm << 10.
const RESISTANCE: i32 = 1_229;
/// The back-EMF's rate is never let beyond this, whatever edges say: at tolerances of 3 % of Ke
/// and R it is 150 to 164 strokes/s in truth.
const CEILING: i32 = 157_000;
/// What the back-EMF lags behind and the cam runs on at [`RAMP`]: 16 ms.
const RAMP_LAG: i32 = 4_000;
/// Edges are in doubt when their rate is 1/4 below what the back-EMF has beyond this.
const DOUBT_FROM: i32 = 8_000;
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
    /// Voltages at the motor that were asked for one tick ago and two; the current that is known
    /// flowed at the latter.
    applied: (i32, i32),
    /// Back-EMF, smoothed over 8 ms, in 1/4 mV.
    emf: i32,
    /// [`RateLoop::DOUBTED`] for each tick in which edges were in doubt, less one for each other.
    doubt: u32,
}

impl RateLoop {
    /// A lost edge leaves the rate in doubt for 1.6 turns: one in five or more adds up.
    pub(crate) const DOUBTED: u32 = 3;

    /// A loop that begins at standstill.
    pub(crate) const fn new() -> Self {
        Self {
            reference: 0,
            integral: 0,
            battery: 0,
            counts_per_millivolt: 0,
            battery_age: 0,
            applied: (0, 0),
            emf: 0,
            doubt: 0,
        }
    }

    /// How long the edges have fallen short of the back-EMF: [`RateLoop::DOUBTED`] for each tick,
    /// less one for each tick in which they did not.
    pub(crate) const fn doubt(&self) -> u32 {
        self.doubt
    }

    /// One control tick: the PWM compare value for the setpoint, given the measured rate (`None`
    /// before the first whole turn), how much it rose from turn to turn, and the motor's current.
    pub(crate) fn tick(
        &mut self,
        setpoint: i32,
        measured: Option<u32>,
        rise: i32,
        current: Milliamperes,
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
        let mut ceiling = CEILING;
        if ramp == RAMP {
            forward += FORWARD_RAMP;
            ceiling -= RAMP_LAG;
        } else if ramp == -RAMP {
            forward -= FORWARD_RAMP;
        }

        self.emf += self.applied.1 - scale(current.0, RESISTANCE, 10) - (self.emf >> 2);
        let emf = scale(self.emf, EMF_RATE, 9);
        let mut error = 0;
        match measured {
            None => {
                if self.reference > BREAKAWAY_FROM && emf < self.reference >> 1 {
                    self.integral += BREAKAWAY;
                }
            }
            Some(measured) => {
                let limit = 200_000;
                let measured = i32::try_from(measured).unwrap_or(limit).min(limit);
                error = self.reference - measured;
                if rise - error > self.reference >> SHED_SHIFT {
                    self.integral = self.integral.min(0);
                }
                let beyond = emf - DOUBT_FROM;
                if measured < beyond - (beyond >> 2) {
                    error = error.min(0);
                    self.doubt = self.doubt.saturating_add(Self::DOUBTED);
                } else {
                    self.doubt = self.doubt.saturating_sub(1);
                }
            }
        }
        error = error.min(ceiling - emf);
        let step = scale(error, scale(self.reference, GAIN >> 3, 13), 0);
        self.integrate(forward, step);
        let proportional = step >> 16;
        let millivolts = (forward + proportional + (self.integral >> 16)).clamp(0, self.battery);
        self.applied = (millivolts, self.applied.0);
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
