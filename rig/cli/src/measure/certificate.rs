//! What is stated of gauge and fixture: in a certificate file, or by flags.

use crate::Failure;
use crate::args::MeasureArgs;
use anyhow::{Context as _, anyhow};
use rig_waveform::Calibration;
use serde::Deserialize;
use std::path::Path;

/// What command line and certificate file state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated {
    pub(crate) calibration: Calibration,
    pub(crate) edge_time_base_ppb: Option<u32>,
    pub(crate) edge_u_ns: Option<f64>,
}

/// A certificate file: the parts of a bench file that a budget needs, each of which may be
/// missing. What else a bench file holds is passed by.
#[derive(Debug, Deserialize)]
struct CertificateFile {
    #[serde(default)]
    instrument: Vec<InstrumentPart>,
    #[serde(default)]
    fixture: FixturePart,
}

#[derive(Debug, Deserialize)]
struct InstrumentPart {
    name: String,
    bandwidth_hz: Option<u32>,
    certificate: Option<CertificatePart>,
}

#[derive(Debug, Default, Deserialize)]
struct FixturePart {
    block_height_nm: Option<f64>,
    seating_nm: Option<f64>,
    tilt_deg: Option<f64>,
    drift_nm_per_kelvin: Option<f64>,
    temperature_kelvin: Option<f64>,
    gauge_noise_floor_nm: Option<f64>,
    edge_u_ns: Option<f64>,
    block: Option<CertificatePart>,
}

#[derive(Debug, Deserialize)]
struct CertificatePart {
    id: Option<String>,
    traceability: Option<String>,
    due: Option<String>,
    expanded_uncertainty: Option<f64>,
    coverage_factor: Option<f64>,
    time_base_ppb: Option<u32>,
    linearity: Option<f64>,
}

/// Reads the certificate file, if there is one, and puts the flags over it.
pub(crate) fn read(args: &MeasureArgs) -> Result<Stated, Failure> {
    let mut stated = match &args.certificate {
        None => Stated::default(),
        Some(path) => file(path)?,
    };
    let nm = |mm: Option<f64>| mm.map(|it| 1e6 * it);
    let um = |um: Option<f64>| um.map(|it| 1e3 * it);
    let flags = Calibration {
        certificate: args
            .expanded
            .map(|_| "as the command line states".to_owned()),
        expanded: um(args.expanded),
        coverage_factor: args.k,
        linearity: um(args.linearity),
        // The argument is between 0 and 1000 ppm.
        time_base_ppb: args.time_base.map(|it| (1e3 * it).round() as u32),
        bandwidth_hz: args.bandwidth,
        block_level: nm(args.block_level),
        block_height: nm(args.block_height),
        ..Calibration::default()
    };
    stated.calibration = stated.calibration.overridden_by(flags);
    if args.block_level.is_some() && stated.calibration.block_height.is_none() {
        return Err(Failure::Input(anyhow!(
            "--block-level needs the height of the gauge block: give --block-height MM or a certificate with it"
        )));
    }
    Ok(stated)
}

fn file(path: &Path) -> Result<Stated, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the certificate `{name}`"))
        .map_err(Failure::Input)?;
    let file: CertificateFile = toml::from_str(&text)
        .with_context(|| format!("certificate `{name}`"))
        .map_err(Failure::Input)?;
    let find = |wanted: &str| file.instrument.iter().find(|it| it.name == wanted);
    let gauge = find("gauge").ok_or_else(|| {
        Failure::Input(anyhow!(
            "certificate `{name}` has no [[instrument]] with name = \"gauge\"; \
             it looks like the instruments of a bench file (rig/bench-hardware/bench.toml)"
        ))
    })?;
    let certificate = gauge.certificate.as_ref().ok_or_else(|| {
        Failure::Input(anyhow!(
            "certificate `{name}`: the gauge has no [instrument.certificate]"
        ))
    })?;
    let u = |part: &CertificatePart, of: &str| -> Result<Option<f64>, Failure> {
        match (part.expanded_uncertainty, part.coverage_factor) {
            (None, _) => Ok(None),
            (Some(u), Some(k)) if u >= 0.0 && k > 0.0 && u.is_finite() && k.is_finite() => {
                Ok(Some(u / k))
            }
            (Some(_), _) => Err(Failure::Input(anyhow!(
                "certificate `{name}`, {of}: `expanded_uncertainty` needs a `coverage_factor`, both finite and positive: U alone says nothing"
            ))),
        }
    };
    u(certificate, "gauge")?;
    let fixture = &file.fixture;
    let block_u = match &fixture.block {
        None => None,
        Some(block) => u(block, "gauge block")?,
    };
    Ok(Stated {
        calibration: Calibration {
            certificate: certificate.id.clone(),
            traceability: certificate.traceability.clone(),
            due: certificate.due.clone(),
            expanded: certificate.expanded_uncertainty,
            coverage_factor: certificate.coverage_factor,
            linearity: certificate.linearity,
            time_base_ppb: certificate.time_base_ppb,
            bandwidth_hz: gauge.bandwidth_hz.map(f64::from),
            noise_floor: fixture.gauge_noise_floor_nm,
            tilt_deg: fixture.tilt_deg,
            drift_per_kelvin: fixture.drift_nm_per_kelvin,
            temperature_kelvin: fixture.temperature_kelvin,
            seating: fixture.seating_nm,
            block_height: fixture.block_height_nm,
            block_u,
            ..Calibration::default()
        },
        edge_time_base_ppb: find("tachometer")
            .and_then(|it| it.certificate.as_ref()?.time_base_ppb),
        edge_u_ns: fixture.edge_u_ns,
    })
}

/// The certificate that a budget rests on; none if nothing states an uncertainty.
pub(crate) fn in_words(calibration: &Calibration) -> Option<String> {
    let expanded = calibration.expanded?;
    let k = calibration.coverage_factor.unwrap_or(2.0);
    let mut words = format!(
        "{}: U = {} um with k = {k}",
        calibration
            .certificate
            .as_deref()
            .unwrap_or("without a number"),
        1e-3 * expanded
    );
    if let Some(due) = &calibration.due {
        words.push_str(&format!("; due {due}"));
    }
    if let Some(traceability) = &calibration.traceability {
        words.push_str(&format!("; traceable to {traceability}"));
    }
    Some(words)
}
