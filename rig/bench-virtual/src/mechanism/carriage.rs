//! The depth carriage: stepper, lead screw, pitch error, backlash, mechanical stop.
//!
//! Positions are in millimetres from home, outward positive. The screw side is what stepper,
//! home switch and position sensor see; the needle side follows it with backlash: it is pushed
//! outward at once and pulled inward after the backlash is taken up.
//!
//! ```text
//! thread(N) = N p / 160 + A (sin(2π N/160 + φ) − sin φ)
//! needle := clamp(needle, thread − slip, thread − slip + backlash)     after each microstep
//! protrusion = home protrusion + needle
//! ```
//!
//! | symbol | meaning | unit | value | source |
//! | --- | --- | --- | --- | --- |
//! | N | microsteps from home | 1 | – | 20 full steps × 8 a turn: HARDWARE.md |
//! | p | lead of the screw | mm | 0.5, SD 500 ppm | HARDWARE.md; spread ours |
//! | A, φ | error once a turn, as of a screw that is not straight | mm, rad | 0 (`screw_pitch_error_um`) | ours |
//! | backlash | play of the nut | mm | 0.005 to 0.025 | HARDWARE.md: up to 0.030 |
//! | stop | protrusion of a nominal cartridge | mm | 2.58 | HARDWARE.md |
//! | inner end | screw position | mm | −0.3 | ours |
//!
//! A microstep against stop or inner end, without supply or without holding current is lost: the
//! needle side never passes the stop, whatever the stepper is told. The stop is rigid.

/// Full steps × microsteps of one turn of the screw.
pub(crate) const MICROSTEPS_PER_TURN: f64 = 160.0;
/// Nominal lead of the screw, mm.
pub const NOMINAL_LEAD_MM: f64 = 0.5;
/// Protrusion of a nominal cartridge at top of stroke where the carriage meets its stop, mm.
pub const STOP_PROTRUSION_MM: f64 = 2.58;
/// Screw position at which the stepper meets the inner end of its travel, mm.
pub(crate) const INNER_END_MM: f64 = -0.3;
/// The home switch is closed this near to home, mm.
pub(crate) const HOME_WINDOW_MM: f64 = 0.05;
/// How far a slipped nut must be pulled back inward before it catches its thread again, mm.
const CATCH_MM: f64 = 0.1;

/// What one pen's carriage truly is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CarriageParameters {
    /// Protrusion at top of stroke of a nominal cartridge with the needle side at home, mm.
    pub home_protrusion_mm: f64,
    /// Travel of the needle side for one turn of the screw, mm.
    pub lead_mm: f64,
    /// Play between screw and needle side, mm.
    pub backlash_mm: f64,
    /// Stroke-to-stroke float of the needles, standard deviation, mm.
    pub float_sd_mm: f64,
    /// Amplitude of the screw's error once a turn, mm.
    pub pitch_error_mm: f64,
    /// Phase of that error at home, rad.
    pub pitch_phase: f64,
    /// Mean rise of the top of stroke at 100 strokes/s, mm.
    pub float_rise_mm: f64,
    /// Further float at 100 strokes/s, standard deviation, mm.
    pub float_rise_sd_mm: f64,
}

/// A nominal carriage without backlash, float or error.
pub const NOMINAL_CARRIAGE: CarriageParameters = CarriageParameters {
    home_protrusion_mm: -0.4,
    lead_mm: NOMINAL_LEAD_MM,
    backlash_mm: 0.0,
    float_sd_mm: 0.0,
    pitch_error_mm: 0.0,
    pitch_phase: 0.0,
    float_rise_mm: 0.0,
    float_rise_sd_mm: 0.0,
};

/// Stroke rate at which the rise and further float of the needles are stated, 1/s.
const FLOAT_RATE: f64 = 100.0;

