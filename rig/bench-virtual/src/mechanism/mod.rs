//! The pen's mechanism and what the fixture does to it: a pure, deterministic state machine.
//!
//! It takes what the pen's outputs do ([`Drive`]) and gives what its sensors show ([`Sensors`])
//! and how the shaft moved ([`Motion`]), which is what the rig's instruments look at.
//! Numbers are those of `firmware/HARDWARE.md`; those that stand only here say so.
//!
//! # Shaft
//!
//! With cam angle θ (rad), speed ω = dθ/dt (rad/s), slider position s(θ), s′ = ds/dθ, s″ = d²s/dθ²
//! (m/rad, m/rad²; `slider_crank`) and motor current i (A; `motor`), Lagrange's equation of a
//! crank with a reciprocating mass gives
//!
//! ```text
//! (J + m s′²) dω/dt + m s′ s″ ω² = K i − b ω − M(θ)
//! M = M_dry + M_brake + M_drag + |s′| (F_membrane + F_load)
//! ```
//!
//! | symbol | meaning | unit | value | source |
//! | --- | --- | --- | --- | --- |
//! | J | rotor and cam | kg m² | 2.0e-7 | HARDWARE.md |
//! | m | needle bar and plunger | kg | 0.8e-3 | ours |
//! | K | back EMF and torque constant | V s/rad = N m/A | 2.4e-3 | HARDWARE.md |
//! | b | viscous friction | N m s/rad | 4e-7 | HARDWARE.md |
//! | M_dry | dry friction | N m | 0.25e-3 | HARDWARE.md |
//! | M_brake, M_drag | of the fixture, of a fault | N m | 0 | – |
//! | F_membrane | friction of the cartridge's membrane, both ways | N | 0.05 | ours |
//! | F_load | the simulant's, below | N | – | specs/pen-a1/loads.csv |
//!
//! Friction stops the shaft and does not turn it back; at rest it holds up to M.
//! It is stepped by the implicit midpoint rule in the terms linear in ω, so that steady state and
//! decay hold to second order in the step of 50 µs.
//!
//! # Skin load
//!
//! Needles that stand x > 0 beyond the nose meet F = n f x on their way out of the pen, and 0.3 of
//! it on the way back (f: force of one needle a millimetre, N/mm; n: needles). Force linear in depth
//! and 30 % of withdrawal are those of the toy model of DOMAIN.md 2.2, whose numbers span the 0.03
//! to 0.3 N a needle of the literature named there. One turn costs W = 1.3 n f p²/2, p being the
//! protrusion at top of stroke: so the droop of the rate grows with depth squared and with n.
//!
//! # Float
//!
//! The plunger is held to the bar by the membrane alone, so the tops of strokes differ: top of
//! stroke = carriage + r (f/100)² + √(σ₀² + (σ₁ f/100)²) z, with stroke rate f (1/s), rise r,
//! spreads σ₀ and σ₁ (mm) and a normal z for each stroke; it is faded in by (1 − cos θ)/2 so that no
//! needle jumps. r ∝ f² is the plunger's inertia, m ω² r_crank, against a membrane that is a spring.
//! The reference lot has σ₀ = 8 µm and r = σ₁ = 0; `variation.float_rise_um` and
//! `float_rise_sd_um` set them. The form is ours; no published figure is known.
//!
//! # Nose
//!
//! A force F along the axis on the nose cone, towards the pen, presses the nose plane back against
//! the body that holds carriage and cam: the needles then stand out by c F more, whatever the
//! carriage does. c = 10 µm/N, 100 N/mm, is ours: a polycarbonate cone of 8 by 10 mm and 20 mm
//! length gives 0.3 µm/N (c = L/(E A), E = 2.3 GPa), so that the snap fit of the cartridge is what
//! gives; no published figure is known. The cone springs back without play, and the force reaches
//! neither needles nor screw.
//!
//! # Heat
//!
//! Two bodies, the nose with the motor in it (1) and the handpiece around the rest (2):
//!
//! ```text
//! C₁ dT₁/dt = P₁ − (T₁ − T₂)/R₁          P₁ = i² R_winding + (M_dry + M_drag + b ω) ω
//! C₂ dT₂/dt = P₂ + (T₁ − T₂)/R₁ − (T₂ − T_ambient)/R₂      P₂ = i_e V + I² R_battery
//! ```
//!
//! | symbol | value | basis |
//! | --- | --- | --- |
//! | C₁ | 20 J/K | motor and nose, 45 g at 0.45 J/(g K) |
//! | R₁ | 9 K/W | ours: plastic seat of the motor |
//! | C₂ | 110 J/K | handpiece, 120 g at 0.9 J/(g K) |
//! | R₂ | 6 K/W | 30 mm × 150 mm, 0.0155 m², at 10.7 W/(m² K): radiation 4 ε σ T³ = 5.2 with ε = 0.9, natural convection 5.5 by Nu = 0.53 Ra^0.25 of a lying cylinder, 8 K above the air |
//! | T_ambient | 22 degC | ours |
//!
//! The nose begins to warm by P₁/C₁, as with one time constant of 300 s, and tends to ambient +
//! (R₁ + R₂) P₁ + R₂ P₂, 41 degC at 1.27 W; the time constants are 146 s and 814 s, so that of the
//! 8.9 K that a treatment at 1.50 mm brings in an hour 4.5 K have come after 5 min and 7.0 K after
//! 15 min. Brake and load heat fixture and simulant, not the pen; the membrane's friction heats the
//! cartridge.
//!
//! # Sensors
//!
//! Position (on the screw side: neither backlash nor a slipped nut shows), 4.096 mm over 3.3 V,
//! noise 2 µm; current 1.0 V/A, noise 2 mA, never negative; battery by 1:2; nose 10 mV/K. Noise
//! is drawn once a millisecond: the pen converts once in two.

