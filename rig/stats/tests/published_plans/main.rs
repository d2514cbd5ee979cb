//! Sampling plans against published numbers: one function a case, and `PUBLISHED-PLANS.md` held to
//! what they compute.
//!
//! The page is what the failing test prints.

#[macro_use]
mod case;
mod attributes;
mod sequential;
mod tables;
mod variables;

use case::Make;

fn all() -> Vec<Make> {
    [
        attributes::ALL,
        tables::ALL,
        variables::ALL,
        sequential::ALL,
    ]
    .concat()
}

/// The page lists every case with what is computed now.
#[test]
fn the_page_says_what_is_computed() {
    let page = include_str!("../../PUBLISHED-PLANS.md");
    let made = case::page(&all());
    assert!(page == made, "PUBLISHED-PLANS.md should be:\n{made}");
}
