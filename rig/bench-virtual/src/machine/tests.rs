//! The machine as a whole: programs run, sleep, fail and are reset.

use super::{CYCLES_PER_SECOND, Machine, MachineError};
use rig_armv6m::Width;
use rig_bench::BenchError;

/// Instructions that matter here.
#[derive(Clone, Copy)]
enum Step {
    /// Writes a word.
    Store(u32, u32),
    /// Reads a word into r1.
    Load(u32),
    /// Sleeps for ever.
    Sleep,
    /// Keeps interrupts pending: they wake, and no handler runs.
    Mask,
    /// Sleeps for ever, and writes a word whenever it wakes.
    SleepAndStore(u32, u32),
    /// Spins for ever.
    Spin,
}

const CODE: u32 = 0x0800_0040;

/// Vectors, code and a literal pool, from the start of main flash.
fn program(steps: &[Step]) -> Vec<u8> {
    let mut code: Vec<u16> = Vec::new();
    let mut literals: Vec<(usize, u16, u32)> = Vec::new();
    for step in steps {
        match *step {
            Step::Store(address, value) => {
                literals.push((code.len(), 0, address));
                literals.push((code.len() + 1, 1, value));
                code.extend([0, 0, 0x6001]);
            }
            Step::Load(address) => {
                literals.push((code.len(), 0, address));
                code.extend([0, 0x6801]);
            }
            Step::Mask => code.push(0xB672),
            Step::SleepAndStore(address, value) => {
                literals.push((code.len(), 0, address));
                literals.push((code.len() + 1, 1, value));
                code.extend([0, 0, 0xBF30, 0x6001, 0xE7FC]);
            }
            Step::Sleep => code.extend([0xBF30, 0xE7FD]),
            Step::Spin => code.push(0xE7FE),
        }
    }
    if !code.len().is_multiple_of(2) {
        code.push(0xBF00);
    }
    let pool = code.len();
    for (place, (at, register, value)) in literals.iter().enumerate() {
        // ldr rN, [pc, #imm]: from the next word boundary but one (A6.7.27).
        let offset = (pool + 2 * place) / 2 - (at + 2) / 2;
        code[*at] = 0x4800 | register << 8 | u16::try_from(offset).unwrap();
        let [a, b, c, d] = value.to_le_bytes();
        code.extend([u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])]);
    }
    let mut bytes = vec![0; 0x40];
    bytes[0..4].copy_from_slice(&0x2000_2000_u32.to_le_bytes());
    bytes[4..8].copy_from_slice(&(CODE | 1).to_le_bytes());
    bytes.extend(code.iter().flat_map(|halfword| halfword.to_le_bytes()));
    bytes
}

fn powered(steps: &[Step]) -> Machine {
    let mut machine = Machine::new([0; 12]);
    machine.program_factory(0x0800_0000, &program(steps));
    machine.power_on_reset();
    machine
}

#[test]
fn an_access_that_is_not_modelled_stops_the_machine_for_good() {
    // The RTC, by the second instruction.
    let mut machine = powered(&[Step::Load(0x4000_2800), Step::Spin]);
    let error = machine.run_until(1_000).unwrap_err();
    let wanted = MachineError::NotModelled {
        access: "32-bit read",
        address: 0x4000_2800,
        pc: CODE + 2,
    };
    assert_eq!(error, wanted);
    assert_eq!(machine.run_until(2_000), Err(wanted));
    insta::assert_snapshot!(
        BenchError::from(error),
        @"virtual bench: 32-bit read of 0x40002800 (RTC + 0x0) is not modelled (pc 0x08000042)"
    );
    insta::assert_snapshot!(error, @"32-bit read of 0x40002800 (RTC + 0x0) is not modelled (pc 0x08000042)");
}

#[test]
fn a_fault_in_a_fault_is_a_lockup() {
    // A hole in the map; the HardFault vector is zero, without Thumb bit.
    let mut machine = powered(&[Step::Load(0x6000_0000), Step::Spin]);
    let error = machine.run_until(1_000).unwrap_err();
    assert!(matches!(error, MachineError::Lockup { .. }), "{error:?}");
    insta::assert_snapshot!(error, @"core in lockup at pc 0xfffffffe");
    insta::assert_snapshot!(
        BenchError::from(error),
        @"virtual bench: core in lockup at pc 0xfffffffe"
    );
}

#[test]
fn a_sleeping_machine_executes_nothing_and_time_goes_on() {
    let mut machine = powered(&[Step::Sleep]);
    machine.run_until(800).unwrap();
    let before = machine.instructions();
    for slice in 1..20_000 {
        machine.run_until(800 * slice).unwrap();
    }
    assert_eq!(machine.instructions(), before);
    assert_eq!(machine.now(), 800 * 19_999);
}

#[test]
fn deep_sleep_is_not_modelled() {
    let mut machine = powered(&[Step::Store(0xE000_ED10, 1 << 2), Step::Sleep]);
    let error = machine.run_until(1_000).unwrap_err();
    insta::assert_snapshot!(
        error,
        @"deep sleep, as set by a write of 0xe000ed10 (SCS_SCR) is not modelled (pc 0x08000046)"
    );
}

#[test]
fn an_interrupt_line_from_outside_wakes_a_sleeping_machine() {
    // EXTI line 13 on PC13, falling; enabled in the NVIC; the handler's address is not set, so
    // that its lockup shows that it was entered.
    let mut machine = powered(&[
        Step::Store(0x4002_1034, 1 << 2),
        Step::Store(0x5000_0800, 0xF3FF_FFFF),
        Step::Store(0x4002_186C, 2 << 8),
        Step::Store(0x4002_1804, 1 << 13),
        Step::Store(0x4002_1880, 1 << 13),
        Step::Store(0xE000_E100, 1 << 7),
        Step::Sleep,
    ]);
    machine.run_until(10_000).unwrap();
    machine.set_inputs(&crate::Inputs {
        button_pressed: true,
        ..crate::Inputs::default()
    });
    let error = machine.run_until(10_800).unwrap_err();
    assert!(matches!(error, MachineError::Lockup { .. }), "{error:?}");
}

