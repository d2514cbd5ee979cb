//! Runs to be changed, and the two verifiers that look at them.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The run that is looked at: two pens, signed.
pub(crate) const RUN: &str = "20260101T000000Z-smoke";
/// Another run of the same station, of one pen.
pub(crate) const OTHER: &str = "20260101T000001Z-smoke";
pub(crate) const PENS: [&str; 2] = ["PA1-00000001", "PA1-00000002"];

/// Root of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn penrig_at(second: u64, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(args)
        .current_dir(root())
        .env("SOURCE_DATE_EPOCH", (1_767_225_600 + second).to_string())
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

pub(crate) fn penrig(args: &[&str]) -> Output {
    penrig_at(9, args)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A station's key and folder, made once.
fn original() -> &'static TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = TempDir::new().expect("a folder for the test");
        let key = shown(&dir.path().join("station.pem"));
        let made = penrig(&["station-key", "new", &key]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let out = shown(&dir.path().join("out"));
        for (second, units) in [(0, "2"), (1, "1")] {
            let ran = penrig_at(
                second,
                &[
                    "qualify",
                    "--plan",
                    "smoke",
                    "--units",
                    units,
                    "--out",
                    &out,
                    "--sign",
                    &key,
                    "--waveforms",
                    "all",
                ],
            );
            assert!(ran.status.success(), "{}", text(&ran.stderr));
        }
        dir
    })
}

/// A copy of the station that a test may change.
pub(crate) struct Station {
    dir: TempDir,
}

impl Station {
    pub(crate) fn copy() -> Self {
        let dir = TempDir::new().expect("a folder for the test");
        copy(original().path(), dir.path());
        Self { dir }
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    pub(crate) fn run(&self) -> PathBuf {
        self.out().join(RUN)
    }

    pub(crate) fn key(&self) -> String {
        shown(&self.dir.path().join("station.pem"))
    }

    pub(crate) fn public_key(&self) -> String {
        shown(&self.dir.path().join("station.pem.pub"))
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.run().join(name)
    }

    pub(crate) fn unit(&self, pen: usize) -> PathBuf {
        self.file(&format!("journal/{:05}-{}.jsonl", pen + 1, PENS[pen]))
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.out().join("ledger.jsonl")
    }

    /// What `penrig verify` says of the run.
    pub(crate) fn verify(&self) -> Said {
        self.verify_with(&[])
    }

    pub(crate) fn verify_with(&self, more: &[&str]) -> Said {
        let run = shown(&self.run());
        verify(&[&[run.as_str()], more].concat())
    }

    /// What the other verifier says, if there is Python.
    pub(crate) fn python(&self) -> Option<Output> {
        python(&self.run())
    }

    /// Both verifiers must find something.
    pub(crate) fn is_found_by_both(&self, what: &str) -> Said {
        let said = self.verify();
        assert_eq!(said.code, 3, "{what}: {said:?}");
        if let Some(python) = self.python() {
            assert_eq!(python.status.code(), Some(3), "{what}: verify.py");
        }
        said
    }
}

/// What `penrig verify` said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) json: Value,
    pub(crate) stderr: String,
}

impl Said {
    /// File, line and all of the finding, the worst first.
    pub(crate) fn findings(&self) -> Vec<(String, Option<u64>, String)> {
        let findings = self.json["findings"].as_array().cloned();
        let one = |it: Value| {
            let file = it["file"].as_str().unwrap_or_default().to_owned();
            (file, it["line"].as_u64(), it.to_string())
        };
        findings.unwrap_or_default().into_iter().map(one).collect()
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let lines = self.json[name].as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .map(|it| it.as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The hash that is to be kept of this.
    pub(crate) fn head(&self, of: &str) -> String {
        let heads = self.json["heads"].as_array().cloned().unwrap_or_default();
        let found = heads.iter().find(|it| it["of"] == of);
        found
            .and_then(|it| it["sha256"].as_str())
            .unwrap_or_else(|| panic!("no head of {of}: {self:?}"))
            .to_owned()
    }
}

pub(crate) fn verify(args: &[&str]) -> Said {
    let output = penrig(&[&["verify", "--format", "json"], args].concat());
    Said {
        code: output.status.code().unwrap_or(-1),
        json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        stderr: text(&output.stderr),
    }
}

/// `None` where there is no Python 3; the reader of the log is told.
fn python(run: &Path) -> Option<Output> {
    let found = Command::new("python3")
        .arg("--version")
        .output()
        .is_ok_and(|it| it.status.success());
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "a CI machine needs python3, for verify.py"
        );
        // Written past the capture of test output, so that it is seen without a failure.
        let _ = writeln!(
            std::io::stderr(),
            "verify.py was NOT RUN, because python3 is missing"
        );
        return None;
    }
    let script = root().join("tests/verify/verify.py");
    let output = Command::new("python3")
        .arg("-B")
        .arg(script)
        .arg(run)
        .output();
    Some(output.expect("python3 was there a moment ago"))
}

/// Every file below a folder, by its path in it.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        for entry in fs::read_dir(&path).expect("a folder that can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                found.push(shown(path.strip_prefix(folder).unwrap_or(&path)));
            }
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for name in files(from) {
        let to = to.join(&name);
        fs::create_dir_all(to.parent().unwrap_or(&to)).expect("a folder for the copy");
        fs::copy(from.join(&name), to).expect("a copy");
    }
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file of text")
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("a file that can be written");
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// A text in JSON.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text in JSON")
}

/// The lines of a file, with their line feeds.
pub(crate) fn lines(path: &Path) -> Vec<String> {
    let text = read(path);
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// Puts other text in place of what stands there once.
pub(crate) fn replace(path: &Path, from: &str, to: &str) {
    let text = read(path);
    assert!(text.contains(from), "{} holds {from}", path.display());
    write(path, &text.replacen(from, to, 1));
}
