//! Requests right behind each other: the pen answers each, in order, within the time promised,
//! whether or not its transmitter has room for all replies at once.

use anyhow::{Result, ensure};
use firmware_units::Milliseconds;
use firmware_wire::frame::encode_request;
use firmware_wire::{Reply, Request};
use rig_bench_virtual::{Scenario, VirtualBench};
use tests_end_to_end::RELEASED;
use tests_end_to_end::driven::{done, power_up};

/// Seeds of the bench: the pen's clock, and so when it sees the line idle, differs by seed.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 11];
/// From one reply of 23 bytes to three times what the transmitter's buffer of 256 bytes holds.
const LENGTHS: [u16; 10] = [1, 8, 10, 12, 14, 16, 17, 18, 20, 32];
/// The link's own sequence numbers are below.
const FIRST_SEQUENCE: u16 = 1_000;

/// Sends bursts of several lengths, and says which requests of which were not answered in order
/// within 250 ms of the burst's last bit.
fn unanswered(image: &str, seed: u64, telemetry: Milliseconds) -> Result<Vec<String>> {
    let mut bench = VirtualBench::new(&Scenario::reference(), 0, seed)?;
    let mut session = power_up(&mut bench, image)?;
    done(&mut session, Request::SetTelemetryPeriod(telemetry))?;
    let mut wrong = Vec::new();
    let mut sequence = FIRST_SEQUENCE;
    for length in LENGTHS {
        let asked: Vec<u16> = (sequence..sequence + length).collect();
        sequence += length;
        let mut bytes = Vec::new();
        for &sequence in &asked {
            bytes.extend(encode_request(sequence, &Request::GetStatus)?);
        }
        let mut answered = Vec::new();
        for heard in session.send_raw(&bytes)? {
            let frame = heard?;
            if matches!(frame.message, Reply::Status(_)) {
                answered.push(frame.sequence);
            }
        }
        if answered != asked {
            wrong.push(format!(
                "seed {seed}, {telemetry:?}: {length} asked, {answered:?}"
            ));
        }
    }
    Ok(wrong)
}

#[test]
fn each_request_of_a_burst_is_answered() -> Result<()> {
    let mut wrong = Vec::new();
    for seed in SEEDS {
        for telemetry in [Milliseconds(0), Milliseconds(20)] {
            wrong.extend(unanswered(RELEASED, seed, telemetry)?);
        }
    }
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}
