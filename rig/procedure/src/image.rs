//! A firmware image: what is to be in the pen's flash, checked before a bench is touched.

use object::elf;
use object::read::elf::{ElfFile32, FileHeader as _, ProgramHeader as _};
use sha2::{Digest as _, Sha256};

/// Consecutive bytes at an address of the chip's flash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Physical address.
    pub address: u32,
    /// What stands there.
    pub bytes: Vec<u8>,
}

/// A firmware image for one chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The ELF file as it was read, for the flash loader.
    pub file: Vec<u8>,
    /// Loadable segments, ascending and disjoint.
    pub segments: Vec<Segment>,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub file_sha256: String,
    /// SHA-256 over address (4 bytes, little endian), length (likewise) and bytes of each segment.
    pub loadable_sha256: String,
}

/// Memory an image may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChipMemory {
    /// First address of flash.
    pub flash_start: u32,
    /// One past the last address of flash that an image may fill.
    pub flash_end: u32,
    /// First address of RAM.
    pub ram_start: u32,
    /// One past the last address of RAM.
    pub ram_end: u32,
}

impl ChipMemory {
    /// STM32G071RB: 128 KiB of flash less the two pages of the factory record, 36 KiB of RAM
    /// (DS12232 section 5).
    pub const STM32G071RB: Self = Self {
        flash_start: 0x0800_0000,
        flash_end: firmware_wire::calibration::COPY_A,
        ram_start: 0x2000_0000,
        ram_end: 0x2000_9000,
    };
}

/// Why a file is no image for the chip.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Not an ELF file, or cut short.
    #[error("not a whole 32-bit little-endian ELF file: {cause}")]
    NotElf {
        /// What the parser said.
        cause: String,
    },
    /// For another processor.
    #[error("built for ELF machine {machine}, not ARM (40)")]
    WrongMachine {
        /// The `e_machine` field.
        machine: u16,
    },
    /// Nothing to load.
    #[error("holds nothing to load into flash")]
    Empty,
    /// Bytes outside the chip's flash.
    #[error(
        "loads {start:#010x} to {end:#010x}, outside the chip's {flash_start:#010x} to {flash_end:#010x}: \
         an image for another chip"
    )]
    OutsideFlash {
        /// First address of the segment.
        start: u32,
        /// One past its last.
        end: u64,
        /// First address allowed.
        flash_start: u32,
        /// One past the last allowed.
        flash_end: u32,
    },
    /// The vector table does not fit the chip.
    #[error(
        "vector table has stack pointer {stack:#010x} and entry {entry:#010x}, which do not fit the chip"
    )]
    BadVectors {
        /// Initial stack pointer.
        stack: u32,
        /// Reset vector.
        entry: u32,
    },
}

