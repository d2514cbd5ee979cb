//! Exact bytes of every wire message, by protocol version.
//!
//! Two decoders that share no code read the same vectors: `firmware-wire`, and `decode.py` beside
//! this crate. A mistake that pen and rig would make alike, since they share `firmware-wire`,
//! shows as a difference between the two.

#[cfg(test)]
mod v01;
