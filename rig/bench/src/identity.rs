//! Who a bench is.

/// What kind of bench a record came from. Only statistics and reports read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BenchKind {
    /// A board, a fixture and instruments.
    Hardware,
    /// An emulated MCU and models of everything else; not for product release.
    Virtual,
}

/// Who a bench is; goes into every record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name of the bench.
    pub bench: String,
    /// Hardware or virtual.
    pub kind: BenchKind,
    /// Model and serial of the debug probe.
    pub probe: String,
    /// probe-rs name of the chip, such as `STM32G071RBTx`.
    pub chip: String,
    /// Model and version of the program or fixture behind the seam.
    pub description: String,
}
