//! Gauge studies against published examples, each with its source. `PUBLISHED-GAUGE.md` lists them.
//!
//! "Seen" is what was read in the source named; what is recalled says so. Values without a printed
//! source were computed by `reference.py`.

mod aiag;
mod bounds;
mod data;
mod houf;
mod jasp;
mod linearity;
mod mean_squares;
mod nested;
mod refusals;
mod type_1;

/// Insists that a value is what was published, within what its printed digits leave open.
#[track_caller]
fn check(what: &str, actual: f64, published: f64, within: f64) {
    assert!(
        (actual - published).abs() <= within,
        "{what}: {actual}, published {published} ± {within}"
    );
}
