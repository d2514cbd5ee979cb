//! One bench's share of a search: says what is run next, and keeps the waveform of what fails.

use super::Subject;
use crate::interrupt;
use crate::progress::SequenceLine;
use crate::waveforms::Recorder;
use rig_bench::Bench;
use rig_procedure::{Driver, SequencesError};
use rig_sequence::search::{Find, Finished, Search, Settings, Told};
use rig_sequence::{
    Cost, Coverage, Judgement, Origin, Profile, Ranges, Sequence, Trace, draw, judge,
};
use std::sync::atomic::{AtomicU64, Ordering};

/// What is looked for, and in what.
pub(super) struct Hunt<'a> {
    pub(super) subject: &'a Subject,
    pub(super) ranges: &'a Ranges,
    pub(super) profile: Profile,
    pub(super) seed: [u8; 32],
    pub(super) gather: Gather,
    /// What is run instead of what would be drawn.
    pub(super) given: Option<Given>,
}

/// A sequence out of a file.
pub(super) struct Given {
    pub(super) file: String,
    pub(super) sequence: Sequence,
    pub(super) origin: Option<Origin>,
}

/// Whether sequences that held are kept in mind for a corpus, and on which pens they are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gather {
    /// They are not.
    Nothing,
    /// They are, all run on the pen that there is.
    OnePen,
    /// They are, each drawn one run on a pen of its own: what it reaches then depends on nothing
    /// that was run before it, nor on how many benches share the work.
    PenEach,
}

/// A drawn sequence that held.
pub(super) struct Candidate {
    pub(super) number: u64,
    pub(super) coverage: Coverage,
    pub(super) cost: Cost,
}

/// What the benches tell each other: the lowest number of a sequence that failed, so that no bench
/// draws one behind it, and the first failure is the same however many there are.
pub(super) struct Shared(AtomicU64);

impl Default for Shared {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

type Draw<'a> = Box<dyn FnMut(u64) -> Sequence + 'a>;
type Judge<'a> = Box<dyn FnMut(&Sequence, &Trace) -> Judgement + 'a>;

/// One bench's share.
pub(super) struct Hunter<'a> {
    search: Search<Draw<'a>, Judge<'a>>,
    keep_going: bool,
    shared: &'a Shared,
    recorder: Recorder,
    ranges: &'a Ranges,
    coverage: Coverage,
    gather: Gather,
    candidates: Vec<Candidate>,
    /// Whether the pen has had a sequence run on it.
    is_used: bool,
    /// The waveform of the latest find, as it stands so far.
    waveform: Option<Vec<u8>>,
    waveforms: Vec<Option<Vec<u8>>>,
    /// Whether the pen has to be replaced before anything more is run.
    is_spent: bool,
    line: SequenceLine,
}

impl Hunt<'_> {
    pub(super) fn hunter<'a, B: Bench>(
        &'a self,
        bench: &B,
        settings: Settings,
        shared: &'a Shared,
        line: SequenceLine,
    ) -> Hunter<'a> {
        let draw: Draw<'a> = Box::new(|number| match &self.given {
            Some(given) => given.sequence.clone(),
            None => draw(self.profile, self.seed, number, self.ranges),
        });
        let judge: Judge<'a> = Box::new(|_, trace| judge(trace, &self.subject.requirements));
        Hunter {
            search: Search::new(settings, draw, judge),
            keep_going: settings.keep_going,
            shared,
            recorder: Recorder::new(bench),
            ranges: self.ranges,
            coverage: Coverage::default(),
            gather: self.gather,
            candidates: Vec::new(),
            is_used: false,
            waveform: None,
            waveforms: Vec::new(),
            is_spent: false,
            line,
        }
    }

    /// From where the sequence of a number is drawn.
    pub(super) fn origin(&self, number: u64) -> Origin {
        Origin::new(self.profile, self.seed, number)
    }
}

impl Hunter<'_> {
    /// Whether the pen cannot be used any more, and the search is not over.
    pub(super) fn needs_new_pen(&self) -> bool {
        self.is_spent && !self.search.is_over() && !interrupt::is_set()
    }

    /// Goes on with another pen.
    pub(super) fn new_bench<B: Bench>(&mut self, bench: &B) {
        self.is_spent = false;
        self.is_used = false;
        self.recorder = Recorder::new(bench);
    }

    /// What keeps the gauge's samples.
    pub(super) fn recorder(&self) -> Recorder {
        self.recorder.clone()
    }

    pub(super) fn finish(mut self, error: Option<SequencesError>) -> Hunted {
        self.line.finish();
        self.file_waveform();
        let finished = self.search.finish();
        self.waveforms.resize(finished.finds.len(), None);
        Hunted {
            finished,
            waveforms: self.waveforms,
            coverage: self.coverage,
            candidates: self.candidates,
            error: error.filter(|it| *it != SequencesError::Interrupted),
        }
    }

    /// Puts the waveform of a find that is complete to the others.
    fn file_waveform(&mut self) {
        if self.waveform.is_some() {
            self.waveforms.push(self.waveform.take());
        }
    }
}

