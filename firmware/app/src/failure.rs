//! What happens when the program itself fails: a panic or an exception.
#![expect(
    unsafe_code,
    reason = "the exception's attribute asks for an unsafe function"
)]

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};

/// Motor off; then the watchdog, which nobody feeds any more, resets the chip and leaves its mark.
fn give_up() -> ! {
    crate::board::emergency_off();
    // Twice the watchdog's patience; the reset below is for a failure before it was started.
    cortex_m::asm::delay(16 * 2 * crate::WATCHDOG);
    cortex_m::peripheral::SCB::sys_reset()
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    give_up()
}

#[exception]
unsafe fn DefaultHandler(_: i16) -> ! {
    give_up()
}

#[exception]
unsafe fn HardFault(_: &ExceptionFrame) -> ! {
    give_up()
}
