//! Records to CSV text.
