//! `cargo xtask firmware`: builds the images with their provenance, or checks them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::image::Image;
use crate::provenance::{KINDS, Kind, Provenance};
use crate::toolchain::{Recipe, Toolchain};
use crate::{sources, table, toolchain};

/// How to build or check.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Rebuild and compare with the committed images instead of writing them
    #[arg(long)]
    check: bool,
    /// With --check: fail where the images cannot be compared
    #[arg(long, requires = "check")]
    require: bool,
    /// Where images are written, or looked for
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What the manifest of `firmware/app` declares.
#[derive(Deserialize)]
struct Declared {
    package: DeclaredPackage,
}

#[derive(Deserialize)]
struct DeclaredPackage {
    version: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    release: Release,
    budget: Budget,
}

#[derive(Deserialize)]
struct Release {
    changes: String,
}

/// Most bytes an image may take.
#[derive(Clone, Copy, Deserialize)]
struct Budget {
    flash: usize,
    ram: u32,
}

/// Runs the chore.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let manifest = fs::read_to_string(root.join("firmware/app/Cargo.toml"))?;
    let declared: Declared =
        toml::from_str(&manifest).context("metadata of `firmware/app/Cargo.toml`")?;
    let package = declared.package;
    let build_id = sources::build_id(root)?;
    let folder = options
        .out
        .clone()
        .unwrap_or_else(|| root.join("firmware/images"));
    if options.check {
        return check(root, &folder, &package, &build_id, options.require);
    }
    let found = toolchain::find();
    let Some(toolchain) = found.first() else {
        bail!(NO_TOOLCHAIN)
    };
    write(root, &folder, &package, &build_id, toolchain)?;
    Ok(ExitCode::SUCCESS)
}

const NO_TOOLCHAIN: &str = "no compiler for thumbv6m-none-eabi here; \
    `rustup target add thumbv6m-none-eabi`, or on Debian install rustc-web cargo-web rust-web-src lld";

fn write(
    root: &Path,
    folder: &Path,
    package: &DeclaredPackage,
    build_id: &str,
    toolchain: &Toolchain,
) -> Result<()> {
    println!("compiler: {}", toolchain.compiler);
    let version = &package.version;
    let mut images = Vec::new();
    for kind in KINDS {
        let image = toolchain.build(&Recipe {
            root,
            build_id,
            features: kind.features,
        })?;
        within(&image, package.metadata.budget)?;
        let provenance = Provenance::new(&image, toolchain, version, build_id, &kind);
        let path = folder.join(kind.stem(version));
        let parent = path.parent().context("an image lies in a folder")?;
        fs::create_dir_all(parent).with_context(|| format!("cannot create {parent:?}"))?;
        let (elf, toml) = files(&path);
        fs::write(&elf, &image.file).with_context(|| format!("cannot write {elf:?}"))?;
        let text = format!(
            "# Provenance of {}.\n{}",
            name(&elf),
            toml::to_string(&provenance)?
        );
        fs::write(&toml, text).with_context(|| format!("cannot write {toml:?}"))?;
        println!(
            "{}: {} B of flash, {} B of RAM, loadable SHA-256 {}",
            elf.display(),
            provenance.flash_bytes,
            provenance.ram_bytes,
            provenance.loadable_sha256
        );
        images.push((kind, provenance));
    }
    let readme = table::render(&images, &package.metadata.release.changes);
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

fn check(
    root: &Path,
    folder: &Path,
    package: &DeclaredPackage,
    build_id: &str,
    require: bool,
) -> Result<ExitCode> {
    let version = &package.version;
    let found = toolchain::find();
    let mut differs = false;
    let mut compared = true;
    let mut images = Vec::new();
    for kind in KINDS {
        let (elf, toml) = files(&folder.join(kind.stem(version)));
        let (image, provenance) = match read(&elf, &toml) {
            Ok(read) => read,
            Err(error) => {
                println!("different: {}: {error:#}", name(&elf));
                differs = true;
                continue;
            }
        };
        let mut lines = stated(&image, &provenance, build_id, &kind);
        match found.iter().find(|it| provenance.built_by(it)) {
            Some(toolchain) if lines.is_empty() => {
                let rebuilt = toolchain.build(&Recipe {
                    root,
                    build_id,
                    features: kind.features,
                })?;
                within(&rebuilt, package.metadata.budget)?;
                lines = image.differences(&rebuilt);
                if lines.is_empty() {
                    println!("equal: {}: {} loadable bytes", name(&elf), image.flash());
                }
            }
            Some(_) => {}
            None => {
                let here: Vec<_> = found.iter().map(|it| it.compiler.as_str()).collect();
                println!(
                    "not compared: {}: built by {} with {}; here {}",
                    name(&elf),
                    provenance.compiler,
                    provenance.linker,
                    if here.is_empty() {
                        NO_TOOLCHAIN.to_owned()
                    } else {
                        here.join("; ")
                    }
                );
                compared = false;
            }
        }
        for line in &lines {
            println!("different: {}: {line}", name(&elf));
        }
        differs |= !lines.is_empty();
        images.push((kind, provenance));
    }
    let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    if !differs && readme != table::render(&images, &package.metadata.release.changes) {
        println!("different: README.md: not what `cargo xtask firmware` writes");
        differs = true;
    }
    let failed = differs || require && !compared;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn read(elf: &Path, toml: &Path) -> Result<(Image, Provenance)> {
    let file = fs::read(elf).with_context(|| format!("cannot read {elf:?}"))?;
    let text = fs::read_to_string(toml).with_context(|| format!("cannot read {toml:?}"))?;
    Ok((Image::parse(file)?, toml::from_str(&text)?))
}

/// What the provenance states otherwise than the image or the sources say.
fn stated(image: &Image, provenance: &Provenance, build_id: &str, kind: &Kind) -> Vec<String> {
    let mut lines = Vec::new();
    let mut compare = |what: &str, stated: &str, found: &str| {
        if stated != found {
            lines.push(format!("{what} is {found}, its provenance states {stated}"));
        }
    };
    compare(
        "SHA-256 of the file",
        &provenance.sha256,
        &image.file_sha256(),
    );
    compare(
        "SHA-256 of the loadable bytes",
        &provenance.loadable_sha256,
        &image.loadable_sha256(),
    );
    compare(
        "the build id of the sources",
        &provenance.build_id,
        build_id,
    );
    compare(
        "the list of features",
        &provenance.features.join(","),
        &kind.features.join(","),
    );
    lines
}

/// An image and its provenance; versions hold dots, so the extension is put on by hand.
fn files(stem: &Path) -> (PathBuf, PathBuf) {
    let with = |extension: &str| PathBuf::from(format!("{}.{extension}", stem.display()));
    (with("elf"), with("toml"))
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|it| it.to_string_lossy().into_owned())
        .unwrap_or_default()
}
