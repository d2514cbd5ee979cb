//! The report for people.

use super::Source;
use super::round::{dof, plain, unit_of, value_and_u, word};
use crate::{Outcome, Results, StrokeAccount, ZeroFrom, rate_text};
use std::fmt::Write as _;

/// Defects that are listed one by one.
const LISTED: usize = 12;

/// The report, lines ended by line feeds.
#[must_use]
pub fn text(source: &Source, results: &Results) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = heading(&mut out, source, results);
    let _ = values(&mut out, results);
    let _ = budgets(&mut out, results);
    out
}

fn heading(out: &mut String, source: &Source, results: &Results) -> std::fmt::Result {
    let mut line = |name: &str, text: &str| writeln!(out, "{name:12} {text}");
    let description = &source.description;
    line("waveform", &format!("{} ({})", source.name, source.kind))?;
    line("file", &format!("SHA-256 {}", source.file_sha256))?;
    line(
        "samples",
        &format!("{}; SHA-256 {}", source.samples, source.samples_sha256),
    )?;
    if !description.subject.is_empty() {
        line("of", &description.subject)?;
    }
    if !description.instrument.is_empty() {
        line(
            "instrument",
            &format!(
                "{}, {}, serial {}",
                description.instrument, description.model, description.serial
            ),
        )?;
    }
    line(
        "certificate",
        source
            .certificate
            .as_deref()
            .unwrap_or("none: U is from scatter only"),
    )?;
    line(
        "sample rate",
        &format!(
            "{} /s, {}",
            rate_text(description.sample_rate),
            source.rate_from
        ),
    )?;
    line(
        "window",
        &format!(
            "{:.6} s to {:.6} s, {:.6} s",
            results.from_s,
            results.to_s,
            results.to_s - results.from_s
        ),
    )?;
    line("in it", &results.samples.to_string())?;
    line("strokes", &strokes(&results.strokes))?;
    line("zero", &zero(&results.zero))?;
    line("noise", &noise(results))?;
    if source.rounded_cells > 0 {
        line(
            "rounded",
            &format!(
                "{} numbers had digits below a nanometre or a picosecond",
                source.rounded_cells
            ),
        )?;
    }
    if !source.recorded_defects.is_empty() {
        line("as recorded", &source.recorded_defects)?;
    }
    if results.defects.is_empty() {
        line("defects", "none found")?;
    }
    for (index, defect) in results.defects.iter().take(LISTED).enumerate() {
        line(if index == 0 { "defects" } else { "" }, &defect.to_string())?;
    }
    if results.defects.len() > LISTED {
        line("", &format!("and {} more", results.defects.len() - LISTED))?;
    }
    line("measured by", &source.program)
}

fn strokes(account: &StrokeAccount) -> String {
    let rejected = account.rejected;
    let mut text = format!("{} used of {} tops passed", account.used, account.seen);
    let reasons = [
        (rejected.beside_defects, "beside defects"),
        (rejected.at_the_ends, "not whole at the window's ends"),
        (rejected.by_shape, "not of the shape of a stroke"),
    ];
    for (count, reason) in reasons {
        if count > 0 {
            let _ = write!(text, "; {count} {reason}");
        }
    }
    if account.parts > 1 {
        let _ = write!(text, "; in {} parts between defects", account.parts);
    }
    text
}

fn zero(zero: &ZeroFrom) -> String {
    match zero {
        ZeroFrom::Nothing => {
            "none: tops are indications of the gauge, not protrusion (give --block-level or --zero)"
                .to_owned()
        }
        ZeroFrom::Block {
            level_nm,
            level_u_nm,
            height_nm,
        } => {
            let u = level_u_nm.map_or("u not stated".to_owned(), |it| {
                format!("u = {} um", plain(1e-3 * it))
            });
            format!(
                "gauge block, {:.6} mm above the nose plane, indicated as {:.6} mm ({u})",
                1e-6 * height_nm,
                1e-6 * level_nm
            )
        }
    }
}

fn noise(results: &Results) -> String {
    let held = results.held_from.map_or(
        "held values cannot be told from a quiet gauge".to_owned(),
        |it| format!("{it} equal samples in a row count as held"),
    );
    if results.noise_nm.is_nan() {
        return held;
    }
    format!(
        "{} um a sample near the tops, residuals of the fits {} um; {held}",
        plain(1e-3 * results.noise_nm),
        plain(1e-3 * results.residual_nm)
    )
}

fn values(out: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(
        out,
        "\n{:22} {:>12}   {:<12} {:10} {:>6} {:>7} {:>8}",
        "measurand", "value", "U (95.45 %)", "unit", "k", "nu_eff", "n"
    )?;
    for outcome in &results.outcomes {
        let name = outcome.measurand.name();
        match &outcome.result {
            Ok(measured) => {
                let (value, expanded) = value_and_u(outcome.measurand, measured);
                let (unit, _) = unit_of(outcome.measurand);
                writeln!(
                    out,
                    "{name:22} {value:>12} ± {expanded:<12} {unit:10} {:>6.2} {:>7} {:>8}",
                    measured.uncertainty.k,
                    dof(measured.uncertainty.nu_eff),
                    measured.n
                )?;
            }
            Err(fault) => writeln!(out, "{name:22} no value, because {fault}")?,
        }
    }
    Ok(())
}

fn budgets(out: &mut String, results: &Results) -> std::fmt::Result {
    for outcome in &results.outcomes {
        budget(out, outcome, results.calibrated)?;
    }
    Ok(())
}

fn budget(out: &mut String, outcome: &Outcome, calibrated: bool) -> std::fmt::Result {
    let Ok(measured) = &outcome.result else {
        return Ok(());
    };
    let (unit, factor) = unit_of(outcome.measurand);
    let only = if measured.budget.components.len() == 1 && !calibrated {
        ", scatter only"
    } else {
        ""
    };
    writeln!(
        out,
        "\nbudget of {} in {unit}{only}: {}",
        outcome.measurand.name(),
        outcome.measurand.definition()
    )?;
    writeln!(
        out,
        "  {:26} {:12} {:>10} {:>5} {:>12} {:>7} {:>7}",
        "line", "distribution", "u", "c", "contribution", "dof", "share"
    )?;
    let u_c = measured.uncertainty.u_c;
    for component in &measured.budget.components {
        let contribution = (component.sensitivity * component.u).abs();
        let share = if u_c > 0.0 {
            100.0 * (contribution / u_c) * (contribution / u_c)
        } else {
            0.0
        };
        writeln!(
            out,
            "  {:26} {:12} {:>10} {:>5} {:>12} {:>7} {share:>6.1}%",
            component.name,
            word(component.distribution),
            plain(factor * component.u),
            plain(component.sensitivity),
            plain(factor * contribution),
            dof(component.dof)
        )?;
    }
    writeln!(
        out,
        "  {:26} {:12} {:>10} {:>5} {:>12} {:>7}",
        "combined",
        "",
        "",
        "",
        plain(factor * u_c),
        dof(measured.uncertainty.nu_eff)
    )?;
    if !outcome.left_out.is_empty() {
        writeln!(
            out,
            "  left out, not stated: {}",
            outcome.left_out.join(", ")
        )?;
    }
    Ok(())
}
