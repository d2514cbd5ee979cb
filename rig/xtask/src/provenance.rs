//! What is written beside an image: where it came from and how to get it again.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::image::Image;
use crate::images::PREFIX;
use crate::toolchain::Toolchain;

/// Provenance of one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Provenance {
    /// What this image is for.
    pub(crate) purpose: String,
    /// Version of the firmware.
    pub(crate) version: String,
    /// Hash of sources, build settings and locked dependencies.
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
    /// States where an image comes from: the features it was built with, and what it is for.
    pub(crate) fn new(
        image: &Image,
        toolchain: &Toolchain,
        version: &str,
        build_id: &str,
        (features, purpose): (&[&str], &str),
    ) -> Self {
        Self {
            purpose: purpose.to_owned(),
            version: version.to_owned(),
            build_id: build_id.to_owned(),
            features: features.iter().map(|&it| it.to_owned()).collect(),
            compiler: toolchain.compiler.clone(),
            linker: toolchain.linker.clone(),
            flags: toolchain.flags(),
            sha256: image.file_sha256(),
            loadable_sha256: image.loadable_sha256(),
            flash_bytes: image.flash(),
            ram_bytes: image.ram,
        }
    }

    /// What its file is otherwise than stated here, one line each.
    pub(crate) fn differences(&self, image: &Image) -> Vec<String> {
        let size = |bytes: usize| format!("{bytes} B");
        let compared = [
            (
                "SHA-256 of the file",
                self.sha256.clone(),
                image.file_sha256(),
            ),
            (
                "SHA-256 of the loadable bytes",
                self.loadable_sha256.clone(),
                image.loadable_sha256(),
            ),
            ("flash filled", size(self.flash_bytes), size(image.flash())),
            (
                "RAM given out",
                format!("{} B", self.ram_bytes),
                format!("{} B", image.ram),
            ),
        ];
        compared
            .into_iter()
            .filter_map(|(what, stated, found)| otherwise(what, &stated, &found))
            .collect()
    }

    /// What is stated here otherwise than present sources say, one line each.
    pub(crate) fn differences_to_sources(
        &self,
        version: &str,
        build_id: &str,
        kind: &Kind,
    ) -> Vec<String> {
        let compared = [
            ("version of the sources", self.version.as_str(), version),
            ("build id of the sources", self.build_id.as_str(), build_id),
            (
                "list of features",
                &self.features.join(","),
                &kind.features.join(","),
            ),
        ];
        compared
            .into_iter()
            .filter_map(|(what, stated, found)| otherwise(what, stated, found))
            .collect()
    }

    /// Whether the toolchain is the one that built it.
    pub(crate) fn built_by(&self, toolchain: &Toolchain) -> bool {
        self.compiler == toolchain.compiler && self.linker == toolchain.linker
    }
}

/// A line if something is found otherwise than stated.
fn otherwise(what: &str, stated: &str, found: &str) -> Option<String> {
    (stated != found).then(|| format!("{what}: {found}, its provenance states {stated}"))
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
    pub(crate) fn stem(&self, version: &str) -> PathBuf {
        Path::new(self.folder).join(format!("{PREFIX}{version}{}", self.suffix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::tests::elf_file;

    impl Provenance {
        /// Of an image of this version, with the rest made up.
        pub(crate) fn of(image: &Image, version: &str) -> Self {
            Self {
                purpose: "released".to_owned(),
                version: version.to_owned(),
                build_id: "00ff".to_owned(),
                features: Vec::new(),
                compiler: "rustc".to_owned(),
                linker: "lld".to_owned(),
                flags: String::new(),
                sha256: image.file_sha256(),
                loadable_sha256: image.loadable_sha256(),
                flash_bytes: image.flash(),
                ram_bytes: image.ram,
            }
        }
    }

    #[test]
    fn hashes_and_sizes_are_held_against_the_file() {
        let image = Image::parse(elf_file(&[1, 2, 3])).unwrap();
        let stated = Provenance::of(&image, "1.0.0");
        assert_eq!(stated.differences(&image), Vec::<String>::new());
        let check = |change: fn(&mut Provenance), expected: &str| {
            let mut wrong = stated.clone();
            change(&mut wrong);
            let lines = wrong.differences(&image);
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].starts_with(expected), "{lines:?}");
        };
        check(|it| it.sha256.push('0'), "SHA-256 of the file: ");
        check(
            |it| it.loadable_sha256.clear(),
            "SHA-256 of the loadable bytes: ",
        );
        check(
            |it| it.flash_bytes = 4,
            "flash filled: 3 B, its provenance states 4 B",
        );
        check(
            |it| it.ram_bytes = 1,
            "RAM given out: 0 B, its provenance states 1 B",
        );
        let other = Image::parse(elf_file(&[1, 2, 4])).unwrap();
        assert_eq!(stated.differences(&other).len(), 2);
    }

    #[test]
    fn version_build_id_and_features_are_held_against_the_sources() {
        let image = Image::parse(elf_file(&[])).unwrap();
        let stated = Provenance::of(&image, "1.0.0");
        let [released, defective] = KINDS;
        let check = |version, build_id, kind, expected: &[&str]| {
            let lines = stated.differences_to_sources(version, build_id, kind);
            assert_eq!(lines.len(), expected.len(), "{lines:?}");
            for (line, expected) in lines.iter().zip(expected) {
                assert!(line.starts_with(expected), "{line}");
            }
        };
        check("1.0.0", "00ff", &released, &[]);
        check("1.0.1", "00fe", &released, &["version", "build id"]);
        check("1.0.0", "00ff", &defective, &["list of features"]);
    }
}
