//! Unmodified probe-rs against the emulated chip: flash, verify, read back, halt, step, break.

use super::{Ack, DebugPort, Port, probe};
use crate::Machine;
use probe_rs::flashing::{DownloadOptions, FlashProgress};
use probe_rs::{MemoryInterface, Permissions, Session};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn attach(machine: &Arc<Mutex<Machine>>) -> Session {
    let probe = probe(Arc::clone(machine));
    probe
        .attach("STM32G071RBTx", Permissions::default())
        .expect("the chip answers")
}

fn flash(session: &mut Session, image: &[u8]) {
    let mut loader = session.target().flash_loader();
    loader.add_data(0x0800_0000, image).expect("in flash");
    let mut options = DownloadOptions::default();
    options.verify = true;
    loader.commit(session, options).expect("flashes");
}

/// Counts in r0 forever: vectors, `movs r0, #0`, `adds r0, #1`, `b` to the latter.
fn counting_program(len: usize) -> Vec<u8> {
    let mut image = Vec::new();
    for word in [0x2000_2000_u32, 0x0800_0041] {
        image.extend(word.to_le_bytes());
    }
    image.resize(0x40, 0);
    for halfword in [0x2000_u16, 0x3001, 0xE7FD] {
        image.extend(halfword.to_le_bytes());
    }
    let filler = (image.len()..len.max(image.len()))
        .map(|at| (at as u32).wrapping_mul(0x9E37_79B9).to_le_bytes()[3]);
    image.extend(filler.collect::<Vec<_>>());
    image
}

#[test]
fn probe_rs_flashes_verifies_and_reads_back() {
    let machine = Arc::new(Mutex::new(Machine::new([7; 12])));
    let mut session = attach(&machine);
    let image = counting_program(40 * 1024);
    flash(&mut session, &image);
    let mut back = vec![0; image.len()];
    session
        .core(0)
        .expect("one core")
        .read(0x0800_0000, &mut back)
        .expect("reads");
    assert_eq!(back, image);
    drop(session);
    assert_eq!(&machine.lock().unwrap().flash()[..image.len()], &image[..]);
}

/// The flash loader of probe-rs looks at DEV_ID to tell chips of one bank (0x456, 0x460, 0x466)
/// from those of two, and at FLASH_OPTR bit 21 for the latter alone.
#[test]
fn probe_rs_flashes_beyond_64_kib_and_the_last_pages_alone() {
    const LAST_PAGES: usize = 0x1_F000;
    let machine = Arc::new(Mutex::new(Machine::new([7; 12])));
    // Pages that hold something, so that one erased in their stead would be missed.
    machine
        .lock()
        .unwrap()
        .program_factory(0x0800_0000, &[0x5A; 128 * 1024]);
    let mut session = attach(&machine);
    let records = [0xC3; 4096];
    let mut loader = session.target().flash_loader();
    loader.add_data(0x0801_F000, &records).expect("in flash");
    let mut options = DownloadOptions::default();
    options.verify = true;
    loader.commit(&mut session, options).expect("flashes");
    {
        let machine = machine.lock().unwrap();
        assert_eq!(machine.flash()[LAST_PAGES..], records);
        assert!(machine.flash()[..LAST_PAGES].iter().all(|it| *it == 0x5A));
    }
    let image = counting_program(100 * 1024);
    flash(&mut session, &image);
    drop(session);
    let machine = machine.lock().unwrap();
    assert_eq!(machine.flash()[..image.len()], image);
    assert_eq!(machine.flash()[LAST_PAGES..], records);
    assert_eq!(machine.gap(), None);
}

