//! Writes the report on a made-up lot, to be looked at: `cargo run -p rig-report --example
//! sample_report -- FILE [UNITS] [bare] [hardware]`. Five pens, one of each kind, unless a number is given;
//! `bare` leaves out what surrounds the record, and `hardware` says that the bench is one.

use rig_record::BenchKind;
use rig_report::{Extras, html};

#[path = "../tests/sample/mod.rs"]
mod sample;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("which file?")?;
    let rest: Vec<String> = arguments.collect();
    let units = rest.iter().find_map(|it| it.parse().ok());
    let spec = sample::spec();
    let mut lot = match units {
        Some(units) => sample::lot(&spec, &sample::many(units)),
        None => sample::lot(&spec, &sample::FIVE),
    };
    if rest.iter().any(|it| it == "hardware") {
        lot.header.bench.kind = BenchKind::Hardware;
    }
    let extras = if units.is_some() || rest.iter().any(|it| it == "bare") {
        Extras::default()
    } else {
        sample::extras()
    };
    std::fs::write(file, html(&spec, &lot, &extras)?)?;
    Ok(())
}
