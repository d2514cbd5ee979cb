//! Checks of what may be broken about chip, link and probe.

use super::super::faults::LinkDefects;
use super::super::link::{Way, deliver};
use super::super::{VirtualBench, lock};
use super::{Check, near, with};
use crate::noise::{Noise, Purpose};
use firmware_wire::calibration::{COPY_A, COPY_B, COPY_LEN};
use rig_armv6m::Width;
use rig_bench::{Bench as _, BenchError, Millivolts, Nanoseconds};

pub(super) const CHECKS: &[Check] = &[
    ("button-stuck", button_stuck),
    ("converter-dead", converter_dead),
    ("tick-lost", tick_lost),
    ("oscillator-drift", oscillator_drift),
    ("flash-page-stuck", flash_page_stuck),
    ("flash-page-weak", flash_page_weak),
    ("calibration-lost", calibration_lost),
    ("calibration-copy-lost", calibration_copy_lost),
    ("link-dead", link_cut),
    ("link-cut-to-pen", link_cut),
    ("link-cut-from-pen", link_cut),
    ("link-noise", link_noise),
    ("link-bit-errors", link_bit_errors),
    ("link-byte-loss", link_byte_loss),
    ("probe-absent", probe_absent),
    ("probe-lost", probe_lost),
];

/// Two words of vectors and a loop on the spot.
const LOOP: [u8; 12] = [
    0x00, 0x10, 0x00, 0x20, 0x09, 0, 0, 0x08, 0xFE, 0xE7, 0, 0xBF,
];

fn off(fault: &str) -> VirtualBench {
    let bench = VirtualBench::new(&with(fault), 0, 1).unwrap();
    lock(&bench.machine).program_factory(0x0800_0000, &LOOP);
    bench
}

fn on(fault: &str) -> VirtualBench {
    let mut bench = off(fault);
    bench.power_on(Millivolts(3_700)).unwrap();
    bench
}

fn run_ms(bench: &mut VirtualBench, until_ms: u64) {
    while bench.now() < Nanoseconds::from_millis(until_ms) {
        bench.advance(Nanoseconds::from_millis(until_ms)).unwrap();
    }
}

fn peek(bench: &VirtualBench, address: u32) -> u32 {
    lock(&bench.machine)
        .debug_read(address, Width::Word)
        .unwrap()
}

fn poke(bench: &VirtualBench, address: u32, value: u32) {
    lock(&bench.machine)
        .debug_write(address, Width::Word, value)
        .unwrap();
}

fn button_stuck() {
    let mut broken = on("name = \"button-stuck\"\nfrom_s = 0.01\nfor_s = 0.01");
    let mut pressed = |until_ms| {
        run_ms(&mut broken, until_ms);
        broken.inputs.button_pressed
    };
    assert_eq!(
        [pressed(10), pressed(15), pressed(21)],
        [false, true, false]
    );
}

/// Enables the ADC and starts one conversion of IN1; whether it ends.
fn converts(bench: &mut VirtualBench, until_ms: u64) -> bool {
    const ADC: u32 = 0x4001_2400;
    poke(bench, 0x4002_1040, 1 << 20);
    poke(bench, ADC + 0x08, 1 << 28);
    // The regulator takes 20 µs.
    let settled = bench.now() + Nanoseconds(50_000);
    bench.advance(settled).unwrap();
    poke(bench, ADC + 0x08, 1 << 28 | 1);
    poke(bench, ADC + 0x28, 1 << 1);
    poke(bench, ADC + 0x08, 1 << 28 | 1 << 4);
    poke(bench, ADC, 0xFFF);
    poke(bench, ADC + 0x08, 1 << 28 | 1 << 2);
    run_ms(bench, until_ms);
    peek(bench, ADC) & 1 << 2 != 0
}

