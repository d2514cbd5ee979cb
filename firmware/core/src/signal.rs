//! What the behaviour senses and drives each control tick.

use firmware_units::{Microseconds, Milliseconds};
use firmware_wire::calibration::COPY_LEN;
use firmware_wire::{Calibration, CalibrationError, FirmwareVersion, RecordCopy};

use crate::store::FLASH_WORD_LEN;
use crate::survivor::Survivor;

/// Length of a control tick.
pub const TICK: Microseconds = Microseconds(2_000);
/// Length of a control tick in whole milliseconds.
pub const TICK_MILLIS: Milliseconds = Milliseconds(2);
/// Duty count that switches the motor on all the time.
pub const DUTY_FULL: u16 = 800;
/// Bytes moved to or from the cartridge chip in one go: a page, short enough for one tick.
pub const PAGE_LEN: usize = 8;

/// Why the chip came out of reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetCause {
    /// Power came on, or fell below the brown-out level and came back: the chip has one flag for
    /// both. A surviving record that was taken in motion tells them apart.
    Power,
    /// The independent watchdog.
    Watchdog,
    /// The reset pin, a debug probe or software.
    Other,
}

/// What is known when the pen boots.
#[derive(Clone, Copy, Debug)]
pub struct BootInfo {
    /// Factory record and the copy that holds it, or why there is none.
    pub calibration: Result<(Calibration, RecordCopy), CalibrationError>,
    /// Why the chip came out of reset.
    pub reset: ResetCause,
    /// What survived the reset in RAM.
    pub survivor: Option<Survivor>,
    /// The chip's unique id.
    pub chip_uid: [u8; 12],
    /// Version of this firmware.
    pub firmware: FirmwareVersion,
    /// First eight bytes of the build id.
    pub build_id: [u8; 8],
}

/// Converter readings, 12 bits, of one control tick ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnalogCounts {
    /// Carriage position.
    pub position: u16,
    /// Motor current.
    pub motor_current: u16,
    /// Battery.
    pub battery: u16,
    /// Nose temperature.
    pub nose: u16,
}

/// A cam Hall edge since the last tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    /// When, on the free-running 1 MHz capture timer (wraps).
    pub at: u32,
    /// Another edge came before it in the same tick; its time is lost.
    pub overrun: bool,
}

/// How a [`ChipCommand`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipOutcome {
    /// The page read.
    Read([u8; PAGE_LEN]),
    /// The page was taken; the chip is busy for 5 ms now.
    Written,
    /// No acknowledge, or the bus is stuck.
    Failed,
}

/// How a [`FlashCommand`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashOutcome {
    /// Erased, or programmed.
    Done,
    /// The bytes of the copy.
    Read([u8; COPY_LEN]),
    /// The flash controller reported an error.
    Failed,
}

/// What was sensed for one control tick.
#[derive(Clone, Copy, Debug)]
pub struct Inputs {
    /// Converter readings; `None` where the sequence is not complete.
    pub analog: Option<AnalogCounts>,
    /// Capture timer, 1 MHz (wraps).
    pub now: u32,
    /// Hall edge.
    pub hall: Option<Capture>,
    /// Button is pressed.
    pub button: bool,
    /// A cartridge is fitted.
    pub cartridge: bool,
    /// Carriage is at the home switch.
    pub home: bool,
    /// Answer to the last tick's [`Outputs::chip`].
    pub chip: Option<ChipOutcome>,
    /// Answer to the last tick's [`Outputs::flash`].
    pub flash: Option<FlashOutcome>,
}

/// Way of the carriage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Needles retract.
    Inward,
    /// Needles come out.
    Outward,
}

/// Step pulses for one control tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepTrain {
    /// Way.
    pub direction: Direction,
    /// Number of pulses, 1 to 10.
    pub pulses: u8,
    /// Time from pulse to pulse in µs; the train ends within the tick.
    pub period: u16,
}

/// What the bus shall do with the cartridge chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipCommand {
    /// Read a page.
    Read {
        /// First byte.
        offset: u8,
    },
    /// Write a page.
    Write {
        /// First byte, a multiple of the page length.
        offset: u8,
        /// Bytes.
        page: [u8; PAGE_LEN],
    },
}

/// What the flash controller shall do with a copy of the factory record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashCommand {
    /// Erase the copy's page.
    Erase(RecordCopy),
    /// Program a double word.
    Program {
        /// Into which copy.
        copy: RecordCopy,
        /// First byte, a multiple of the double word.
        offset: u8,
        /// Bytes.
        word: [u8; FLASH_WORD_LEN],
    },
    /// Read the copy back.
    Read(RecordCopy),
}

/// What the pins shall do until the next control tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// Motor PWM compare value, 0 to [`DUTY_FULL`].
    pub duty: u16,
    /// Series cut-off closed: the motor has a supply.
    pub cutoff_closed: bool,
    /// Motor shorted; never together with a duty or a closed cut-off.
    pub brake: bool,
    /// Stepper holds the carriage.
    pub stepper_enabled: bool,
    /// Step pulses, if any.
    pub steps: Option<StepTrain>,
    /// Status LED lit.
    pub led: bool,
    /// Job for the cartridge chip; its outcome is in the next tick's inputs.
    pub chip: Option<ChipCommand>,
    /// Job for the flash controller; its outcome is in the next tick's inputs. Given only while
    /// motor and carriage rest, since it may last longer than a tick.
    pub flash: Option<FlashCommand>,
}

impl Outputs {
    /// Everything off, the motor shorted.
    pub const OFF: Self = Self {
        duty: 0,
        cutoff_closed: false,
        brake: false,
        stepper_enabled: false,
        steps: None,
        led: false,
        chip: None,
        flash: None,
    };
}