impl Image {
    /// Reads an ELF file and checks that it fits the chip.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub fn parse(file: &[u8], memory: ChipMemory) -> Result<Self, ImageError> {
        let not_elf = |error: object::Error| ImageError::NotElf {
            cause: error.to_string(),
        };
        let elf = ElfFile32::<object::LittleEndian>::parse(file).map_err(not_elf)?;
        let endian = elf.endian();
        let machine = elf.elf_header().e_machine(endian).0;
        if machine != elf::EM_ARM.0 {
            return Err(ImageError::WrongMachine { machine });
        }
        let mut segments = Vec::new();
        for header in elf.elf_program_headers() {
            let data = header.data(endian, file).map_err(|()| ImageError::NotElf {
                cause: "a segment reaches past the end of the file".to_owned(),
            })?;
            if header.p_type(endian) == elf::PT_LOAD && !data.is_empty() {
                segments.push(Segment {
                    address: header.p_paddr(endian),
                    bytes: data.to_vec(),
                });
            }
        }
        segments.sort_by_key(|segment| segment.address);
        let image = Self {
            file: file.to_vec(),
            file_sha256: hex(&Sha256::digest(file)),
            loadable_sha256: digest(&segments),
            segments,
        };
        image.check(memory)?;
        Ok(image)
    }

    fn check(&self, memory: ChipMemory) -> Result<(), ImageError> {
        let first = self.segments.first().ok_or(ImageError::Empty)?;
        for segment in &self.segments {
            let end = u64::from(segment.address) + segment.bytes.len() as u64;
            if segment.address < memory.flash_start || end > u64::from(memory.flash_end) {
                return Err(ImageError::OutsideFlash {
                    start: segment.address,
                    end,
                    flash_start: memory.flash_start,
                    flash_end: memory.flash_end,
                });
            }
        }
        let word = |at: usize| {
            let bytes = first.bytes.get(at..at + 4);
            bytes.map_or(0, |it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]))
        };
        let (stack, entry) = (word(0), word(4));
        let stack_fits = (memory.ram_start + 4..=memory.ram_end).contains(&stack);
        let entry_fits = (memory.flash_start..memory.flash_end).contains(&entry) && entry & 1 == 1;
        if first.address != memory.flash_start || !stack_fits || !entry_fits {
            return Err(ImageError::BadVectors { stack, entry });
        }
        Ok(())
    }

    /// Bytes to load.
    #[must_use]
    pub fn loadable_len(&self) -> usize {
        self.segments
            .iter()
            .map(|segment| segment.bytes.len())
            .sum()
    }
}

/// SHA-256 over address, length and bytes of each segment.
pub(crate) fn digest(segments: &[Segment]) -> String {
    let mut hash = Sha256::new();
    for segment in segments {
        hash.update(segment.address.to_le_bytes());
        hash.update(
            u32::try_from(segment.bytes.len())
                .unwrap_or(u32::MAX)
                .to_le_bytes(),
        );
        hash.update(&segment.bytes);
    }
    hex(&hash.finalize())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A minimal ELF file with one loadable segment.
    fn elf_file(machine: u16, address: u32, bytes: &[u8]) -> Vec<u8> {
        let mut file = vec![0x7F, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        file.extend_from_slice(&2u16.to_le_bytes());
        file.extend_from_slice(&machine.to_le_bytes());
        for word in [1u32, 0, 52, 0, 0] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        for half in [52u16, 32, 1, 40, 0, 0] {
            file.extend_from_slice(&half.to_le_bytes());
        }
        let length = u32::try_from(bytes.len()).unwrap();
        for word in [1u32, 84, address, address, length, length, 5, 4] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        file.extend_from_slice(bytes);
        file
    }

    fn vectors(stack: u32, entry: u32) -> Vec<u8> {
        [stack.to_le_bytes(), entry.to_le_bytes()].concat()
    }

    #[track_caller]
    fn check(file: &[u8], expected: &str) {
        let error = Image::parse(file, ChipMemory::STM32G071RB)
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_fitting_image_is_taken() {
        let bytes = vectors(0x2000_9000, 0x0800_0009);
        let image =
            Image::parse(&elf_file(40, 0x0800_0000, &bytes), ChipMemory::STM32G071RB).unwrap();
        assert_eq!(
            image.segments,
            [Segment {
                address: 0x0800_0000,
                bytes
            }]
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_reason() {
        let good = vectors(0x2000_9000, 0x0800_0009);
        check(b"not an elf file", "not a whole 32-bit");
        check(
            &elf_file(40, 0x0800_0000, &good)[..88],
            "past the end of the file",
        );
        check(&elf_file(243, 0x0800_0000, &good), "machine 243");
        check(
            &elf_file(40, 0x0000_0000, &good),
            "an image for another chip",
        );
        check(
            &elf_file(40, 0x0801_EFFC, &good),
            "an image for another chip",
        );
        check(
            &elf_file(40, 0x0800_0000, &vectors(0x2002_0000, 0x0800_0009)),
            "do not fit the chip",
        );
        check(
            &elf_file(40, 0x0800_0000, &vectors(0x2000_9000, 0x0800_0008)),
            "do not fit the chip",
        );
    }
}
