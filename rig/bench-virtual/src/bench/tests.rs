//! The bench behind its seam, with a chip that runs a few words of program.

use super::*;
use crate::debug;
use firmware_units::{Micronewtonmeters, Millinewtons};
use rig_armv6m::Width;
use rig_bench::{
    AMBIENT_THERMOMETER, FORCE, FaultId, GAUGE, InstrumentId, MOTOR_CURRENT, NOSE_THERMOMETER,
    SampleStatus, Shaft, TACHOMETER,
};
use std::collections::BTreeMap;

const SUPPLY: Millivolts = Millivolts(3_700);
const RCC_IOPENR: u32 = 0x4002_1034;
const RCC_APBENR1: u32 = 0x4002_103C;
const GPIOA: u32 = 0x5000_0000;
const GPIOB: u32 = 0x5000_0400;
const USART2: u32 = 0x4000_4400;

/// Registers that run the motor at full duty: PA8 and PB0 high.
const MOTOR_ON: [(u32, u32); 5] = [
    (RCC_IOPENR, 0b11),
    // PA8 output; PA13 and PA14 stay with the debug port.
    (GPIOA, 0xEBFD_FFFF),
    (GPIOB, 0xFFFF_FFFD),
    (GPIOB + 0x18, 1 << 0),
    (GPIOA + 0x18, 1 << 8),
];

/// Registers that set USART2 to 115,200 Bd on PA2 and PA3, both directions.
const USART_ON: [(u32, u32); 6] = [
    (RCC_IOPENR, 0b11),
    (RCC_APBENR1, 1 << 17),
    (GPIOA, 0xEBFF_FFAF),
    (GPIOA + 0x20, 0x0000_1100),
    (USART2 + 0x0C, 139),
    (USART2, 0b1101),
];

