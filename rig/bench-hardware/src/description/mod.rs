//! `bench.toml`: what a bench is made of, and what is known of its parts.
//!
//! Numbers are counts of the unit in their name; where an instrument's quantity decides, they are
//! nanometres (gauge), nanoseconds (tachometer), microamperes (current probe), micronewtons (force)
//! or thousandths of a degree Celsius (thermometers).
//! A file with any defect is never used in part.

mod defect;
mod reader;

pub use defect::{Defect, DefectKind, Defects};

use probe_rs::probe::DebugProbeSelector;
use reader::{At, Reader, Section};
use rig_bench::{
    AMBIENT_THERMOMETER, Actuator, Certificate, FORCE, Fixture, GAUGE, Instrument, InstrumentId,
    MOTOR_CURRENT, NOSE_THERMOMETER, Quantity, TACHOMETER,
};
use std::time::Duration;
use toml::de::DeTable;

/// Bit rate of the DUT's port (firmware/HARDWARE.md).
const DUT_BAUD: u32 = 115_200;
/// Bit rate of the fixture controller's port unless the file gives another: 20,000 samples a
/// second of up to 4 bytes, twice over.
const FIXTURE_BAUD: u32 = 3_000_000;
/// Longest wait for anything that a port should bring, unless the file gives another.
const SILENCE_MS: u32 = 2_000;
/// Time base of nothing on a bench is worse than a per cent.
const MOST_PPB: u32 = 10_000_000;

/// Everything that `bench.toml` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Name of the bench.
    pub name: String,
    /// When pens are flashed.
    pub flash: FlashPolicy,
    /// The debug probe.
    pub probe: ProbeDescription,
    /// The DUT's port.
    pub dut: Port,
    /// The fixture controller's port.
    pub fixture_port: Port,
    /// What is known of fixture and instruments; nothing if the fixture's controller says it.
    pub parts: Option<Parts>,
    /// A part that brings nothing for this long has fallen silent.
    pub silence: Duration,
    /// What is said of a golden pen; nothing if the file is silent on it.
    pub golden: Option<Golden>,
}

/// What a bench file says of a golden pen: one whose values are known, measured once a shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Golden {
    /// One is kept.
    Kept {
        /// File of its reference values, as written: from the folder of the bench file.
        file: String,
        /// Folder that checks are recorded in, likewise.
        station: String,
    },
    /// None is kept, on purpose.
    NotKept {
        /// Why.
        reason: String,
    },
}

/// What is known of fixture and instruments.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// The fixture.
    pub fixture: Fixture,
    /// What the fixture can do to the pen.
    pub actuators: Vec<Actuator>,
    /// The instruments.
    pub instruments: Vec<Instrument>,
}

/// When pens are flashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashPolicy {
    /// Never, since finished pens may be debug-locked; the probe is not used at all.
    Never,
    /// Where the image's bytes do not stand in flash already.
    IfDifferent,
    /// Always.
    Always,
}

/// Which debug probe, and what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeDescription {
    /// probe-rs selector, such as `0483:374e:SERIAL`.
    pub selector: DebugProbeSelector,
    /// probe-rs name of the chip.
    pub chip: String,
}

/// A serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its path.
    pub path: String,
    /// Bit rate.
    pub baud: u32,
}

const ACTUATORS: &[(&str, Actuator)] = &[
    ("supply", Actuator::Supply),
    ("needles", Actuator::Needles),
    ("shaft", Actuator::Shaft),
    ("cartridge", Actuator::Cartridge),
    ("button", Actuator::Button),
    ("gauge-block", Actuator::GaugeBlock),
    ("axial", Actuator::Axial),
    ("battery", Actuator::Battery),
];
const POLICIES: &[(&str, FlashPolicy)] = &[
    ("never", FlashPolicy::Never),
    ("if-different", FlashPolicy::IfDifferent),
    ("always", FlashPolicy::Always),
];
/// Who says what fixture and instruments are: this file, or the controller, whose memory may hold
/// the certificates (as IEEE 1451.4 has it for transducers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DescribedBy {
    File,
    Controller,
}

