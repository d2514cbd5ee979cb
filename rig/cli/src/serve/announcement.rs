//! What a served bench says of itself: where its ports are, and what to type.

use crate::Failure;
use crate::args::Format;
use crate::text::{fixed, table};
use firmware_units::Millivolts;
use serde::Serialize;
use std::net::SocketAddr;
use std::path::Path;

/// USB ids of a Glasgow, by which probe-rs finds its driver.
const GLASGOW: &str = "20b7:9db1";

/// Where a served bench is.
pub(super) struct Announcement<'a> {
    pub(super) title: &'a str,
    pub(super) serial: &'a str,
    pub(super) chip: &'a str,
    pub(super) image: &'a Path,
    /// The pen's supply; nothing if it is off.
    pub(super) supply: Option<Millivolts>,
    pub(super) debug_port: SocketAddr,
    pub(super) dut: &'a str,
    pub(super) instruments: &'a str,
}

/// The JSON object, on one line, so that a program can read it and go on.
#[derive(Serialize)]
struct Ports<'a> {
    bench: &'a str,
    serial: &'a str,
    chip: &'a str,
    powered: bool,
    probe: String,
    dut: &'a str,
    instruments: &'a str,
}

impl Announcement<'_> {
    pub(super) fn show(&self, format: Format) -> Result<String, Failure> {
        match format {
            Format::Text => Ok(self.text()),
            Format::Json => serde_json::to_string(&Ports {
                bench: self.title,
                serial: self.serial,
                chip: self.chip,
                powered: self.supply.is_some(),
                probe: self.probe(),
                dut: self.dut,
                instruments: self.instruments,
            })
            .map_err(Failure::rig),
        }
    }

    /// Selector of the debug port, for probe-rs.
    fn probe(&self) -> String {
        format!("{GLASGOW}:tcp:{}", self.debug_port)
    }

    fn text(&self) -> String {
        let supply = match self.supply {
            Some(supply) => format!("on, {} V, image flashed", fixed(i64::from(supply.0), 3)),
            None => "off: the chip alone is supplied for the debug probe (--ready: on, flashed)"
                .to_owned(),
        };
        let (probe, chip, image) = (self.probe(), self.chip, self.image.display());
        let rows = [
            ("bench", self.title.to_owned()),
            ("pen", self.serial.to_owned()),
            ("supply", supply),
            ("debug port", probe.clone()),
            ("DUT port", format!("{}, 115200 8N1", self.dut)),
            (
                "instruments",
                format!("{}, rig/bench/INSTRUMENT-STREAM.md", self.instruments),
            ),
            (
                "try",
                format!("probe-rs info --verbose --probe {probe} --protocol swd"),
            ),
            (
                "",
                format!("probe-rs download --chip {chip} --probe {probe} --verify {image}"),
            ),
            ("", format!("probe-rs gdb --chip {chip} --probe {probe}")),
            ("", format!("picocom --baud 115200 {}", self.dut)),
            ("stop", "Ctrl-C, or SIGTERM".to_owned()),
        ];
        table(&rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(supply: Option<Millivolts>) -> Announcement<'static> {
        Announcement {
            title: "virtual, lot REF-2026-01, seed 1",
            serial: "PA1-00000001",
            chip: "STM32G071RBTx",
            image: Path::new("firmware/images/pen.elf"),
            supply,
            debug_port: SocketAddr::from(([127, 0, 0, 1], 4_567)),
            dut: "/dev/pts/7",
            instruments: "/dev/pts/8",
        }
    }

    #[test]
    fn people_are_told_what_to_type() {
        insta::assert_snapshot!(announcement(None).text(), @r"
        bench        virtual, lot REF-2026-01, seed 1
        pen          PA1-00000001
        supply       off: the chip alone is supplied for the debug probe (--ready: on, flashed)
        debug port   20b7:9db1:tcp:127.0.0.1:4567
        DUT port     /dev/pts/7, 115200 8N1
        instruments  /dev/pts/8, rig/bench/INSTRUMENT-STREAM.md
        try          probe-rs info --verbose --probe 20b7:9db1:tcp:127.0.0.1:4567 --protocol swd
                     probe-rs download --chip STM32G071RBTx --probe 20b7:9db1:tcp:127.0.0.1:4567 --verify firmware/images/pen.elf
                     probe-rs gdb --chip STM32G071RBTx --probe 20b7:9db1:tcp:127.0.0.1:4567
                     picocom --baud 115200 /dev/pts/7
        stop         Ctrl-C, or SIGTERM
        ");
        let ready = announcement(Some(Millivolts(3_700))).text();
        assert!(ready.contains("on, 3.700 V, image flashed"), "{ready}");
    }

    #[test]
    fn programs_get_one_line() {
        let line = announcement(None).show(Format::Json).unwrap();
        insta::assert_snapshot!(line, @r#"{"bench":"virtual, lot REF-2026-01, seed 1","serial":"PA1-00000001","chip":"STM32G071RBTx","powered":false,"probe":"20b7:9db1:tcp:127.0.0.1:4567","dut":"/dev/pts/7","instruments":"/dev/pts/8"}"#);
    }
}
