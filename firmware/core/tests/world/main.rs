//! The pen's behaviour in a simulated world.
//!
//! These files stand outside `src`, so that a test can change without changing the build id of
//! the firmware.

mod behaviour;
mod invariants;
mod simulation;