const DESCRIBED_BY: &[(&str, DescribedBy)] = &[
    ("file", DescribedBy::File),
    ("controller", DescribedBy::Controller),
];
/// Whether a golden pen is kept.
const KEPT: &[(&str, bool)] = &[("yes", true), ("no", false)];
const INSTRUMENTS: &[(&str, (InstrumentId, Quantity))] = &[
    ("gauge", (GAUGE, Quantity::DisplacementNm)),
    ("tachometer", (TACHOMETER, Quantity::EdgeTimeNs)),
    ("current probe", (MOTOR_CURRENT, Quantity::CurrentUa)),
    ("force", (FORCE, Quantity::ForceUn)),
    (
        "nose thermometer",
        (NOSE_THERMOMETER, Quantity::TemperatureMilliCelsius),
    ),
    (
        "ambient thermometer",
        (AMBIENT_THERMOMETER, Quantity::TemperatureMilliCelsius),
    ),
];

impl Description {
    /// Reads a bench file; `name` is what defects are reported under.
    ///
    /// # Errors
    /// Every defect found, each with line and column.
    pub fn parse(name: &str, text: &str) -> Result<Self, Defects> {
        let mut reader = Reader::new(name, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message().replace('\n', ", ");
            reader.defect(at, DefectKind::Syntax { message });
        }
        // What could be saved of a broken text would only give defects that are not there.
        let read = if errors.is_empty() {
            let mut root = reader.root(document.get_ref());
            let read = read(&mut reader, &mut root);
            reader.close(&root);
            read
        } else {
            None
        };
        match (reader.into_defects(), read) {
            (None, Some(read)) => Ok(read),
            (defects, _) => Err(defects.unwrap_or(Defects(Vec::new()))),
        }
    }
}

fn read<'t>(reader: &mut Reader<'t>, root: &mut Section<'t>) -> Option<Description> {
    let bench = reader.section(root, "bench").map(|mut section| {
        let name = reader.text(&mut section, "name");
        let flash = reader.word(&mut section, "flash", POLICIES);
        let silence = reader.optional_whole(&mut section, "silence_ms", 100..=60_000_u32);
        reader.close(&section);
        (name, flash, silence)
    });
    let probe = reader.section(root, "probe").map(|mut section| {
        let probe = read_probe(reader, &mut section);
        reader.close(&section);
        probe
    });
    let dut = reader.section(root, "dut").map(|mut section| {
        let port = read_port(reader, &mut section, DUT_BAUD);
        reader.close(&section);
        port
    });
    let fixture = reader
        .section(root, "fixture")
        .map(|mut section| read_fixture(reader, &mut section));
    let by_controller = matches!(&fixture, Some((_, Parted::Controller)));
    let instruments = if by_controller {
        None
    } else {
        read_instruments(reader, root)
    };
    let golden = reader
        .optional_section(root, "golden")
        .map(|mut section| read_golden(reader, &mut section));
    let (name, flash, silence) = bench?;
    let (fixture_port, fixture) = fixture?;
    let (dut, fixture_port) = (dut??, fixture_port?);
    if dut.value.path == fixture_port.value.path {
        let port = dut.value.path.clone();
        reader.defect(fixture_port.at, DefectKind::SamePort { port });
    }
    let parts = match fixture {
        Parted::Controller => None,
        Parted::Defective => return None,
        Parted::File(parts) => Some(Parts {
            fixture: parts.0,
            actuators: parts.1,
            instruments: instruments?,
        }),
    };
    Some(Description {
        name: name?.value,
        flash: flash?.value,
        probe: probe??,
        dut: dut.value,
        fixture_port: fixture_port.value,
        parts,
        silence: Duration::from_millis(u64::from(silence.unwrap_or(SILENCE_MS))),
        // A defective one was reported.
        golden: golden.flatten(),
    })
}

