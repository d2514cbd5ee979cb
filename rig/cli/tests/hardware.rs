//! `penrig` on a hardware bench: the served bench takes the place of board, fixture and
//! instruments, and is opened by the same code.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use tempfile::TempDir;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Root of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_penrig"));
    command
        .args(args)
        .current_dir(root())
        .env_remove("SOURCE_DATE_EPOCH");
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The reference lot, on instruments whose calibration outlasts this test.
fn scenario(dir: &Path) -> Result<String> {
    let reference = fs::read_to_string(root().join("rig/bench-virtual/scenarios/reference.toml"))?;
    let text: Vec<&str> = reference
        .lines()
        .map(|line| {
            if line.starts_with("due = ") {
                "due = \"9999-12-31\""
            } else {
                line
            }
        })
        .collect();
    let path = dir.join("reference.toml");
    fs::write(&path, text.join("\n"))?;
    Ok(path.display().to_string())
}

/// A served bench and a bench file that leads to it.
struct Served {
    process: Child,
    ports: BTreeMap<String, serde_json::Value>,
    dir: TempDir,
}

impl Served {
    fn start() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let scenario = scenario(dir.path())?;
        let mut process = command(&[
            "bench",
            "serve",
            "--format",
            "json",
            "--scenario",
            &scenario,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
        let ports = serde_json::from_str(&line)?;
        Ok(Self {
            process,
            ports,
            dir,
        })
    }

    fn port(&self, name: &str) -> &str {
        self.ports[name].as_str().unwrap_or_default()
    }

    /// Where its debug port listens.
    fn debug_port(&self) -> Result<SocketAddr> {
        let address = self.port("probe").strip_prefix("20b7:9db1:tcp:");
        Ok(address.ok_or("another kind of probe")?.parse()?)
    }

    /// Writes a bench file.
    fn file(&self, probe: &str, chip: &str) -> Result<String> {
        let path = self.dir.path().join("served.toml");
        let text = format!(
            "[bench]\nname = \"served\"\nflash = \"if-different\"\n\
             [probe]\nselector = \"{probe}\"\nchip = \"{chip}\"\n\
             [dut]\nport = \"{}\"\n\
             [fixture]\nport = \"{}\"\ndescribed_by = \"controller\"\n\
             [golden]\nkept = \"no\"\nreason = \"a served bench\"\n",
            self.port("dut"),
            self.port("instruments")
        );
        fs::write(&path, text)?;
        Ok(path.display().to_string())
    }

    /// A bench file that leads to it as it is.
    fn right_file(&self) -> Result<String> {
        self.file(self.port("probe"), self.port("chip"))
    }

    /// The same, with a golden pen: the one that lies in it.
    fn file_with_golden(&self) -> Result<String> {
        let file = self.right_file()?;
        let text = fs::read_to_string(&file)?;
        let text = text.replace(
            "kept = \"no\"\nreason = \"a served bench\"",
            "kept = \"yes\"\nfile = \"golden.csv\"\nstation = \"station\"",
        );
        fs::write(&file, text)?;
        let values = "serial,row,reference,reference_u,unit,allowed_difference,basis,valid_until,shift_h\n\
                      PA1-00000001,DEP-04,1.5015,0.006,mm,0.020,ours,9999-12-31,8\n";
        fs::write(self.dir.path().join("golden.csv"), values)?;
        Ok(file)
    }

    /// Arguments of a smoke run on a bench.
    fn smoke<'a>(&self, bench: &'a str, out: &'a str) -> Vec<&'a str> {
        vec![
            "qualify",
            "--plan",
            "smoke",
            "--serial",
            "PA1-00000001",
            "--bench",
            bench,
            "--out",
            out,
        ]
    }

    fn out(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Verdict by row, of the one run in a folder.
fn verdicts(out: &str) -> Result<BTreeMap<String, String>> {
    let mut paths = fs::read_dir(out)?.filter_map(|it| Some(it.ok()?.path()));
    let run = paths.find(|it| it.is_dir()).ok_or("no run")?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(run.join("results.csv"))?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|it| it == name)
            .ok_or("no such column")
    };
    let (row, verdict) = (column("row")?, column("verdict")?);
    let mut verdicts = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        if let (Some(row), Some(verdict)) = (record.get(row), record.get(verdict)) {
            verdicts.insert(row.to_owned(), verdict.to_owned());
        }
    }
    Ok(verdicts)
}

