//! The mechanism against physics: energy and its limits, and the droop of DOMAIN.md 2.2.

use super::tests::{FULL, STEP_S, balance, parameters, pen, run};
use super::*;
use std::fmt::Write as _;

/// Walks the carriage out until a nominal cartridge stands at `top_mm` to a microstep.
fn at_depth(pen: &mut Mechanism, top_mm: f64) {
    let out = Drive {
        stepper_enabled: true,
        steps: 1,
        ..Drive::default()
    };
    for _ in 0..2_000 {
        if pen.top_mm() < top_mm {
            pen.step(&out, STEP_S);
        }
    }
    assert!(pen.top_mm() >= top_mm, "it moves");
}

/// Share by which the rate falls at a fixed duty when 14 needles meet `newton` each at `depth_mm`,
/// percent: force linear in depth, `newton` at that depth.
///
/// DOMAIN.md's table has one force a needle for all depths (0.1 N: −1.0, −3.1, −5.2 % for 0.5,
/// 1.5, 2.5 mm: linear in depth); with force linear in depth and work F p/2 it is the same table
/// where the force is the one reached at top of stroke.
fn droop_percent(newton: f64, depth_mm: f64) -> f64 {
    let mut pen = pen();
    pen.set_cartridge(Some(0.0));
    at_depth(&mut pen, depth_mm);
    // At full duty, where this motor stalls at 6.9 mN m: DOMAIN.md's at 7. The share lost is torque
    // over stall torque, whatever the rate without load.
    let (free, _) = run(&mut pen, &FULL, 1.5, 0.5);
    pen.set_load(NeedleLoad {
        newton_per_mm: 14.0 * newton / depth_mm,
    });
    let (loaded, _) = run(&mut pen, &FULL, 1.5, 0.5);
    100.0 * (loaded / free - 1.0)
}

#[test]
fn the_droop_table_of_the_domain_is_reproduced() {
    let (forces, depths) = ([0.03, 0.1, 0.2, 0.3], [0.5, 1.5, 2.5]);
    // DOMAIN.md 2.2: mean speed change, percent, of a motor of 7,000 rpm and 7 mN m stall.
    let published = [
        [-0.3, -0.9, -1.6],
        [-1.0, -3.1, -5.2],
        [-2.1, -6.2, -10.4],
        [-3.1, -9.3, -15.6],
    ];
    let mut table = String::from("N a needle | 0.5 mm | 1.5 mm | 2.5 mm, of 14 needles\n");
    let mut droops = [[0.0; 3]; 4];
    for (row, newton) in droops.iter_mut().zip(forces) {
        for (cell, depth_mm) in row.iter_mut().zip(depths) {
            *cell = droop_percent(newton, depth_mm);
        }
        let _ = writeln!(
            table,
            "{newton:10} | {:6.1} | {:6.1} | {:6.1}",
            row[0], row[1], row[2]
        );
    }
    // Shown by `cargo test -- --nocapture`, and when it fails.
    let mut shown = std::io::stdout();
    let _ = std::io::Write::write_all(&mut shown, table.as_bytes());
    for (row, expected) in droops.iter().zip(published) {
        for (&found, expected) in row.iter().zip(expected) {
            // The published cells have one decimal; friction and membrane are not in them.
            assert!(
                (found - expected).abs() < 0.05 + 0.12 * f64::abs(expected),
                "{found} %, published {expected} %\n{table}"
            );
        }
    }
    // Asked for: some 1 to 6 % at 1.5 mm over 0.03 to 0.2 N; published -0.9 to -6.2 %.
    for row in &droops[..3] {
        assert!((-7.0..=-0.85).contains(&row[1]), "{table}");
    }
    // Linear in force and in depth, as work is.
    for (more, less) in droops[2].iter().zip(droops[1]) {
        assert!((more / less - 2.0).abs() < 0.05, "{table}");
    }
    for row in droops {
        assert!((row[2] / row[0] - 5.0).abs() < 0.4, "{table}");
    }
}

/// Energy in rotor and slider, J.
fn kinetic(pen: &Mechanism) -> f64 {
    let lever_m = 1e-3 * slide(pen.theta).slope_mm;
    0.5 * (pen.motor.inertia + SLIDER_KG * lever_m * lever_m) * pen.omega * pen.omega
}

