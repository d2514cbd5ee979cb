//! The build id: a hash of the firmware's sources, of what the workspace's manifest says of its
//! build, and of the packages that it is built with, as the lock file has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Value;

use crate::image::hex;
use crate::toolchain::{PROFILE, TARGET};

/// The crates of the firmware.
const CRATES: [&str; 4] = [
    "firmware/units",
    "firmware/wire",
    "firmware/core",
    "firmware/app",
];
/// Folders whose files are no part of the image.
const NOT_BUILT: [&str; 3] = ["tests", "benches", "examples"];

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

#[derive(Deserialize)]
struct Workspace {
    workspace: Inherited,
    profile: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Inherited {
    package: Value,
    #[serde(default)]
    dependencies: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    dependencies: toml::Table,
    #[serde(default, rename = "build-dependencies")]
    build_dependencies: toml::Table,
}

/// A package and its version.
type Package = (String, String);

/// SHA-256 over path (with `/`), a zero byte, length (8 bytes, little endian) and content of every
/// source file, in the order of their paths; then, one a line each, the settings of the workspace's
/// manifest that the build heeds, and name, version and checksum of every package outside this
/// workspace that the image is built with.
pub(crate) fn build_id(root: &Path) -> Result<String> {
    hashed(root, &resolved(root)?)
}

fn hashed(root: &Path, built: &BTreeSet<Package>) -> Result<String> {
    let mut hash = Sha256::new();
    for path in source_files(root)? {
        let content =
            fs::read(root.join(&path)).with_context(|| format!("cannot read `{path}`"))?;
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(&content);
    }
    let settings = settings(root, &dependencies(root)?)?;
    for line in settings.into_iter().chain(locked(root, built)?) {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    Ok(hex(&hash.finalize()))
}

/// What cargo builds for the image: dependencies, macros and build scripts, for its target and with
/// its features. A lock file alone does not say: it names what features and targets of the whole
/// workspace could ask for. The defective image is built with the same packages. Every cargo
/// resolves the same from one lock file, so the one that runs this program is asked.
fn resolved(root: &Path) -> Result<BTreeSet<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(&cargo)
        .current_dir(root)
        .args(["tree", "--quiet", "--locked", "--package", "firmware-app"])
        .args(["--target", TARGET, "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}"])
        .output()
        .with_context(|| format!("cannot run {cargo:?}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("cargo cannot tell what the image is built with: {why}");
    }
    packages(&String::from_utf8_lossy(&output.stdout))
}

/// Reads lines of `name vversion`, with more behind: a path, `(proc-macro)`, `(*)` if seen before.
fn packages(tree: &str) -> Result<BTreeSet<Package>> {
    let mut packages = BTreeSet::new();
    for line in tree.lines().filter(|it| !it.is_empty()) {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        let version = words.next().and_then(|it| it.strip_prefix('v'));
        let version = version.with_context(|| format!("no package with a version: `{line}`"))?;
        packages.insert((name.to_owned(), version.to_owned()));
    }
    Ok(packages)
}

/// Every file that the build reads from `firmware/`, relative to the root, sorted.
fn source_files(root: &Path) -> Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    for folder in CRATES {
        collect(root, &PathBuf::from(folder), &mut files)?;
    }
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeSet<String>) -> Result<()> {
    let entries = fs::read_dir(root.join(folder))
        .with_context(|| format!("cannot read `{}`", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = folder.join(&name);
        if entry.file_type()?.is_dir() {
            if !NOT_BUILT.contains(&name.as_str()) {
                collect(root, &path, files)?;
            }
        } else if name == "Cargo.toml" || name.ends_with(".rs") || name.ends_with(".x") {
            files.insert(path.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

/// Names of what the firmware's crates depend on to be built, as their manifests have them.
fn dependencies(root: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for folder in CRATES {
        let path = root.join(folder).join("Cargo.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
        let manifest: Manifest =
            toml::from_str(&text).with_context(|| format!("cannot parse {path:?}"))?;
        names.extend(manifest.dependencies.into_iter().map(|(name, _)| name));
        names.extend(
            manifest
                .build_dependencies
                .into_iter()
                .map(|(name, _)| name),
        );
    }
    Ok(names)
}

/// What the workspace's manifest says of the firmware's build, `key = value`, sorted: the profile
/// and those that it inherits from, what its packages inherit, and its dependencies.
fn settings(root: &Path, dependencies: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(root.join("Cargo.toml")).context("cannot read `Cargo.toml`")?;
    let manifest: Workspace = toml::from_str(&text).context("cannot parse `Cargo.toml`")?;
    let mut lines = BTreeSet::new();
    let mut profile = Some(PROFILE);
    let mut inherited = BTreeSet::new();
    while let Some(name) = profile.filter(|name| inherited.insert(*name)) {
        let settings = manifest.profile.get(name);
        if let Some(settings) = settings {
            flatten(&format!("profile.{name}"), settings, &mut lines);
        }
        profile = settings.and_then(|it| it.get("inherits")?.as_str());
    }
    flatten("package", &manifest.workspace.package, &mut lines);
    for (name, value) in &manifest.workspace.dependencies {
        if dependencies.contains(name) {
            flatten(&format!("dependencies.{name}"), value, &mut lines);
        }
    }
    Ok(lines)
}

/// A value as lines; tables have one for each of their values.
fn flatten(key: &str, value: &Value, lines: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                flatten(&format!("{key}.{name}"), value, lines);
            }
        }
        value => {
            lines.insert(format!("{key} = {value}"));
        }
    }
}

/// Name, version and checksum of those packages that are not of this workspace, sorted.
fn locked(root: &Path, built: &BTreeSet<Package>) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(root.join("Cargo.lock")).context("cannot read `Cargo.lock`")?;
    let lock: Lock = toml::from_str(&text).context("cannot parse `Cargo.lock`")?;
    let mut lines = BTreeSet::new();
    for (name, version) in built {
        let package = lock
            .package
            .iter()
            .find(|it| it.name == *name && it.version == *version)
            .with_context(|| format!("`{name} {version}` is not in `Cargo.lock`"))?;
        if package.source.is_some() {
            let checksum = package.checksum.as_deref().unwrap_or("none");
            lines.insert(format!("{name} {version} {checksum}"));
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cargo says of that root.
    const TREE: &str = "firmware-app v0.1.0 (/somewhere/firmware/app)\nused v1.0.0 (proc-macro)\n\
        firmware-core v0.1.0 (/somewhere/firmware/core)\nused v1.0.0 (proc-macro) (*)\n";

    /// A root with the least that a build id needs.
    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let mut lock = String::new();
        for folder in CRATES {
            let name = folder.replace('/', "-");
            write(
                &format!("{folder}/Cargo.toml"),
                "[dependencies]\nused = \"1\"\n",
            );
            write(&format!("{folder}/src/lib.rs"), "//! A crate.\n");
            lock += &format!(
                "[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [\"used\", \"tried\"]\n"
            );
        }
        for name in ["used", "tried"] {
            lock += &format!(
                "[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"registry\"\nchecksum = \"{name}-1\"\n"
            );
        }
        write("Cargo.lock", &lock);
        write(
            "Cargo.toml",
            "[workspace.package]\nedition = \"2024\"\n\
             [workspace.dependencies]\nused = { version = \"1\", features = [\"a\"] }\ntried = \"1\"\n\
             [profile.release]\ndebug = 1\n\
             [profile.dev]\nopt-level = 1\n\
             [profile.firmware]\ninherits = \"release\" # as it is\nlto = \"fat\"\n",
        );
        root
    }

    /// Whether the build id changes with a file's change.
    #[track_caller]
    fn check(path: &str, from: &str, to: &str, changes: bool) {
        let root = root();
        let built = packages(TREE).unwrap();
        let before = hashed(root.path(), &built).unwrap();
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(text.contains(from), "{text}");
        fs::write(
            &path,
            if from.is_empty() {
                to.to_owned()
            } else {
                text.replace(from, to)
            },
        )
        .unwrap();
        assert_eq!(hashed(root.path(), &built).unwrap() != before, changes);
    }

    #[test]
    fn it_changes_with_sources_and_locked_dependencies_and_with_nothing_else() {
        check("firmware/core/src/lib.rs", "crate", "crate ", true);
        check("firmware/core/src/new.rs", "", "", true);
        check("firmware/app/Cargo.toml", "1", "2", true);
        check("firmware/app/memory.x", "", "MEMORY", true);
        check("Cargo.lock", "used-1", "used-2", true);
        check("Cargo.lock", "tried-1", "tried-2", false);
        check("Cargo.toml", "\"fat\"", "\"thin\"", true);
        check("Cargo.toml", "debug = 1", "debug = 2", true);
        check("Cargo.toml", "lto = \"fat\"\n", "", true);
        check("Cargo.toml", "2024", "2021", true);
        check("Cargo.toml", "[\"a\"]", "[\"b\"]", true);
        check("Cargo.toml", "as it is", "as it was", false);
        check("Cargo.toml", "opt-level = 1", "opt-level = 2", false);
        check("Cargo.toml", "tried = \"1\"", "tried = \"2\"", false);
        check("firmware/core/tests/world.rs", "", "fn f() {}", false);
        check("firmware/HARDWARE.md", "", "pins", false);
        check("rig/spec/src/lib.rs", "", "", false);
    }

    #[test]
    fn a_package_that_is_not_locked_and_a_line_without_one_are_errors() {
        let root = root();
        let other = packages("used v2.0.0\n").unwrap();
        assert!(hashed(root.path(), &other).is_err());
        for line in ["used", "used 1.0.0", "error: no such package"] {
            assert!(packages(line).is_err(), "{line}");
        }
    }

    /// What the lock file names below the firmware and cargo does not build for it. Tools of the host
    /// moved the build id of image 1.1.1 through the first.
    const NOT_BUILT_WITH: [&str; 4] = ["libm", "defmt", "proptest", "parquet"];

    #[test]
    fn the_image_is_built_with_its_hal_and_not_with_what_features_of_others_ask_for() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let built = resolved(&root).unwrap();
        let lines = locked(&root, &built).unwrap();
        let has = |name: &str| lines.iter().any(|it| it.starts_with(&format!("{name} ")));
        for name in ["embassy-stm32", "num-traits", "cortex-m-rt-macros"] {
            assert!(has(name), "{name}");
        }
        for name in NOT_BUILT_WITH {
            assert!(!has(name), "{name}");
        }
        assert!(lines.iter().all(|it| !it.ends_with(" none")), "{lines:?}");
    }

    #[test]
    fn the_firmware_of_this_project_has_a_profile_of_its_own() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let lines = settings(&root, &dependencies(&root).unwrap()).unwrap();
        assert!(lines.contains("profile.firmware.overflow-checks = true"));
        assert!(lines.contains("dependencies.postcard.default-features = false"));
        assert!(lines.iter().any(|it| it.starts_with("profile.release.")));
        assert!(!lines.iter().any(|it| it.starts_with("profile.dev.")));
    }
}
