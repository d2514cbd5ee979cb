//! The mechanism against closed forms and against what its parts promise.

use super::*;
use firmware_units::Micronewtonmeters;
use std::f64::consts::PI;

pub(super) const STEP_S: f64 = 50e-6;
pub(super) const FULL: Drive = Drive {
    duty: 1.0,
    supply_closed: true,
    brake: false,
    stepper_enabled: false,
    steps: 0,
};

pub(super) fn parameters() -> PenParameters {
    PenParameters {
        motor: NOMINAL_MOTOR,
        carriage: CarriageParameters {
            backlash_mm: 0.020,
            ..NOMINAL_CARRIAGE
        },
        position_offset_mm: 0.0,
        current_offset_a: 0.0,
    }
}

pub(super) fn pen() -> Mechanism {
    let mut pen = Mechanism::new(parameters(), 1, 0, 0);
    pen.set_supply(3.7);
    pen
}

/// Runs for some seconds; mean speed and mean current over the last `window_s`.
pub(super) fn run(pen: &mut Mechanism, drive: &Drive, seconds: f64, window_s: f64) -> (f64, f64) {
    let steps = (seconds / STEP_S).round() as u32;
    let first = steps - (window_s / STEP_S).round() as u32;
    let (mut omega, mut current_a) = (0.0, 0.0);
    for step in 0..steps {
        let motion = pen.step(drive, STEP_S);
        if step >= first {
            omega += motion.omega;
            current_a += motion.current_a;
        }
    }
    (
        omega / f64::from(steps - first),
        current_a / f64::from(steps - first),
    )
}

/// Speed and current where the mean torques balance: K i = dry + viscous ω, i R = V − K ω.
pub(super) fn balance(duty: f64, supply_v: f64, torque: f64) -> (f64, f64) {
    let m = NOMINAL_MOTOR;
    let volts = duty * supply_v - (1.0 - duty) * DIODE_V;
    let ohms = m.resistance_ohm + duty * duty * BATTERY_OHM;
    let dry = m.dry_friction + torque;
    let omega =
        (m.constant * volts / ohms - dry) / (m.constant * m.constant / ohms + m.viscous_friction);
    (omega, (volts - m.constant * omega) / ohms)
}

#[track_caller]
fn check_steady(duty: f64, supply_v: f64, brake_unm: i32) {
    let mut pen = pen();
    pen.set_supply(supply_v);
    pen.set_shaft(Shaft::Brake(Micronewtonmeters(brake_unm)));
    let (omega, current_a) = run(&mut pen, &Drive { duty, ..FULL }, 1.5, 0.5);
    let (omega_balance, current_balance) = balance(duty, supply_v, f64::from(brake_unm) * 1e-6);
    // The reciprocating mass makes the speed ripple; its mean moves by less than 0.02 %.
    assert!(
        (omega / omega_balance - 1.0).abs() < 2e-4,
        "{omega} rad/s, not {omega_balance}"
    );
    assert!(
        (current_a / current_balance - 1.0).abs() < 2e-3,
        "{current_a} A, not {current_balance}"
    );
}

#[test]
fn speed_and_current_settle_where_torques_balance() {
    check_steady(1.0, 3.7, 0);
    check_steady(1.0, 4.2, 0);
    check_steady(0.6, 3.7, 0);
    check_steady(0.5, 3.3, 0);
    for brake_unm in [500, 1_000, 2_000] {
        check_steady(1.0, 3.7, brake_unm);
    }
}

#[test]
fn no_load_rate_leaves_room_above_the_over_speed_trip() {
    let (omega, _) = run(&mut pen(), &FULL, 1.5, 0.5);
    assert!(
        (200.0..230.0).contains(&(omega / TAU)),
        "{} strokes/s",
        omega / TAU
    );
}

#[test]
fn stall_current_is_supply_over_resistance() {
    let mut pen = pen();
    pen.set_shaft(Shaft::Locked);
    let (omega, current_a) = run(&mut pen, &FULL, 0.01, 0.005);
    assert_eq!(omega, 0.0);
    assert!((current_a - 3.7 / 1.28).abs() < 1e-9, "{current_a} A");
    let sag_v = 2.0 * pen.sensors().battery_v;
    assert!(
        (sag_v - (3.7 - 0.08 * (3.7 / 1.28 + 0.015))).abs() < 1e-9,
        "{sag_v} V"
    );
}

