//! Frames to the pen and from it: what a reply, or that there is none, says of the guesses.

use super::due::add;
use super::expected::Difference;
use super::fold::{Model, Remark, Waiting};
use super::guess::{Counts, Guess};
use super::line::{Broken, Fate};
use firmware_units::Nanoseconds;
use firmware_wire::{Reply, Request};

/// Longest frame on the line, with room.
const FRAME: Nanoseconds = Nanoseconds::from_millis(10);
/// A request that has no reply after this time gets none.
const REPLY: Nanoseconds = Nanoseconds::from_millis(250);

impl Model {
    pub(super) fn sent(&mut self, at: Nanoseconds, number: u16, request: Request) {
        self.pass(at);
        let (fate, broken) = self.line.frame(at, number, &request);
        self.count_broken(at, broken);
        self.waiting.push_back(Waiting {
            number,
            request,
            sent: at,
            fate,
            crossed: false,
            meant: true,
        });
    }

    /// Bytes leave that are no whole frame; with those before them they may become one.
    pub(super) fn sent_broken(&mut self, at: Nanoseconds, bytes: &[u8]) {
        self.pass(at);
        let began = at.saturating_sub(FRAME);
        if self.guesses.iter().any(|it| it.deaf(began)) {
            self.line.doubt();
        }
        let (broken, heard) = self.line.bytes(at, bytes);
        self.count_broken(at, broken);
        if let Some(frame) = heard {
            self.waiting.push_back(Waiting {
                number: frame.sequence,
                request: frame.message,
                sent: at,
                fate: Fate::Unsure,
                crossed: false,
                meant: false,
            });
        }
    }

    /// What came broken is counted; that is not known where a request for the counters is still
    /// under way, or a pen may not have heard.
    fn count_broken(&mut self, at: Nanoseconds, broken: Option<Broken>) {
        if broken == Some(Broken::default()) {
            return;
        }
        let known = broken.filter(|_| !self.waiting.iter().any(asks_for_counters));
        for guess in &mut self.guesses {
            let known = known.filter(|_| !guess.deaf(at.saturating_sub(FRAME)));
            guess.link.counts.count_broken(known);
        }
    }

    /// Nobody notes that a frame which was none by intention stays without a reply.
    pub(super) fn forget_unmeant(&mut self, at: Nanoseconds) {
        let late = |it: &Waiting| !it.meant && at > it.sent + REPLY;
        while let Some(number) = self.waiting.iter().find(|it| late(it)).map(|it| it.number) {
            self.unanswered(at, number);
        }
    }

    pub(super) fn replied(&mut self, at: Nanoseconds, number: u16, reply: &Reply) -> Remark {
        self.note_shown(at);
        self.cut_off = false;
        let named = |it: &Waiting| it.number == number;
        let heard = |it: &Waiting| named(it) && it.fate != Fate::Swallowed;
        let place = self.waiting.iter().position(heard);
        let place = place.or_else(|| self.waiting.iter().position(named));
        let Some(waiting) = place.and_then(|it| self.waiting.remove(it)) else {
            self.pass(at);
            return Remark::Unasked;
        };
        if waiting.fate == Fate::Unsure
            && let Some(other) = self.waiting.iter_mut().find(|it| named(it))
        {
            // Of two with one number the one or the other was swallowed.
            other.fate = Fate::Unsure;
        }
        if waiting.crossed {
            self.pass(at);
            return Remark::None;
        }
        self.advance(waiting.sent, at);
        if self.lost {
            return Remark::None;
        }
        let request = waiting.request;
        if asks_for_counters(&waiting) && self.waiting.iter().any(|it| it.sent <= waiting.sent) {
            // What was sent before and is not answered was heard, or was not.
            for guess in &mut self.guesses {
                guess.link.counts = Counts::default();
            }
        }
        let outcomes = self.outcomes(&waiting, at);
        let certain = outcomes
            .iter()
            .all(|it| it.1.is_one() && it.1 == outcomes[0].1);
        let differing: Vec<Vec<Difference>> = outcomes
            .iter()
            .map(|(_, expected)| expected.differs(&request, reply))
            .collect();
        let least = differing.iter().map(Vec::len).min().unwrap_or(0);
        let mut guesses: Vec<Guess> = Vec::new();
        for ((mut guess, expected), differences) in outcomes.iter().cloned().zip(&differing) {
            if differences.len() > least {
                continue;
            }
            guess.learn((number, &request), &expected, reply);
            add(&mut guesses, guess);
        }
        self.guesses = guesses;
        if let Reply::Cartridge(report) = reply
            && report.treatment.is_some()
        {
            self.told.insert(report.id);
        }
        let sent = waiting.sent;
        if least == 0 {
            return Remark::Allowed {
                request,
                sent,
                certain,
            };
        }
        Remark::Wrong {
            request,
            differences: nearest(&differing, least),
        }
    }

