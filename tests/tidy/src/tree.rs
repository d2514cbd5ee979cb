//! The project's files.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// One file of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceFile {
    /// Path from the root, with forward slashes.
    pub(crate) path: String,
    /// Content; empty where it is no UTF-8 text, such as a firmware image.
    pub(crate) text: String,
}

impl SourceFile {
    /// A file that exists in a test only.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether all of it is test, benchmark or example, by where it lies.
    pub(crate) fn is_test(&self) -> bool {
        let beside = ["/tests/", "/benches/", "/examples/"];
        self.path.starts_with("tests/")
            || self.path.ends_with("/tests.rs")
            || beside.iter().any(|folder| self.path.contains(folder))
    }
}

/// The folder that holds the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file of the project in order of path, build output and version control left out.
pub(crate) fn files() -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, before: &str, files: &mut Vec<SourceFile>) -> Result<()> {
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?
    {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .ok()
            .context("a file's name is not UTF-8")?;
        let path = format!("{before}{name}");
        if entry.file_type()?.is_dir() {
            if !["target", ".git", "__pycache__", "node_modules"].contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if path != ".git" {
            let bytes = std::fs::read(entry.path()).with_context(|| format!("reading {path}"))?;
            files.push(SourceFile {
                path,
                text: String::from_utf8(bytes).unwrap_or_default(),
            });
        }
    }
    Ok(())
}

#[test]
fn the_project_is_found() {
    let files = files().unwrap();
    for path in [
        "Cargo.toml",
        "firmware/wire/src/lib.rs",
        "tests/tidy/src/tree.rs",
        ".cargo/config.toml",
    ] {
        let file = files.iter().find(|file| file.path == path).expect(path);
        assert!(!file.text.is_empty(), "{path}");
    }
    assert!(!files.iter().any(|file| file.path.starts_with("target/")));
}

#[test]
fn tests_are_known_by_where_they_lie() {
    let check = |path: &str, expected: bool| {
        assert_eq!(SourceFile::new(path, "").is_test(), expected, "{path}");
    };
    check("tests/end-to-end/src/lib.rs", true);
    check("rig/spec/tests/judge.rs", true);
    check("rig/armv6m/examples/throughput.rs", true);
    check("rig/bench-virtual/src/mechanism/tests.rs", true);
    check("rig/spec/src/set.rs", false);
}