mod battery;
mod carriage;
mod hall;
mod motion;
mod motor;
mod slider_crank;

pub use battery::CAPACITY_AS;
pub use carriage::{
    CarriageDefects, CarriageParameters, NOMINAL_CARRIAGE, NOMINAL_LEAD_MM, STOP_PROTRUSION_MM,
};
pub use hall::HallDefects;
pub use motion::Motion;
pub use motor::{BATTERY_OHM, DIODE_V, MotorParameters, NOMINAL_MOTOR};
pub use slider_crank::{CRANK_MM, Crank, ROD_MM, Slide, slide};

use crate::noise::{Noise, Purpose};
use battery::Cell;
use carriage::{Carriage, HOME_WINDOW_MM};
use hall::Hall;
use motor::{Battery, Circuit};
use rig_bench::Shaft;
use std::f64::consts::TAU;

/// Needle bar and cartridge plunger, kg (not in HARDWARE.md).
const SLIDER_KG: f64 = 0.8e-3;
/// Friction of the cartridge's membrane, N (not in HARDWARE.md).
const MEMBRANE_N: f64 = 0.05;
/// Share of the simulant's force that resists withdrawal (specs/pen-a1/loads.csv).
const WITHDRAWAL: f64 = 0.3;
/// What the nose gives way under an axial force, mm/N (not in HARDWARE.md).
const NOSE_MM_PER_NEWTON: f64 = 0.010;
/// Heat capacity of motor and nose, J/K (not in HARDWARE.md).
const NOSE_JOULE_PER_KELVIN: f64 = 20.0;
/// From nose to handpiece, K/W (not in HARDWARE.md).
const NOSE_KELVIN_PER_WATT: f64 = 9.0;
/// Heat capacity of the handpiece, J/K (not in HARDWARE.md).
const BODY_JOULE_PER_KELVIN: f64 = 110.0;
/// From handpiece to air, K/W (not in HARDWARE.md).
const BODY_KELVIN_PER_WATT: f64 = 6.0;
/// Ambient temperature, degC.
pub const AMBIENT_C: f64 = 22.0;
/// Noise of the carriage position sensor, standard deviation, mm.
const POSITION_NOISE_MM: f64 = 0.002;
/// Noise of the pen's current amplifier, standard deviation, A.
const CURRENT_NOISE_A: f64 = 0.002;
/// Sensor noise is drawn anew once in this many steps: often enough for a 500 Hz control loop.
const STEPS_PER_DRAW: u32 = 20;

