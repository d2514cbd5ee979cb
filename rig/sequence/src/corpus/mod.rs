//! Few sequences that reach what many have reached, chosen and kept as files.

mod choice;
mod entry;
mod summary;
#[cfg(test)]
mod tests;

pub use choice::{choose, choose_within};
pub use entry::{CorpusSequence, Held, SequenceFile};
pub use summary::{CorpusRow, CorpusSummary, CorpusSummaryError, corpus_summary};
