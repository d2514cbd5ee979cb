//! The table of images that stands beside them.

use crate::provenance::{Kind, Provenance};

/// Renders `firmware/images/README.md`.
pub(crate) fn render(images: &[(Kind, Provenance)], changes: &str) -> String {
    let mut text = String::from(
        "# Images of Pen A1\n\
         \n\
         Written by `cargo xtask firmware`; `cargo xtask firmware --check` rebuilds each image and compares the loadable bytes.\n\
         The same compiler gives the same loadable bytes in any folder; another one is not compared.\n\
         The `.toml` beside each image states compiler, linker, flags and hashes.\n\
         \n\
         | image | for | version | build id | flash | RAM | SHA-256 of the loadable bytes |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (kind, provenance) in images {
        text += &format!(
            "| `{}.elf` | {} | {} | `{}` | {} B | {} B | `{}` |\n",
            kind.stem(&provenance.version).display(),
            provenance.purpose,
            provenance.version,
            short(&provenance.build_id),
            provenance.flash_bytes,
            provenance.ram_bytes,
            short(&provenance.loadable_sha256),
        );
    }
    text += "\nHashes are cut to 16 digits here; a pen reports its build id so (`Identify`).\n\
             \n## What changed\n\n";
    text + changes.trim() + "\n"
}

fn short(hash: &str) -> &str {
    &hash[..hash.len().min(16)]
}
