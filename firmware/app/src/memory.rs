//! What lies in memory apart from the program: factory record, surviving record, event log, reset
//! flags.
#![expect(
    unsafe_code,
    reason = "reads flash by address and keeps records in uninitialised RAM"
)]

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

use embassy_stm32::Peri;
use embassy_stm32::flash::{Blocking, FLASH_BASE, Flash};
use embassy_stm32::pac;
use embassy_stm32::peripherals;
use firmware_core::{
    EventLog, FlashCommand, FlashOutcome, LOG_LEN, LogSlot, ResetCause, SURVIVOR_WORDS, Survivor,
};
use firmware_wire::calibration::{COPY_A, COPY_B, COPY_LEN};
use firmware_wire::{Calibration, CalibrationError, RecordCopy};

/// Size of a flash page (RM0444 3.3.1).
const PAGE: u32 = 2_048;

type Copy = [u32; SURVIVOR_WORDS];

/// Two copies of the record, in RAM that start-up code does not touch.
struct Retained(UnsafeCell<MaybeUninit<[Copy; 2]>>);

// SAFETY: touched by the control task alone.
unsafe impl Sync for Retained {}

#[unsafe(link_section = ".uninit.survivor")]
static RETAINED: Retained = Retained(UnsafeCell::new(MaybeUninit::uninit()));

/// The event log, in RAM that start-up code does not touch.
struct RetainedLog(UnsafeCell<MaybeUninit<[LogSlot; LOG_LEN]>>);

// SAFETY: touched by the control task alone, and before it begins.
unsafe impl Sync for RetainedLog {}

#[unsafe(link_section = ".uninit.log")]
static LOG: RetainedLog = RetainedLog(UnsafeCell::new(MaybeUninit::uninit()));

/// Where a slot of the log lies; `at` is below the log's length.
fn log_slot(at: usize) -> *mut LogSlot {
    LOG.0.get().cast::<LogSlot>().wrapping_add(at)
}

/// What a reset left of the event log.
pub(crate) fn log() -> EventLog {
    // SAFETY: any bits are a valid slot; those nobody wrote do not check.
    EventLog::recover((0..LOG_LEN).map(|at| unsafe { core::ptr::read_volatile(log_slot(at)) }))
}

/// Keeps an entry of the event log.
pub(crate) fn keep_log(at: usize, slot: LogSlot) {
    debug_assert!(at < LOG_LEN);
    // SAFETY: the core gives places below the log's length.
    unsafe { core::ptr::write_volatile(log_slot(at), slot) }
}

/// The flash controller, for the two pages of the factory record and no others.
pub(crate) struct Factory(Flash<'static, Blocking>);

impl Factory {
    pub(crate) fn new(flash: Peri<'static, peripherals::FLASH>) -> Self {
        Self(Flash::new_blocking(flash))
    }

    /// Does what the core asks; the chip stands still meanwhile.
    pub(crate) fn act(&mut self, command: FlashCommand) -> FlashOutcome {
        let offset = |copy: RecordCopy| copy.address() - FLASH_BASE as u32;
        let done = match command {
            FlashCommand::Read(copy) => return FlashOutcome::Read(flash(copy.address())),
            FlashCommand::Erase(copy) => {
                let page = offset(copy);
                self.0.blocking_erase(page, page + PAGE)
            }
            FlashCommand::Program {
                copy,
                offset: at,
                word,
            } => self.0.blocking_write(offset(copy) + u32::from(at), &word),
        };
        match done {
            Ok(()) => FlashOutcome::Done,
            Err(_) => FlashOutcome::Failed,
        }
    }
}

/// The factory record in force.
///
/// # Errors
/// Neither copy holds; the first one's reason.
pub(crate) fn calibration() -> Result<(Calibration, RecordCopy), CalibrationError> {
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
