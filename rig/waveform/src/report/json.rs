//! The report for programs.

use super::Source;
use super::round::{unit_of, value_and_u, word};
use crate::{Outcome, Results, ZeroFrom, rate_text};
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    waveform: &'a str,
    kind: &'a str,
    file_sha256: &'a str,
    samples_sha256: &'a str,
    samples: u64,
    subject: &'a str,
    instrument: &'a str,
    model: &'a str,
    serial: &'a str,
    certificate: Option<&'a str>,
    sample_rate_hz: String,
    sample_rate_from: &'a str,
    from_s: f64,
    to_s: f64,
    received: u64,
    missing: u64,
    no_target: u64,
    out_of_range: u64,
    strokes: Strokes,
    zero: Option<Zero>,
    noise_nm: Option<f64>,
    residual_nm: Option<f64>,
    rounded_cells: u64,
    recorded_defects: &'a str,
    defects: Vec<Defect>,
    measurands: Vec<Entry<'a>>,
    program: &'a str,
}

#[derive(Serialize)]
struct Strokes {
    used: u64,
    seen: u64,
    parts: u64,
    beside_defects: u64,
    at_the_ends: u64,
    by_shape: u64,
}

#[derive(Serialize)]
struct Zero {
    block_level_nm: f64,
    block_level_u_nm: Option<f64>,
    block_height_nm: f64,
}

#[derive(Serialize)]
struct Defect {
    kind: String,
    first: u64,
    last: u64,
}

#[derive(Serialize)]
struct Entry<'a> {
    measurand: &'a str,
    definition: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_value_because: Option<String>,
}

#[derive(Serialize)]
struct Value<'a> {
    unit: &'a str,
    /// To six decimals of the unit.
    value: f64,
    expanded: f64,
    k: f64,
    /// Nothing where they are infinite.
    nu_eff: Option<f64>,
    n: usize,
    shown: String,
    budget: Vec<Line<'a>>,
    left_out: &'a [&'static str],
}

#[derive(Serialize)]
struct Line<'a> {
    line: &'a str,
    distribution: &'a str,
    u: f64,
    sensitivity: f64,
    contribution: f64,
    dof: Option<f64>,
    share: f64,
}

/// One JSON object, pretty.
///
/// # Errors
/// Never with values from this crate; serde_json's interface has an error.
pub fn json(source: &Source, results: &Results) -> Result<String, serde_json::Error> {
    let description = &source.description;
    let (samples, strokes) = (results.samples, &results.strokes);
    let report = Report {
        waveform: &source.name,
        kind: source.kind,
        file_sha256: &source.file_sha256,
        samples_sha256: &source.samples_sha256,
        samples: source.samples,
        subject: &description.subject,
        instrument: &description.instrument,
        model: &description.model,
        serial: &description.serial,
        certificate: source.certificate.as_deref(),
        sample_rate_hz: rate_text(description.sample_rate),
        sample_rate_from: source.rate_from,
        from_s: decimals(results.from_s, 9),
        to_s: decimals(results.to_s, 9),
        received: samples.received,
        missing: samples.missing,
        no_target: samples.no_target,
        out_of_range: samples.out_of_range,
        strokes: Strokes {
            used: strokes.used,
            seen: strokes.seen,
            parts: strokes.parts,
            beside_defects: strokes.rejected.beside_defects,
            at_the_ends: strokes.rejected.at_the_ends,
            by_shape: strokes.rejected.by_shape,
        },
        zero: match results.zero {
            ZeroFrom::Nothing => None,
            ZeroFrom::Block {
                level_nm,
                level_u_nm,
                height_nm,
            } => Some(Zero {
                block_level_nm: decimals(level_nm, 3),
                block_level_u_nm: level_u_nm.map(|it| decimals(it, 3)),
                block_height_nm: height_nm,
            }),
        },
        noise_nm: finite(results.noise_nm).map(|it| decimals(it, 3)),
        residual_nm: finite(results.residual_nm).map(|it| decimals(it, 3)),
        rounded_cells: source.rounded_cells,
        recorded_defects: &source.recorded_defects,
        defects: results
            .defects
            .iter()
            .map(|it| Defect {
                kind: it.kind.to_string(),
                first: it.first,
                last: it.last,
            })
            .collect(),
        measurands: results.outcomes.iter().map(entry).collect(),
        program: &source.program,
    };
    serde_json::to_string_pretty(&report)
}

fn entry(outcome: &Outcome) -> Entry<'_> {
    let measurand = outcome.measurand;
    let (value, no_value_because) = match &outcome.result {
        Ok(_) => (value(outcome), None),
        Err(fault) => (None, Some(fault.to_string())),
    };
    Entry {
        measurand: measurand.name(),
        definition: measurand.definition(),
        value,
        no_value_because,
    }
}

fn value(outcome: &Outcome) -> Option<Value<'_>> {
    let measured = outcome.result.as_ref().ok()?;
    let (unit, factor) = unit_of(outcome.measurand);
    let (shown_value, shown_u) = value_and_u(outcome.measurand, measured);
    let uncertainty = measured.uncertainty;
    let lines = measured.budget.components.iter().map(|it| {
        let contribution = (it.sensitivity * it.u).abs();
        let share = if uncertainty.u_c > 0.0 {
            contribution / uncertainty.u_c
        } else {
            0.0
        };
        Line {
            line: it.name,
            distribution: word(it.distribution),
            u: decimals(factor * it.u, 9),
            sensitivity: it.sensitivity,
            contribution: decimals(factor * contribution, 9),
            dof: finite(it.dof).map(|it| decimals(it, 1)),
            share: decimals(share * share, 4),
        }
    });
    Some(Value {
        unit,
        value: decimals(factor * measured.value, 6),
        expanded: decimals(factor * uncertainty.expanded, 9),
        k: decimals(uncertainty.k, 3),
        nu_eff: finite(uncertainty.nu_eff).map(|it| decimals(it, 1)),
        n: measured.n,
        shown: format!(
            "{shown_value} {unit} ± {shown_u} {unit} (k = {:.2})",
            uncertainty.k
        ),
        budget: lines.collect(),
        left_out: &outcome.left_out,
    })
}

/// Rounded, so that the last bits of a sum do not show.
fn decimals(number: f64, places: u32) -> f64 {
    let scale = f64::from(10_u32.pow(places));
    let rounded = libm::round(number * scale) / scale;
    if rounded.is_finite() { rounded } else { number }
}

fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}
