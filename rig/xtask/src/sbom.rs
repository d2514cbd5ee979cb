//! `cargo xtask sbom`: every package that the program and the firmware are built from, with version,
//! licence and checksum, as `reports/sbom.csv`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

const REPORT: &str = "reports/sbom.csv";
const COLUMNS: [&str; 6] = ["package", "version", "licence", "purl", "sha256", "used_by"];
/// What is delivered, by the package that it is built from.
const DELIVERED: [(&str, &str); 2] = [("rig-cli", "penrig"), ("firmware-app", "firmware")];

/// What is to be done.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Compare with the committed table instead of writing it
    #[arg(long)]
    check: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<PathBuf>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// Nothing for what is linked.
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// Runs the chore.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let table = table(&metadata(root)?, &checksums(root)?)?;
    let path = root.join(REPORT);
    if !options.check {
        fs::write(&path, table).with_context(|| format!("cannot write {path:?}"))?;
        println!("{}", path.display());
        return Ok(ExitCode::SUCCESS);
    }
    let kept = fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    if kept == table {
        println!("{REPORT} is as the lock file has it");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{REPORT} is not what the lock file has; write it anew with `cargo xtask sbom`");
    Ok(ExitCode::FAILURE)
}

fn metadata(root: &Path) -> Result<Metadata> {
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["metadata", "--locked", "--format-version", "1"])
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata")
}

/// Checksums of the lock file by name and version.
fn checksums(root: &Path) -> Result<BTreeMap<(String, String), String>> {
    let path = root.join("Cargo.lock");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let lock: Lock = toml::from_str(&text).context("Cargo.lock")?;
    let packages = lock.package.into_iter();
    Ok(packages
        .filter_map(|it| Some(((it.name, it.version), it.checksum?)))
        .collect())
}

fn table(metadata: &Metadata, checksums: &BTreeMap<(String, String), String>) -> Result<String> {
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (package, name) in DELIVERED {
        for id in linked(metadata, package)? {
            users.entry(id).or_default().push(name);
        }
    }
    let mut rows: Vec<[String; 6]> = Vec::new();
    for package in metadata.packages.iter().filter(|it| it.source.is_some()) {
        let version = package.version.clone();
        let key = (package.name.clone(), version.clone());
        let licence = match (&package.license, &package.license_file) {
            (Some(licence), _) => licence.clone(),
            (None, Some(_)) => "in a file of its own".to_owned(),
            (None, None) => bail!("{} {version} states no licence", package.name),
        };
        let used_by = users.get(package.id.as_str());
        rows.push([
            package.name.clone(),
            version.clone(),
            licence,
            format!("pkg:cargo/{}@{version}", package.name),
            checksums.get(&key).cloned().unwrap_or_default(),
            used_by.map_or_else(|| "build and tests alone".to_owned(), |it| it.join(" ")),
        ]);
    }
    rows.sort();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in &rows {
        writer.write_record(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// Everything that is linked into what is built from a package, on any platform.
fn linked<'m>(metadata: &'m Metadata, package: &str) -> Result<BTreeSet<&'m str>> {
    let root = metadata
        .packages
        .iter()
        .find(|it| it.name == package && it.source.is_none());
    let root = root.with_context(|| format!("no package {package}"))?;
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|it| (it.id.as_str(), it))
        .collect();
    let mut found = BTreeSet::new();
    let mut open = vec![root.id.as_str()];
    while let Some(id) = open.pop() {
        if !found.insert(id) {
            continue;
        }
        let deps = nodes.get(id).map_or(&[][..], |it| &it.deps);
        let is_linked = |it: &&Dependency| it.dep_kinds.iter().any(|it| it.kind.is_none());
        open.extend(deps.iter().filter(is_linked).map(|it| it.pkg.as_str()));
    }
    Ok(found)
}
