//! Checks of what may be broken about mechanism, cartridge, electronics and supply.

use super::{Check, OFF, ON, Stand, near, stand, with};
use crate::factory::Unit;
use crate::mechanism::{Drive, NeedleLoad};
use rig_bench::{GAUGE, TACHOMETER};

pub(super) const CHECKS: &[Check] = &[
    ("depth-zero-off", depth_zero_off),
    ("zero-drift", zero_drift),
    ("carriage-slip", carriage_slip),
    ("park-stop", park_stop),
    ("backlash-grown", backlash_grown),
    ("steps-lost", steps_lost),
    ("cam-slip", cam_slip),
    ("shaft-stuck", shaft_stuck),
    ("cam-turned", cam_turned),
    ("motor-drag", motor_drag),
    ("nose-heated", nose_heated),
    ("nose-soft", nose_soft),
    ("needles-long", needles_long),
    ("needles-bent", needles_bent),
    ("needles-missing", needles_missing),
    ("membrane-drag", membrane_drag),
    ("hall-dead", hall_dead),
    ("hall-double", hall_double),
    ("hall-missed", hall_missed),
    ("hall-noise", hall_noise),
    ("position-held", position_held),
    ("position-torn", position_torn),
    ("switch-shorted", switch_shorted),
    ("cut-off-stuck", cut_off_stuck),
    ("winding-shorted", winding_shorted),
    ("home-stuck-closed", home_stuck),
    ("home-stuck-open", home_stuck),
    ("cartridge-stuck-closed", cartridge_stuck),
    ("cartridge-stuck-open", cartridge_stuck),
    ("supply-dip", supply_dip),
    ("battery-weak", battery_weak),
    ("battery-worn", battery_worn),
    ("brown-out-in-move", brown_out_in_move),
];

fn depth_zero_off() {
    let record = |fault| Unit::draw(&with(fault), 0, 1).unwrap().calibration;
    let (sound, broken) = (record(""), record("name = \"depth-zero-off\"\num = 300"));
    assert_eq!(broken.home_protrusion.0 + 300_000, sound.home_protrusion.0);
}

fn zero_drift() {
    let mut broken = stand("name = \"zero-drift\"\num_per_s = 100\nfrom_s = 1\nfor_s = 2");
    let before_um = broken.run(&OFF, 1.0).top_um();
    let position_um = broken.position_um();
    near(broken.run(&OFF, 1.0).top_um() - before_um, 100.0, 1.0);
    // What it has moved stays, and the sensor sees none of it.
    near(broken.run(&OFF, 2.0).top_um() - before_um, 200.0, 1.0);
    near(broken.position_um(), position_um, 15.0);
}

fn carriage_slip() {
    let (mut sound, mut broken) = (
        stand(""),
        stand("name = \"carriage-slip\"\nat_um = 1400\nby_um = 250"),
    );
    for (microsteps, slip_um) in [(300, 0.0), (400, 250.0)] {
        sound.walk(microsteps);
        broken.walk(microsteps);
        near(sound.top_um() - broken.top_um(), slip_um, 1e-6);
        near(sound.position_um(), broken.position_um(), 1e-6);
    }
}

fn park_stop() {
    let mut broken = stand("name = \"park-stop\"\num = 100");
    near(broken.walk(300).walk(-300).top_um(), 100.0, 1e-6);
    assert!(stand("").walk(300).walk(-300).top_um() < -50.0);
}

fn backlash_grown() {
    let (mut sound, mut broken) = (stand(""), stand("name = \"backlash-grown\"\num = 200"));
    sound.walk(300);
    broken.walk(300);
    near(broken.top_um(), sound.top_um(), 1e-6);
    sound.walk(-200);
    broken.walk(-200);
    near(broken.top_um() - sound.top_um(), 200.0, 1e-6);
    near(sound.position_um(), broken.position_um(), 1e-6);
}

fn steps_lost() {
    let way_um = |probability: &str| {
        let fault = format!("name = \"steps-lost\"\nprobability = {probability}");
        let mut stand = stand(&fault);
        let before_um = stand.top_um();
        stand.walk(600).top_um() - before_um
    };
    let whole_um = way_um("0");
    assert_eq!(way_um("1"), 0.0);
    // 600 pulses: four standard deviations are 49.
    near(way_um("0.5") / whole_um, 0.5, 49.0 / 600.0);
}

