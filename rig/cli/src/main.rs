//! The penrig binary.

fn main() {}
