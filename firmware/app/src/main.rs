//! Pen A1 on an STM32G071RB: interrupts, pins and timers around the behaviour of `firmware-core`.
#![no_std]
#![no_main]

use embassy_executor::Spawner;
use embassy_stm32::usart::{BufferedInterruptHandler, BufferedUart, Config as UartConfig};
use embassy_stm32::{bind_interrupts, peripherals};
use embassy_time::{Duration, Ticker};
use firmware_wire::{Decoder, FirmwareVersion, Identity, PROTOCOL_VERSION, Reply, Request, encode};

bind_interrupts!(struct Interrupts {
    USART2 => BufferedInterruptHandler<peripherals::USART2>;
});

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_stm32::init(embassy_stm32::Config::default());
    let tx_buffer = cortex_m::singleton!(: [u8; 256] = [0; 256]).expect("taken once");
    let rx_buffer = cortex_m::singleton!(: [u8; 256] = [0; 256]).expect("taken once");
    let mut config = UartConfig::default();
    config.baudrate = 115_200;
    let uart = BufferedUart::new(
        p.USART2,
        p.PA3,
        p.PA2,
        tx_buffer,
        rx_buffer,
        Interrupts,
        config,
    )
    .expect("115,200 Bd divides 16 MHz");
    let (tx, mut rx) = uart.split();
    spawner.spawn(control().expect("spawned once"));
    let mut decoder = Decoder::new();
    let mut tx = tx;
    let mut byte = [0; 16];
    loop {
        let n = embedded_io_async::Read::read(&mut rx, &mut byte).await.unwrap_or(0);
        for &b in &byte[..n] {
            if let Some(Ok(frame)) = decoder.push::<Request>(b) {
                let reply = match frame.message {
                    Request::Identify => Reply::Identity(Identity {
                        serial: *b"PA1-00000000",
                        hardware_revision: b'C',
                        firmware: FirmwareVersion { major: 1, minor: 0, patch: 0 },
                        build_id: [0; 8],
                        protocol: PROTOCOL_VERSION,
                        chip_uid: embassy_stm32::uid::uid(),
                    }),
                    _ => Reply::Done,
                };
                if let Ok(bytes) = encode(frame.sequence, &reply) {
                    let _ = embedded_io_async::Write::write_all(&mut tx, &bytes).await;
                }
            }
        }
    }
}

#[embassy_executor::task]
async fn control() {
    let mut ticker = Ticker::every(Duration::from_micros(2_000));
    loop {
        ticker.next().await;
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}
