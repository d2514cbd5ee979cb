//! Flashing: erase, program, verify and read back, through unmodified probe-rs.

use crate::image::{self, Image, Segment};
use probe_rs::flashing::{DownloadOptions, ElfLoader, ElfOptions, FlashLoader};
use probe_rs::{MemoryInterface as _, Permissions, Session, probe::Probe};
use std::io::Cursor;

/// When a pen is flashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlashPolicy {
    /// Always.
    #[default]
    Always,
    /// Where the image's bytes do not stand in its flash already.
    IfDifferent,
    /// Never, since finished pens may be debug-locked: what is in flash is not read back, and the
    /// pen itself must say which build it runs.
    Never,
}

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
    let mut session = attach(probe, chip)?;
    program(&mut session, image)
}

/// The same, unless the image's bytes stand in flash already.
///
/// # Errors
/// See [`FlashError`].
pub fn flash_if_different(probe: Probe, chip: &str, image: &Image) -> Result<Flashed, FlashError> {
    let mut session = attach(probe, chip)?;
    let found = read_back(&mut session, image)?;
    if found != image.loadable_sha256 {
        return program(&mut session, image);
    }
    Ok(Flashed {
        bytes: image.loadable_len(),
        read_back_sha256: found,
    })
}

fn attach(probe: Probe, chip: &str) -> Result<Session, FlashError> {
    probe
        .attach(chip, Permissions::default())
        .map_err(|source| FlashError::Attach {
            chip: chip.to_owned(),
            source: Box::new(source),
        })
}

fn program(session: &mut Session, image: &Image) -> Result<Flashed, FlashError> {
    let mut loader: FlashLoader = session.target().flash_loader();
    loader
        .load_image(
            session,
            &mut Cursor::new(&image.file),
            ElfLoader(ElfOptions::default()),
            None,
        )
        .map_err(|error| FlashError::Load(Box::new(error)))?;
    let mut options = DownloadOptions::new();
    options.verify = true;
    loader
        .commit(session, options)
        .map_err(|error| FlashError::Program(Box::new(error)))?;
    let found = read_back(session, image)?;
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

/// Digest of what stands in flash where the image has bytes.
fn read_back(session: &mut Session, image: &Image) -> Result<String, FlashError> {
    let unreadable = |error| FlashError::ReadBack(Box::new(error));
    let mut core = session.core(0).map_err(unreadable)?;
    let mut segments = Vec::with_capacity(image.segments.len());
    for segment in &image.segments {
        let mut bytes = vec![0; segment.bytes.len()];
        core.read(u64::from(segment.address), &mut bytes)
            .map_err(unreadable)?;
        segments.push(Segment {
            address: segment.address,
            bytes,
        });
    }
    Ok(image::digest(&segments))
}