/// Some two minutes of real time: the one test of it all.
#[test]
fn a_smoke_run_through_the_served_bench_gives_the_verdicts_of_the_one_in_process() {
    let served = Served::start().unwrap();
    let file = served.file_with_golden().unwrap();
    let out = served.out("through");

    // Without its golden pen the bench is refused; with it, for a shift it is not.
    let unchecked = command(&served.smoke(&file, &out)).output().unwrap();
    let said = stderr(&unchecked);
    assert!(
        said.contains("no golden pen was ever checked on bench served"),
        "{said}"
    );
    assert_eq!(unchecked.status.code(), Some(1), "{said}");
    let golden = ["bench", "check", "--golden", "--bench", &file];
    let golden = command(&golden).output().unwrap();
    let said = String::from_utf8_lossy(&golden.stdout).into_owned();
    assert_eq!(golden.status.code(), Some(0), "{said}{}", stderr(&golden));
    assert!(
        said.starts_with("PASS  golden pen PA1-00000001 on bench served"),
        "{said}"
    );

    let through = command(&served.smoke(&file, &out))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();

    let (here, scenario) = (served.out("here"), served.out("reference.toml"));
    let mut args = served.smoke("virtual", &here);
    args.extend(["--scenario", &scenario]);
    let in_process = command(&args).output().unwrap();
    assert_eq!(in_process.status.code(), Some(0), "{}", stderr(&in_process));

    // Meanwhile the bench is held.
    let second = command(&["bench", "check", &file]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    let expected = format!("lock  FAIL held by process {} on ", through.id());
    assert!(said.starts_with(&expected), "{said}");

    let through = through.wait_with_output().unwrap();
    let summary = String::from_utf8_lossy(&through.stdout).into_owned();
    assert_eq!(
        through.status.code(),
        Some(0),
        "{summary}{}",
        stderr(&through)
    );
    // What was measured on it is of a virtual bench, by whatever way.
    assert!(
        summary.starts_with("MEETS PLAN  VIRTUAL  lot unlisted"),
        "{summary}"
    );
    assert!(
        summary.contains("golden pen   PA1-00000001 passed at 2"),
        "{summary}"
    );
    let judged = verdicts(&out).unwrap();
    assert_eq!(judged, verdicts(&here).unwrap());
    let n_passed = judged.values().filter(|it| *it == "pass").count();
    assert_eq!(n_passed, 5, "{judged:?}");

    // The bench was given back, and every part of it answers.
    let check = command(&["bench", "check", &file]).output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert_eq!(check.status.code(), Some(0), "{said}");
    for part in [
        "chip                 ok   STM32G071RBTx, IDCODE 0x20000460",
        "factory record       ok   pen PA1-00000001",
        "pen                  ok   PA1-00000001, hardware revision C, firmware 1.2.1",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn another_pen_and_another_chip_are_refused_before_anything_is_changed() {
    let served = Served::start().unwrap();
    let check = |file: &str, more: &[&str], expected: &str| {
        let out = served.out("out");
        let mut args = served.smoke(file, &out);
        if !more.is_empty() {
            args.retain(|it| !["--serial", "PA1-00000001"].contains(it));
        }
        args.extend(more);
        let output = command(&args).output().unwrap();
        assert_eq!(stderr(&output).trim_end(), expected);
        assert_eq!(output.status.code(), Some(1));
        assert!(!Path::new(&out).exists());
    };
    check(
        &served.right_file().unwrap(),
        &["--serial", "PA1-00000009"],
        "penrig: fixture: pen PA1-00000001 lies in it, not PA1-00000009; put the right pen in, or name this one",
    );
    let probe = served.port("probe");
    check(
        &served.file(probe, "STM32G0B1RETx").unwrap(),
        &[],
        "penrig: debug probe: it found STM32G070/STM32G071/STM32G081 (device id 0x460), where STM32G0B1RETx (device id 0x467) should be; check bench file and wiring",
    );
}

/// Lets one connection through to a debug port and cuts the second after so many bytes.
fn relay(to: SocketAddr, n_bytes: usize) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let pass = |mut from: TcpStream, mut to: TcpStream, mut left: usize| {
        let mut buffer = [0; 4_096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            left = left.saturating_sub(length);
            if left == 0 || to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        // One that is gone already cannot be shut.
        let _ = to.shutdown(std::net::Shutdown::Both);
        let _ = from.shutdown(std::net::Shutdown::Both);
    };
    thread::spawn(move || -> std::io::Result<()> {
        for left in [usize::MAX, n_bytes] {
            let (rig, _) = listener.accept()?;
            let port = TcpStream::connect(to)?;
            let (rig_too, port_too) = (rig.try_clone()?, port.try_clone()?);
            let back = thread::spawn(move || pass(port_too, rig_too, usize::MAX));
            pass(rig, port, left);
            // It ends with the other direction.
            let _ = back.join();
        }
        Ok(())
    });
    Ok(address)
}

#[test]
fn a_probe_that_vanishes_while_the_pen_is_flashed_is_a_bench_error() {
    let served = Served::start().unwrap();
    let relay = relay(served.debug_port().unwrap(), 20_000).unwrap();
    let probe = format!("20b7:9db1:tcp:{relay}");
    let file = served.file(&probe, served.port("chip")).unwrap();
    let out = served.out("out");
    let output = command(&served.smoke(&file, &out)).output().unwrap();
    let said = stderr(&output);
    assert!(said.contains("bench error: flashing: "), "{said}");
    assert!(
        said.contains("the debug probe is gone (no answer for 5 s)"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1), "{said}");
    // Nothing was judged, and the record says so.
    let judged = verdicts(&out).unwrap();
    assert!(
        judged
            .values()
            .all(|it| it.is_empty() || it.starts_with("not run: ")),
        "{judged:?}"
    );
}

/// Runs and checks exit code and a part of stderr.
#[track_caller]
fn check_usage(args: &[&str], epoch: Option<&str>, expected: &str) {
    let mut command = command(args);
    if let Some(epoch) = epoch {
        command.env("SOURCE_DATE_EPOCH", epoch);
    }
    let output = command.output().expect("the binary runs");
    let said = stderr(&output);
    assert!(said.contains(expected), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
}

#[test]
fn what_belongs_to_the_virtual_bench_is_refused() {
    let file = "rig/bench-hardware/bench.toml";
    let qualify = ["qualify", "--bench", file];
    let with = |more: &[&'static str]| [&qualify[..], more].concat();
    check_usage(
        &with(&["--seed", "4"]),
        None,
        "--seed belongs to the virtual bench",
    );
    check_usage(
        &with(&["--scenario", "x.toml"]),
        None,
        "--scenario belongs to the virtual bench",
    );
    check_usage(&with(&["--units", "2"]), None, "holds one pen at a time");
    check_usage(
        &qualify,
        None,
        "which pen lies in the fixture? Give --serial SN, or --lot with a list of one; at a terminal it is asked for",
    );
    check_usage(
        &qualify,
        Some("1767225600"),
        "SOURCE_DATE_EPOCH fixes the time of the virtual bench alone",
    );
    check_usage(
        &["flash", "--bench", file],
        None,
        "this command works on the virtual bench alone",
    );
}

#[test]
fn a_bench_file_with_defects_is_named_with_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bench.toml");
    let text = fs::read_to_string(root().join("rig/bench-hardware/bench.toml")).unwrap();
    let broken = text
        .replace("0483:374e:0042", "stlink")
        .replace("\"if-different\"", "1");
    fs::write(&path, broken).unwrap();
    let path = path.display().to_string();
    let expected = format!(
        "2 defects in the bench file\n{path}:9:9: `bench.flash`: integer where a string is wanted\n{path}:12:12: `probe.selector`: `stlink`"
    );
    check_usage(&["bench", "check", &path], None, &expected);
}
