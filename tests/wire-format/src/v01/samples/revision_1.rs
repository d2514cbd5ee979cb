//! What revision 1 of version 1 brought: requests, replies, and slots of the event log.

use super::{Sample, counters, largest_telemetry, numbered, parked, running};
use firmware_units::{Micrometers, Milliseconds, Nanometers};
use firmware_wire::{
    BootCause, CartridgeReport, Fault, FaultSet, LinkReport, LogEntry, LogEvent, Preset, Refusal,
    Reply, Request, State, Status, Telemetry, TreatmentReport,
};

/// Where a number of 7 bits a byte grows by one byte, and its end.
const BOUNDARIES: [(&str, u32); 6] = [
    ("zero", 0),
    ("one-byte", 127),
    ("two-bytes", 128),
    ("two-bytes-largest", 16_383),
    ("three-bytes", 16_384),
    ("largest", u32::MAX),
];

/// Every request that revision 1 brought.
pub(in crate::v01) fn requests() -> Vec<Sample<Request>> {
    let hello = |revision| Request::Hello { revision };
    let mut messages: Vec<(String, Request)> = [
        ("hello", hello(1)),
        ("hello-zero", hello(0)),
        ("hello-127", hello(127)),
        ("hello-128", hello(128)),
        ("hello-largest", hello(u8::MAX)),
        ("pause", Request::Pause),
        ("next-section", Request::NextSection),
        ("get-treatment", Request::GetTreatment),
        ("get-cartridge", Request::GetCartridge),
        ("get-link-report", Request::GetLinkReport),
        ("calibrate", calibrate(-412_345, 500_123)),
        ("calibrate-zero", calibrate(0, 0)),
        // Zigzag turns these into 127 and 128, and into 16,383 and 16,384.
        ("calibrate-one-byte", calibrate(-64, 64)),
        ("calibrate-two-bytes", calibrate(-8_192, 8_192)),
        ("calibrate-smallest", calibrate(i64::MIN, i64::MIN + 1)),
        ("calibrate-largest", calibrate(i64::MAX, i64::MAX - 1)),
        ("calibrate-extremes", calibrate(i64::MIN, i64::MAX)),
    ]
    .map(|(name, message)| (name.to_owned(), message))
    .to_vec();
    for (name, number) in BOUNDARIES {
        messages.push((format!("get-log-{name}"), Request::GetLog(number)));
    }
    numbered(messages)
}

/// Every reply, state, refusal, fault and event that revision 1 brought.
pub(in crate::v01) fn replies() -> Vec<Sample<Reply>> {
    let hello = |protocol, revision| Reply::Hello { protocol, revision };
    let mut messages: Vec<(String, Reply)> = [
        ("hello-agreed", hello(1, 1)),
        ("hello-agreed-on-zero", hello(1, 0)),
        ("hello-agreed-largest", hello(255, 254)),
        ("treatment", Reply::Treatment(treatment())),
        ("treatment-smallest", Reply::Treatment(smallest_treatment())),
        (
            "treatment-boundaries",
            Reply::Treatment(treatment_of_boundaries()),
        ),
        ("treatment-largest", Reply::Treatment(largest_treatment())),
        (
            "link-report-fresh",
            Reply::LinkReport(LinkReport::default()),
        ),
        ("link-report", Reply::LinkReport(link_report())),
        (
            "link-report-boundaries",
            Reply::LinkReport(link_report_of_boundaries()),
        ),
        (
            "link-report-largest",
            Reply::LinkReport(largest_link_report()),
        ),
        (
            "telemetry-paused",
            Reply::Telemetry(Telemetry {
                state: State::Paused,
                ..running()
            }),
        ),
        (
            "telemetry-asleep",
            Reply::Telemetry(Telemetry {
                state: State::Asleep,
                ..running()
            }),
        ),
        // The faults of this row of revision 0 in the words of revision 1.
        ("telemetry-largest-1", Reply::Telemetry(largest_telemetry())),
    ]
    .map(|(name, message)| (name.to_owned(), message))
    .to_vec();
    for (name, report) in cartridges() {
        messages.push((format!("cartridge-{name}"), Reply::Cartridge(report)));
    }
    for refusal in [
        Refusal::OutOfOrder,
        Refusal::NotRunning,
        Refusal::CartridgeFitted,
        Refusal::TreatmentUnderWay,
    ] {
        messages.push((format!("refused-{refusal:?}"), Reply::Refused(refusal)));
    }
    for state in [State::Paused, State::Asleep] {
        messages.push((
            format!("status-state-{state:?}"),
            Reply::Status(Status { state, ..parked() }),
        ));
    }
    for (name, faults) in [
        ("SelfTest", FaultSet::NONE.with(Fault::SelfTest)),
        (
            "first-and-last",
            FaultSet::NONE.with(Fault::Stall).with(Fault::SelfTest),
        ),
        ("every-bit", FaultSet(u16::MAX)),
    ] {
        let status = Status {
            state: State::Faulted,
            faults,
            ..parked()
        };
        messages.push((format!("status-fault-{name}"), Reply::Status(status)));
    }
    for (name, next) in BOUNDARIES {
        messages.push((format!("log-end-{name}"), Reply::LogEnd { next }));
    }
    for (name, entry) in entries().into_iter().chain(entries_of_every_payload()) {
        messages.push((format!("log-{name}"), Reply::Log(entry)));
    }
    numbered(messages)
}

