//! `penrig bench serve` and clients of another process: probe-rs as a library over TCP, and a rig
//! at the instrument stream. Programs that may be missing are in `.ci/served`.
#![cfg(unix)]

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{FlushArg, tcflush};
use nix::unistd::Pid;
use probe_rs::flashing::{DownloadOptions, ElfLoader, ElfOptions, build_loader};
use probe_rs::probe::list::Lister;
use probe_rs::probe::{DebugProbeSelector, Probe};
use probe_rs::{MemoryInterface as _, Permissions};
use rig_fixture_wire::{
    Act, Command as FixtureCommand, Decoder, InstrumentName, Kind, Reply, Report, WhyNot, encode,
};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Longest wait for anything, in milliseconds; a bench that hangs fails the test.
const PATIENCE: u16 = 60_000;
const CHIP: &str = "STM32G071RBTx";
const IMAGE: &str = "../../firmware/images/pen-a1-1.2.1.elf";

/// A served bench. Dropping it kills one that a failed test has left.
struct Served {
    process: Child,
    ports: BTreeMap<String, serde_json::Value>,
}

impl Served {
    fn start(args: &[&str]) -> Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_penrig"))
            .args(["bench", "serve", "--format", "json"])
            .args(args)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = process.stdout.take().ok_or("no stdout")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let ports = serde_json::from_str(&line)?;
        Ok(Self { process, ports })
    }

    fn port(&self, name: &str) -> &str {
        self.ports[name].as_str().unwrap_or_default()
    }

    fn open(&self, name: &str) -> Result<File> {
        Ok(OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.port(name))?)
    }

    fn probe(&self) -> Result<Probe> {
        let selector: DebugProbeSelector = self.port("probe").parse()?;
        Ok(Lister::new().open(selector)?)
    }

    /// Asks it to stop; how it ended, and what it said.
    fn stop(mut self, signal: Signal) -> Result<(ExitStatus, String)> {
        kill(Pid::from_raw(self.process.id().try_into()?), signal)?;
        let mut said = String::new();
        if let Some(mut stderr) = self.process.stderr.take() {
            stderr.read_to_string(&mut said)?;
        }
        Ok((self.process.wait()?, said))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn probe_rs_flashes_verifies_reads_back_breaks_and_steps_over_tcp() {
    let served = Served::start(&[]).unwrap();
    let mut session = served
        .probe()
        .unwrap()
        .attach(CHIP, Permissions::default())
        .unwrap();
    let loader = build_loader(&mut session, IMAGE, ElfLoader(ElfOptions::default()), None).unwrap();
    let image: Vec<(u64, Vec<u8>)> = loader.data().map(|(at, it)| (at, it.to_vec())).collect();
    let n_bytes: usize = image.iter().map(|(_, it)| it.len()).sum();
    assert!(n_bytes > 20_000, "{n_bytes} bytes");
    let mut options = DownloadOptions::default();
    options.verify = true;
    loader.commit(&mut session, options).unwrap();
    let mut core = session.core(0).unwrap();
    for (address, expected) in &image {
        let mut back = vec![0; expected.len()];
        core.read(*address, &mut back).unwrap();
        assert_eq!(&back, expected, "at {address:#010x}");
    }
    let patience = Duration::from_secs(5);
    let reset_vector = core.read_word_32(0x0800_0004).unwrap();
    let halted = core.reset_and_halt(patience).unwrap();
    assert_eq!(halted.pc, u64::from(reset_vector & !1));
    let stepped = core.step().unwrap().pc;
    assert_ne!(stepped, halted.pc);
    // The second time round, by way of a breakpoint there.
    core.set_hw_breakpoint(stepped).unwrap();
    core.reset().unwrap();
    core.wait_for_core_halted(patience).unwrap();
    let pc: u32 = core.read_core_reg(15_u16).unwrap();
    assert_eq!(u64::from(pc), stepped);
    core.clear_hw_breakpoint(stepped).unwrap();
    // A hole in the address map is an error, and the session goes on after it.
    assert!(core.read_word_32(0x6000_0000).is_err());
    assert_eq!(core.read_word_32(0x0800_0004).unwrap(), reset_vector);
    let mut hole = [0_u32; 4];
    assert!(core.read_32(0x6000_0000, &mut hole).is_err());
    assert_eq!(core.read_word_32(0x0800_0004).unwrap(), reset_vector);
    core.run().unwrap();
    drop(core);

    // Another probe is turned away while this one is plugged in, with an error.
    assert!(served.probe().is_err());
    drop(session);
    let (ended, said) = served.stop(Signal::SIGTERM).unwrap();
    assert_eq!(ended.code(), Some(0), "{said}");
    assert!(said.contains("another probe was turned away"), "{said}");
    assert!(said.contains("the pen is off"), "{said}");
}

#[test]
fn a_bench_that_stops_leaves_no_port_and_tells_its_clients() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        let served = Served::start(&["--ready"]).unwrap();
        let mut session = served
            .probe()
            .unwrap()
            .attach(CHIP, Permissions::default())
            .unwrap();
        let (dut, address) = (
            served.port("dut").to_owned(),
            served.port("probe").to_owned(),
        );
        assert!(Path::new(&dut).exists());
        let (ended, _) = served.stop(signal).unwrap();
        let code = (signal != Signal::SIGKILL).then_some(0);
        assert_eq!(ended.code(), code);
        assert!(!Path::new(&dut).exists(), "{dut} is still there");
        let address = address.rsplit("tcp:").next().unwrap();
        assert!(TcpStream::connect(address).is_err());
        // A client in the middle of something gets an error, and does not wait for ever.
        let mut core = session.core(0);
        let read = core.as_mut().map(|it| it.read_word_32(0x0800_0000));
        assert!(!matches!(read, Ok(Ok(_))));
    }
}

