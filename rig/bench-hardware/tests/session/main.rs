//! Sessions of the hardware bench with a fake of the other side of its ports.
#![cfg(unix)]

mod fake;

use fake::{Fake, Ill};
use rig_bench::{
    Actuation, Bench as _, BenchError, BenchKind, GAUGE, Millivolts, Nanoseconds, Observation,
};
use rig_bench_hardware::{Description, HardwareBench};
use std::path::PathBuf;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use tempfile::TempDir;

const SUPPLY: Millivolts = Millivolts(3_700);

/// A fake and the bench file that leads to it.
struct Setup {
    fake: Fake,
    dir: TempDir,
}

impl Setup {
    fn new(ill: Ill) -> Self {
        Self {
            fake: Fake::start(ill).expect("pseudo-terminals are to be had"),
            dir: tempfile::tempdir().expect("a folder is to be had"),
        }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("bench.toml")
    }

    fn description(&self) -> Description {
        let text = format!(
            r#"
[bench]
name = "fake"
flash = "never"
silence_ms = 300
[probe]
selector = "20b7:9db1:tcp:127.0.0.1:1"
chip = "STM32G071RBTx"
[dut]
port = "{}"
[fixture]
port = "{}"
described_by = "controller"
"#,
            self.fake.dut_port.display(),
            self.fake.controller_port.display()
        );
        Description::parse("bench.toml", &text).expect("no defect")
    }

    fn open(&self) -> Result<HardwareBench, BenchError> {
        HardwareBench::open(self.description(), &self.file(), "Ada", None)
    }

    /// An error's text, with names that differ from run to run put right.
    fn text(&self, error: &BenchError) -> String {
        error
            .to_string()
            .replace(&self.fake.dut_port.display().to_string(), "DUT-PORT")
            .replace(
                &self.fake.controller_port.display().to_string(),
                "CONTROLLER-PORT",
            )
    }
}

/// Powers on, sends four bytes and lets 0.8 s pass.
fn session(bench: &mut HardwareBench) -> Result<Vec<Observation>, BenchError> {
    bench.power_on(SUPPLY)?;
    let begin = bench.now();
    bench.send(&[1, 2, 3, 0])?;
    let mut seen = Vec::new();
    let until = begin + Nanoseconds::from_millis(800);
    while bench.now() < until {
        seen.extend(bench.advance(until)?);
        if bench.now() > begin + Nanoseconds::from_millis(200) {
            bench.actuate(Actuation::Button { pressed: true })?;
        }
    }
    Ok(seen)
}

#[test]
fn a_sound_session_gives_dated_bytes_and_every_sample() {
    let setup = Setup::new(Ill::No);
    let mut bench = setup.open().unwrap();
    assert_eq!(bench.identity().kind, BenchKind::Virtual);
    assert_eq!(bench.fixture().time_jitter_ns, 100_000);
    assert!(!setup.fake.supplies());
    let seen = session(&mut bench).unwrap();
    assert!(setup.fake.supplies());

    let (mut link, mut samples, mut next) = (Vec::new(), 0, 0);
    for observation in &seen {
        match observation {
            Observation::Link { at, bytes } => link.push((*at, bytes.clone())),
            Observation::Samples { instrument, block } if *instrument == GAUGE => {
                assert_eq!(block.first_seq, next);
                next += block.values.len() as u64;
                samples += block.values.len();
            }
            Observation::Samples { .. } => {}
        }
    }
    let [(at, bytes)] = &link[..] else {
        panic!("not one answer: {link:?}");
    };
    assert_eq!(bytes, &[1, 2, 3, 0]);
    // The tap's time, however long the bytes were on their way to this end.
    assert_eq!(at.0 % 5_000_000, 4_000_000);
    // 20 kS/s for 0.8 s.
    assert!(samples >= 16_000, "{samples} samples");

    bench.power_off().unwrap();
    assert!(!setup.fake.supplies());
    // A second power-on goes on from there.
    let before = bench.now();
    assert!(session(&mut bench).unwrap().len() > 100);
    assert!(bench.now() >= before + Nanoseconds::from_millis(500));
    drop(bench);
    assert!(!setup.fake.supplies(), "dropping the bench leaves it on");
}

#[test]
fn the_time_a_frame_left_is_that_of_the_tap() {
    let setup = Setup::new(Ill::No);
    let mut bench = setup.open().unwrap();
    bench.power_on(SUPPLY).unwrap();
    let left = bench.send(&[7, 7, 0]).unwrap();
    assert_eq!(left.0 % 5_000_000, 1_000_000);
}

#[test]
fn a_rig_that_was_busy_elsewhere_blames_nobody_for_its_own_silence() {
    let setup = Setup::new(Ill::TapLate);
    let mut bench = setup.open().unwrap();
    bench.power_on(SUPPLY).unwrap();
    let begin = bench.now();
    let mut seen = Vec::new();
    for round in 1..=3 {
        bench.send(&[1, 2, 3, 0]).unwrap();
        // The port brings the answer, of which the tap tells later: they disagree for now.
        let until = bench.now() + Nanoseconds::from_millis(20);
        seen.extend(bench.advance(until).unwrap());
        // Longer than any port may be silent; whatever comes meanwhile waits in the ports.
        let (_work, done) = std::sync::mpsc::channel::<()>();
        let still = done.recv_timeout(Duration::from_millis(700));
        assert_eq!(still, Err(RecvTimeoutError::Timeout));
        let until = begin + Nanoseconds::from_millis(300 * round);
        while bench.now() < until {
            seen.extend(bench.advance(until).unwrap());
        }
    }
    let links = seen.iter().filter_map(|it| match it {
        Observation::Link { bytes, .. } => Some(bytes.clone()),
        Observation::Samples { .. } => None,
    });
    assert_eq!(links.collect::<Vec<_>>(), vec![vec![1, 2, 3, 0]; 3]);
}