/// What one pen truly is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PenParameters {
    /// Motor and rotor.
    pub motor: MotorParameters,
    /// Depth carriage and needle bar.
    pub carriage: CarriageParameters,
    /// What the carriage position sensor shows too much, mm.
    pub position_offset_mm: f64,
    /// What the pen's current amplifier shows too much, A.
    pub current_offset_a: f64,
}

/// What the pen's outputs do during one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drive {
    /// Motor PWM, 0 to 1.
    pub duty: f64,
    /// Whether the series cut-off connects the motor's supply.
    pub supply_closed: bool,
    /// Whether the brake shorts the motor.
    pub brake: bool,
    /// Whether the stepper is held; pulses without it move nothing.
    pub stepper_enabled: bool,
    /// Stepper pulses in this step, outward positive.
    pub steps: i32,
}

/// What the pen's sensors show at the end of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sensors {
    /// Rising edge of the Hall sensor, seconds after the step began.
    pub hall_edge_s: Option<f64>,
    /// A second one in the same step, later than the first: a broken sensor alone has it.
    pub second_hall_edge_s: Option<f64>,
    /// Whether the home switch is closed.
    pub home_closed: bool,
    /// Whether the cartridge switch is closed.
    pub cartridge_fitted: bool,
    /// Carriage position sensor, V.
    pub position_v: f64,
    /// Motor current amplifier, V.
    pub current_v: f64,
    /// Battery behind its 1:2 divider, V.
    pub battery_v: f64,
    /// Nose temperature sensor, V.
    pub temperature_v: f64,
}

/// A skin simulant before the nose.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NeedleLoad {
    /// Axial force for each millimetre of protrusion while the needles go in, N/mm.
    pub newton_per_mm: f64,
}

/// What may be broken about a mechanism; the default is sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MechanismDefects {
    /// Of the carriage.
    pub carriage: CarriageDefects,
    /// Further dry friction of the cam shaft, N m.
    pub drag: f64,
    /// The shaft is jammed.
    pub shaft_stuck: bool,
    /// Something turns the shaft, mHz.
    pub turned: Option<u32>,
    /// The cam has come loose: the shaft turns, the needles stay where they were.
    pub cam_slipped: bool,
    /// What the needles' zero moves outward, mm/s.
    pub creep: f64,
    /// Further friction of the membrane, N.
    pub membrane: f64,
    /// Of the Hall sensor.
    pub hall: HallDefects,
    /// The position sensor holds its last value.
    pub position_held: bool,
    /// The position sensor is torn off: 0 V.
    pub position_torn: bool,
    /// The home switch is stuck closed, or open.
    pub home_stuck: Option<bool>,
    /// The cartridge contact is stuck closed, or open.
    pub cartridge_stuck: Option<bool>,
    /// The series cut-off is stuck closed.
    pub cut_off_stuck: bool,
    /// Share of the motor's turns that is shorted: resistance and constant fall by it.
    pub winding_shorted: f64,
    /// Further internal resistance of the battery, Ω.
    pub battery_ohm: f64,
    /// Share of the cell's capacity that is gone for good.
    pub battery_lost: f64,
    /// The low-side switch conducts always.
    pub switch_shorted: bool,
    /// Share of stepper pulses that move nothing.
    pub steps_lost: f64,
    /// What the nose is heated from outside, K.
    pub nose_heating: f64,
    /// What the nose gives way more under an axial force, mm/N.
    pub nose_soft: f64,
}

