//! Packages: their names, and which may depend on which.
//!
//! The table is the picture in `ARCHITECTURE.md`. A new arrow changes both, in a commit of its own.

use crate::tree::SourceFile;
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// What a package may depend on, its tests aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Arrow {
    package: &'static str,
    inside: &'static [&'static str],
    outside: Outside,
}

/// What a package may take from outside the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outside {
    /// Nothing at all.
    Nothing,
    /// Packages of [`COMPUTING`].
    Computing,
    /// Packages of [`COMPUTING`], and probe-rs, whose `Probe` is part of the seam.
    ComputingAndProbe,
    /// Anything: these touch the world.
    Anything,
}

/// Packages that compute: no file, clock, socket, serial port or thread behind their interface as
/// we use it.
const COMPUTING: &[&str] = &[
    "cobs",
    "crc",
    "csv",
    "heapless",
    "libm",
    "object",
    "parquet",
    "postcard",
    "proptest",
    "quick-junit",
    "rand_chacha",
    "rand_core",
    "regex-lite",
    "serde",
    "serde_json",
    "sha2",
    "strsim",
    "thiserror",
    "toml",
];

const ARROWS: &[Arrow] = &[
    arrow("firmware-units", &[], Outside::Computing),
    arrow("firmware-wire", &["firmware-units"], Outside::Computing),
    arrow(
        "firmware-core",
        &["firmware-units", "firmware-wire"],
        Outside::Computing,
    ),
    arrow(
        "firmware-app",
        &["firmware-core", "firmware-units", "firmware-wire"],
        Outside::Anything,
    ),
    arrow("rig-armv6m", &[], Outside::Nothing),
    arrow("rig-armv6m-traces", &["rig-armv6m"], Outside::Computing),
    arrow("rig-bench", &["firmware-units"], Outside::ComputingAndProbe),
    arrow(
        "rig-bench-virtual",
        // firmware-wire: it writes the factory record and the cartridge chips, as a factory does.
        &["firmware-units", "firmware-wire", "rig-armv6m", "rig-bench"],
        Outside::ComputingAndProbe,
    ),
    arrow(
        "rig-bench-hardware",
        &[
            "firmware-units",
            "firmware-wire",
            "rig-bench",
            "rig-fixture-wire",
        ],
        Outside::Anything,
    ),
    arrow(
        "rig-cli",
        // firmware-wire: the console speaks to a pen in the pen's own words.
        &[
            "firmware-units",
            "firmware-wire",
            "rig-bench",
            "rig-bench-hardware",
            "rig-bench-virtual",
            "rig-fixture-wire",
            "rig-history",
            "rig-measure",
            "rig-procedure",
            "rig-record",
            "rig-report",
            "rig-sequence",
            "rig-spec",
            "rig-stats",
            "rig-waveform",
        ],
        Outside::Anything,
    ),
    arrow("rig-distributions", &[], Outside::Computing),
    arrow(
        "rig-fixture-wire",
        &["firmware-units", "rig-bench"],
        Outside::Computing,
    ),
    arrow(
        "rig-history",
        &["rig-record", "rig-spec", "rig-stats"],
        Outside::Computing,
    ),
    arrow(
        "rig-measure",
        &["firmware-units", "rig-distributions"],
        Outside::Computing,
    ),
    arrow(
        "rig-procedure",
        &[
            "firmware-units",
            "firmware-wire",
            "rig-bench",
            "rig-measure",
            "rig-record",
            "rig-sequence",
            "rig-spec",
        ],
        Outside::ComputingAndProbe,
    ),
    arrow(
        "rig-record",
        &["firmware-units", "rig-spec"],
        Outside::Computing,
    ),
    arrow(
        "rig-report",
        &["firmware-units", "rig-record", "rig-spec", "rig-stats"],
        Outside::Computing,
    ),
    arrow(
        "rig-sequence",
        &["firmware-units", "firmware-wire", "rig-spec"],
        Outside::Computing,
    ),
    arrow(
        "rig-spec",
        &["firmware-units", "rig-distributions"],
        Outside::Computing,
    ),
    arrow(
        "rig-stats",
        &[
            "firmware-units",
            "rig-distributions",
            "rig-record",
            "rig-spec",
        ],
        Outside::Computing,
    ),
    arrow(
        "rig-waveform",
        &["firmware-units", "rig-measure"],
        Outside::Computing,
    ),
    arrow("rig-xtask", &["rig-armv6m-traces"], Outside::Anything),
];

