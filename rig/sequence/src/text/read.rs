//! A line as a step.

use super::defect::{TextDefect, Wrong};
use super::line::Line;
use super::quantity::{
    DEPTH, FINE_LENGTH, FORCE, LENGTH, PERIOD, RATE, SUPPLY, TIME, TORQUE, Written, count,
};
use super::words::{ACTIONS, DOWN_UP, FITTINGS, ON_OFF, PRESETS, REQUESTS, SETTINGS, SHAFT, near};
use crate::action::{Action, Fitting, Sequence, ShaftHold, Step};
use firmware_units::{
    Micrometers, Micronewtonmeters, Microseconds, Millinewtons, Milliseconds, Millivolts,
    Nanometers, StrokesPerMinute,
};
use firmware_wire::{Preset, Request, Setting, SettingId};

/// Reads a sequence: a step a line; empty lines and remarks (`#` to the end of the line) are none.
/// `after TIME s` may be left out, and then no time passes.
///
/// # Errors
/// Everything wrong, of every line the first.
///
/// # Examples
/// ```
/// let text = "after 1 s  cartridge fresh 2.5 mm\nafter 0.250 s  send start\n";
/// let sequence = rig_sequence::read(text).map_err(|defects| defects[0].clone())?;
/// assert_eq!(sequence.to_string(), text);
/// let defects = rig_sequence::read("after 1 s  send strat").unwrap_err();
/// assert!(defects[0].to_string().ends_with("did you mean `start`?"));
/// # Ok::<(), rig_sequence::TextDefect>(())
/// ```
pub fn read(text: &str) -> Result<Sequence, Vec<TextDefect>> {
    let mut steps = Vec::new();
    let mut defects = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = Line::new(number, line);
        if line.is_over() {
            continue;
        }
        match step(line) {
            Ok(step) => steps.push(step),
            Err(defect) => defects.push(defect),
        }
    }
    if defects.is_empty() {
        Ok(Sequence { steps })
    } else {
        Err(defects)
    }
}

/// Reads one request in the words of the console.
///
/// # Errors
/// What is wrong with it first.
pub fn read_request(text: &str) -> Result<Request, TextDefect> {
    let mut line = Line::new(1, text);
    let request = request(&mut line)?;
    line.finish()?;
    Ok(request)
}

fn step(mut line: Line<'_>) -> Result<Step, TextDefect> {
    let mut after = Microseconds::ZERO;
    if line.peek() == Some("after") {
        line.choose(&["after"])?;
        after = Microseconds(quantity(&mut line, TIME)?);
    }
    let action = action(&mut line)?;
    line.finish()?;
    Ok(Step { after, action })
}

fn action(line: &mut Line<'_>) -> Result<Action, TextDefect> {
    let word = line.choose_or(ACTIONS, |given| {
        if REQUESTS.contains(&given) {
            return Some(format!("send {given}"));
        }
        near(given, ACTIONS).map(str::to_owned)
    })?;
    Ok(match word {
        "send" => Action::Send(request(line)?),
        "burst" => Action::Burst(burst(line)?),
        "repeat" => Action::Repeat,
        "late" => {
            let back = quantity(line, count(1, 1_000, "late 3 of stop"))?;
            line.choose(&["of"])?;
            Action::Late {
                request: request(line)?,
                back,
            }
        }
        "cut" => {
            line.choose(&["short"])?;
            line.choose(&["after"])?;
            let bytes = quantity(line, count(0, 255, "cut short after 5 bytes of start"))?;
            line.choose(&["bytes"])?;
            line.choose(&["of"])?;
            Action::CutShort {
                request: request(line)?,
                bytes,
            }
        }
        "flipped" => {
            line.choose(&["bit"])?;
            let bit = quantity(line, count(0, 65_535, "flipped bit 37 of start"))?;
            line.choose(&["of"])?;
            Action::Flipped {
                request: request(line)?,
                bit,
            }
        }
        "garbage" => Action::Garbage(bytes(line)?),
        "heartbeats" => Action::Heartbeats(line.choose(ON_OFF)? == "on"),
        "cartridge" => Action::Cartridge(fitting(line)?),
        "load" => {
            let force = Millinewtons(quantity(line, FORCE)?);
            line.choose(&["on"])?;
            let needles = quantity(line, count(0, 255, "load 0.1 N on 14 needles"))?;
            line.choose(&["needles"])?;
            Action::Needles { needles, force }
        }
        "shaft" => Action::Shaft(match line.choose(SHAFT)? {
            "brake" => ShaftHold::Brake(Micronewtonmeters(quantity(line, TORQUE)?)),
            "locked" => ShaftHold::Locked,
            _ => ShaftHold::Free,
        }),
        "axial" => Action::Axial(Millinewtons(quantity(line, FORCE)?)),
        "supply" => Action::Supply(Millivolts(quantity(line, SUPPLY)?)),
        "button" => Action::Button(line.choose(DOWN_UP)? == "down"),
        "reset" => Action::Reset,
        "hang" => Action::Hang,
        "recalibrate" => Action::Recalibrate,
        _ => Action::Nothing,
    })
}