/// A program that writes a table of registers and then stands in a loop, from 0x0800_0000.
fn program(registers: &[(u32, u32)]) -> Vec<u8> {
    let mut halfwords = vec![0u16; 0x80];
    // Vectors: stack pointer, reset; every other one leads to the loop at the end.
    for vector in 1..0x40 {
        halfwords[2 * vector] = 0x010D;
        halfwords[2 * vector + 1] = 0x0800;
    }
    (halfwords[0], halfwords[1]) = (0x1000, 0x2000);
    halfwords[2] = 0x0101;
    halfwords.extend([
        0x4803, // 100: ldr r0, [pc, #12]
        0xC806, // 102: ldmia r0!, {r1, r2}
        0x2900, // 104: cmp r1, #0
        0xD001, // 106: beq 10C
        0x600A, // 108: str r2, [r1]
        0xE7FA, // 10A: b 102
        0xE7FE, // 10C: b .
        0xBF00, // 10E: nop
        0x0114, 0x0800, // 110: address of the table
    ]);
    let mut bytes: Vec<u8> = halfwords.iter().flat_map(|it| it.to_le_bytes()).collect();
    for &(address, value) in registers.iter().chain(&[(0, 0)]) {
        bytes.extend(address.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

fn bench_of(scenario: &Scenario, unit_index: usize, registers: &[(u32, u32)]) -> VirtualBench {
    let bench = VirtualBench::new(scenario, unit_index, scenario.lot.seed).unwrap();
    lock(&bench.machine).program_factory(0x0800_0000, &program(registers));
    bench
}

fn powered(registers: &[(u32, u32)]) -> VirtualBench {
    let mut bench = bench_of(&Scenario::reference(), 0, registers);
    bench.power_on(SUPPLY).unwrap();
    bench
}

fn scenario(faults: &str) -> Scenario {
    let head = include_str!("../../scenarios/reference.toml");
    Scenario::parse("test.toml", &format!("{head}{faults}")).unwrap()
}

fn until_ms(bench: &mut VirtualBench, ms: u64) -> Vec<Observation> {
    let until = Nanoseconds::from_millis(ms);
    let mut observations = Vec::new();
    while bench.now() < until {
        observations.extend(bench.advance(until).unwrap());
    }
    observations
}

fn values(observations: &[Observation], wanted: InstrumentId) -> Vec<i64> {
    observations
        .iter()
        .filter_map(|it| match it {
            Observation::Samples { instrument, block } if *instrument == wanted => {
                Some(block.values.iter().copied())
            }
            _ => None,
        })
        .flatten()
        .collect()
}

fn link(observations: &[Observation]) -> Vec<(u64, Vec<u8>)> {
    observations
        .iter()
        .filter_map(|it| match it {
            Observation::Link { at, bytes } => Some((at.0, bytes.clone())),
            Observation::Samples { .. } => None,
        })
        .collect()
}

#[test]
fn a_standing_pen_is_seen_from_power_on_and_does_not_move() {
    let mut bench = powered(&[]);
    assert_eq!(bench.now(), Nanoseconds::ZERO);
    let seen = until_ms(&mut bench, 200);
    assert_eq!(bench.now(), Nanoseconds::from_millis(200));
    assert!((3_999..=4_001).contains(&values(&seen, GAUGE).len()));
    assert!((399..=401).contains(&values(&seen, MOTOR_CURRENT).len()));
    assert_eq!(values(&seen, TACHOMETER), []);
    assert_eq!(link(&seen), []);
}

#[test]
fn the_motor_turns_when_pins_say_so_and_stops_without_supply() {
    let mut bench = powered(&MOTOR_ON);
    bench.record_truth();
    let seen = until_ms(&mut bench, 500);
    let edges = values(&seen, TACHOMETER).len();
    assert!(
        (70..110).contains(&edges),
        "{edges} strokes in half a second from rest"
    );
    assert!((bench.truth().len() as i64 - edges as i64).abs() <= 1);
    bench.power_off().unwrap();
    bench.power_on(SUPPLY).unwrap();
    assert_eq!(
        bench.now(),
        Nanoseconds::from_millis(500),
        "bench time never goes back"
    );
    lock(&bench.machine).program_factory(0x0800_0000, &program(&[]));
    bench.power_off().unwrap();
    bench.power_on(SUPPLY).unwrap();
    let seen = until_ms(&mut bench, 600);
    assert_eq!(values(&seen, TACHOMETER), []);
}

#[test]
fn observations_come_in_bench_time_order_and_in_sequence() {
    let mut bench = powered(&MOTOR_ON);
    let mut last = BTreeMap::new();
    let mut last_at = Nanoseconds::ZERO;
    for ms in [1, 2, 50, 51, 700, 1_000] {
        for observation in until_ms(&mut bench, ms) {
            let Observation::Samples { instrument, block } = observation else {
                continue;
            };
            assert!(block.at >= last_at || last.contains_key(&instrument));
            let next = last.entry(instrument).or_insert(0);
            assert_eq!(block.first_seq, *next, "{instrument}");
            *next += block.values.len() as u64;
            assert!(block.at < bench.now());
        }
        last_at = bench.now();
    }
    assert_eq!(last.len(), 6);
}

#[test]
fn a_byte_takes_its_time_to_the_pen_and_back() {
    // The pen says 0x55 and 0 as soon as it has begun.
    let mut registers = USART_ON.to_vec();
    registers.extend([(USART2 + 0x28, 0x55), (USART2 + 0x28, 0)]);
    let mut bench = powered(&registers);
    let seen = bench.advance(Nanoseconds::from_seconds(1)).unwrap();
    let said = link(&seen);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].1, [0x55, 0]);
    // Two bytes of 86.8 µs after some tens of cycles of program, and the next step's end.
    assert!((173_000..185_000).contains(&said[0].0), "{} ns", said[0].0);
    assert!(bench.now().0 - said[0].0 < STEP_NS);
    let sent = bench.send(&[0xA5]).unwrap();
    assert_eq!(sent.0, bench.now().0 + 86_805);
    until_ms(&mut bench, 2);
    let read = lock(&bench.machine).debug_read(USART2 + 0x24, Width::Word);
    assert_eq!(read, Ok(0xA5));
}

#[test]
fn bytes_without_a_frames_end_are_seen_after_a_millisecond_of_silence() {
    let mut registers = USART_ON.to_vec();
    registers.push((USART2 + 0x28, 0x55));
    let mut bench = powered(&registers);
    let seen = bench.advance(Nanoseconds::from_seconds(1)).unwrap();
    let said = link(&seen);
    assert_eq!(said[0].1, [0x55]);
    assert!((1_000_000..1_000_000 + STEP_NS).contains(&(bench.now().0 - said[0].0)));
}

#[test]
fn a_dead_link_passes_nothing() {
    let mut registers = USART_ON.to_vec();
    registers.push((USART2 + 0x28, 0));
    let scenario =
        scenario("[[fault]]\nname = \"link-dead\"\nunit = \"PA1-00000001\"\ncontained = true\n");
    let mut bench = bench_of(&scenario, 0, &registers);
    bench.power_on(SUPPLY).unwrap();
    assert_eq!(link(&until_ms(&mut bench, 5)), []);
    bench.send(&[0xA5]).unwrap();
    until_ms(&mut bench, 8);
    assert_eq!(
        lock(&bench.machine).debug_read(USART2 + 0x24, Width::Word),
        Ok(0)
    );
}

#[test]
fn an_unpowered_pen_shows_its_needles_while_the_fixture_turns_its_shaft() {
    let mut bench = powered(&[]);
    bench
        .actuate(Actuation::Shaft(Shaft::Turned { millihertz: 50_000 }))
        .unwrap();
    let seen = until_ms(&mut bench, 400);
    let gauge = values(&seen, GAUGE);
    let top = *gauge.iter().max().unwrap() as f64 - bench.true_gauge_zero_nm();
    // Within noise, linearity and float.
    assert!(
        (top - bench.true_top().0 as f64).abs() < 80_000.0,
        "{top} {}",
        bench.true_top()
    );
    assert_eq!(values(&seen, TACHOMETER).len(), 20);
}

#[test]
fn hall_edges_reach_the_chips_timer_at_their_time_by_its_oscillator() {
    const TIM2: u32 = 0x4000_0000;
    let registers = [
        (RCC_IOPENR, 0b11),
        (RCC_APBENR1, 1 << 0),
        // PA0 is TIM2_CH1; the timer counts microseconds and captures rising edges.
        (GPIOA, 0xEBFF_FFFE),
        (GPIOA + 0x20, 2),
        (TIM2 + 0x28, 15),
        (TIM2 + 0x18, 1),
        (TIM2 + 0x20, 1),
        (TIM2 + 0x14, 1),
        (TIM2, 1),
    ];
    let mut bench = powered(&registers);
    bench
        .actuate(Actuation::Shaft(Shaft::Turned { millihertz: 40_000 }))
        .unwrap();
    let mut captured = |ms| {
        until_ms(&mut bench, ms);
        lock(&bench.machine)
            .debug_read(TIM2 + 0x34, Width::Word)
            .unwrap()
    };
    // 800 turns of 25 ms apart, by the oscillator's count of microseconds.
    let first = captured(100);
    let counts = captured(20_100) - first;
    let unit = Unit::draw(&Scenario::reference(), 0, 1).unwrap();
    let expected = 20e6 * (1.0 + 1e-9 * f64::from(unit.oscillator_ppb));
    assert!(
        (f64::from(counts) - expected).abs() <= 1.0,
        "{counts} µs, not {expected}"
    );
}

#[test]
fn the_gauge_block_hides_the_needles() {
    let mut bench = powered(&[]);
    bench
        .actuate(Actuation::Shaft(Shaft::Turned { millihertz: 50_000 }))
        .unwrap();
    bench
        .actuate(Actuation::GaugeBlock { present: true })
        .unwrap();
    let gauge = values(&until_ms(&mut bench, 200), GAUGE);
    let mean = gauge.iter().sum::<i64>() as f64 / gauge.len() as f64;
    let error = mean - bench.fixture().block_height_nm - bench.true_gauge_zero_nm();
    assert!(error.abs() < 8_000.0, "{error} nm");
    assert!(gauge.iter().all(|&it| (it as f64 - mean).abs() < 70_000.0));
}

#[test]
fn loads_on_shaft_and_needles_slow_the_motor() {
    let rate = |actuation: Option<Actuation>| {
        let mut bench = powered(&MOTOR_ON);
        bench
            .actuate(Actuation::Cartridge(Some(crate::reference_cartridge(1))))
            .unwrap();
        if let Some(actuation) = actuation {
            bench.actuate(actuation).unwrap();
        }
        until_ms(&mut bench, 300);
        values(&until_ms(&mut bench, 800), TACHOMETER).len()
    };
    let free = rate(None);
    assert!(
        rate(Some(Actuation::Shaft(Shaft::Brake(Micronewtonmeters(
            2_000
        )))))
            + 10
            < free
    );
    assert_eq!(rate(Some(Actuation::Shaft(Shaft::Locked))), 0);
    // Below the nose plane at all times, so a simulant is not met.
    let load = Actuation::NeedleLoad {
        needles: 14,
        force_per_needle: Millinewtons(100),
    };
    assert!(rate(Some(load)).abs_diff(free) <= 1);
}

#[test]
fn a_supply_too_low_switches_the_chip_off_and_it_starts_anew() {
    let mut bench = powered(&MOTOR_ON);
    until_ms(&mut bench, 300);
    bench.actuate(Actuation::Supply(Millivolts(1_000))).unwrap();
    // Nothing brakes the shaft: it coasts for most of a second.
    until_ms(&mut bench, 1_500);
    assert!(!lock(&bench.machine).is_powered());
    let seen = until_ms(&mut bench, 1_600);
    assert_eq!(values(&seen, TACHOMETER), []);
    bench.actuate(Actuation::Supply(SUPPLY)).unwrap();
    until_ms(&mut bench, 1_800);
    assert!(values(&until_ms(&mut bench, 2_000), TACHOMETER).len() > 20);
}

#[test]
fn faults_strike_at_their_time_and_on_their_unit_alone() {
    let scenario = scenario(
        "[[fault]]\nname = \"gauge-dropout\"\nprobability = 1\nunit = \"PA1-00000002\"\ncontained = false\nfrom_s = 0.1\nfor_s = 0.1\n",
    );
    let marked = |unit_index| {
        let mut bench = bench_of(&scenario, unit_index, &[]);
        bench.power_on(SUPPLY).unwrap();
        let mut marked = Vec::new();
        for ms in [100, 200, 300] {
            let seen = until_ms(&mut bench, ms);
            let count = seen.iter().map(|it| match it {
                Observation::Samples { block, .. } => block
                    .exceptions
                    .iter()
                    .filter(|it| it.1 == SampleStatus::NoTarget)
                    .count(),
                Observation::Link { .. } => 0,
            });
            marked.push(count.sum::<usize>());
        }
        marked
    };
    assert_eq!(marked(0), [0, 0, 0]);
    let struck = marked(1);
    assert_eq!((struck[0], struck[2]), (0, 0));
    assert!((1_999..=2_001).contains(&struck[1]), "{struck:?}");
}

#[test]
fn lost_samples_are_lost_once() {
    let scenario = scenario(
        "[[fault]]\nname = \"gauge-gap\"\nsamples = 5\nunit = \"all\"\ncontained = false\nfrom_s = 0.01\n[[fault]]\nname = \"hall-dead\"\nunit = \"all\"\ncontained = false\nfrom_s = 0.02\n",
    );
    let mut bench = bench_of(&scenario, 0, &[]);
    bench.power_on(SUPPLY).unwrap();
    let count = values(&until_ms(&mut bench, 100), GAUGE).len();
    assert!((1_994..=1_996).contains(&count), "{count}");
}

#[test]
fn calls_in_the_wrong_state_break_the_bench_for_good() {
    let check = |act: fn(&mut VirtualBench) -> Result<(), BenchError>, expected: &str| {
        let mut bench = bench_of(&Scenario::reference(), 0, &[]);
        let error = act(&mut bench).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(bench.power_on(SUPPLY), Err(error.clone()));
        assert_eq!(bench.probe().map(|_| ()), Err(error));
    };
    check(|it| it.power_off(), "supply is off, power-off needs it on");
    check(
        |it| it.send(&[1]).map(|_| ()),
        "supply is off, sending needs it on",
    );
    check(
        |it| it.advance(Nanoseconds(1)).map(|_| ()),
        "supply is off, bench time moves only while it is on",
    );
    check(
        |it| it.power_on(SUPPLY).and_then(|()| it.power_on(SUPPLY)),
        "supply is on, power-on needs it off",
    );
}

#[test]
fn an_access_that_is_not_modelled_is_a_bench_error_and_switches_the_chip_off() {
    // DAC1: the pen has no use for it.
    let mut bench = powered(&[(0x4000_7400, 1)]);
    let error = bench.advance(Nanoseconds::from_millis(1)).unwrap_err();
    assert!(
        matches!(
            error,
            BenchError::NotModelled {
                address: 0x4000_7400,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(bench.advance(Nanoseconds::from_millis(2)), Err(error));
    assert!(!lock(&bench.machine).is_powered());
}

#[test]
fn an_access_that_is_not_modelled_breaks_the_bench_although_a_debugger_lets_the_program_go_on() {
    let mut bench = powered(&[(0x4000_7400, 1)]);
    {
        let mut machine = lock(&bench.machine);
        let end = machine.now() + 10_000;
        assert!(machine.run_until(end).is_err());
        machine.reset_pin();
    }
    let error = bench.advance(Nanoseconds::from_millis(1)).unwrap_err();
    assert!(matches!(error, BenchError::NotModelled { .. }), "{error}");
}

#[test]
fn a_core_that_locks_up_is_a_bench_error() {
    let mut bench = bench_of(&Scenario::reference(), 0, &[]);
    // An undefined instruction, and HardFault leads to it again.
    lock(&bench.machine).program_factory(0x0800_0100, &[0x00, 0xDE]);
    lock(&bench.machine).program_factory(0x0800_000C, &0x0800_0101u32.to_le_bytes());
    bench.power_on(SUPPLY).unwrap();
    let error = bench.advance(Nanoseconds::from_millis(1)).unwrap_err();
    // The lockup address (ARM DDI 0419, B1.5.15).
    assert_eq!(error, BenchError::Lockup { pc: 0xFFFF_FFFE });
}

#[test]
fn dropping_the_bench_switches_the_chip_off() {
    let bench = powered(&MOTOR_ON);
    let machine = Arc::clone(&bench.machine);
    assert!(lock(&machine).is_powered());
    drop(bench);
    assert!(!lock(&machine).is_powered());
}

#[test]
fn the_factory_record_stands_in_both_copies() {
    let bench = powered(&[]);
    let machine = lock(&bench.machine);
    let unit = Unit::draw(&Scenario::reference(), 0, 1).unwrap();
    for address in [COPY_A, COPY_B] {
        let start = (address - 0x0800_0000) as usize;
        let bytes = machine.flash()[start..].first_chunk().unwrap();
        assert_eq!(
            firmware_wire::Calibration::from_bytes(bytes),
            Ok(unit.calibration)
        );
    }
}

#[test]
fn certificates_are_virtual_traceable_to_nothing_and_dated_by_the_scenario() {
    let bench = powered(&[]);
    let names: Vec<InstrumentId> = bench.instruments().iter().map(|it| it.id).collect();
    assert_eq!(
        names,
        [
            GAUGE,
            TACHOMETER,
            MOTOR_CURRENT,
            FORCE,
            NOSE_THERMOMETER,
            AMBIENT_THERMOMETER
        ]
    );
    let of_instruments = bench.instruments().iter().map(|it| &it.certificate);
    for certificate in of_instruments.chain([&bench.fixture().block_certificate]) {
        assert!(certificate.id.starts_with("VIRTUAL-"), "{}", certificate.id);
        assert_eq!(certificate.traceability, "none");
        assert_eq!(
            (&*certificate.calibrated, &*certificate.due),
            ("2026-01-05", "2027-01-05")
        );
    }
    assert_eq!(bench.identity().kind, BenchKind::Virtual);
}

#[test]
fn the_pens_own_cell_takes_the_supplys_place_and_the_supply_the_cells() {
    let mut bench = powered(&[]);
    let battery_v = |bench: &mut VirtualBench| {
        let now = bench.now();
        bench.advance(now + Nanoseconds::from_millis(2)).unwrap();
        2.0 * bench.world.sensors().battery_v
    };
    let sag = 0.08 * 0.015;
    assert!((battery_v(&mut bench) - (3.7 - sag)).abs() < 1e-6);
    bench.actuate(Actuation::Battery).unwrap();
    assert!((battery_v(&mut bench) - (4.102_9 - sag)).abs() < 1e-4);
    assert!(lock(&bench.machine).is_powered());
    bench.actuate(Actuation::Supply(Millivolts(3_700))).unwrap();
    assert!((battery_v(&mut bench) - (3.7 - sag)).abs() < 1e-6);
    bench.power_off().unwrap();
    assert!(matches!(
        bench.actuate(Actuation::Battery),
        Err(BenchError::Power { .. })
    ));
}

#[test]
fn a_fitted_cartridge_is_felt_and_read() {
    let mut bench = powered(&[]);
    assert!(lock(&bench.machine).cartridge_chip().is_none());
    let cartridge = crate::reference_cartridge(3);
    bench
        .actuate(Actuation::Cartridge(Some(cartridge)))
        .unwrap();
    until_ms(&mut bench, 2);
    assert!(bench.inputs.cartridge_fitted);
    let machine = lock(&bench.machine);
    assert_eq!(machine.cartridge_chip().unwrap()[..24], cartridge.chip);
}

#[test]
fn time_under_the_debug_probe_is_bench_time_and_everything_goes_on_afterwards() {
    let mut bench = powered(&MOTOR_ON);
    until_ms(&mut bench, 100);
    // What a probe does that lets the core run for a while between two transfers.
    lock(&bench.machine).debug_run(16_000_000);
    let seconds = bench.now().seconds();
    assert!((seconds - 1.1).abs() < 0.01, "{seconds} s");
    let before = bench.instructions();
    let observations = until_ms(&mut bench, 1_110);
    let samples = observations.iter().map(|it| match it {
        Observation::Samples { instrument, block } if *instrument == GAUGE => block.values.len(),
        _ => 0,
    });
    assert!(
        samples.sum::<usize>() > 19_900,
        "the gauge looked on for a second"
    );
    until_ms(&mut bench, 1_210);
    let run = bench.instructions() - before;
    assert!(
        (400_000..1_600_000).contains(&run),
        "{run} instructions of a loop in 100 ms"
    );
    drop(debug::probe(Arc::clone(&bench.machine)));
}

#[test]
fn same_seed_gives_the_same_observations() {
    let run = |unit_index, setup| {
        let scenario = Scenario::reference();
        let mut bench = VirtualBench::with_setup(&scenario, unit_index, 4, setup).unwrap();
        lock(&bench.machine).program_factory(0x0800_0000, &program(&MOTOR_ON));
        bench.power_on(SUPPLY).unwrap();
        until_ms(&mut bench, 150)
    };
    assert_eq!(run(0, 0), run(0, 0));
    assert_ne!(run(0, 0), run(0, 1));
    assert_ne!(run(0, 0), run(1, 0));
}

/// Mean of an instrument's samples in 0.2 s.
fn mean_of(bench: &mut VirtualBench, wanted: InstrumentId) -> f64 {
    let until = bench.now() + Nanoseconds::from_millis(200);
    let seen = bench.advance(until).unwrap();
    let values: Vec<i64> = seen
        .into_iter()
        .flat_map(|it| match it {
            Observation::Samples { instrument, block } if instrument == wanted => block.values,
            _ => Vec::new(),
        })
        .collect();
    values.iter().map(|&it| it as f64).sum::<f64>() / values.len() as f64
}

#[test]
fn a_force_moves_the_nose_against_the_needles_and_all_of_the_pen_in_its_seat() {
    let mut bench = powered(&[]);
    bench
        .actuate(Actuation::Cartridge(Some(crate::reference_cartridge(3))))
        .unwrap();
    let force = |bench: &mut VirtualBench, millinewtons| {
        let force = Actuation::AxialForce(Millinewtons(millinewtons));
        bench.actuate(force).unwrap();
    };
    let block = |bench: &mut VirtualBench, present| {
        bench.actuate(Actuation::GaugeBlock { present }).unwrap();
    };
    let (free_nm, free_top) = (mean_of(&mut bench, GAUGE), bench.true_top().0);
    block(&mut bench, true);
    let free_block_nm = mean_of(&mut bench, GAUGE);
    assert!(mean_of(&mut bench, FORCE).abs() < 2_500.0);
    force(&mut bench, 1_000);
    // The sensor's own gain and offset.
    assert!((mean_of(&mut bench, FORCE) - 1e6).abs() < 5_500.0);
    // The nose plane by 10 µm against the pen and 5 µm with it; the needles by those 5 µm.
    let block_nm = mean_of(&mut bench, GAUGE) - free_block_nm;
    assert!((block_nm + 15_000.0).abs() < 800.0, "{block_nm}");
    block(&mut bench, false);
    let needles_nm = mean_of(&mut bench, GAUGE) - free_nm;
    assert!((needles_nm + 5_000.0).abs() < 800.0, "{needles_nm}");
    assert_eq!(bench.true_top().0 - free_top, 10_000);
    force(&mut bench, 0);
    assert_eq!(bench.true_top().0, free_top);
}

#[test]
fn faults_come_and_go_on_demand_beside_those_of_the_scenario() {
    let mut bench = powered(&[]);
    let place = |bench: &VirtualBench, name: &str| {
        let place = bench.faults().iter().position(|it| it.name == name);
        FaultId(u16::try_from(place.unwrap()).unwrap())
    };
    let set = |bench: &mut VirtualBench, fault, present| {
        bench.actuate(Actuation::Fault { fault, present }).unwrap();
    };
    let sound_top = bench.true_top();
    let (long, long_no_more) = (place(&bench, "needles-long um 300"), sound_top);
    assert!(!bench.faults()[usize::from(long.0)].contained);
    bench
        .actuate(Actuation::Cartridge(Some(crate::reference_cartridge(3))))
        .unwrap();
    for _ in 0..2 {
        set(&mut bench, long, true);
        set(&mut bench, long, true);
        assert_eq!(bench.true_top().0 - sound_top.0, 300_000);
        set(&mut bench, long, false);
        assert_eq!(bench.true_top(), long_no_more);
    }
    // Both copies of the factory record, and back.
    let record = |bench: &VirtualBench| lock(&bench.machine).flash()[0x1_F000..].to_vec();
    let before = record(&bench);
    let lost = place(&bench, "calibration-lost");
    set(&mut bench, lost, true);
    assert!(record(&bench).iter().all(|&it| it == 0xFF));
    set(&mut bench, lost, false);
    assert_eq!(record(&bench), before);
    let nowhere = FaultId(u16::try_from(bench.faults().len()).unwrap());
    let error = bench.actuate(Actuation::Fault {
        fault: nowhere,
        present: true,
    });
    assert!(
        matches!(error, Err(BenchError::Fixture { .. })),
        "{error:?}"
    );
}
