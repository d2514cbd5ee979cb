//! A line as typed, and the command that it is.

use super::line_error::LineError;
use super::quantity::{self, Typed};
use super::vocabulary::{self, Verb, Word};
use super::words::{ON_OFF, PRESETS, SETTINGS, SHAFT};
use firmware_units::{
    Micrometers, Micronewtonmeters, Millinewtons, Milliseconds, Millivolts, Nanometers, Nanoseconds,
};
use firmware_wire::{Preset, Request, Setting, SettingId};
use rig_bench::{Actuation, Actuator, Shaft};

/// Needles that meet the skin simulant: those of the reference cartridge.
const LOADED_NEEDLES: u8 = 14;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// One request to the pen, whose reply is shown.
    Ask(Request),
    /// Who the pen is, and which revision is spoken.
    Identify,
    /// The faults that are latched.
    Faults,
    /// Every entry of the event log.
    Log,
    /// What is counted on the link.
    Link,
    /// Names of the treatment areas.
    ListPresets,
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// Bench time passes.
    Wait(Nanoseconds),
    /// A cartridge goes in.
    Fit(Cartridge),
    /// The cartridge comes out.
    Unfit,
    /// The button is pressed and let go.
    Press,
    /// One setting of one actuator.
    Act(Actuator, Actuation),
    /// Every command, or one of them.
    Help(Option<&'static Word>),
    /// The end.
    Quit,
}

/// Which cartridge is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cartridge {
    /// One that no treatment has seen.
    New,
    /// One marked as used in a treatment that this pen did not begin.
    Used,
}

/// The command in a line, or nothing in an empty one; `#` begins a remark.
pub(crate) fn parse(line: &str) -> Result<Option<Command>, LineError> {
    let line = line.split('#').next().unwrap_or_default();
    let mut given = line.split_whitespace();
    let Some(name) = given.next() else {
        return Ok(None);
    };
    let word = vocabulary::find(name)?;
    let arguments = Arguments {
        word,
        given: given.collect(),
    };
    arguments.command().map(Some)
}

/// What stands behind a command's name.
struct Arguments<'l> {
    word: &'static Word,
    given: Vec<&'l str>,
}