/// Span of the gauge over half a second at speed, µm, and edges of tachometer and Hall sensor.
fn at_speed(stand: &mut Stand) -> (f64, usize, usize) {
    stand.run(&ON, 1.0);
    stand.seen.clear();
    stand.edges.clear();
    stand.run(&ON, 0.5);
    let values = stand.values(GAUGE);
    let (low, high) = (values.iter().min().unwrap(), values.iter().max().unwrap());
    (
        1e-3 * (high - low) as f64,
        stand.values(TACHOMETER).len(),
        stand.edges.len(),
    )
}

fn cam_slip() {
    let (span_um, edges, hall) = at_speed(&mut stand(""));
    assert!(
        span_um > 2_950.0 && edges == hall,
        "{span_um} {edges} {hall}"
    );
    let (span_um, edges_loose, hall) = at_speed(&mut stand("name = \"cam-slip\""));
    assert!(span_um < 120.0, "{span_um}");
    // The membrane's friction and the slider's mass are gone, so it turns no slower.
    assert!(edges_loose.abs_diff(hall) <= 1 && edges_loose >= edges);
}

fn shaft_stuck() {
    let mut broken = stand("name = \"shaft-stuck\"\nfrom_s = 0.5");
    broken.run(&ON, 0.5);
    assert!(broken.edges.len() > 40);
    broken.edges.clear();
    broken.run(&ON, 0.5);
    assert!(broken.edges.len() <= 1, "{:?}", broken.edges);
    assert!(broken.world.sensors().current_v > 2.5);
}

fn cam_turned() {
    let mut broken = stand("name = \"cam-turned\"\nmillihertz = 20000");
    broken.run(&OFF, 2.0);
    assert!((39..=41).contains(&broken.edges.len()));
    assert!(stand("").run(&OFF, 2.0).edges.is_empty());
}

/// Rate over the last half of 2 s at full duty, 1/s.
fn rate(stand: &mut Stand) -> f64 {
    stand.run(&ON, 1.0);
    stand.edges.clear();
    stand.run(&ON, 1.0);
    let n = stand.edges.len() - 1;
    n as f64 / (stand.edges[n] - stand.edges[0])
}

/// Rate lost by so much more torque, 1/s: the slope of the motor's curve.
fn slowed(torque: f64) -> f64 {
    let motor = Unit::draw(&with(""), 0, 1).unwrap().parameters.motor;
    let ohms = motor.resistance_ohm + crate::mechanism::BATTERY_OHM;
    let slope = motor.constant * motor.constant / ohms + motor.viscous_friction;
    torque / slope / std::f64::consts::TAU
}

fn motor_drag() {
    let sound = rate(&mut stand(""));
    let broken = rate(&mut stand("name = \"motor-drag\"\ntorque_unm = 2000"));
    near(sound - broken, slowed(2e-3), 0.5);
    let stuck = stand("name = \"motor-drag\"\ntorque_unm = 8000")
        .run(&ON, 0.5)
        .edges
        .len();
    assert_eq!(stuck, 0);
}

fn nose_heated() {
    let rise = |fault: &str| stand(fault).run(&OFF, 3.0).world.sensors().temperature_v;
    let kelvin = 100.0 * (rise("name = \"nose-heated\"\nkelvin = 300") - rise(""));
    near(kelvin, 300.0 * (1.0 - (-3.0_f64 / 300.0).exp()), 0.02);
}

fn nose_soft() {
    let give_um = |fault: &str| {
        let mut stand = stand(fault);
        let free_um = stand.run(&OFF, 0.01).top_um();
        stand.world.set_axial(2.0);
        stand.top_um() - free_um
    };
    near(give_um(""), 20.0, 1e-6);
    near(give_um("name = \"nose-soft\"\num_per_n = 60"), 140.0, 1e-6);
}

fn needles_long() {
    let broken = stand("name = \"needles-long\"\num = 500")
        .run(&OFF, 0.01)
        .top_um();
    near(broken - stand("").run(&OFF, 0.01).top_um(), 500.0, 1e-6);
}

