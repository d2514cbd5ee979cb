//! What a trace says of a pen, by what it said and by what the instruments saw.

use crate::judge::{Said, judge_said};
use crate::model::Requirements;
use crate::seen::{Seen, see};
use crate::trace::Trace;
use crate::violation::{Judgement, Property, Violation};

/// Judges a trace: by every reply and by everything seen.
///
/// A violation that is shown outweighs what could not be judged; what could not be judged is never
/// held. Of one property the first violation in a step is told.
#[must_use]
pub fn judge(trace: &Trace, requirements: &Requirements) -> Judgement {
    let seen = see(trace, requirements);
    // What is out of order cannot be followed.
    let said = if seen.sound {
        judge_said(trace, requirements)
    } else {
        Said::default()
    };
    let mut said = said;
    said.violations.extend(stuck(trace));
    together(said, seen)
}

/// A pen that does not begin anew when its supply was away is in no safe state.
fn stuck(trace: &Trace) -> Option<Violation> {
    let cause = trace.stuck.as_ref()?;
    Some(Violation {
        property: Property::SafeState,
        at: trace.ended,
        step: trace.last_step(),
        expected: "a pen that begins anew after its supply was away".to_owned(),
        observed: cause.clone(),
    })
}

fn together(said: Said, seen: Seen) -> Judgement {
    let mut violations = said.violations;
    violations.extend(seen.violations);
    let violations = first_in_each_step(violations);
    if !violations.is_empty() {
        return Judgement::Violated(violations);
    }
    // What both have found stands once.
    let seen_of = seen.inconclusive.unwrap_or_default();
    let said_of = said.unjudged.into_iter();
    let mut doubts = said_of
        .filter(|it| !seen_of.starts_with(it.as_str()))
        .chain(Some(seen_of.clone()).filter(|it| !it.is_empty()));
    match doubts.next() {
        None => Judgement::Held,
        Some(first) => {
            let rest: String = doubts.map(|it| format!("; {it}")).collect();
            Judgement::Inconclusive(first + &rest)
        }
    }
}

/// In order of time, of one property the first in a step.
pub(crate) fn first_in_each_step(mut violations: Vec<Violation>) -> Vec<Violation> {
    violations.sort_by_key(|it| (it.at, it.property));
    let mut kept: Vec<Violation> = Vec::new();
    for violation in violations {
        let same = |it: &Violation| (it.property, it.step) == (violation.property, violation.step);
        if !kept.iter().any(same) {
            kept.push(violation);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::Judged;
    use crate::testing::spec;
    use crate::violation::Property;
    use firmware_units::Nanoseconds;

    fn violation(at: u64, step: usize, property: Property) -> Violation {
        Violation {
            property,
            at: Nanoseconds::from_millis(at),
            step,
            expected: "rest".to_owned(),
            observed: format!("motion at {at} ms"),
        }
    }

    fn seen(violations: Vec<Violation>, inconclusive: Option<&str>) -> Seen {
        Seen {
            violations,
            inconclusive: inconclusive.map(str::to_owned),
            judged: Judged::default(),
            sound: true,
        }
    }

    fn said(violations: Vec<Violation>, unjudged: &[&str]) -> Said {
        Said {
            violations,
            unjudged: unjudged.iter().map(|it| (*it).to_owned()).collect(),
            ..Said::default()
        }
    }

    #[test]
    fn what_was_said_and_what_was_seen_stand_in_order_of_time() {
        let heard = vec![
            violation(30, 2, Property::Reply),
            violation(40, 2, Property::Reply),
            violation(50, 3, Property::Reply),
        ];
        let looked = vec![
            violation(20, 1, Property::Stop),
            violation(45, 2, Property::Stop),
        ];
        let judged = together(said(heard, &["lost"]), seen(looked, Some("blind")));
        let Judgement::Violated(violations) = judged else {
            panic!("{judged:?}");
        };
        let order: Vec<_> = violations
            .iter()
            .map(|it| (it.at.0 / 1_000_000, it.property))
            .collect();
        assert_eq!(
            order,
            [
                (20, Property::Stop),
                (30, Property::Reply),
                (45, Property::Stop),
                (50, Property::Reply)
            ]
        );
    }

    #[test]
    fn a_doubt_of_either_is_never_held() {
        let doubt =
            |said_of: &[&str], seen_of| together(said(vec![], said_of), seen(vec![], seen_of));
        assert_eq!(doubt(&[], None), Judgement::Held);
        let blind = || "blind".to_owned();
        assert_eq!(doubt(&[], Some("blind")), Judgement::Inconclusive(blind()));
        assert_eq!(doubt(&["blind"], None), Judgement::Inconclusive(blind()));
        let twice = doubt(&["lost"], Some("lost (and 2 more)"));
        assert_eq!(
            twice,
            Judgement::Inconclusive("lost (and 2 more)".to_owned())
        );
        assert_eq!(
            doubt(&["lost"], Some("blind")),
            Judgement::Inconclusive("lost; blind".to_owned())
        );
    }

    #[test]
    fn a_trace_of_nothing_and_one_out_of_order_are_not_held() {
        let requirements = Requirements::from_spec(&spec()).unwrap();
        let nothing = judge(&Trace::default(), &requirements);
        assert!(matches!(nothing, Judgement::Inconclusive(_)), "{nothing:?}");
        let late = Trace {
            edges: vec![Nanoseconds(u64::MAX), Nanoseconds(0)],
            ..Trace::default()
        };
        let late = judge(&late, &requirements);
        assert!(matches!(late, Judgement::Inconclusive(_)), "{late:?}");
    }
}
