//! From what sequences are drawn: the usage profile and the adversarial one.
//!
//! A sequence is drawn from a seed and a number alone, so that the k-th is the same whatever was
//! drawn before it; whole numbers from ChaCha20 are all that goes into it, so that every machine
//! draws the same. [`GENERATOR_VERSION`] says with what.
//! `rig/sequence/PROFILES.md` states every weight and its reason, from the tables that are drawn
//! from.

mod adversarial;
mod chance;
mod cost;
mod page;
mod ranges;
mod strategy;
#[cfg(test)]
mod tests;
mod usage;

use crate::action::Sequence;
use chance::Draw;
use proptest::test_runner::{RngAlgorithm, TestRng};
use sha2::{Digest, Sha256};
use std::fmt;

pub use cost::bench_time;
pub use page::profiles_page;
pub use ranges::Ranges;
#[cfg(test)]
pub(crate) use ranges::tests::pen_a1 as ranges_for_tests;
pub use strategy::{SequenceTree, Sequences};

/// Changes whenever the same seed and number draw another sequence.
pub const GENERATOR_VERSION: u32 = 2;

/// Which of the two, which are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// What operators and hosts do; statements of reliability are about it.
    Usage,
    /// What nobody should do; for finding, never for a statement.
    Adversarial,
}

/// Where a drawn sequence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Drawn from which profile.
    pub profile: Profile,
    /// Seed.
    pub seed: [u8; 32],
    /// Which of its sequences, from zero.
    pub number: u64,
    /// Version of what drew it.
    pub generator: u32,
}

impl Profile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Usage, Self::Adversarial];

    /// The word that stands for it in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Adversarial => "adversarial",
        }
    }
}

impl Profile {
    /// Title and introduction of its part of the page.
    const fn said(self) -> (&'static str, &'static str) {
        match self {
            Self::Usage => (
                "Usage",
                "What operators and hosts do in a treatment, with what they get wrong and what goes wrong around them.",
            ),
            Self::Adversarial => (
                "Adversarial",
                "What nobody should do, for finding misbehaviour; no statement of reliability is about it.\n\
                 Nothing that is broken for good is drawn: the supply comes back, the shaft is let go, the button is let go.\n\
                 No calibration is drawn that would move the depth, since it would then be what the sequence says and not what the tables say: one that a pen would take writes what stands there.",
            ),
        }
    }

    fn listings(self) -> Vec<page::Listing> {
        match self {
            Self::Usage => usage::listings(),
            Self::Adversarial => adversarial::listings(),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Origin {
    /// The sequence of this number, by this program's generator.
    #[must_use]
    pub fn new(profile: Profile, seed: [u8; 32], number: u64) -> Self {
        Self {
            profile,
            seed,
            number,
            generator: GENERATOR_VERSION,
        }
    }

    /// Draws it again; nothing where another generator drew it, whose sequence this one would not
    /// draw.
    #[must_use]
    pub fn draw(&self, ranges: &Ranges) -> Option<Sequence> {
        let same = self.generator == GENERATOR_VERSION;
        same.then(|| draw(self.profile, self.seed, self.number, ranges))
    }
}

/// Draws the sequence of one number.
#[must_use]
pub fn draw(profile: Profile, seed: [u8; 32], number: u64, ranges: &Ranges) -> Sequence {
    let mut hash = Sha256::new();
    hash.update(b"penrig sequence\0");
    hash.update(profile.word());
    hash.update([0]);
    hash.update(seed);
    hash.update(number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &hash.finalize());
    drawn(profile, rng, ranges)
}

fn drawn(profile: Profile, rng: TestRng, ranges: &Ranges) -> Sequence {
    match profile {
        Profile::Usage => usage::draw(Draw::new(rng), ranges),
        Profile::Adversarial => adversarial::draw(Draw::new(rng), ranges),
    }
}

/// The seed of SAF-05's sequences: nobody chooses it, and nobody can look for a kind one without
/// changing what is tested.
///
/// SHA-256 over the label `penrig SAF-05 sequences`, a zero, the SHA-256 of the image, that of the
/// spec tables, and the plan's name.
#[must_use]
pub fn seed_of(image_sha256: &[u8; 32], spec_sha256: &[u8; 32], plan: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"penrig SAF-05 sequences\0");
    hash.update(image_sha256);
    hash.update(spec_sha256);
    hash.update(plan);
    hash.finalize().into()
}
