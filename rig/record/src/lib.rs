//! What one run produced.
