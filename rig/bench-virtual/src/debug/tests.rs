//! Unmodified probe-rs against the emulated chip: flash, verify, read back, halt, step, break.

use super::probe;
use crate::Machine;
use probe_rs::flashing::DownloadOptions;
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