/// Entries as they lie in retained RAM.
pub(in crate::v01) fn log_slots() -> Vec<(String, LogEntry)> {
    entries()
        .into_iter()
        .map(|(name, entry)| (format!("log-slot-{name}"), entry))
        .collect()
}

/// Every event once, and the ends and boundaries of an entry's numbers.
fn entries() -> Vec<(String, LogEntry)> {
    let mut entries: Vec<(String, LogEntry)> = [
        LogEvent::Booted(BootCause::Power),
        LogEvent::FaultLatched(Fault::Stall),
        LogEvent::FaultsCleared(FaultSet::NONE.with(Fault::NoseHot).with(Fault::SelfTest)),
        LogEvent::DepthUnlocked,
        LogEvent::DepthLocked,
        LogEvent::PresetChosen(Preset::PatchTest),
        LogEvent::TreatmentBegun(0x0102_0304),
        LogEvent::TreatmentEnded(0x0102_0305),
        LogEvent::TreatmentOver(0x0102_0306),
        LogEvent::SectionBegun(2),
        LogEvent::CartridgeFitted(0x89AB_CDEF),
        LogEvent::CartridgeRemoved,
        LogEvent::StartRefused(Refusal::NotAStep),
        LogEvent::CalibrationWritten(7),
        LogEvent::CalibrationFailed,
        LogEvent::FellAsleep,
        LogEvent::Awoke,
    ]
    .map(|event| {
        let name = format!("{event:?}");
        let name = name.split('(').next().unwrap_or_default();
        (name.to_owned(), entry(513, 3, 61_234, event))
    })
    .to_vec();
    let longest = LogEvent::TreatmentBegun(u32::MAX - 2);
    for (name, entry) in [
        (
            "smallest",
            entry(0, 0, 0, LogEvent::Booted(BootCause::Power)),
        ),
        (
            "boundaries",
            entry(127, 128, 16_383, LogEvent::SectionBegun(16_384)),
        ),
        (
            "boundaries-above",
            entry(128, 16_384, 127, LogEvent::TreatmentEnded(16_383)),
        ),
        ("longest", entry(u32::MAX, u16::MAX, u32::MAX - 1, longest)),
    ] {
        entries.push((name.to_owned(), entry));
    }
    entries
}

/// What an event may carry: every cause, every fault by its number, the ends of all else.
fn entries_of_every_payload() -> Vec<(String, LogEntry)> {
    let mut events: Vec<(String, LogEvent)> = [
        (
            "FaultsCleared-none",
            LogEvent::FaultsCleared(FaultSet::NONE),
        ),
        (
            "FaultsCleared-every-bit",
            LogEvent::FaultsCleared(FaultSet(u16::MAX)),
        ),
        ("PresetChosen-Scars", LogEvent::PresetChosen(Preset::Scars)),
        ("TreatmentOver-zero", LogEvent::TreatmentOver(0)),
        ("TreatmentOver-largest", LogEvent::TreatmentOver(u32::MAX)),
        ("SectionBegun-zero", LogEvent::SectionBegun(0)),
        ("SectionBegun-largest", LogEvent::SectionBegun(u16::MAX)),
        ("CartridgeFitted-zero", LogEvent::CartridgeFitted(0)),
        (
            "CartridgeFitted-largest",
            LogEvent::CartridgeFitted(u32::MAX),
        ),
        ("CalibrationWritten-zero", LogEvent::CalibrationWritten(0)),
        (
            "CalibrationWritten-largest",
            LogEvent::CalibrationWritten(u32::MAX),
        ),
    ]
    .map(|(name, event)| (name.to_owned(), event))
    .to_vec();
    for cause in [BootCause::Power, BootCause::Watchdog, BootCause::Other] {
        events.push((format!("Booted-{cause:?}"), LogEvent::Booted(cause)));
    }
    // Those of revision 0 too: no vector before told of a fault by its number.
    for &fault in &Fault::ALL[..13] {
        events.push((
            format!("FaultLatched-{fault:?}"),
            LogEvent::FaultLatched(fault),
        ));
    }
    for refusal in [
        Refusal::BatteryLow,
        Refusal::OutOfOrder,
        Refusal::NotRunning,
        Refusal::CartridgeFitted,
        Refusal::TreatmentUnderWay,
    ] {
        events.push((
            format!("StartRefused-{refusal:?}"),
            LogEvent::StartRefused(refusal),
        ));
    }
    events
        .into_iter()
        .map(|(name, event)| (name, entry(514, 4, 61_235, event)))
        .collect()
}

