//! The probe that probe-rs opens: its traits over one debug port and one machine.

use super::port::{Ack, DebugPort, Port};
use crate::Machine;
use probe_rs::CoreStatus;
use probe_rs::architecture::arm::sequences::ArmDebugSequence;
use probe_rs::architecture::arm::{
    ArmCommunicationInterface, ArmDebugInterface, ArmError, DapError, DapProbe, RawDapAccess,
    RegisterAddress,
};
use probe_rs::probe::{DebugProbe, DebugProbeError, Probe, WireProtocol};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Name of the probe.
pub(super) const PROBE_NAME: &str = "Penrig virtual probe";

/// ABORT with all sticky flags cleared.
const CLEAR_STICKY: u32 = 0x1E;
/// RDBUFF.
const RDBUFF: u8 = 0xC;
/// ABORT.
const ABORT: u8 = 0x0;
/// nRESET among the pins of `swj_pins`.
const NRESET: u32 = 1 << 7;

/// Opens a probe on the machine.
///
/// A machine without supply is switched on first, as a fixture does that supplies the chip for
/// flashing. The machine is locked for one block of transfers at a time.
pub fn probe(machine: Arc<Mutex<Machine>>) -> Probe {
    Probe::new(VirtualProbe::new(machine))
}

/// Opens a probe that is unplugged after some transfers.
pub(crate) fn failing_probe(machine: Arc<Mutex<Machine>>, transfers: u64) -> Probe {
    let mut probe = VirtualProbe::new(machine);
    probe.transfers_left = Some(transfers);
    Probe::new(probe)
}

/// A debug probe whose wire ends in an emulated chip.
pub struct VirtualProbe {
    machine: Arc<Mutex<Machine>>,
    port: DebugPort,
    speed_khz: u32,
    /// Transfers until it is unplugged; it never is if none.
    transfers_left: Option<u64>,
}

impl VirtualProbe {
    /// Connects a probe, and switches the chip's supply on if it is off.
    pub fn new(machine: Arc<Mutex<Machine>>) -> Self {
        {
            let mut machine = lock(&machine);
            if !machine.is_powered() {
                machine.power_on_reset();
            }
        }
        Self {
            machine,
            port: DebugPort::new(),
            speed_khz: 4_000,
            transfers_left: None,
        }
    }

    fn transfer<T>(
        &mut self,
        work: impl FnOnce(&mut DebugPort, &mut Machine) -> Result<T, Ack>,
    ) -> Result<T, ArmError> {
        if let Some(left) = &mut self.transfers_left {
            let Some(fewer) = left.checked_sub(1) else {
                let unplugged = std::io::Error::from(std::io::ErrorKind::NotConnected);
                return Err(DebugProbeError::Usb(unplugged).into());
            };
            *left = fewer;
        }
        let mut machine = lock(&self.machine);
        work(&mut self.port, &mut machine).map_err(|ack| match ack {
            Ack::Fault => {
                // As probe firmware does: the error is reported once and does not stick.
                let _ = self.port.write(&mut machine, Port::Dp, ABORT, CLEAR_STICKY);
                DapError::FaultResponse.into()
            }
            Ack::NoAnswer => DapError::NoAcknowledge.into(),
        })
    }
}

/// A machine behind a poisoned lock is still whole: every access leaves it consistent.
fn lock(machine: &Mutex<Machine>) -> MutexGuard<'_, Machine> {
    machine.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for VirtualProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualProbe").finish_non_exhaustive()
    }
}

fn split(address: RegisterAddress) -> (Port, u8) {
    let port = if address.is_ap() { Port::Ap } else { Port::Dp };
    (port, address.lsb() & 0xC)
}

impl DebugProbe for VirtualProbe {
    fn get_name(&self) -> &str {
        PROBE_NAME
    }

    fn speed_khz(&self) -> u32 {
        self.speed_khz
    }

    fn set_speed(&mut self, speed_khz: u32) -> Result<u32, DebugProbeError> {
        if speed_khz == 0 {
            return Err(DebugProbeError::UnsupportedSpeed(speed_khz));
        }
        self.speed_khz = speed_khz;
        self.port.set_speed(speed_khz);
        Ok(speed_khz)
    }

    fn attach(&mut self) -> Result<(), DebugProbeError> {
        Ok(())
    }

    fn detach(&mut self) -> Result<(), probe_rs::Error> {
        Ok(())
    }