fn read_probe<'t>(reader: &mut Reader<'t>, section: &mut Section<'t>) -> Option<ProbeDescription> {
    let selector = reader.text(section, "selector");
    let chip = reader.text(section, "chip");
    let At { at, value: found } = selector?;
    let Ok(selector) = found.parse() else {
        let key = Reader::full_key(section, "selector");
        reader.defect(at, DefectKind::NotAProbe { key, found });
        return None;
    };
    Some(ProbeDescription {
        selector,
        chip: chip?.value,
    })
}

fn read_port<'t>(
    reader: &mut Reader<'t>,
    section: &mut Section<'t>,
    default_baud: u32,
) -> Option<At<Port>> {
    let path = reader.text(section, "port");
    let baud = reader.optional_whole(section, "baud", 9_600..=12_000_000_u32);
    let At { at, value: path } = path?;
    let baud = baud.unwrap_or(default_baud);
    Some(At {
        at,
        value: Port { path, baud },
    })
}

fn read_golden<'t>(reader: &mut Reader<'t>, section: &mut Section<'t>) -> Option<Golden> {
    // Which of the other keys belong here cannot be known without it.
    let kept = reader.word(section, "kept", KEPT)?.value;
    let golden = if kept {
        let file = reader.text(section, "file");
        let station = reader.text(section, "station");
        file.zip(station).map(|(file, station)| Golden::Kept {
            file: file.value,
            station: station.value,
        })
    } else {
        let reason = reader.text(section, "reason");
        reason.map(|it| Golden::NotKept { reason: it.value })
    };
    reader.close(section);
    golden
}

/// What the table `fixture` says beside its port.
enum Parted {
    Controller,
    File(Box<(Fixture, Vec<Actuator>)>),
    Defective,
}

fn read_fixture<'t>(
    reader: &mut Reader<'t>,
    section: &mut Section<'t>,
) -> (Option<At<Port>>, Parted) {
    let port = read_port(reader, section, FIXTURE_BAUD);
    let parts = match reader.word(section, "described_by", DESCRIBED_BY) {
        None => {
            // Which of the other keys belong here cannot be known.
            return (port, Parted::Defective);
        }
        Some(it) if it.value == DescribedBy::Controller => Parted::Controller,
        Some(_) => {
            read_parts(reader, section).map_or(Parted::Defective, |it| Parted::File(Box::new(it)))
        }
    };
    reader.close(section);
    (port, parts)
}

fn read_parts<'t>(
    reader: &mut Reader<'t>,
    section: &mut Section<'t>,
) -> Option<(Fixture, Vec<Actuator>)> {
    let actuators = reader.words(section, "actuators", ACTUATORS);
    let any = 0.0..=1e12;
    let block_height_nm = reader.number(section, "block_height_nm", -1e7..=1e7);
    let seating_nm = reader.number(section, "seating_nm", any.clone());
    let tilt_deg = reader.number(section, "tilt_deg", 0.0..=10.0);
    let drift_nm_per_kelvin = reader.number(section, "drift_nm_per_kelvin", any.clone());
    let temperature_kelvin = reader.number(section, "temperature_kelvin", 0.0..=50.0);
    let gauge_noise_floor_nm = reader.number(section, "gauge_noise_floor_nm", any.clone());
    let current_noise_floor_ua = reader.number(section, "current_noise_floor_ua", any.clone());
    let edge_u_ns = reader.number(section, "edge_u_ns", any);
    let block = reader
        .section(section, "block")
        .and_then(|mut section| read_certificate(reader, &mut section));
    let fixture = Fixture {
        block_height_nm: block_height_nm?,
        block_certificate: block?,
        seating_nm: seating_nm?,
        tilt_deg: tilt_deg?,
        drift_nm_per_kelvin: drift_nm_per_kelvin?,
        temperature_kelvin: temperature_kelvin?,
        gauge_noise_floor_nm: gauge_noise_floor_nm?,
        current_noise_floor_ua: current_noise_floor_ua?,
        edge_u_ns: edge_u_ns?,
        // The controller's own clock stamps everything: it says how well.
        time_jitter_ns: 0,
    };
    Some((fixture, actuators?))
}