/// One pen's mechanism in the fixture.
pub struct Mechanism {
    parameters: PenParameters,
    /// The motor as it is now, broken or not.
    motor: MotorParameters,
    defects: MechanismDefects,
    carriage: Carriage,
    /// What the needles' zero has moved outward, mm.
    creep_mm: f64,
    /// Where the needles stay below top of stroke while the cam is loose, mm.
    resting_mm: Option<f64>,
    hall: Hall,
    theta: f64,
    /// The crank half-way through the step under way, as its speed at the beginning has it.
    crank: Crank,
    omega: f64,
    strokes: u64,
    float_mm: f64,
    /// Open-circuit voltage of what feeds the pen, V.
    supply_v: f64,
    /// The pen's own cell, if it feeds the pen, and the most that reaches it, V.
    cell: Option<(Cell, f64)>,
    /// Internal resistance of what feeds the pen, Ω.
    supply_ohm: f64,
    shaft: Shaft,
    load: NeedleLoad,
    /// Force on the nose cone, towards the pen, N.
    axial_n: f64,
    needle_excess_mm: Option<f64>,
    nose_c: f64,
    body_c: f64,
    /// Heat in nose and handpiece since temperatures were last looked at, J, and charge drawn, A s.
    heat_j: f64,
    body_heat_j: f64,
    drawn_as: f64,
    heat_s: f64,
    steps_to_draw: u32,
    position_noise_mm: f64,
    current_noise_a: f64,
    sensors: Sensors,
    stroke_noise: Noise,
    sensor_noise: Noise,
    fault_noise: Noise,
}

impl Mechanism {
    /// A pen at rest without a cartridge, as its maker let it go: its carriage within 0.1 mm of the
    /// park position, its cam wherever it came to rest.
    #[must_use]
    pub fn new(parameters: PenParameters, seed: u64, unit: u32, setup: u16) -> Self {
        let mut stroke_noise = Noise::new(seed, unit, setup, Purpose::Strokes);
        let microsteps = (32.0 + 64.0 * stroke_noise.uniform()) as i64;
        let theta = TAU * stroke_noise.uniform();
        let float_mm = parameters.carriage.float_sd_mm * stroke_noise.gaussian();
        let mut mechanism = Self {
            parameters,
            motor: parameters.motor,
            defects: MechanismDefects::default(),
            creep_mm: 0.0,
            resting_mm: None,
            hall: Hall::default(),
            carriage: Carriage::new(parameters.carriage, microsteps),
            theta,
            crank: Crank::at(theta),
            omega: 0.0,
            strokes: 0,
            float_mm,
            supply_v: 0.0,
            cell: None,
            supply_ohm: BATTERY_OHM,
            shaft: Shaft::Free,
            load: NeedleLoad::default(),
            axial_n: 0.0,
            needle_excess_mm: None,
            nose_c: AMBIENT_C,
            body_c: AMBIENT_C,
            heat_j: 0.0,
            body_heat_j: 0.0,
            drawn_as: 0.0,
            heat_s: 0.0,
            steps_to_draw: 0,
            position_noise_mm: 0.0,
            current_noise_a: 0.0,
            sensors: Sensors::default(),
            stroke_noise,
            sensor_noise: Noise::new(seed, unit, setup, Purpose::Sensors),
            fault_noise: Noise::new(seed, unit, setup, Purpose::Faults),
        };
        mechanism.sense(0.0, 0.0, 0.0, None);
        mechanism
    }

    /// Sets what is broken from now on.
    pub fn set_defects(&mut self, defects: &MechanismDefects) {
        self.defects = *defects;
        self.motor = self.parameters.motor;
        self.supply_ohm = BATTERY_OHM + defects.battery_ohm;
        self.look_at_cell();
        let left = 1.0 - defects.winding_shorted;
        self.motor.resistance_ohm *= left;
        self.motor.constant *= left;
        self.resting_mm = defects.cam_slipped.then(|| {
            self.resting_mm.unwrap_or_else(|| {
                let slide = Crank::at(self.theta).slide();
                self.float_mm * slide.lift + slide.position_mm
            })
        });
    }