    pub(super) fn unanswered(&mut self, at: Nanoseconds, number: u16) -> Remark {
        self.note_shown(at);
        let named = |it: &Waiting| it.number == number;
        let swallowed = |it: &Waiting| named(it) && it.fate == Fate::Swallowed;
        let place = self.waiting.iter().position(swallowed);
        let place = place.or_else(|| self.waiting.iter().position(named));
        let Some(waiting) = place.and_then(|it| self.waiting.remove(it)) else {
            self.pass(at);
            return Remark::None;
        };
        if waiting.crossed || waiting.fate == Fate::Swallowed {
            self.pass(at);
            return Remark::None;
        }
        self.advance(waiting.sent, at);
        let began = waiting.sent.saturating_sub(FRAME);
        let quiet = self.guesses.iter().filter(|it| it.deaf(began));
        let quiet: Vec<Guess> = quiet.cloned().collect();
        let unsure = waiting.fate == Fate::Unsure;
        // What a reset has cut off spoils the next reply, whose request was acted on.
        let spoiled = self.heard_broken.filter(|it| it.0 >= waiting.sent);
        let cut_off = spoiled.is_some_and(|it| it.1);
        let allowed = !quiet.is_empty() || unsure || cut_off || self.lost;
        let acted = if spoiled.is_some() && (!quiet.is_empty() || cut_off) {
            self.outcomes(&waiting, at)
        } else {
            Vec::new()
        };
        if (!quiet.is_empty() || cut_off) && !unsure {
            self.guesses = quiet;
        }
        if allowed {
            for (guess, _) in acted {
                add(&mut self.guesses, guess);
            }
            for guess in &mut self.guesses {
                guess.link.counts = Counts::default();
            }
            return Remark::None;
        }
        // Acted on or not, it had to be answered.
        let acted = self.outcomes(&waiting, at);
        self.guesses.extend(acted.into_iter().map(|it| it.0));
        Remark::Silent {
            request: waiting.request,
        }
    }
}

fn asks_for_counters(waiting: &Waiting) -> bool {
    let request = &waiting.request;
    let asks = matches!(request, Request::GetLinkCounters | Request::GetLinkReport);
    asks && waiting.fate != Fate::Swallowed
}

/// Of the nearest replies that may be, all that is expected; told once each.
fn nearest(differing: &[Vec<Difference>], least: usize) -> Vec<Difference> {
    let mut told: Vec<Difference> = Vec::new();
    for difference in differing.iter().filter(|it| it.len() == least).flatten() {
        let same = told
            .iter_mut()
            .find(|it| it.property == difference.property && it.observed == difference.observed);
        match same {
            Some(same) if same.expected.contains(&difference.expected) => {}
            Some(same) => {
                same.expected.push_str(", or ");
                same.expected.push_str(&difference.expected);
            }
            None => told.push(difference.clone()),
        }
    }
    told
}