impl CarriageParameters {
    /// Where the thread stands after some microsteps from home, mm.
    fn thread_mm(&self, microsteps: i64) -> f64 {
        let even_mm = microsteps as f64 * self.lead_mm / MICROSTEPS_PER_TURN;
        if self.pitch_error_mm == 0.0 {
            return even_mm;
        }
        let turns = microsteps as f64 / MICROSTEPS_PER_TURN;
        let error = |turns: f64| libm::sin(std::f64::consts::TAU * turns + self.pitch_phase);
        // The factory zero was taken at home.
        even_mm + self.pitch_error_mm * (error(turns) - error(0.0))
    }

    /// Float of one stroke at a stroke rate, from its normal deviate, mm.
    pub(crate) fn float_mm(&self, rate: f64, deviate: f64) -> f64 {
        let sd_mm = self.float_sd_mm;
        if self.float_rise_mm == 0.0 && self.float_rise_sd_mm == 0.0 {
            return sd_mm * deviate;
        }
        let rate = rate / FLOAT_RATE;
        libm::hypot(sd_mm, self.float_rise_sd_mm * rate) * deviate
            + self.float_rise_mm * rate * rate
    }
}

/// What may be broken about a carriage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CarriageDefects {
    /// Beyond this protrusion the nut slips back by this much, unseen by the sensor, mm.
    pub slip: Option<(f64, f64)>,
    /// Further play between screw and needle side, mm.
    pub backlash_mm: f64,
    /// The needle side sticks here and retracts no further, unseen by the sensor: protrusion, mm.
    pub park_stop: Option<f64>,
}

/// The carriage's state.
#[derive(Clone, Debug)]
pub(crate) struct Carriage {
    parameters: CarriageParameters,
    microsteps: i64,
    /// Needle side, mm from home.
    needle_mm: f64,
    slipped: bool,
}

impl Carriage {
    /// A carriage that came to `microsteps` from home in outward motion.
    pub(crate) fn new(parameters: CarriageParameters, microsteps: i64) -> Self {
        let needle_mm = parameters.thread_mm(microsteps);
        Self {
            parameters,
            microsteps,
            needle_mm,
            slipped: false,
        }
    }

    /// Moves one microstep; one against an end of travel is lost.
    pub(crate) fn step(&mut self, outward: bool, defects: &CarriageDefects) {
        let microsteps = self.microsteps + if outward { 1 } else { -1 };
        let parameters = &self.parameters;
        let thread_mm = parameters.thread_mm(microsteps);
        let mut slipped = self.slipped;
        let mut slip_mm = 0.0;
        if let Some((at_mm, by_mm)) = defects.slip {
            let protrusion_mm = parameters.home_protrusion_mm + thread_mm;
            slipped = if slipped {
                protrusion_mm > at_mm - CATCH_MM
            } else {
                protrusion_mm > at_mm
            };
            slip_mm = if slipped { by_mm } else { 0.0 };
        }
        let pushed_mm = thread_mm - slip_mm;
        if outward && parameters.home_protrusion_mm + pushed_mm > STOP_PROTRUSION_MM {
            return;
        }
        if !outward && microsteps as f64 * NOMINAL_LEAD_MM / MICROSTEPS_PER_TURN < INNER_END_MM {
            return;
        }
        self.microsteps = microsteps;
        self.slipped = slipped;
        self.needle_mm = self.needle_mm.clamp(
            pushed_mm,
            pushed_mm + parameters.backlash_mm + defects.backlash_mm,
        );
    }

    /// Screw side in terms of its nominal lead, mm from home.
    pub(crate) fn screw_mm(&self) -> f64 {
        self.microsteps as f64 * (NOMINAL_LEAD_MM / MICROSTEPS_PER_TURN)
    }