    /// Feeds the pen from the fixture's supply, whose internal resistance is a battery's: its
    /// open-circuit voltage, V.
    pub fn set_supply(&mut self, volts: f64) {
        self.cell = None;
        self.supply_v = volts;
        self.supply_ohm = BATTERY_OHM + self.defects.battery_ohm;
    }

    /// Feeds the pen from its own cell, charged.
    pub fn set_charged_cell(&mut self) {
        self.cell = Some((Cell::charged(), f64::INFINITY));
        self.look_at_cell();
    }

    /// Holds what the pen's own cell gives below this, V; without effect on the fixture's supply.
    pub fn limit_cell(&mut self, most_v: f64) {
        if let Some((_, limit_v)) = &mut self.cell {
            *limit_v = most_v;
            self.look_at_cell();
        }
    }

    fn look_at_cell(&mut self) {
        let Some((cell, most_v)) = self.cell else {
            return;
        };
        let (volts, further_ohm) = cell.shows(self.defects.battery_lost);
        self.supply_v = volts.min(most_v);
        self.supply_ohm = BATTERY_OHM + self.defects.battery_ohm + further_ohm;
    }

    /// Sets what the fixture does to the cam shaft.
    pub fn set_shaft(&mut self, shaft: Shaft) {
        self.shaft = shaft;
    }

    /// Sets the simulant before the nose.
    pub fn set_load(&mut self, load: NeedleLoad) {
        self.load = load;
    }

    /// Sets the force on the nose cone, towards the pen, N.
    pub fn set_axial(&mut self, newton: f64) {
        self.axial_n = newton;
    }

    /// What the nose plane has given way against the pen's body, mm.
    #[must_use]
    pub fn nose_give_mm(&self) -> f64 {
        (NOSE_MM_PER_NEWTON + self.defects.nose_soft) * self.axial_n
    }

    /// Takes the cartridge out, or fits one whose needles are longer than nominal by this much, mm.
    pub fn set_cartridge(&mut self, needle_excess_mm: Option<f64>) {
        self.needle_excess_mm = needle_excess_mm;
    }

    /// Lets the shaft run out, as it does while the pen is without supply.
    pub fn come_to_rest(&mut self) {
        self.omega = 0.0;
    }

    /// What the sensors show now.
    #[must_use]
    pub fn sensors(&self) -> &Sensors {
        &self.sensors
    }

    /// Speed of the cam shaft, rad/s.
    #[must_use]
    pub fn omega(&self) -> f64 {
        self.omega
    }

    /// Temperature of the nose, degC.
    #[must_use]
    pub fn nose_c(&self) -> f64 {
        self.nose_c
    }

    /// Screw side of the carriage, mm from home.
    #[must_use]
    pub fn screw_mm(&self) -> f64 {
        self.carriage.screw_mm()
    }

    /// Protrusion of the longest needle at top of stroke, without the float, mm.
    #[must_use]
    pub fn top_mm(&self) -> f64 {
        self.carriage.protrusion_mm(&self.defects.carriage)
            + self.creep_mm
            + self.nose_give_mm()
            + self.needle_excess_mm.unwrap_or(0.0)
    }

