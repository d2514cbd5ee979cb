//! The tables of `specs/pen-a1`, read for tests.

use std::collections::BTreeMap;
use std::path::Path;

/// File name and text of every CSV file in `specs/pen-a1`.
pub(crate) fn pen_a1() -> Result<BTreeMap<String, String>, std::io::Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".csv") {
            files.insert(name, std::fs::read_to_string(entry.path())?);
        }
    }
    Ok(files)
}