    fn target_reset(&mut self) -> Result<(), DebugProbeError> {
        lock(&self.machine).reset_pin();
        Ok(())
    }

    fn target_reset_assert(&mut self) -> Result<(), DebugProbeError> {
        lock(&self.machine).hold_reset();
        Ok(())
    }

    fn target_reset_deassert(&mut self) -> Result<(), DebugProbeError> {
        lock(&self.machine).release_reset();
        Ok(())
    }

    fn select_protocol(&mut self, protocol: WireProtocol) -> Result<(), DebugProbeError> {
        match protocol {
            WireProtocol::Swd => Ok(()),
            WireProtocol::Jtag => Err(DebugProbeError::UnsupportedProtocol(protocol)),
        }
    }

    fn active_protocol(&self) -> Option<WireProtocol> {
        Some(WireProtocol::Swd)
    }

    fn has_arm_interface(&self) -> bool {
        true
    }

    fn try_get_arm_debug_interface<'probe>(
        self: Box<Self>,
        sequence: Arc<dyn ArmDebugSequence>,
    ) -> Result<Box<dyn ArmDebugInterface + 'probe>, (Box<dyn DebugProbe>, ArmError)> {
        Ok(ArmCommunicationInterface::create(self, sequence, false))
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn try_as_dap_probe(&mut self) -> Option<&mut dyn DapProbe> {
        Some(self)
    }

    fn get_target_voltage(&mut self) -> Result<Option<f32>, DebugProbeError> {
        let powered = lock(&self.machine).is_powered();
        Ok(Some(if powered { 3.3 } else { 0.0 }))
    }
}

impl DapProbe for VirtualProbe {}

impl RawDapAccess for VirtualProbe {
    fn raw_read_register(&mut self, address: RegisterAddress) -> Result<u32, ArmError> {
        let (port, address) = split(address);
        self.transfer(|debug_port, machine| {
            let value = debug_port.read(machine, port, address)?;
            match port {
                Port::Dp => Ok(value),
                Port::Ap => debug_port.read(machine, Port::Dp, RDBUFF),
            }
        })
    }

    fn raw_read_block(
        &mut self,
        address: RegisterAddress,
        values: &mut [u32],
    ) -> Result<(), ArmError> {
        let (port, address) = split(address);
        self.transfer(|debug_port, machine| {
            let Some(last) = values.len().checked_sub(1) else {
                return Ok(());
            };
            if port == Port::Dp {
                for value in values.iter_mut() {
                    *value = debug_port.read(machine, port, address)?;
                }
                return Ok(());
            }
            debug_port.read(machine, port, address)?;
            for value in &mut values[..last] {
                *value = debug_port.read(machine, port, address)?;
            }
            values[last] = debug_port.read(machine, Port::Dp, RDBUFF)?;
            Ok(())
        })
    }

    fn raw_write_register(&mut self, address: RegisterAddress, value: u32) -> Result<(), ArmError> {
        self.raw_write_block(address, &[value])
    }

    fn raw_write_block(
        &mut self,
        address: RegisterAddress,
        values: &[u32],
    ) -> Result<(), ArmError> {
        let (port, address) = split(address);
        self.transfer(|debug_port, machine| {
            values
                .iter()
                .try_for_each(|value| debug_port.write(machine, port, address, *value))
        })
    }

    fn jtag_sequence(&mut self, _cycles: u8, _tms: bool, _tdi: u64) -> Result<(), DebugProbeError> {
        Err(DebugProbeError::CommandNotSupportedByProbe {
            command_name: "jtag_sequence",
        })
    }

    fn swj_sequence(&mut self, bit_len: u8, bits: u64) -> Result<(), DebugProbeError> {
        self.port.sequence(u32::from(bit_len), bits);
        Ok(())
    }

    fn swj_pins(
        &mut self,
        pin_out: u32,
        pin_select: u32,
        _pin_wait: u32,
    ) -> Result<u32, DebugProbeError> {
        if pin_select & !NRESET != 0 {
            return Err(DebugProbeError::CommandNotSupportedByProbe {
                command_name: "swj_pins",
            });
        }
        let mut machine = lock(&self.machine);
        if pin_select & NRESET != 0 {
            if pin_out & NRESET == 0 {
                machine.hold_reset();
            } else {
                machine.release_reset();
            }
        }
        Ok(if machine.is_held_in_reset() {
            0
        } else {
            NRESET
        })
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn core_status_notification(&mut self, _state: CoreStatus) -> Result<(), DebugProbeError> {
        Ok(())
    }
}