#[test]
fn an_open_cut_off_or_no_duty_leaves_the_motor_to_coast() {
    for drive in [
        Drive {
            supply_closed: false,
            ..FULL
        },
        Drive { duty: 0.0, ..FULL },
    ] {
        let mut pen = pen();
        run(&mut pen, &FULL, 0.5, 0.1);
        let before = pen.omega();
        let (_, current_a) = run(&mut pen, &drive, 0.05, 0.05);
        assert_eq!(current_a, 0.0);
        // dω/dt = −(dry + viscous ω)/J: an exponential towards −dry/viscous.
        let m = NOMINAL_MOTOR;
        let floor = m.dry_friction / m.viscous_friction;
        let after = (before + floor) * (-0.05 * m.viscous_friction / m.inertia).exp() - floor;
        // Within the ripple of the reciprocating mass, m s′²/2J at most.
        assert!(
            (pen.omega() / after - 1.0).abs() < 0.006,
            "{} not {after}",
            pen.omega()
        );
    }
}

#[test]
fn short_brake_stops_the_shaft_when_the_closed_form_says() {
    let mut pen = pen();
    run(&mut pen, &FULL, 0.5, 0.1);
    let m = NOMINAL_MOTOR;
    let damping = m.constant * m.constant / m.resistance_ohm + m.viscous_friction;
    let expected_s = m.inertia / damping * (1.0 + pen.omega() * damping / m.dry_friction).ln();
    let brake = Drive {
        duty: 0.0,
        supply_closed: true,
        brake: true,
        ..FULL
    };
    let mut seconds = 0.0;
    while pen.omega() > 0.0 {
        pen.step(&brake, STEP_S);
        seconds += STEP_S;
        assert!(seconds < 1.0);
    }
    assert!(
        (seconds / expected_s - 1.0).abs() < 0.01,
        "{seconds} s, not {expected_s} s"
    );
    assert!(
        run(&mut pen, &brake, 0.1, 0.1).0 == 0.0,
        "friction must not turn the shaft back"
    );
}

#[test]
fn without_friction_the_reciprocating_mass_trades_energy_and_loses_none() {
    let mut parameters = parameters();
    parameters.motor.dry_friction = 0.0;
    parameters.motor.viscous_friction = 0.0;
    let mut pen = Mechanism::new(parameters, 1, 0, 0);
    pen.omega = 700.0;
    let energy = |pen: &Mechanism| {
        let lever_m = 1e-3 * slide(pen.theta).slope_mm;
        0.5 * (2.0e-7 + SLIDER_KG * lever_m * lever_m) * pen.omega * pen.omega
    };
    let start = energy(&pen);
    let (mut low, mut high) = (f64::MAX, 0.0_f64);
    for _ in 0..20_000 {
        pen.step(&Drive::default(), STEP_S);
        (low, high) = (low.min(pen.omega), high.max(pen.omega));
    }
    assert!(
        (energy(&pen) / start - 1.0).abs() < 1e-3,
        "{}",
        energy(&pen) / start
    );
    assert!(high / low - 1.0 > 0.002, "the mass must show as ripple");
}

#[test]
fn needle_load_costs_its_work_once_a_turn() {
    let mut pen = pen();
    pen.set_cartridge(Some(0.0));
    run(
        &mut pen,
        &Drive {
            duty: 0.0,
            stepper_enabled: true,
            steps: 0,
            ..FULL
        },
        0.001,
        0.001,
    );
    while pen.top_mm() < 1.5 {
        pen.step(
            &Drive {
                stepper_enabled: true,
                steps: 1,
                duty: 0.0,
                ..FULL
            },
            STEP_S,
        );
    }
    let top_mm = pen.top_mm();
    pen.set_load(NeedleLoad {
        newton_per_mm: 14.0 * 0.1,
    });
    let (omega, _) = run(&mut pen, &FULL, 2.0, 1.0);
    // Work a turn: membrane over two strokes, load in and 30 % out over the protrusion.
    let work = MEMBRANE_N * 6e-3 + 1.3 * 0.5 * 1.4e3 * (top_mm * 1e-3).powi(2);
    let (expected, _) = balance(1.0, 3.7, work / TAU);
    assert!(
        (omega / expected - 1.0).abs() < 2e-3,
        "{omega} rad/s, not {expected}"
    );
}

