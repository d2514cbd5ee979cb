//! Sample streams to measured values with uncertainty.
