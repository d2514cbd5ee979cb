//! The pen's behaviour in a simulated world.
//!
//! These files stand outside `src`, so that a test can change without changing the build id of
//! the firmware.

mod fault;
mod invariants;
mod link;
mod motion;
mod simulation;
mod treatment;
