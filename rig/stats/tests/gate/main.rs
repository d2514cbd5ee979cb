//! What is said of a lot: by the default gate, and by rules that a spec chose beside it.

mod census;
mod chosen;
mod lots;
