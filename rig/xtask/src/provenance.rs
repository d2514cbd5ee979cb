//! What is written beside an image: where it came from and how to get it again.

use serde::{Deserialize, Serialize};

use crate::image::Image;
use crate::toolchain::Toolchain;

/// Provenance of one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Provenance {
    /// What this image is for.
    pub(crate) purpose: String,
    /// Version of the firmware.
    pub(crate) version: String,
    /// Hash of sources and locked dependencies.
    pub(crate) build_id: String,
    /// Features switched on.
    pub(crate) features: Vec<String>,
    /// Compiler that built it.
    pub(crate) compiler: String,
    /// Linker that linked it.
    pub(crate) linker: String,
    /// How both were called.
    pub(crate) flags: String,
    /// SHA-256 of the file.
    pub(crate) sha256: String,
    /// SHA-256 over address, length and bytes of each loadable segment.
    pub(crate) loadable_sha256: String,
    /// Bytes of flash it fills.
    pub(crate) flash_bytes: usize,
    /// Bytes of RAM given out at link time; the stack has the rest of the chip's 36 KiB.
    pub(crate) ram_bytes: u32,
}

impl Provenance {
    /// States where an image comes from.
    pub(crate) fn new(
        image: &Image,
        toolchain: &Toolchain,
        version: &str,
        build_id: &str,
        kind: &Kind,
    ) -> Self {
        Self {
            purpose: kind.purpose.to_owned(),
            version: version.to_owned(),
            build_id: build_id.to_owned(),
            features: kind.features.iter().map(|&it| it.to_owned()).collect(),
            compiler: toolchain.compiler.clone(),
            linker: toolchain.linker.clone(),
            flags: toolchain.flags(),
            sha256: image.file_sha256(),
            loadable_sha256: image.loadable_sha256(),
            flash_bytes: image.flash(),
            ram_bytes: image.ram,
        }
    }

    /// Whether the toolchain is the one that built it.
    pub(crate) fn built_by(&self, toolchain: &Toolchain) -> bool {
        self.compiler == toolchain.compiler && self.linker == toolchain.linker
    }
}

/// A kind of image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Features of `firmware-app`.
    pub(crate) features: &'static [&'static str],
    /// What it is for.
    pub(crate) purpose: &'static str,
    /// Folder below `firmware/images`.
    pub(crate) folder: &'static str,
    /// What its name has after the version.
    pub(crate) suffix: &'static str,
}

/// Every image that is kept.
pub(crate) const KINDS: [Kind; 2] = [
    Kind {
        features: &[],
        purpose: "released",
        folder: "",
        suffix: "",
    },
    Kind {
        features: &["echo-setpoint"],
        purpose: "deliberately defective, for tests of the rig: telemetry reports the rate setting \
                  while running; never to be flashed into a pen for use",
        folder: "defective",
        suffix: "-echo-setpoint",
    },
];

impl Kind {
    /// File name without extension, below `firmware/images`.
    pub(crate) fn stem(&self, version: &str) -> std::path::PathBuf {
        std::path::Path::new(self.folder).join(format!("pen-a1-{version}{}", self.suffix))
    }
}
