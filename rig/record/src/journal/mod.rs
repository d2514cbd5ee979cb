//! What is written down while a run lasts, as text: lines of JSON, each of which names the SHA-256
//! of the line before it.
//!
//! A run has a chain of its own, and each of its units has one that begins at the run's first line.
//! A station has one over all its runs, the ledger. Whoever keeps the last hash of a chain elsewhere
//! can tell whether anything before it was changed, left out or put in; who holds nothing but the
//! files cannot, since chains can be made anew.
//!
//! A line counts when its line feed is on the disk. What a crash leaves behind the last of them was
//! never acknowledged.

mod chain;
mod event;
mod read;
mod retest;

pub use chain::{Chain, ORIGIN};
pub use event::{
    Begun, BenchRecord, Deviation, FileRecord, Hold, LedgerEvent, LedgerRun, RunEvent, UnitEvent,
    UnitOrder, UnitResult,
};
pub use read::{ChainRead, JournalError, JournalErrorKind, Line, origin_of, read_chain};
pub use retest::{UnitHistory, accepted_in_any, unit_histories};

/// Format of the lines as they are written: 2 names the attempt that a row is judged on, where 1
/// wrote its evidence a second time.
pub const JOURNAL_VERSION: u32 = 2;

/// Formats that are read; another is refused by name.
pub const JOURNALS_READ: [u32; 2] = [1, 2];
