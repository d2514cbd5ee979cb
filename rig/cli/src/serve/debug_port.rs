//! The debug port: one probe at a time on TCP.

use crate::{Failure, print_error};
use anyhow::Context as _;
use rig_bench_virtual::debug::{DebugPins, GlasgowPort};
use socket2::SockRef;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A probe that comes waits for so long until the one before it is unplugged: a program that follows
/// another at once may be here before the end of the other's connection was seen.
const HANDOVER: Duration = Duration::from_millis(500);

/// Listens for probes in threads of its own, until the process ends.
pub(super) struct DebugPort {
    address: SocketAddr,
    in_use: Arc<AtomicBool>,
}

impl DebugPort {
    /// Listens at an address such as `127.0.0.1:0`, where 0 takes any port that is free.
    pub(super) fn open(listen: &str, pins: DebugPins) -> Result<Self, Failure> {
        let listener = TcpListener::bind(listen)
            .with_context(|| format!("cannot listen at `{listen}`"))
            .map_err(Failure::Input)?;
        let address = listener
            .local_addr()
            .context("cannot tell where the debug port is")
            .map_err(Failure::Rig)?;
        let in_use = Arc::new(AtomicBool::new(false));
        let is_taken = Arc::clone(&in_use);
        std::thread::spawn(move || accept_each(&listener, &pins, &is_taken));
        Ok(Self { address, in_use })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether a probe is plugged in.
    pub(super) fn in_use(&self) -> bool {
        self.in_use.load(Ordering::Relaxed)
    }
}

fn accept_each(listener: &TcpListener, pins: &DebugPins, in_use: &Arc<AtomicBool>) {
    // Ends with the connection of the probe that is plugged in; nothing is ever sent.
    let mut present: Option<Receiver<()>> = None;
    for connection in listener.incoming() {
        let accepted = connection.and_then(|stream| {
            // However the connection ends, the client is told so by a reset: probe-rs 0.32 takes
            // an orderly end for silence, and asks for ever.
            SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                print_error(&format!("penrig: debug port: {error}"));
                continue;
            }
        };
        let is_free = present
            .as_ref()
            .is_none_or(|it| it.recv_timeout(HANDOVER) == Err(RecvTimeoutError::Disconnected));
        if !is_free {
            print_error("penrig: debug port: in use; another probe was turned away");
            continue;
        }
        in_use.store(true, Ordering::Relaxed);
        let (is_here, ends) = channel();
        present = Some(ends);
        let (port, in_use) = (pins.connect(), Arc::clone(in_use));
        std::thread::spawn(move || answer(stream, port, &in_use, is_here));
    }
}

/// Answers one probe until it is unplugged; then there is room for another.
fn answer(stream: TcpStream, port: GlasgowPort, in_use: &AtomicBool, is_here: Sender<()>) {
    if let Err(error) = answer_each(stream, port) {
        print_error(&format!("penrig: debug port: {error}; connection closed"));
    }
    in_use.store(false, Ordering::Relaxed);
    drop(is_here);
}

/// Answers one probe until it is unplugged.
fn answer_each(mut stream: TcpStream, mut port: GlasgowPort) -> io::Result<()> {
    let mut bytes = vec![0; 65_536];
    loop {
        let length = match stream.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // Unplugged without a word.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
            Err(error) => return Err(error),
        };
        let answer = port
            .receive(&bytes[..length])
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        stream.write_all(&answer)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_bench_virtual::{Scenario, VirtualBench};

    /// Whether a connection stands, and is not turned away, for a moment.
    fn stands(stream: &mut TcpStream) -> bool {
        stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("a socket takes a timeout");
        let said = stream.read(&mut [0]).map_err(|it| it.kind());
        matches!(
            said,
            Err(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
        )
    }

    #[test]
    fn a_probe_that_follows_another_at_once_finds_room_and_one_beside_another_none() {
        let bench = VirtualBench::new(&Scenario::reference(), 0, 1).unwrap();
        let port = DebugPort::open("127.0.0.1:0", bench.debug_pins()).unwrap();
        for round in 0..50 {
            drop(TcpStream::connect(port.address()).unwrap());
            let mut next = TcpStream::connect(port.address()).unwrap();
            assert!(stands(&mut next), "round {round}");
        }
        let mut one = TcpStream::connect(port.address()).unwrap();
        assert!(stands(&mut one));
        let mut beside = TcpStream::connect(port.address()).unwrap();
        beside.set_read_timeout(Some(4 * HANDOVER)).unwrap();
        let turned_away = beside.read(&mut [0]).map_err(|it| it.kind());
        assert_eq!(turned_away, Err(io::ErrorKind::ConnectionReset));
        assert!(stands(&mut one));
    }
}
