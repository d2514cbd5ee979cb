//! Checks the images: current ones are rebuilt, past ones compared with their provenance.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::elsewhere::Elsewhere;
use crate::firmware::{NO_TOOLCHAIN, Present};
use crate::image::Image;
use crate::images::{self, Age, Listed};
use crate::provenance::{KINDS, Kind};
use crate::toolchain::Toolchain;
use crate::{table, toolchain};

/// In how many folders the released image is rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// The workspace.
    One,
    /// The workspace, and a copy of it elsewhere.
    Two,
}

/// What a check found, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Finding {
    /// Everything is as stated, and current images are what the sources give.
    Equal,
    /// No compiler is here that built a current image.
    NotCompared,
    /// Something is otherwise.
    Different,
}

/// Checks every image of a folder, and the table beside them; says what it finds.
pub(crate) fn run(present: &Present<'_>, folder: &Path, places: Places) -> Result<Finding> {
    let version = present.version();
    let found = toolchain::find();
    let (images, mut wrong) = images::list(folder)?;
    for stem in KINDS.iter().map(|it| it.stem(version)) {
        let (elf, toml) = images::files(&folder.join(&stem));
        if !elf.exists() && !toml.exists() {
            wrong.push(format!("{}.elf: missing", stem.display()));
        }
    }
    let mut finding = Finding::Equal;
    for listed in &images {
        let name = format!("{}.elf", listed.stem.display());
        let checked = match listed.age(version) {
            Age::Current(kind) => current(present, folder, listed, &kind, &found, places)?,
            Age::Past => past(folder, listed),
            Age::Foreign => Checked::Different(vec![format!(
                "not made by the sources, which are of version {version}, nor older"
            )]),
        };
        match checked {
            Checked::Equal(what) => println!("equal: {name}: {what}"),
            Checked::AsStated => {
                println!("past: {name}: hashes and sizes as its provenance states");
            }
            Checked::NotCompared(why) => {
                println!("not compared: {name}: {why}");
                finding = finding.max(Finding::NotCompared);
            }
            Checked::Different(lines) => {
                wrong.extend(lines.iter().map(|line| format!("{name}: {line}")));
            }
        }
    }
    let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    if wrong.is_empty() && readme != table::render(&images, version, present.changes()) {
        wrong.push("README.md: not what `cargo xtask firmware` writes".to_owned());
    }
    for line in &wrong {
        println!("different: {line}");
        finding = Finding::Different;
    }
    Ok(finding)
}

/// What was found of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Checked {
    /// What the sources give.
    Equal(String),
    /// A past image that is what its provenance states.
    AsStated,
    NotCompared(String),
    Different(Vec<String>),
}

impl Checked {
    fn of(lines: Vec<String>, equal: String) -> Self {
        if lines.is_empty() {
            Self::Equal(equal)
        } else {
            Self::Different(lines)
        }
    }
}

/// What its provenance states otherwise than the file.
fn stated(folder: &Path, listed: &Listed) -> Result<Image, Vec<String>> {
    let image = listed
        .image(folder)
        .map_err(|error| vec![format!("{error:#}")])?;
    let mut lines = listed.provenance.differences(&image);
    if !listed.is_named_after_version() {
        let version = &listed.provenance.version;
        lines.push(format!("its provenance states version {version}"));
    }
    if lines.is_empty() {
        Ok(image)
    } else {
        Err(lines)
    }
}

/// A past image: what its provenance states is all that can be looked at.
fn past(folder: &Path, listed: &Listed) -> Checked {
    match stated(folder, listed) {
        Ok(_) => Checked::AsStated,
        Err(lines) => Checked::Different(lines),
    }
}

