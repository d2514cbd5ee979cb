//! Moves bench time beside the wall clock, and bytes between the bench and its ports.

use super::controller::Controller;
use super::debug_port::DebugPort;
use super::pty::{self, Change, Pty};
use crate::clock::{Pace, Stopwatch};
use crate::progress::ServeLine;
use crate::{Failure, interrupt, print_error};
use firmware_units::Nanoseconds;
use rig_bench::{Bench as _, Observation};
use rig_bench_virtual::VirtualBench;
use std::time::Duration;

/// Bench time moves by so much at a time.
const SLICE: Nanoseconds = Nanoseconds::from_millis(1);
/// How often a bench without supply looks at its ports.
const IDLE: Duration = Duration::from_millis(10);
/// Bytes to the pen are taken from the port until its line is busy for so long: the rest waits
/// where the program that sends them can see it.
const LINE_AHEAD: Nanoseconds = Nanoseconds::from_millis(20);
/// Bytes of the instrument stream that its rig has not taken: bench time waits for it…
const MOST_UNREAD: usize = 64 * 1024;
/// …but no longer than this; from then on, samples are lost, and their numbers say so.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line on stderr is renewed.
const RENEWAL: Duration = Duration::from_millis(250);

/// A bench and its ports.
pub(super) struct Served<'a> {
    bench: VirtualBench,
    controller: Controller,
    dut: Pty,
    instruments: Pty,
    debug_port: &'a DebugPort,
    clock: Stopwatch,
    /// Beside what bench time is kept; nothing while it stands.
    pace: Option<Pace>,
    /// When the line to the pen will be free.
    line_free: Nanoseconds,
    /// Since when the stream's rig has not kept up.
    unread_since: Option<Duration>,
    /// Wall clock time while the supply was on, and when it was last added to.
    running: Duration,
    counted: Duration,
    shown: Duration,
}

impl<'a> Served<'a> {
    pub(super) fn new(
        bench: VirtualBench,
        controller: Controller,
        dut: Pty,
        instruments: Pty,
        debug_port: &'a DebugPort,
    ) -> Self {
        Self {
            bench,
            controller,
            dut,
            instruments,
            debug_port,
            clock: Stopwatch::start(),
            pace: None,
            line_free: Nanoseconds(0),
            unread_since: None,
            running: Duration::ZERO,
            counted: Duration::ZERO,
            shown: Duration::ZERO,
        }
    }

    /// Serves until an interrupt, then switches the pen off.
    pub(super) fn run(mut self) -> Result<(), Failure> {
        let line = ServeLine::start();
        let begun = self.bench.now();
        let mut ended = Ok(());
        while !interrupt::is_set() {
            ended = self.turn();
            if ended.is_err() {
                break;
            }
            let wall = self.clock.elapsed();
            if wall >= self.shown + RENEWAL {
                self.shown = wall;
                line.show(&self.state());
            }
        }
        line.finish();
        // What broke the bench comes first; a broken one is off.
        let stopped = self.controller.stop(&mut self.bench).map_err(Failure::rig);
        let told = self.tell().and_then(|()| self.let_read());
        let passed = (self.bench.now() - begun).seconds();
        print_error(&format!(
            "penrig: served {passed:.3} s of bench time in {:.3} s of the wall clock; the pen is off",
            self.running.as_secs_f64()
        ));
        ended.and(stopped).and(told)
    }

    /// Hears what programs say, moves bench time if it is due, and waits if it is not.
    fn turn(&mut self) -> Result<(), Failure> {
        self.hear()?;
        let wall = self.clock.elapsed();
        if self.controller.is_powered() {
            self.running += wall.saturating_sub(self.counted);
        }
        self.counted = wall;
        if !self.controller.is_powered() {
            self.pace = None;
            self.tell()?;
            return pty::wait([&self.dut, &self.instruments], IDLE);
        }
        let now = self.bench.now();
        let ahead = self.pace.get_or_insert_with(|| Pace::start(now)).ahead(now);
        let is_waited_for = self.is_waited_for(wall);
        if ahead.is_zero() && !is_waited_for {
            self.move_on(now + SLICE)?;
        }
        self.tell()?;
        let at_most = if is_waited_for { IDLE } else { ahead };
        if at_most.is_zero() {
            return Ok(());
        }
        pty::wait([&self.dut, &self.instruments], at_most)
    }

