//! The shipped image on the virtual bench, and the penrig binary.
