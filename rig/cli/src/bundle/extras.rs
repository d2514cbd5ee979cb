//! What surrounds a run's record in the report that people read: ledger, chains, deviations, holds,
//! earlier runs, waveforms, command sequences.

use super::{Ledger, Loaded};
use crate::Failure;
use crate::qualify::SHORT;
use anyhow::Context as _;
use firmware_units::{Nanometers, Nanoseconds};
use rig_record::LotRecord;
use rig_record::journal::{LedgerEvent, LedgerRun, Line};
use rig_report::{
    Counterexample, DetectedStroke, Deviation, Extras, Hold, Intake, LedgerPosition, PreviousRun,
    Waveform,
};
use rig_spec::RowId;
use rig_waveform::{Analysis, ParquetReader, Settings, Stroke};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

/// Waveforms shown at most: those of the first rows that did not pass.
const WAVEFORMS: usize = 12;
/// Samples of a waveform up to which it is shown whole: 20 s of 20 kS/s.
const WHOLE: usize = 400_000;
/// Points kept of a longer one: the highest and the lowest sample of each of half as many stretches.
const POINTS: usize = 200_000;
/// Earlier runs shown at most, the newest first.
const RUNS: usize = 20;

/// What is known of a run beside its record.
pub(crate) fn extras(
    folder: &Path,
    ledger: &Ledger,
    loaded: &Loaded,
    record: &LotRecord,
) -> Result<Extras, Failure> {
    let lines = ledger.read()?.lines;
    let begun = &loaded.begun;
    let serials: BTreeSet<&str> = begun.units.iter().map(|it| it.serial.as_str()).collect();
    let is_ours = |serial: &str| serials.contains(serial);
    let deviations = lines.iter().filter_map(|line| match &line.event {
        LedgerEvent::Deviation(it) if is_ours(&it.serial) => Some(Deviation {
            id: it.number.to_string(),
            unit: Some(it.serial.clone()),
            row: None,
            by: it.by.clone(),
            time: line.at.clone(),
            text: match it.reference.as_str() {
                "" => it.reason.clone(),
                reference => format!("{} ({reference})", it.reason),
            },
        }),
        _ => None,
    });
    let holds = lines.iter().filter_map(|line| match &line.event {
        LedgerEvent::Hold(it) => {
            let what = it.serial.as_ref().or(it.lot.as_ref())?;
            (is_ours(what) || *what == begun.lot).then(|| Hold {
                what: what.clone(),
                by: it.by.clone(),
                time: line.at.clone(),
                reason: it.reason.clone(),
            })
        }
        _ => None,
    });
    let listed = record.units.iter().filter_map(|unit| {
        let intake = unit.intake.as_ref()?;
        let columns = [
            ("UDI", &intake.udi),
            ("work order", &intake.work_order),
            ("condition on receipt", &intake.condition),
            ("cartridge lot", &intake.cartridge_lot),
        ];
        Some(Intake {
            serial: unit.serial.clone(),
            columns: columns
                .map(|(name, it)| (name.to_owned(), it.clone()))
                .into(),
        })
    });
    let listed: Vec<Intake> = listed.collect();
    let (mut waveforms, mut counterexamples) = (Vec::new(), Vec::new());
    for unit in &loaded.units {
        let names: BTreeSet<&str> = unit.files().map(|it| it.1.name.as_str()).collect();
        // One that was made short stands for the one that was drawn.
        let is_replaced = |name: &str| {
            let stem = name.strip_suffix(".toml").unwrap_or(name);
            names.contains(format!("{stem}{SHORT}").as_str())
        };
        for (row, file, _) in unit.files() {
            let path = folder.join(&file.name);
            if file.name.starts_with("waveforms/") && waveforms.len() < WAVEFORMS {
                let mut waveform = waveform(&path, &unit.serial, row)?;
                waveform.file = Some((file.name.clone(), file.sha256.clone()));
                waveforms.push(waveform);
            } else if file.name.starts_with("counterexamples/") && !is_replaced(&file.name) {
                counterexamples.push(counterexample(&path, &file.name, &unit.serial, row)?);
            }
        }
    }
    let station = match begun.station.as_str() {
        "" => "not named".to_owned(),
        station => station.to_owned(),
    };
    Ok(Extras {
        ledger: Some(LedgerPosition {
            station,
            number: begun.ledger_number,
            hash: loaded.ledger_head.clone(),
        }),
        chain_heads: Some(loaded.chains.iter().map(|it| it.head.clone()).collect()),
        // The report stands in the manifest, and the manifest is what is signed.
        signatures: None,
        sign_offs: None,
        deviations: Some(deviations.collect()),
        holds: Some(holds.collect()),
        previous_runs: Some(previous_runs(&lines, begun.ledger_number, &begun.lot)),
        intake: (!listed.is_empty()).then_some(listed),
        external_evidence: Vec::new(),
        waveforms,
        counterexamples,
    })
}

