//! What a whole trace says of the pen: what it said and what was seen, together.

use crate::judge::judge_said;
use crate::model::Requirements;
use crate::seen::judge_seen;
use crate::trace::Trace;
use crate::violation::{Judgement, Property, Violation};

/// Judges a trace by what the pen said and by what instruments saw.
///
/// A violation is one whatever else could not be decided; without one, anything undecided makes the
/// whole inconclusive.
#[must_use]
pub fn judge_trace(trace: &Trace, requirements: &Requirements) -> Judgement {
    let said = judge_said(trace, requirements);
    let (mut violations, doubt) = judge_seen(trace, requirements);
    violations.extend(said.violations);
    if let Some(stuck) = &trace.stuck {
        violations.push(Violation {
            property: Property::SafeState,
            at: trace.ended,
            step: trace.last_step(),
            expected: "a pen that begins anew after its supply was away".to_owned(),
            observed: stuck.clone(),
        });
    }
    violations.sort_by_key(|it| it.at);
    if !violations.is_empty() {
        return Judgement::Violated(violations);
    }
    match doubt {
        Some(doubt) => Judgement::Inconclusive(doubt),
        None => Judgement::Held,
    }
}
