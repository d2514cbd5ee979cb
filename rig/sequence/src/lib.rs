//! Command sequences: what is done to a pen, what was seen of it, what it must have done, and how a
//! failing sequence is made short.
//!
//! A [`Sequence`] is a list of values: no seed is needed to run it again.
//! Whoever runs it on a bench keeps a [`Trace`]: every frame and every turn of a handle, and beside
//! them what the instruments saw. What a pen must do is judged from the trace alone, so that it can
//! be judged again, years later, without a bench.
//!
//! This crate knows no bench and no firmware: the model of the pen in it is written from the
//! requirements, and shares with the pen the wire protocol alone.

mod action;
mod corpus;
mod cost;
mod counterexample;
mod coverage;
mod file;
pub mod judge;
mod judgement;
pub mod model;
mod picture;
mod profile;
mod reply;
pub mod search;
mod seen;
pub mod shrink;
mod story;
#[cfg(test)]
mod testing;
mod text;
mod trace;
mod violation;

pub use action::{Action, Fitting, Sequence, ShaftHold, Step};
pub use corpus::{
    CorpusRow, CorpusSequence, CorpusSummary, CorpusSummaryError, Held, SequenceFile, choose,
    choose_within, corpus_summary,
};
pub use cost::Cost;
pub use counterexample::{Counterexample, Flakiness, Found, Remark};
pub use coverage::{Coverage, Item, Side};
pub use file::{Conditions, FORMAT_VERSION, Kind, SequenceFileError};
pub use judgement::judge;
pub use picture::{Ceiling, ceilings, picture, shows_something};
pub use profile::{
    GENERATOR_VERSION, Origin, Profile, Ranges, SequenceTree, Sequences, bench_time, draw,
    profiles_page, seed_of,
};
pub use reply::reply_text;
pub use seen::{Judged, Seen, SeenLimits, SeenLimitsError, judge_seen, see};
pub use story::{Moment, story, story_table};
pub use text::{TextDefect, Wrong, read, read_request, request_text, time_text};
pub use trace::{Event, Slice, Stroke, Trace, What};
pub use violation::{Judgement, Property, Violation};