    /// Moves everything by `duration_s` under constant outputs, and tells how the shaft moved.
    pub fn step(&mut self, drive: &Drive, duration_s: f64) -> Motion {
        self.move_carriage(drive);
        let duty = if self.defects.switch_shorted {
            1.0
        } else {
            drive.duty
        };
        let battery = Battery {
            volts: self.supply_v,
            ohms: self.supply_ohm,
        };
        let supply_closed = drive.supply_closed || self.defects.cut_off_stuck;
        let circuit = Circuit::new(&self.motor, battery, duty, supply_closed, drive.brake);
        let top_mm = self.top_mm();
        let half_way = self.theta + 0.5 * self.omega * duration_s;
        if self.crank.theta() != half_way {
            self.crank = Crank::at(half_way);
        }
        let shaft = match self.defects.turned {
            _ if self.defects.shaft_stuck => Shaft::Locked,
            Some(millihertz) => Shaft::Turned { millihertz },
            None => self.shaft,
        };
        let (omega_before, omega_after) = match shaft {
            Shaft::Locked => (0.0, 0.0),
            Shaft::Turned { millihertz } => {
                let omega = TAU * f64::from(millihertz) * 1e-3;
                (omega, omega)
            }
            Shaft::Free => (
                self.omega,
                self.accelerate(&circuit, top_mm, 0.0, duration_s),
            ),
            Shaft::Brake(torque) => {
                let brake = f64::from(torque.0) * 1e-6;
                (
                    self.omega,
                    self.accelerate(&circuit, top_mm, brake, duration_s),
                )
            }
        };
        let omega = 0.5 * (omega_before + omega_after);
        let current_a = circuit.current_a(&self.motor, omega);
        let mut motion = Motion {
            duration_s,
            theta: self.theta,
            crank: self.crank,
            omega: omega_before,
            acceleration: (omega_after - omega_before) / duration_s,
            top_mm,
            stroke: self.strokes,
            float_mm: self.float_mm,
            next_float_mm: self.float_mm,
            resting_mm: self.resting_mm,
            current_a,
        };
        self.omega = omega_after;
        self.theta += omega * duration_s;
        let hall_edge_s = motion.crossing_s(TAU);
        if self.theta >= TAU {
            self.theta -= TAU;
            self.strokes += 1;
            let deviate = self.stroke_noise.gaussian();
            self.float_mm = self
                .parameters
                .carriage
                .float_mm(omega_after / TAU, deviate);
            motion.next_float_mm = self.float_mm;
        }
        self.warm(current_a, omega, duration_s);
        self.sense(
            current_a,
            circuit.battery_a(current_a),
            duration_s,
            hall_edge_s,
        );
        motion
    }

    fn move_carriage(&mut self, drive: &Drive) {
        if drive.steps == 0 || !drive.stepper_enabled || self.supply_v == 0.0 {
            return;
        }
        for _ in 0..drive.steps.unsigned_abs() {
            if !self.fault_noise.chance(self.defects.steps_lost) {
                self.carriage.step(drive.steps > 0, &self.defects.carriage);
            }
        }
        self.sense_screw();
    }

    /// The shaft's speed after a step in which nothing but torques act on it.
    fn accelerate(&self, circuit: &Circuit, top_mm: f64, brake: f64, duration_s: f64) -> f64 {
        let motor = &self.motor;
        let omega = self.omega;
        let (torque, fall) = circuit.torque(motor, omega);
        let dry = motor.dry_friction + brake + self.defects.drag;
        if omega == 0.0 && torque <= dry {
            return 0.0;
        }
        let slide = self.crank.slide();
        // A loose cam moves nothing.
        let lever_m = if self.resting_mm.is_some() {
            0.0
        } else {
            1e-3 * slide.slope_mm
        };
        let mut axial_n = 0.0;
        if self.needle_excess_mm.is_some() {
            let protrusion_mm = top_mm + self.float_mm * slide.lift + slide.position_mm;
            let share = if slide.slope_mm > 0.0 {
                1.0
            } else {
                WITHDRAWAL
            };
            axial_n = MEMBRANE_N
                + self.defects.membrane
                + share * self.load.newton_per_mm * protrusion_mm.max(0.0);
        }
        let resistance = dry + axial_n * lever_m.abs();
        if omega == 0.0 && torque <= resistance {
            return 0.0;
        }
        let inertia = motor.inertia + SLIDER_KG * lever_m * lever_m;
        let swing = SLIDER_KG * lever_m * (1e-3 * slide.curvature_mm) * omega * omega;
        let fall = 0.5 * duration_s * (fall + motor.viscous_friction);
        let gain = duration_s * (torque - resistance - swing);
        // Friction stops the shaft; it does not turn it back.
        (((inertia - fall) * omega + gain) / (inertia + fall)).max(0.0)
    }

