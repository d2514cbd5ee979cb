//! `penrig verify`, `station-key` and `sign-off` on runs of the virtual bench that are changed after
//! they were written, and a verifier in another language beside it.

mod anew;
mod changed;
mod copied;
mod ledger;
mod runs;
mod signed;
