//! Chooses a corpus anew, and writes it.

use super::super::hunter::{Hunt, Hunted};
use super::super::{conditions, put};
use super::RanCorpus;
use crate::args::ExploreArgs;
use crate::{Failure, interrupt};
use anyhow::Context as _;
use firmware_units::{Microseconds, Nanoseconds};
use rig_sequence::{
    CorpusSequence, Cost, Coverage, Held, Item, Judgement, Origin, choose_within, corpus_summary,
    draw,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// The table beside the files.
pub(super) const SUMMARY: &str = "coverage.csv";

/// What became of a corpus.
pub(in super::super) struct Renewed {
    pub(super) folder: PathBuf,
    /// Bench time that there is for it.
    pub(super) limit: Nanoseconds,
    /// Those that held, and the whole corpus if it was renewed.
    pub(super) files: BTreeMap<String, Kept>,
    /// Those that were taken away.
    pub(super) removed: Vec<String>,
    /// Those that did not hold, with the reason; they stay as they are.
    pub(super) violated: Vec<(String, String)>,
    /// Those of which nobody can say, with the reason; they stay as they are.
    pub(super) in_doubt: Vec<(String, String)>,
    /// What was reached by those that were there before and held.
    pub(super) before: Coverage,
    /// What is reached now.
    pub(super) after: Coverage,
    /// What was reached by sequences for which there is no bench time.
    pub(super) left_out: Vec<Item>,
    /// Why it is as it was, if it is.
    pub(super) untouched: Option<&'static str>,
}

/// A file of a corpus.
pub(super) struct Kept {
    pub(super) is_new: bool,
    /// Whether a person wrote or changed it.
    pub(super) is_by_hand: bool,
    pub(super) coverage: Coverage,
    pub(super) cost: Cost,
    /// What no other reaches.
    pub(super) alone: Vec<String>,
    /// The text as it stands, if there is one.
    text: Option<String>,
    source: Source,
}

/// Where the sequence of a file is had from.
enum Source {
    File(Box<CorpusSequence>),
    Drawn(Origin),
}

impl Renewed {
    pub(in super::super) fn is_violated(&self) -> bool {
        !self.violated.is_empty()
    }

    pub(in super::super) fn is_in_doubt(&self) -> bool {
        !self.in_doubt.is_empty()
    }

    /// Bench time that all of it takes.
    pub(super) fn bench(&self) -> Nanoseconds {
        let times = self.files.values().map(|it| it.cost.bench);
        times.fold(Nanoseconds::ZERO, |sum, it| sum + it)
    }
}

impl RanCorpus {
    /// Chooses anew from its files and from what was drawn and held, and writes what is chosen.
    pub(in super::super) fn renew(
        self,
        hunt: &Hunt<'_>,
        hunted: &Hunted,
        args: &ExploreArgs,
    ) -> Result<Renewed, Failure> {
        let mut renewed = self.seen(hunt, args);
        renewed.untouched = if interrupt::is_set() {
            Some("interrupted")
        } else if hunted.error.is_some() {
            Some("the rig did not come to the end")
        } else if !hunted.finished.finds.is_empty() && !args.keep_going {
            Some("the search ended at the first failure; --keep-going goes on")
        } else {
            None
        };
        if renewed.untouched.is_none() {
            renewed.draw(hunt, hunted);
            renewed.choose();
            renewed.say_alone();
            renewed.write(hunt)?;
        }
        Ok(renewed)
    }

    /// What was there before.
    fn seen(self, hunt: &Hunt<'_>, args: &ExploreArgs) -> Renewed {
        let mut renewed = Renewed {
            folder: self.folder,
            limit: Nanoseconds::from_seconds(60 * args.corpus_minutes),
            files: BTreeMap::new(),
            removed: Vec::new(),
            violated: Vec::new(),
            in_doubt: Vec::new(),
            before: Coverage::default(),
            after: Coverage::default(),
            left_out: Vec::new(),
            untouched: None,
        };
        for file in self.files {
            match file.ran.judgement {
                Judgement::Held => {
                    renewed.before.add(&file.ran.coverage);
                    let kept = Kept {
                        is_new: false,
                        is_by_hand: file.kept.is_by_hand(hunt.ranges),
                        coverage: file.ran.coverage,
                        cost: file.ran.cost,
                        alone: Vec::new(),
                        text: Some(file.text),
                        source: Source::File(Box::new(file.kept)),
                    };
                    renewed.files.insert(file.name, kept);
                }
                Judgement::Violated(violations) => {
                    let what = violations.first().map_or_else(String::new, |it| {
                        format!(
                            "{:?} at {:.3} s: expected {}; observed {}",
                            it.property,
                            it.at.seconds(),
                            it.expected,
                            it.observed
                        )
                    });
                    renewed.violated.push((file.name, what));
                }
                Judgement::Inconclusive(why) => renewed.in_doubt.push((file.name, why)),
            }
        }
        renewed.after = renewed.before.clone();
        renewed
    }
}

impl Renewed {
    /// Takes in what was drawn and held. A name that stands there already stays with its file.
    fn draw(&mut self, hunt: &Hunt<'_>, hunted: &Hunted) {
        for candidate in &hunted.candidates {
            let origin = hunt.origin(candidate.number);
            let name = format!("{}.toml", origin.stem());
            let others = self.violated.iter().chain(&self.in_doubt);
            if self.files.contains_key(&name) || others.into_iter().any(|it| it.0 == name) {
                continue;
            }
            let kept = Kept {
                is_new: true,
                is_by_hand: false,
                coverage: candidate.coverage.clone(),
                cost: candidate.cost,
                alone: Vec::new(),
                text: None,
                source: Source::Drawn(origin),
            };
            self.files.insert(name, kept);
        }
    }

    /// Leaves those alone that are needed. The order of names decides between equals, so that the
    /// same sequences give the same corpus, whichever of them were there before.
    fn choose(&mut self) {
        let (mut by_hand, mut all) = (Coverage::default(), Coverage::default());
        let mut left = self.limit;
        let (mut names, mut candidates) = (Vec::new(), Vec::new());
        for (name, kept) in &self.files {
            all.add(&kept.coverage);
            if kept.is_by_hand {
                by_hand.add(&kept.coverage);
                left = left.saturating_sub(kept.cost.bench);
            } else {
                names.push(name.clone());
                candidates.push((kept.coverage.clone(), microseconds(kept.cost.bench)));
            }
        }
        let limit = Microseconds(left.0 / 1_000);
        let chosen = choose_within(&candidates, &by_hand, limit);
        for (place, name) in names.into_iter().enumerate() {
            if chosen.contains(&place) {
                continue;
            }
            if let Some(kept) = self.files.remove(&name)
                && !kept.is_new
            {
                self.removed.push(name);
            }
        }
        self.after = Coverage::default();
        for kept in self.files.values() {
            self.after.add(&kept.coverage);
        }
        let is_left_out = |it: &&Item| self.after.times(it) == 0;
        self.left_out = all.items().filter(is_left_out).cloned().collect();
    }

    fn say_alone(&mut self) {
        let mut times: BTreeMap<Item, usize> = BTreeMap::new();
        for item in self.files.values().flat_map(|it| it.coverage.items()) {
            *times.entry(item.clone()).or_default() += 1;
        }
        for kept in self.files.values_mut() {
            let alone = kept.coverage.items().filter(|it| times.get(it) == Some(&1));
            kept.alone = alone.map(ToString::to_string).collect();
        }
    }

    /// Writes whatever is not as it stands there, and takes away what is needed no more. What a
    /// person wrote is left as it is.
    fn write(&self, hunt: &Hunt<'_>) -> Result<(), Failure> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create the folder `{}`", self.folder.display()))
            .map_err(Failure::Rig)?;
        for (name, kept) in self.files.iter().filter(|it| !it.1.is_by_hand) {
            let text = kept.file(hunt).to_string();
            if kept.text.as_ref() != Some(&text) {
                put(&self.folder.join(name), text.as_bytes())?;
            }
        }
        let reached = self.files.iter();
        let reached = reached.map(|(name, kept)| (name.clone(), kept.coverage.clone()));
        let summary = corpus_summary(&reached.collect(), hunt.ranges);
        put(&self.folder.join(SUMMARY), summary.as_bytes())?;
        for name in &self.removed {
            let path = self.folder.join(name);
            fs::remove_file(&path)
                .with_context(|| format!("cannot take away `{}`", path.display()))
                .map_err(Failure::Rig)?;
        }
        Ok(())
    }
}

impl Kept {
    fn file(&self, hunt: &Hunt<'_>) -> CorpusSequence {
        let held = Held {
            bench: Some(self.cost.bench),
            strokes: Some(self.cost.strokes),
            alone: self.alone.clone(),
        };
        let conditions = conditions(hunt.subject);
        match &self.source {
            Source::File(file) => CorpusSequence {
                held,
                conditions,
                ..(**file).clone()
            },
            Source::Drawn(origin) => CorpusSequence {
                note: None,
                held,
                sequence: draw(origin.profile, origin.seed, origin.number, hunt.ranges),
                origin: Some(*origin),
                conditions,
            },
        }
    }
}

/// No less than it is.
fn microseconds(time: Nanoseconds) -> Microseconds {
    Microseconds(time.0.div_ceil(1_000))
}
