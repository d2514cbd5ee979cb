//! The table of images that stands beside them.

use crate::images::{Age, Listed};

/// Renders `firmware/images/README.md`; `version` is that of the present sources.
pub(crate) fn render(images: &[Listed], version: &str, changes: &str) -> String {
    let mut text = String::from(
        "# Images of Pen A1\n\
         \n\
         Written by `cargo xtask firmware`; `cargo xtask firmware --check` rebuilds each current image and compares the loadable bytes.\n\
         The same compiler gives the same loadable bytes in any folder (`--twice` builds the released image in two); another one is not compared.\n\
         A past image cannot be rebuilt from the present sources: the check compares its hashes and sizes with what its provenance states.\n\
         The `.toml` beside each image states compiler, linker, flags and hashes.\n\
         \n\
         | image | version | state | for | build id | flash | RAM | SHA-256 of the loadable bytes |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for listed in images {
        let provenance = &listed.provenance;
        text += &format!(
            "| `{}.elf` | {} | {} | {} | `{}` | {} B | {} B | `{}` |\n",
            listed.stem.display(),
            provenance.version,
            match listed.age(version) {
                Age::Current(_) => "current",
                Age::Past => "past",
                Age::Foreign => "foreign",
            },
            provenance.purpose,
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
    hash.get(..16).unwrap_or(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Image;
    use crate::image::tests::elf_file;
    use crate::provenance::Provenance;

    #[test]
    fn the_current_image_is_told_from_past_ones() {
        let image = Image::parse(elf_file(&[1, 2, 3])).unwrap();
        let listed = |version: &str| Listed {
            stem: format!("pen-a1-{version}").into(),
            provenance: Provenance::of(&image, version),
        };
        let text = render(
            &[listed("1.1.0"), listed("1.0.0")],
            "1.1.0",
            "\n- 1.1.0: more.\n",
        );
        let rows: Vec<&str> = text.lines().filter(|it| it.starts_with("| `")).collect();
        assert_eq!(rows.len(), 2);
        assert!(
            rows[0].starts_with("| `pen-a1-1.1.0.elf` | 1.1.0 | current |"),
            "{text}"
        );
        assert!(
            rows[1].starts_with("| `pen-a1-1.0.0.elf` | 1.0.0 | past |"),
            "{text}"
        );
        assert!(rows[0].contains("| 3 B | 0 B |"), "{text}");
        assert!(text.ends_with("## What changed\n\n- 1.1.0: more.\n"));
    }
}