/// Electrical energy in, and what must have come of it, over a run at some duty, J: in the
/// winding, in friction, in the load, in speed.
fn energies(duty: f64, newton_per_mm: f64, seconds: f64) -> (f64, f64) {
    let mut pen = pen();
    pen.set_cartridge(Some(0.0));
    at_depth(&mut pen, 1.5);
    pen.set_load(NeedleLoad { newton_per_mm });
    let drive = Drive { duty, ..FULL };
    let m = NOMINAL_MOTOR;
    let (mut taken, mut spent) = (0.0, -kinetic(&pen));
    for _ in 0..(seconds / STEP_S) as u32 {
        let motion = pen.step(&drive, STEP_S);
        let omega = motion.omega + 0.5 * motion.acceleration * STEP_S;
        let current_a = motion.current_a;
        // The battery gives D i; the diode takes (1 − D) i V_d of what the winding's field held.
        taken += duty * current_a * (3.7 - BATTERY_OHM * duty * current_a) * STEP_S;
        let mid = slide(motion.theta_at(0.5 * STEP_S));
        let out_mm = pen.top_mm() + mid.position_mm;
        let share = if mid.slope_mm > 0.0 { 1.0 } else { WITHDRAWAL };
        let axial_n = MEMBRANE_N + share * newton_per_mm * out_mm.max(0.0);
        let torque =
            m.dry_friction + m.viscous_friction * omega + axial_n * 1e-3 * mid.slope_mm.abs();
        spent += (current_a * current_a * m.resistance_ohm
            + (1.0 - duty) * DIODE_V * current_a
            + torque * omega)
            * STEP_S;
    }
    (taken, spent + kinetic(&pen))
}

#[test]
fn what_the_battery_gives_is_what_is_spent_and_stored() {
    for (duty, newton_per_mm) in [(1.0, 0.0), (0.6, 0.0), (0.6, 1.4), (1.0, 4.2)] {
        for seconds in [0.05, 0.3, 1.5] {
            let (taken, spent) = energies(duty, newton_per_mm, seconds);
            assert!(
                (spent / taken - 1.0).abs() < 2e-3,
                "duty {duty}, {newton_per_mm} N/mm, {seconds} s: {taken} J in, {spent} J out"
            );
        }
    }
}

#[test]
fn nothing_turns_without_supply_and_a_turning_shaft_only_loses_energy() {
    let mut rest = pen();
    run(&mut rest, &Drive::default(), 1.0, 0.5);
    assert_eq!(rest.omega(), 0.0);
    for brake in [false, true] {
        let mut pen = pen();
        pen.set_cartridge(Some(0.0));
        run(&mut pen, &FULL, 0.5, 0.1);
        let idle = Drive {
            brake,
            ..Drive::default()
        };
        let mut before = kinetic(&pen);
        while pen.omega() > 0.0 {
            pen.step(&idle, STEP_S);
            let now = kinetic(&pen);
            // The step's own error, where mass moves between slider and rotor.
            assert!(now <= before * (1.0 + 2e-4), "{before} J, then {now} J");
            before = now;
        }
    }
}

#[test]
fn speed_is_bounded_by_back_emf_and_current_by_the_circuit() {
    for supply_v in [3.3, 3.7, 4.2] {
        for duty in [0.2, 0.5, 1.0] {
            let mut pen = pen();
            pen.set_supply(supply_v);
            let drive = Drive { duty, ..FULL };
            for _ in 0..30_000 {
                let motion = pen.step(&drive, STEP_S);
                let volts = duty * supply_v;
                assert!(motion.current_a >= 0.0);
                assert!(motion.current_a <= volts / NOMINAL_MOTOR.resistance_ohm);
                assert!(pen.omega() < volts / NOMINAL_MOTOR.constant * 1.01);
            }
        }
    }
}

