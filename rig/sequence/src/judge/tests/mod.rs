//! Traces written by hand: each property with one in which it holds, and a twin in which it does
//! not.

mod counted;
mod faults;
mod link;
mod look;
mod random;
mod replies;
mod story;
mod telemetry;

pub(super) use story::{Story, check, check_violated};
