//! Executes one instruction by a debugger's step and compares the whole state before and after.

use std::collections::BTreeMap;

use rig_armv6m::{Stop, Width};

use crate::board::{DEBUGEN, DHCSR, HALT, MASKINTS, Machine, PROGRAM, STACK, STEP, handler};

/// Register and memory values by name. Names: `r0` to `r15`, `sp`, `lr`, `pc`, `msp`, `psp`,
/// `nzcv` (binary), `primask`, `control`, `@` and an address.
type State = BTreeMap<String, u32>;

const DEBUG_REGISTERS: [(&str, u32); 18] = [
    ("r0", 0),
    ("r1", 1),
    ("r2", 2),
    ("r3", 3),
    ("r4", 4),
    ("r5", 5),
    ("r6", 6),
    ("r7", 7),
    ("r8", 8),
    ("r9", 9),
    ("r10", 10),
    ("r11", 11),
    ("r12", 12),
    ("msp", 17),
    ("psp", 18),
    ("sp", 13),
    ("lr", 14),
    ("pc", 15),
];

/// Checks that `code` at [`PROGRAM`] turns the state `before` into `after` in `n_cycles`, and
/// changes nothing that `after` does not name.
#[track_caller]
pub(crate) fn check(text: &str, code: &[u16], before: &str, after: &str, n_cycles: u64) {
    let mut machine = prepare(code, before);
    let mut expected = read_state(&mut machine, after);
    expected.insert("pc".to_string(), PROGRAM + 2 * code.len() as u32);
    expected.extend(parse(after));
    // The selected stack pointer is one of the two.
    let selected = if expected["control"] & 2 != 0 {
        "psp"
    } else {
        "msp"
    };
    let named = parse(after);
    if named.contains_key("sp") {
        expected.insert(selected.to_string(), expected["sp"]);
    } else {
        expected.insert("sp".to_string(), expected[selected]);
    }
    let start = machine.core.now();
    step(&mut machine);
    assert_eq!(
        read_state(&mut machine, after),
        expected,
        "{text}, from {before}"
    );
    assert_eq!(machine.core.now() - start, n_cycles, "cycles of {text}");
}

/// Checks that `code` takes a HardFault whose frame holds the instruction's address and the
/// registers as they were.
#[track_caller]
pub(crate) fn check_fault(text: &str, code: &[u16], before: &str) {
    let mut machine = prepare(code, before);
    let old = read_state(&mut machine, "");
    step(&mut machine);
    assert_eq!(machine.exception(), 3, "{text}");
    assert_eq!(machine.pc(), handler(3), "{text}");
    let frame = machine.core.register(13);
    for (offset, name) in [(0, "r0"), (4, "r1"), (8, "r2"), (0x14, "lr"), (0x18, "pc")] {
        if (0x2000_0000..0x2000_3FF0).contains(&frame) {
            assert_eq!(machine.word(frame + offset), old[name], "{name} of {text}");
        }
    }
    assert_eq!(frame, (old["sp"] - 0x20) & !7, "{text}");
}

fn prepare(code: &[u16], before: &str) -> Machine {
    let mut machine = Machine::with_program(code);
    machine.poke(DHCSR, DEBUGEN | HALT);
    for register in 0..13 {
        machine.set_debug_register(register, 0x1000_0000 + register);
    }
    let state = parse(before);
    let get = |name: &str| state.get(name).copied().unwrap_or(0);
    machine.set_debug_register(16, 1 << 24 | get("nzcv") << 28);
    machine.set_debug_register(20, get("control") << 24 | get("primask"));
    machine.set_debug_register(17, STACK);
    for (name, select) in DEBUG_REGISTERS {
        if let Some(value) = state.get(name) {
            machine.set_debug_register(select, *value);
        }
    }
    for (name, value) in &state {
        if let Some(address) = memory_address(name) {
            machine.set_word(address, *value);
        }
    }
    machine
}

fn step(machine: &mut Machine) {
    machine.poke(DHCSR, DEBUGEN | STEP | MASKINTS);
    assert_eq!(machine.run(1000), Stop::Halted);
}

/// All registers, and the memory that `names` names.
fn read_state(machine: &mut Machine, names: &str) -> State {
    let mut state: State = DEBUG_REGISTERS
        .iter()
        .map(|(name, select)| (name.to_string(), machine.debug_register(*select)))
        .collect();
    state.insert("nzcv".to_string(), machine.debug_register(16) >> 28);
    let special = machine.debug_register(20);
    state.insert("control".to_string(), special >> 24);
    state.insert("primask".to_string(), special & 0xFF);
    for name in parse(names).into_keys() {
        if let Some(address) = memory_address(&name) {
            let value = rig_armv6m::Bus::read(&mut machine.board, address, Width::Word, 0);
            state.insert(name, value.expect("tests name memory that exists"));
        }
    }
    state
}

fn memory_address(name: &str) -> Option<u32> {
    let digits = name.strip_prefix('@')?;
    Some(u32::from_str_radix(digits, 16).expect("an address is hexadecimal"))
}

fn parse(text: &str) -> State {
    text.split_whitespace()
        .map(|pair| {
            let (name, value) = pair.split_once('=').expect("a state is name=value");
            let radix = if name == "nzcv" { 2 } else { 16 };
            let value = u32::from_str_radix(value, radix).expect("a value is a number");
            (name.to_string(), value)
        })
        .collect()
}
