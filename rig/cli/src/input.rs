//! Reads spec tables and firmware images.

use crate::Failure;
use anyhow::{Context as _, anyhow};
use rig_procedure::{ChipMemory, Image};
use rig_spec::SpecSet;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The text of every table of a folder, by file name.
pub(crate) fn spec_files(dir: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let entries = fs::read_dir(dir)
        .with_context(|| {
            format!(
                "cannot read the spec folder `{}`; run from the root of the project or give --spec DIR",
                dir.display()
            )
        })
        .map_err(Failure::Input)?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(Failure::input)?.path();
        let Some(name) = path.file_name().and_then(|it| it.to_str()) else {
            continue;
        };
        if path.extension().is_some_and(|it| it == "csv") {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read the table `{}`", path.display()))
                .map_err(Failure::Input)?;
            files.insert(name.to_owned(), text);
        }
    }
    Ok(files)
}

/// Reads every `.csv` of a folder as spec tables; all defects are reported at once.
pub(crate) fn spec(dir: &Path) -> Result<SpecSet, Failure> {
    spec_of(dir, &spec_files(dir)?)
}

/// The same of texts that were read from the folder.
pub(crate) fn spec_of(dir: &Path, files: &BTreeMap<String, String>) -> Result<SpecSet, Failure> {
    SpecSet::parse(files).map_err(|defects| {
        let lines: Vec<String> = defects
            .iter()
            .map(|defect| format!("{}/{defect}", dir.display()))
            .collect();
        Failure::Input(anyhow!(
            "{} defect{} in the spec tables; none of them is used until all are put right\n{}",
            defects.len(),
            if defects.len() == 1 { "" } else { "s" },
            lines.join("\n")
        ))
    })
}

/// An image and what its provenance says of it.
#[derive(Clone)]
pub(crate) struct ImageFile {
    pub(crate) image: Image,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) build_id: Option<String>,
    /// The file and its provenance as they were read, by file name.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// Provenance beside an image, `pen-a1-1.2.1.toml`.
#[derive(serde::Deserialize)]
struct Provenance {
    version: String,
    build_id: String,
    sha256: String,
}

/// Reads an image and checks it against chip and provenance.
pub(crate) fn image(path: &Path) -> Result<ImageFile, Failure> {
    let file = fs::read(path)
        .with_context(|| {
            format!(
                "cannot read the firmware image `{}`; run from the root of the project or give --image FILE",
                path.display()
            )
        })
        .map_err(Failure::Input)?;
    let image = Image::parse(&file, ChipMemory::STM32G071RB)
        .with_context(|| format!("firmware image `{}`", path.display()))
        .map_err(Failure::Input)?;
    let name = path
        .file_name()
        .map(|it| it.to_string_lossy().into_owned())
        .unwrap_or_default();
    let beside = path.with_extension("toml");
    let text = fs::read_to_string(&beside)
        .with_context(|| {
            format!(
                "no provenance for the image: cannot read `{}`",
                beside.display()
            )
        })
        .map_err(Failure::Input)?;
    let provenance: Provenance = toml::from_str(&text)
        .with_context(|| format!("provenance `{}`", beside.display()))
        .map_err(Failure::Input)?;
    if provenance.sha256 != image.file_sha256 {
        return Err(Failure::Input(anyhow!(
            "firmware image `{}` has SHA-256 {}, its provenance `{}` says {}; \
             take both from one release",
            path.display(),
            image.file_sha256,
            beside.display(),
            provenance.sha256
        )));
    }
    let beside = beside.file_name().unwrap_or_default().to_string_lossy();
    let files = vec![
        (name.clone(), file),
        (beside.into_owned(), text.into_bytes()),
    ];
    Ok(ImageFile {
        image,
        name,
        files,
        version: provenance.version,
        build_id: Some(provenance.build_id),
    })
}
