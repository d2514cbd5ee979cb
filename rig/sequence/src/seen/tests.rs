//! Synthetic traces, good and with one thing wrong, held to what they were ordered.

mod any;
mod current;
mod model;
mod pen;
mod protrusion;
mod rest;
mod said;
mod telemetry;
mod turning;
