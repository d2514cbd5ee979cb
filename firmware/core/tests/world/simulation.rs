//! A closed-loop model of motor, cam, carriage and cartridge around the pen, for tests.
//!
//! Written from HARDWARE.md, in floats and independent of the code under test.

use std::f64::consts::TAU;

use firmware_units::{Micrometers, Nanometers, StrokesPerMinute};
use firmware_wire::calibration::COPY_LEN;
use firmware_wire::cartridge::{CHIP_LEN, CartridgeChip};
use firmware_wire::{
    Calibration, DecodeError, FirmwareVersion, Frame, LogEntry, LogEvent, REVISION, RecordCopy,
    Reply, Request, Setting, State, Status, Telemetry, TreatmentReport,
};

use firmware_core::{
    AnalogCounts, BootInfo, Capture, ChipCommand, ChipOutcome, Direction, EventLog, FlashCommand,
    FlashOutcome, Inputs, LOG_LEN, LogSlot, Outputs, Pen, ResetCause, Survivor,
};

/// Integration steps a control tick.
const SUBSTEPS: u32 = 40;
const STEP: f64 = 0.002 / SUBSTEPS as f64;

/// Motor, battery and load, in SI units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Motor {
    pub(crate) resistance: f64,
    pub(crate) constant: f64,
    pub(crate) inertia: f64,
    pub(crate) friction: f64,
    pub(crate) viscous: f64,
    pub(crate) battery: f64,
    pub(crate) battery_resistance: f64,
    pub(crate) diode: f64,
    /// Load torque, and whether the shaft is locked.
    pub(crate) load: f64,
    pub(crate) locked: bool,
    /// Hall jitter as a share of a turn, peak.
    pub(crate) jitter: f64,
    /// Share of Hall edges that are lost.
    pub(crate) missed: f64,
    /// What the pen's clock runs faster than time: its seconds are shorter by this factor. All times
    /// of a world are the pen's.
    pub(crate) clock: f64,
    /// The switch conducts whatever the duty.
    pub(crate) shorted: bool,
}

pub(crate) const MOTOR: Motor = Motor {
    resistance: 1.2,
    constant: 2.4e-3,
    inertia: 2.0e-7,
    friction: 0.25e-3,
    viscous: 4.0e-7,
    battery: 3.7,
    battery_resistance: 0.0,
    diode: 0.35,
    load: 0.0,
    locked: false,
    jitter: 0.0,
    missed: 0.0,
    clock: 1.0,
    shorted: false,
};

/// What a reset does to RAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ram {
    Kept,
    Lost,
}

/// The pen in its world.
pub(crate) struct World {
    pub(crate) pen: Pen,
    pub(crate) log: EventLog,
    pub(crate) motor: Motor,
    pub(crate) speed: f64,
    pub(crate) angle: f64,
    pub(crate) current: f64,
    /// Turns completed, at bottom of stroke.
    pub(crate) turns: u64,
    /// Carriage: motor side of the screw in steps, and the nut in µm.
    pub(crate) steps: f64,
    pub(crate) nut: f64,
    pub(crate) backlash: f64,
    pub(crate) step_size: f64,
    pub(crate) stuck: bool,
    pub(crate) home_protrusion: f64,
    pub(crate) fitted: bool,
    /// The cartridge's chip acknowledges writes and forgets them.
    pub(crate) read_only: bool,
    pub(crate) eeprom: [u8; 128],
    pub(crate) button: bool,
    pub(crate) nose: f64,
    pub(crate) converter_dead: bool,
    pub(crate) home_stuck: bool,
    /// What the converter gives instead of what is.
    pub(crate) analog_override: Option<AnalogCounts>,
    /// Volts that the current amplifier is stuck at.
    pub(crate) amplifier_stuck: Option<f64>,
    pub(crate) last_analog: AnalogCounts,
    pub(crate) outputs: Outputs,
    /// Both copies of the factory record, and what the controller's last job gave.
    pub(crate) record: [[u8; COPY_LEN]; 2],
    pub(crate) flash: Option<FlashCommand>,
    /// The flash controller reports errors.
    pub(crate) flash_broken: bool,
    /// Retained RAM.
    pub(crate) survivor: Option<Survivor>,
    pub(crate) log_slots: [LogSlot; LOG_LEN],
    pub(crate) chip: Option<ChipOutcome>,
    pub(crate) micros: u64,
    pub(crate) hall: Option<Capture>,
    pub(crate) sequence: u16,
    pub(crate) telemetry: Vec<Telemetry>,
    pub(crate) seed: u64,
    /// Times of all turns in seconds.
    pub(crate) edges: Vec<f64>,
}