/// A rig at the instrument stream.
struct Rig {
    port: File,
    decoder: Decoder<Report>,
    next: u16,
    /// Number that the next frame from the controller must have, once one was heard.
    expected: Option<u16>,
}

impl Rig {
    fn open(served: &Served) -> Result<Self> {
        let mut port = served.open("instruments")?;
        // What a rig before this one has not read.
        tcflush(&port, FlushArg::TCIOFLUSH)?;
        port.write_all(&[0])?;
        Ok(Self {
            port,
            decoder: Decoder::new(),
            next: 0,
            expected: None,
        })
    }

    fn say(&mut self, command: &FixtureCommand) -> Result<u16> {
        let number = self.next;
        self.port.write_all(&encode(number, command)?)?;
        self.next += 1;
        Ok(number)
    }

    /// Reports that come next; none may be missing.
    fn hear(&mut self) -> Result<Vec<Report>> {
        wait_for(&self.port)?;
        let mut bytes = [0; 4_096];
        let length = self.port.read(&mut bytes)?;
        if length == 0 {
            return Err("the port is gone".into());
        }
        let mut reports = Vec::new();
        for frame in self.decoder.extend(&bytes[..length]) {
            let frame = frame?;
            if self.expected.is_some_and(|it| it != frame.number) {
                return Err(format!("frame {}, not {:?}", frame.number, self.expected).into());
            }
            self.expected = Some(frame.number.wrapping_add(1));
            reports.push(frame.message);
        }
        Ok(reports)
    }

    /// Says something and gives all replies to it, down to the last one.
    fn ask(&mut self, command: &FixtureCommand) -> Result<Vec<Reply>> {
        let number = self.say(command)?;
        let mut replies = Vec::new();
        loop {
            for report in self.hear()? {
                if let Report::Reply { to, reply } = report {
                    assert_eq!(to, number);
                    replies.push(reply);
                }
            }
            if let Some(Reply::Done { .. } | Reply::Refused(_)) = replies.last() {
                return Ok(replies);
            }
        }
    }
}

fn wait_for(port: &File) -> Result<()> {
    let mut fds = [PollFd::new(port.as_fd(), PollFlags::POLLIN)];
    if poll(&mut fds, PollTimeout::from(PATIENCE))? == 0 {
        return Err("nothing comes".into());
    }
    Ok(())
}

fn is_refused(replies: &[Reply], why: WhyNot) -> bool {
    matches!(replies, [Reply::Refused(refusal)] if refusal.why == why)
}

fn is_powered(rig: &mut Rig) -> Result<bool> {
    match rig.ask(&FixtureCommand::Describe)?.first() {
        Some(Reply::Who(who)) => Ok(who.powered),
        other => Err(format!("{other:?} is not who").into()),
    }
}

const POWER_ON: FixtureCommand = FixtureCommand::PowerOn {
    supply_mv: 3_700,
    hold_ms: 0,
};

#[test]
fn a_rig_learns_who_is_there_and_what_is_refused() {
    let served = Served::start(&[]).unwrap();
    let mut rig = Rig::open(&served).unwrap();
    let replies = rig.ask(&FixtureCommand::Describe).unwrap();
    let Reply::Who(who) = &replies[0] else {
        panic!("{replies:?}");
    };
    assert_eq!((who.kind, who.powered), (Kind::Virtual, false));
    assert_eq!(who.chip, CHIP);
    let names: Vec<InstrumentName> = replies
        .iter()
        .filter_map(|it| match it {
            Reply::Instrument(info) => Some(info.name),
            _ => None,
        })
        .collect();
    assert_eq!(
        names,
        [
            InstrumentName::Gauge,
            InstrumentName::Tachometer,
            InstrumentName::MotorCurrent,
            InstrumentName::Force,
            InstrumentName::NoseThermometer,
            InstrumentName::AmbientThermometer
        ]
    );
    assert!(replies.iter().any(|it| matches!(it, Reply::Fixture(_))));
    assert!(
        replies
            .iter()
            .any(|it| matches!(it, Reply::Actuators(all) if all.len() == 8))
    );
    let faults = rig.ask(&FixtureCommand::DescribeFaults).unwrap();
    let is_dead_hall = |it: &Reply| matches!(it, Reply::Fault(it) if it.name == "hall-dead");
    assert!(faults.iter().any(is_dead_hall), "{faults:?}");
    let mut check = |command, why| {
        let replies = rig.ask(&command).unwrap();
        assert!(is_refused(&replies, why), "{command:?}: {replies:?}");
    };
    check(FixtureCommand::PowerOff, WhyNot::IsOff);
    let supply = |mv| FixtureCommand::Actuate(Act::Supply { mv });
    check(supply(3_000), WhyNot::IsOff);
    check(FixtureCommand::Actuate(Act::Battery), WhyNot::IsOff);
    let too_high = FixtureCommand::PowerOn {
        supply_mv: 12_000,
        hold_ms: 0,
    };
    check(too_high, WhyNot::Lacking);
    let pull = Act::NeedleLoad {
        needles: 14,
        force_mn: -1,
    };
    check(FixtureCommand::Actuate(pull), WhyNot::Lacking);
}