/// Its mass erase sets MER1 and, for a bank that is not there, the reserved bit 15.
#[test]
fn probe_rs_erases_everything() {
    let machine = Arc::new(Mutex::new(Machine::new([7; 12])));
    machine
        .lock()
        .unwrap()
        .program_factory(0x0800_0000, &[0x5A; 128 * 1024]);
    let mut session = attach(&machine);
    probe_rs::flashing::erase_all(&mut session, &mut FlashProgress::empty(), false)
        .expect("erases");
    drop(session);
    let machine = machine.lock().unwrap();
    assert!(machine.flash().iter().all(|it| *it == 0xFF));
    assert_eq!(machine.gap(), None);
}

#[test]
fn probe_rs_halts_steps_breaks_and_reads_registers() {
    let machine = Arc::new(Mutex::new(Machine::new([7; 12])));
    machine
        .lock()
        .unwrap()
        .program_factory(0x0800_0000, &counting_program(0));
    let mut session = attach(&machine);
    let mut core = session.core(0).expect("one core");
    let halted = core.reset_and_halt(Duration::from_secs(1)).expect("halts");
    assert_eq!(halted.pc, 0x0800_0040);
    assert_eq!(core.step().expect("steps").pc, 0x0800_0042);
    core.set_hw_breakpoint(0x0800_0044).expect("one is free");
    core.run().expect("runs");
    core.wait_for_core_halted(Duration::from_secs(1))
        .expect("breaks");
    let count: u32 = core.read_core_reg(0_u16).expect("halted");
    assert_eq!(count, 1);
    core.clear_hw_breakpoint(0x0800_0044).expect("was set");
    core.run().expect("runs");
    assert!(!core.core_halted().expect("asks"));
    core.halt(Duration::from_secs(1)).expect("halts");
    let count: u32 = core.read_core_reg(0_u16).expect("halted");
    assert!(count > 100, "ran on for {count} turns");
}

#[test]
fn probe_rs_attaches_under_reset_to_a_program_that_sleeps() {
    let machine = Arc::new(Mutex::new(Machine::new([7; 12])));
    // Vectors, then `wfi` and a branch back to it.
    let mut image = counting_program(0);
    image[0x40..0x44].copy_from_slice(&[0x30, 0xBF, 0xFD, 0xE7]);
    machine.lock().unwrap().program_factory(0x0800_0000, &image);
    // probe-rs arms the vector catch, which needs C_DEBUGEN (ARM DDI 0419, C1.6.5); a session
    // before this one has left it set, as on a board.
    drop(attach(&machine));
    let mut session = probe(Arc::clone(&machine))
        .attach_under_reset("STM32G071RBTx", Permissions::default())
        .expect("the chip answers");
    let mut core = session.core(0).expect("one core");
    let pc: u32 = core.read_core_reg(15_u16).expect("halted");
    assert_eq!(pc, 0x0800_0040);
    core.run().expect("runs");
    core.halt(Duration::from_secs(1)).expect("halts");
    let pc: u32 = core.read_core_reg(15_u16).expect("halted");
    assert!((0x0800_0040..=0x0800_0044).contains(&pc), "{pc:#010x}");
}

#[test]
fn memory_reads_in_every_width_and_a_hole_is_an_error_that_does_not_stick() {
    let machine = Arc::new(Mutex::new(Machine::new(*b"ABCDEFGHIJKL")));
    let mut session = attach(&machine);
    let mut core = session.core(0).expect("one core");
    core.halt(Duration::from_secs(1)).expect("halts");
    core.write_word_32(0x2000_0100, 0x4433_2211).expect("RAM");
    core.write_word_8(0x2000_0102, 0xAA).expect("RAM");
    assert_eq!(core.read_word_8(0x2000_0101).expect("RAM"), 0x22);
    assert_eq!(core.read_word_16(0x2000_0102).expect("RAM"), 0x44AA);
    assert_eq!(core.read_word_32(0x2000_0100).expect("RAM"), 0x44AA_2211);
    assert!(core.read_word_32(0x6000_0000).is_err());
    assert_eq!(
        core.read_word_32(0x1FFF_7590).expect("unique id"),
        u32::from_le_bytes(*b"ABCD")
    );
    assert_eq!(
        core.read_word_32(0x4001_5800).expect("IDCODE") & 0xFFF,
        0x460
    );
}

