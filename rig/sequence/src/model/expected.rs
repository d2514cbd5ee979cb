//! What a reply may say, and wherein one says something else.

use super::guess::Counts;
use crate::Property;
use crate::reply::InWords;
use firmware_units::Micrometers;
use firmware_wire::{
    Calibration, Identity, LinkCounters, LinkReport, PROTOCOL_VERSION, Reply, Request, Status,
};

/// Id of a treatment in a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TreatmentId {
    None,
    Seen(u32),
    /// One, and it was not told yet: none of these, which are those of other treatments.
    Unseen {
        others: Vec<u32>,
    },
}

impl InWords for TreatmentId {
    fn in_words(&self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Seen(id) => id.to_string(),
            Self::Unseen { others } if others.is_empty() => "a new one".to_owned(),
            Self::Unseen { others } => {
                let others: Vec<String> = others.iter().map(u32::to_string).collect();
                format!("a new one, none of {}", others.join(", "))
            }
        }
    }
}

/// What a reply may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// There may be none.
    Silence,
    /// Whatever it says: what it repeats was not heard.
    Anything,
    Exactly(Reply),
    Status {
        /// As it must be, apart from what follows.
        status: Status,
        treatment: TreatmentId,
        parked: Option<bool>,
        exposed: Option<bool>,
    },
    Treatment {
        id: TreatmentId,
        elapsed_ms: (u64, u64),
        /// Elapsed and left together.
        whole_ms: (u64, u64),
        section: u16,
        section_passes: u16,
        passes: u32,
    },
    Cartridge {
        id: u64,
        length: Micrometers,
        needles: u8,
        treatment: TreatmentId,
    },
    Calibration(Option<Calibration>),
    Identity(Option<Identity>),
    Counters(Counts),
    LinkReport(Counts),
    /// The first entry from this number on.
    Log(u32),
}

/// Wherein a reply differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) property: Property,
    pub(crate) expected: String,
    pub(crate) observed: String,
}

/// Collects differences of fields.
struct Fields(Vec<Difference>);

impl Fields {
    fn check(
        &mut self,
        property: Property,
        holds: bool,
        name: &str,
        expected: &impl InWords,
        observed: &impl InWords,
    ) {
        if !holds {
            self.0.push(Difference {
                property,
                expected: format!("{name} {}", expected.in_words()),
                observed: format!("{name} {}", observed.in_words()),
            });
        }
    }

    fn same<T: InWords + PartialEq>(
        &mut self,
        property: Property,
        name: &str,
        expected: T,
        observed: T,
    ) {
        let holds = expected == observed;
        self.check(property, holds, name, &expected, &observed);
    }

    fn known<T: InWords + PartialEq>(
        &mut self,
        property: Property,
        name: &str,
        expected: Option<T>,
        observed: T,
    ) {
        if let Some(expected) = expected {
            self.same(property, name, expected, observed);
        }
    }

    fn id(&mut self, expected: &TreatmentId, observed: Option<u32>) {
        let holds = match expected {
            TreatmentId::None => observed.is_none(),
            TreatmentId::Seen(id) => observed == Some(*id),
            TreatmentId::Unseen { others } => observed.is_some_and(|it| !others.contains(&it)),
        };
        self.check(Property::Reply, holds, "treatment", expected, &observed);
    }

    fn within(&mut self, name: &str, range: (u64, u64), observed: u64) {
        let holds = range.0 <= observed && observed <= range.1;
        self.check(Property::Counters, holds, name, &range, &observed);
    }
}

