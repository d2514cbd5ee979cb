//! What must outlive a reset: the treatment under way and the faults latched.
//!
//! The record lies in RAM that start-up code does not clear, twice, written in turn; each copy
//! carries a counter and its complement, so that a reset in the middle of a write loses only that
//! copy.

use firmware_wire::FaultSet;

use crate::treatment::Treatment;

/// Words of one copy.
pub const SURVIVOR_WORDS: usize = 11;
const MAGIC: u32 = 0x5041_3153;
const CHECK: usize = SURVIVOR_WORDS - 1;

/// A treatment that a reset interrupts, the faults latched, and whether the pen was in motion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survivor {
    /// The treatment under way.
    pub treatment: Option<Treatment>,
    /// Faults that nobody has cleared yet.
    pub faults: FaultSet,
    /// Cam or carriage was in motion.
    pub moving: bool,
}

impl Survivor {
    /// The words of one copy. `count` tells the newer of two copies.
    #[must_use]
    pub fn to_words(&self, count: u32) -> [u32; SURVIVOR_WORDS] {
        let flags =
            u32::from(self.treatment.is_some()) | u32::from(self.moving) << 1 | (count << 2);
        let treatment = self.treatment.unwrap_or(Treatment::new(0));
        let mut words = [
            MAGIC,
            flags,
            u32::from(self.faults.0),
            treatment.id,
            treatment.elapsed_ticks,
            treatment.strokes,
            u32::from(treatment.section) | u32::from(treatment.section_passes) << 16,
            treatment.passes,
            treatment.section_from,
            treatment.pass_from,
            0,
        ];
        words[CHECK] = check_word(&words);
        words
    }

    /// Reads one copy and its count; `None` if it does not hold.
    #[must_use]
    pub fn from_words(words: &[u32; SURVIVOR_WORDS]) -> Option<(u32, Self)> {
        if words[0] != MAGIC || words[CHECK] != check_word(words) {
            return None;
        }
        let treatment = Treatment {
            id: words[3],
            elapsed_ticks: words[4],
            strokes: words[5],
            section: words[6] as u16,
            section_passes: (words[6] >> 16) as u16,
            passes: words[7],
            section_from: words[8],
            pass_from: words[9],
        };
        let survivor = Self {
            treatment: (words[1] & 1 != 0).then_some(treatment),
            faults: FaultSet(words[2] as u16),
            moving: words[1] & 2 != 0,
        };
        Some((words[1] >> 2, survivor))
    }

    /// The newer of two copies that holds.
    #[must_use]
    pub fn choose(a: &[u32; SURVIVOR_WORDS], b: &[u32; SURVIVOR_WORDS]) -> Option<Self> {
        match (Self::from_words(a), Self::from_words(b)) {
            (Some((count_a, a)), Some((count_b, b))) => {
                // Counts of 30 bits wrap; the newer is at most half a round ahead.
                let ahead = count_b.wrapping_sub(count_a) & 0x3FFF_FFFF;
                Some(if ahead < 0x2000_0000 { b } else { a })
            }
            (Some((_, only)), None) | (None, Some((_, only))) => Some(only),
            (None, None) => None,
        }
    }
}

/// Rotates and adds, so that words that change places or a single bit show.
fn check_word(words: &[u32; SURVIVOR_WORDS]) -> u32 {
    words[..CHECK].iter().fold(0x9E37_79B9, |sum, &word| {
        sum.rotate_left(5).wrapping_add(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn survivor(strokes: u32) -> Survivor {
        Survivor {
            treatment: Some(Treatment {
                id: 77,
                elapsed_ticks: 500,
                strokes,
                section: 3,
                section_passes: 2,
                passes: 8,
                section_from: 5,
                pass_from: 9,
            }),
            faults: FaultSet(0x0102),
            moving: true,
        }
    }

    #[test]
    fn the_newer_copy_holds_and_a_torn_one_does_not() {
        let (old, new) = (survivor(10), survivor(11));
        let (a, mut b) = (old.to_words(0x3FFF_FFFF), new.to_words(0));
        assert_eq!(Survivor::choose(&a, &b), Some(new));
        assert_eq!(Survivor::choose(&b, &a), Some(new));
        b[5] = 12;
        assert_eq!(Survivor::choose(&a, &b), Some(old));
        assert_eq!(
            Survivor::choose(&[0; SURVIVOR_WORDS], &[u32::MAX; SURVIVOR_WORDS]),
            None
        );
    }

    proptest! {
        #[test]
        fn one_flipped_bit_shows(bit in 0..32 * SURVIVOR_WORDS, strokes: u32, count: u32) {
            let mut words = survivor(strokes).to_words(count);
            words[bit / 32] ^= 1 << (bit % 32);
            prop_assert_eq!(Survivor::from_words(&words), None);
        }
    }
}
