//! `penrig identify`: who one pen says it is.

use crate::args::{Format, HandArgs};
use crate::dut::{self, Greeting};
use crate::text::{self, table};
use crate::{Failure, bench, input, print_line};
use firmware_wire::{Calibration, FirmwareVersion};
use rig_bench::Bench;
use serde::Serialize;

/// What a pen says of itself, for people and programs.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PenReport {
    serial: String,
    hardware_revision: String,
    firmware_version: String,
    build_id: String,
    protocol: u8,
    revision: u8,
    chip_uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<CalibrationReport>,
    #[serde(skip)]
    calibration_line: Option<String>,
}

/// The depth calibration in force.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct CalibrationReport {
    generation: u32,
    home_protrusion_nm: i64,
    screw_lead_nm: i64,
}

/// The JSON object of `penrig identify`.
#[derive(Serialize)]
struct Report {
    bench: String,
    #[serde(flatten)]
    pen: PenReport,
}

pub(crate) fn run(args: &HandArgs) -> Result<u8, Failure> {
    let image = input::image(&args.bench.image)?;
    let mut opened = bench::open(&args.bench)?;
    dut::flash(&mut opened.bench, &image)?;
    let pen = look(&mut opened.bench, &opened.serial, &image)?;
    match args.format {
        Format::Json => print_line(&json(&Report {
            bench: opened.bench.identity().bench.clone(),
            pen,
        })?),
        Format::Text => {
            let mut rows = vec![("bench", opened.title)];
            rows.extend(pen.rows());
            print_line(&table(&rows));
        }
    }
    Ok(0)
}

/// Switches a flashed pen on, asks who it is, and switches it off.
pub(crate) fn look<B: Bench>(
    bench: &mut B,
    serial: &str,
    image: &input::ImageFile,
) -> Result<PenReport, Failure> {
    let mut session = dut::power_up(bench)?;
    let greeting = dut::greet_expected(&mut session, serial, image)?;
    let calibration = dut::calibration(&mut session)?;
    session.bench().power_off().map_err(Failure::rig)?;
    Ok(PenReport::new(&greeting, calibration.as_ref()))
}

/// One JSON object, as it goes to stdout.
pub(crate) fn json(report: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(report).map_err(Failure::rig)
}

impl PenReport {
    pub(crate) fn new(greeting: &Greeting, calibration: Option<&Calibration>) -> Self {
        let identity = &greeting.identity;
        Self {
            serial: dut::ascii(&identity.serial),
            hardware_revision: dut::ascii(&[identity.hardware_revision]),
            firmware_version: version(identity.firmware),
            build_id: dut::hex(&identity.build_id),
            protocol: identity.protocol,
            revision: greeting.revision,
            chip_uid: dut::hex(&identity.chip_uid),
            calibration: calibration.map(|it| CalibrationReport {
                generation: it.generation,
                home_protrusion_nm: it.home_protrusion.0,
                screw_lead_nm: it.screw_lead.0,
            }),
            calibration_line: calibration.map(text::calibration),
        }
    }

    /// Names and values.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let calibration = self.calibration_line.clone();
        vec![
            ("serial", self.serial.clone()),
            ("hardware", format!("revision {}", self.hardware_revision)),
            ("firmware", self.firmware_version.clone()),
            ("build id", self.build_id.clone()),
            (
                "protocol",
                format!("version {}, revision {}", self.protocol, self.revision),
            ),
            ("chip uid", self.chip_uid.clone()),
            (
                "calibration",
                calibration.unwrap_or_else(|| "none that is valid".to_owned()),
            ),
        ]
    }

    /// The same in one line.
    pub(crate) fn line(&self) -> String {
        format!(
            "{}, hardware revision {}, firmware {} (build {}), protocol {}, revision {}",
            self.serial,
            self.hardware_revision,
            self.firmware_version,
            self.build_id,
            self.protocol,
            self.revision
        )
    }
}

fn version(version: FirmwareVersion) -> String {
    let FirmwareVersion {
        major,
        minor,
        patch,
    } = version;
    format!("{major}.{minor}.{patch}")
}
