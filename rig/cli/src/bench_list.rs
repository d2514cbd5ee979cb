//! `penrig bench list`: the benches, and what scenarios of the virtual one can break.

use crate::args::{Format, ListArgs};
use crate::{Failure, print_line};
use rig_bench_virtual::{FaultEntry, Finder, IMAGES, Part, Time, catalog};
use serde::Serialize;

pub(crate) fn run(args: &ListArgs) -> Result<u8, Failure> {
    let text = match (args.faults, args.format) {
        (false, Format::Text) => BENCHES
            .iter()
            .map(|bench| format!("{:<7}  {}", bench.name, bench.is))
            .collect::<Vec<String>>()
            .join("\n"),
        (false, Format::Json) => json(&Benches { benches: BENCHES })?,
        (true, Format::Text) => faults_as_text(),
        (true, Format::Json) => json(&Faults {
            faults: catalog().map(Fault::of).collect(),
            images: IMAGES,
        })?,
    };
    print_line(&text);
    Ok(0)
}

fn json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(Failure::rig)
}

#[derive(Serialize)]
struct Benches {
    benches: &'static [Bench],
}

#[derive(Serialize)]
struct Bench {
    name: &'static str,
    is: &'static str,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "virtual",
        is: "emulated STM32G071, model of the mechanism; not for product release",
    },
    Bench {
        name: "FILE",
        is: "a hardware bench by its bench file: probe, serial ports, instruments; see `penrig bench check`",
    },
];

#[derive(Serialize)]
struct Faults {
    faults: Vec<Fault>,
    images: &'static str,
}

#[derive(Serialize)]
struct Fault {
    name: &'static str,
    part: &'static str,
    does: &'static str,
    parameters: Vec<Parameter>,
    /// Whether it takes `from_s` and `for_s`.
    timed: bool,
    contained: bool,
    found: Vec<Found>,
}

#[derive(Serialize)]
struct Parameter {
    name: &'static str,
    means: &'static str,
    unit: &'static str,
    least: f64,
    most: f64,
    fraction: bool,
}

#[derive(Serialize)]
struct Found {
    by: &'static str,
    what: &'static str,
}

impl Fault {
    fn of(entry: &'static FaultEntry) -> Self {
        let found = |finder: &Finder| match *finder {
            Finder::Row(what) => Found { by: "row", what },
            Finder::Pen(what) => Found { by: "pen", what },
            Finder::Rig(what) => Found { by: "rig", what },
            Finder::Nobody(what) => Found { by: "nobody", what },
        };
        let parameter = |it: &rig_bench_virtual::Parameter| Parameter {
            name: it.name,
            means: it.means,
            unit: it.unit,
            least: it.least,
            most: it.most,
            fraction: it.fraction,
        };
        Self {
            name: entry.name,
            part: entry.part.word(),
            does: entry.does,
            parameters: entry.parameters.iter().map(parameter).collect(),
            timed: entry.time == Time::Window,
            contained: entry.contained,
            found: entry.found.iter().map(found).collect(),
        }
    }
}

fn faults_as_text() -> String {
    let mut lines = vec![
        "Faults that a scenario of the virtual bench can name, each in a table of its own:".to_owned(),
        String::new(),
        "  [[fault]]".to_owned(),
        "  name = \"hall-dead\"         a name below".to_owned(),
        "  unit = \"PA1-00000003\"      a serial number, or \"all\"".to_owned(),
        "  from_s = 8.0               bench time at which it strikes; 0 if not given".to_owned(),
        "  for_s = 2.0                how long it lasts; for good if not given".to_owned(),
        "  contained = true           whether the pen must contain it: no needle or rate beyond its ceiling".to_owned(),
    ];
    let mut part: Option<Part> = None;
    for entry in catalog() {
        if part.replace(entry.part) != Some(entry.part) {
            lines.push(String::new());
            lines.push(entry.part.word().to_owned());
        }
        lines.push(format!("  {}: {}", entry.name, entry.does));
        for it in entry.parameters {
            let unit = if it.unit.is_empty() {
                String::new()
            } else {
                format!(" {}", it.unit)
            };
            lines.push(format!(
                "      {} = {} to {}{unit}: {}",
                it.name, it.least, it.most, it.means
            ));
        }
        let time = match entry.time {
            Time::Window => "",
            Time::Standing => "there before bench time begins, and for good; ",
        };
        let contained = if entry.contained { "yes" } else { "no" };
        let found: Vec<String> = entry.found.iter().map(in_words).collect();
        lines.push(format!(
            "      {time}pen must contain it: {contained}; found by {}",
            found.join(", ")
        ));
    }
    lines.push(String::new());
    lines.push(IMAGES.to_owned());
    lines.join("\n")
}

fn in_words(finder: &Finder) -> String {
    match finder {
        Finder::Row(row) => format!("row {row}"),
        Finder::Pen(fault) => format!("the pen ({fault})"),
        Finder::Rig(words) => format!("the rig ({words})"),
        Finder::Nobody(why) => format!("nobody: {why}"),
    }
}
