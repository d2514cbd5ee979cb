//! Files that keep sequences as values, to be read and edited by a person: what all kinds of them
//! have in common.

mod conditions;
mod error;
mod read;
pub(crate) mod write;

pub use conditions::Conditions;
pub(crate) use conditions::differences;
pub use error::{Kind, SequenceFileError};
pub(crate) use read::{Drawn, On, Steps, conditions, count, origin, sequence, tables, time};

/// Version of the files that this program writes, and the newest that it reads.
pub const FORMAT_VERSION: u32 = 1;
