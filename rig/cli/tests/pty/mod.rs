//! A pseudo-terminal: a program, its keyboard and its screen.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Longest wait for anything, in milliseconds; a program that hangs fails the test.
const PATIENCE: u16 = 60_000;

/// A program, its keyboard and its screen.
pub(crate) struct Terminal {
    pub(crate) program: Child,
    end: File,
    screen: String,
}

impl Terminal {
    /// `penrig` with these arguments and this environment, all three streams at the terminal unless
    /// stdout goes elsewhere.
    pub(crate) fn start(
        args: &[&str],
        environment: &[(&str, &str)],
        stdout: Option<Stdio>,
    ) -> io::Result<Self> {
        let size = Winsize {
            ws_row: 40,
            ws_col: 120,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pair = openpty(&size, None)?;
        let stdout = match stdout {
            Some(stdout) => stdout,
            None => pair.slave.try_clone()?.into(),
        };
        let program = Command::new(env!("CARGO_BIN_EXE_penrig"))
            .args(args)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .envs(environment.iter().copied())
            .stdin(pair.slave.try_clone()?)
            .stdout(stdout)
            .stderr(pair.slave)
            .spawn()?;
        Ok(Self {
            program,
            end: pair.master.into(),
            screen: String::new(),
        })
    }

    pub(crate) fn type_keys(&mut self, keys: &str) -> io::Result<()> {
        self.end.write_all(keys.as_bytes())
    }

    /// Waits until the screen shows a text that it has not shown before, and forgets all up to it.
    pub(crate) fn wait_for(&mut self, expected: &str) -> io::Result<()> {
        loop {
            if let Some(at) = self.screen.find(expected) {
                self.screen.drain(..at + expected.len());
                return Ok(());
            }
            if !self.read()? {
                let seen = format!("no `{expected}` in {:?}", self.screen);
                return Err(io::Error::other(seen));
            }
        }
    }

    /// Reads what there is; false at the end, or when patience is.
    fn read(&mut self) -> io::Result<bool> {
        let mut ready = [PollFd::new(self.end.as_fd(), PollFlags::POLLIN)];
        if poll(&mut ready, PollTimeout::from(PATIENCE))? == 0 {
            return Ok(false);
        }
        let mut bytes = [0; 1024];
        // A pseudo-terminal whose other end is closed gives an error on some platforms.
        let n = self.end.read(&mut bytes).unwrap_or(0);
        self.screen += &String::from_utf8_lossy(&bytes[..n]);
        Ok(n > 0)
    }

    /// The exit code, and what was shown to the end.
    pub(crate) fn end(mut self) -> io::Result<(Option<i32>, String)> {
        while self.read()? {}
        let screen = std::mem::take(&mut self.screen);
        Ok((self.program.wait()?.code(), screen))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended, unless the test went wrong.
        let _ = self.program.kill();
    }
}

/// As Ctrl-C does.
pub(crate) fn interrupt(program: &Child) -> io::Result<()> {
    let pid = i32::try_from(program.id()).map_err(io::Error::other)?;
    Ok(kill(Pid::from_raw(pid), Signal::SIGINT)?)
}