    /// Protrusion of a nominal cartridge at top of stroke, mm.
    pub(crate) fn protrusion_mm(&self, defects: &CarriageDefects) -> f64 {
        let protrusion_mm = self.parameters.home_protrusion_mm + self.needle_mm;
        defects
            .park_stop
            .map_or(protrusion_mm, |stop_mm| protrusion_mm.max(stop_mm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARAMETERS: CarriageParameters = CarriageParameters {
        backlash_mm: 0.020,
        ..NOMINAL_CARRIAGE
    };
    const SOUND: CarriageDefects = CarriageDefects {
        slip: None,
        backlash_mm: 0.0,
        park_stop: None,
    };

    fn drive(carriage: &mut Carriage, microsteps: i32, defects: &CarriageDefects) {
        for _ in 0..microsteps.abs() {
            carriage.step(microsteps > 0, defects);
        }
    }

    /// Protrusion and screw position, µm, after each of several moves in microsteps.
    #[track_caller]
    fn check(defects: &CarriageDefects, moves: &[(i32, f64, f64)]) {
        let mut carriage = Carriage::new(PARAMETERS, 0);
        for (row, &(microsteps, protrusion_um, screw_um)) in moves.iter().enumerate() {
            drive(&mut carriage, microsteps, defects);
            let found_um = 1000.0 * carriage.protrusion_mm(defects);
            assert!(
                (found_um - protrusion_um).abs() < 1e-6,
                "move {row}: {found_um} µm"
            );
            assert!(
                (1000.0 * carriage.screw_mm() - screw_um).abs() < 1e-6,
                "move {row}"
            );
        }
    }

    #[test]
    fn needles_follow_outward_and_lag_by_the_backlash_on_reversal() {
        check(
            &SOUND,
            &[
                (320, 600.0, 1000.0),
                // 12.5 µm back are taken up by the play, 25 µm leave 5 µm of motion.
                (-4, 600.0, 987.5),
                (-4, 595.0, 975.0),
                (-312, -380.0, 0.0),
                // Outward again: the play is taken up first.
                (4, -380.0, 12.5),
                (4, -375.0, 25.0),
            ],
        );
    }

    #[test]
    fn stop_holds_protrusion_and_the_stepper_loses_its_steps() {
        // 2.98 mm of travel from −0.4 mm reach 2.58 mm: 953.6 microsteps, so 953 are made.
        check(
            &SOUND,
            &[
                (2000, -400.0 + 953.0 * 3.125, 953.0 * 3.125),
                (-953, -380.0, 0.0),
            ],
        );
    }

    #[test]
    fn a_slipping_nut_is_low_beyond_its_place_and_right_before_it() {
        let defects = CarriageDefects {
            slip: Some((1.4, 0.25)),
            ..SOUND
        };
        check(
            &defects,
            &[
                (576, 1400.0, 1800.0),
                // 0.25 mm back, caught at the inner flank of the play, then pushed again.
                (1, 1173.125, 1803.125),
                (31, 1250.0, 1900.0),
                (-608, -380.0, 0.0),
                (512, 1200.0, 1600.0),
            ],
        );
    }

    #[test]
    fn a_sticking_carriage_parks_too_far_out_unseen_by_the_screw() {
        let defects = CarriageDefects {
            park_stop: Some(0.1),
            ..SOUND
        };
        check(
            &defects,
            &[
                (64, 100.0, 200.0),
                (320, 800.0, 1200.0),
                (-320, 100.0, 200.0),
            ],
        );
    }

    proptest! {
        #[test]
        fn needles_stay_within_play_stop_and_inner_end(
            moves in proptest::collection::vec(-1_500i32..1_500, 1..20),
            slip in proptest::option::of((-0.4f64..2.6, 0.0f64..0.5)),
        ) {
            let defects = CarriageDefects { slip, ..SOUND };
            let slip_mm = slip.map_or(0.0, |(_, by_mm)| by_mm);
            let mut carriage = Carriage::new(PARAMETERS, 0);
            for microsteps in moves {
                drive(&mut carriage, microsteps, &defects);
                let play_mm = carriage.needle_mm - carriage.screw_mm();
                prop_assert!(play_mm > -slip_mm - 1e-9 && play_mm < 0.020 + 1e-9);
                prop_assert!(carriage.screw_mm() > INNER_END_MM - 1e-9);
                // Pushed outward only up to the stop; pulled back, the play may still be in front.
                prop_assert!(carriage.protrusion_mm(&defects) <= STOP_PROTRUSION_MM + 0.020);
            }
        }
    }
}
