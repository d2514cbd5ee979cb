//! What may be claimed of an image whose tries the units of a lot share.

use crate::attribute::failing_share_upper_bound;
use rig_record::LotRecord;
use rig_spec::{RowId, SpecSet, Verdict};

/// Confidence of the claim.
pub const CLAIM_CONFIDENCE: f64 = 0.95;

/// The claim of one row: so many tries, none of which failed.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageClaim {
    /// The row.
    pub row: RowId,
    /// Tries, all units together.
    pub n: u64,
    /// Largest share of tries that would fail, with a confidence of [`CLAIM_CONFIDENCE`]: the bound
    /// of no failure in `n`.
    pub failing_share_at_most: f64,
}

/// The claims of the rows that are run once an image, of those of which one can be made: every unit
/// that has a verdict passed, and together they made all the tries that the row fixes beforehand. A
/// unit that was to make some and has no verdict leaves too few.
#[must_use]
pub fn image_claims(spec: &SpecSet, lot: &LotRecord) -> Vec<ImageClaim> {
    let rows = spec.rows.iter().filter(|it| it.is_once_an_image());
    let claims = rows.filter_map(|row| {
        let results = lot.units.iter().flat_map(|unit| &unit.results);
        let judged: Vec<_> = results
            .filter(|it| it.row() == &row.id)
            .filter_map(|it| it.judged())
            .collect();
        let passed = judged.iter().all(|it| it.decision.verdict == Verdict::Pass);
        let n: u64 = judged.iter().filter_map(|it| it.evidence.n).sum();
        let is_whole = n > 0 && n >= u64::from(row.n.unwrap_or(0));
        if !(passed && is_whole) {
            return None;
        }
        let failing_share_at_most = failing_share_upper_bound(0, n, CLAIM_CONFIDENCE).ok()?;
        Some(ImageClaim {
            row: row.id.clone(),
            n,
            failing_share_at_most,
        })
    });
    claims.collect()
}
