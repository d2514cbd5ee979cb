//! A pseudo-terminal whose other end is opened by a program from outside, as a serial port is.

use crate::Failure;
use anyhow::Context as _;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{read, ttyname, write};
use std::collections::VecDeque;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

/// What is kept for a program that does not read, bytes.
const MOST_PENDING: usize = 256 * 1024;

/// This side of a pseudo-terminal. It vanishes with the value.
pub(super) struct Pty {
    master: OwnedFd,
    name: String,
    is_attached: bool,
    pending: VecDeque<u8>,
}

/// What has become of the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// A program opened it.
    Attached,
    /// The last program that had it open closed it.
    Detached,
}

impl Pty {
    /// Makes a pseudo-terminal, raw from the beginning: bytes pass as they are, nothing is echoed,
    /// whatever the program that opens it sets or leaves.
    pub(super) fn open() -> Result<Self, Failure> {
        open()
            .context("cannot make a pseudo-terminal")
            .map_err(Failure::Rig)
    }

    /// Name by which the other side is opened.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a program has the other side open.
    pub(super) fn is_attached(&self) -> bool {
        self.is_attached
    }

    /// Looks whether a program has come or gone. What was pending for one that went is dropped.
    pub(super) fn look(&mut self) -> Result<Change, Failure> {
        let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::empty())];
        poll(&mut fds, PollTimeout::ZERO).map_err(Failure::rig)?;
        let hung_up = fds[0]
            .revents()
            .is_some_and(|it| it.contains(PollFlags::POLLHUP));
        let was_attached = std::mem::replace(&mut self.is_attached, !hung_up);
        Ok(match (was_attached, self.is_attached) {
            (false, true) => Change::Attached,
            (true, false) => {
                self.pending.clear();
                Change::Detached
            }
            _ => Change::None,
        })
    }

    /// What the program has written, as far as it is here.
    pub(super) fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        let mut bytes = vec![0; 4_096];
        match read(&self.master, &mut bytes) {
            Ok(length) => {
                bytes.truncate(length);
                Ok(bytes)
            }
            // EIO: nobody has the other side open.
            Err(Errno::EAGAIN | Errno::EINTR | Errno::EIO) => Ok(Vec::new()),
            Err(error) => Err(Failure::rig(error)),
        }
    }

    /// Sends bytes; nobody gets them where nobody is attached, as with a serial port. Whether they
    /// were taken: a program that does not read gets so much, and not in part.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<bool, Failure> {
        if !self.is_attached {
            return Ok(true);
        }
        if self.pending.len() + bytes.len() > MOST_PENDING {
            return Ok(false);
        }
        self.pending.extend(bytes);
        self.flush()?;
        Ok(true)
    }

    /// Hands over what is pending, as much as is taken now.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        while !self.pending.is_empty() {
            match write(&self.master, self.pending.as_slices().0) {
                Ok(length) => drop(self.pending.drain(..length)),
                Err(Errno::EAGAIN | Errno::EINTR | Errno::EIO) => break,
                Err(error) => return Err(Failure::rig(error)),
            }
        }
        Ok(())
    }

    /// Bytes that the program has not taken yet.
    pub(super) fn n_pending(&self) -> usize {
        self.pending.len()
    }
}

fn open() -> nix::Result<Pty> {
    let pair = openpty(None, None)?;
    let mut settings = tcgetattr(&pair.slave)?;
    cfmakeraw(&mut settings);
    tcsetattr(&pair.slave, SetArg::TCSANOW, &settings)?;
    let name = ttyname(&pair.slave)?.display().to_string();
    let flags = OFlag::from_bits_retain(fcntl(&pair.master, FcntlArg::F_GETFL)?);
    fcntl(&pair.master, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    // The other side is closed here, so that a hang-up tells when nobody has it open; the settings
    // stay with the pair.
    Ok(Pty {
        master: pair.master,
        name,
        is_attached: false,
        pending: VecDeque::new(),
    })
}

/// Waits until one of the ports has something to say, but no longer than this.
pub(super) fn wait(ports: [&Pty; 2], at_most: Duration) -> Result<(), Failure> {
    // One that nobody has open would end every wait at once.
    let mut fds: Vec<PollFd<'_>> = ports
        .into_iter()
        .filter(|port| port.is_attached)
        .map(|port| {
            let mut events = PollFlags::POLLIN;
            events.set(PollFlags::POLLOUT, !port.pending.is_empty());
            PollFd::new(port.master.as_fd(), events)
        })
        .collect();
    // Rounded up: a wait of less than a millisecond must not become none.
    let millis = at_most.as_micros().div_ceil(1_000).min(1_000) as u16;
    match poll(&mut fds, PollTimeout::from(millis)) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(Failure::rig(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, OpenOptions};
    use std::io::{Read as _, Write as _};

    fn other_side(pty: &Pty) -> File {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(pty.name())
            .unwrap()
    }

    #[test]
    fn every_byte_passes_as_it_is_and_none_is_echoed() {
        let mut pty = Pty::open().unwrap();
        assert_eq!(pty.look().unwrap(), Change::None);
        let all: Vec<u8> = (0..=255).collect();
        // A second program finds the port as the first one found it.
        for _ in 0..2 {
            let mut file = other_side(&pty);
            assert_eq!(pty.look().unwrap(), Change::Attached);
            file.write_all(&all).unwrap();
            assert_eq!(pty.receive().unwrap(), all);
            assert_eq!(pty.receive().unwrap(), Vec::<u8>::new());
            assert!(pty.send(&all).unwrap());
            let mut got = vec![0; all.len()];
            file.read_exact(&mut got).unwrap();
            assert_eq!(got, all);
            drop(file);
            assert_eq!(pty.look().unwrap(), Change::Detached);
        }
        assert_eq!(pty.look().unwrap(), Change::None);
    }

    #[test]
    fn a_program_that_does_not_read_is_kept_so_much_and_no_more() {
        let mut pty = Pty::open().unwrap();
        let file = other_side(&pty);
        pty.look().unwrap();
        let block = vec![7; 64 * 1024];
        let taken = (0..10).filter(|_| pty.send(&block).unwrap()).count();
        assert_eq!(taken, 4);
        assert!(pty.n_pending() <= MOST_PENDING);
        drop(file);
        pty.look().unwrap();
        assert_eq!(pty.n_pending(), 0);
    }
}
