//! `penrig bench serve`: the virtual bench as a process of its own, for programs from outside.
//!
//! Debug port on TCP, the pen's serial link and the instrument stream as pseudo-terminals, bench
//! time beside the wall clock. `controller` is the fixture's side of the stream and knows no port;
//! `real_time` moves bench and ports; `pty` and `debug_port` are the ports.

mod announcement;
mod controller;
mod debug_port;
mod pty;
mod real_time;

use crate::args::ServeArgs;
use crate::{Failure, bench, dut, input, interrupt, print_error, print_line};
use announcement::Announcement;
use controller::Controller;
use debug_port::DebugPort;
use pty::Pty;
use real_time::Served;
use rig_bench::Bench as _;
use rig_procedure::NOMINAL_SUPPLY;

pub(crate) fn run(args: &ServeArgs) -> Result<u8, Failure> {
    let image = args
        .ready
        .then(|| input::image(&args.bench.image))
        .transpose()?;
    let mut opened = bench::open(&args.bench)?;
    interrupt::watch(|| {})?;
    let supply = if let Some(image) = &image {
        dut::flash(&mut opened.bench, image)?;
        opened
            .bench
            .power_on(NOMINAL_SUPPLY)
            .map_err(Failure::rig)?;
        Some(NOMINAL_SUPPLY)
    } else {
        None
    };
    let debug_port = DebugPort::open(&args.listen, opened.bench.debug_pins())?;
    if !debug_port.address().ip().is_loopback() {
        print_error("penrig: the debug port is open to other machines; nobody is asked for a name");
    }
    let (dut, instruments) = (Pty::open()?, Pty::open()?);
    let announcement = Announcement {
        title: &opened.title,
        serial: &opened.serial,
        chip: &opened.bench.identity().chip,
        image: &args.bench.image,
        supply,
        debug_port: debug_port.address(),
        dut: dut.name(),
        instruments: instruments.name(),
    };
    print_line(&announcement.show(args.format)?);
    let controller = Controller::new(&opened.bench, supply.is_some());
    Served::new(opened.bench, controller, dut, instruments, &debug_port)
        .run()
        .map(|()| 0)
}