/// The factory record of the simulated pen.
pub(crate) const RECORD: Calibration = Calibration {
    generation: 1,
    serial: *b"PA1-00000042",
    hardware_revision: b'C',
    home_protrusion: Nanometers(-412_345),
    screw_lead: Nanometers(500_700),
};

pub(crate) fn boot(reset: ResetCause) -> BootInfo {
    BootInfo {
        calibration: Ok((RECORD, RecordCopy::A)),
        reset,
        survivor: None,
        chip_uid: *b"abcdefghijkl",
        firmware: FirmwareVersion {
            major: 1,
            minor: 1,
            patch: 0,
        },
        build_id: [7; 8],
    }
}

pub(crate) fn chip(treatment: Option<u32>) -> CartridgeChip {
    CartridgeChip {
        id: 0x0123_4567_89AB_CDEF,
        needles: 14,
        needle_length: Micrometers(2_500),
        treatment,
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(boot(ResetCause::Power))
    }

    pub(crate) fn with(boot: BootInfo) -> Self {
        let mut world = Self {
            pen: Pen::new(boot),
            log: EventLog::new(),
            motor: MOTOR,
            speed: 0.0,
            angle: 0.3,
            current: 0.0,
            turns: 0,
            steps: 0.0,
            nut: 0.0,
            backlash: 30.0,
            step_size: 500.7 / 160.0,
            stuck: false,
            home_protrusion: -412.345,
            fitted: false,
            read_only: false,
            eeprom: [0xFF; 128],
            button: false,
            nose: 31.0,
            converter_dead: false,
            home_stuck: false,
            analog_override: None,
            amplifier_stuck: None,
            last_analog: AnalogCounts::default(),
            outputs: Outputs::OFF,
            record: [RECORD.to_bytes(); 2],
            flash: None,
            flash_broken: false,
            survivor: None,
            log_slots: [[0x5A; _]; LOG_LEN],
            chip: None,
            micros: 0,
            hall: None,
            sequence: 0,
            telemetry: Vec::new(),
            seed: 1,
            edges: Vec::new(),
        };
        world.put_carriage(450.0);
        world
    }

    /// A world that has booted with a fresh cartridge fitted.
    pub(crate) fn ready() -> Self {
        let mut world = Self::new();
        world.fit(chip(None));
        world.run(1.2);
        assert_eq!(world.status().state, State::Ready);
        world
    }

    /// A world that runs at rate and depth, settled.
    pub(crate) fn running(depth: i32, rate: u32) -> Self {
        let mut world = Self::ready();
        world.begin(depth, rate);
        world.run(1.5);
        assert_eq!(world.status().state, State::Running);
        world
    }

    pub(crate) fn begin(&mut self, depth: i32, rate: u32) {
        self.ask(Request::UnlockDepth);
        assert_eq!(
            self.ask(Request::Set(Setting::Depth(Micrometers(depth)))),
            Reply::Done
        );
        assert_eq!(
            self.ask(Request::Set(Setting::Rate(StrokesPerMinute(rate)))),
            Reply::Done
        );
        assert_eq!(self.ask(Request::Start), Reply::Done);
    }

    pub(crate) fn put_carriage(&mut self, micrometers: f64) {
        self.steps = micrometers / self.step_size;
        self.nut = micrometers;
        self.last_analog = self.analog();
    }

    pub(crate) fn fit(&mut self, chip: CartridgeChip) {
        self.fitted = true;
        self.eeprom[..CHIP_LEN].copy_from_slice(&chip.to_bytes());
    }

    /// What the cartridge's chip says, if it is whole.
    pub(crate) fn chip(&self) -> Option<CartridgeChip> {
        CartridgeChip::from_bytes(self.eeprom.first_chunk().expect("128 bytes"))
    }

    pub(crate) fn ask(&mut self, request: Request) -> Reply {
        self.sequence = self.sequence.wrapping_add(1);
        let frame = Frame {
            sequence: self.sequence,
            message: request,
        };
        let answer = self.receive(Ok(frame));
        let answer = answer.expect("a whole frame is answered");
        assert_eq!(answer.sequence, self.sequence);
        answer.message
    }

    /// Gives the pen what came between two zeros.
    pub(crate) fn receive(
        &mut self,
        received: Result<Frame<Request>, DecodeError>,
    ) -> Option<Frame<Reply>> {
        self.pen.receive(received, &self.log)
    }

    /// Gives the pen bytes; the answers.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Frame<Reply>> {
        let (pen, log) = (&mut self.pen, &self.log);
        bytes
            .iter()
            .filter_map(|&byte| pen.receive_byte(byte, log))
            .collect()
    }

    /// The pen's status, asked of a twin: the pen itself hears nothing, and its timer of silence
    /// runs on.
    pub(crate) fn status(&self) -> Status {
        let mut twin = self.pen.clone();
        let mut ask = |sequence, message| {
            let answer = twin.receive(Ok(Frame { sequence, message }), &self.log);
            answer.expect("a whole frame is answered").message
        };
        // Numbers ahead of all that was used, so that neither is taken for an old frame.
        let next = self.sequence.wrapping_add(1_000);
        ask(next, Request::Hello { revision: REVISION });
        match ask(next.wrapping_add(1), Request::GetStatus) {
            Reply::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn random(&mut self) -> f64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.seed >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.micros as f64 * 1e-6
    }

    /// Protrusion at top of stroke in µm.
    pub(crate) fn protrusion(&self) -> f64 {
        self.nut + self.home_protrusion
    }

    pub(crate) fn rate(&self) -> f64 {
        self.speed / TAU
    }

    /// Runs for some seconds, with a heartbeat every 100 ms.
    pub(crate) fn run(&mut self, seconds: f64) {
        for tick in 0..(seconds * 500.0).round() as u32 {
            if tick % 50 == 0 {
                self.ask(Request::Heartbeat);
            }
            self.tick();
        }
    }

    /// Runs in silence.
    pub(crate) fn run_silent(&mut self, seconds: f64) {
        for _ in 0..(seconds * 500.0).round() as u32 {
            self.tick();
        }
    }

    /// Runs until the predicate holds; how long that took.
    pub(crate) fn until(&mut self, limit: f64, done: impl Fn(&Self) -> bool) -> f64 {
        let start = self.seconds();
        while !done(self) {
            self.tick();
            assert!(self.seconds() - start < limit, "not within {limit} s");
        }
        self.seconds() - start
    }

    pub(crate) fn analog(&mut self) -> AnalogCounts {
        let count = |volts: f64| (volts / 3.3 * 4096.0).round().clamp(0.0, 4095.0) as u16;
        let battery = self.motor.battery - self.current.abs() * self.motor.battery_resistance;
        let noise = self.random() * 0.006 - 0.003;
        AnalogCounts {
            position: (self.steps * self.step_size + 1_000.0)
                .round()
                .clamp(0.0, 4095.0) as u16,
            motor_current: count(match self.amplifier_stuck {
                Some(volts) => volts,
                None if self.outputs.brake => noise,
                None => self.current + noise,
            }),
            battery: count(battery / 2.0),
            nose: count(0.5 + self.nose / 100.0),
        }
    }

    pub(crate) fn tick(&mut self) {
        let inputs = Inputs {
            analog: (!self.converter_dead).then_some(self.last_analog),
            now: self.micros as u32,
            hall: self.hall.take(),
            button: self.button,
            cartridge: self.fitted,
            home: self.home_stuck || self.nut.abs() <= 50.0,
            chip: self.chip.take(),
        };
        self.last_analog = self.analog_override.unwrap_or_else(|| self.analog());
        self.outputs = self.pen.tick(&inputs, &mut self.log);
        let outputs = self.outputs;
        if let Some(survivor) = self.pen.survivor() {
            self.survivor = Some(survivor);
        }
        if let Some((at, slot)) = self.log.unkept() {
            self.log_slots[at] = slot;
        }
        self.flash = self.pen.flash_job().filter(|_| outputs.flash);
        if let Some(command) = self.flash {
            assert!(outputs.duty == 0 && outputs.steps.is_none() && self.speed == 0.0);
            let outcome = self.act_on_flash(command, COPY_LEN);
            self.pen.flash_done(outcome);
        }
        assert!(outputs.duty <= 800);
        assert!(
            !(outputs.brake && (outputs.duty > 0 || outputs.cutoff_closed)),
            "{outputs:?}"
        );
        assert!(outputs.duty == 0 || outputs.cutoff_closed);
        if let Some(Frame {
            message: Reply::Telemetry(telemetry),
            ..
        }) = self.pen.telemetry()
        {
            self.telemetry.push(telemetry);
        }
        if let Some(train) = outputs.steps {
            assert!((1..=10).contains(&train.pulses) && outputs.stepper_enabled);
            assert!(u32::from(train.pulses) * u32::from(train.period) < 1_990);
            let steps = f64::from(train.pulses);
            if !self.stuck {
                self.steps += if train.direction == Direction::Outward {
                    steps
                } else {
                    -steps
                };
            }
            // The inner end of the travel.
            self.steps = self.steps.max(-300.0 / self.step_size);
            let motor_side = self.steps * self.step_size;
            self.nut = self.nut.clamp(motor_side - self.backlash, motor_side);
            self.nut = self.nut.min(2_580.0 - self.home_protrusion);
        }
        self.chip = match outputs.chip {
            None => None,
            Some(_) if !self.fitted => Some(ChipOutcome::Failed),
            Some(ChipCommand::Read { offset }) => {
                let at = usize::from(offset);
                Some(ChipOutcome::Read(
                    self.eeprom[at..at + 8].try_into().expect("eight bytes"),
                ))
            }
            Some(ChipCommand::Write { offset, page }) => {
                let at = usize::from(offset);
                if !self.read_only {
                    self.eeprom[at..at + 8].copy_from_slice(&page);
                }
                Some(ChipOutcome::Written)
            }
        };
        for substep in 0..SUBSTEPS {
            self.turn(substep);
        }
        self.micros += 2_000;
    }

    /// Does a job of the flash controller; a supply that goes leaves but the first bytes of it done.
    pub(crate) fn act_on_flash(&mut self, command: FlashCommand, bytes: usize) -> FlashOutcome {
        let page = |copy| match copy {
            RecordCopy::A => 0,
            RecordCopy::B => 1,
        };
        if self.flash_broken {
            return FlashOutcome::Failed;
        }
        match command {
            FlashCommand::Erase(copy) => self.record[page(copy)][..bytes].fill(0xFF),
            FlashCommand::Program { copy, offset, word } => {
                let at = usize::from(offset);
                let old = &mut self.record[page(copy)][at..at + 8];
                assert_eq!(old, [0xFF; 8], "programmed without being erased");
                let bytes = bytes.min(8);
                old[..bytes].copy_from_slice(&word[..bytes]);
            }
            FlashCommand::Read(copy) => return FlashOutcome::Read(self.record[page(copy)]),
        }
        FlashOutcome::Done
    }

    /// A reset: the pen begins anew with what flash holds, and with what RAM does unless it is lost.
    pub(crate) fn reset(&mut self, reset: ResetCause, ram: Ram) {
        if ram == Ram::Lost {
            self.survivor = None;
            self.log_slots = [[0x5A; _]; LOG_LEN];
        }
        let boot = BootInfo {
            calibration: Calibration::choose(&self.record[0], &self.record[1]),
            survivor: self.survivor,
            ..boot(reset)
        };
        self.pen = Pen::new(boot);
        self.log = EventLog::new();
        self.log.recover(self.log_slots.iter().copied());
        self.outputs = Outputs::OFF;
        (self.chip, self.flash, self.hall) = (None, None, None);
    }

    /// Says that this host knows every message.
    pub(crate) fn hello(&mut self) {
        let answer = self.ask(Request::Hello { revision: REVISION });
        let (protocol, revision) = (1, REVISION);
        assert_eq!(answer, Reply::Hello { protocol, revision });
    }

    /// The whole event log.
    pub(crate) fn events(&mut self) -> Vec<LogEvent> {
        self.entries().iter().map(|it| it.event).collect()
    }

    pub(crate) fn entries(&mut self) -> Vec<LogEntry> {
        // What a request gave is entered by the next tick.
        self.tick();
        let mut entries: Vec<LogEntry> = Vec::new();
        loop {
            let from = entries.last().map_or(0, |it| it.number + 1);
            match self.ask(Request::GetLog(from)) {
                Reply::Log(entry) => entries.push(entry),
                Reply::LogEnd { .. } => return entries,
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) fn treatment(&mut self) -> TreatmentReport {
        match self.ask(Request::GetTreatment) {
            Reply::Treatment(report) => report,
            other => panic!("{other:?}"),
        }
    }

    /// One integration step of motor and cam.
    pub(crate) fn turn(&mut self, substep: u32) {
        let (motor, outputs) = (self.motor, self.outputs);
        let step = STEP / motor.clock;
        let emf = motor.constant * self.speed;
        let supply = motor.battery - self.current.max(0.0) * motor.battery_resistance;
        let duty = if motor.shorted {
            1.0
        } else {
            f64::from(outputs.duty) / 800.0
        };
        self.current = if outputs.brake {
            -emf / motor.resistance
        } else if outputs.cutoff_closed && duty > 0.0 {
            ((duty * supply - (1.0 - duty) * motor.diode - emf) / motor.resistance).max(0.0)
        } else {
            0.0
        };
        let drive = motor.constant * self.current - motor.viscous * self.speed;
        let resist = motor.friction + motor.load;
        if motor.locked || (self.speed == 0.0 && drive.abs() <= resist) {
            self.speed = 0.0;
        } else {
            let sign = if self.speed == 0.0 {
                drive.signum()
            } else {
                self.speed.signum()
            };
            let speed = self.speed + (drive - sign * resist) / motor.inertia * step;
            self.speed = if speed * sign < 0.0 { 0.0 } else { speed };
        }
        self.angle += self.speed * step / TAU;
        if self.angle >= 1.0 {
            self.angle -= 1.0;
            self.turns += 1;
            let noise = (self.random() * 2.0 - 1.0) * motor.jitter;
            let period = TAU / self.speed.max(1.0) * 1e6 * motor.clock;
            let ago = self.angle * period;
            let at =
                self.micros as f64 + f64::from(substep + 1) * STEP * 1e6 - ago + noise * period;
            // An edge is captured in the tick that it falls into.
            let at = at.min(self.micros as f64 + 1_999.0);
            self.edges.push(at * 1e-6);
            if motor.missed > 0.0 && self.random() < motor.missed {
                return;
            }
            self.hall = Some(Capture {
                at: at.max(0.0) as u32,
                overrun: self.hall.is_some(),
            });
        }
    }
}
