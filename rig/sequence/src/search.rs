//! Looking for misbehaviour: draws sequences, judges what was seen, and makes a failing one short.
//!
//! The search says what is to be run next ([`Search::next`]) and is told what was seen
//! ([`Search::told`]); it runs nothing itself. It can be stopped at any time: what was found so far
//! is at hand, shortened as far as it got.

use crate::action::Sequence;
use crate::cost::Cost;
use crate::shrink::{self, End, Outcome, Shrinker};
use crate::trace::Trace;
use crate::violation::{Judgement, Property, Violation};
use firmware_units::Nanoseconds;

/// What is looked for, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Number of the first sequence.
    pub first: u64,
    /// From one number to the next: as many searches as share the work.
    pub stride: u64,
    /// Sequences are numbered below this.
    pub end: u64,
    /// Bench time after which no new sequence is drawn.
    pub bench: Nanoseconds,
    /// How failing sequences are made short; none are if this is not given.
    pub shrink: Option<shrink::Settings>,
    /// Goes on after the first failure, for other properties.
    pub keep_going: bool,
}

/// A failure that was found.
#[derive(Clone, Debug)]
pub struct Find {
    /// What was violated.
    pub property: Property,
    /// Number of the sequence that showed it first.
    pub number: u64,
    /// That sequence, as drawn.
    pub drawn: Sequence,
    /// The shortest that shows it.
    pub shortest: Sequence,
    /// What was seen when the shortest was run, and how it violates.
    pub trace: Trace,
    /// Its violations.
    pub violations: Vec<Violation>,
    /// How often the shortest failed, of how many runs.
    pub rate: (u32, u32),
    /// How the shortening ended; nothing if there was none, or it was cut short.
    pub end: Option<End>,
    /// Sequences run before it was found, itself included.
    pub sequences: u64,
    /// What all runs until then cost.
    pub to_find: Cost,
    /// What shortening cost, and its runs.
    pub to_shrink: (Cost, u32),
    /// Other properties that were violated on the way, with a sequence each.
    pub others: Vec<(Property, Sequence)>,
}

/// What was made of a run, for whoever watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Everything held.
    Held,
    /// Nobody can say.
    Inconclusive,
    /// A failure was seen for the first time.
    Found(Property),
    /// A step of the shortening.
    Shrinking {
        /// The sequence still failed.
        failed: bool,
        /// It is the shortest so far: what was seen of it is kept.
        adopted: bool,
        /// Steps of the shortest so far.
        steps: usize,
    },
    /// A failure of a kind that was found before.
    Known(Property),
}

/// What the search is about.
enum Mode {
    /// The sequence with this number is next, or being run.
    Drawing(u64),
    /// A failing sequence is made short.
    Shrinking(Box<(Shrinker, Find)>),
    /// There is nothing more to run.
    Over,
}

/// A search.
pub struct Search<D, J> {
    settings: Settings,
    draw: D,
    judge: J,
    mode: Mode,
    /// Number that is drawn after a shortening.
    resume: u64,
    finds: Vec<Find>,
    held: u64,
    inconclusive: Vec<(u64, String)>,
    /// Runs of drawn sequences, and their cost.
    sequences: u64,
    spent: Cost,
}