const IWDG: u32 = 0x4000_3000;

#[test]
fn a_watchdog_that_nobody_feeds_resets_a_sleeping_program_each_time() {
    let mut machine = powered(&[
        Step::Store(IWDG, 0x5555),
        Step::Store(IWDG + 8, 799),
        Step::Store(IWDG, 0xCCCC),
        Step::Sleep,
    ]);
    let csr = |machine: &mut Machine| machine.debug_read(0x4002_1060, Width::Word).unwrap();
    machine.run_until(CYCLES_PER_SECOND / 10 - 100).unwrap();
    assert_eq!(csr(&mut machine) & 1 << 29, 0);
    machine.run_until(CYCLES_PER_SECOND / 10 + 100).unwrap();
    assert_ne!(csr(&mut machine) & 1 << 29, 0);
    machine
        .debug_write(0x4002_1060, Width::Word, 1 << 23)
        .unwrap();
    machine.run_until(CYCLES_PER_SECOND * 2 / 10 + 200).unwrap();
    assert_ne!(csr(&mut machine) & 1 << 29, 0, "it had been started again");
}

#[test]
fn a_program_in_flash_stands_still_while_a_page_is_erased() {
    let mut machine = powered(&[
        Step::Store(0x4002_2008, 0x4567_0123),
        Step::Store(0x4002_2008, 0xCDEF_89AB),
        Step::Store(0x4002_2014, 1 << 16 | 8 << 3 | 2),
        Step::Spin,
    ]);
    machine.run_until(340_000).unwrap();
    assert!(machine.instructions() < 12, "{}", machine.instructions());
    machine.run_until(360_000).unwrap();
    assert!(machine.instructions() > 1_000);
}

#[test]
fn power_is_the_beginning_and_the_end_of_time() {
    let mut machine = powered(&[Step::Store(0x2000_0000, 0), Step::Spin]);
    machine.run_until(1_000).unwrap();
    machine.power_off();
    machine.run_until(5_000).unwrap();
    assert!(machine.now() < 1_010);
    machine.power_on_reset();
    assert_eq!((machine.now(), machine.instructions()), (0, 0));
    assert_ne!(machine.debug_read(0x2000_0000, Width::Word), Ok(0));
    // A pin reset and a brown-out: time goes on, RAM survives the first only.
    machine.run_until(1_000).unwrap();
    machine.reset_pin();
    assert!(machine.now() >= 1_000);
    assert_eq!(machine.debug_read(0x2000_0000, Width::Word), Ok(0));
    machine.brown_out();
    assert!(machine.now() >= 1_000);
    assert_ne!(machine.debug_read(0x2000_0000, Width::Word), Ok(0));
}

#[test]
fn a_blank_chip_waits_in_system_memory_once_and_then_starts_into_nothing() {
    let mut machine = Machine::new([0; 12]);
    machine.power_on_reset();
    machine.run_until(10_000).unwrap();
    assert_eq!(machine.register(15) >> 16, 0x1FFF);
    machine.reset_pin();
    let error = machine.run_until(20_000).unwrap_err();
    assert!(matches!(error, MachineError::Lockup { .. }), "{error:?}");
}

#[test]
fn a_tick_lasts_from_its_interrupt_to_the_watchdogs_refresh() {
    const TIM2: u32 = 0x4000_0000;
    const IWDG: u32 = 0x4000_3000;
    // TIM2 compares at 10,000 cycles and would at 2^32; the interrupt wakes and is never cleared.
    let program = |key| {
        powered(&[
            Step::Store(0x4002_103C, 1),
            Step::Store(TIM2 + 0x38, 10_000),
            Step::Store(TIM2 + 0x0C, 1 << 2),
            Step::Store(IWDG, 0xCCCC),
            Step::Store(0xE000_E100, 1 << 15),
            Step::Mask,
            Step::Store(TIM2, 1),
            Step::SleepAndStore(IWDG, key),
        ])
    };
    let mut machine = program(0xAAAA);
    machine.run_until(9_000).unwrap();
    assert_eq!(machine.take_longest_tick(), None);
    machine.run_until(20_000).unwrap();
    let tick = machine.take_longest_tick();
    assert!(tick.is_some_and(|it| it < 20), "{tick:?} cycles");
    // What is no refresh ends no tick.
    let mut machine = program(0x5555);
    machine.run_until(20_000).unwrap();
    assert_eq!(machine.take_longest_tick(), None);
}

#[test]
fn ram_that_was_written_is_told_from_ram_as_it_was_at_power_on() {
    let mut machine = powered(&[
        Step::Store(0x2000_1000, 5),
        Step::Store(0x2000_8FFC, 6),
        Step::Sleep,
    ]);
    assert_eq!(machine.first_ram_touched(0x2000_0000), None);
    machine.run_until(1_000).unwrap();
    assert_eq!(machine.first_ram_touched(0), Some(0x2000_1000));
    assert_eq!(machine.first_ram_touched(0x2000_1000), Some(0x2000_1000));
    assert_eq!(machine.first_ram_touched(0x2000_1001), Some(0x2000_8FFC));
    assert_eq!(machine.first_ram_touched(0x2000_9000), None);
    machine.reset_pin();
    assert_eq!(machine.first_ram_touched(0), Some(0x2000_1000));
    machine.power_on_reset();
    assert_eq!(machine.first_ram_touched(0), None);
}
