//! `flash`, `identify` and `console` as their users run them.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An image that knows revision 0 of the protocol.
const IMAGE: &str = "firmware/images/pen-a1-1.0.0.elf";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_penrig"));
    // Help is as wide as the terminal says that it is.
    command.args(args).current_dir(root()).env_remove("COLUMNS");
    command
}

fn penrig(args: &[&str]) -> Output {
    command(args).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Exit code, stdout and stderr of a script at the console.
fn script(args: &[&str], lines: &[u8]) -> io::Result<(Option<i32>, String, String)> {
    let mut console = command(&[&["console"], args].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = console.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    stdin.write_all(lines)?;
    drop(stdin);
    let output = console.wait_with_output()?;
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    Ok((output.status.code(), stdout, stderr))
}

/// What is shown, with the time that flashing took by the wall clock left out.
fn without_time(shown: &str) -> String {
    let lines = shown.lines().map(|line| {
        let timed = line.starts_with("took ") || line.trim_start().starts_with("\"seconds\": ");
        let mut chars: Vec<char> = line.chars().collect();
        if timed {
            chars.retain(|it| !it.is_ascii_digit());
        }
        chars.into_iter().collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs a command that must succeed and say nothing on stderr; its stdout.
#[track_caller]
fn shown(args: &[&str]) -> String {
    let output = penrig(args);
    assert_eq!(text(&output.stderr), "", "{args:?}");
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    without_time(&text(&output.stdout))
}

#[test]
fn flash_says_what_is_in_the_pen_and_that_the_pen_says_so_too() {
    insta::assert_snapshot!("flash", shown(&["flash", "--image", IMAGE]));
    let json = ["flash", "--image", IMAGE, "--format", "json"];
    insta::assert_snapshot!("flash_json", shown(&json));
}

#[test]
fn identify_says_who_the_pen_is() {
    insta::assert_snapshot!("identify", shown(&["identify", "--image", IMAGE]));
    let other = [
        "identify",
        "--image",
        IMAGE,
        "--serial",
        "PA1-00000003",
        "--seed",
        "7",
        "--format",
        "json",
    ];
    insta::assert_snapshot!("identify_json", shown(&other));
}

#[test]
fn every_help_has_an_example() {
    for name in ["flash", "identify", "console"] {
        let help = shown(&[name, "--help"]);
        assert!(help.contains("Example"), "{help}");
        insta::assert_snapshot!(format!("help_{name}"), help);
    }
}

#[test]
fn what_cannot_be_is_a_usage_error_that_names_what_there_is() {
    for name in ["flash", "identify", "console"] {
        let check = |args: &[&str], expected: &str| {
            let output = penrig(&[&[name], args].concat());
            let stderr = text(&output.stderr);
            assert!(stderr.contains(expected), "{name} {args:?}: {stderr}");
            assert_eq!(output.status.code(), Some(2), "{name} {args:?}: {stderr}");
            assert_eq!(text(&output.stdout), "", "{name} {args:?}");
        };
        check(
            &["--bench", "gold"],
            "unknown bench `gold`; this edition knows: virtual",
        );
        check(
            &["--image", "no.elf"],
            "cannot read the firmware image `no.elf`",
        );
        check(
            &["--scenario", "no.toml"],
            "cannot read the scenario `no.toml`",
        );
        check(
            &["--serial", "PA1-99999999"],
            "PA1-99999999 is not a pen of this bench's lot (PA1-00000001 to PA1-00000005)",
        );
    }
}

#[test]
fn a_script_drives_a_pen_and_gives_the_same_bytes_each_time() {
    let lines = include_str!("console/tour.txt");
    let (code, stdout, stderr) = script(&["--image", IMAGE], lines.as_bytes()).unwrap();
    assert_eq!(stderr, "");
    assert_eq!(
        code,
        Some(0),
        "what a pen declines is no error of the script"
    );
    insta::assert_snapshot!("console_tour", stdout);
    let again = script(&["--image", IMAGE], lines.as_bytes()).unwrap();
    assert_eq!(again, (code, stdout, stderr));
}

#[test]
fn what_revision_1_knows_is_shown_in_words() {
    let lines = include_str!("console/revision-1.txt");
    let image = ["--image", "firmware/images/pen-a1-1.2.1.elf"];
    let (code, stdout, stderr) = script(&image, lines.as_bytes()).unwrap();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("console_revision_1", stdout);
}

#[test]
fn faults_and_the_fixture_can_be_played_with() {
    let lines = include_str!("console/faults.txt");
    let (code, stdout, stderr) = script(&["--image", IMAGE], lines.as_bytes()).unwrap();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("console_faults", stdout);
}

#[test]
fn a_line_that_is_not_understood_is_named_and_the_script_goes_on() {
    let lines = b"fit\nsttart\nset depth 1,25\n\xFF\nstatus\n";
    let (code, stdout, stderr) = script(&["--image", IMAGE], lines).unwrap();
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(stderr, @r"
    penrig: line 2: unknown command `sttart`; near it: start
    penrig: line 3: `1,25` is no decimal number in mm; write it as in 1.25
    penrig: line 4: unknown command `�`; `help` lists them
    ");
    assert!(stdout.contains("state      ready"), "{stdout}");
    assert!(
        stdout.ends_with("STOP sent; the pen says that it is parked; switched off\n"),
        "{stdout}"
    );
}

#[test]
fn a_script_that_ends_while_the_cam_turns_leaves_the_pen_parked() {
    for end in ["", "quit\n"] {
        let lines = format!("fit\nstart\nwait 0.5\nget rate\n{end}");
        let (code, stdout, _) = script(&["--image", IMAGE], lines.as_bytes()).unwrap();
        assert_eq!(code, Some(0), "{stdout}");
        assert!(
            stdout.ends_with("STOP sent; the pen says that it is parked; switched off\n"),
            "{stdout}"
        );
    }
}

#[test]
fn a_pen_without_supply_is_said_to_be_silent() {
    let (code, stdout, _) = script(&["--image", IMAGE], b"supply 0\nwait 0.1\nstatus\n").unwrap();
    assert_eq!(code, Some(0), "{stdout}");
    assert!(stdout.contains("no answer within 0.25 s"), "{stdout}");
    assert!(stdout.contains("the pen did not answer"), "{stdout}");
}