fn needles_bent() {
    let mut broken = stand("name = \"needles-bent\"\num = 400");
    near(
        stand("").top_um() - broken.run(&OFF, 0.01).top_um(),
        400.0,
        1e-6,
    );
    // 20 mN over two strokes a turn.
    let torque = 0.02 * 6e-3 / std::f64::consts::TAU;
    near(
        rate(&mut stand("")) - rate(&mut broken),
        slowed(torque),
        0.3,
    );
}

fn needles_missing() {
    let loaded = |fault: &str, newton_per_mm: f64| {
        let mut stand = stand(fault);
        stand.walk(500).world.set_load(NeedleLoad { newton_per_mm });
        rate(&mut stand)
    };
    let half = loaded("name = \"needles-missing\"\nneedles = 7", 2.8);
    near(half, loaded("", 1.4), 0.01);
    assert!(half > loaded("", 2.8) + 1.0);
    near(
        loaded("name = \"needles-missing\"\nneedles = 14", 2.8),
        loaded("", 0.0),
        0.01,
    );
}

fn membrane_drag() {
    let broken = rate(&mut stand("name = \"membrane-drag\"\nmn = 500"));
    let torque = 0.5 * 6e-3 / std::f64::consts::TAU;
    near(rate(&mut stand("")) - broken, slowed(torque), 0.5);
}

fn hall_dead() {
    let mut broken = stand("name = \"hall-dead\"");
    let (span_um, edges, hall) = at_speed(&mut broken);
    assert!(span_um > 2_900.0 && edges > 50 && hall == 0);
}

fn hall_double() {
    let fault = "name = \"hall-double\"\nprobability = 1\nafter_us = 300";
    let mut broken = stand(fault);
    let (_, edges, hall) = at_speed(&mut broken);
    assert!(hall.abs_diff(2 * edges) <= 2, "{hall} {edges}");
    let close = broken
        .edges
        .windows(2)
        .filter(|pair| (pair[1] - pair[0] - 300e-6).abs() < 1e-9)
        .count();
    assert!(close.abs_diff(edges) <= 1, "{close} of {edges}");
}

fn hall_missed() {
    let mut broken = stand("name = \"hall-missed\"\nprobability = 0.3");
    broken.run(&ON, 6.0);
    let (edges, all) = (
        broken.edges.len() as f64,
        broken.values(TACHOMETER).len() as f64,
    );
    // Four standard deviations of the share.
    near(edges / all, 0.7, 4.0 * (0.21 / all).sqrt());
}

fn hall_noise() {
    let mut broken = stand("name = \"hall-noise\"\nper_s = 1000");
    broken.run(&ON, 2.0);
    let false_edges = broken.edges.len() as f64 - broken.values(TACHOMETER).len() as f64;
    // At most one a step of 50 µs, and a cam's edge now and then in the same one.
    near(false_edges, 2_000.0, 4.0 * 2_000f64.sqrt() + 20.0);
    assert!(broken.edges.windows(2).all(|pair| pair[0] <= pair[1]));
    // Without current there is nothing to disturb it.
    assert!(
        stand("name = \"hall-noise\"\nper_s = 1000")
            .run(&OFF, 1.0)
            .edges
            .is_empty()
    );
}

fn position_held() {
    let mut broken = stand("name = \"position-held\"\nfrom_s = 0.1");
    let before_um = broken.run(&OFF, 0.1).position_um();
    near(broken.walk(300).position_um(), before_um, 0.0);
    assert!(stand("").walk(300).position_um() > before_um + 900.0);
}

fn position_torn() {
    let broken = stand("name = \"position-torn\"")
        .run(&OFF, 0.01)
        .world
        .sensors()
        .position_v;
    assert_eq!(broken, 0.0);
}

fn switch_shorted() {
    let closed = Drive { duty: 0.0, ..ON };
    assert!(stand("").run(&closed, 0.5).edges.is_empty());
    let mut broken = stand("name = \"switch-shorted\"");
    assert!(broken.run(&closed, 0.5).edges.len() > 50);
    broken.run(&OFF, 2.0).edges.clear();
    assert!(
        broken.run(&OFF, 0.5).edges.is_empty(),
        "the cut-off holds it"
    );
}

