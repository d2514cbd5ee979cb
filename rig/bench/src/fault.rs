//! Faults that a bench can bring about on demand.

/// Place of a fault in [`crate::Bench::faults`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(pub u16);

/// A fault that a bench can bring about on demand, and take away again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchFault {
    /// Its name, with how bad it is where that varies; unique on the bench.
    pub name: String,
    /// Whether the pen must contain it: no needle and no rate beyond its ceiling.
    pub contained: bool,
    /// What it does.
    pub does: String,
}
