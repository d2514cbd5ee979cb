//! Probability distributions and their inverses, to 1e-12 relative in both tails.
//!
//! Free functions, a module a distribution. Both tails are computed on their own side, so that a
//! small probability keeps its digits; `tests/table.csv` holds what they are checked against.
//!
//! Whatever is not a number, a probability outside 0 to 1, a parameter that the distribution does
//! not have (shapes and degrees of freedom lie within 1e-100 to 1e100), or a series that does not converge gives NaN. Nothing here panics.

pub mod beta;
pub mod binomial;
pub mod chi_squared;
pub mod fisher_f;
pub mod gamma;
pub mod hypergeometric;
pub mod noncentral_chi_squared;
pub mod noncentral_t;
pub mod normal;
pub mod poisson;
pub mod quadrature;
pub mod root;
mod stirling;
pub mod student_t;
mod tails;