/// Arrows that not even a test may draw: the procedures would copy the code that they judge, or
/// learn which bench they are on.
const NOT_EVEN_IN_TESTS: &[(&str, &[&str])] = &[
    (
        "rig-procedure",
        &["firmware-core", "rig-bench-virtual", "rig-bench-hardware"],
    ),
    ("rig-sequence", &["firmware-core", "rig-bench"]),
];

/// Packages that `cargo test` and `cargo run` leave out, each for a reason in the root manifest.
const NOT_DEFAULT: &[&str] = &["firmware/app", "rig/xtask"];

const fn arrow(package: &'static str, inside: &'static [&'static str], outside: Outside) -> Arrow {
    Arrow {
        package,
        inside,
        outside,
    }
}

/// One package's manifest.
struct Manifest {
    folder: String,
    table: Table,
}

/// What is wrong with names and dependencies.
fn complaints(files: &[SourceFile]) -> Result<Vec<String>> {
    let root = files
        .iter()
        .find(|file| file.path == "Cargo.toml")
        .context("no Cargo.toml")?;
    let root: Table = root.text.parse().context("Cargo.toml")?;
    let workspace = root
        .get("workspace")
        .and_then(Value::as_table)
        .context("no [workspace]")?;
    let mut manifests = Vec::new();
    for file in files {
        if let Some(folder) = file.path.strip_suffix("/Cargo.toml") {
            let table = file.text.parse().with_context(|| file.path.clone())?;
            manifests.push(Manifest {
                folder: folder.to_owned(),
                table,
            });
        }
    }
    let mut found = Vec::new();
    let names: BTreeSet<&str> = manifests.iter().map(Manifest::name).collect();
    for manifest in &manifests {
        found.extend(manifest.complaints(&names, workspace));
    }
    found.extend(not_default(&manifests, workspace));
    Ok(found)
}

impl Manifest {
    fn name(&self) -> &str {
        self.table
            .get("package")
            .and_then(|it| it.get("name"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn complaints(&self, names: &BTreeSet<&str>, workspace: &Table) -> Vec<String> {
        let name = self.name();
        let mut found = Vec::new();
        let mut complain = |what: String| found.push(format!("{}/Cargo.toml: {what}", self.folder));
        if name != self.folder.replace('/', "-") {
            complain(format!("`{name}` is not named after its path"));
        }
        if self.table.get("lints").and_then(|it| it.get("workspace")) != Some(&Value::Boolean(true))
        {
            complain("does not take the lints of the workspace".to_owned());
        }
        let (normal, dev) = self.dependencies(workspace);
        for dependency in normal.iter().chain(&dev) {
            if name.starts_with("firmware-") && dependency.starts_with("rig-") {
                complain(format!(
                    "firmware knows nothing of the rig, yet depends on `{dependency}`"
                ));
            }
            if dependency.starts_with("tests-") {
                complain(format!("depends on `{dependency}`, a package of tests"));
            }
        }
        for (_, never) in NOT_EVEN_IN_TESTS
            .iter()
            .filter(|(package, _)| *package == name)
        {
            for dependency in dev.iter().filter(|it| never.contains(&it.as_str())) {
                complain(format!("not even its tests may depend on `{dependency}`"));
            }
        }
        if self.folder.starts_with("tests/") {
            return found;
        }
        let Some(arrow) = ARROWS.iter().find(|arrow| arrow.package == name) else {
            complain("has no arrow: say what it may depend on".to_owned());
            return found;
        };
        for dependency in &normal {
            let dependency = dependency.as_str();
            if names.contains(dependency) {
                if !arrow.inside.contains(&dependency) {
                    complain(format!("no arrow to `{dependency}`"));
                }
                continue;
            }
            let allowed = match arrow.outside {
                Outside::Nothing => false,
                Outside::Computing => COMPUTING.contains(&dependency),
                Outside::ComputingAndProbe => {
                    COMPUTING.contains(&dependency) || dependency == "probe-rs"
                }
                Outside::Anything => true,
            };
            if !allowed {
                complain(format!("`{dependency}` is not known to compute only"));
            }
            let no_std = name.starts_with("firmware-") && arrow.outside == Outside::Computing;
            if no_std && !without_default_features(dependency, workspace) {
                complain(format!("`{dependency}` has its default features on"));
            }
        }
        found
    }

    /// Names of packages it depends on: to build and run, and for its tests.
    fn dependencies(&self, workspace: &Table) -> (BTreeSet<String>, BTreeSet<String>) {
        let targets = self
            .table
            .get("target")
            .and_then(Value::as_table)
            .into_iter()
            .flat_map(Table::values);
        let tables: Vec<&Table> = std::iter::once(&self.table)
            .chain(targets.filter_map(Value::as_table))
            .collect();
        let named = |section: &str| -> BTreeMap<String, &Value> {
            let entries = tables
                .iter()
                .filter_map(|it| it.get(section)?.as_table())
                .flatten();
            entries
                .map(|(key, value)| (package_name(key, value, workspace), value))
                .collect()
        };
        let mut normal: BTreeSet<String> = named("dependencies").into_keys().collect();
        normal.extend(named("build-dependencies").into_keys());
        (normal, named("dev-dependencies").into_keys().collect())
    }
}

/// The package behind a dependency's key, which may be another name for it.
fn package_name(key: &str, value: &Value, workspace: &Table) -> String {
    let renamed = |it: &Value| it.get("package").and_then(Value::as_str).map(str::to_owned);
    let shared = workspace.get("dependencies").and_then(|it| it.get(key));
    renamed(value)
        .or_else(|| shared.and_then(renamed))
        .unwrap_or_else(|| key.to_owned())
}

fn without_default_features(dependency: &str, workspace: &Table) -> bool {
    let shared = workspace
        .get("dependencies")
        .and_then(|it| it.get(dependency));
    shared.and_then(|it| it.get("default-features")) == Some(&Value::Boolean(false))
}

/// Packages that neither `cargo test` reaches nor the list of exceptions names.
fn not_default(manifests: &[Manifest], workspace: &Table) -> Vec<String> {
    let defaults: Vec<&str> = workspace
        .get("default-members")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_default = |folder: &str| {
        let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        defaults
            .iter()
            .any(|it| *it == folder || it.strip_suffix("/*") == Some(parent))
    };
    let missing = manifests
        .iter()
        .map(|it| it.folder.as_str())
        .filter(|it| !is_default(it));
    missing
        .filter(|it| !NOT_DEFAULT.contains(it))
        .map(|folder| {
            format!("Cargo.toml: `{folder}` is no default member, so `cargo test` passes it by")
        })
        .collect()
}

#[test]
fn packages_keep_to_the_picture() {
    let found = complaints(&crate::tree::files().unwrap()).unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_arrow_belongs_to_a_package() {
    let files = crate::tree::files().unwrap();
    for arrow in ARROWS {
        // The hardware bench is drawn before it is built.
        let known = arrow.package == "rig-bench-hardware"
            || files
                .iter()
                .any(|it| it.text.contains(&format!("name = \"{}\"", arrow.package)));
        assert!(known, "no package {}", arrow.package);
    }
}

#[test]
fn a_wrong_arrow_is_seen() {
    let root = "[workspace]\ndefault-members = [\"firmware/wire\", \"rig/*\", \"tests/*\"]\n\
        [workspace.dependencies]\nserde = { version = \"1\", default-features = false }\n\
        csv = \"1\"\nhidden = { package = \"tokio\", version = \"1\" }\n";
    let check = |folder: &str, name: &str, dependencies: &str, expected: &[&str]| {
        let manifest =
            format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{dependencies}");
        let mut files = vec![
            SourceFile::new("Cargo.toml", root),
            SourceFile::new(&format!("{folder}/Cargo.toml"), &manifest),
        ];
        for (other, name) in [
            ("rig/bench-virtual", "rig-bench-virtual"),
            ("rig/spec", "rig-spec"),
        ] {
            if other != folder {
                let manifest = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n");
                files.push(SourceFile::new(&format!("{other}/Cargo.toml"), &manifest));
            }
        }
        let actual = complaints(&files).unwrap();
        assert_eq!(
            actual.len(),
            expected.len(),
            "{name} {dependencies}: {actual:?}"
        );
        for (actual, expected) in actual.iter().zip(expected) {
            assert!(actual.contains(expected), "{actual} has no {expected}");
        }
    };
    check(
        "rig/record",
        "rig-record",
        "[dependencies]\nrig-spec.workspace = true\ncsv.workspace = true",
        &[],
    );
    check(
        "rig/record",
        "rig-records",
        "",
        &["named after its path", "no arrow"],
    );
    check("rig/new", "rig-new", "", &["say what it may depend on"]);
    check(
        "firmware/new",
        "firmware-new",
        "",
        &["say what it may", "no default member"],
    );
    check(
        "rig/measure",
        "rig-measure",
        "[dependencies]\nrig-spec = {}",
        &["no arrow to `rig-spec`"],
    );
    check(
        "rig/measure",
        "rig-measure",
        "[target.'cfg(unix)'.dependencies]\nserialport = \"4\"",
        &["`serialport`"],
    );
    check(
        "rig/measure",
        "rig-measure",
        "[dependencies]\nhidden.workspace = true",
        &["`tokio`"],
    );
    check(
        "rig/measure",
        "rig-measure",
        "[build-dependencies]\nprobe-rs = \"0.32\"",
        &["`probe-rs`"],
    );
    check(
        "rig/measure",
        "rig-measure",
        "[dev-dependencies]\nproptest = \"1\"",
        &[],
    );
    check(
        "rig/procedure",
        "rig-procedure",
        "[dependencies]\nprobe-rs = \"0.32\"",
        &[],
    );
    check(
        "rig/procedure",
        "rig-procedure",
        "[dependencies]\nrig-bench-virtual = {}",
        &["no arrow to"],
    );
    check(
        "rig/procedure",
        "rig-procedure",
        "[dev-dependencies]\nfirmware-core = {}",
        &["not even its tests"],
    );
    check(
        "rig/armv6m",
        "rig-armv6m",
        "[dependencies]\nlibm = \"0.2\"",
        &["`libm`"],
    );
    check(
        "firmware/wire",
        "firmware-wire",
        "[dependencies]\nserde.workspace = true",
        &[],
    );
    check(
        "firmware/wire",
        "firmware-wire",
        "[dependencies]\ncsv.workspace = true",
        &["default features"],
    );
    check(
        "firmware/wire",
        "firmware-wire",
        "[dev-dependencies]\nrig-spec = {}",
        &["firmware knows nothing of the rig"],
    );
    check(
        "tests/a",
        "tests-a",
        "[dependencies]\nfirmware-core = {}\nrig-spec = {}",
        &[],
    );
    check(
        "rig/stats",
        "rig-stats",
        "[dev-dependencies]\ntests-a = {}",
        &["a package of tests"],
    );
}

#[test]
fn lints_are_taken_from_the_workspace() {
    let files = [
        SourceFile::new("Cargo.toml", "[workspace]\ndefault-members = [\"rig/*\"]\n"),
        SourceFile::new("rig/spec/Cargo.toml", "[package]\nname = \"rig-spec\"\n"),
    ];
    assert_eq!(
        complaints(&files).unwrap(),
        ["rig/spec/Cargo.toml: does not take the lints of the workspace"]
    );
}
