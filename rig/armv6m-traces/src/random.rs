//! Random choices from a seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Values at which arithmetic changes its mind.
pub(crate) const BOUNDARIES: [u32; 12] = [
    0,
    1,
    2,
    31,
    32,
    33,
    0xFF,
    0x100,
    0x7FFF_FFFF,
    0x8000_0000,
    0x8000_0001,
    0xFFFF_FFFF,
];

/// A stream of choices; the same on every machine.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// 0 to `n` - 1.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(n)) >> 32) as u32
    }

    /// True once in `n`.
    pub(crate) fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }

    /// A low register.
    pub(crate) fn low(&mut self) -> u16 {
        self.below(8) as u16
    }

    /// Low registers other than those.
    pub(crate) fn low_but(&mut self, taken: &[u16]) -> u16 {
        loop {
            let register = self.low();
            if !taken.contains(&register) {
                return register;
            }
        }
    }

    /// A value for a register: a boundary, a small one, or any.
    pub(crate) fn value(&mut self) -> u32 {
        match self.below(4) {
            0 => self.pick(&BOUNDARIES),
            1 => self.below(0x200),
            2 => self.word() & self.word() & self.word(),
            _ => self.word(),
        }
    }
}
