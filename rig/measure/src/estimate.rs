//! A value and what its own scatter says of it.

/// A value with its Type A standard uncertainty (JCGM 100:2008, 4.2).
///
/// The unit is that of the function which gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard uncertainty from scatter alone.
    pub u: f64,
    /// Degrees of freedom of `u`; infinite where `u` is known.
    pub dof: f64,
    /// How many observations it rests on.
    pub n: usize,
}
