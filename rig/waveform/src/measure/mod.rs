//! What the measuring chain says of a recorded waveform.

mod account;
mod batch;
mod budget;
mod estimators;
mod result;
mod stream;

pub use account::{Rejected, StrokeAccount};
pub use result::{Measurand, NoValue, Outcome, Results, SampleAccount, ZeroFrom};
pub use stream::{Analysis, Edges, Settings, measure_level};

#[cfg(test)]
mod tests;
