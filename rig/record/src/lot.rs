//! A run over a lot.

use crate::{RowResult, RunHeader, UnitRecord};
use serde::{Deserialize, Serialize};

/// Everything one run produced. Dispositions are computed from it and are no part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotRecord {
    /// What holds for the whole run.
    pub header: RunHeader,
    /// The units, in order of their position in the lot.
    pub units: Vec<UnitRecord>,
}

impl LotRecord {
    /// The results of a row, one a unit; none where the record leaves the row out.
    pub fn results_of<'r>(
        &'r self,
        row: &'r str,
    ) -> impl Iterator<Item = Option<&'r RowResult>> + Clone {
        let first = self.units.first();
        let place = first.and_then(|it| it.results.iter().position(|it| it.row() == row));
        self.units
            .iter()
            .map(move |it| it.result_near(place.unwrap_or(0), row))
    }
}
