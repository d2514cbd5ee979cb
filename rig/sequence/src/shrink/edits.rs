//! What is tried on a failing sequence, and in which order.

use crate::action::{Action, Fitting, Sequence, ShaftHold, Step};
use crate::cost::Cost;
use firmware_units::{Micrometers, Microseconds, Millivolts, StrokesPerMinute};
use firmware_wire::{Request, Setting};

/// Waits that read well, µs.
const LADDER_US: [u64; 16] = [
    0, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
    2_000_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
];
/// In sequences no longer than this, every pair of steps is left out together once.
const ALL_PAIRS: usize = 10;

/// Kinds of edits, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Runs of so many steps are left out.
    Chunks(usize),
    /// Two steps are left out together.
    Pairs,
    /// Waits become shorter.
    Waits,
    /// Actions become simpler.
    Actions,
}

/// The edits of one sequence, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Edits {
    pass: Pass,
    /// Candidates of this pass that are still to be tried, the next one last.
    queue: Vec<Sequence>,
    filled: bool,
    /// Something gave since the first pass of this round.
    gave: bool,
}

impl Edits {
    pub(super) fn of(sequence: &Sequence) -> Self {
        Self {
            pass: first_pass(sequence),
            queue: Vec::new(),
            filled: false,
            gave: false,
        }
    }

    /// The next candidate; nothing if no edit of a whole round gave anything.
    pub(super) fn next(&mut self, best: &Sequence) -> Option<Sequence> {
        loop {
            if !self.filled {
                self.queue = candidates(self.pass, best);
                // What saves most is tried first; of equals, the first.
                self.queue.reverse();
                self.queue
                    .sort_by_key(|it| std::cmp::Reverse(Cost::foreseen(it).weight()));
                self.filled = true;
            }
            if let Some(next) = self.queue.pop() {
                return Some(next);
            }
            self.filled = false;
            self.pass = match self.pass {
                Pass::Chunks(size) if size > 1 => Pass::Chunks(size / 2),
                Pass::Chunks(_) => Pass::Pairs,
                Pass::Pairs => Pass::Waits,
                Pass::Waits => Pass::Actions,
                Pass::Actions if std::mem::take(&mut self.gave) => first_pass(best),
                Pass::Actions => return None,
            };
        }
    }

    /// Takes whether the candidate is the new best; then its own edits are next.
    pub(super) fn told(&mut self, gave: bool, best: &Sequence) {
        if !gave {
            return;
        }
        self.gave = true;
        self.filled = false;
        if let Pass::Chunks(size) = self.pass {
            self.pass = Pass::Chunks(size.min(best.steps.len()).max(1));
        }
    }
}

fn first_pass(sequence: &Sequence) -> Pass {
    Pass::Chunks((sequence.steps.len() / 2).max(1))
}

fn candidates(pass: Pass, best: &Sequence) -> Vec<Sequence> {
    match pass {
        Pass::Chunks(size) => chunks(best, size),
        Pass::Pairs => pairs(best),
        Pass::Waits => waits(best),
        Pass::Actions => actions(best),
    }
}

/// The sequence without the steps for which `out` holds. Their waits go with them, or, with `keep`,
/// are waited before the next step that stays.
fn without(sequence: &Sequence, keep: bool, out: impl Fn(usize) -> bool) -> Sequence {
    let mut steps: Vec<Step> = Vec::new();
    let mut carried = 0;
    for (idx, step) in sequence.steps.iter().enumerate() {
        if out(idx) {
            carried += step.after.0;
            continue;
        }
        let mut step = step.clone();
        if keep {
            step.after.0 += carried;
        }
        carried = 0;
        steps.push(step);
    }
    if keep && carried > 0 && !sequence.steps.is_empty() {
        let (after, action) = (Microseconds(carried), Action::Nothing);
        steps.push(Step { after, action });
    }
    Sequence { steps }
}

fn chunks(best: &Sequence, size: usize) -> Vec<Sequence> {
    let len = best.steps.len();
    if len < 2 {
        return Vec::new();
    }
    let mut out = Vec::new();
    for first in (0..len).step_by(size) {
        let chunk = first..(first + size).min(len);
        if chunk.len() == len {
            continue;
        }
        for keep in [false, true] {
            let shorter = without(best, keep, |idx| chunk.contains(&idx));
            // A lone pause in place of a pause gains nothing.
            if shorter.steps.len() < len {
                out.push(shorter);
            }
        }
    }
    out.dedup();
    out
}

