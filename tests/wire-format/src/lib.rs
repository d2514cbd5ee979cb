//! Exact bytes of every wire message, by protocol version.
