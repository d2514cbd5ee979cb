//! Lot statistics and the lot gate.
