//! `cargo xtask firmware`: builds the images with their provenance, or checks them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::check::{self, Finding, Places};
use crate::image::Image;
use crate::provenance::{KINDS, Kind, Provenance};
use crate::toolchain::{Recipe, Toolchain};
use crate::{images, sources, table, toolchain};

/// How to build or check.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Rebuild and compare with the committed images instead of writing them
    #[arg(long)]
    check: bool,
    /// With --check: fail where the images cannot be compared
    #[arg(long, requires = "check")]
    require: bool,
    /// With --check: build the released image in a second folder too, of another path and depth
    #[arg(long, requires = "check")]
    twice: bool,
    /// Where images are written, or looked for
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The sources as they are, and what they are to become.
#[derive(Clone, Copy)]
pub(crate) struct Present<'a> {
    pub(crate) root: &'a Path,
    pub(crate) package: &'a DeclaredPackage,
    pub(crate) build_id: &'a str,
}

impl Present<'_> {
    /// Version of the firmware.
    pub(crate) fn version(&self) -> &str {
        &self.package.version
    }

    /// What changed from version to version.
    pub(crate) fn changes(&self) -> &str {
        &self.package.metadata.release.changes
    }

    /// Builds an image where this program itself is built.
    pub(crate) fn build(&self, toolchain: &Toolchain, kind: &Kind) -> Result<Image> {
        self.build_in(
            self.root,
            &toolchain::target_folder(self.root),
            toolchain,
            kind,
        )
    }

    /// Builds an image from a copy of the workspace.
    pub(crate) fn build_in(
        &self,
        root: &Path,
        target: &Path,
        toolchain: &Toolchain,
        kind: &Kind,
    ) -> Result<Image> {
        let image = toolchain.build(&Recipe {
            root,
            target,
            build_id: self.build_id,
            features: kind.features,
        })?;
        within(&image, self.package.metadata.budget)?;
        Ok(image)
    }
}

/// What the manifest of `firmware/app` declares.
#[derive(Deserialize)]
pub(crate) struct Declared {
    pub(crate) package: DeclaredPackage,
}

#[derive(Deserialize)]
pub(crate) struct DeclaredPackage {
    pub(crate) version: String,
    pub(crate) metadata: Metadata,
}

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) release: Release,
    budget: Budget,
}

#[derive(Deserialize)]
pub(crate) struct Release {
    pub(crate) changes: String,
}

/// Most bytes an image may take; `tests/end-to-end` holds it to the rest of the budget.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Budget {
    flash: usize,
    ram: u32,
}

/// What is declared of the firmware.
pub(crate) fn package(root: &Path) -> Result<DeclaredPackage> {
    let manifest = fs::read_to_string(root.join("firmware/app/Cargo.toml"))?;
    let declared: Declared =
        toml::from_str(&manifest).context("metadata of `firmware/app/Cargo.toml`")?;
    Ok(declared.package)
}

/// Runs the chore.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let package = package(root)?;
    let build_id = sources::build_id(root)?;
    let folder = options
        .out
        .clone()
        .unwrap_or_else(|| root.join("firmware/images"));
    let present = Present {
        root,
        package: &package,
        build_id: &build_id,
    };
    if options.check {
        let places = if options.twice {
            Places::Two
        } else {
            Places::One
        };
        return Ok(match check::run(&present, &folder, places)? {
            Finding::Equal => ExitCode::SUCCESS,
            Finding::NotCompared if !options.require => ExitCode::SUCCESS,
            Finding::NotCompared | Finding::Different => ExitCode::FAILURE,
        });
    }
    let found = toolchain::find();
    let Some(toolchain) = found.first() else {
        bail!(NO_TOOLCHAIN)
    };
    write(&present, &folder, toolchain)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) const NO_TOOLCHAIN: &str = "no compiler for thumbv6m-none-eabi here; \
    `rustup target add thumbv6m-none-eabi`, or on Debian install rustc-web cargo-web rust-web-src lld";

fn write(present: &Present<'_>, folder: &Path, toolchain: &Toolchain) -> Result<()> {
    println!("compiler: {}", toolchain.compiler);
    let version = present.version();
    for kind in KINDS {
        let image = present.build(toolchain, &kind)?;
        let what = (kind.features, kind.purpose);
        let provenance = Provenance::new(&image, toolchain, version, present.build_id, what);
        let elf = images::write(&folder.join(kind.stem(version)), &image, &provenance)?;
        println!(
            "{}: {} B of flash, {} B of RAM, loadable SHA-256 {}",
            elf.display(),
            provenance.flash_bytes,
            provenance.ram_bytes,
            provenance.loadable_sha256
        );
    }
    let (images, wrong) = images::list(folder)?;
    if !wrong.is_empty() {
        bail!("not every image can be listed: {}", wrong.join("; "));
    }
    let readme = table::render(&images, version, present.changes());
    fs::write(folder.join("README.md"), readme).context("cannot write the table of images")
}

/// Whether an image keeps its budget.
fn within(image: &Image, budget: Budget) -> Result<()> {
    if image.flash() > budget.flash {
        bail!(
            "image takes {} B of flash, {} are budgeted",
            image.flash(),
            budget.flash
        );
    }
    if image.ram > budget.ram {
        bail!(
            "image takes {} B of RAM, {} are budgeted",
            image.ram,
            budget.ram
        );
    }
    Ok(())
}
