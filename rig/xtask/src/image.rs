//! What an ELF file puts into the chip.

use anyhow::{Context, Result, bail};
use object::LittleEndian;
use object::elf;
use object::read::elf::{ElfFile32, ProgramHeader};
use sha2::{Digest, Sha256};

/// First address of RAM.
const RAM_START: u32 = 0x2000_0000;

/// Bytes to load at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) address: u32,
    pub(crate) bytes: Vec<u8>,
}

/// An image: the file and what of it matters.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) file: Vec<u8>,
    /// Loadable segments, ascending.
    pub(crate) segments: Vec<Segment>,
    /// Bytes of RAM given out at link time; the stack has the rest.
    pub(crate) ram: u32,
}

impl Image {
    /// Reads an ELF file.
    pub(crate) fn parse(file: Vec<u8>) -> Result<Self> {
        let elf = ElfFile32::<LittleEndian>::parse(file.as_slice()).context("not an ELF file")?;
        let mut segments = Vec::new();
        let mut ram = 0;
        for header in elf.elf_program_headers() {
            if header.p_type(LittleEndian) != elf::PT_LOAD {
                continue;
            }
            if header.p_vaddr(LittleEndian) >= RAM_START {
                ram += header.p_memsz(LittleEndian);
            }
            let Ok(bytes) = header.data(LittleEndian, file.as_slice()) else {
                bail!("a segment reaches past the end of the file")
            };
            if !bytes.is_empty() {
                let address = header.p_paddr(LittleEndian);
                segments.push(Segment {
                    address,
                    bytes: bytes.to_vec(),
                });
            }
        }
        segments.sort_by_key(|segment| segment.address);
        Ok(Self {
            segments,
            ram,
            file,
        })
    }

    /// Bytes of flash it fills.
    pub(crate) fn flash(&self) -> usize {
        self.segments
            .iter()
            .map(|segment| segment.bytes.len())
            .sum()
    }

    /// SHA-256 of the file.
    pub(crate) fn file_sha256(&self) -> String {
        hex(&Sha256::digest(&self.file))
    }

    /// SHA-256 over address (4 bytes, little endian), length (likewise) and bytes of each loadable
    /// segment, in ascending order.
    pub(crate) fn loadable_sha256(&self) -> String {
        let mut hash = Sha256::new();
        for Segment { address, bytes } in &self.segments {
            hash.update(address.to_le_bytes());
            hash.update((bytes.len() as u32).to_le_bytes());
            hash.update(bytes);
        }
        hex(&hash.finalize())
    }

    /// What differs between the loadable bytes of two images, one line each; empty when equal.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let shape = |image: &Self| -> Vec<(u32, usize)> {
            image
                .segments
                .iter()
                .map(|it| (it.address, it.bytes.len()))
                .collect()
        };
        if shape(self) != shape(other) {
            return vec![format!(
                "segments (address, length): {:x?} here, {:x?} rebuilt",
                shape(self),
                shape(other)
            )];
        }
        let mut lines = Vec::new();
        for (ours, theirs) in std::iter::zip(&self.segments, &other.segments) {
            let pairs = std::iter::zip(&ours.bytes, &theirs.bytes).enumerate();
            let mut unequal = pairs.filter(|(_, (our, their))| our != their);
            if let Some((at, (our, their))) = unequal.next() {
                lines.push(format!(
                    "{} bytes of the segment at {:#010x}, the first at {:#010x}: {our:#04x} here, {their:#04x} rebuilt",
                    1 + unequal.count(),
                    ours.address,
                    ours.address as usize + at,
                ));
            }
        }
        lines
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A minimal ELF file with one loadable segment at the start of flash.
    pub(crate) fn elf_file(bytes: &[u8]) -> Vec<u8> {
        let mut file = vec![0x7F, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for half in [2u16, 40] {
            file.extend(half.to_le_bytes());
        }
        for word in [1u32, 0, 52, 0, 0] {
            file.extend(word.to_le_bytes());
        }
        for half in [52u16, 32, 1, 40, 0, 0] {
            file.extend(half.to_le_bytes());
        }
        let (address, length) = (0x0800_0000, u32::try_from(bytes.len()).unwrap());
        for word in [1u32, 84, address, address, length, length, 5, 4] {
            file.extend(word.to_le_bytes());
        }
        file.extend(bytes);
        file
    }

    fn image(segments: &[(u32, &[u8])]) -> Image {
        let segments = segments
            .iter()
            .map(|&(address, bytes)| Segment {
                address,
                bytes: bytes.to_vec(),
            })
            .collect();
        Image {
            file: Vec::new(),
            segments,
            ram: 0,
        }
    }

    #[test]
    fn equal_bytes_differ_nowhere_and_one_changed_byte_is_named() {
        let ours = image(&[(0x0800_0000, &[1, 2, 3]), (0x0800_0100, &[4])]);
        assert!(ours.differences(&ours).is_empty());
        let changed = image(&[(0x0800_0000, &[1, 9, 8]), (0x0800_0100, &[4])]);
        assert_eq!(
            ours.differences(&changed),
            [
                "2 bytes of the segment at 0x08000000, the first at 0x08000001: 0x02 here, 0x09 rebuilt"
            ]
        );
        assert_ne!(ours.loadable_sha256(), changed.loadable_sha256());
        let longer = image(&[(0x0800_0000, &[1, 2, 3, 4])]);
        assert_eq!(ours.differences(&longer).len(), 1);
    }

    #[test]
    fn a_file_that_is_no_elf_is_refused() {
        assert!(Image::parse(b"hello".to_vec()).is_err());
    }
}
