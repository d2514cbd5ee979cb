//! Judges what a pen said: every reply, every silence and every telemetry frame of a trace, against
//! the reference model.

mod counters;
mod look;
mod start;
mod telemetry;

use crate::model::{LATEST, Model, Remark, Requirements};
use crate::reply::InWords as _;
use crate::text::request_text;
use crate::{Property, Trace, Violation, What};
use counters::Counters;
use firmware_units::Nanoseconds;
use firmware_wire::{Reply, Request};
use look::Look;
use start::Starts;
use telemetry::Heard;

/// Longest wait for a reply, from the request's last bit ([`What::Unanswered`]).
const REPLY: Nanoseconds = Nanoseconds::from_millis(250);

/// What a trace says of what the pen said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// In order of time.
    pub violations: Vec<Violation>,
    /// Why something could not be judged.
    pub unjudged: Vec<String>,
    /// Replies to requests, heartbeats aside.
    pub replies: u32,
    /// Those to which exactly one reply was allowed.
    pub certain: u32,
}

/// Where violations are collected.
struct Findings {
    violations: Vec<Violation>,
    step: usize,
}

impl Findings {
    fn add(&mut self, property: Property, at: Nanoseconds, expected: String, observed: String) {
        self.violations.push(Violation {
            property,
            at,
            step: self.step,
            expected,
            observed,
        });
    }
}

/// Judges what was said in a trace.
#[must_use]
pub fn judge_said(trace: &Trace, requirements: &Requirements) -> Said {
    let mut model = Model::new(requirements);
    let mut findings = Findings {
        violations: Vec::new(),
        step: 0,
    };
    let mut said = Said::default();
    let mut counters = Counters::new(trace, requirements);
    let mut heard = Heard::default();
    let mut starts = Starts::default();
    let mut look = Look::of(trace);
    for event in &trace.events {
        let at = event.at.min(LATEST);
        starts.check(&mut model, at, trace, &mut findings);
        if let What::Step(step) = event.what {
            findings.step = step;
        }
        heard.before(&model, at, &mut findings);
        if let What::Telemetry(telemetry) = &event.what {
            // What the pen did by itself since the last event, it may tell of now.
            model.let_pass(at);
            heard.take(&model, at, telemetry, &mut findings);
            counters.telemetry(&model, at, telemetry.strokes, &mut findings);
        }
        let remark = model.take(event);
        if let What::Replied { reply, .. } = &event.what {
            match remark {
                Remark::Allowed {
                    request,
                    sent,
                    certain,
                } => {
                    if request != Request::Heartbeat {
                        said.replies += 1;
                        said.certain += u32::from(certain);
                    }
                    if at > sent + REPLY {
                        let expected = format!("{} answered within 250 ms", request_text(&request));
                        let late = at.saturating_sub(sent).seconds();
                        findings.add(Property::Answer, at, expected, format!("after {late:.3} s"));
                    }
                    if let Reply::Treatment(report) = reply {
                        counters.report(&model, (sent, at), report, &mut findings);
                    }
                    heard.answered(&request, at);
                }
                Remark::Wrong {
                    request,
                    differences,
                } => {
                    said.replies += u32::from(request != Request::Heartbeat);
                    wrong(&request, &differences, at, &mut findings);
                    heard.answered(&request, at);
                }
                Remark::Unasked => findings.add(
                    Property::Answer,
                    at,
                    "no reply but to a request, and one to each".to_owned(),
                    reply.in_words(),
                ),
                Remark::None | Remark::Silent { .. } => {}
            }
        } else if let Remark::Silent { request } = remark {
            findings.add(
                Property::Answer,
                at,
                format!("{} answered within 250 ms", request_text(&request)),
                "no reply".to_owned(),
            );
        }
        counters.after(&model, event);
        heard.after(&model, event);
        starts.after(&model);
        look.take(event, trace, &mut findings);
    }
    starts.check(&mut model, trace.ended, trace, &mut findings);
    said.unjudged.extend(look.end(&mut findings));
    if model.is_lost() {
        said.unjudged
            .push("what the pen may be doing became too much to follow".to_owned());
    }
    findings.violations.sort_by_key(|it| it.at);
    said.violations = findings.violations;
    said
}

/// One violation for each property that a reply violates.
fn wrong(
    request: &Request,
    differences: &[crate::model::Difference],
    at: Nanoseconds,
    findings: &mut Findings,
) {
    let mut told: Vec<Property> = Vec::new();
    for difference in differences {
        let property = difference.property;
        if !told.contains(&property) {
            told.push(property);
            let expected = format!("{}: {}", request_text(request), difference.expected);
            findings.add(property, at, expected, difference.observed.clone());
        }
    }
}

#[cfg(test)]
mod tests;