fn read_instruments<'t>(
    reader: &mut Reader<'t>,
    root: &mut Section<'t>,
) -> Option<Vec<Instrument>> {
    let mut instruments: Vec<Instrument> = Vec::new();
    let mut names: Vec<(usize, InstrumentId)> = Vec::new();
    let sections = reader.sections(root, "instrument");
    let n_sections = sections.len();
    for mut section in sections {
        let name = reader.word(&mut section, "name", INSTRUMENTS);
        let instrument = read_instrument(reader, &mut section, name.as_ref());
        reader.close(&section);
        let Some(At { at, value: (id, _) }) = name else {
            continue;
        };
        if let Some(&(first, _)) = names.iter().find(|(_, it)| *it == id) {
            let first_line = reader.line(first);
            let key = Reader::full_key(&section, "name");
            reader.twice(at, key, id.to_string(), first_line);
            continue;
        }
        names.push((at, id));
        instruments.extend(instrument);
    }
    (instruments.len() == n_sections).then_some(instruments)
}

fn read_instrument<'t>(
    reader: &mut Reader<'t>,
    section: &mut Section<'t>,
    name: Option<&At<(InstrumentId, Quantity)>>,
) -> Option<Instrument> {
    let model = reader.text(section, "model");
    let serial = reader.text(section, "serial");
    let is_edges = name.is_some_and(|it| it.value.1 == Quantity::EdgeTimeNs);
    let (sample_rate_hz, range) = if is_edges {
        (Some(0), Some((0, i64::MAX)))
    } else {
        let rate = reader.whole(section, "sample_rate_hz", 1..=10_000_000_u32);
        (rate, reader.bounds(section, "range"))
    };
    let resolution = reader.whole(section, "resolution", 1..=1_000_000_u32);
    let bandwidth_hz = reader.optional_whole(section, "bandwidth_hz", 0..=100_000_000_u32);
    let certificate = reader
        .section(section, "certificate")
        .and_then(|mut section| read_certificate(reader, &mut section));
    let (id, quantity) = name?.value;
    Some(Instrument {
        id,
        model: model?.value,
        serial: serial?.value,
        quantity,
        sample_rate_hz: sample_rate_hz?,
        resolution: resolution?,
        range: range?,
        bandwidth_hz: bandwidth_hz.unwrap_or(0),
        certificate: certificate?,
    })
}

fn read_certificate<'t>(reader: &mut Reader<'t>, section: &mut Section<'t>) -> Option<Certificate> {
    let id = reader.text(section, "id");
    let traceability = reader.text(section, "traceability");
    let calibrated = reader.date(section, "calibrated");
    let due = reader.date(section, "due");
    let expanded_uncertainty = reader.number(section, "expanded_uncertainty", 0.0..=1e12);
    let coverage_factor = reader.number(section, "coverage_factor", 1.0..=10.0);
    let time_base_ppb = reader.optional_whole(section, "time_base_ppb", 0..=MOST_PPB);
    let linearity = reader.number(section, "linearity", 0.0..=1e12);
    reader.close(section);
    if let (Some(calibrated), Some(due)) = (&calibrated, &due)
        // ISO 8601 dates compare as text.
        && due.value < calibrated.value
    {
        reader.defect(
            due.at,
            DefectKind::DueBeforeCalibrated {
                key: Reader::full_key(section, "due"),
                due: due.value.clone(),
                calibrated: calibrated.value.clone(),
            },
        );
    }
    Some(Certificate {
        id: id?.value,
        traceability: traceability?.value,
        calibrated: calibrated?.value,
        due: due?.value,
        expanded_uncertainty: expanded_uncertainty?,
        coverage_factor: coverage_factor?,
        time_base_ppb: time_base_ppb.unwrap_or(0),
        linearity: linearity?,
    })
}

#[cfg(test)]
mod tests;
