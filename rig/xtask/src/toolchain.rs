//! Compilers that can build for the chip: Debian's, which brings core's sources, or rustup's with
//! the target added.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::image::Image;

/// What the firmware is built for.
pub(crate) const TARGET: &str = "thumbv6m-none-eabi";
/// Cargo profile of the firmware.
pub(crate) const PROFILE: &str = "firmware";
/// Link arguments: cortex-m-rt's script, and segments without page padding.
const LINK_ARGUMENTS: [&str; 2] = ["-Clink-arg=-Tlink.x", "-Clink-arg=--nmagic"];

/// A compiler, its cargo and its linker.
#[derive(Clone, Debug)]
pub(crate) struct Toolchain {
    cargo: PathBuf,
    rustc: PathBuf,
    /// Root of the sources of core, where core is built from them.
    core_sources: Option<PathBuf>,
    /// Version of the compiler and how it comes by core.
    pub(crate) compiler: String,
    /// Version of the linker.
    pub(crate) linker: String,
}

/// What to build.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe<'a> {
    /// The workspace.
    pub(crate) root: &'a Path,
    /// Where cargo puts what it builds.
    pub(crate) target: &'a Path,
    pub(crate) build_id: &'a str,
    pub(crate) features: &'a [&'a str],
}

/// The compilers of this machine, the one of the released images first.
pub(crate) fn find() -> Vec<Toolchain> {
    [debian(), rustup()].into_iter().flatten().collect()
}

/// Builds the program in release and says where it is.
pub(crate) fn penrig(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let built = Command::new(cargo)
        .current_dir(root)
        .args([
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--package",
            "rig-cli",
        ])
        .status()
        .context("cannot run cargo")?;
    if !built.success() {
        bail!("penrig does not build");
    }
    Ok(host_target(root).join("release/penrig"))
}

/// Debian's rustc-web, cargo-web, rust-web-src and lld.
fn debian() -> Option<Toolchain> {
    let (cargo, rustc) = (
        PathBuf::from("/usr/bin/cargo"),
        PathBuf::from("/usr/bin/rustc"),
    );
    if !cargo.exists() {
        return None;
    }
    let sysroot = output(Command::new(&rustc).args(["--print", "sysroot"]))?;
    let sources = Path::new(sysroot.trim())
        .join("lib/rustlib/src/rust")
        .canonicalize()
        .ok()?;
    let linker = output(Command::new("ld.lld").arg("--version"))?;
    let compiler = version(&rustc)?;
    sources.join("library/core").exists().then(|| Toolchain {
        cargo,
        rustc,
        core_sources: Some(sources),
        compiler: format!("{compiler}, core from source"),
        linker: linker.trim().to_owned(),
    })
}

/// The toolchain that runs this program, if its target is there.
fn rustup() -> Option<Toolchain> {
    let rustc = PathBuf::from("rustc");
    let libraries =
        output(Command::new(&rustc).args(["--print", "target-libdir", "--target", TARGET]))?;
    let compiler = version(&rustc)?;
    Path::new(libraries.trim()).exists().then(|| Toolchain {
        cargo: PathBuf::from("cargo"),
        rustc,
        core_sources: None,
        compiler: format!("{compiler}, core prebuilt"),
        linker: "rust-lld of the compiler".to_owned(),
    })
}

/// Version of the compiler and of its LLVM.
fn version(rustc: &Path) -> Option<String> {
    let text = output(Command::new(rustc).arg("-vV"))?;
    let llvm = text
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))?;
    Some(format!("{}, LLVM {llvm}", text.lines().next()?))
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Toolchain {
    /// Flags as the provenance states them, without this machine's folders.
    pub(crate) fn flags(&self) -> String {
        let core = if self.core_sources.is_some() {
            " -Zbuild-std=core"
        } else {
            ""
        };
        format!(
            "--profile {PROFILE} --target {TARGET}{core}; {}; paths remapped; debug information stripped",
            LINK_ARGUMENTS.join(" ")
        )
    }

    /// Builds one image.
    pub(crate) fn build(&self, recipe: &Recipe<'_>) -> Result<Image> {
        let mut command = Command::new(&self.cargo);
        command
            .current_dir(recipe.root)
            .args(["build", "--quiet", "--locked", "--package", "firmware-app"])
            .args(["--profile", PROFILE, "--target", TARGET])
            .arg("--target-dir")
            .arg(recipe.target)
            .args(["--config", "profile.firmware.strip=\"debuginfo\""])
            .args(["--features", &recipe.features.join(",")])
            .env("RUSTC", &self.rustc)
            .env("PENRIG_BUILD_ID", recipe.build_id)
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                self.encoded_flags(recipe.root, recipe.target)?,
            )
            .env_remove("RUSTC_WRAPPER")
            .env_remove("RUSTC_WORKSPACE_WRAPPER");
        if self.core_sources.is_some() {
            // Unstable flags of a stable compiler: core is not shipped for the target.
            command.arg("-Zbuild-std=core").env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_THUMBV6M_NONE_EABI_LINKER", "ld.lld");
        }
        let status = command
            .status()
            .with_context(|| format!("cannot run {:?}", self.cargo))?;
        if !status.success() {
            bail!("the firmware does not build: cargo ended with {status}");
        }
        let path = recipe.target.join(TARGET).join(PROFILE).join("pen-a1");
        let file = std::fs::read(&path).with_context(|| format!("cannot read {path:?}"))?;
        Image::parse(file).with_context(|| format!("in {path:?}"))
    }

    /// Link arguments and the remapping of every folder whose name could get into the image.
    /// Of several prefixes that match, rustc takes the last.
    fn encoded_flags(&self, root: &Path, target_folder: &Path) -> Result<OsString> {
        let mut prefixes = vec![(root.to_owned(), "penrig".to_owned())];
        let home = match std::env::var_os("CARGO_HOME") {
            Some(home) => PathBuf::from(home),
            None => {
                PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cargo")
            }
        };
        let registries = home.join("registry/src");
        if registries.exists() {
            for registry in std::fs::read_dir(&registries)? {
                prefixes.push((registry?.path(), "registry".to_owned()));
            }
        }
        if let Some(sources) = &self.core_sources {
            prefixes.push((
                PathBuf::from("/usr/lib/rustlib/src/rust"),
                "rust".to_owned(),
            ));
            prefixes.push((sources.clone(), "rust".to_owned()));
        }
        prefixes.push((target_folder.to_owned(), "target".to_owned()));

        let mut flags = OsString::from(LINK_ARGUMENTS.join("\x1f"));
        for (from, to) in prefixes {
            flags.push("\x1f--remap-path-prefix=");
            flags.push(from);
            flags.push("=");
            flags.push(to);
        }
        Ok(flags)
    }
}

/// Where the firmware is built: apart from the host's files, whose flags differ.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    host_target(root).join("firmware")
}

/// Where cargo puts what it builds for this machine.
pub(crate) fn host_target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
