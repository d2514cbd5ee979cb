//! Deliberate bugs for tests of the rig, one a build feature, none ever in a released image.
//!
//! A mutant is a single place that does something else: `mutants.csv` beside the manifest says of
//! each what it does, which requirement that breaks, and how it shows from outside.
//! Both sides are compiled in every build; without the feature the wrong one is a dead branch, and
//! the image has the bytes that it would have without the mutant.

/// `mutated!(feature: right => wrong)`: what is right, or, in the build with the feature, what
/// is wrong. Usable where a constant is wanted.
macro_rules! mutated {
    ($feature:literal: $right:expr => $wrong:expr) => {
        if cfg!(feature = $feature) {
            $wrong
        } else {
            $right
        }
    };
}
