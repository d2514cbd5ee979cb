//! What goes wrong, and how a treatment is left.

use crate::profile::chance::Choice;

/// What is done with the cartridge between passes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Swap {
    Nothing,
    Fresh,
    Same,
}
pub(crate) const BETWEEN_PASSES: Choice<Swap> = Choice {
    name: "cartridge between passes",
    rows: &[
        (90, Swap::Nothing, "stays", "one a treatment"),
        (
            5,
            Swap::Fresh,
            "changed for a fresh one",
            "tip bent or dropped (MAUDE: break, material integrity)",
        ),
        (5, Swap::Same, "taken out and put back", "looked at, wiped"),
    ],
};

/// What goes wrong once in a treatment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mishap {
    Nothing,
    Glitch,
    Silence,
    Sag,
    SagLow,
    CartridgeOut,
    Jam,
    PowerOff,
}
pub(crate) const MISHAP: Choice<Mishap> = Choice {
    name: "what goes wrong in one pass of the treatment",
    rows: &[
        (
            66,
            Mishap::Nothing,
            "nothing",
            "most treatments have no event",
        ),
        (
            8,
            Mishap::Glitch,
            "heartbeats stay away for less than the pen waits",
            "a busy host; the pass must go on",
        ),
        (
            7,
            Mishap::Silence,
            "heartbeats stay away for longer",
            "a cable comes loose, a host sleeps",
        ),
        (
            5,
            Mishap::Sag,
            "the supply sags above the battery's limit",
            "a weak cell under load",
        ),
        (
            3,
            Mishap::SagLow,
            "the supply sags below it",
            "an empty cell",
        ),
        (
            6,
            Mishap::CartridgeOut,
            "the cartridge is taken out",
            "failure to bond, break (MAUDE 12 and 11 of 59): the tip comes off",
        ),
        (
            3,
            Mishap::Jam,
            "the cam is held",
            "a broken part between cam and slider (MAUDE, break)",
        ),
        (
            2,
            Mishap::PowerOff,
            "supply lost for a moment",
            "the battery is changed",
        ),
    ],
};

/// How the treatment is left.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Closing {
    EndAndOut,
    End,
    Left,
    OutAlone,
    AnotherClient,
}
pub(crate) const CLOSING: Choice<Closing> = Choice {
    name: "end of the treatment",
    rows: &[
        (
            55,
            Closing::EndAndOut,
            "ended, cartridge out",
            "as labelled",
        ),
        (
            18,
            Closing::End,
            "ended, cartridge left in",
            "until the next client",
        ),
        (12, Closing::Left, "not ended", "the pen is put aside"),
        (
            7,
            Closing::OutAlone,
            "cartridge out, not ended",
            "the host is closed first",
        ),
        (
            8,
            Closing::AnotherClient,
            "ended; START with the same cartridge, refused",
            "the next client with the last one's needles: why there is single use",
        ),
    ],
};