fn entry(number: u32, boot: u16, at_ms: u32, event: LogEvent) -> LogEntry {
    LogEntry {
        number,
        boot,
        at: Milliseconds(at_ms),
        event,
    }
}

fn calibrate(home_nm: i64, lead_nm: i64) -> Request {
    Request::Calibrate {
        home_protrusion: Nanometers(home_nm),
        screw_lead: Nanometers(lead_nm),
    }
}

fn treatment() -> TreatmentReport {
    TreatmentReport {
        id: 0x0102_0304,
        elapsed: Milliseconds(1_234_567),
        left: Milliseconds(2_365_433),
        section: 3,
        section_passes: 2,
        passes: 7,
        pass_strokes: 4_200,
        section_strokes: 9_870,
        strokes: 83_412,
    }
}

fn smallest_treatment() -> TreatmentReport {
    TreatmentReport {
        id: 0,
        elapsed: Milliseconds(0),
        left: Milliseconds(0),
        section: 0,
        section_passes: 0,
        passes: 0,
        pass_strokes: 0,
        section_strokes: 0,
        strokes: 0,
    }
}

fn treatment_of_boundaries() -> TreatmentReport {
    TreatmentReport {
        id: 127,
        elapsed: Milliseconds(128),
        left: Milliseconds(16_383),
        section: 127,
        section_passes: 128,
        passes: 16_384,
        pass_strokes: (1 << 21) - 1,
        section_strokes: 1 << 21,
        strokes: 1 << 28,
    }
}

/// Every number as long as its type lets it be, no two alike.
fn largest_treatment() -> TreatmentReport {
    TreatmentReport {
        id: u32::MAX,
        elapsed: Milliseconds(u32::MAX - 1),
        left: Milliseconds(u32::MAX - 2),
        section: u16::MAX,
        section_passes: u16::MAX - 1,
        passes: u32::MAX - 3,
        pass_strokes: u32::MAX - 4,
        section_strokes: u32::MAX - 5,
        strokes: u32::MAX - 6,
    }
}

fn cartridges() -> [(&'static str, CartridgeReport); 5] {
    let fresh = CartridgeReport {
        id: 0x0123_4567_89AB_CDEF,
        needles: 14,
        needle_length: Micrometers(2_500),
        treatment: None,
    };
    [
        ("fresh", fresh),
        (
            "used",
            CartridgeReport {
                treatment: Some(0x0102_0304),
                ..fresh
            },
        ),
        (
            "smallest",
            CartridgeReport {
                id: 0,
                needles: 0,
                needle_length: Micrometers(i32::MIN),
                treatment: Some(0),
            },
        ),
        (
            "boundaries",
            CartridgeReport {
                id: 16_384,
                needles: 128,
                needle_length: Micrometers(64),
                treatment: Some(127),
            },
        ),
        (
            "largest",
            CartridgeReport {
                id: u64::MAX,
                needles: u8::MAX,
                needle_length: Micrometers(i32::MAX),
                treatment: Some(u32::MAX),
            },
        ),
    ]
}

fn link_report() -> LinkReport {
    LinkReport {
        counters: counters(1_001, 12, 3, 4, 5),
        out_of_order: 6,
        truncated: 7,
        receive_errors: 8,
    }
}

fn link_report_of_boundaries() -> LinkReport {
    LinkReport {
        counters: counters(0, 127, 128, 16_383, 16_384),
        out_of_order: (1 << 21) - 1,
        truncated: 1 << 21,
        receive_errors: 1 << 28,
    }
}

/// Every number as long as its type lets it be, no two alike.
fn largest_link_report() -> LinkReport {
    let [accepted, malformed, oversized, not_understood, repeated] =
        [0, 1, 2, 3, 4].map(|less| u32::MAX - less);
    LinkReport {
        counters: counters(accepted, malformed, oversized, not_understood, repeated),
        out_of_order: u32::MAX - 5,
        truncated: u32::MAX - 6,
        receive_errors: u32::MAX - 7,
    }
}