/// A current image: as its provenance states, which is as the sources say, and what they give.
fn current(
    present: &Present<'_>,
    folder: &Path,
    listed: &Listed,
    kind: &Kind,
    found: &[Toolchain],
    places: Places,
) -> Result<Checked> {
    let image = match stated(folder, listed) {
        Ok(image) => image,
        Err(lines) => return Ok(Checked::Different(lines)),
    };
    let provenance = &listed.provenance;
    let lines = provenance.differences_to_sources(present.version(), present.build_id, kind);
    if !lines.is_empty() {
        return Ok(Checked::Different(lines));
    }
    let Some(toolchain) = found.iter().find(|it| provenance.built_by(it)) else {
        let here: Vec<_> = found.iter().map(|it| it.compiler.as_str()).collect();
        return Ok(Checked::NotCompared(format!(
            "built by {} with {}; here {}",
            provenance.compiler,
            provenance.linker,
            if here.is_empty() {
                NO_TOOLCHAIN.to_owned()
            } else {
                here.join("; ")
            }
        )));
    };
    let rebuilt = present.build(toolchain, kind)?;
    let lines = image.differences(&rebuilt);
    if !lines.is_empty() || places == Places::One || !kind.features.is_empty() {
        let equal = format!("{} loadable bytes", image.flash());
        return Ok(Checked::of(lines, equal));
    }
    let elsewhere = Elsewhere::copy(present.root)?;
    let second = present.build_in(&elsewhere.root, &elsewhere.target, toolchain, kind)?;
    let lines = rebuilt.differences(&second);
    let lines = lines
        .into_iter()
        .map(|line| format!("built in a second folder: {line}"))
        .collect();
    let equal = format!("{} loadable bytes, built in two folders", image.flash());
    Ok(Checked::of(lines, equal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::{Declared, DeclaredPackage};
    use crate::image::tests::elf_file;
    use crate::images::tests::put;

    /// What is found of a past image after something was done to its folder.
    #[track_caller]
    fn check(spoil: impl Fn(&Path), expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "pen-a1-1.0.0", "1.0.0", &[]);
        spoil(folder.path());
        let (images, _) = images::list(folder.path()).unwrap();
        let lines = match past(folder.path(), &images[0]) {
            Checked::Different(lines) => lines,
            Checked::AsStated => Vec::new(),
            other => panic!("{other:?}"),
        };
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.contains(expected), "{line} has no {expected}");
        }
    }

    fn edit(path: &Path, from: &str, to: &str) {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    #[test]
    fn a_past_image_is_held_to_its_provenance_and_needs_no_compiler() {
        check(|_| {}, &[]);
        check(
            |folder| fs::write(folder.join("pen-a1-1.0.0.elf"), elf_file(b"1.0.1")).unwrap(),
            &["SHA-256 of the file", "SHA-256 of the loadable bytes"],
        );
        check(
            |folder| fs::write(folder.join("pen-a1-1.0.0.elf"), "no ELF").unwrap(),
            &["not an ELF file"],
        );
        check(
            |folder| fs::remove_file(folder.join("pen-a1-1.0.0.elf")).unwrap(),
            &["cannot read"],
        );
        check(
            |folder| {
                edit(
                    &folder.join("pen-a1-1.0.0.toml"),
                    "ram_bytes = 0",
                    "ram_bytes = 8",
                )
            },
            &["RAM given out"],
        );
        check(
            |folder| edit(&folder.join("pen-a1-1.0.0.toml"), "\"1.0.0\"", "\"0.9.0\""),
            &["states version 0.9.0"],
        );
    }
    /// A folder with an image of each kind of version 1.1.0, made by a compiler that is not here,
    /// a past one, and the table.
    fn folder(package: &DeclaredPackage) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for kind in KINDS {
            let stem = kind.stem("1.1.0");
            put(
                folder.path(),
                stem.to_str().unwrap(),
                "1.1.0",
                kind.features,
            );
        }
        put(folder.path(), "pen-a1-1.0.0", "1.0.0", &[]);
        let (images, _) = images::list(folder.path()).unwrap();
        let changes = &package.metadata.release.changes;
        let readme = table::render(&images, "1.1.0", changes);
        fs::write(folder.path().join("README.md"), readme).unwrap();
        folder
    }

    /// What a check finds after something was done to such a folder.
    #[track_caller]
    fn check_all(spoil: impl Fn(&Path), expected: Finding) {
        let manifest = "[package]\nversion = \"1.1.0\"\n\
            [package.metadata]\nrelease.changes = \"more\"\nbudget = { flash = 1, ram = 1 }\n";
        let declared: Declared = toml::from_str(manifest).unwrap();
        let folder = folder(&declared.package);
        spoil(folder.path());
        let present = Present {
            root: folder.path(),
            package: &declared.package,
            build_id: "00ff",
        };
        let finding = run(&present, folder.path(), Places::Two).unwrap();
        assert_eq!(finding, expected);
    }

    #[test]
    fn every_image_of_the_folder_counts_and_so_does_the_table() {
        check_all(|_| {}, Finding::NotCompared);
        let spoils: [fn(&Path); 6] = [
            |folder| {
                edit(
                    &folder.join("pen-a1-1.0.0.toml"),
                    "flash_bytes = 5",
                    "flash_bytes = 6",
                )
            },
            |folder| edit(&folder.join("pen-a1-1.1.0.toml"), "00ff", "00fe"),
            |folder| edit(&folder.join("README.md"), "| past |", "| current |"),
            |folder| fs::remove_file(folder.join("pen-a1-1.0.0.toml")).unwrap(),
            |folder| {
                fs::remove_file(folder.join("pen-a1-1.1.0.toml")).unwrap();
                fs::remove_file(folder.join("pen-a1-1.1.0.elf")).unwrap();
            },
            |folder| put(folder, "pen-a1-1.2.0", "1.2.0", &[]),
        ];
        for spoil in spoils {
            check_all(spoil, Finding::Different);
        }
    }
}
