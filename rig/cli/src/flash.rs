//! `penrig flash`: one image into one pen, verified, read back, and heard of from the pen itself.

use crate::args::{Format, HandArgs};
use crate::identify::{self, PenReport};
use crate::text::table;
use crate::{Failure, bench, dut, input, print_line};
use rig_bench::Bench as _;
use serde::Serialize;

/// The JSON object.
#[derive(Serialize)]
struct Report {
    bench: String,
    file: String,
    file_sha256: String,
    firmware_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_id: Option<String>,
    bytes: usize,
    read_back_sha256: String,
    /// Erase, program, verify and read back, by the wall clock.
    seconds: f64,
    pen: PenReport,
}

pub(crate) fn run(args: &HandArgs) -> Result<u8, Failure> {
    let image = input::image(&args.bench.image)?;
    let mut opened = bench::open(&args.bench)?;
    let (flashed, took) = dut::flash(&mut opened.bench, &image)?;
    let pen = identify::look(&mut opened.bench, &opened.serial, &image)?;
    let report = Report {
        bench: opened.bench.identity().bench.clone(),
        file: image.name,
        file_sha256: image.image.file_sha256,
        firmware_version: image.version,
        build_id: image.build_id,
        bytes: flashed.bytes,
        read_back_sha256: flashed.read_back_sha256,
        seconds: took.as_millis() as f64 / 1e3,
        pen,
    };
    match args.format {
        Format::Json => print_line(&identify::json(&report)?),
        Format::Text => {
            print_line(&report.text(&opened.title));
            if let Some(afterwards) = opened.afterwards {
                print_line(&format!("           {afterwards}"));
            }
        }
    }
    Ok(0)
}

impl Report {
    fn text(&self, bench: &str) -> String {
        let build_id = self.build_id.as_deref().unwrap_or("not stated");
        table(&[
            (
                "flashed",
                format!("{}, firmware {}", self.file, self.firmware_version),
            ),
            ("build id", build_id.to_owned()),
            ("bytes", self.bytes.to_string()),
            (
                "read back",
                format!("SHA-256 {}, equal to the image's", self.read_back_sha256),
            ),
            (
                "took",
                format!("{:.2} s: erase, program, verify, read back", self.seconds),
            ),
            ("the pen", format!("is {}", self.pen.line())),
            ("bench", bench.to_owned()),
        ])
    }
}