impl<D, J> Search<D, J>
where
    D: FnMut(u64) -> Sequence,
    J: FnMut(&Sequence, &Trace) -> Judgement,
{
    /// A search that draws by number and judges what was seen.
    pub fn new(settings: Settings, draw: D, judge: J) -> Self {
        Self {
            mode: Mode::Drawing(settings.first),
            resume: settings.first,
            settings,
            draw,
            judge,
            finds: Vec::new(),
            held: 0,
            inconclusive: Vec::new(),
            sequences: 0,
            spent: Cost::default(),
        }
    }

    /// The sequence to run next; nothing once the search is over.
    #[expect(clippy::should_implement_trait, reason = "its answer is to be told")]
    pub fn next(&mut self) -> Option<Sequence> {
        if let Mode::Shrinking(shrinking) = &mut self.mode {
            if let Some(candidate) = shrinking.0.candidate() {
                return Some(candidate.clone());
            }
            self.end_shrinking();
        }
        match self.mode {
            Mode::Drawing(number)
                if number < self.settings.end && self.spent.bench < self.settings.bench =>
            {
                Some((self.draw)(number))
            }
            _ => {
                self.mode = Mode::Over;
                None
            }
        }
    }

    /// Takes what was seen when [`Search::next`] was run, and what that cost.
    pub fn told(&mut self, sequence: &Sequence, trace: Trace, cost: Cost) -> Told {
        let judgement = (self.judge)(sequence, &trace);
        match &mut self.mode {
            Mode::Shrinking(shrinking) => {
                let (shrinker, find) = &mut **shrinking;
                let outcome = outcome(&judgement);
                shrinker.tell(&outcome, cost);
                let failed =
                    matches!(&outcome, Outcome::Violated(which) if which.contains(&find.property));
                let adopted = failed && sequence == shrinker.best();
                if adopted {
                    find.trace = trace;
                    find.violations = violations(judgement);
                    find.shortest = sequence.clone();
                }
                let steps = shrinker.best().steps.len();
                Told::Shrinking {
                    failed,
                    adopted,
                    steps,
                }
            }
            Mode::Drawing(number) => {
                let number = *number;
                self.sequences += 1;
                self.spent = self.spent.and(cost);
                self.resume = number.saturating_add(self.settings.stride.max(1));
                self.mode = Mode::Drawing(self.resume);
                match judgement {
                    Judgement::Held => {
                        self.held += 1;
                        Told::Held
                    }
                    Judgement::Inconclusive(reason) => {
                        self.inconclusive.push((number, reason));
                        Told::Inconclusive
                    }
                    Judgement::Violated(violations) => {
                        self.found(number, sequence, trace, violations)
                    }
                }
            }
            Mode::Over => Told::Held,
        }
    }

    /// Number of the sequence that is next, or being run; nothing while one is made short, and after
    /// the end.
    pub fn drawing(&self) -> Option<u64> {
        match self.mode {
            Mode::Drawing(number) => Some(number),
            Mode::Shrinking(_) | Mode::Over => None,
        }
    }

    /// Whether there is nothing more to run.
    pub fn is_over(&self) -> bool {
        matches!(self.mode, Mode::Over)
    }

    /// What was found so far.
    pub fn finds(&self) -> &[Find] {
        &self.finds
    }

    fn found(
        &mut self,
        number: u64,
        sequence: &Sequence,
        trace: Trace,
        violations: Vec<Violation>,
    ) -> Told {
        let known = |it: &Violation| self.finds.iter().any(|find| find.property == it.property);
        let Some(new) = violations.iter().find(|it| !known(it)) else {
            return match violations.first() {
                Some(it) => Told::Known(it.property),
                None => Told::Held,
            };
        };
        let property = new.property;
        let find = Find {
            property,
            number,
            drawn: sequence.clone(),
            shortest: sequence.clone(),
            trace,
            violations,
            rate: (1, 1),
            end: None,
            sequences: self.sequences,
            to_find: self.spent,
            to_shrink: (Cost::default(), 0),
            others: Vec::new(),
        };
        match self.settings.shrink {
            Some(settings) => {
                let shrinker = Shrinker::new(sequence.clone(), property, settings);
                self.mode = Mode::Shrinking(Box::new((shrinker, find)));
            }
            None => {
                self.finds.push(find);
                self.after_find();
            }
        }
        Told::Found(property)
    }

    fn after_find(&mut self) {
        self.mode = if self.settings.keep_going {
            Mode::Drawing(self.resume)
        } else {
            Mode::Over
        };
    }

    /// Takes the shortest so far as it is.
    fn end_shrinking(&mut self) {
        if let Mode::Shrinking(shrinking) = std::mem::replace(&mut self.mode, Mode::Over) {
            let (shrinker, mut find) = *shrinking;
            find.rate = shrinker.rate();
            find.end = shrinker.end();
            find.to_shrink = shrinker.spent();
            find.others = shrinker.others().to_vec();
            self.finds.push(find);
            self.after_find();
        }
    }

    /// Ends the search wherever it is; what is being made short is kept as it is.
    pub fn finish(mut self) -> Finished {
        self.end_shrinking();
        Finished {
            finds: self.finds,
            sequences: self.sequences,
            held: self.held,
            inconclusive: self.inconclusive,
            spent: self.spent,
        }
    }
}

/// What a search gave.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What was found, in that order; each property once.
    pub finds: Vec<Find>,
    /// Drawn sequences that were run.
    pub sequences: u64,
    /// Those in which everything held.
    pub held: u64,
    /// Those of which nobody can say, with the reason.
    pub inconclusive: Vec<(u64, String)>,
    /// What running them cost, shortening aside.
    pub spent: Cost,
}

fn outcome(judgement: &Judgement) -> Outcome {
    match judgement {
        Judgement::Held => Outcome::Held,
        Judgement::Inconclusive(_) => Outcome::Inconclusive,
        Judgement::Violated(violations) => {
            Outcome::Violated(violations.iter().map(|it| it.property).collect())
        }
    }
}