/// A port after line reset and power-up, and a machine to try it on.
fn connected() -> (DebugPort, Machine) {
    let mut machine = Machine::new([0; 12]);
    machine.power_on_reset();
    let mut port = DebugPort::new();
    port.sequence(64, u64::MAX);
    port.write(&mut machine, Port::Dp, 0x4, 0x5000_0000)
        .expect("powers up");
    (port, machine)
}

#[test]
fn nobody_answers_before_a_line_reset_or_without_supply() {
    let (mut port, mut machine) = connected();
    assert_eq!(
        DebugPort::new().read(&mut machine, Port::Dp, 0),
        Err(Ack::NoAnswer)
    );
    assert_eq!(port.read(&mut machine, Port::Dp, 0), Ok(0x0BC1_1477));
    machine.power_off();
    assert_eq!(port.read(&mut machine, Port::Dp, 0), Err(Ack::NoAnswer));
}

#[test]
fn access_port_reads_are_posted() {
    let (mut port, mut machine) = connected();
    port.write(&mut machine, Port::Dp, 0x8, 0xF0)
        .expect("selects");
    let first = port.read(&mut machine, Port::Ap, 0xC).expect("reads");
    assert_eq!(first, 0, "of before");
    assert_eq!(
        port.read(&mut machine, Port::Ap, 0x8),
        Ok(0x0477_0031),
        "IDR"
    );
    assert_eq!(
        port.read(&mut machine, Port::Dp, 0xC),
        Ok(0xF000_0003),
        "BASE"
    );
    // There is no second access port.
    port.write(&mut machine, Port::Dp, 0x8, 0x0100_00F0)
        .expect("selects");
    port.read(&mut machine, Port::Ap, 0xC).expect("reads");
    assert_eq!(port.read(&mut machine, Port::Dp, 0xC), Ok(0));
}

#[test]
fn an_error_sticks_until_it_is_aborted() {
    let (mut port, mut machine) = connected();
    port.write(&mut machine, Port::Ap, 0x0, 2).expect("size");
    port.write(&mut machine, Port::Ap, 0x4, 0x6000_0000)
        .expect("address");
    assert_eq!(port.read(&mut machine, Port::Ap, 0xC), Err(Ack::Fault));
    assert_eq!(
        port.write(&mut machine, Port::Ap, 0x4, 0x2000_0000),
        Err(Ack::Fault)
    );
    assert_eq!(port.read(&mut machine, Port::Dp, 0x4), Ok(0xF000_0020));
    port.write(&mut machine, Port::Dp, 0x0, 1 << 2)
        .expect("aborts");
    assert_eq!(port.write(&mut machine, Port::Ap, 0x4, 0x2000_0000), Ok(()));
    assert_eq!(port.read(&mut machine, Port::Dp, 0x4), Ok(0xF000_0000));
}

#[test]
fn the_address_counts_on_within_a_kibibyte() {
    let (mut port, mut machine) = connected();
    port.write(&mut machine, Port::Ap, 0x0, 2 | 1 << 4)
        .expect("word, single increment");
    port.write(&mut machine, Port::Ap, 0x4, 0x2000_03FC)
        .expect("address");
    for value in [1, 2] {
        port.write(&mut machine, Port::Ap, 0xC, value)
            .expect("writes");
    }
    port.read(&mut machine, Port::Ap, 0x4).expect("reads");
    assert_eq!(port.read(&mut machine, Port::Dp, 0xC), Ok(0x2000_0004));
    port.write(&mut machine, Port::Ap, 0x4, 0x2000_0000)
        .expect("address");
    port.read(&mut machine, Port::Ap, 0xC).expect("reads");
    assert_eq!(port.read(&mut machine, Port::Dp, 0xC), Ok(2));
}