#[test]
fn samples_bench_time_and_link_bytes_stream_while_the_supply_is_on() {
    let served = Served::start(&["--ready"]).unwrap();
    let mut dut = served.open("dut").unwrap();
    let mut rig = Rig::open(&served).unwrap();
    assert!(is_powered(&mut rig).unwrap());
    assert!(is_refused(&rig.ask(&POWER_ON).unwrap(), WhyNot::IsOn));
    rig.ask(&FixtureCommand::PowerOff).unwrap();
    // A new power-on, so that the first sample is seen.
    rig.ask(&POWER_ON).unwrap();
    let mut now = 0;
    let mut expected: BTreeMap<InstrumentName, u64> = BTreeMap::new();
    let mut n_gauge = 0;
    let mut first_ns = None;
    let mut link = (0, 0);
    let mut is_asked = false;
    // `Identify`, as tests/wire-format has it.
    let identify = b"\x00\x02\x01\x01\x01\x05\x79\xb8\xf8\x99\x00";
    loop {
        for report in rig.hear().unwrap() {
            match report {
                Report::Samples(samples) => {
                    let next = expected.entry(samples.instrument).or_insert(samples.first);
                    assert_eq!(samples.first, *next, "{:?}", samples.instrument);
                    *next += samples.values.len() as u64;
                    assert!(samples.at_ns >= now, "a sample of before {now} ns");
                    if samples.instrument == InstrumentName::Gauge {
                        n_gauge += samples.values.len() as u64;
                        first_ns.get_or_insert(samples.at_ns);
                    }
                }
                Report::Time { now_ns } => {
                    assert!(now_ns >= now);
                    now = now_ns;
                }
                Report::Link {
                    at_ns,
                    from_pen,
                    to_pen,
                } => {
                    assert!(at_ns >= now);
                    link = (from_pen, to_pen);
                }
                other => panic!("{other:?}"),
            }
        }
        let Some(first_ns) = first_ns else { continue };
        let passed_ns = now.saturating_sub(first_ns);
        if passed_ns > 200_000_000 && !is_asked {
            dut.write_all(identify).unwrap();
            is_asked = true;
        }
        if passed_ns > 1_000_000_000 {
            let per_second = n_gauge * 1_000_000_000 / passed_ns;
            assert!(
                (19_900..=20_100).contains(&per_second),
                "{per_second} a second"
            );
            break;
        }
    }
    wait_for(&dut).unwrap();
    let mut answer = [0; 256];
    let length = dut.read(&mut answer).unwrap();
    assert_eq!(answer[length - 1], 0);
    assert_eq!(link, (length as u64, identify.len() as u64));
}

#[test]
fn the_supply_goes_off_with_the_rig_that_switched_it_on() {
    let mut served = Served::start(&[]).unwrap();
    let mut session = served
        .probe()
        .unwrap()
        .attach(CHIP, Permissions::default())
        .unwrap();
    let loader = build_loader(&mut session, IMAGE, ElfLoader(ElfOptions::default()), None).unwrap();
    loader
        .commit(&mut session, DownloadOptions::default())
        .unwrap();
    drop(session);

    let mut rig = Rig::open(&served).unwrap();
    rig.ask(&POWER_ON).unwrap();
    assert!(is_powered(&mut rig).unwrap());
    drop(rig);
    let mut said = String::new();
    let stderr = served.process.stderr.take().unwrap();
    BufReader::new(stderr).read_line(&mut said).unwrap();
    assert!(
        said.contains("closed its port; the supply is off"),
        "{said}"
    );
    let mut rig = Rig::open(&served).unwrap();
    assert!(!is_powered(&mut rig).unwrap());

    // A rig that falls silent loses it, too, although its port stays open.
    rig.ask(&FixtureCommand::PowerOn {
        supply_mv: 3_700,
        hold_ms: 200,
    })
    .unwrap();
    loop {
        let reports = rig.hear().unwrap();
        if reports
            .iter()
            .any(|it| matches!(it, Report::SupplyOff { .. }))
        {
            break;
        }
    }
    assert!(!is_powered(&mut rig).unwrap());
}

#[test]
fn an_address_that_cannot_be_listened_at_is_a_usage_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(["bench", "serve", "--listen", "203.0.113.7:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot listen at `203.0.113.7:1`"), "{said}");
}
