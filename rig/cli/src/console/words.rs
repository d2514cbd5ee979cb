//! The table of the console's commands.

use super::vocabulary::{Group, Verb, Word};
use firmware_wire::Preset;

/// Words of `set` and `get`.
pub(crate) const SETTINGS: &[&str] = &["depth", "rate"];
/// Words of `block`.
pub(crate) const ON_OFF: &[&str] = &["on", "off"];
/// Words of `shaft`.
pub(crate) const SHAFT: &[&str] = &["free", "locked", "brake"];
/// Words of `preset`: every treatment area, in the order of the wire, then what else there is.
pub(crate) const PRESETS: &[&str] = &[
    "patch-test",
    "forehead",
    "cheek",
    "chin",
    "nose",
    "eyes",
    "frown-lines",
    "lips",
    "neck",
    "decolletage",
    "hands",
    "stretch-marks",
    "scars",
    "clear",
    "list",
];

/// The name of a treatment area.
pub(crate) fn preset_name(preset: Preset) -> &'static str {
    PRESETS[preset as usize]
}

/// A command without arguments, about the pen.
const fn plain(
    name: &'static str,
    verb: Verb,
    summary: &'static str,
    detail: &'static str,
) -> Word {
    Word {
        name,
        verb,
        group: Group::Pen,
        arguments: "",
        choices: &[],
        summary,
        detail,
        example: name,
    }
}

