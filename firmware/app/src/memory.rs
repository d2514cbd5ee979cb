//! What lies in memory apart from the program: factory record, surviving record, reset flags.
#![expect(
    unsafe_code,
    reason = "reads flash by address and keeps a record in uninitialised RAM"
)]

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

use embassy_stm32::pac;
use firmware_core::{ResetCause, SURVIVOR_WORDS, Survivor};
use firmware_wire::calibration::{COPY_A, COPY_B, COPY_LEN};
use firmware_wire::{Calibration, CalibrationError};

type Copy = [u32; SURVIVOR_WORDS];

/// Two copies of the record, in RAM that start-up code does not touch.
struct Retained(UnsafeCell<MaybeUninit<[Copy; 2]>>);

// SAFETY: touched by the control task alone.
unsafe impl Sync for Retained {}

#[unsafe(link_section = ".uninit.survivor")]
static RETAINED: Retained = Retained(UnsafeCell::new(MaybeUninit::uninit()));

/// The factory record in force.
///
/// # Errors
/// Neither copy holds; the first one's reason.
pub(crate) fn calibration() -> Result<Calibration, CalibrationError> {
    Calibration::choose(&flash(COPY_A), &flash(COPY_B))
}

fn flash(address: u32) -> [u8; COPY_LEN] {
    // SAFETY: both copies lie in the last two pages of the chip's 128 KiB, aligned to 8 bytes.
    unsafe { core::ptr::read_volatile(address as *const [u8; COPY_LEN]) }
}

/// Why the chip came out of reset; clears the flags for the next time (RM0444 5.4.24).
pub(crate) fn reset_cause() -> ResetCause {
    let flags = pac::RCC.csr().read();
    pac::RCC.csr().modify(|w| w.set_rmvf(true));
    if flags.pwrrstf() {
        ResetCause::Power
    } else if flags.iwdgrstf() {
        ResetCause::Watchdog
    } else {
        ResetCause::Other
    }
}

/// What survived the reset, if anything did.
pub(crate) fn survivor() -> Option<Survivor> {
    // SAFETY: any bits are a valid array of words; those nobody wrote do not check.
    let [a, b] = unsafe { core::ptr::read_volatile(RETAINED.0.get().cast::<[Copy; 2]>()) };
    Survivor::choose(&a, &b)
}

/// Keeps the record, in the copy whose turn it is.
pub(crate) fn keep(survivor: &Survivor, count: u32) {
    let copy = RETAINED
        .0
        .get()
        .cast::<Copy>()
        .wrapping_add((count & 1) as usize);
    // SAFETY: one of the two copies; the other one stays whole if a reset comes now.
    unsafe { core::ptr::write_volatile(copy, survivor.to_words(count)) };
}
