//! The folder of images: which there are, newest version first, each with its provenance.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::image::Image;
use crate::provenance::{KINDS, Kind, Provenance};

/// What the name of every image begins with; its version follows.
pub(crate) const PREFIX: &str = "pen-a1-";

/// An image of the folder, as its provenance states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Path below the folder, without extension.
    pub(crate) stem: PathBuf,
    pub(crate) provenance: Provenance,
}

/// How an image stands to the present sources.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Age {
    /// They make it.
    Current(Kind),
    /// They made an older version before; it cannot be rebuilt from them.
    Past,
    /// It is of this version or a newer one, and they do not make it.
    Foreign,
}

impl Listed {
    /// How it stands to sources of this version.
    pub(crate) fn age(&self, version: &str) -> Age {
        let made = KINDS.into_iter().find(|it| it.stem(version) == self.stem);
        match made {
            Some(kind) => Age::Current(kind),
            None if numbers(&self.provenance.version) < numbers(version) => Age::Past,
            None => Age::Foreign,
        }
    }

    /// Whether its name tells the version that its provenance states.
    pub(crate) fn is_named_after_version(&self) -> bool {
        let name = self.stem.file_name().and_then(OsStr::to_str);
        let after = name
            .and_then(|it| it.strip_prefix(PREFIX))
            .and_then(|it| it.strip_prefix(self.provenance.version.as_str()));
        after.is_some_and(|it| it.is_empty() || it.starts_with('-'))
    }

    /// Reads the image itself.
    pub(crate) fn image(&self, folder: &Path) -> Result<Image> {
        let (elf, _) = files(&folder.join(&self.stem));
        let file = fs::read(&elf).with_context(|| format!("cannot read {elf:?}"))?;
        Image::parse(file)
    }

    /// Newest version first, and of one version what is released first.
    fn order(&self) -> (Reverse<Vec<u64>>, usize, PathBuf) {
        let depth = self.stem.components().count();
        let version = numbers(&self.provenance.version);
        (Reverse(version), depth, self.stem.clone())
    }
}

/// Every image of the folder in the order of the table, and what is wrong with those that cannot
/// be listed, one line each.
pub(crate) fn list(folder: &Path) -> Result<(Vec<Listed>, Vec<String>)> {
    let (mut images, mut wrong) = (Vec::new(), Vec::new());
    for stem in stems(folder)? {
        match provenance(&folder.join(&stem)) {
            Ok(provenance) => images.push(Listed { stem, provenance }),
            Err(error) => wrong.push(format!("{}.elf: {error:#}", stem.display())),
        }
    }
    images.sort_by_key(Listed::order);
    Ok((images, wrong))
}

/// Names, without extension, of what lies in the folder and in those of all kinds.
fn stems(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut stems = BTreeSet::new();
    let below: BTreeSet<&str> = KINDS.iter().map(|it| it.folder).collect();
    for name in below {
        let path = folder.join(name);
        if !path.exists() {
            continue;
        }
        let entries = fs::read_dir(&path).with_context(|| format!("cannot read {path:?}"))?;
        for entry in entries {
            let file = PathBuf::from(entry?.file_name());
            let extension = file.extension().and_then(OsStr::to_str);
            if let (Some("elf" | "toml"), Some(stem)) = (extension, file.file_stem()) {
                stems.insert(Path::new(name).join(stem));
            }
        }
    }
    Ok(stems)
}

fn provenance(path: &Path) -> Result<Provenance> {
    let (_, toml) = files(path);
    let text = fs::read_to_string(&toml).with_context(|| format!("cannot read {toml:?}"))?;
    toml::from_str(&text).with_context(|| format!("cannot parse {toml:?}"))
}

/// Writes an image and its provenance, and gives the path of the image.
pub(crate) fn write(stem: &Path, image: &Image, provenance: &Provenance) -> Result<PathBuf> {
    let parent = stem.parent().context("an image lies in a folder")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot create {parent:?}"))?;
    let (elf, toml) = files(stem);
    fs::write(&elf, &image.file).with_context(|| format!("cannot write {elf:?}"))?;
    let text = format!(
        "# Provenance of {}.\n{}",
        elf.file_name().unwrap_or_default().display(),
        toml::to_string(provenance)?
    );
    fs::write(&toml, text).with_context(|| format!("cannot write {toml:?}"))?;
    Ok(elf)
}

