//! The measuring chain against signals whose truth is known.

mod agreement;
mod budgets;
mod contact;
mod estimators;
mod events;
mod pen;
mod profiles;
mod properties;
mod rates;
mod simulation;
mod streams;
#[path = "../../src/synthetic.rs"]
mod synthetic;
mod tops;
mod travels;