fn cut_off_stuck() {
    let open = Drive {
        supply_closed: false,
        ..ON
    };
    assert!(stand("").run(&open, 0.5).edges.is_empty());
    let mut broken = stand("name = \"cut-off-stuck\"");
    assert!(broken.run(&open, 0.5).edges.len() > 50);
    broken.run(&OFF, 2.0).edges.clear();
    assert!(
        broken.run(&OFF, 0.5).edges.is_empty(),
        "the switch holds it"
    );
}

fn winding_shorted() {
    let stall = |fault: &str| {
        let mut stand = stand(fault);
        stand.world.set_shaft(rig_bench::Shaft::Locked);
        stand.run(&ON, 0.01).world.sensors().current_v
    };
    let ohms = Unit::draw(&with(""), 0, 1)
        .unwrap()
        .parameters
        .motor
        .resistance_ohm;
    near(stall(""), 3.7 / (ohms + 0.08), 0.02);
    let broken = stall("name = \"winding-shorted\"\npermille = 500");
    near(broken, 3.7 / (0.5 * ohms + 0.08), 0.02);
}

fn home_stuck() {
    let closed =
        |fault: &str, microsteps| stand(fault).walk(microsteps).world.sensors().home_closed;
    let away = 200;
    assert!(!closed("", away));
    assert!(closed("name = \"home-stuck-closed\"", away));
    let mut home = stand("name = \"home-stuck-open\"");
    while home.position_um() > 0.0 {
        home.walk(-1);
        assert!(!home.world.sensors().home_closed);
    }
}

fn cartridge_stuck() {
    let fitted = |fault: &str, excess_mm| {
        let mut stand = stand(fault);
        stand.world.set_cartridge(excess_mm);
        stand.run(&OFF, 0.01).world.sensors().cartridge_fitted
    };
    assert!(fitted("", Some(0.0)) && !fitted("", None));
    assert!(fitted("name = \"cartridge-stuck-closed\"", None));
    assert!(!fitted("name = \"cartridge-stuck-open\"", Some(0.0)));
}

fn supply_dip() {
    let mut broken = stand("name = \"supply-dip\"\nto_mv = 3100\nfrom_s = 0.1\nfor_s = 0.1");
    let mut shown = |seconds| broken.run(&OFF, seconds).battery_v();
    let sag = 0.08 * 0.015;
    near(shown(0.1), 3.7 - sag, 1e-9);
    near(shown(0.05), 3.1 - sag, 1e-9);
    near(shown(0.1), 3.7 - sag, 1e-9);
}

fn battery_weak() {
    let mut broken = stand("name = \"battery-weak\"\nmohm = 400");
    broken.world.set_shaft(rig_bench::Shaft::Locked);
    broken.run(&ON, 0.01);
    let current_a = broken.world.sensors().current_v;
    near(broken.battery_v(), 3.7 - 0.48 * (current_a + 0.015), 0.01);
    assert!(broken.battery_v() < 3.0);
}

fn battery_worn() {
    let left = |fault: &str| {
        let mut stand = stand(fault);
        stand.world.set_charged_cell();
        stand.world.set_shaft(rig_bench::Shaft::Locked);
        stand.run(&ON, 5.0).run(&OFF, 0.1).battery_v()
    };
    // 2.9 A for 5 s, of 2.88 A s and of 2,880.
    near(left("name = \"battery-worn\"\npermille = 999"), 2.654, 0.01);
    near(left(""), 4.10, 0.02);
    // The fixture's supply does not wear.
    let mut broken = stand("name = \"battery-worn\"\npermille = 999");
    near(broken.run(&OFF, 0.1).battery_v(), 3.7, 0.01);
}

fn brown_out_in_move() {
    let mut broken = stand("name = \"brown-out-in-move\"\nat_um = 500\ndip_ms = 40");
    while broken.top_um() <= 500.0 {
        assert!(broken.walk(1).battery_v() > 3.6);
    }
    assert_eq!(broken.run(&OFF, 0.001).battery_v(), 0.0);
    assert_eq!(broken.run(&OFF, 0.038).battery_v(), 0.0);
    assert!(broken.run(&OFF, 0.002).battery_v() > 3.6);
    // Once, and on the way out alone.
    broken.walk(-300).walk(600);
    assert!(broken.battery_v() > 3.6 && broken.top_um() > 500.0);
}
