//! Within which time a pen does what it does by itself.
//!
//! Nothing here is a limit that a pen is judged by: those stand in the tables. A window says from
//! when a change may be seen and by when it must be; both ends leave room for an oscillator 2 % off
//! and for the control tick.

use firmware_units::Nanoseconds;

/// From when something may have happened, and by when it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) least: Nanoseconds,
    pub(super) most: Nanoseconds,
}

const fn millis(least: u64, most: u64) -> Window {
    Window {
        least: Nanoseconds::from_millis(least),
        most: Nanoseconds::from_millis(most),
    }
}

/// A cartridge's contact must stand still for 50 ms (firmware/core, fault table).
pub(super) const CONTACT: Window = millis(44, 62);
/// The button must stand still for 30 ms.
pub(super) const BUTTON: Window = millis(25, 42);
/// A position that a switch had for less is seen or missed: a control tick of 2 ms.
pub(super) const LOOK: Nanoseconds = Nanoseconds(2_200_000);
/// A chip is read after its contact has closed, up to three times.
pub(super) const READ: Window = millis(1, 150);
/// A START marks the cartridge's chip first, and reads the mark back.
pub(super) const MARK: Window = millis(4, 100);
/// A chip that is marked already needs no more than a tick.
pub(super) const MARKED: Window = millis(0, 10);
/// The carriage travels up to 2.7 mm at 15 mm/s (firmware/HARDWARE.md).
pub(super) const MOVE_OUT: Window = millis(0, 450);
/// The drive is tried before it turns the cam.
pub(super) const TRY_DRIVE: Window = millis(6, 40);
/// Braking, standing still for 100 ms, and parking; a lost carriage goes the whole way.
pub(super) const REST: Window = millis(0, 1_000);
/// Self-test, homing at half speed over up to 4.4 mm, parking.
pub(super) const HOME: Window = millis(10, 2_500);
/// A page erase takes up to 40 ms, two of them and the words at most this.
pub(super) const WRITE: Window = millis(20, 500);
/// The host is silent for 0.40 s (firmware/wire, `Fault::LostLink`).
pub(super) const SILENCE: Window = millis(388, 470);
/// Nobody wants anything for 5 min (firmware/STATES.md).
pub(super) const SLEEP: Window = millis(294_000, 306_000);
/// No edge for 120 ms; 250 ms at the start, after the drive was tried.
pub(super) const STALL: Window = millis(90, 420);
/// A battery below 3.20 V, smoothed over 128 ms, for 0.10 s.
pub(super) const BATTERY: Window = millis(0, 1_000);
/// A needle found out when power comes back.
pub(super) const FOUND_OUT: Window = millis(0, 200);
/// After what made the motor run away or the battery sag: until nothing more comes of it.
pub(super) const AFTERMATH: Nanoseconds = Nanoseconds::from_millis(1_500);
/// From reset to the first control tick.
pub(super) const UP: Window = millis(0, 100);
/// A program that hangs is reset by the watchdog after 0.1 s (firmware/HARDWARE.md), whose clock may
/// be some per cent off.
pub(super) const WATCHDOG: Window = millis(0, 150);
/// After reset the link does not hear yet.
pub(super) const DEAF: Nanoseconds = Nanoseconds::from_millis(100);
/// What changed so shortly before a reset may not be kept: it is written in the next control tick.
pub(super) const KEEP: Nanoseconds = Nanoseconds::from_millis(12);
/// Telemetry may have waited so long behind replies.
pub(super) const LAG: Nanoseconds = Nanoseconds::from_millis(60);
/// A frame is behind the last one, not ahead of it, up to this many numbers.
pub(super) const BEHIND: u16 = 64;
/// Telemetry periods that are taken, ms, zero aside (firmware/core, link).
pub(super) const TELEMETRY: (u32, u32) = (10, 10_000);
/// Control tick, ms, to which a telemetry period is rounded up.
pub(super) const TICK_MS: u32 = 2;

/// Supply from which on the pen is rated (firmware/HARDWARE.md: 3.3 to 4.2 V), mV.
pub(super) const RATED: u32 = 3_300;
/// Above the rated range, mV: the self-test may take it for no battery.
pub(super) const NO_BATTERY: u32 = 4_400;
/// Surely low for a running pen and one at rest; it counts as low below 3.20 V, mV.
pub(super) const SURELY_LOW: u32 = 3_150;
/// Surely not good enough to start, which it is from 3.25 V on, mV: what supply and divider may be off
/// is within half a per cent.
pub(super) const SURELY_NOT_GOOD: u32 = 3_235;
/// A held or braked motor pulls a supply below this under the low limit, mV.
pub(super) const SAGS: u32 = 3_600;
/// Below this nothing is promised of what the pen measures, mV.
pub(super) const SHAKY: u32 = 2_600;
/// From here on the chip runs for sure, and below the other it surely does not (DS12232: 1.7 V), mV.
pub(crate) const RUNS: u32 = 2_000;
/// See [`RUNS`].
pub(super) const DEAD: u32 = 1_600;
/// A brake up to this never keeps the cam from its rate, µN m.
pub(super) const LIGHT_BRAKE: i32 = 1_500;
/// Force along the axis beyond what loads.csv holds, mN.
pub(super) const HEAVY_AXIAL: i32 = 1_100;
/// Force of all needles together at 1 mm that at 2.5 mm is beyond the heaviest load that a row runs
/// a pen under, 14 x 0.2 N at 1.5 mm (RAT-05), mN: a cam need not start against it.
pub(super) const HEAVY_NEEDLES: i32 = 1_700;