/// Whether a step takes back what another did.
fn belong(first: &Action, second: &Action) -> bool {
    match (first, second) {
        (Action::Button(true), Action::Button(false))
        | (Action::Cartridge(_), Action::Cartridge(_))
        | (Action::Supply(_), Action::Supply(_))
        | (Action::Shaft(_), Action::Shaft(_))
        | (Action::Needles { .. }, Action::Needles { .. })
        | (Action::Axial(_), Action::Axial(_))
        | (Action::Heartbeats(_), Action::Heartbeats(_)) => true,
        (Action::Send(first), Action::Send(second)) => matches!(
            (first, second),
            (Request::Start, Request::Stop | Request::Pause)
                | (Request::Pause, Request::Start)
                | (Request::UnlockDepth, Request::Set(_) | Request::LockDepth)
        ),
        _ => false,
    }
}

fn pairs(best: &Sequence) -> Vec<Sequence> {
    let steps = &best.steps;
    let mut out = Vec::new();
    if steps.len() < 3 {
        return out;
    }
    for first in 0..steps.len() {
        for second in first + 1..steps.len() {
            if steps.len() <= ALL_PAIRS || belong(&steps[first].action, &steps[second].action) {
                for keep in [false, true] {
                    let shorter = without(best, keep, |idx| idx == first || idx == second);
                    if shorter.steps.len() < steps.len() {
                        out.push(shorter);
                    }
                }
            }
        }
    }
    out
}

fn with(best: &Sequence, idx: usize, step: Step) -> Sequence {
    let mut steps = best.steps.clone();
    steps[idx] = step;
    Sequence { steps }
}

/// Shorter waits: all of them at once, then each by itself: none, half way up the ladder, one rung
/// down.
fn waits(best: &Sequence) -> Vec<Sequence> {
    let mut out = Vec::new();
    let mut shorter = |idx: usize, after_us: u64| {
        let step = &best.steps[idx];
        if after_us < step.after.0 {
            let after = Microseconds(after_us);
            let action = step.action.clone();
            out.push(with(best, idx, Step { after, action }));
        }
    };
    for (idx, step) in best.steps.iter().enumerate() {
        let rungs = LADDER_US.iter().filter(|&&it| it < step.after.0).count();
        shorter(idx, 0);
        if rungs > 0 {
            shorter(idx, LADDER_US[rungs / 2]);
            shorter(idx, LADDER_US[rungs - 1]);
        }
    }
    let steps = best.steps.iter().map(|step| Step {
        after: Microseconds::ZERO,
        action: step.action.clone(),
    });
    let none = Sequence {
        steps: steps.collect(),
    };
    if none != *best {
        out.push(none);
    }
    out
}

fn actions(best: &Sequence) -> Vec<Sequence> {
    let mut out = Vec::new();
    for (idx, step) in best.steps.iter().enumerate() {
        for action in simpler(&step.action) {
            let after = step.after;
            out.push(with(best, idx, Step { after, action }));
        }
    }
    out
}

/// Simpler actions, the simplest first. Each is lower in [`complexity`], so that there is an end.
fn simpler(action: &Action) -> Vec<Action> {
    let fresh = |length| {
        Action::Cartridge(Some(Fitting::Fresh {
            length: Micrometers(length),
        }))
    };
    let all = match action {
        Action::Nothing
        | Action::Repeat
        | Action::Heartbeats(_)
        | Action::Button(_)
        | Action::Reset
        | Action::Recalibrate => Vec::new(),
        Action::Hang => vec![Action::Reset],
        Action::Send(request) => simpler_request(*request)
            .into_iter()
            .map(Action::Send)
            .collect(),
        Action::Burst(requests) => burst(requests),
        Action::Late { request, back } => vec![
            Action::Send(*request),
            Action::Late {
                request: *request,
                back: (*back).min(1),
            },
        ],
        Action::CutShort { request, .. } => vec![Action::CutShort {
            request: *request,
            bytes: 1,
        }],
        Action::Flipped { request, .. } => vec![Action::Flipped {
            request: *request,
            bit: 8,
        }],
        Action::Garbage(bytes) => vec![
            Action::Garbage(bytes[..bytes.len().min(1)].to_vec()),
            Action::Garbage(bytes[..bytes.len() / 2].to_vec()),
        ],
        Action::Cartridge(None) => Vec::new(),
        Action::Cartridge(Some(_)) => vec![fresh(2_500), fresh(1_000)],
        Action::Needles { .. } => Vec::new(),
        Action::Shaft(ShaftHold::Brake(_)) => vec![Action::Shaft(ShaftHold::Locked)],
        Action::Shaft(_) | Action::Axial(_) => Vec::new(),
        Action::Supply(Millivolts(_)) => vec![
            Action::Supply(Millivolts(0)),
            Action::Supply(Millivolts(3_700)),
            Action::Supply(Millivolts(3_000)),
        ],
    };
    let limit = complexity(action);
    let lower = all.into_iter().filter(|it| complexity(it) < limit);
    lower.collect()
}

