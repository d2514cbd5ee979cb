//! The pen's behaviour in a simulated world.
//!
//! These files stand outside `src`, so that a test can change without changing the build id of
//! the firmware.

mod calibration;
mod fault;
mod invariants;
mod kept;
mod link;
mod lost_edges;
mod motion;
mod sections;
mod simulation;
mod sleep;
mod states;
mod treatment;
