//! A look through the debug probe before anything is changed: which chip, which pen.

use crate::ProbeDescription;
use crate::guard::{self, InUse};
use firmware_wire::Calibration;
use firmware_wire::calibration::{COPY_A, COPY_B, COPY_LEN};
use probe_rs::{MemoryInterface as _, Permissions};
use rig_bench::BenchError;

/// Address of the chip's identity code (RM0444 40.9.1).
const IDCODE: u64 = 0x4001_5800;
/// Its part that says which device it is.
const DEV_ID: u32 = 0xFFF;
/// Chips of the family by that (RM0444 40.9.1), and how their probe-rs names begin.
const DEVICES: [(u32, &[&str]); 4] = [
    (0x456, &["STM32G050", "STM32G051", "STM32G061"]),
    (0x460, &["STM32G070", "STM32G071", "STM32G081"]),
    (0x466, &["STM32G030", "STM32G031", "STM32G041"]),
    (0x467, &["STM32G0B0", "STM32G0B1", "STM32G0C1"]),
];

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The chip's identity code.
    pub(crate) idcode: u32,
    /// Serial number in the factory record; nothing if there is no such record.
    pub(crate) serial: Option<String>,
}

/// Looks at chip and factory record, and insists on the chip described.
///
/// The core is not halted, nothing is written.
pub(crate) fn look(probe: &ProbeDescription) -> Result<Found, BenchError> {
    let unreadable = |error: probe_rs::Error| BenchError::Probe {
        cause: format!(
            "{} does not reach a {}: {}; check supply and wiring of the pen",
            probe.selector,
            probe.chip,
            guard::with_causes(&error)
        ),
    };
    let opened = guard::open(&probe.selector, &InUse::default())?;
    let mut session = opened
        .attach(&probe.chip, Permissions::default())
        .map_err(unreadable)?;
    let mut core = session.core(0).map_err(unreadable)?;
    let idcode = core.read_word_32(IDCODE).map_err(unreadable)?;
    insist_on_chip(&probe.chip, idcode)?;
    let mut copy = |address: u32| -> Result<[u8; COPY_LEN], BenchError> {
        let mut bytes = [0; COPY_LEN];
        core.read(u64::from(address), &mut bytes)
            .map_err(unreadable)?;
        Ok(bytes)
    };
    // A record that does not hold is the firmware's matter.
    let record = Calibration::choose(&copy(COPY_A)?, &copy(COPY_B)?).ok();
    let serial = record.map(|(it, _)| String::from_utf8_lossy(&it.serial).trim_end().to_owned());
    Ok(Found { idcode, serial })
}

/// Refuses another device of the family than the one named; a chip that is not of the family is
/// known by its name alone, and probe-rs must do.
fn insist_on_chip(chip: &str, idcode: u32) -> Result<(), BenchError> {
    let is = |names: &[&str]| names.iter().any(|it| chip.starts_with(it));
    let Some(&(expected, _)) = DEVICES.iter().find(|(_, names)| is(names)) else {
        return Ok(());
    };
    let found = idcode & DEV_ID;
    if found == expected {
        return Ok(());
    }
    let device = DEVICES.iter().find(|(id, _)| *id == found);
    let name = device.map_or("no chip of the family".to_owned(), |(_, names)| {
        names.join("/")
    });
    Err(BenchError::WrongChip {
        expected: format!("{chip} (device id {expected:#05x})"),
        found: format!("{name} (device id {found:#05x})"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_device_of_the_family_is_refused_and_named() {
        assert_eq!(insist_on_chip("STM32G071RBTx", 0x2000_0460), Ok(()));
        assert_eq!(insist_on_chip("nRF52840_xxAA", 0), Ok(()));
        let error = insist_on_chip("STM32G071RBTx", 0x1000_0467).unwrap_err();
        insta::assert_snapshot!(error, @"debug probe: it found STM32G0B0/STM32G0B1/STM32G0C1 (device id 0x467), where STM32G071RBTx (device id 0x460) should be; check bench file and wiring");
        let error = insist_on_chip("STM32G071RBTx", 0).unwrap_err();
        insta::assert_snapshot!(error, @"debug probe: it found no chip of the family (device id 0x000), where STM32G071RBTx (device id 0x460) should be; check bench file and wiring");
    }
}