impl Driver for Hunter<'_> {
    fn next(&mut self) -> Option<Sequence> {
        if self.is_spent {
            return None;
        }
        let sequence = self.search.next()?;
        if let Some(number) = self.search.drawing() {
            if self.is_used && self.gather == Gather::PenEach {
                // The search gives the same again until it is told of it.
                self.is_spent = true;
                return None;
            }
            self.file_waveform();
            let is_behind = number > self.shared.0.load(Ordering::Relaxed);
            if is_behind && !self.keep_going {
                return None;
            }
        }
        self.recorder.begin();
        self.is_used = true;
        Some(sequence)
    }

    fn told(&mut self, sequence: &Sequence, trace: Trace, cost: Cost) {
        self.is_spent = trace.stuck.is_some();
        let number = self.search.drawing();
        let reached = number.map(|number| {
            let coverage = Coverage::of(sequence, &trace, self.ranges);
            self.coverage.add(&coverage);
            (number, coverage)
        });
        let told = self.search.told(sequence, trace, cost);
        if let (Some((number, coverage)), Told::Held) = (reached, &told)
            && self.gather != Gather::Nothing
        {
            let coverage = coverage.within(self.ranges);
            self.candidates.push(Candidate {
                number,
                coverage,
                cost,
            });
        }
        let keep = match told {
            Told::Found(_) => {
                if let Some(number) = number {
                    self.shared.0.fetch_min(number, Ordering::Relaxed);
                }
                true
            }
            Told::Shrinking { adopted, .. } => adopted,
            Told::Held | Told::Inconclusive | Told::Known(_) => false,
        };
        if keep {
            self.waveform = self.recorder.parquet(&self.subject_line());
        }
        self.line.show(number, &told);
    }
}

impl Hunter<'_> {
    fn subject_line(&self) -> String {
        match self.search.drawing() {
            Some(number) => format!("sequence {number}"),
            None => "shortened sequence".to_owned(),
        }
    }
}

/// What one bench, or all of them, gave.
pub(super) struct Hunted {
    pub(super) finished: Finished,
    /// The gauge's waveform of each find.
    pub(super) waveforms: Vec<Option<Vec<u8>>>,
    pub(super) coverage: Coverage,
    /// Drawn sequences that held, if they are gathered.
    pub(super) candidates: Vec<Candidate>,
    pub(super) error: Option<SequencesError>,
}

impl Hunted {
    /// What all benches gave together. Of a property that several found, the find of the lowest
    /// number counts; without `keep_going`, the find of the lowest number alone.
    pub(super) fn of_all(all: Vec<Self>, keep_going: bool) -> Self {
        let mut sum = Finished {
            finds: Vec::new(),
            sequences: 0,
            held: 0,
            inconclusive: Vec::new(),
            spent: Cost::default(),
        };
        let mut found: Vec<(Find, Option<Vec<u8>>)> = Vec::new();
        let (mut coverage, mut error) = (Coverage::default(), None);
        let mut candidates = Vec::new();
        for mut one in all {
            sum.sequences += one.finished.sequences;
            sum.held += one.finished.held;
            sum.inconclusive.append(&mut one.finished.inconclusive);
            sum.spent = sum.spent.and(one.finished.spent);
            coverage.add(&one.coverage);
            candidates.append(&mut one.candidates);
            error = error.or(one.error);
            found.extend(one.finished.finds.into_iter().zip(one.waveforms));
        }
        sum.inconclusive.sort();
        found.sort_by_key(|(find, _)| find.number);
        let mut kept: Vec<(Find, Option<Vec<u8>>)> = Vec::new();
        for (find, waveform) in found {
            let is_known = kept.iter().any(|(it, _)| it.property == find.property);
            if !is_known && (keep_going || kept.is_empty()) {
                kept.push((find, waveform));
            }
        }
        let (finds, waveforms) = kept.into_iter().unzip();
        sum.finds = finds;
        Self {
            finished: sum,
            waveforms,
            coverage,
            candidates,
            error,
        }
    }
}
