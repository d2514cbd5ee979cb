//! A second folder to build in: what cargo reads of the workspace, at another path and depth.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What cargo reads before it builds the firmware: it wants every member of the workspace.
const NEEDED: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "firmware",
    "rig",
    "tests",
];
/// Folders of output.
const OUTPUT: &str = "target";

/// A copy of the workspace, and a folder for what is built from it; gone when dropped.
pub(crate) struct Elsewhere {
    /// The copy.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds there.
    pub(crate) target: PathBuf,
    _folder: tempfile::TempDir,
}

impl Elsewhere {
    /// Copies the workspace.
    pub(crate) fn copy(root: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot create a folder to build in")?;
        // Paths as the compiler sees them, or else they are not remapped.
        let path = folder.path().canonicalize()?;
        let elsewhere = Self {
            root: path.join("another/place/of/another/length/workspace"),
            target: path.join("built"),
            _folder: folder,
        };
        fs::create_dir_all(&elsewhere.root)?;
        for name in NEEDED {
            copy(&root.join(name), &elsewhere.root.join(name))?;
        }
        Ok(elsewhere)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let context = || format!("cannot copy {from:?} to {to:?}");
    if !from.is_dir() {
        fs::copy(from, to).with_context(context)?;
        return Ok(());
    }
    fs::create_dir_all(to).with_context(context)?;
    for entry in fs::read_dir(from).with_context(context)? {
        let name = entry.with_context(context)?.file_name();
        if name != OUTPUT {
            copy(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_holds_what_cargo_reads_and_no_output_and_goes_away() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        };
        for path in [
            "Cargo.toml",
            "Cargo.lock",
            ".cargo/config.toml",
            "firmware/app/src/main.rs",
            "rig/xtask/Cargo.toml",
            "tests/tidy/Cargo.toml",
            "target/debug/large",
            "rig/xtask/target/large",
            ".git/index",
            "specs/pen-a1/unit.csv",
        ] {
            write(path);
        }
        let elsewhere = Elsewhere::copy(root.path()).unwrap();
        let (copy, target) = (elsewhere.root.clone(), elsewhere.target.clone());
        assert_eq!(
            fs::read(copy.join("firmware/app/src/main.rs")).unwrap(),
            b"text"
        );
        assert!(copy.join(".cargo/config.toml").exists());
        assert!(copy.join("rig/xtask/Cargo.toml").exists());
        for absent in ["target", "rig/xtask/target", ".git", "specs"] {
            assert!(!copy.join(absent).exists(), "{absent}");
        }
        assert!(!copy.starts_with(root.path()) && !target.starts_with(&copy));
        let depth = |path: &Path| path.components().count();
        assert_ne!(depth(&copy), depth(&root.path().canonicalize().unwrap()));
        drop(elsewhere);
        assert!(!copy.exists());
    }

    #[test]
    fn a_missing_part_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = Elsewhere::copy(root.path()).err().unwrap();
        assert!(format!("{error:#}").contains("Cargo.toml"), "{error:#}");
    }
}