fn burst(line: &mut Line<'_>) -> Result<Vec<Request>, TextDefect> {
    let mut requests = Vec::new();
    while !line.is_over() {
        if !requests.is_empty() {
            line.choose(&[";"])?;
        }
        requests.push(request(line)?);
    }
    Ok(requests)
}

fn bytes(line: &mut Line<'_>) -> Result<Vec<u8>, TextDefect> {
    let mut bytes = Vec::new();
    while !line.is_over() {
        let token = line.next("a byte")?;
        // A sign would pass otherwise.
        let is_hex = token.text.len() == 2 && token.text.bytes().all(|it| it.is_ascii_hexdigit());
        match u8::from_str_radix(token.text, 16) {
            Ok(byte) if is_hex => bytes.push(byte),
            _ => {
                let given = token.text.to_owned();
                return Err(line.defect(token.column, Wrong::Hex { given }));
            }
        }
    }
    Ok(bytes)
}

fn fitting(line: &mut Line<'_>) -> Result<Option<Fitting>, TextDefect> {
    Ok(match line.choose(FITTINGS)? {
        "fresh" => Some(Fitting::Fresh {
            length: Micrometers(quantity(line, LENGTH)?),
        }),
        "same" => Some(Fitting::Same),
        "used" => Some(Fitting::Used),
        "unreadable" => Some(Fitting::Unreadable),
        _ => None,
    })
}

fn request(line: &mut Line<'_>) -> Result<Request, TextDefect> {
    Ok(match line.choose(REQUESTS)? {
        "identify" => Request::Identify,
        "set" => Request::Set(match line.choose(SETTINGS)? {
            "depth" => Setting::Depth(Micrometers(quantity(line, DEPTH)?)),
            _ => Setting::Rate(StrokesPerMinute(quantity(line, RATE)?)),
        }),
        "get" => Request::Get(match line.choose(SETTINGS)? {
            "depth" => SettingId::Depth,
            _ => SettingId::Rate,
        }),
        "preset" => {
            let word = line.choose(PRESETS)?;
            let place = PRESETS.iter().position(|it| *it == word);
            match place.and_then(|place| Preset::ALL.get(place)) {
                Some(preset) => Request::SelectPreset(*preset),
                None => Request::ClearPreset,
            }
        }
        "unlock" => Request::UnlockDepth,
        "lock" => Request::LockDepth,
        "start" => Request::Start,
        "stop" => Request::Stop,
        "end" => Request::EndTreatment,
        "clear" => Request::ClearFaults,
        "heartbeat" => Request::Heartbeat,
        "telemetry" if line.peek() == Some("off") => {
            line.choose(&["off"])?;
            Request::SetTelemetryPeriod(Milliseconds(0))
        }
        "telemetry" => Request::SetTelemetryPeriod(Milliseconds(quantity(line, PERIOD)?)),
        "calibration" => Request::GetCalibration,
        "counters" => Request::GetLinkCounters,
        "hello" => Request::Hello {
            revision: quantity(line, count(0, 255, "hello 1"))?,
        },
        "pause" => Request::Pause,
        "section" => Request::NextSection,
        "treatment" => Request::GetTreatment,
        "cartridge" => Request::GetCartridge,
        "log" => Request::GetLog(quantity(line, count(0, u32::MAX.into(), "log 0"))?),
        "link" => Request::GetLinkReport,
        "calibrate" => Request::Calibrate {
            home_protrusion: Nanometers(quantity(line, FINE_LENGTH)?),
            screw_lead: Nanometers(quantity(line, FINE_LENGTH)?),
        },
        _ => Request::GetStatus,
    })
}

/// A quantity in the width of its type, which its range keeps within.
fn quantity<T: TryFrom<i64>>(line: &mut Line<'_>, written: Written) -> Result<T, TextDefect> {
    let mut before = line.clone();
    let count = line.quantity(written)?;
    T::try_from(count).map_err(|_| {
        let column = before.next("").map_or(1, |token| token.column);
        line.defect(
            column,
            Wrong::Range {
                given: written.print(count),
                low: written.print(written.range.0),
                high: written.print(written.range.1),
            },
        )
    })
}