fn converter_dead() {
    assert!(converts(&mut on(""), 5));
    let mut broken = on("name = \"converter-dead\"\nfrom_s = 0.01\nfor_s = 0.01");
    assert!(converts(&mut broken, 5));
    run_ms(&mut broken, 11);
    assert!(!converts(&mut broken, 15));
}

fn tick_lost() {
    const DIER: u32 = 0x4000_000C;
    let mut broken = on("name = \"tick-lost\"\nfrom_s = 0.01");
    poke(&broken, 0x4002_103C, 1);
    poke(&broken, DIER, 1 << 2);
    run_ms(&mut broken, 9);
    assert_eq!(peek(&broken, DIER), 1 << 2);
    run_ms(&mut broken, 11);
    assert_eq!(peek(&broken, DIER), 0);
    // Once: what a reset sets up anew stays.
    poke(&broken, DIER, 1 << 2);
    run_ms(&mut broken, 20);
    assert_eq!(peek(&broken, DIER), 1 << 2);
}

fn oscillator_drift() {
    let cycles = |fault: &str| {
        let mut bench = on(fault);
        run_ms(&mut bench, 100);
        let at_100 = lock(&bench.machine).now() as f64;
        run_ms(&mut bench, 200);
        (at_100, lock(&bench.machine).now() as f64 - at_100)
    };
    let (sound, later) = cycles("");
    near(later / sound, 1.0, 1e-5);
    let at_once = cycles("name = \"oscillator-drift\"\nppm = 20000\nover_s = 0");
    near(at_once.0 / sound, 1.02, 1e-5);
    near(at_once.1 / sound, 1.02, 1e-5);
    // In a straight line: over the first 100 ms half of it.
    let slowly = cycles("name = \"oscillator-drift\"\nppm = 20000\nover_s = 0.1");
    near(slowly.0 / sound, 1.01, 2e-5);
    near(slowly.1 / sound, 1.02, 2e-5);
}

/// The page's first double word after an attempt to erase and program it, out of 0x55…
fn reprogrammed(fault: &str, page: u32) -> [u8; 8] {
    const KEYR: u32 = 0x4002_2008;
    const CR: u32 = 0x4002_2014;
    let bench = off(fault);
    let address = 0x0800_0000 + 2_048 * page;
    {
        let mut machine = lock(&bench.machine);
        machine.program_factory(address, &[0x55; 2_048]);
        machine.power_on_reset();
    }
    poke(&bench, KEYR, 0x4567_0123);
    poke(&bench, KEYR, 0xCDEF_89AB);
    poke(&bench, CR, 2 | page << 3 | 1 << 16);
    lock(&bench.machine).debug_run(400_000);
    poke(&bench, CR, 1);
    poke(&bench, address, 0x1234_5678);
    poke(&bench, address + 4, 0x9ABC_DEF0);
    lock(&bench.machine).debug_run(2_000);
    let start = 2_048 * page as usize;
    let machine = lock(&bench.machine);
    machine.flash()[start..start + 8].try_into().unwrap()
}

const PROGRAMMED: [u8; 8] = [0x78, 0x56, 0x34, 0x12, 0xF0, 0xDE, 0xBC, 0x9A];

fn flash_page_stuck() {
    assert_eq!(reprogrammed("", 40), PROGRAMMED);
    let fault = "name = \"flash-page-stuck\"\npage = 40";
    assert_eq!(reprogrammed(fault, 40), [0x55; 8]);
    assert_eq!(reprogrammed(fault, 41), PROGRAMMED);
}

fn flash_page_weak() {
    let fault = "name = \"flash-page-weak\"\npage = 40";
    let mut expected = PROGRAMMED;
    expected[0] |= 1;
    assert_eq!(reprogrammed(fault, 40), expected);
    assert_eq!(reprogrammed(fault, 41), PROGRAMMED);
}

fn blank_copies(fault: &str) -> [bool; 2] {
    let bench = off(fault);
    let machine = lock(&bench.machine);
    [COPY_A, COPY_B].map(|copy| {
        let start = (copy - 0x0800_0000) as usize;
        machine.flash()[start..start + COPY_LEN]
            .iter()
            .all(|&it| it == 0xFF)
    })
}

