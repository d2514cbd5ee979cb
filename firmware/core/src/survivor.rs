//! What must outlive a reset: the treatment under way.
//!
//! The record lies in RAM that start-up code does not clear, twice, written in turn; each copy
//! carries a counter and its complement, so that a reset in the middle of a write loses only that
//! copy.

/// Words of one copy.
pub const SURVIVOR_WORDS: usize = 6;
const MAGIC: u32 = 0x5041_3153;

/// A treatment that a reset interrupts, and whether the pen was in motion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survivor {
    /// Id of the treatment under way.
    pub treatment: Option<u32>,
    /// Time since its first START in control ticks.
    pub elapsed_ticks: u32,
    /// Strokes in it.
    pub strokes: u32,
    /// Cam or carriage was in motion.
    pub moving: bool,
}

impl Survivor {
    /// The words of one copy. `count` tells the newer of two copies.
    #[must_use]
    pub fn to_words(&self, count: u32) -> [u32; SURVIVOR_WORDS] {
        let flags =
            u32::from(self.treatment.is_some()) | u32::from(self.moving) << 1 | (count << 2);
        let treatment = self.treatment.unwrap_or(0);
        let mut words = [MAGIC, flags, treatment, self.elapsed_ticks, self.strokes, 0];
        words[5] = check_word(&words);
        words
    }

    /// Reads one copy and its count; `None` if it does not hold.
    #[must_use]
    pub fn from_words(words: &[u32; SURVIVOR_WORDS]) -> Option<(u32, Self)> {
        if words[0] != MAGIC || words[5] != check_word(words) {
            return None;
        }
        let survivor = Self {
            treatment: (words[1] & 1 != 0).then_some(words[2]),
            elapsed_ticks: words[3],
            strokes: words[4],
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
    words[..SURVIVOR_WORDS - 1]
        .iter()
        .fold(0x9E37_79B9, |sum, &word| {
            sum.rotate_left(5).wrapping_add(word)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn survivor(strokes: u32) -> Survivor {
        Survivor {
            treatment: Some(77),
            elapsed_ticks: 500,
            strokes,
            moving: true,
        }
    }

    #[test]
    fn the_newer_copy_holds_and_a_torn_one_does_not() {
        let (old, new) = (survivor(10), survivor(11));
        let (a, mut b) = (old.to_words(0x3FFF_FFFF), new.to_words(0));
        assert_eq!(Survivor::choose(&a, &b), Some(new));
        assert_eq!(Survivor::choose(&b, &a), Some(new));
        b[4] = 12;
        assert_eq!(Survivor::choose(&a, &b), Some(old));
        assert_eq!(Survivor::choose(&[0; 6], &[u32::MAX; 6]), None);
    }

    proptest! {
        #[test]
        fn one_flipped_bit_shows(bit in 0usize..192, strokes: u32, count: u32) {
            let mut words = survivor(strokes).to_words(count);
            words[bit / 32] ^= 1 << (bit % 32);
            prop_assert_eq!(Survivor::from_words(&words), None);
        }
    }
}
