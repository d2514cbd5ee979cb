//! What a pen says, in words.

use crate::text::preset_word;
use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::{
    Calibration, CartridgeReport, Fault, FaultSet, Identity, LinkCounters, LinkReport, Preset,
    Refusal, Reply, Setting, State, Status, Telemetry, TreatmentReport,
};
use std::fmt::Write as _;

/// A value as a sentence has it.
pub(crate) trait InWords {
    /// In words.
    fn in_words(&self) -> String;
}

macro_rules! as_displayed {
    ($($kind:ty),*) => {
        $(impl InWords for $kind {
            fn in_words(&self) -> String {
                self.to_string()
            }
        })*
    };
}

as_displayed!(u8, u16, u32, u64, Micrometers, StrokesPerMinute);

impl InWords for bool {
    fn in_words(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
}

impl InWords for State {
    fn in_words(&self) -> String {
        format!("{self:?}")
    }
}

impl InWords for Preset {
    fn in_words(&self) -> String {
        preset_word(*self).to_owned()
    }
}

impl<T: InWords> InWords for Option<T> {
    fn in_words(&self) -> String {
        self.as_ref().map_or("none".to_owned(), InWords::in_words)
    }
}

/// Least and most.
impl InWords for (u64, u64) {
    fn in_words(&self) -> String {
        format!("{} to {}", self.0, self.1)
    }
}

impl InWords for FaultSet {
    fn in_words(&self) -> String {
        let named = Fault::ALL.into_iter().filter(|it| self.contains(*it));
        let mut names: Vec<String> = named.map(|it| format!("{it:?}")).collect();
        let known = Fault::ALL
            .into_iter()
            .fold(Self::NONE, |set, it| set.with(it));
        let unknown = self.0 & !known.0;
        if unknown != 0 {
            names.push(format!("unknown {unknown:#06x}"));
        }
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    }
}

impl InWords for Calibration {
    fn in_words(&self) -> String {
        format!(
            "generation {}, serial number {}, hardware revision {}, home protrusion {}, screw lead {}",
            self.generation,
            serial(&self.serial),
            self.hardware_revision,
            self.home_protrusion,
            self.screw_lead
        )
    }
}

impl InWords for Identity {
    fn in_words(&self) -> String {
        let version = self.firmware;
        format!(
            "serial number {}, hardware revision {}, firmware {}.{}.{}, build {}, protocol {}, chip {}",
            serial(&self.serial),
            self.hardware_revision,
            version.major,
            version.minor,
            version.patch,
            hex(&self.build_id),
            self.protocol,
            hex(&self.chip_uid)
        )
    }
}

impl InWords for Refusal {
    fn in_words(&self) -> String {
        format!("refused: {self:?}")
    }
}

impl InWords for Setting {
    fn in_words(&self) -> String {
        match self {
            Self::Depth(depth) => format!("depth {depth}"),
            Self::Rate(rate) => format!("rate {rate}"),
        }
    }
}

impl InWords for Status {
    fn in_words(&self) -> String {
        let mut text = format!(
            "{:?}, depth {}, limit {}, rate {}",
            self.state, self.depth, self.limit, self.rate
        );
        if let Some(preset) = self.preset {
            let _ = write!(text, ", preset {}", preset.in_words());
        }
        let words = [
            (self.unlocked, ", unlocked"),
            (self.cartridge, ", cartridge"),
            (!self.parked, ", not parked"),
            (self.may_be_exposed, ", needles may be exposed"),
        ];
        for (_, word) in words.iter().filter(|it| it.0) {
            text.push_str(word);
        }
        if !self.faults.is_empty() {
            let _ = write!(text, ", latched {}", self.faults.in_words());
        }
        text
    }
}

impl InWords for Telemetry {
    fn in_words(&self) -> String {
        format!(
            "telemetry: {:?}, faults {}, {} strokes",
            self.state,
            self.faults.in_words(),
            self.strokes
        )
    }
}

impl InWords for TreatmentReport {
    fn in_words(&self) -> String {
        format!(
            "treatment {}: {} gone, {} left, section {} with {} passes, {} passes, \
             strokes {} in the pass, {} in the section, {} in all",
            self.id,
            self.elapsed,
            self.left,
            self.section,
            self.section_passes,
            self.passes,
            self.pass_strokes,
            self.section_strokes,
            self.strokes
        )
    }
}

impl InWords for CartridgeReport {
    fn in_words(&self) -> String {
        format!(
            "cartridge {}: {} needles of {}, treatment {}",
            self.id,
            self.needles,
            self.needle_length,
            self.treatment.in_words()
        )
    }
}

impl InWords for LinkCounters {
    fn in_words(&self) -> String {
        format!(
            "frames {} accepted, {} malformed, {} oversized, {} not understood, {} repeated",
            self.accepted, self.malformed, self.oversized, self.not_understood, self.repeated
        )
    }
}

impl InWords for LinkReport {
    fn in_words(&self) -> String {
        format!(
            "{}, {} out of order, {} truncated; {} receive errors",
            self.counters.in_words(),
            self.out_of_order,
            self.truncated,
            self.receive_errors
        )
    }
}

impl InWords for Reply {
    fn in_words(&self) -> String {
        match self {
            Self::Done => "done".to_owned(),
            Self::Refused(refusal) => refusal.in_words(),
            Self::Identity(identity) => identity.in_words(),
            Self::Status(status) => status.in_words(),
            Self::Setting(setting) => setting.in_words(),
            Self::Calibration(calibration) => calibration.in_words(),
            Self::LinkCounters(counters) => counters.in_words(),
            Self::Telemetry(telemetry) => telemetry.in_words(),
            Self::NotUnderstood { protocol } => {
                format!("not understood; the pen speaks protocol {protocol}")
            }
            Self::Hello { protocol, revision } => format!("protocol {protocol}.{revision}"),
            Self::Treatment(report) => report.in_words(),
            Self::Cartridge(report) => report.in_words(),
            Self::Log(entry) => format!(
                "log entry {}, boot {}, {} after it: {:?}",
                entry.number, entry.boot, entry.at, entry.event
            ),
            Self::LogEnd { next } => format!("no log entry; the next will be {next}"),
            Self::LinkReport(report) => report.in_words(),
        }
    }
}

/// A reply in a few words.
#[must_use]
pub fn reply_text(reply: &Reply) -> String {
    reply.in_words()
}

/// A serial number; what is no letter, digit or dash as its byte.
fn serial(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_units::{Milliseconds, Nanometers};
    use firmware_wire::FirmwareVersion;

    #[test]
    fn replies_read_as_a_person_would_say_them() {
        let status = Status {
            state: State::Faulted,
            faults: FaultSet::NONE.with(Fault::Stall).with(Fault::LostLink),
            depth: Micrometers(1_500),
            limit: Micrometers(1_500),
            rate: StrokesPerMinute(7_000),
            unlocked: false,
            preset: Some(Preset::FrownLines),
            cartridge: true,
            treatment: None,
            parked: false,
            may_be_exposed: true,
        };
        let identity = Identity {
            serial: *b"PA1-00000001",
            hardware_revision: 67,
            firmware: FirmwareVersion {
                major: 1,
                minor: 2,
                patch: 1,
            },
            build_id: [0xAB, 1, 2, 3, 4, 5, 6, 7],
            protocol: 1,
            chip_uid: [9; 12],
        };
        let calibration = Calibration {
            generation: 3,
            serial: [
                b'A', 0xFF, b'-', b'1', b'A', b'A', b'A', b'A', b'A', b'A', b'A', b'A',
            ],
            hardware_revision: 67,
            home_protrusion: Nanometers(-500_000),
            screw_lead: Nanometers(1_000_000),
        };
        let treatment = TreatmentReport {
            id: 7,
            elapsed: Milliseconds(3_572),
            left: Milliseconds(3_596_428),
            section: 2,
            section_passes: 1,
            passes: 2,
            pass_strokes: 2,
            section_strokes: 2,
            strokes: 73,
        };
        let cartridge = CartridgeReport {
            id: 12,
            needles: 14,
            needle_length: Micrometers(2_500),
            treatment: None,
        };
        let replies = [
            Reply::Done,
            Reply::Refused(Refusal::NotAStep),
            Reply::Identity(identity),
            Reply::Status(status),
            Reply::Setting(Setting::Depth(Micrometers(500))),
            Reply::Calibration(calibration),
            Reply::LinkReport(LinkReport::default()),
            Reply::NotUnderstood { protocol: 1 },
            Reply::Treatment(treatment),
            Reply::Cartridge(cartridge),
            Reply::LogEnd { next: 4 },
        ];
        let lines: Vec<String> = replies.iter().map(reply_text).collect();
        let expected = [
            "done",
            "refused: NotAStep",
            "serial number PA1-00000001, hardware revision 67, firmware 1.2.1, build ab01020304050607, protocol 1, chip 090909090909090909090909",
            "Faulted, depth 1500 µm, limit 1500 µm, rate 7000 strokes/min, preset frown-lines, cartridge, not parked, needles may be exposed, latched Stall, LostLink",
            "depth 500 µm",
            "generation 3, serial number A\\xff-1AAAAAAAA, hardware revision 67, home protrusion -500000 nm, screw lead 1000000 nm",
            "frames 0 accepted, 0 malformed, 0 oversized, 0 not understood, 0 repeated, 0 out of order, 0 truncated; 0 receive errors",
            "not understood; the pen speaks protocol 1",
            "treatment 7: 3572 ms gone, 3596428 ms left, section 2 with 1 passes, 2 passes, strokes 2 in the pass, 2 in the section, 73 in all",
            "cartridge 12: 14 needles of 2500 µm, treatment none",
            "no log entry; the next will be 4",
        ];
        assert_eq!(lines, expected);
        assert_eq!(FaultSet(1 << 15 | 1).in_words(), "Stall, unknown 0x8000");
        assert_eq!(FaultSet::NONE.in_words(), "none");
    }
}
