//! What tests of this crate share.

use rig_spec::SpecSet;
use std::collections::BTreeMap;

/// The tables of Pen A1.
pub(crate) fn spec() -> SpecSet {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/pen-a1");
    let files: BTreeMap<String, String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect();
    SpecSet::parse(&files).unwrap()
}