fn burst(requests: &[Request]) -> Vec<Action> {
    let mut out: Vec<Action> = requests.iter().map(|&it| Action::Send(it)).collect();
    if requests.len() > 2 {
        for left_out in 0..requests.len() {
            let mut fewer = requests.to_vec();
            fewer.remove(left_out);
            out.push(Action::Burst(fewer));
        }
    }
    for (idx, &request) in requests.iter().enumerate() {
        for simple in simpler_request(request) {
            let mut simplified = requests.to_vec();
            simplified[idx] = simple;
            out.push(Action::Burst(simplified));
        }
    }
    out
}

fn simpler_request(request: Request) -> Vec<Request> {
    let depth = |um| Request::Set(Setting::Depth(Micrometers(um)));
    let rate = |rate| Request::Set(Setting::Rate(StrokesPerMinute(rate)));
    match request {
        Request::Set(Setting::Depth(_)) => [0, 500, 1_000, 1_500, 2_000].map(depth).to_vec(),
        Request::Set(Setting::Rate(_)) => [7_000, 3_000, 9_000].map(rate).to_vec(),
        Request::Pause | Request::EndTreatment => vec![Request::Stop],
        Request::SelectPreset(_) => vec![Request::SelectPreset(firmware_wire::Preset::PatchTest)],
        _ => Vec::new(),
    }
}

/// How much there is to read in an action; only compared.
fn complexity(action: &Action) -> u64 {
    match action {
        Action::Nothing => 0,
        Action::Send(request) => 10 + request_complexity(*request),
        Action::Burst(requests) => {
            let each = requests.iter().map(|&it| 20 + request_complexity(it));
            100 + each.sum::<u64>()
        }
        Action::Repeat | Action::Heartbeats(_) | Action::Button(_) | Action::Reset => 10,
        Action::Hang | Action::Recalibrate => 11,
        Action::Late { request, back } => {
            50 + request_complexity(*request) + u64::from((*back).min(20))
        }
        Action::CutShort { bytes, .. } => 50 + u64::from(*bytes),
        Action::Flipped { bit, .. } => 50 + u64::from(*bit != 8),
        Action::Garbage(bytes) => 50 + bytes.len() as u64,
        Action::Cartridge(None) => 10,
        Action::Cartridge(Some(Fitting::Fresh { length })) => match length.0 {
            2_500 => 11,
            1_000 => 12,
            _ => 13,
        },
        Action::Cartridge(Some(Fitting::Same)) => 14,
        Action::Cartridge(Some(_)) => 15,
        Action::Needles { .. } | Action::Axial(_) => 20,
        Action::Shaft(ShaftHold::Free) => 10,
        Action::Shaft(ShaftHold::Locked) => 11,
        Action::Shaft(ShaftHold::Brake(_)) => 12,
        Action::Supply(Millivolts(3_700)) => 10,
        Action::Supply(Millivolts(0)) => 11,
        Action::Supply(Millivolts(3_000)) => 12,
        Action::Supply(_) => 13,
    }
}

fn request_complexity(request: Request) -> u64 {
    match request {
        Request::Set(Setting::Depth(depth)) => match depth.0 {
            0 => 1,
            500 => 2,
            1_000 => 3,
            1_500 => 4,
            2_000 => 5,
            _ => 6,
        },
        Request::Set(Setting::Rate(rate)) => match rate.0 {
            7_000 => 1,
            3_000 => 2,
            9_000 => 3,
            _ => 4,
        },
        Request::SelectPreset(firmware_wire::Preset::PatchTest) => 1,
        Request::SelectPreset(_) | Request::Pause | Request::EndTreatment => 2,
        _ => 0,
    }
}
