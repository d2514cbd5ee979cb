//! The debug port over a stream of bytes, as Glasgow's `probe-rs` applet, version 1, speaks it.
//!
//! Packets are COBS with a zero after each; their first byte is the endpoint, 0 root and 1 SWD.
//! An endpoint sees a stream of bytes and no packet boundaries (probe-rs 0.32,
//! `src/probe/glasgow/proto.rs`; Glasgow, `applet/interface/swd_probe`). A transfer is answered
//! by one byte, and four of data after a read that was done; sequences are not answered.
//! AP reads are posted, as on the wire.
//!
//! **Kinder than Glasgow:** after a transfer that was not done, what came with it in the same
//! packet is thrown away, and a sticky error is cleared. probe-rs stops reading answers at the
//! first bad one and clears nothing, so that with Glasgow's own behaviour one read of a hole in the
//! address map would end the session.

use super::port::{Ack, DebugPort, Port};
use crate::Machine;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the root endpoint calls itself.
const IDENTIFIER: &[u8; 12] = b"probe-rs,v01";
/// Clock that the divisor divides, Hz: that of Glasgow's FPGA.
const REFERENCE_HZ: u32 = 48_000_000;
/// Divisor before a client sets one: 4 MHz.
const DIVISOR: u16 = 11;
/// Longest packet that is waited for.
const MAX_PACKET_LEN: usize = 1 << 20;
/// Most bytes of one packet to the client; it puts them together.
const MAX_ANSWER_LEN: usize = 4_096;

const ROOT: u8 = 0;
const SWD: u8 = 1;

// Commands of the root endpoint.
const IDENTIFY: u8 = 0x00;
const GET_REFERENCE: u8 = 0x10;
const GET_DIVISOR: u8 = 0x11;
const SET_DIVISOR: u8 = 0x12;
const ASSERT_RESET: u8 = 0x20;
const CLEAR_RESET: u8 = 0x21;

// Bits of a command of the SWD endpoint.
const IS_AP: u8 = 1;
const IS_READ: u8 = 1 << 1;
const ADDRESS: u8 = 0b1100;
const IS_SEQUENCE: u8 = 1 << 5;
const SEQUENCE_LEN: u8 = 0x1F;

// Answers of the SWD endpoint.
const DATA_OK: u8 = 0x01;
const DONE_OK: u8 = 0x11;
const DONE_FAULT: u8 = 0x14;
const ERROR: u8 = 0x20;

/// ABORT, and all sticky flags in it.
const ABORT: u8 = 0x0;
const CLEAR_STICKY: u32 = 0x1E;

/// What a client sent is no packet of this protocol; the connection is worth nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlasgowError {
    /// COBS broken, or a packet without an endpoint.
    #[error("packet is malformed")]
    Malformed,
    /// A packet is too long to be waited for.
    #[error("packet is longer than {MAX_PACKET_LEN} bytes")]
    Oversized,
    /// There is no such endpoint.
    #[error("no endpoint {endpoint}")]
    Endpoint {
        /// The one that was addressed.
        endpoint: u8,
    },
    /// There is no such command.
    #[error("endpoint {endpoint} has no command {command:#04x}")]
    Command {
        /// The endpoint.
        endpoint: u8,
        /// The command.
        command: u8,
    },
}

/// Where debug probes are plugged in: the emulated chip's SWD pins.
#[derive(Clone)]
pub struct DebugPins(Arc<Mutex<Machine>>);

impl DebugPins {
    pub(crate) fn new(machine: Arc<Mutex<Machine>>) -> Self {
        Self(machine)
    }

    /// Plugs a probe in. A chip without supply is supplied by the fixture, alone.
    #[must_use]
    pub fn connect(&self) -> GlasgowPort {
        let mut machine = lock(&self.0);
        if !machine.is_powered() {
            machine.power_on_reset();
        }
        drop(machine);
        GlasgowPort::new(Arc::clone(&self.0))
    }
}

/// One client's debug port. Dropping it lets go of the reset line.
pub struct GlasgowPort {
    machine: Arc<Mutex<Machine>>,
    port: DebugPort,
    divisor: u16,
    packet: Vec<u8>,
    /// Bytes of commands that are not whole yet.
    root: Vec<u8>,
    swd: Vec<u8>,
}

impl GlasgowPort {
    fn new(machine: Arc<Mutex<Machine>>) -> Self {
        Self {
            machine,
            port: DebugPort::new(),
            divisor: DIVISOR,
            packet: Vec::new(),
            root: Vec::new(),
            swd: Vec::new(),
        }
    }

