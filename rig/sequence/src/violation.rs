//! What a pen did that it must not do.

use firmware_units::Nanoseconds;
use std::fmt;

/// What must hold in every sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// No stroke beyond the limit in force or the cartridge's length (DEP-09).
    Ceiling,
    /// Every settled stroke as deep as was set (DEP-01 to DEP-06).
    Depth,
    /// A deeper setting gives deeper strokes (DEP-13).
    Notches,
    /// No ten strokes faster than the ceiling (RAT-07).
    OverSpeed,
    /// The settled rate is the one that was set (RAT-01 to RAT-04).
    Rate,
    /// No motion but after START with a fitted cartridge (SAF-01, SAF-02).
    Motion,
    /// At rest and parked in time after STOP, pause, button, or what ends a run (SAF-08).
    Stop,
    /// A shaft that is held gets no current for long (SAF-03), nor does an overloaded motor (SAF-09).
    Stall,
    /// A pen that hears no host comes to rest (SAF-06).
    LostLink,
    /// What is read back is what was accepted (SAF-07).
    ReadBack,
    /// What is asked is done or refused as the protocol says (DEP-10, DEP-14, DEP-15, SAF-12).
    Reply,
    /// Every whole request is answered once, and nothing else is.
    Answer,
    /// Telemetry says what was measured (RAT-08).
    Telemetry,
    /// A fault that was brought about is latched, and stays until it is cleared on purpose.
    Faults,
    /// Strokes, passes and sections are counted exactly (END-03, END-06).
    Counters,
    /// A pen that may start does.
    Start,
    /// After any sequence: STOP, and motor off, needles parked, or said to be exposed; and the pen
    /// can be used again.
    SafeState,
}

impl Property {
    /// Every property, in the order of the enum.
    pub const ALL: [Self; 17] = [
        Self::Ceiling,
        Self::Depth,
        Self::Notches,
        Self::OverSpeed,
        Self::Rate,
        Self::Motion,
        Self::Stop,
        Self::Stall,
        Self::LostLink,
        Self::ReadBack,
        Self::Reply,
        Self::Answer,
        Self::Telemetry,
        Self::Faults,
        Self::Counters,
        Self::Start,
        Self::SafeState,
    ];

    /// The word that stands for it in files; never changes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ceiling => "ceiling",
            Self::Depth => "depth",
            Self::Notches => "notches",
            Self::OverSpeed => "over-speed",
            Self::Rate => "rate",
            Self::Motion => "motion",
            Self::Stop => "stop",
            Self::Stall => "stall",
            Self::LostLink => "lost-link",
            Self::ReadBack => "read-back",
            Self::Reply => "reply",
            Self::Answer => "answer",
            Self::Telemetry => "telemetry",
            Self::Faults => "faults",
            Self::Counters => "counters",
            Self::Start => "start",
            Self::SafeState => "safe-state",
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One violation.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// What was violated.
    pub property: Property,
    /// When it showed.
    pub at: Nanoseconds,
    /// In which step.
    pub step: usize,
    /// What should have been, in words.
    pub expected: String,
    /// What was, in words.
    pub observed: String,
}

/// What a trace says of the pen.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Everything held.
    Held,
    /// These did not, in order of time.
    Violated(Vec<Violation>),
    /// A value lies too near to its limit for its uncertainty, or could not be measured.
    Inconclusive(String),
}