    fn warm(&mut self, current_a: f64, omega: f64, duration_s: f64) {
        let motor = &self.motor;
        let winding_w = current_a * current_a * motor.resistance_ohm;
        let bearing_w =
            (motor.dry_friction + self.defects.drag + motor.viscous_friction * omega) * omega;
        self.heat_j += (winding_w + bearing_w) * duration_s;
        self.heat_s += duration_s;
    }

    fn sense(&mut self, current_a: f64, battery_a: f64, duration_s: f64, hall_edge_s: Option<f64>) {
        if self.steps_to_draw == 0 {
            self.steps_to_draw = STEPS_PER_DRAW;
            self.sense_slow();
        }
        self.steps_to_draw -= 1;
        // 1.0 V/A; neither amplifier nor divider shows negative voltages.
        let shown_a = current_a + self.parameters.current_offset_a + self.current_noise_a;
        self.sensors.current_v = shown_a.max(0.0);
        let terminal_v = (self.supply_v - self.supply_ohm * battery_a).max(0.0);
        self.sensors.battery_v = 0.5 * terminal_v;
        let battery_w = battery_a * battery_a * self.supply_ohm;
        self.body_heat_j += (battery_w + motor::ELECTRONICS_A * terminal_v) * duration_s;
        self.drawn_as += battery_a * duration_s;
        [self.sensors.hall_edge_s, self.sensors.second_hall_edge_s] = self.hall.sense(
            hall_edge_s,
            duration_s,
            current_a,
            &self.defects.hall,
            &mut self.fault_noise,
        );
    }

    fn sense_slow(&mut self) {
        self.position_noise_mm = POSITION_NOISE_MM * self.sensor_noise.gaussian();
        self.current_noise_a = CURRENT_NOISE_A * self.sensor_noise.gaussian();
        if self.heat_s > 0.0 {
            self.warm_through();
            self.creep_mm += self.heat_s * self.defects.creep;
            if let Some((cell, _)) = &mut self.cell {
                cell.draw(self.drawn_as);
                self.look_at_cell();
            }
            (self.heat_j, self.body_heat_j, self.drawn_as, self.heat_s) = (0.0, 0.0, 0.0, 0.0);
        }
        // 10 mV/degC, 500 mV at 0 degC.
        self.sensors.temperature_v = 0.5 + 0.01 * self.nose_c;
        let is_fitted = self.needle_excess_mm.is_some();
        self.sensors.cartridge_fitted = self.defects.cartridge_stuck.unwrap_or(is_fitted);
        self.sense_screw();
    }

    /// Lets the heat since the last look spread.
    fn warm_through(&mut self) {
        let through = self.heat_s * (self.nose_c - self.body_c) / NOSE_KELVIN_PER_WATT;
        let out = self.heat_s * (self.body_c - AMBIENT_C) / BODY_KELVIN_PER_WATT;
        // What would warm the nose by so much in the end if it came for ever.
        let further_w = self.defects.nose_heating / (NOSE_KELVIN_PER_WATT + BODY_KELVIN_PER_WATT);
        let heat_j = self.heat_j + further_w * self.heat_s;
        self.nose_c += (heat_j - through) / NOSE_JOULE_PER_KELVIN;
        self.body_c += (self.body_heat_j + through - out) / BODY_JOULE_PER_KELVIN;
    }

    fn sense_screw(&mut self) {
        let screw_mm = self.carriage.screw_mm();
        let is_home = screw_mm.abs() <= HOME_WINDOW_MM;
        self.sensors.home_closed = self.defects.home_stuck.unwrap_or(is_home);
        if self.defects.position_torn {
            self.sensors.position_v = 0.0;
        } else if !self.defects.position_held {
            let shown_mm = screw_mm + self.parameters.position_offset_mm + self.position_noise_mm;
            // 0 V at −1.000 mm, 3.3 V at +3.096 mm.
            self.sensors.position_v = ((shown_mm + 1.0) * (3.3 / 4.096)).clamp(0.0, 3.3);
        }
    }
}

#[cfg(test)]
mod physics;
#[cfg(test)]
mod tests;