impl Expected {
    /// Wherein a reply to a request differs from this; nothing if it does not.
    pub(super) fn differs(&self, request: &Request, reply: &Reply) -> Vec<Difference> {
        let mut fields = Fields(Vec::new());
        match (self, reply) {
            (Self::Anything, _) => {}
            (Self::Exactly(expected), reply) if expected == reply => {}
            (
                Self::Status {
                    status,
                    treatment,
                    parked,
                    exposed,
                },
                Reply::Status(seen),
            ) => {
                fields.id(treatment, seen.treatment);
                status_fields(&mut fields, status, seen);
                fields.known(Property::Reply, "parked", *parked, seen.parked);
                fields.known(
                    Property::Reply,
                    "may be exposed",
                    *exposed,
                    seen.may_be_exposed,
                );
            }
            (
                Self::Treatment {
                    id,
                    elapsed_ms,
                    whole_ms,
                    section,
                    section_passes,
                    passes,
                },
                Reply::Treatment(seen),
            ) => {
                let (elapsed, left) = (u64::from(seen.elapsed.0), u64::from(seen.left.0));
                fields.id(id, Some(seen.id));
                fields.same(Property::Counters, "section", *section, seen.section);
                fields.same(Property::Counters, "passes", *passes, seen.passes);
                let name = "passes of the section";
                fields.same(
                    Property::Counters,
                    name,
                    *section_passes,
                    seen.section_passes,
                );
                fields.within("elapsed ms", *elapsed_ms, elapsed);
                fields.within("ms elapsed and left", *whole_ms, elapsed + left);
            }
            (
                Self::Cartridge {
                    id,
                    length,
                    needles,
                    treatment,
                },
                Reply::Cartridge(seen),
            ) => {
                fields.same(Property::Reply, "cartridge", *id, seen.id);
                fields.same(Property::Reply, "needles", *needles, seen.needles);
                fields.same(
                    Property::Reply,
                    "needle length",
                    *length,
                    seen.needle_length,
                );
                fields.id(treatment, seen.treatment);
            }
            (Self::Calibration(expected), Reply::Calibration(seen)) => {
                fields.known(Property::ReadBack, "calibration", *expected, *seen);
            }
            (Self::Identity(expected), Reply::Identity(seen)) => {
                fields.same(Property::Reply, "protocol", PROTOCOL_VERSION, seen.protocol);
                fields.known(Property::Reply, "identity", *expected, *seen);
            }
            (Self::Counters(counts), Reply::LinkCounters(seen)) => {
                counter_fields(&mut fields, counts, seen);
            }
            (Self::LinkReport(counts), Reply::LinkReport(seen)) => {
                report_fields(&mut fields, counts, seen);
            }
            (Self::Log(asked), Reply::Log(entry)) => {
                let ahead = entry.number.wrapping_sub(*asked) < u32::MAX / 2;
                fields.check(
                    Property::Reply,
                    ahead,
                    "log entry from",
                    asked,
                    &entry.number,
                );
            }
            (Self::Log(asked), Reply::LogEnd { next }) => {
                let beyond = asked.wrapping_sub(*next) < u32::MAX / 2;
                fields.check(Property::Reply, beyond, "end of log by", asked, next);
            }
            _ => fields.0.push(Difference {
                property: property(request, self),
                expected: self.words(),
                observed: reply.in_words(),
            }),
        }
        fields.0
    }

    /// Whether nothing is left open.
    pub(super) fn is_one(&self) -> bool {
        match self {
            Self::Silence | Self::Anything => false,
            Self::Status {
                parked, exposed, ..
            } => parked.is_some() && exposed.is_some(),
            _ => true,
        }
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Silence => "no reply, without supply".to_owned(),
            Self::Anything => "a reply".to_owned(),
            Self::Exactly(reply) => reply.in_words(),
            Self::Status { status, .. } => status.in_words(),
            Self::Treatment { .. } => "a report of the treatment".to_owned(),
            Self::Cartridge { .. } => "a report of the cartridge".to_owned(),
            Self::Calibration(_) => "the calibration".to_owned(),
            Self::Identity(_) => "the identity".to_owned(),
            Self::Counters(_) => "link counters".to_owned(),
            Self::LinkReport(_) => "a report of the link".to_owned(),
            Self::Log(_) => "an entry of the log, or its end".to_owned(),
        }
    }
}

fn status_fields(fields: &mut Fields, status: &Status, seen: &Status) {
    fields.same(Property::Faults, "faults", status.faults, seen.faults);
    fields.same(Property::Reply, "state", status.state, seen.state);
    fields.same(Property::ReadBack, "depth", status.depth, seen.depth);
    fields.same(Property::ReadBack, "rate", status.rate, seen.rate);
    fields.same(
        Property::ReadBack,
        "unlocked",
        status.unlocked,
        seen.unlocked,
    );
    fields.same(Property::ReadBack, "preset", status.preset, seen.preset);
    fields.same(
        Property::Reply,
        "cartridge fitted",
        status.cartridge,
        seen.cartridge,
    );
    fields.same(Property::Reply, "limit", status.limit, seen.limit);
}

fn counter_fields(fields: &mut Fields, counts: &Counts, seen: &LinkCounters) {
    for (name, expected, observed) in [
        ("accepted", counts.accepted, seen.accepted),
        ("malformed", counts.malformed, seen.malformed),
        ("oversized", counts.oversized, seen.oversized),
        ("not understood", counts.not_understood, seen.not_understood),
        ("repeated", counts.repeated, seen.repeated),
    ] {
        fields.known(Property::Counters, name, expected, observed);
    }
}

fn report_fields(fields: &mut Fields, counts: &Counts, seen: &LinkReport) {
    counter_fields(fields, counts, &seen.counters);
    for (name, expected, observed) in [
        ("out of order", counts.out_of_order, seen.out_of_order),
        ("truncated", counts.truncated, seen.truncated),
        ("receive errors", counts.receive_errors, seen.receive_errors),
    ] {
        fields.known(Property::Counters, name, expected, observed);
    }
}

/// What a reply of another kind than expected violates.
fn property(request: &Request, expected: &Expected) -> Property {
    match request {
        Request::Get(_) => Property::ReadBack,
        Request::ClearFaults => Property::Faults,
        Request::Start if *expected == Expected::Exactly(Reply::Done) => Property::Start,
        _ => Property::Reply,
    }
}
