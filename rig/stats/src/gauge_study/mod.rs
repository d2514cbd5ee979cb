//! Studies of a measurement system: how much of what it shows is the system's own doing.
//!
//! | study | asks |
//! | --- | --- |
//! | [`CrossedStudy`] | gauge R&R: every appraiser measures every part several times (AIAG MSA, 4th ed., ANOVA) |
//! | [`NestedStudy`] | the same where parts cannot be shared between appraisers, or set-ups between parts |
//! | [`type_1`] | repeatability and bias on one reference part (Cg, Cgk) |
//! | [`linearity`] | bias over the range, as a line (AIAG MSA) |
//!
//! An *appraiser* is whatever stands between two measurements of one part by one gauge: a person,
//! or for an automated rig a set-up (ISO 5725 calls it a condition of reproducibility).
//! A study with a missing cell, unequal repeats or a value that is no number is refused; nothing
//! is filled in.

mod bounds;
mod components;
mod crossed;
mod draws;
mod error;
mod generalized;
mod linearity;
mod nested;
mod order;
mod type_1;

pub use bounds::{Bounds, GrrBounds};
pub use components::{Component, Components, Evaluation, StudyTolerance, distinct_categories};
pub use crossed::{
    Anova, CrossedStudy, ErrorTerm, FTest, GaugeModel, Observation, Source, choose_model,
};
pub use error::GaugeStudyError;
pub use generalized::{GeneralizedInterval, GeneralizedLimits};
pub use linearity::{LevelBias, Linearity, ReferenceReading, linearity};
pub use nested::{NestedAnova, NestedStudy};
pub use order::shuffled;
pub use type_1::{Type1, Type1Convention, type_1};
