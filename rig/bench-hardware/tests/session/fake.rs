//! The other side of both ports, on pseudo-terminals: a controller that speaks the stream, and a
//! pen that says back what it hears. It can be ill in one way at a time.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::ttyname;
use rig_fixture_wire::{
    ActuatorName, Calibration, Command, Decoder, FixtureInfo, InstrumentInfo, InstrumentName, Kind,
    OffCause, QuantityName, Refusal, Reply, Report, Samples, VERSION, Who, WhyNot, encode,
};
use std::fs::File;
use std::io::{Read as _, Result, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Bench time of one turn of the fake.
const TURN_NS: u64 = 5_000_000;
/// Bench time at which an illness shows.
pub(crate) const ONSET_NS: u64 = 100_000_000;

/// What is wrong with the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ill {
    /// Nothing.
    No,
    /// The controller never says anything.
    Silent,
    /// It falls silent.
    FallsSilent,
    /// It speaks the stream's next version.
    OtherVersion,
    /// Its gauge stops.
    GaugeStops,
    /// It has no gauge.
    NoGauge,
    /// A frame gets lost.
    LosesFrame,
    /// The DUT's port is unplugged.
    DutUnplugged,
    /// The controller's port is unplugged.
    ControllerUnplugged,
    /// What the rig sends on the DUT's port reaches no pen.
    DutElsewhere,
    /// What the pen says does not come by the DUT's port.
    DutMute,
    /// The tap tells of what the pen says 0.1 s after it: within what is allowed.
    TapLate,
    /// The fixture breaks.
    Breaks,
    /// The controller switches the supply off.
    SwitchesOff,
    /// Actuators are refused.
    Refuses,
}

/// A running fake; it ends with the value.
pub(crate) struct Fake {
    pub(crate) dut_port: PathBuf,
    pub(crate) controller_port: PathBuf,
    supply: Arc<AtomicBool>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Fake {
    pub(crate) fn start(ill: Ill) -> Result<Self> {
        let (dut, dut_port, dut_slave) = terminal()?;
        let (controller, controller_port, controller_slave) = terminal()?;
        let (supply, end) = (Arc::default(), Arc::default());
        let other = Other {
            ill,
            dut: Some(dut),
            controller: Some(controller),
            // So that a port that the rig closes is not gone for the next test of it.
            slaves: vec![dut_slave, controller_slave],
            supply: Arc::clone(&supply),
            end: Arc::clone(&end),
            decoder: Decoder::new(),
            number: 40_000,
            now_ns: 0,
            began_ns: 0,
            gauge: 0,
            current: 0,
            to_pen: 0,
            from_pen: 0,
            untold_since: None,
        };
        Ok(Self {
            dut_port,
            controller_port,
            supply,
            end,
            thread: Some(thread::spawn(move || other.run())),
        })
    }

    /// Whether the pen has its supply.
    pub(crate) fn supplies(&self) -> bool {
        self.supply.load(Ordering::SeqCst)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.end.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take()
            && let Ok(result) = thread.join()
        {
            result.expect("the fake's own terminals work");
        }
    }
}

fn terminal() -> Result<(File, PathBuf, OwnedFd)> {
    let pair = openpty(None, None)?;
    let mut settings = tcgetattr(&pair.slave)?;
    cfmakeraw(&mut settings);
    tcsetattr(&pair.slave, SetArg::TCSANOW, &settings)?;
    let name = ttyname(&pair.slave)?;
    Ok((File::from(pair.master), name, pair.slave))
}

struct Other {
    ill: Ill,
    dut: Option<File>,
    controller: Option<File>,
    slaves: Vec<OwnedFd>,
    supply: Arc<AtomicBool>,
    end: Arc<AtomicBool>,
    decoder: Decoder<Command>,
    number: u16,
    now_ns: u64,
    /// Bench time of the last power-on.
    began_ns: u64,
    gauge: u64,
    current: u64,
    to_pen: u64,
    from_pen: u64,
    /// Bench time since which the pen has said what the tap has not told of.
    untold_since: Option<u64>,
}

impl Other {
    fn run(mut self) -> Result<()> {
        while !self.end.load(Ordering::SeqCst) {
            let from_controller = read(self.controller.as_mut())?;
            for frame in self.decoder.extend(&from_controller) {
                let frame = frame.expect("the rig sends whole frames");
                self.obey(frame.number, &frame.message)?;
            }
            let heard = read(self.dut.as_mut())?;
            if self.supply.load(Ordering::SeqCst) {
                self.turn(&heard)?;
            }
        }
        // Whoever still waits for these ports sees them go.
        drop(std::mem::take(&mut self.slaves));
        Ok(())
    }