/// The numbers of a version, in their order; what is no number sorts first.
fn numbers(version: &str) -> Vec<u64> {
    version
        .split('.')
        .map(|it| it.parse().unwrap_or(0))
        .collect()
}

/// An image and its provenance; versions hold dots, so the extension is put on by hand.
pub(crate) fn files(stem: &Path) -> (PathBuf, PathBuf) {
    let with = |extension: &str| PathBuf::from(format!("{}.{extension}", stem.display()));
    (with("elf"), with("toml"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::image::tests::elf_file;

    /// Writes an image and its provenance.
    pub(crate) fn put(folder: &Path, stem: &str, version: &str, features: &[&str]) {
        let path = folder.join(stem);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let (elf, toml) = files(&path);
        let file = elf_file(version.as_bytes());
        let image = Image::parse(file.clone()).unwrap();
        fs::write(elf, file).unwrap();
        let mut provenance = Provenance::of(&image, version);
        provenance.features = features.iter().map(|&it| it.to_owned()).collect();
        fs::write(toml, toml::to_string(&provenance).unwrap()).unwrap();
    }

    #[test]
    fn the_newest_version_comes_first_and_the_released_image_before_the_defective() {
        let folder = tempfile::tempdir().unwrap();
        for (stem, version) in [
            ("pen-a1-1.9.0", "1.9.0"),
            ("defective/pen-a1-1.10.0-echo-setpoint", "1.10.0"),
            ("pen-a1-1.10.0", "1.10.0"),
            ("defective/pen-a1-1.9.0-echo-setpoint", "1.9.0"),
        ] {
            put(folder.path(), stem, version, &[]);
        }
        fs::write(folder.path().join("README.md"), "# Images\n").unwrap();
        let (images, wrong) = list(folder.path()).unwrap();
        let stems: Vec<_> = images.iter().map(|it| it.stem.to_str().unwrap()).collect();
        assert_eq!(
            stems,
            [
                "pen-a1-1.10.0",
                "defective/pen-a1-1.10.0-echo-setpoint",
                "pen-a1-1.9.0",
                "defective/pen-a1-1.9.0-echo-setpoint",
            ]
        );
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn an_image_without_provenance_is_not_passed_by() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "pen-a1-1.0.0", "1.0.0", &[]);
        fs::write(folder.path().join("pen-a1-0.9.0.elf"), "").unwrap();
        fs::write(folder.path().join("pen-a1-0.8.0.toml"), "version = 1").unwrap();
        let (images, wrong) = list(folder.path()).unwrap();
        assert_eq!(images.len(), 1);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].contains("cannot parse"), "{wrong:?}");
        assert!(wrong[1].contains("cannot read"), "{wrong:?}");
    }

    #[test]
    fn an_image_is_current_past_or_foreign() {
        let listed = |stem: &str, version: &str| Listed {
            stem: stem.into(),
            provenance: Provenance::of(&Image::parse(elf_file(b"")).unwrap(), version),
        };
        let current = listed("pen-a1-1.1.0", "1.1.0");
        assert!(matches!(current.age("1.1.0"), Age::Current(_)));
        assert!(matches!(current.age("1.10.0"), Age::Past));
        assert!(matches!(current.age("1.0.9"), Age::Foreign));
        let other = listed("defective/pen-a1-1.1.0-other", "1.1.0");
        assert!(matches!(other.age("1.1.0"), Age::Foreign));
        assert!(other.is_named_after_version());
        assert!(current.is_named_after_version());
        assert!(!listed("pen-a1-1.1.0", "1.0.0").is_named_after_version());
        assert!(!listed("pen-a1-1.1.01", "1.1.0").is_named_after_version());
        assert!(!listed("pen-b2-1.1.0", "1.1.0").is_named_after_version());
    }
}
