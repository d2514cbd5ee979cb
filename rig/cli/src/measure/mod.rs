//! `penrig measure`: the measuring chain on a recorded waveform.

mod certificate;
mod file;
mod strokes;

use crate::args::{Format, MeasureArgs};
use crate::progress::ReadLine;
use crate::{Failure, print_line};
use anyhow::{Context as _, anyhow};
use certificate::Stated;
use file::Waveform;
use rig_waveform::{
    Analysis, Calibration, Edges, Picture, Settings, Source, json, measure_level, text,
};
use std::path::Path;
use strokes::StrokeTable;

/// A record on the gauge block is still within this, nm.
const STILL_NM: f64 = 5_000.0;

/// Who measured.
pub(crate) const PROGRAM: &str = concat!("penrig ", env!("CARGO_PKG_VERSION"));

pub(crate) fn run(args: &MeasureArgs) -> Result<u8, Failure> {
    let stated = certificate::read(args)?;
    let mut waveform = Waveform::open(&args.waveform, args)?;
    waveform.insist_on_lengths()?;
    let settings = settings(args, &stated, &waveform)?;
    let window = (args.from, args.to);
    if let (Some(from), Some(to)) = window
        && from >= to
    {
        return Err(Failure::Input(anyhow!(
            "the window begins at {from} s and ends at {to} s: nothing lies in it"
        )));
    }
    let mut analysis = Analysis::new(waveform.description(), settings.clone());
    let mut picture = args.plot.as_ref().map(|_| Picture::new(analysis.zero()));
    let mut table = match &args.per_stroke {
        Some(path) => Some(StrokeTable::create(path)?),
        None => None,
    };
    let line = ReadLine::start(&args.waveform.display().to_string(), waveform.length());
    while let Some(stretch) = waveform.next_stretch()? {
        let strokes = analysis.push(&stretch);
        if let Some(picture) = &mut picture {
            picture.push(&stretch, &strokes);
        }
        if let Some(table) = &mut table {
            table.push(&strokes, &waveform, &analysis)?;
        }
        line.show(waveform.position());
    }
    line.finish();
    let rate_hz = waveform.description().rate_hz();
    let first_seq = analysis.first_seq();
    let zero = analysis.zero().copied();
    let (strokes, results) = analysis.finish(rate_hz);
    if let Some(mut table) = table {
        table.add(&strokes, rate_hz, first_seq, zero.as_ref())?;
        table.finish()?;
    }
    if let (Some(mut picture), Some(path)) = (picture, &args.plot) {
        picture.add(&strokes);
        let svg = picture.svg(&waveform.name(), first_seq, &results);
        write(path, &svg)?;
    }
    let calibration = waveform
        .description()
        .calibration
        .clone()
        .overridden_by(settings.calibration);
    let source = Source {
        name: waveform.name(),
        kind: waveform.kind(),
        file_sha256: waveform.file_sha256(),
        samples_sha256: waveform.samples_sha256(),
        samples: waveform.samples(),
        description: waveform.description().clone(),
        rate_from: waveform.rate_from(),
        recorded_defects: waveform.recorded_defects(),
        rounded_cells: waveform.rounded_cells(),
        certificate: certificate::in_words(&calibration),
        program: PROGRAM.to_owned(),
    };
    match args.format {
        Format::Text => print_line(text(&source, &results).trim_end()),
        Format::Json => print_line(&json(&source, &results).map_err(Failure::rig)?),
    }
    Ok(if results.any_value() { 0 } else { 1 })
}

/// What to measure, and what is stated on the command line and in the files it names.
fn settings(args: &MeasureArgs, stated: &Stated, waveform: &Waveform) -> Result<Settings, Failure> {
    let mut calibration = stated.calibration.clone();
    if let Some(path) = &args.zero {
        let known = waveform
            .description()
            .calibration
            .clone()
            .overridden_by(calibration.clone());
        calibration = calibration.overridden_by(zero(path, args, &known)?);
    }
    let edges = match &args.tachometer {
        None => None,
        Some(path) => Some(Edges {
            edges_ns: file::edges(path)?
                .iter()
                .map(|it| it.saturating_sub(waveform.first_time_ns()))
                .collect(),
            time_base_ppb: stated.edge_time_base_ppb,
            edge_u_ns: stated.edge_u_ns.unwrap_or(0.0),
        }),
    };
    Ok(Settings {
        calibration,
        smallest_stroke_nm: 1e6 * args.smallest_stroke,
        from_s: args.from,
        to_s: args.to,
        edges,
    })
}

/// The level on the gauge block, from a record of it.
fn zero(path: &Path, args: &MeasureArgs, known: &Calibration) -> Result<Calibration, Failure> {
    let mut block = Waveform::open(path, args)?;
    block.insist_on_lengths()?;
    if known.block_height.is_none() {
        return Err(Failure::Input(anyhow!(
            "--zero needs the height of the gauge block: give --block-height MM or a certificate with it"
        )));
    }
    let mut failure = None;
    let description = block.description().clone();
    let stretches = std::iter::from_fn(|| match block.next_stretch() {
        Ok(stretch) => stretch,
        Err(error) => {
            failure = Some(error);
            None
        }
    });
    let level = measure_level(&description, stretches, STILL_NM);
    if let Some(failure) = failure {
        return Err(failure);
    }
    let level = level
        .with_context(|| format!("no level on the gauge block from `{}`", path.display()))
        .map_err(Failure::Input)?;
    Ok(Calibration {
        block_level: Some(level.value),
        block_level_u: Some(level.u),
        block_level_dof: level.dof.is_finite().then_some(level.dof),
        ..Calibration::default()
    })
}

/// Writes a file that was asked for.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .with_context(|| format!("cannot write `{}`", path.display()))
        .map_err(Failure::Rig)
}