    fn has(&self, ill: Ill) -> bool {
        self.ill == ill && self.now_ns >= self.began_ns + ONSET_NS
    }

    fn turn(&mut self, heard: &[u8]) -> Result<()> {
        self.now_ns += TURN_NS;
        let now_ns = self.now_ns;
        if self.has(Ill::DutUnplugged) {
            self.dut = None;
            self.slaves.clear();
        }
        if self.has(Ill::ControllerUnplugged) {
            self.controller = None;
            self.slaves.clear();
            self.supply.store(false, Ordering::SeqCst);
        }
        if self.has(Ill::Breaks) || self.has(Ill::SwitchesOff) {
            self.supply.store(false, Ordering::SeqCst);
            return self.say(&if self.ill == Ill::Breaks {
                Report::Broken {
                    cause: "load cell overloaded".to_owned(),
                }
            } else {
                Report::SupplyOff {
                    now_ns,
                    cause: OffCause::RigSilent,
                }
            });
        }
        if !heard.is_empty() && self.ill != Ill::DutElsewhere {
            self.to_pen += heard.len() as u64;
            self.from_pen += heard.len() as u64;
            let (from_pen, to_pen) = (0, self.to_pen);
            self.say(&Report::Link {
                at_ns: now_ns - 4_000_000,
                from_pen,
                to_pen,
            })?;
            if self.ill != Ill::DutMute
                && let Some(dut) = &mut self.dut
            {
                dut.write_all(heard)?;
            }
            self.untold_since.get_or_insert(now_ns);
        }
        let late_ns = if self.ill == Ill::TapLate {
            ONSET_NS
        } else {
            0
        };
        if self
            .untold_since
            .is_some_and(|since| now_ns >= since + late_ns)
        {
            self.untold_since = None;
            let (from_pen, to_pen) = (self.from_pen, self.to_pen);
            self.say(&Report::Link {
                at_ns: now_ns - 1_000_000,
                from_pen,
                to_pen,
            })?;
        }
        if !self.has(Ill::GaugeStops) && self.ill != Ill::NoGauge {
            let first = self.gauge;
            self.gauge += 100;
            self.samples(InstrumentName::Gauge, first, 100)?;
        }
        let first = self.current;
        self.current += 10;
        self.samples(InstrumentName::MotorCurrent, first, 10)?;
        if self.has(Ill::LosesFrame) {
            self.number = self.number.wrapping_add(1);
        }
        self.say(&Report::Time { now_ns })
    }

    fn samples(&mut self, instrument: InstrumentName, first: u64, n: u64) -> Result<()> {
        self.say(&Report::Samples(Samples {
            instrument,
            first,
            at_ns: self.now_ns - TURN_NS,
            values: (first..first + n).map(u64::cast_signed).collect(),
            exceptions: Vec::new(),
        }))
    }

    fn obey(&mut self, to: u16, command: &Command) -> Result<()> {
        let mut replies = Vec::new();
        match command {
            Command::Describe => replies = self.describe(),
            Command::PowerOn { .. } => {
                self.supply.store(true, Ordering::SeqCst);
                (self.to_pen, self.from_pen) = (0, 0);
                self.untold_since = None;
                self.began_ns = self.now_ns;
            }
            Command::PowerOff => self.supply.store(false, Ordering::SeqCst),
            Command::Actuate(_) if self.ill == Ill::Refuses => {
                let (why, text) = (WhyNot::Lacking, "there is no brake".to_owned());
                let reply = Reply::Refused(Refusal { why, text });
                return self.say(&Report::Reply { to, reply });
            }
            Command::DescribeFaults => {
                // As a controller of the stream's first revision answers what it does not know.
                let (why, text) = (WhyNot::NotUnderstood, "unknown message".to_owned());
                let reply = Reply::Refused(Refusal { why, text });
                return self.say(&Report::Reply { to, reply });
            }
            Command::Actuate(_) | Command::KeepAlive => {}
        }
        replies.push(Reply::Done {
            now_ns: self.now_ns,
        });
        for reply in replies {
            self.say(&Report::Reply { to, reply })?;
        }
        Ok(())
    }