    /// Takes bytes from the client, does what they say, and gives what it is answered.
    /// The machine is locked for one packet at a time.
    ///
    /// # Errors
    /// The bytes are not of this protocol.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Vec<u8>, GlasgowError> {
        let mut answers = Vec::new();
        for &byte in bytes {
            if byte != 0 {
                if self.packet.len() == MAX_PACKET_LEN {
                    return Err(GlasgowError::Oversized);
                }
                self.packet.push(byte);
            } else if !self.packet.is_empty() {
                let packet = std::mem::take(&mut self.packet);
                self.packet(packet, &mut answers)?;
            }
        }
        Ok(answers)
    }

    fn packet(&mut self, mut packet: Vec<u8>, answers: &mut Vec<u8>) -> Result<(), GlasgowError> {
        let length = cobs::decode_in_place(&mut packet).map_err(|_| GlasgowError::Malformed)?;
        let (&endpoint, content) = packet[..length]
            .split_first()
            .ok_or(GlasgowError::Malformed)?;
        let machine = Arc::clone(&self.machine);
        let mut machine = lock(&machine);
        let answer = match endpoint {
            ROOT => {
                self.root.extend(content);
                self.do_root(&mut machine)?
            }
            SWD => {
                self.swd.extend(content);
                self.do_swd(&mut machine)
            }
            endpoint => return Err(GlasgowError::Endpoint { endpoint }),
        };
        for part in answer.chunks(MAX_ANSWER_LEN) {
            frame(endpoint, part, answers);
        }
        Ok(())
    }

    fn do_root(&mut self, machine: &mut Machine) -> Result<Vec<u8>, GlasgowError> {
        let commands = std::mem::take(&mut self.root);
        let mut answer = Vec::new();
        let mut rest = commands.as_slice();
        while let Some((&command, after)) = rest.split_first() {
            match command {
                IDENTIFY => answer.extend(IDENTIFIER),
                GET_REFERENCE => answer.extend(REFERENCE_HZ.to_le_bytes()),
                GET_DIVISOR => answer.extend(self.divisor.to_le_bytes()),
                SET_DIVISOR => {
                    let Some((divisor, after)) = after.split_first_chunk() else {
                        break;
                    };
                    self.divisor = u16::from_le_bytes(*divisor);
                    let hertz = REFERENCE_HZ / (u32::from(self.divisor) + 1);
                    self.port.set_speed(hertz / 1_000);
                    rest = after;
                    continue;
                }
                ASSERT_RESET => machine.hold_reset(),
                CLEAR_RESET => machine.release_reset(),
                command => {
                    return Err(GlasgowError::Command {
                        endpoint: ROOT,
                        command,
                    });
                }
            }
            rest = after;
        }
        self.root = rest.to_vec();
        Ok(answer)
    }

    fn do_swd(&mut self, machine: &mut Machine) -> Vec<u8> {
        let commands = std::mem::take(&mut self.swd);
        let mut answer = Vec::new();
        let mut rest = commands.as_slice();
        while let Some((&command, after)) = rest.split_first() {
            let (is_sequence, is_read) = (command & IS_SEQUENCE != 0, command & IS_READ != 0);
            let (word, after) = if is_sequence || !is_read {
                let Some((word, after)) = after.split_first_chunk() else {
                    break;
                };
                (u32::from_le_bytes(*word), after)
            } else {
                (0, after)
            };
            rest = after;
            if is_sequence {
                let n_bits = match command & SEQUENCE_LEN {
                    0 => 32,
                    n_bits => u32::from(n_bits),
                };
                self.port.sequence(n_bits, word.into());
            } else if !self.transfer(machine, command, word, &mut answer) {
                // The client stops at the first answer that is not OK.
                rest = &[];
            }
        }
        self.swd = rest.to_vec();
        answer
    }

    /// Does one transfer; whether it was done.
    fn transfer(
        &mut self,
        machine: &mut Machine,
        command: u8,
        word: u32,
        answer: &mut Vec<u8>,
    ) -> bool {
        let port = if command & IS_AP != 0 {
            Port::Ap
        } else {
            Port::Dp
        };
        let address = command & ADDRESS;
        let done = if command & IS_READ != 0 {
            self.port.read(machine, port, address).map(Some)
        } else {
            self.port.write(machine, port, address, word).map(|()| None)
        };
        match done {
            Ok(Some(value)) => {
                answer.push(DATA_OK);
                answer.extend(value.to_le_bytes());
            }
            Ok(None) => answer.push(DONE_OK),
            Err(Ack::Fault) => {
                answer.push(DONE_FAULT);
                let _ = self.port.write(machine, Port::Dp, ABORT, CLEAR_STICKY);
            }
            Err(Ack::NoAnswer) => answer.push(ERROR),
        }
        done.is_ok()
    }
}

impl Drop for GlasgowPort {
    fn drop(&mut self) {
        lock(&self.machine).release_reset();
    }
}

/// Appends a packet.
fn frame(endpoint: u8, content: &[u8], out: &mut Vec<u8>) {
    let mut raw = vec![endpoint];
    raw.extend(content);
    let begin = out.len();
    out.resize(begin + cobs::max_encoding_length(raw.len()), 0);
    let length = cobs::encode(&raw, &mut out[begin..]);
    out.truncate(begin + length);
    out.push(0);
}

/// A machine behind a poisoned lock is still whole: every access leaves it consistent.
fn lock(machine: &Mutex<Machine>) -> MutexGuard<'_, Machine> {
    machine.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