/// Earlier runs of the same lot on the same kind of bench, the newest first.
fn previous_runs(lines: &[Line<LedgerEvent>], number: u64, lot: &str) -> Vec<PreviousRun> {
    let mut ends: BTreeMap<u64, String> = BTreeMap::new();
    let mut runs: Vec<(&LedgerRun, &str)> = Vec::new();
    for line in lines {
        match &line.event {
            LedgerEvent::RunBegun(run) => runs.push((run, &line.at)),
            LedgerEvent::RunEnded {
                number,
                disposition,
                not_meeting,
                ..
            } => {
                let units: Vec<&str> = not_meeting.iter().map(|it| it.serial.as_str()).collect();
                let result = if units.is_empty() {
                    disposition.clone()
                } else {
                    format!("{disposition}: {}", units.join(", "))
                };
                ends.insert(*number, result);
            }
            LedgerEvent::Deviation(_) | LedgerEvent::Hold(_) => {}
        }
    }
    let kind = runs
        .iter()
        .find(|it| it.0.number == number)
        .map(|it| it.0.kind);
    let earlier = runs
        .iter()
        .rev()
        .filter(|(run, _)| run.number < number && run.lot == lot && Some(run.kind) == kind);
    earlier
        .take(RUNS)
        .map(|(run, at)| PreviousRun {
            run_id: run.run_id.clone(),
            started: (*at).to_owned(),
            result: ends
                .get(&run.number)
                .cloned()
                .unwrap_or_else(|| "never came to its end".to_owned()),
        })
        .collect()
}

/// A recorded waveform, thinned, with its strokes.
fn waveform(path: &Path, serial: &str, row: &RowId) -> Result<Waveform, Failure> {
    let context = || format!("cannot read the waveform `{}`", path.display());
    let file = File::open(path)
        .with_context(context)
        .map_err(Failure::Input)?;
    let mut reader = ParquetReader::new(file)
        .with_context(context)
        .map_err(Failure::Input)?;
    let description = reader.description().clone();
    let rate_hz = description.rate_hz();
    let mut analysis = Analysis::new(&description, Settings::default());
    let (mut strokes, mut samples, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
    let mut expected = None;
    let mut first = None;
    while let Some(stretch) = reader
        .next_stretch()
        .with_context(context)
        .map_err(Failure::Input)?
    {
        let first = *first.get_or_insert(stretch.first_seq);
        let at = |seq: u64| {
            let ns = 1e9 * (seq - first) as f64 / rate_hz;
            description.first_at + Nanoseconds(ns as u64)
        };
        if let Some(expected) = expected.filter(|it| *it < stretch.first_seq) {
            gaps.push((at(expected), at(stretch.first_seq)));
        }
        let marked: BTreeSet<u32> = stretch.exceptions.iter().map(|it| it.0).collect();
        for (place, value) in (0_u32..).zip(&stretch.values) {
            if !marked.contains(&place) {
                let at = at(stretch.first_seq + u64::from(place));
                samples.push((at, *value as f64));
            }
        }
        expected = Some(stretch.first_seq + stretch.values.len() as u64);
        strokes.extend(analysis.push(&stretch));
    }
    let zero = analysis.zero().copied();
    let first_seq = analysis.first_seq();
    strokes.extend(analysis.finish(rate_hz).0);
    let protrusion = |nm: f64| {
        let nm = zero.as_ref().map_or(nm, |it| it.protrusion_nm(nm));
        Nanometers(nearest(nm))
    };
    let top = |stroke: &Stroke| {
        let ns = 1e9 * (stroke.top - first_seq as f64) / rate_hz;
        DetectedStroke {
            at: description.first_at + Nanoseconds(ns.max(0.0) as u64),
            protrusion: protrusion(stroke.peak_nm),
        }
    };
    Ok(Waveform {
        unit: serial.to_owned(),
        row: row.clone(),
        attempt: 1,
        samples: thinned(&samples)
            .into_iter()
            .map(|(at, nm)| (at, protrusion(nm)))
            .collect(),
        strokes: strokes.iter().map(top).collect(),
        gaps,
        file: None,
    })
}

/// To the nearest whole number; away from zero at a half, which is exact on any machine.
fn nearest(value: f64) -> i64 {
    value.round() as i64
}

/// The lowest and the highest sample of each stretch, in order of time.
fn thinned(samples: &[(Nanoseconds, f64)]) -> Vec<(Nanoseconds, f64)> {
    if samples.len() <= WHOLE {
        return samples.to_vec();
    }
    let length = samples.len().div_ceil(POINTS / 2);
    let mut kept = Vec::with_capacity(POINTS);
    for stretch in samples.chunks(length) {
        let by_value = |a: &&(Nanoseconds, f64), b: &&(Nanoseconds, f64)| a.1.total_cmp(&b.1);
        let ends = stretch
            .iter()
            .min_by(by_value)
            .zip(stretch.iter().max_by(by_value));
        if let Some((low, high)) = ends {
            let mut pair = [*low, *high];
            pair.sort_by_key(|it| it.0);
            kept.extend(pair);
        }
    }
    kept
}

/// A command sequence that the pen failed, as a table.
fn counterexample(
    path: &Path,
    name: &str,
    serial: &str,
    row: &RowId,
) -> Result<Counterexample, Failure> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(Failure::Input)?;
    let read = rig_sequence::Counterexample::read(&text)
        .with_context(|| path.display().to_string())
        .map_err(Failure::Input)?;
    let rows: Vec<String> = read
        .trace
        .iter()
        .map(|it| {
            let mut line = format!("{:9.4} s  {}", it.at.seconds(), it.action);
            if !it.expected.is_empty() {
                line.push_str(&format!("\n             expected {}", it.expected));
            }
            if !it.observed.is_empty() {
                line.push_str(&format!("\n             observed {}", it.observed));
            }
            line
        })
        .collect();
    Ok(Counterexample {
        unit: Some(serial.to_owned()),
        row: Some(row.clone()),
        file: name.to_owned(),
        table: rows.join("\n"),
        replay: if name.ends_with(SHORT) {
            format!("penrig replay {name}")
        } else {
            format!("penrig replay {name}; made short with: penrig explore --shorten {name}")
        },
    })
}