#[test]
fn top_of_stroke_is_the_intended_protrusion_and_bottom_is_three_millimetres_below() {
    let mut pen = pen();
    pen.set_cartridge(Some(0.030));
    while pen.screw_mm() < 1.4 {
        pen.step(
            &Drive {
                stepper_enabled: true,
                steps: 1,
                ..Drive::default()
            },
            STEP_S,
        );
    }
    pen.set_shaft(Shaft::Turned { millihertz: 20_000 });
    let (mut low, mut high) = (f64::MAX, f64::MIN);
    for _ in 0..4_000 {
        let motion = pen.step(&Drive::default(), STEP_S);
        let needles_mm = motion.needles_mm(STEP_S, 0.0);
        (low, high) = (low.min(needles_mm), high.max(needles_mm));
    }
    let top_mm = -0.4 + pen.screw_mm() + 0.030;
    assert!((high - top_mm).abs() < 2e-5, "{high} mm, not {top_mm} mm");
    assert!((low - (top_mm - 3.0)).abs() < 2e-5, "{low} mm");
}

#[test]
fn pulses_without_the_stepper_held_or_without_supply_move_nothing() {
    let mut pen = pen();
    let before = pen.screw_mm();
    pen.step(
        &Drive {
            steps: 5,
            ..Drive::default()
        },
        STEP_S,
    );
    assert_eq!(pen.screw_mm(), before);
    pen.set_supply(0.0);
    pen.step(
        &Drive {
            steps: 5,
            stepper_enabled: true,
            ..Drive::default()
        },
        STEP_S,
    );
    assert_eq!(pen.screw_mm(), before);
}

#[test]
fn hall_edges_come_once_a_turn_at_bottom_of_stroke() {
    let mut pen = pen();
    pen.set_shaft(Shaft::Turned {
        millihertz: 116_667,
    });
    let (mut edges, mut begin_s) = (Vec::new(), 0.0);
    for _ in 0..20_000 {
        let motion = pen.step(&Drive::default(), STEP_S);
        if let Some(at_s) = pen.sensors().hall_edge_s {
            assert!((motion.theta_at(at_s) - TAU).abs() < 1e-9);
            edges.push(begin_s + at_s);
        }
        begin_s += STEP_S;
    }
    assert!((116..=117).contains(&edges.len()));
    assert!(
        edges
            .windows(2)
            .all(|pair| ((pair[1] - pair[0]) * 116.667 - 1.0).abs() < 1e-6)
    );
    pen.defects.hall.dead = true;
    for _ in 0..400 {
        pen.step(&Drive::default(), STEP_S);
        assert_eq!(pen.sensors().hall_edge_s, None);
    }
}