    /// Whether bench time stands because the stream's rig does not read.
    fn is_waited_for(&mut self, wall: Duration) -> bool {
        if self.instruments.n_pending() < MOST_UNREAD {
            self.unread_since = None;
            return false;
        }
        let since = *self.unread_since.get_or_insert(wall);
        wall.saturating_sub(since) < PATIENCE
    }

    fn move_on(&mut self, until: Nanoseconds) -> Result<(), Failure> {
        let observations = self
            .bench
            .advance(until)
            .inspect_err(|error| self.controller.broke(error))
            .map_err(Failure::rig)?;
        // Where it returned early, everything up to the link's last byte has been seen.
        let mut reached = until;
        for observation in &observations {
            if let Observation::Link { at, bytes } = observation {
                reached = *at;
                self.dut.send(bytes)?;
            }
        }
        if self.instruments.is_attached() {
            self.controller.observed(&observations, reached);
        }
        Ok(())
    }

    fn hear(&mut self) -> Result<(), Failure> {
        self.dut.look()?;
        match self.instruments.look()? {
            Change::Attached => self.controller.attached(),
            Change::Detached => {
                let went_off = self.controller.detached(&mut self.bench);
                if went_off.map_err(Failure::rig)? {
                    print_error(
                        "penrig: the rig that switched the pen on has closed its port; the supply is off",
                    );
                }
            }
            Change::None => {}
        }
        let wall = self.clock.elapsed();
        // A rig that has opened the port since the look is heard after the next one, so that it is
        // answered.
        let bytes = if self.instruments.is_attached() {
            self.instruments.receive()?
        } else {
            Vec::new()
        };
        self.controller
            .receive(&mut self.bench, &bytes, wall)
            .map_err(Failure::rig)?;
        self.controller
            .watch(&mut self.bench, wall)
            .map_err(Failure::rig)?;
        if !self.controller.is_powered() {
            // A line into a chip without supply.
            self.dut.receive()?;
            return Ok(());
        }
        if self.line_free <= self.bench.now() + LINE_AHEAD {
            let bytes = self.dut.receive()?;
            if !bytes.is_empty() {
                self.line_free = self.bench.send(&bytes).map_err(Failure::rig)?;
                self.controller.sent(bytes.len(), self.line_free);
            }
        }
        Ok(())
    }

    /// Hands the stream's frames over.
    fn tell(&mut self) -> Result<(), Failure> {
        self.dut.flush()?;
        self.instruments.flush()?;
        for frame in self.controller.take() {
            self.instruments.send(&frame)?;
        }
        Ok(())
    }

    /// Gives the stream's rig time to read what was said last: it is lost with the port.
    fn let_read(&mut self) -> Result<(), Failure> {
        let until = self.clock.elapsed() + PATIENCE;
        while self.instruments.is_attached() && self.clock.elapsed() < until {
            self.instruments.flush()?;
            pty::wait([&self.dut, &self.instruments], IDLE)?;
            self.instruments.look()?;
            self.instruments.receive()?;
        }
        Ok(())
    }

    fn state(&self) -> String {
        let bench = self.bench.now().seconds();
        let wall = self.running.as_secs_f64();
        let ratio = if wall > 0.0 { bench / wall } else { 1.0 };
        let named = |is: bool, what: &'static str| if is { what } else { "" };
        format!(
            "bench {bench:.1} s in {wall:.1} s, {ratio:.3}; supply {}{}{}{}",
            if self.controller.is_powered() {
                "on"
            } else {
                "off"
            },
            named(self.debug_port.in_use(), ", probe"),
            named(self.dut.is_attached(), ", DUT port"),
            named(self.instruments.is_attached(), ", instruments"),
        )
    }
}
