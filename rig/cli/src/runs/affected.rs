//! `penrig affected`: every result that was taken with an instrument since a day.

use super::{record_of, run_folders};
use crate::args::AffectedArgs;
use crate::bundle::LoadedUnit;
use crate::{Failure, bundle, print_error, print_line};
use anyhow::{Context as _, anyhow};
use jiff::civil::Date;
use rig_record::journal::BenchRecord;
use rig_record::{InstrumentRecord, RowResult};
use rig_spec::{Row, RowInstrument};

pub(crate) fn run(args: &AffectedArgs) -> Result<u8, Failure> {
    let since: Date = args
        .since
        .parse()
        .with_context(|| format!("--since `{}` is no day such as 2026-11-02", args.since))
        .map_err(Failure::Input)?;
    let since = since.to_string();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record([
            "run",
            "started",
            "bench",
            "lot",
            "unit",
            "instrument",
            "serial",
            "certificate",
            "row",
            "value",
            "U",
            "unit_of_value",
            "verdict",
        ])
        .map_err(Failure::rig)?;
    let (mut runs, mut units, mut results) = (0, 0, 0);
    let (mut unread, mut cut_short) = (0, 0);
    let mut known = std::collections::BTreeSet::new();
    for folder in run_folders(&args.runs.out)? {
        let mut loaded = match bundle::load(&folder) {
            Ok(loaded) => loaded,
            Err(Failure::Input(error) | Failure::Rig(error)) => {
                print_error(&format!("penrig: {}: {error:#}", folder.display()));
                unread += 1;
                continue;
            }
        };
        let benches = || loaded.units.iter().flat_map(|it| &it.benches);
        let instruments = benches().flat_map(|it| &it.instruments);
        known.extend(instruments.map(|it| it.name.clone()));
        // ISO 8601 compares as text. What a run that began before the day measured on it counts, and
        // of one without an end nobody knows.
        let is_over = loaded.ended.as_ref().is_some_and(|it| *it < since);
        if is_over || !benches().any(|it| find(it, &args.instrument).is_some()) {
            continue;
        }
        let is_cut_short = |unit: &&LoadedUnit| {
            let bench = unit
                .benches
                .iter()
                .any(|it| find(it, &args.instrument).is_some());
            bench && !unit.is_done
        };
        for unit in loaded.units.iter().filter(is_cut_short) {
            cut_short += 1;
            print_error(&format!(
                "penrig: {}: {} was cut short; what was measured of it stands in its journal alone",
                folder.display(),
                unit.serial
            ));
        }
        let Ok(record) = record_of(&mut loaded) else {
            continue;
        };
        runs += 1;
        for unit in &record.units {
            let of_unit = loaded.units.iter().find(|it| it.serial == unit.serial);
            let bench = of_unit.and_then(|it| it.benches.last());
            let Some(instrument) = bench.and_then(|it| find(it, &args.instrument)) else {
                continue;
            };
            units += 1;
            for row in loaded
                .spec
                .rows
                .iter()
                .filter(|row| rests_on(row, instrument))
            {
                let Some(result) = unit.result(row.id.as_str()) else {
                    continue;
                };
                let Some(evidence) = result.evidence() else {
                    continue;
                };
                let (value, expanded, unit_word) = rig_report::value_cells(row, evidence);
                results += 1;
                writer
                    .write_record([
                        record.header.run_id.as_str(),
                        &loaded.started,
                        &record.header.bench.kind.to_string(),
                        &record.header.lot,
                        &unit.serial,
                        &instrument.name,
                        &instrument.serial,
                        &instrument.certificate,
                        row.id.as_str(),
                        &value,
                        &expanded,
                        &unit_word,
                        &word(result),
                    ])
                    .map_err(Failure::rig)?;
            }
        }
    }
    if !known.is_empty() && runs == 0 {
        let known: Vec<String> = known.into_iter().collect();
        print_error(&format!(
            "penrig: no run since {since} had an instrument with the name, number or certificate `{}`; there are: {}",
            args.instrument,
            known.join(", ")
        ));
    }
    let text = writer
        .into_inner()
        .map_err(|error| Failure::Rig(anyhow!("{error}")))?;
    print_line(String::from_utf8_lossy(&text).trim_end());
    print_error(&format!(
        "{results} results of {units} units in {runs} runs; each rests on the instrument, directly or as a part of all"
    ));
    if unread + cut_short > 0 {
        return Err(Failure::Input(anyhow!(
            "{unread} run folders could not be read and {cut_short} units were cut short, so the list may not be whole; \
             look at those named above by hand, or resume their runs"
        )));
    }
    Ok(0)
}

fn word(result: &RowResult) -> String {
    result
        .verdict()
        .map_or_else(|| "reported".to_owned(), |it| it.to_string())
}

/// The instrument of a bench with this name, serial number or certificate.
fn find<'b>(bench: &'b BenchRecord, wanted: &str) -> Option<&'b InstrumentRecord> {
    bench
        .instruments
        .iter()
        .find(|it| it.name == wanted || it.serial == wanted || it.certificate == wanted)
}

/// Whether a row's evidence comes from an instrument, as far as its table says. Protrusion rests on
/// the gauge block too.
fn rests_on(row: &Row, instrument: &InstrumentRecord) -> bool {
    let name = instrument.name.as_str();
    row.instruments.iter().any(|it| match it {
        RowInstrument::All | RowInstrument::Budget => true,
        RowInstrument::Gauge => name == it.word() || name == "gauge block",
        RowInstrument::Thermometers => name.contains("thermometer"),
        other => name.contains(other.word()),
    })
}
