//! A failing sequence as people read it: when, what was done, what should have been, what was.

use crate::action::Sequence;
use crate::reply::reply_text;
use crate::text::request_text;
use crate::trace::{Trace, What};
use crate::violation::Violation;
use firmware_units::Nanoseconds;
use firmware_wire::Request;

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Bench time since the sequence began.
    pub at: Nanoseconds,
    /// What was done; empty where something only showed.
    pub action: String,
    /// What should have been, where that was not so.
    pub expected: String,
    /// What the pen answered, or what was seen.
    pub observed: String,
}

/// Tells what was done and seen, in order of time; violations stand where they showed.
#[must_use]
pub fn story(sequence: &Sequence, trace: &Trace, violations: &[Violation]) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    let mut asked: Vec<(u16, Request)> = Vec::new();
    let mut in_look = false;
    for event in &trace.events {
        match &event.what {
            What::Step(index) => {
                let action = match sequence.steps.get(*index) {
                    Some(step) => step.action.to_string(),
                    None => {
                        in_look = true;
                        "the look at the end".to_owned()
                    }
                };
                moments.push(Moment {
                    at: event.at,
                    action,
                    expected: String::new(),
                    observed: String::new(),
                });
            }
            What::Sent { number, request } => {
                asked.push((*number, *request));
                // What the look does is the same each time; what goes wrong in it is told.
                if in_look && *request != Request::Heartbeat {
                    moments.push(Moment {
                        at: event.at,
                        action: format!("  {}", request_text(request)),
                        expected: String::new(),
                        observed: String::new(),
                    });
                }
            }
            What::Replied { number, reply } => {
                let request = asked.iter().rfind(|(it, _)| it == number);
                if request.is_some_and(|(_, it)| *it == Request::Heartbeat) {
                    continue;
                }
                answered(&mut moments, &reply_text(reply));
            }
            What::Unanswered { number } => {
                let request = asked.iter().rfind(|(it, _)| it == number);
                if request.is_some_and(|(_, it)| *it == Request::Heartbeat) {
                    continue;
                }
                answered(&mut moments, "no answer");
            }
            _ => {}
        }
    }
    for (number, violation) in violations.iter().enumerate() {
        // The first of a kind in a step tells what there is to tell.
        let is_known = violations[..number]
            .iter()
            .any(|it| it.property == violation.property && it.step == violation.step);
        if is_known {
            continue;
        }
        let place = moments.partition_point(|it| it.at <= violation.at);
        moments.insert(
            place,
            Moment {
                at: violation.at,
                action: format!("-> {:?}", violation.property),
                expected: violation.expected.clone(),
                observed: violation.observed.clone(),
            },
        );
    }
    if let Some(stuck) = &trace.stuck {
        moments.push(Moment {
            at: trace.ended,
            action: "-> begin anew".to_owned(),
            expected: "a pen as after power-on".to_owned(),
            observed: stuck.clone(),
        });
    }
    moments
}

fn answered(moments: &mut [Moment], text: &str) {
    if let Some(moment) = moments.last_mut() {
        if !moment.observed.is_empty() {
            moment.observed.push_str("; ");
        }
        moment.observed.push_str(text);
    }
}

/// The story as a table for a terminal; times to the millisecond.
#[must_use]
pub fn story_table(moments: &[Moment]) -> String {
    let rows: Vec<[String; 4]> = std::iter::once([
        "time, s".to_owned(),
        "action".to_owned(),
        "expected".to_owned(),
        "observed".to_owned(),
    ])
    .chain(moments.iter().map(|it| {
        [
            format!("{:.3}", it.at.seconds()),
            it.action.clone(),
            it.expected.clone(),
            it.observed.clone(),
        ]
    }))
    .collect();
    let width = |column: usize| {
        let longest = rows.iter().map(|row| row[column].chars().count()).max();
        longest.unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for row in &rows {
        let line = format!(
            "{:>w0$}  {:w1$}  {:w2$}  {}",
            row[0],
            row[1],
            row[2],
            row[3],
            w0 = widths[0],
            w1 = widths[1],
            w2 = widths[2]
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Action, Step};
    use crate::trace::Event;
    use crate::violation::Property;
    use firmware_units::Microseconds;
    use firmware_wire::{Refusal, Reply};

    #[test]
    fn a_story_says_what_was_done_answered_and_wrong() {
        let step = |action| Step {
            after: Microseconds(500_000),
            action,
        };
        let sequence = Sequence {
            steps: vec![
                step(Action::Send(Request::Start)),
                step(Action::Send(Request::Stop)),
            ],
        };
        let event = |ms, what| Event {
            at: Nanoseconds::from_millis(ms),
            what,
        };
        let sent = |number, request| What::Sent { number, request };
        let replied = |number, reply| What::Replied { number, reply };
        let trace = Trace {
            events: vec![
                event(500, What::Step(0)),
                event(501, sent(1, Request::Start)),
                event(504, replied(1, Reply::Refused(Refusal::NoCartridge))),
                event(600, sent(2, Request::Heartbeat)),
                event(603, replied(2, Reply::Done)),
                event(1_004, What::Step(1)),
                event(1_005, sent(3, Request::Stop)),
                event(1_255, What::Unanswered { number: 3 }),
                event(1_355, What::Step(2)),
                event(1_356, sent(4, Request::Stop)),
                event(1_359, replied(4, Reply::Done)),
            ],
            ended: Nanoseconds::from_seconds(3),
            ..Trace::default()
        };
        let violation = Violation {
            property: Property::Answer,
            at: Nanoseconds::from_millis(1_255),
            step: 1,
            expected: "an answer within 250 ms".to_owned(),
            observed: "none".to_owned(),
        };
        let table = story_table(&story(&sequence, &trace, &[violation]));
        let expected = "\
time, s  action               expected                 observed
  0.500  send start                                    refused: NoCartridge
  1.004  send stop                                     no answer
  1.255  -> Answer            an answer within 250 ms  none
  1.355  the look at the end
  1.356    stop                                        done
";
        assert_eq!(table, expected);
    }
}