    fn describe(&self) -> Vec<Reply> {
        let who = Who {
            bench: "fake".to_owned(),
            kind: Kind::Virtual,
            probe: "none".to_owned(),
            chip: "STM32G071RBTx".to_owned(),
            description: "fake controller".to_owned(),
            powered: self.supply.load(Ordering::SeqCst),
            now_ns: self.now_ns,
        };
        let mut replies = vec![Reply::Who(who)];
        if self.ill != Ill::NoGauge {
            let quantity = QuantityName::DisplacementNm;
            replies.push(instrument(InstrumentName::Gauge, quantity, 20_000));
        }
        let quantity = QuantityName::CurrentUa;
        replies.push(instrument(InstrumentName::MotorCurrent, quantity, 2_000));
        replies.push(Reply::Fixture(FixtureInfo {
            block_height_nm: 500_000.0,
            block_certificate: certificate(),
            seating_nm: 1_000.0,
            tilt_deg: 0.5,
            drift_nm_per_kelvin: 500.0,
            temperature_kelvin: 1.0,
            gauge_noise_floor_nm: 5_000.0,
            current_noise_floor_ua: 250.0,
            edge_u_ns: 500.0,
            time_jitter_ns: 100_000,
        }));
        replies.push(Reply::Actuators(vec![ActuatorName::Supply]));
        replies
    }

    fn say(&mut self, report: &Report) -> Result<()> {
        if self.ill == Ill::Silent || self.has(Ill::FallsSilent) {
            return Ok(());
        }
        let mut bytes = encode(self.number, report).expect("it fits a frame");
        self.number = self.number.wrapping_add(1);
        if self.ill == Ill::OtherVersion {
            bytes = of_version(VERSION + 1, self.number);
        }
        match &mut self.controller {
            Some(controller) => controller.write_all(&bytes),
            None => Ok(()),
        }
    }
}

/// A sound frame of another version: its CRC-32/ISO-HDLC worked out bit by bit.
fn of_version(version: u8, number: u16) -> Vec<u8> {
    let [low, high] = number.to_le_bytes();
    let body = [version, low, high, 200];
    let crc = !body.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    });
    let raw: Vec<u8> = body.into_iter().chain(crc.to_le_bytes()).collect();
    // COBS by hand: each run up to a zero with its length before it.
    let mut coded = Vec::new();
    for run in raw.split(|&byte| byte == 0) {
        coded.push(u8::try_from(run.len() + 1).expect("a short frame"));
        coded.extend(run);
    }
    coded.push(0);
    coded
}

fn instrument(name: InstrumentName, quantity: QuantityName, sample_rate_hz: u32) -> Reply {
    Reply::Instrument(InstrumentInfo {
        name,
        model: "fake".to_owned(),
        serial: "F-1".to_owned(),
        quantity,
        sample_rate_hz,
        resolution: 1,
        lowest: -4_000_000,
        highest: i64::MAX,
        bandwidth_hz: 0,
        certificate: certificate(),
    })
}

fn certificate() -> Calibration {
    Calibration {
        id: "VIRTUAL-FAKE".to_owned(),
        traceability: "none".to_owned(),
        calibrated: "2026-01-05".to_owned(),
        due: "2027-01-05".to_owned(),
        expanded_uncertainty: 1_000.0,
        coverage_factor: 2.0,
        time_base_ppb: 20_000,
        linearity: 0.0,
    }
}

/// What is there within a few milliseconds.
fn read(file: Option<&mut File>) -> Result<Vec<u8>> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let mut polled = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
    poll(&mut polled, PollTimeout::from(2_u8))?;
    let readable = polled[0]
        .revents()
        .is_some_and(|it| it.contains(PollFlags::POLLIN));
    let mut bytes = vec![0; 4_096];
    let length = if readable { file.read(&mut bytes)? } else { 0 };
    bytes.truncate(length);
    Ok(bytes)
}