/// Every command, in the order of `help`.
pub(crate) const WORDS: &[Word] = &[
    plain(
        "identify",
        Verb::Identify,
        "Asks the pen who it is",
        "Agrees anew on the revision of the protocol, as is needed after the pen was without supply.",
    ),
    plain(
        "status",
        Verb::Status,
        "Shows what the pen is doing, its settings and its faults",
        "",
    ),
    Word {
        name: "set",
        verb: Verb::Set,
        group: Group::Pen,
        arguments: "depth MM | rate PER_MIN",
        choices: SETTINGS,
        summary: "Sets depth or stroke rate",
        detail: "Depth in mm, in steps of 0.25; rate in strokes a minute, or in strokes a second with /s behind it.\nNot while the cam turns; above the armed limit only after `unlock`.",
        example: "set depth 1.25",
    },
    Word {
        name: "get",
        verb: Verb::Get,
        group: Group::Pen,
        arguments: "depth | rate",
        choices: SETTINGS,
        summary: "Reads a setting back",
        detail: "",
        example: "get rate",
    },
    Word {
        name: "preset",
        verb: Verb::Preset,
        group: Group::Pen,
        arguments: "AREA | clear | list",
        choices: PRESETS,
        summary: "Chooses the preset of a treatment area: a depth and its ceiling",
        detail: "`preset list` names the areas; `preset clear` leaves the preset, and the armed limit alone holds.",
        example: "preset forehead",
    },
    plain(
        "unlock",
        Verb::Unlock,
        "Lifts the armed depth limit until the treatment ends",
        "",
    ),
    plain(
        "lock",
        Verb::Lock,
        "Arms the depth limit again; a deeper setting falls to it",
        "",
    ),
    plain(
        "start",
        Verb::Start,
        "Turns the cam; begins a treatment if none is under way",
        "Needs a cartridge: `fit` one. Heartbeats are sent until `stop`, `pause` or `end`.",
    ),
    plain(
        "stop",
        Verb::Stop,
        "Stops the cam and parks the needles",
        "",
    ),
    plain(
        "pause",
        Verb::Pause,
        "Stops and parks; the next start goes on with the same pass",
        "Revision 1.",
    ),
    plain(
        "section",
        Verb::Section,
        "Goes on with the treatment's next section",
        "Revision 1.",
    ),
    plain(
        "treatment",
        Verb::Treatment,
        "Shows time, section, passes and strokes of the treatment",
        "Revision 1.",
    ),
    plain(
        "end",
        Verb::End,
        "Ends the treatment: stops, parks and arms the depth limit",
        "",
    ),
    plain(
        "faults",
        Verb::Faults,
        "Shows the faults that are latched, in words",
        "",
    ),
    plain(
        "clear",
        Verb::Clear,
        "Clears latched faults whose cause is gone",
        "",
    ),
    plain(
        "cartridge",
        Verb::Cartridge,
        "Shows what the pen read of the cartridge's chip",
        "Revision 1.",
    ),
    plain(
        "log",
        Verb::Log,
        "Shows every entry of the pen's event log",
        "Revision 1.",
    ),
    plain(
        "link",
        Verb::Link,
        "Shows what pen and rig counted on the link",
        "",
    ),
    plain(
        "calibration",
        Verb::Calibration,
        "Shows the depth calibration in force",
        "",
    ),
    Word {
        name: "calibrate",
        verb: Verb::Calibrate,
        group: Group::Pen,
        arguments: "HOME LEAD",
        choices: &[],
        summary: "Writes a new depth calibration into the pen, for service",
        detail: "Home protrusion and lead of the screw in mm, to the nanometre. Without a cartridge and \
                 outside a treatment; the pen then homes anew, and `calibration` tells what holds.\nRevision 1.",
        example: "calibrate -0.400000 0.500000",
    },
    Word {
        name: "telemetry",
        verb: Verb::Telemetry,
        group: Group::Pen,
        arguments: "MS | off",
        choices: &["off"],
        summary: "Shows what the pen measures, every so many milliseconds",
        detail: "Time is bench time; rate, carriage position, motor current, battery and temperature are the pen's own measured values.",
        example: "telemetry 100",
    },
    Word {
        name: "raw",
        verb: Verb::Raw,
        group: Group::Pen,
        arguments: "HEX",
        choices: &[],
        summary: "Sends bytes as they are and shows what comes back",
        detail: "Bytes in hexadecimal; a frame ends with 00. The example asks for the status, as number 1000.",
        example: "raw 09 01 e8 03 01 34 5a 23 62 00",
    },
    Word {
        name: "wait",
        verb: Verb::Wait,
        group: Group::Bench,
        arguments: "S",
        choices: &[],
        summary: "Lets bench time pass",
        detail: "Seconds, an hour at most. Ctrl-C ends it, and the console with it.",
        example: "wait 2.5",
    },
    Word {
        name: "fit",
        verb: Verb::Fit,
        group: Group::Bench,
        arguments: "[used]",
        choices: &["used"],
        summary: "Fits a cartridge: a new one, or one used in another treatment",
        detail: "14 needles, 2.50 mm; each has an id of its own. One that is fitted is taken out first.",
        example: "fit",
    },
    Word {
        name: "unfit",
        verb: Verb::Unfit,
        group: Group::Bench,
        arguments: "",
        choices: &[],
        summary: "Takes the cartridge out",
        detail: "",
        example: "unfit",
    },
    Word {
        name: "press",
        verb: Verb::Press,
        group: Group::Bench,
        arguments: "",
        choices: &[],
        summary: "Presses the pen's button for 0.1 s",
        detail: "",
        example: "press",
    },
    Word {
        name: "load",
        verb: Verb::Load,
        group: Group::Bench,
        arguments: "N",
        choices: &[],
        summary: "Loads each of 14 needles with a force at 1 mm, as skin does",
        detail: "Newtons a needle, growing with protrusion; 0 takes the load away.",
        example: "load 0.2",
    },
    Word {
        name: "block",
        verb: Verb::Block,
        group: Group::Bench,
        arguments: "on | off",
        choices: ON_OFF,
        summary: "Brings the gauge block to the nose plane, or takes it away",
        detail: "",
        example: "block on",
    },
    Word {
        name: "supply",
        verb: Verb::Supply,
        group: Group::Bench,
        arguments: "V",
        choices: &[],
        summary: "Sets the supply voltage",
        detail: "Volts. A pen without supply forgets what it was told; `identify` when it is back.",
        example: "supply 3.7",
    },
    Word {
        name: "shaft",
        verb: Verb::Shaft,
        group: Group::Bench,
        arguments: "free | locked | brake MNM",
        choices: SHAFT,
        summary: "Leaves the cam shaft free, holds it fast, or brakes it",
        detail: "The brake's torque in mN m.",
        example: "shaft brake 1.5",
    },
    Word {
        name: "help",
        verb: Verb::Help,
        group: Group::Console,
        arguments: "[NAME]",
        choices: &[],
        summary: "Lists the commands, or says more of one",
        detail: "",
        example: "help set",
    },
    Word {
        name: "quit",
        verb: Verb::Quit,
        group: Group::Console,
        arguments: "",
        choices: &[],
        summary: "Stops and parks the pen, switches it off and ends",
        detail: "So do Ctrl-D and Ctrl-C at the prompt, and the end of a script.",
        example: "quit",
    },
];