fn calibration_lost() {
    assert_eq!(blank_copies(""), [false, false]);
    assert_eq!(blank_copies("name = \"calibration-lost\""), [true, true]);
}

fn calibration_copy_lost() {
    assert_eq!(
        blank_copies("name = \"calibration-copy-lost\""),
        [true, false]
    );
}

/// What the line does to 20,000 bytes each way under a fault: bytes that come, bits that flip,
/// bytes damaged.
fn line(fault: &str) -> [(f64, f64, f64); 2] {
    const BYTES: u32 = 20_000;
    let faults: Vec<_> = with(fault).faults;
    let defects: LinkDefects =
        super::super::faults::Defects::of(&faults, Nanoseconds::ZERO, None).link;
    let mut noise = Noise::new(1, 0, 0, Purpose::Link);
    [Way::ToPen, Way::FromPen].map(|way| {
        let (mut came, mut bits, mut damaged) = (0, 0, 0);
        for index in 0..BYTES {
            let byte = index as u8;
            if let Some(delivered) = deliver(byte, way, &defects, &mut noise) {
                came += 1;
                bits += (byte ^ delivered).count_ones();
                damaged += u32::from(byte != delivered);
            }
        }
        let share = |count: u32| f64::from(count) / f64::from(BYTES);
        (share(came), share(bits), share(damaged))
    })
}

fn link_cut() {
    let clear = (1.0, 0.0, 0.0);
    let cut = (0.0, 0.0, 0.0);
    assert_eq!(line(""), [clear, clear]);
    assert_eq!(line("name = \"link-dead\""), [cut, cut]);
    assert_eq!(line("name = \"link-cut-to-pen\""), [cut, clear]);
    assert_eq!(line("name = \"link-cut-from-pen\""), [clear, cut]);
}

fn link_noise() {
    let [(came, bits, damaged), from_pen] = line("name = \"link-noise\"\nprobability = 0.1");
    assert_eq!(from_pen, (1.0, 0.0, 0.0));
    assert_eq!((came, bits), (1.0, damaged), "one bit a damaged byte");
    near(damaged, 0.1, 4.0 * (0.09_f64 / 20_000.0).sqrt());
}

fn link_bit_errors() {
    for (came, bits, _) in line("name = \"link-bit-errors\"\nrate = 0.01") {
        assert_eq!(came, 1.0);
        near(bits / 8.0, 0.01, 4.0 * (0.0099_f64 / 160_000.0).sqrt());
    }
}

fn link_byte_loss() {
    for (came, bits, _) in line("name = \"link-byte-loss\"\nprobability = 0.2") {
        assert_eq!(bits, 0.0);
        near(came, 0.8, 4.0 * (0.16_f64 / 20_000.0).sqrt());
    }
}

fn probe_absent() {
    let mut bench = off("name = \"probe-absent\"");
    let error = bench.probe().unwrap_err();
    assert_eq!(error.to_string(), "debug probe: no probe is connected");
    assert_eq!(
        bench.power_on(Millivolts(3_700)),
        Err(error),
        "broken stays broken"
    );
}

fn probe_lost() {
    let attach = |transfers: &str| {
        let fault = format!("name = \"probe-lost\"\ntransfers = {transfers}");
        let mut bench = off(&fault);
        let probe = bench.probe().unwrap();
        let attached = probe.attach("STM32G071RBTx", probe_rs::Permissions::default());
        (attached.is_ok(), bench.probe().err())
    };
    let gone = BenchError::Probe {
        cause: "no probe is connected".to_owned(),
    };
    assert_eq!(attach("5"), (false, Some(gone.clone())));
    // Enough for that: it is gone later.
    assert_eq!(attach("100000"), (true, Some(gone)));
}
