//! Fixed-point multiplication for the path of every tick.

/// `value x factor / 2^shift`, rounded down.
///
/// A multiplication with its overflow checked takes some thirty instructions on the M0+, which
/// has no long multiply; so factors are chosen for the product to fit. Builds with debug
/// assertions check that.
pub(crate) const fn scale(value: i32, factor: i32, shift: u32) -> i32 {
    debug_assert!(value.checked_mul(factor).is_some());
    value.wrapping_mul(factor) >> shift
}