fn violations(judgement: Judgement) -> Vec<Violation> {
    match judgement {
        Judgement::Violated(violations) => violations,
        Judgement::Held | Judgement::Inconclusive(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Action, Step};
    use firmware_units::Microseconds;
    use firmware_wire::Request;

    const SHRINK: shrink::Settings = shrink::Settings {
        failures: 1,
        runs: 1,
        bench: Nanoseconds::from_seconds(1_000),
        strokes: u64::MAX,
    };
    const SETTINGS: Settings = Settings {
        first: 0,
        stride: 1,
        end: 20,
        bench: Nanoseconds::from_seconds(1_000),
        shrink: Some(SHRINK),
        keep_going: false,
    };

    /// Sequence k has k pings, and from the fifth on a reset in their midst.
    fn draw(number: u64) -> Sequence {
        let step = |action| Step {
            after: Microseconds(1_000),
            action,
        };
        let mut steps: Vec<Step> = (0..number)
            .map(|_| step(Action::Send(Request::GetStatus)))
            .collect();
        if number >= 5 {
            steps.insert(3, step(Action::Reset));
        }
        Sequence { steps }
    }

    fn violation(property: Property) -> Violation {
        Violation {
            property,
            at: Nanoseconds::ZERO,
            step: 0,
            expected: String::new(),
            observed: String::new(),
        }
    }

    /// A reset violates one property, and in sequences of number 8 and longer another one, too.
    fn judge(sequence: &Sequence, _: &Trace) -> Judgement {
        let reset = sequence.steps.iter().any(|it| it.action == Action::Reset);
        let long = sequence.steps.len() > 8;
        match (reset, long) {
            (true, true) => Judgement::Violated(vec![
                violation(Property::Faults),
                violation(Property::Counters),
            ]),
            (true, false) => Judgement::Violated(vec![violation(Property::Faults)]),
            (false, _) if sequence.steps.len() == 2 => {
                Judgement::Inconclusive("too short".to_owned())
            }
            (false, _) => Judgement::Held,
        }
    }

    fn run(settings: Settings) -> Finished {
        let mut search = Search::new(settings, draw, judge);
        while let Some(sequence) = search.next() {
            // The trace tells the sequence that it is of.
            let trace = Trace {
                ended: Nanoseconds(sequence.steps.len() as u64),
                ..Trace::default()
            };
            search.told(&sequence, trace, Cost::foreseen(&sequence));
        }
        search.finish()
    }

    #[test]
    fn the_first_failure_ends_the_search_and_is_made_short() {
        let finished = run(SETTINGS);
        assert_eq!((finished.sequences, finished.held), (6, 4));
        assert_eq!(finished.inconclusive, [(2, "too short".to_owned())]);
        let [find] = &finished.finds[..] else {
            panic!("{:?}", finished.finds)
        };
        assert_eq!((find.property, find.number), (Property::Faults, 5));
        assert_eq!(find.drawn, draw(5));
        assert_eq!(find.shortest.steps.len(), 1);
        assert_eq!(find.trace.ended, Nanoseconds(1), "seen of the shortest");
        assert_eq!(find.end, Some(End::Minimal));
        assert!(find.to_shrink.1 > 2);
    }

    #[test]
    fn a_search_that_goes_on_finds_each_property_once() {
        let finished = run(Settings {
            keep_going: true,
            ..SETTINGS
        });
        let found: Vec<Property> = finished.finds.iter().map(|it| it.property).collect();
        assert_eq!(found, [Property::Faults, Property::Counters]);
        assert_eq!(finished.sequences, 20);
        assert_eq!(finished.finds[1].shortest.steps.len(), 9);
    }

    #[test]
    fn searches_that_share_the_work_run_each_number_once() {
        let mut numbers = Vec::new();
        for first in 0..3 {
            let settings = Settings {
                first,
                stride: 3,
                end: 5,
                ..SETTINGS
            };
            let finished = run(settings);
            numbers.push(finished.sequences);
        }
        assert_eq!(numbers, [2, 2, 1]);
    }

    #[test]
    fn an_interrupted_search_keeps_what_it_has() {
        let mut search = Search::new(SETTINGS, draw, judge);
        while let Some(sequence) = search.next() {
            let told = search.told(&sequence, Trace::default(), Cost::default());
            if matches!(told, Told::Shrinking { steps: ..=3, .. }) {
                break;
            }
        }
        let finished = search.finish();
        assert_eq!(finished.finds.len(), 1);
        assert_eq!(finished.finds[0].end, None);
        assert!(finished.finds[0].shortest.steps.len() <= 3);
    }

    #[test]
    fn no_more_is_drawn_when_the_bench_time_is_used_up() {
        let finished = run(Settings {
            bench: Nanoseconds::from_millis(8),
            ..SETTINGS
        });
        assert!(finished.sequences < 5, "{finished:?}");
    }
}
