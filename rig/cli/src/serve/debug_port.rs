//! The debug port: one probe at a time on TCP.

use crate::{Failure, print_error};
use anyhow::Context as _;
use rig_bench_virtual::debug::{DebugPins, GlasgowPort};
use socket2::SockRef;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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
        if in_use.swap(true, Ordering::Relaxed) {
            print_error("penrig: debug port: in use; another probe was turned away");
            continue;
        }
        let (port, in_use) = (pins.connect(), Arc::clone(in_use));
        std::thread::spawn(move || {
            if let Err(error) = answer_each(stream, port) {
                print_error(&format!("penrig: debug port: {error}; connection closed"));
            }
            in_use.store(false, Ordering::Relaxed);
        });
    }
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
