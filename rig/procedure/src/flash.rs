//! Flashing: erase, program, verify and read back, through unmodified probe-rs.

use crate::image::{self, Image, Segment};
use probe_rs::flashing::{DownloadOptions, ElfLoader, ElfOptions, FlashLoader};
use probe_rs::{MemoryInterface as _, Permissions, probe::Probe};
use std::io::Cursor;

/// What is in the pen after flashing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flashed {
    /// Bytes loaded.
    pub bytes: usize,
    /// [`Image::loadable_sha256`] computed over what was read back from flash.
    pub read_back_sha256: String,
}

/// Flashing failed; the pen's flash holds no image that may be judged.
#[derive(Debug, thiserror::Error)]
pub enum FlashError {
    /// Probe or chip did not answer, or it is another chip.
    #[error("attaching to {chip}")]
    Attach {
        /// The chip looked for.
        chip: String,
        /// What probe-rs said.
        #[source]
        source: Box<probe_rs::Error>,
    },
    /// probe-rs did not take the image.
    #[error("loading the image")]
    Load(#[source] Box<probe_rs::flashing::FileDownloadError>),
    /// Erase, program or verify failed.
    #[error("programming the flash")]
    Program(#[source] Box<probe_rs::flashing::FlashError>),
    /// Core access failed.
    #[error("reading the flash back")]
    ReadBack(#[source] Box<probe_rs::Error>),
    /// Another image stands in flash than was sent there.
    #[error("read back {found} where {sent} was programmed")]
    Different {
        /// Digest of what was sent.
        sent: String,
        /// Digest of what was read.
        found: String,
    },
}

/// Flashes the image, verifies it, reads it back and leaves the core halted at its reset vector.
///
/// The factory record is outside every image and stays.
///
/// # Errors
/// See [`FlashError`].
pub fn flash(probe: Probe, chip: &str, image: &Image) -> Result<Flashed, FlashError> {
    let mut session = probe
        .attach(chip, Permissions::default())
        .map_err(|source| FlashError::Attach {
            chip: chip.to_owned(),
            source: Box::new(source),
        })?;
    let mut loader: FlashLoader = session.target().flash_loader();
    loader
        .load_image(
            &mut session,
            &mut Cursor::new(&image.file),
            ElfLoader(ElfOptions::default()),
            None,
        )
        .map_err(|error| FlashError::Load(Box::new(error)))?;
    let mut options = DownloadOptions::new();
    options.verify = true;
    loader
        .commit(&mut session, options)
        .map_err(|error| FlashError::Program(Box::new(error)))?;
    let read_back = |error| FlashError::ReadBack(Box::new(error));
    let mut core = session.core(0).map_err(read_back)?;
    let mut segments = Vec::with_capacity(image.segments.len());
    for segment in &image.segments {
        let mut bytes = vec![0; segment.bytes.len()];
        core.read(u64::from(segment.address), &mut bytes)
            .map_err(read_back)?;
        segments.push(Segment {
            address: segment.address,
            bytes,
        });
    }
    let found = image::digest(&segments);
    if found != image.loadable_sha256 {
        return Err(FlashError::Different {
            sent: image.loadable_sha256.clone(),
            found,
        });
    }
    Ok(Flashed {
        bytes: image.loadable_len(),
        read_back_sha256: found,
    })
}
