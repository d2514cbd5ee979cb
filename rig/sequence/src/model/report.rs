//! What a pen reports of itself, and what a report teaches the model.

use super::Requirements;
use super::due::Span;
use super::expected::{Expected, TreatmentId};
use super::guess::{Chip, Counts, Guess, Mark, Out, Phase};
use super::world::NEEDLES;
use firmware_units::Nanoseconds;
use firmware_wire::{Fault, LinkCounters, LinkReport, Refusal, Reply, Request, Status};

impl Guess {
    pub(super) fn status(&self, requirements: &Requirements) -> Expected {
        let lost =
            self.latched.contains(Fault::CarriageLost) || self.latched.contains(Fault::SelfTest);
        let parked = match self.phase {
            _ if lost => None,
            Phase::Idle | Phase::Paused | Phase::Asleep | Phase::Calibrating | Phase::Marking => {
                Some(true)
            }
            Phase::MovingOut if self.out == Out::No => Some(true),
            Phase::Trying | Phase::Running => Some(self.out == Out::No),
            _ => None,
        };
        let exposed = if lost || self.phase == Phase::Boot {
            None
        } else {
            Some(false)
        };
        let treatment = match self.treatment {
            None => TreatmentId::None,
            Some(treatment) => self.treatment_id(treatment.place),
        };
        let status = Status {
            state: self.state(),
            faults: self.latched,
            depth: self.depth.value,
            limit: self.limit(requirements),
            rate: self.rate.value,
            unlocked: self.unlocked,
            preset: self.preset,
            cartridge: self.fitted,
            treatment: None,
            parked: true,
            may_be_exposed: false,
        };
        let status = match Reply::Status(status).as_of(self.link.revision, self.usable()) {
            Reply::Status(status) => status,
            _ => status,
        };
        Expected::Status {
            status,
            treatment,
            parked,
            exposed,
        }
    }

    fn treatment_id(&self, place: u32) -> TreatmentId {
        match self.ids.get(&place) {
            Some(id) => TreatmentId::Seen(*id),
            None => self.unseen(),
        }
    }

    /// A treatment of which no id was told; no two have the same (firmware/wire,
    /// `CartridgeReport::treatment` tells whether a cartridge was used in another by it).
    fn unseen(&self) -> TreatmentId {
        let others = self.ids.values().copied().collect();
        TreatmentId::Unseen { others }
    }

    pub(super) fn treatment_report(&self, requirements: &Requirements, span: Span) -> Expected {
        let Some(treatment) = self.treatment else {
            return Expected::Exactly(Reply::Refused(Refusal::NoTreatment));
        };
        let millis = |it: Nanoseconds| it.0 / 1_000_000;
        let most = millis(span.1.saturating_sub(treatment.begun.0));
        let least = millis(
            span.0
                .saturating_sub(treatment.begun.1)
                .saturating_sub(treatment.missed),
        );
        Expected::Treatment {
            id: self.treatment_id(treatment.place),
            // An oscillator may be 2 % off.
            elapsed_ms: (least - least / 50, most + most / 50 + 4),
            whole_ms: (
                millis(requirements.treatment.0),
                millis(requirements.treatment.1),
            ),
            section: treatment.section,
            section_passes: treatment.section_passes,
            passes: treatment.passes,
        }
    }

    pub(super) fn cartridge_report(&self) -> Expected {
        match self.chip {
            Chip::Known {
                id, length, mark, ..
            } => Expected::Cartridge {
                id,
                length,
                needles: NEEDLES,
                treatment: match mark {
                    Mark::Unused | Mark::Torn => TreatmentId::None,
                    Mark::Foreign => self.unseen(),
                    Mark::Treatment(place) => self.treatment_id(place),
                },
            },
            _ => Expected::Exactly(Reply::Refused(
                self.check_cartridge()
                    .err()
                    .unwrap_or(Refusal::CartridgeUnreadable),
            )),
        }
    }

    /// Takes over what a reply says of what was not known, and keeps it for the frame's repetition.
    pub(super) fn learn(
        &mut self,
        (number, request): (u16, &Request),
        expected: &Expected,
        reply: &Reply,
    ) {
        match (expected, reply) {
            (Expected::Status { .. }, Reply::Status(status)) => self.learn_id(status.treatment),
            (Expected::Treatment { .. }, Reply::Treatment(report)) => {
                self.learn_id(Some(report.id));
            }
            (Expected::Cartridge { .. }, Reply::Cartridge(report)) => {
                if let Chip::Known {
                    mark: Mark::Treatment(place),
                    ..
                } = self.chip
                    && let Some(id) = report.treatment
                {
                    self.ids.insert(place, id);
                }
            }
            (Expected::Identity(_), Reply::Identity(identity)) => self.identity = Some(*identity),
            (Expected::Calibration(_), Reply::Calibration(calibration)) => {
                self.calibration = Some(*calibration);
            }
            (Expected::Counters(_), Reply::LinkCounters(counters)) => {
                self.link.counts.learn(counters, None);
            }
            (Expected::LinkReport(_), Reply::LinkReport(report)) => {
                self.link.counts.learn(&report.counters, Some(report));
            }
            _ => {}
        }
        if let Some((last_number, last, answered)) = &mut self.link.last
            && (*last_number, &*last) == (number, request)
        {
            *answered = Some(*reply);
        }
    }

    fn learn_id(&mut self, id: Option<u32>) {
        if let (Some(treatment), Some(id)) = (self.treatment, id) {
            self.ids.insert(treatment.place, id);
        }
    }
}

impl Counts {
    /// A report tells what was counted before its own request was.
    fn learn(&mut self, counters: &LinkCounters, report: Option<&LinkReport>) {
        self.accepted = Some(counters.accepted.saturating_add(1));
        self.malformed = Some(counters.malformed);
        self.oversized = Some(counters.oversized);
        self.not_understood = Some(counters.not_understood);
        self.repeated = Some(counters.repeated);
        if let Some(report) = report {
            self.out_of_order = Some(report.out_of_order);
            self.truncated = Some(report.truncated);
            self.receive_errors = Some(report.receive_errors);
        }
    }
}