#[test]
fn strokes_float_with_the_given_spread_and_without_a_jump() {
    let mut parameters = parameters();
    parameters.carriage.float_sd_mm = 0.008;
    let mut pen = Mechanism::new(parameters, 1, 0, 0);
    pen.set_shaft(Shaft::Turned {
        millihertz: 150_000,
    });
    let (mut peaks, mut last_mm) = (Vec::new(), None);
    for _ in 0..400_000 {
        let motion = pen.step(&Drive::default(), STEP_S);
        // Where one step ends the next begins, whether or not a stroke ends between them.
        let begin_mm = motion.needles_mm(0.0, 0.0);
        if let Some(before_mm) = last_mm.replace(motion.needles_mm(STEP_S, 0.0)) {
            assert!(
                f64::abs(begin_mm - before_mm) < 1e-9,
                "{before_mm} mm, then {begin_mm} mm"
            );
        }
        // And at bottom of stroke, inside a step, old and new float meet.
        if let Some(at_s) = motion.crossing_s(TAU) {
            let below_mm = motion.needles_mm(at_s, 0.0) - motion.top_mm;
            assert!((below_mm + 3.0).abs() < 1e-9, "{below_mm} mm");
        }
        peaks.extend(motion.peak().map(|(_, peak_mm)| peak_mm - motion.top_mm));
    }
    let n = peaks.len() as f64;
    let mean = peaks.iter().sum::<f64>() / n;
    let spread = (peaks.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((2_999..=3_000).contains(&peaks.len()), "{}", peaks.len());
    // Four standard errors of mean and spread.
    assert!(mean.abs() < 4.0 * 0.008 / n.sqrt(), "{mean}");
    assert!(
        (spread / 0.008 - 1.0).abs() < 4.0 / (2.0 * n).sqrt(),
        "{spread}"
    );
}

#[test]
fn a_first_order_gauge_lags_and_attenuates_as_its_bandwidth_says() {
    // A harmonic of angular frequency ω through 1/(1 + τ s): compare the fundamental with the
    // exact response, over one turn at 150 strokes/s and τ of 20 kHz.
    let (omega, lag_s) = (TAU * 150.0, 1.0 / (TAU * 20e3));
    let motion = Motion {
        duration_s: 1.0,
        theta: 0.0,
        crank: Crank::at(0.0),
        omega,
        acceleration: 0.0,
        top_mm: 0.0,
        stroke: 0,
        float_mm: 0.0,
        next_float_mm: 0.0,
        resting_mm: None,
        current_a: 0.0,
    };
    let fundamental = |lag_s: f64| {
        let n = 4_000;
        let (mut re, mut im) = (0.0, 0.0);
        for k in 0..n {
            let angle = TAU * f64::from(k) / f64::from(n);
            let value_mm = motion.needles_mm(angle / omega, lag_s);
            re += value_mm * angle.cos() * 2.0 / f64::from(n);
            im += value_mm * angle.sin() * 2.0 / f64::from(n);
        }
        (re.hypot(im), im.atan2(re))
    };
    let ((sharp, phase), (shown, late)) = (fundamental(0.0), fundamental(lag_s));
    assert!((shown / sharp - 1.0 / (1.0 + (omega * lag_s).powi(2)).sqrt()).abs() < 1e-8);
    assert!((late - phase - (omega * lag_s).atan()).abs() < 1e-6);
}

/// What nose and handpiece stand above the air after a time of constant heat in both, W: the closed
/// form of two bodies, by the eigenvectors of their matrix.
fn two_bodies(nose_w: f64, body_w: f64, seconds: f64) -> (f64, f64) {
    let (r1, r2) = (NOSE_KELVIN_PER_WATT, BODY_KELVIN_PER_WATT);
    let a = 1.0 / (r1 * NOSE_JOULE_PER_KELVIN);
    let b = 1.0 / (r1 * BODY_JOULE_PER_KELVIN);
    let c = 1.0 / (r2 * BODY_JOULE_PER_KELVIN);
    let half = 0.5 * (a + b + c);
    let root = (half * half - a * c).sqrt();
    let end = ((r1 + r2) * nose_w + r2 * body_w, r2 * (nose_w + body_w));
    // Eigenvectors (a, λ + a); the sum of both begins at the end's opposite.
    let (fast, slow) = (-half - root, -half + root);
    let weight = |own: f64, other: f64| (end.0 / a * (other + a) - end.1) / (own - other);
    let part = |own: f64, other: f64| weight(own, other) * (own * seconds).exp();
    let (of_fast, of_slow) = (part(fast, slow), part(slow, fast));
    (
        end.0 + a * (of_fast + of_slow),
        end.1 + (fast + a) * of_fast + (slow + a) * of_slow,
    )
}

#[test]
fn nose_and_handpiece_warm_as_two_bodies_do() {
    assert!(two_bodies(1.0, 0.5, 0.0).0.abs() < 1e-9);
    let mut pen = pen();
    pen.set_shaft(Shaft::Locked);
    let m = NOMINAL_MOTOR;
    let current_a = 3.7 / (m.resistance_ohm + BATTERY_OHM);
    let nose_w = current_a * current_a * m.resistance_ohm;
    let battery_a = current_a + motor::ELECTRONICS_A;
    let terminal_v = 3.7 - BATTERY_OHM * battery_a;
    let body_w = battery_a * battery_a * BATTERY_OHM + motor::ELECTRONICS_A * terminal_v;
    for minute in 1..=60 {
        for _ in 0..12_000 {
            pen.step(&FULL, 0.005);
        }
        let expected = two_bodies(nose_w, body_w, f64::from(minute) * 60.0);
        let found = (pen.nose_c() - AMBIENT_C, pen.body_c - AMBIENT_C);
        // Stepped by 0.1 s here, by 1 ms on the bench.
        assert!(
            (found.0 / expected.0 - 1.0).abs() < 3e-3 && (found.1 / expected.1 - 1.0).abs() < 3e-3,
            "{minute} min: {found:?}, {expected:?}"
        );
    }
}

#[test]
fn the_nose_of_a_running_pen_warms_by_what_its_motor_loses() {
    let mut pen = pen();
    let drive = Drive { duty: 0.6, ..FULL };
    let (omega, current_a) = run(&mut pen, &drive, 1.0, 0.5);
    let m = NOMINAL_MOTOR;
    let power_w = current_a * current_a * m.resistance_ohm
        + (m.dry_friction + m.viscous_friction * omega) * omega;
    let before = pen.nose_c();
    run(&mut pen, &drive, 3.0, 1.0);
    // So soon, next to nothing has gone on to the handpiece.
    let expected = 3.0 * power_w / NOSE_JOULE_PER_KELVIN;
    assert!(
        (0.97..1.0).contains(&((pen.nose_c() - before) / expected)),
        "{} K, {expected} K",
        pen.nose_c() - before
    );
    let end_c = AMBIENT_C + two_bodies(power_w, 0.1, 1e6).0;
    assert!(
        (24.0..41.0).contains(&end_c),
        "a running pen must not trip on its own heat"
    );
}

#[test]
fn a_cell_gives_its_capacity_and_sags_as_it_empties() {
    let mut pen = pen();
    pen.set_charged_cell();
    pen.set_shaft(Shaft::Locked);
    let drive = Drive { duty: 0.3, ..FULL };
    let mut drawn_as = 0.0;
    let mut before_v = 5.0;
    pen.step(&drive, 0.01);
    while pen.sensors().battery_v * 2.0 > 3.2 {
        let current_a = pen.step(&drive, 0.01).current_a;
        drawn_as += 0.01 * (0.3 * current_a + motor::ELECTRONICS_A);
        assert!(drawn_as < CAPACITY_AS);
        assert!(pen.supply_v <= before_v);
        before_v = pen.supply_v;
    }
    // The knee of the curve: a few per cent are left at 3.2 V and so small a current.
    let share = drawn_as / CAPACITY_AS;
    assert!((0.95..0.99).contains(&share), "{share}");
    // The fixture's supply takes its place, and a cell put in again is charged.
    pen.set_supply(3.7);
    pen.step(&Drive::default(), 0.01);
    assert!(pen.sensors().battery_v > 1.84);
    pen.set_charged_cell();
    pen.limit_cell(3.0);
    assert_eq!(pen.supply_v, 3.0);
}

#[test]
fn position_sensor_shows_the_screw_with_its_noise() {
    let mut pen = pen();
    let shown: Vec<f64> = (0..40_000)
        .map(|_| {
            pen.step(&Drive::default(), STEP_S);
            pen.sensors().position_v * 4.096 / 3.3 - 1.0
        })
        .step_by(STEPS_PER_DRAW as usize)
        .collect();
    let n = shown.len() as f64;
    let mean = shown.iter().sum::<f64>() / n;
    let spread = (shown.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((mean - pen.screw_mm()).abs() < 4.0 * POSITION_NOISE_MM / n.sqrt());
    assert!(
        (spread / POSITION_NOISE_MM - 1.0).abs() < 4.0 / (2.0 * n).sqrt(),
        "{spread}"
    );
}

#[test]
fn a_shorted_switch_runs_the_motor_until_the_series_cut_off_opens() {
    let mut pen = pen();
    pen.defects.switch_shorted = true;
    run(&mut pen, &Drive { duty: 0.0, ..FULL }, 0.5, 0.1);
    assert!(pen.omega() > 100.0 * PI);
    let (_, current_a) = run(
        &mut pen,
        &Drive {
            duty: 0.0,
            supply_closed: false,
            ..FULL
        },
        0.01,
        0.01,
    );
    assert_eq!(current_a, 0.0);
}