#[test]
fn speed_falls_in_a_straight_line_with_torque_to_stall() {
    let stall = NOMINAL_MOTOR.constant * 3.7 / (NOMINAL_MOTOR.resistance_ohm + BATTERY_OHM);
    let (free, _) = balance(1.0, 3.7, 0.0);
    let useful = stall - NOMINAL_MOTOR.dry_friction;
    for share in [0.25, 0.5, 0.75] {
        let mut pen = pen();
        let torque = share * useful;
        pen.set_shaft(Shaft::Brake(firmware_units::Micronewtonmeters(
            (1e6 * torque) as i32,
        )));
        let (omega, _) = run(&mut pen, &FULL, 1.5, 0.5);
        assert!(
            (omega / free - (1.0 - share)).abs() < 2e-3,
            "{share}: {}",
            omega / free
        );
    }
}

#[test]
fn the_tops_of_strokes_rise_and_spread_with_the_rate_as_their_parameters_say() {
    let tops = |millihertz: u32, rise_mm: f64, sd_mm: f64| {
        let mut parameters = parameters();
        parameters.carriage.float_sd_mm = 0.006;
        parameters.carriage.float_rise_mm = rise_mm;
        parameters.carriage.float_rise_sd_mm = sd_mm;
        let mut pen = Mechanism::new(parameters, 1, 0, 0);
        pen.set_shaft(Shaft::Turned { millihertz });
        let mut peaks = Vec::new();
        for _ in 0..400_000 {
            let motion = pen.step(&Drive::default(), STEP_S);
            peaks.extend(motion.peak().map(|(_, peak_mm)| peak_mm - motion.top_mm));
        }
        // The stroke under way at first was begun at rest.
        let n = (peaks.len() - 1) as f64;
        let mean = peaks[1..].iter().sum::<f64>() / n;
        let square: f64 = peaks[1..].iter().map(|it| (it - mean).powi(2)).sum();
        (mean, (square / n).sqrt(), n)
    };
    for (millihertz, rise_mm, sd_mm, mean, spread) in [
        (50_000, 0.02, 0.008, 0.005, 0.006_f64.hypot(0.004)),
        (150_000, 0.02, 0.008, 0.045, 0.006_f64.hypot(0.012)),
        (150_000, 0.0, 0.0, 0.0, 0.006),
    ] {
        let (found, sd, n) = tops(millihertz, rise_mm, sd_mm);
        assert!((found - mean).abs() < 4.0 * spread / n.sqrt(), "{found} mm");
        assert!(
            (sd / spread - 1.0).abs() < 4.0 / (2.0 * n).sqrt(),
            "{sd} mm"
        );
    }
}

#[test]
fn a_pitch_error_comes_once_a_turn_of_the_screw_and_is_none_at_home() {
    let mut parameters = parameters();
    parameters.carriage.backlash_mm = 0.0;
    parameters.carriage.pitch_error_mm = 0.010;
    parameters.carriage.pitch_phase = 0.7;
    let mut pen = Mechanism::new(parameters, 1, 0, 0);
    pen.set_supply(3.7);
    at_depth(&mut pen, 2.0);
    let out = Drive {
        stepper_enabled: true,
        steps: -1,
        ..Drive::default()
    };
    while pen.screw_mm() > 0.0 {
        let turns = pen.screw_mm() / NOMINAL_LEAD_MM;
        let error = 0.010 * ((TAU * turns + 0.7).sin() - 0.7_f64.sin());
        let expected_mm = -0.4 + pen.screw_mm() + error;
        assert!((pen.top_mm() - expected_mm).abs() < 1e-9, "{turns} turns");
        pen.step(&out, STEP_S);
    }
    assert!((pen.top_mm() + 0.4).abs() < 1e-9);
}

#[test]
fn no_command_takes_the_needles_beyond_the_stop_and_steps_lost_there_stay_lost() {
    let mut pen = pen();
    let drive = |steps| Drive {
        stepper_enabled: true,
        steps,
        ..Drive::default()
    };
    for _ in 0..400 {
        pen.step(&drive(7), STEP_S);
        assert!(pen.top_mm() <= STOP_PROTRUSION_MM);
    }
    let stop_mm = pen.screw_mm();
    for _ in 0..100 {
        pen.step(&drive(-1), STEP_S);
    }
    assert!((stop_mm - pen.screw_mm() - 100.0 * 0.003_125).abs() < 1e-9);
}