impl Arguments<'_> {
    fn command(&self) -> Result<Command, LineError> {
        let ask = |request| self.none(Command::Ask(request));
        match self.word.verb {
            Verb::Identify => self.none(Command::Identify),
            Verb::Status => ask(Request::GetStatus),
            Verb::Set => self.set(),
            Verb::Get => {
                self.at_most(1)?;
                Ok(Command::Ask(Request::Get(self.setting()?)))
            }
            Verb::Preset => self.preset(),
            Verb::Unlock => ask(Request::UnlockDepth),
            Verb::Lock => ask(Request::LockDepth),
            Verb::Start => ask(Request::Start),
            Verb::Stop => ask(Request::Stop),
            Verb::Pause => ask(Request::Pause),
            Verb::Section => ask(Request::NextSection),
            Verb::Treatment => ask(Request::GetTreatment),
            Verb::End => ask(Request::EndTreatment),
            Verb::Faults => self.none(Command::Faults),
            Verb::Clear => ask(Request::ClearFaults),
            Verb::Cartridge => ask(Request::GetCartridge),
            Verb::Log => self.none(Command::Log),
            Verb::Link => self.none(Command::Link),
            Verb::Calibration => ask(Request::GetCalibration),
            Verb::Calibrate => self.calibrate(),
            Verb::Telemetry => self.telemetry(),
            Verb::Raw => self.raw(),
            Verb::Wait => {
                let time = unsigned(self.quantity(0, quantity::WAIT)?);
                Ok(Command::Wait(Nanoseconds(time)))
            }
            Verb::Fit => self.fit(),
            Verb::Unfit => self.none(Command::Unfit),
            Verb::Press => self.none(Command::Press),
            Verb::Load => self.load(),
            Verb::Block => self.block(),
            Verb::Supply => {
                let supply = Millivolts(narrow(self.quantity(0, quantity::SUPPLY)?));
                Ok(Command::Act(Actuator::Supply, Actuation::Supply(supply)))
            }
            Verb::Shaft => self.shaft(),
            Verb::Help => self.help(),
            Verb::Quit => self.none(Command::Quit),
        }
    }

    fn none(&self, command: Command) -> Result<Command, LineError> {
        self.at_most(0)?;
        Ok(command)
    }

    fn at_most(&self, count: usize) -> Result<(), LineError> {
        match self.given.get(count) {
            None => Ok(()),
            Some(surplus) => Err(LineError::Surplus {
                word: self.word,
                surplus: (*surplus).to_owned(),
            }),
        }
    }

    /// The first argument, which must be there.
    fn first(&self) -> Result<&str, LineError> {
        let first = self.given.first().copied();
        first.ok_or(LineError::Missing { word: self.word })
    }

    /// All arguments from one on as one text, so that a unit may stand apart from its number.
    fn rest(&self, from: usize) -> Result<String, LineError> {
        match self.given.get(from..) {
            Some(rest) if !rest.is_empty() => Ok(rest.join(" ")),
            _ => Err(LineError::Missing { word: self.word }),
        }
    }

    fn quantity(&self, from: usize, typed: Typed) -> Result<i64, LineError> {
        Ok(typed.parse(&self.rest(from)?)?)
    }

    fn setting(&self) -> Result<SettingId, LineError> {
        let choice = vocabulary::choose(self.first()?, SETTINGS)?;
        Ok(if choice == "depth" {
            SettingId::Depth
        } else {
            SettingId::Rate
        })
    }

    fn set(&self) -> Result<Command, LineError> {
        let setting = match self.setting()? {
            SettingId::Depth => {
                Setting::Depth(Micrometers(narrow(self.quantity(1, quantity::DEPTH)?)))
            }
            SettingId::Rate => Setting::Rate(quantity::rate(&self.rest(1)?)?),
        };
        Ok(Command::Ask(Request::Set(setting)))
    }

    fn preset(&self) -> Result<Command, LineError> {
        self.first()?;
        // `frown lines` is as good as `frown-lines`.
        let choice = vocabulary::choose(&self.given.join("-"), PRESETS)?;
        let position = PRESETS.iter().position(|name| *name == choice);
        Ok(match position.and_then(|at| Preset::ALL.get(at)) {
            Some(preset) => Command::Ask(Request::SelectPreset(*preset)),
            None if choice == "clear" => Command::Ask(Request::ClearPreset),
            None => Command::ListPresets,
        })
    }

    fn calibrate(&self) -> Result<Command, LineError> {
        let home = self.first()?;
        let lead = self.given.get(1);
        let lead = lead.ok_or(LineError::Missing { word: self.word })?;
        self.at_most(2)?;
        let length = |text| Ok::<_, LineError>(Nanometers(quantity::FINE_LENGTH.parse(text)?));
        Ok(Command::Ask(Request::Calibrate {
            home_protrusion: length(home)?,
            screw_lead: length(lead)?,
        }))
    }

    fn telemetry(&self) -> Result<Command, LineError> {
        let period = match self.first()?.to_lowercase().as_str() {
            "off" => {
                self.at_most(1)?;
                0
            }
            _ => narrow(self.quantity(0, quantity::PERIOD)?),
        };
        let period = Milliseconds(period);
        Ok(Command::Ask(Request::SetTelemetryPeriod(period)))
    }

    fn raw(&self) -> Result<Command, LineError> {
        self.first()?;
        let digits = self.given.concat();
        let byte = |at: usize| {
            let pair = digits.get(at..at + 2)?;
            // A sign would pass otherwise.
            let is_hex = pair.bytes().all(|it| it.is_ascii_hexdigit());
            u8::from_str_radix(pair, 16).ok().filter(|_| is_hex)
        };
        let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
        let bytes = bytes.ok_or_else(|| LineError::Hex {
            given: self.given.join(" "),
        })?;
        Ok(Command::Raw(bytes))
    }

    fn fit(&self) -> Result<Command, LineError> {
        self.at_most(1)?;
        Ok(Command::Fit(match self.given.first() {
            None => Cartridge::New,
            Some(given) => {
                vocabulary::choose(given, self.word.choices)?;
                Cartridge::Used
            }
        }))
    }

    fn load(&self) -> Result<Command, LineError> {
        let force = Millinewtons(narrow(self.quantity(0, quantity::FORCE)?));
        Ok(Command::Act(
            Actuator::Needles,
            Actuation::NeedleLoad {
                needles: LOADED_NEEDLES,
                force_per_needle: force,
            },
        ))
    }

    fn block(&self) -> Result<Command, LineError> {
        let choice = vocabulary::choose(self.first()?, ON_OFF)?;
        self.at_most(1)?;
        let present = choice == "on";
        Ok(Command::Act(
            Actuator::GaugeBlock,
            Actuation::GaugeBlock { present },
        ))
    }

    fn shaft(&self) -> Result<Command, LineError> {
        let shaft = match vocabulary::choose(self.first()?, SHAFT)? {
            "brake" => {
                let torque = self.quantity(1, quantity::TORQUE)?;
                Shaft::Brake(Micronewtonmeters(narrow(torque)))
            }
            choice => {
                self.at_most(1)?;
                if choice == "locked" {
                    Shaft::Locked
                } else {
                    Shaft::Free
                }
            }
        };
        Ok(Command::Act(Actuator::Shaft, Actuation::Shaft(shaft)))
    }

    fn help(&self) -> Result<Command, LineError> {
        self.at_most(1)?;
        let word = self.given.first().map(|given| vocabulary::find(given));
        Ok(Command::Help(word.transpose()?))
    }
}

/// A count that its range keeps within the narrower type.
fn narrow<T: TryFrom<i64>>(count: i64) -> T {
    T::try_from(count)
        .ok()
        .expect("the range of what is typed fits the quantity")
}

fn unsigned(count: i64) -> u64 {
    narrow(count)
}

#[cfg(test)]
mod tests;
