//! Places that a run cannot be written to: each is said, with exit code 1 or 2, before anything is
//! shown, and nothing that stands there is touched.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const NOBODY: u32 = 65534;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn qualify(out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_penrig"));
    command
        .current_dir(root())
        .args(["qualify", "--plan", "smoke", "--units", "1", "--out"])
        .arg(out);
    command
}

/// Runs it; nothing may be shown.
#[track_caller]
fn refused(mut command: Command, code: i32, what: &str) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the binary runs");
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(code), "{stderr}");
    assert!(stderr.contains(what), "{what}: {stderr}");
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder that can be read");
    let mut names: Vec<String> = entries
        .map(|it| {
            it.expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_report_folder_that_cannot_be_made_is_named() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "mine").unwrap();
    let cannot = "cannot write to the report folder";
    refused(qualify(&file), 1, cannot);
    refused(qualify(&file.join("below")), 1, cannot);
    // Not even root makes a folder there.
    if cfg!(target_os = "linux") {
        refused(qualify(Path::new("/proc/penrig")), 1, cannot);
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn a_ledger_that_is_none_is_left_as_it_is_and_no_run_is_begun() {
    let dir = TempDir::new().unwrap();
    let ledger = dir.path().join("ledger.jsonl");
    for foreign in [
        "hello\n",
        "hello",
        "{}\n",
        "[1, 2]\n{}\n",
        "\u{feff}{\"seq\":0,",
    ] {
        fs::write(&ledger, foreign).unwrap();
        refused(qualify(dir.path()), 2, "ledger.jsonl` is no");
        assert_eq!(fs::read_to_string(&ledger).unwrap(), foreign);
        assert_eq!(names_in(dir.path()), ["ledger.jsonl"]);
    }
    fs::remove_file(&ledger).unwrap();
    fs::create_dir(&ledger).unwrap();
    refused(qualify(dir.path()), 2, "ledger.jsonl`: Is a directory");
    fs::remove_dir(&ledger).unwrap();
    // It is not there, and cannot be made.
    symlink(dir.path().join("nowhere/ledger.jsonl"), &ledger).unwrap();
    refused(qualify(dir.path()), 1, "cannot write the ledger");
    assert_eq!(names_in(dir.path()), ["ledger.jsonl"], "nothing was begun");
    // What a crash leaves of a first line is no other file.
    fs::remove_file(&ledger).unwrap();
    for torn in [&b"{\"seq\":0,\"prev\":\"00"[..], b"{\"s", b"\0\0\0\0\n"] {
        fs::write(&ledger, torn).unwrap();
        let output = qualify(dir.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{torn:?}");
        fs::remove_file(&ledger).unwrap();
    }
}

/// The program as somebody who may not write everywhere: permissions do not bind root.
struct Visitor {
    dir: TempDir,
    program: PathBuf,
    is_root: bool,
}

impl Visitor {
    fn new() -> Self {
        let dir = TempDir::new().expect("a folder for the test");
        let locked = dir.path().join("locked");
        fs::create_dir(&locked).expect("a folder");
        allow(&locked, 0o555);
        let is_root = fs::write(locked.join("probe"), "").is_ok();
        let mut program = PathBuf::from(env!("CARGO_BIN_EXE_penrig"));
        if is_root {
            // Where the tree stands, another may not be let in.
            allow(dir.path(), 0o755);
            let copy = dir.path().join("penrig");
            fs::copy(&program, &copy).expect("a copy of the program");
            program = copy;
        }
        for (from, to) in [("specs/pen-a1", "spec"), ("firmware/images", "images")] {
            let to = dir.path().join(to);
            fs::create_dir(&to).expect("a folder");
            for entry in fs::read_dir(root().join(from)).expect("a folder of the repository") {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name");
                if path.is_file() {
                    fs::copy(&path, to.join(name)).expect("a copy");
                }
            }
        }
        Self {
            dir,
            program,
            is_root,
        }
    }

    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.dir.path().join(name);
        fs::create_dir(&folder).expect("a folder");
        allow(&folder, 0o777);
        folder
    }

    fn qualify(&self, out: &Path) -> Command {
        let mut command = Command::new(&self.program);
        let images = fs::read_dir(self.dir.path().join("images")).expect("images");
        let images = images.map(|it| it.expect("an entry").path());
        let newest = images.filter(|it| it.extension().is_some_and(|it| it == "elf"));
        command
            .current_dir(self.dir.path())
            .args([
                "qualify", "--plan", "smoke", "--units", "1", "--spec", "spec",
            ])
            .arg("--image")
            .arg(newest.max().expect("an image"))
            .arg("--out")
            .arg(out);
        if self.is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

#[test]
fn a_folder_or_a_ledger_that_may_not_be_written_is_said_before_a_pen_is_touched() {
    let visitor = Visitor::new();
    let open = visitor.folder("open");
    let output = visitor.qualify(&open).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // A folder that may be read and not written.
    let locked = visitor.folder("no-more");
    allow(&locked, 0o555);
    refused(
        visitor.qualify(&locked),
        1,
        "cannot write to the report folder",
    );
    assert_eq!(names_in(&locked), Vec::<String>::new());
    allow(&locked, 0o777);
    // A ledger that may be read and not written, as when it was put under lock.
    let before = names_in(&open);
    let ledger = open.join("ledger.jsonl");
    let lines = fs::read(&ledger).unwrap();
    let copy = visitor.dir.path().join("copy");
    fs::copy(&ledger, &copy).unwrap();
    fs::remove_file(&ledger).unwrap();
    fs::copy(&copy, &ledger).unwrap();
    allow(&ledger, 0o444);
    refused(visitor.qualify(&open), 1, "cannot write the ledger");
    assert_eq!(fs::read(&ledger).unwrap(), lines);
    assert_eq!(names_in(&open), before, "nothing was begun");
    // One that may not even be read.
    allow(&ledger, 0o000);
    refused(visitor.qualify(&open), 2, "Permission denied");
    assert_eq!(names_in(&open), before);
    allow(&ledger, 0o644);
}
