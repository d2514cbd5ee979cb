//! `cargo xtask mutants`: builds images of the firmware with one deliberate bug each, for the rig to
//! find; none is ever kept or released.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::firmware::{self, NO_TOOLCHAIN};
use crate::image::hex;
use crate::provenance::Provenance;
use crate::toolchain::Recipe;
use crate::{images, sources, toolchain};

/// What the name of a mutant's feature begins with.
const PREFIX: &str = "mutant-";
/// What an image of one is for.
const PURPOSE: &str = "a mutant, for tests of the rig: one deliberate bug; never to be flashed into a \
                       pen for use";
/// Where mutants are declared.
const MANIFEST: &str = "firmware/core/Cargo.toml";

/// Which mutants, and what with them.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Mutants by their names in `firmware/core/mutants.csv`; all of them where none is named
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Where images are written, `NAME.elf` with its provenance each [default: mutants in cargo's target folder]
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Compile the behaviour with each mutant for this machine and build no image
    #[arg(long)]
    check: bool,
}

#[derive(Deserialize)]
struct Manifest {
    features: toml::Table,
}

/// Runs the chore.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let path = root.join(MANIFEST);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let chosen = choose(&declared(&text)?, &options.names)?;
    if options.check {
        check(root, &chosen)?;
    } else {
        build(root, &chosen, options.out.as_deref())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Names of the mutants that a manifest declares, without the prefix.
fn declared(manifest: &str) -> Result<Vec<String>> {
    let manifest: Manifest =
        toml::from_str(manifest).with_context(|| format!("features of `{MANIFEST}`"))?;
    let names = manifest.features.keys();
    Ok(names
        .filter_map(|it| it.strip_prefix(PREFIX).map(str::to_owned))
        .collect())
}

/// Those named, with or without the prefix, in the order of the names; all where none is.
fn choose(declared: &[String], named: &[String]) -> Result<Vec<String>> {
    if named.is_empty() {
        return Ok(declared.to_vec());
    }
    let named: Vec<&str> = named
        .iter()
        .map(|it| it.strip_prefix(PREFIX).unwrap_or(it))
        .collect();
    let known = |it: &str| declared.iter().any(|declared| declared == it);
    let unknown: Vec<&str> = named.iter().copied().filter(|it| !known(it)).collect();
    if !unknown.is_empty() {
        bail!("no such mutant: {}", unknown.join(", "));
    }
    Ok(named.into_iter().map(str::to_owned).collect())
}

/// The build id of a mutant: a hash of that of the sources and of the feature's name, so that no
/// mutant can be taken for another one or for what is released.
fn build_id(of_sources: &str, feature: &str) -> String {
    hex(&Sha256::digest(format!("{of_sources}\n{feature}\n")))
}

fn build(root: &Path, names: &[String], out: Option<&Path>) -> Result<()> {
    let found = toolchain::find();
    let Some(toolchain) = found.first() else {
        bail!(NO_TOOLCHAIN)
    };
    // Where the released images are built: dependencies are built once for all.
    let target = toolchain::target_folder(root);
    let folder = out.map_or_else(|| target.with_file_name("mutants"), Path::to_owned);
    let version = firmware::package(root)?.version;
    let of_sources = sources::build_id(root)?;
    println!("compiler: {}", toolchain.compiler);
    for (number, name) in (1..).zip(names) {
        let feature = format!("{PREFIX}{name}");
        let build_id = build_id(&of_sources, &feature);
        let recipe = Recipe {
            root,
            target: &target,
            build_id: &build_id,
            features: &[&feature],
        };
        let image = toolchain
            .build(&recipe)
            .with_context(|| format!("mutant {name}"))?;
        let what = (recipe.features, PURPOSE);
        let provenance = Provenance::new(&image, toolchain, &version, &build_id, what);
        let path = images::write(&folder.join(name), &image, &provenance)?;
        println!(
            "{number} of {}: {}: {} B of flash, build id {}",
            names.len(),
            path.display(),
            image.flash(),
            &build_id[..16]
        );
    }
    Ok(())
}

/// Compiles `firmware-core` with one mutant after the other.
fn check(root: &Path, names: &[String]) -> Result<()> {
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    for (number, name) in (1..).zip(names) {
        let status = Command::new(&cargo)
            .current_dir(root)
            .args(["check", "--quiet", "--locked", "--package", "firmware-core"])
            .args(["--features", &format!("{PREFIX}{name}")])
            .status()
            .with_context(|| format!("cannot run {cargo:?}"))?;
        if !status.success() {
            bail!("mutant {name} does not compile: cargo ended with {status}");
        }
        println!("{number} of {}: {name} compiles", names.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::KINDS;

    const DECLARED: &str =
        "[package]\nname = \"a\"\n[features]\nother = []\nmutant-b = []\nmutant-a = []\n";

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&it| it.to_owned()).collect()
    }

    #[test]
    fn mutants_are_chosen_by_name_and_all_where_none_is_named() {
        let declared = declared(DECLARED).unwrap();
        let check = |named: &[&str], expected: &[&str]| {
            let chosen = choose(&declared, &owned(named)).unwrap();
            let (mut chosen, mut expected) = (chosen, owned(expected));
            if named.is_empty() {
                chosen.sort();
                expected.sort();
            }
            assert_eq!(chosen, expected);
        };
        check(&[], &["a", "b"]);
        check(&["b", "mutant-a"], &["b", "a"]);
        let error = choose(&declared, &owned(&["a", "c", "other"])).unwrap_err();
        assert_eq!(error.to_string(), "no such mutant: c, other");
        assert!(super::declared("[package]").is_err());
    }

    #[test]
    fn every_mutant_has_a_build_id_of_its_own() {
        let [a, b] = ["mutant-a", "mutant-b"].map(|it| build_id("00ff", it));
        assert!(a.len() == 64 && a != b && a != "00ff");
        assert_ne!(a, build_id("00fe", "mutant-a"));
    }

    #[test]
    fn no_image_that_is_kept_is_a_mutant() {
        let mut features = KINDS.iter().flat_map(|it| it.features);
        assert!(!features.any(|it| it.starts_with(PREFIX)));
    }
}
