//! Synthetic traces, good and with one thing wrong, held to what they were ordered.

mod pen;
mod protrusion;
mod rest;
mod telemetry;
mod turning;
