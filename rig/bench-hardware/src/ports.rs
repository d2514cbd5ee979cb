//! The two serial ports of a bench: what arrives on either, and never a wait without an end.

use crate::Port;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::runtime::Runtime;
use tokio_serial::{ClearBuffer, SerialPort as _, SerialStream};

/// Bytes taken from a port at a time.
const CHUNK: usize = 16_384;

/// One of the two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The DUT's.
    Dut,
    /// The fixture controller's.
    Controller,
}

/// A port does not do its work.
#[derive(Debug, thiserror::Error)]
#[error("{port}: {cause}")]
pub(crate) struct PortError {
    pub(crate) which: Which,
    port: String,
    cause: String,
}

/// What came in.
pub(crate) struct Arrival {
    pub(crate) which: Which,
    pub(crate) bytes: Vec<u8>,
}

/// Both ports, open.
pub(crate) struct Ports {
    // Declared before the runtime that drives them.
    dut: SerialStream,
    controller: SerialStream,
    names: [String; 2],
    /// Which brought something last: the other is looked at first, so that neither waits for long
    /// behind one that never ends.
    last: Which,
    runtime: Runtime,
}

/// The wall clock, for deadlines alone: what is measured has the fixture's time.
#[expect(
    clippy::disallowed_methods,
    reason = "a port that stays silent does so by the wall clock"
)]
pub(crate) fn wall() -> Instant {
    Instant::now()
}

impl Ports {
    /// Opens both.
    pub(crate) fn open(dut: &Port, controller: &Port) -> Result<Self, PortError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| PortError {
                which: Which::Controller,
                port: controller.path.clone(),
                cause: format!("no event loop for it: {error}"),
            })?;
        let guard = runtime.enter();
        let controller_stream = open(controller, Which::Controller)?;
        let dut_stream = open(dut, Which::Dut)?;
        drop(guard);
        Ok(Self {
            dut: dut_stream,
            controller: controller_stream,
            names: [dut.path.clone(), controller.path.clone()],
            last: Which::Dut,
            runtime,
        })
    }

    /// Waits until something comes in, at most for the time given.
    pub(crate) fn wait(&mut self, at_most: Duration) -> Result<Option<Arrival>, PortError> {
        let mut buffer = vec![0; CHUNK];
        let Self {
            dut,
            controller,
            runtime,
            last,
            ..
        } = self;
        let mut order = [(Which::Controller, controller), (Which::Dut, dut)];
        if *last == Which::Controller {
            order.reverse();
        }
        let first = std::future::poll_fn(|context| {
            for (which, stream) in &mut order {
                let mut read = ReadBuf::new(&mut buffer);
                if let Poll::Ready(result) = Pin::new(&mut **stream).poll_read(context, &mut read) {
                    return Poll::Ready((*which, result.map(|()| read.filled().len())));
                }
            }
            Poll::Pending
        });
        let arrived = runtime.block_on(async { tokio::time::timeout(at_most, first).await });
        match arrived {
            Err(_elapsed) => Ok(None),
            Ok((which, Ok(0))) => Err(self.error(which, GONE.to_owned())),
            Ok((which, Err(error))) => Err(self.gone(which, &error)),
            Ok((which, Ok(length))) => {
                *last = which;
                buffer.truncate(length);
                Ok(Some(Arrival {
                    which,
                    bytes: buffer,
                }))
            }
        }
    }

    /// Sends bytes; they must have gone to the driver within the time given.
    pub(crate) fn write(
        &mut self,
        which: Which,
        bytes: &[u8],
        at_most: Duration,
    ) -> Result<(), PortError> {
        let stream = match which {
            Which::Dut => &mut self.dut,
            Which::Controller => &mut self.controller,
        };
        let sent = self
            .runtime
            .block_on(async { tokio::time::timeout(at_most, stream.write_all(bytes)).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.gone(which, &error)),
            Err(_elapsed) => Err(self.error(
                which,
                format!("takes no bytes for {} ms", at_most.as_millis()),
            )),
        }
    }

    /// Path of a port.
    pub(crate) fn name(&self, which: Which) -> &str {
        match which {
            Which::Dut => &self.names[0],
            Which::Controller => &self.names[1],
        }
    }

    fn gone(&self, which: Which, error: &io::Error) -> PortError {
        // EIO, 5, is what a terminal whose other end is gone gives; ENXIO, 6, an unplugged adapter.
        let cause = match error.raw_os_error() {
            Some(5 | 6) => GONE.to_owned(),
            _ => error.to_string(),
        };
        self.error(which, cause)
    }

    fn error(&self, which: Which, cause: String) -> PortError {
        PortError {
            which,
            port: self.name(which).to_owned(),
            cause,
        }
    }
}

const GONE: &str = "was closed or unplugged; plug it in and begin again";

fn open(port: &Port, which: Which) -> Result<SerialStream, PortError> {
    let opened = SerialStream::open(&tokio_serial::new(&port.path, port.baud));
    // What stands in it is of a session before.
    let opened = opened.and_then(|it| it.clear(ClearBuffer::All).map(|()| it));
    opened.map_err(|error| {
        let cause = match error.kind() {
            tokio_serial::ErrorKind::NoDevice
            | tokio_serial::ErrorKind::Io(io::ErrorKind::NotFound) => {
                "is not there; plug it in, or put the bench file right".to_owned()
            }
            _ => format!("cannot be opened: {error}"),
        };
        PortError {
            which,
            port: port.path.clone(),
            cause,
        }
    })
}
