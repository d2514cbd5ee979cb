//! Pen A1 on an STM32G071RB: interrupts, pins and timers around the behaviour of `firmware-core`.
//!
//! Two tasks share the pen: the control loop ticks it 500 times a second and feeds the watchdog;
//! the link task sleeps until bytes come or telemetry is due. Both run in thread mode, so neither
//! sees the pen half changed. With nothing to do the executor waits for an interrupt.
#![no_std]
#![no_main]

mod board;
mod failure;
mod memory;

use core::cell::RefCell;

use embassy_executor::Spawner;
use embassy_futures::select::{Either, select};
use embassy_futures::yield_now;
use embassy_stm32::usart::{BufferedInterruptHandler, BufferedUart, Config as UartConfig};
use embassy_stm32::wdg::IndependentWatchdog;
use embassy_stm32::{bind_interrupts, peripherals, uid};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::signal::Signal;
use embedded_io_async::{Read, Write};
use firmware_core::{BootInfo, EventLog, Pen};
use firmware_wire::{FirmwareVersion, Frame, Reply, encode};

use crate::board::Board;

bind_interrupts!(struct Interrupts {
    TIM2 => board::TickHandler;
    USART2 => BufferedInterruptHandler<peripherals::USART2>;
});

/// Baud rate of the link.
const BAUD: u32 = 115_200;
/// The watchdog's patience in µs.
pub(crate) const WATCHDOG: u32 = 100_000;

/// What the two tasks share.
struct Shared {
    pen: RefCell<Pen>,
    log: RefCell<&'static mut EventLog>,
    /// Telemetry for the link task to send.
    telemetry: Signal<NoopRawMutex, Frame<Reply>>,
    /// A control tick is over.
    ticked: Signal<NoopRawMutex, ()>,
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let reset = memory::reset_cause();
    let p = embassy_stm32::init(embassy_stm32::Config::default());
    let mut watchdog = IndependentWatchdog::new(p.IWDG, WATCHDOG);
    watchdog.unleash();
    let board = Board::new(board::parts!(p), Interrupts);

    let pen = Pen::new(BootInfo {
        calibration: memory::calibration(),
        reset,
        survivor: memory::survivor(),
        chip_uid: uid::uid(),
        firmware: FIRMWARE_VERSION,
        build_id: BUILD_ID,
    });
    // Made where it stays: the stack need not hold it.
    let log = cortex_m::singleton!(: EventLog = EventLog::new()).expect("taken once");
    log.recover(memory::log_slots());
    let shared: &'static Shared = cortex_m::singleton!(
        : Shared = Shared {
            pen: RefCell::new(pen),
            log: RefCell::new(log),
            telemetry: Signal::new(),
            ticked: Signal::new(),
        }
    )
    .expect("taken once");
    let transmit = cortex_m::singleton!(: [u8; 256] = [0; 256]).expect("taken once");
    let receive = cortex_m::singleton!(: [u8; 256] = [0; 256]).expect("taken once");

    let mut config = UartConfig::default();
    config.baudrate = BAUD;
    let uart = BufferedUart::new(
        p.USART2, p.PA3, p.PA2, transmit, receive, Interrupts, config,
    )
    .expect("16 MHz divides to 115,200 Bd");
    spawner.spawn(
        control(shared, board, watchdog, memory::Factory::new(p.FLASH)).expect("spawned once"),
    );
    spawner.spawn(link(shared, uart).expect("spawned once"));
}

/// The control loop. The watchdog is fed here and nowhere else.
#[embassy_executor::task]
async fn control(
    shared: &'static Shared,
    mut board: Board,
    mut watchdog: IndependentWatchdog<'static, peripherals::IWDG>,
    mut factory: memory::Factory,
) {
    let mut count = 0u32;
    loop {
        board::TICK_DUE.wait().await;
        let inputs = board.sense();
        let mut pen = shared.pen.borrow_mut();
        let mut log = shared.log.borrow_mut();
        let outputs = pen.tick(&inputs, &mut log);
        board.drive(&outputs);
        if let Some(survivor) = pen.survivor() {
            count = count.wrapping_add(1);
            memory::keep(&survivor, count);
        }
        if let Some((at, slot)) = log.unkept() {
            memory::keep_log(at, slot);
        }
        if let Some(frame) = pen.telemetry() {
            shared.telemetry.signal(frame);
        }
        watchdog.pet();
        shared.ticked.signal(());
        if outputs.flash
            && let Some(command) = pen.flash_job()
        {
            // A page erase takes 22 to 40 ms, less than the watchdog's patience.
            pen.flash_done(factory.act(command));
            board::resume_ticks();
        }
    }
}

/// Takes frames from the host, and sends answers and telemetry.
#[embassy_executor::task]
async fn link(shared: &'static Shared, uart: BufferedUart<'static>) {
    let (mut transmitter, mut receiver) = uart.split();
    let mut bytes = [0; 32];
    loop {
        match select(receiver.read(&mut bytes), shared.telemetry.wait()).await {
            Either::First(Ok(received)) => {
                for &byte in &bytes[..received] {
                    let answer = {
                        let log = shared.log.borrow();
                        shared.pen.borrow_mut().receive_byte(byte, &log)
                    };
                    if let Some(frame) = answer {
                        send(shared, &mut transmitter, &frame).await;
                        // A line that is never idle must not keep the control loop waiting.
                        yield_now().await;
                    }
                }
                yield_now().await;
            }
            // Overrun, framing or noise: the damaged frame shows by its CRC.
            Either::First(Err(_)) => shared.pen.borrow_mut().receive_error(),
            Either::Second(frame) => send(shared, &mut transmitter, &frame).await,
        }
    }
}

/// Hands a frame to the transmitter as soon as its buffer has room for all of it.
async fn send(shared: &Shared, transmitter: &mut impl Write, frame: &Frame<Reply>) {
    let Ok(bytes) = encode(frame.sequence, &frame.message) else {
        return;
    };
    // Where it lacks the room, a buffered port of embassy-stm32 0.6 takes nothing of a frame and
    // wakes nobody once it has it: the next tick, after 23 bytes have left, asks again.
    loop {
        let sent = select(transmitter.write_all(&bytes), shared.ticked.wait());
        // The transmitter of a buffered port has no way to fail.
        if let Either::First(_) = sent.await {
            return;
        }
    }
}

/// Version of this crate.
const FIRMWARE_VERSION: FirmwareVersion = FirmwareVersion {
    major: number(env!("CARGO_PKG_VERSION_MAJOR")),
    minor: number(env!("CARGO_PKG_VERSION_MINOR")),
    patch: number(env!("CARGO_PKG_VERSION_PATCH")),
};

const fn number(text: &str) -> u8 {
    match u8::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("each part of the version is below 256"),
    }
}

/// First eight bytes of the build id; zeros in a build outside the project command.
const BUILD_ID: [u8; 8] = build_id(option_env!("PENRIG_BUILD_ID"));

/// Reads the first sixteen hexadecimal digits.
const fn build_id(text: Option<&str>) -> [u8; 8] {
    let mut id = [0; 8];
    if let Some(text) = text {
        let digits = text.as_bytes();
        let mut at = 0;
        while at < id.len() {
            id[at] = nibble(digits[2 * at]) << 4 | nibble(digits[2 * at + 1]);
            at += 1;
        }
    }
    id
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => panic!("the build id is written in lower-case hexadecimal digits"),
    }
}
