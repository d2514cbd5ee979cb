//! A run over a lot.

use crate::{RunHeader, UnitRecord};
use serde::{Deserialize, Serialize};

/// Everything one run produced. Dispositions are computed from it and are no part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotRecord {
    /// What holds for the whole run.
    pub header: RunHeader,
    /// The units, in order of their position in the lot.
    pub units: Vec<UnitRecord>,
}
