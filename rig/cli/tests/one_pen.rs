//! `flash` and `identify` as their users run them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
    for name in ["flash", "identify"] {
        let help = shown(&[name, "--help"]);
        assert!(help.contains("Example"), "{help}");
        insta::assert_snapshot!(format!("help_{name}"), help);
    }
}

#[test]
fn what_cannot_be_is_a_usage_error_that_names_what_there_is() {
    for name in ["flash", "identify"] {
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