/// The error of a session with an ill other side. It must be repeated, and the pen must be off.
#[track_caller]
fn check(ill: Ill, expected: &str) {
    let setup = Setup::new(ill);
    let mut bench = setup.open().expect("the other side is ill only later");
    let error = session(&mut bench).expect_err("the other side is ill");
    assert_eq!(setup.text(&error), expected);
    let again = [
        bench.advance(Nanoseconds::from_seconds(9)).err(),
        bench.send(&[0]).err(),
        bench.power_on(SUPPLY).err(),
        bench.power_off().err(),
        bench.actuate(Actuation::GaugeBlock { present: true }).err(),
        bench.probe().err(),
    ];
    assert!(
        again.iter().all(|it| it.as_ref() == Some(&error)),
        "{again:?}"
    );
    drop(bench);
    assert!(!setup.fake.supplies(), "the pen is on after {error}");
}

#[test]
fn a_port_that_is_unplugged() {
    check(
        Ill::DutUnplugged,
        "link to the DUT: DUT-PORT: was closed or unplugged; plug it in and begin again",
    );
    check(
        Ill::ControllerUnplugged,
        "fixture: its controller's port CONTROLLER-PORT: was closed or unplugged; plug it in and begin again",
    );
}

#[test]
fn a_silent_port() {
    check(
        Ill::FallsSilent,
        "fixture: its controller on CONTROLLER-PORT has said nothing for 300 ms; check its supply and that the bench file names its port",
    );
    check(
        Ill::DutElsewhere,
        "link to the DUT: 4 bytes were sent on DUT-PORT, and the fixture's tap saw 0 reach the pen; is that the pen's port?",
    );
    check(
        Ill::DutMute,
        "link to the DUT: the pen sent 4 bytes by the fixture's tap that DUT-PORT has not brought in 300 ms; is that the pen's port?",
    );
}

#[test]
fn samples_that_stop_and_frames_that_are_lost() {
    check(
        Ill::GaugeStops,
        "gauge: no samples for 0.5 s; check its cable and supply",
    );
    let setup = Setup::new(Ill::LosesFrame);
    let error = session(&mut setup.open().unwrap()).unwrap_err();
    let text = setup.text(&error);
    assert!(
        text.starts_with("fixture: 1 frames of the instrument stream were lost before frame 4"),
        "{text}"
    );
}

#[test]
fn a_fixture_that_breaks_or_gives_up_or_refuses() {
    check(
        Ill::Breaks,
        "fixture: it is broken, the supply is off: load cell overloaded",
    );
    check(
        Ill::SwitchesOff,
        "fixture: its controller switched the supply off: this program had kept silent too long",
    );
    check(
        Ill::Refuses,
        "fixture: it refused a command: there is no brake",
    );
}

/// The error of opening a bench.
#[track_caller]
fn check_open(setup: &Setup, expected: &str) {
    let error = setup.open().err().expect("it does not open");
    assert_eq!(setup.text(&error), expected);
    assert!(!setup.fake.supplies());
}

#[test]
fn a_controller_that_is_mute_or_of_another_version() {
    check_open(
        &Setup::new(Ill::Silent),
        "fixture: its controller on CONTROLLER-PORT has not answered for 300 ms; check its supply and that the bench file names its port",
    );
    check_open(
        &Setup::new(Ill::OtherVersion),
        "fixture: its controller speaks version 2 of the instrument stream, this program 1; update the older of the two",
    );
}

#[test]
fn a_port_that_is_not_there() {
    let setup = Setup::new(Ill::No);
    let mut description = setup.description();
    description.dut.path = "/dev/ttyNOWHERE9".to_owned();
    let error = HardwareBench::open(description, &setup.file(), "", None)
        .err()
        .expect("it does not open");
    assert_eq!(
        error.to_string(),
        "link to the DUT: /dev/ttyNOWHERE9: is not there; plug it in, or put the bench file right"
    );
}

#[test]
fn a_bench_that_another_rig_holds() {
    let setup = Setup::new(Ill::No);
    let first = setup.open().unwrap();
    let error = setup.open().err().expect("it is held");
    let text = error.to_string();
    let expected = format!("bench: held by process {} on ", std::process::id());
    assert!(text.starts_with(&expected), "{text}");
    assert!(text.contains(" for Ada, lease until "), "{text}");
    drop(first);
    setup.open().unwrap();
}

#[test]
fn an_instrument_that_the_controller_lacks_is_not_among_those_of_the_bench() {
    let setup = Setup::new(Ill::NoGauge);
    let mut bench = setup.open().unwrap();
    let names: Vec<_> = bench.instruments().iter().map(|it| it.id.0).collect();
    assert_eq!(names, ["current probe"]);
    session(&mut bench).unwrap();
}
