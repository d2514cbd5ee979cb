//! What the virtual bench states of its instruments and fixture.
//!
//! The certificates are virtual: traceable to nothing, dated by the scenario.

use super::gauge::{GAUGE_LSB_NM, GaugeParameters};
use super::thermometer::{ERROR_MC, RANGE_MC, STEP_MC, THERMOMETER_HZ};
use super::{CURRENT_HZ, FORCE_HZ, GAUGE_HZ, TIME_BASE_PPB, current, force, tachometer};
use rig_bench::{
    AMBIENT_THERMOMETER, Certificate, FORCE, Fixture, GAUGE, Instrument, MOTOR_CURRENT,
    NOSE_THERMOMETER, Quantity, TACHOMETER,
};

/// Dates of the virtual certificates, ISO 8601, from the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates {
    /// Date calibrated.
    pub calibrated: String,
    /// Date due.
    pub due: String,
}

impl Certificates {
    fn certificate(&self, name: &str, expanded_uncertainty: f64, linearity: f64) -> Certificate {
        Certificate {
            id: format!("VIRTUAL-{name}"),
            traceability: "none".to_owned(),
            calibrated: self.calibrated.clone(),
            due: self.due.clone(),
            expanded_uncertainty,
            coverage_factor: 2.0,
            time_base_ppb: TIME_BASE_PPB,
            linearity,
        }
    }
}

/// The instruments as a record names them.
#[must_use]
pub fn describe_instruments(gauge: &GaugeParameters, dates: &Certificates) -> Vec<Instrument> {
    let instrument = |id, model: &str, quantity, sample_rate_hz, certificate| Instrument {
        id,
        model: model.to_owned(),
        serial: "VIRTUAL".to_owned(),
        quantity,
        sample_rate_hz,
        resolution: 1,
        range: (0, i64::MAX),
        bandwidth_hz: 0,
        certificate,
    };
    let thermometer = |id, model, name| Instrument {
        resolution: STEP_MC as u32,
        range: RANGE_MC,
        ..instrument(
            id,
            model,
            Quantity::TemperatureMilliCelsius,
            THERMOMETER_HZ,
            // Within its largest error, which is rectangular, k = 2.
            dates.certificate(name, 2.0 * ERROR_MC / libm::sqrt(3.0), 0.0),
        )
    };
    vec![
        Instrument {
            resolution: libm::round(GAUGE_LSB_NM) as u32,
            range: (-4_000_000, 3_999_878),
            bandwidth_hz: 20_000,
            ..instrument(
                GAUGE,
                "model of an 8 mm, 16-bit displacement gauge",
                Quantity::DisplacementNm,
                GAUGE_HZ,
                dates.certificate("GAUGE", 1_000.0, gauge.linearity_nm),
            )
        },
        Instrument {
            resolution: tachometer::TICK_NS,
            ..instrument(
                TACHOMETER,
                "model of an optical tachometer, one mark a turn",
                Quantity::EdgeTimeNs,
                0,
                dates.certificate(
                    "TACHOMETER",
                    2e9 * f64::from(TIME_BASE_PPB) * 1e-9 / 1.732,
                    0.0,
                ),
            )
        },
        Instrument {
            resolution: current::STEP_UA as u32,
            range: (-current::RANGE_UA, current::RANGE_UA),
            ..instrument(
                MOTOR_CURRENT,
                "model of a clamp-on current probe",
                Quantity::CurrentUa,
                CURRENT_HZ,
                // Offset of at most 1 mA and gain of 0.3 % at 1 A, both rectangular, k = 2.
                dates.certificate("CURRENT", 3_700.0, 0.0),
            )
        },
        Instrument {
            resolution: force::STEP_UN as u32,
            range: (-force::RANGE_UN, force::RANGE_UN),
            ..instrument(
                FORCE,
                "model of a 5 N force sensor",
                Quantity::ForceUn,
                FORCE_HZ,
                // Offset of at most 2 mN and gain of 0.3 % at 1 N, both rectangular, k = 2.
                dates.certificate("FORCE", 4_200.0, 0.0),
            )
        },
        thermometer(
            NOSE_THERMOMETER,
            "model of a contact thermometer on the nose",
            "NOSE-TEMPERATURE",
        ),
        thermometer(
            AMBIENT_THERMOMETER,
            "model of a thermometer in the air",
            "AMBIENT-TEMPERATURE",
        ),
    ]
}

/// The fixture as a record names it.
#[must_use]
pub fn describe_fixture(gauge: &GaugeParameters, dates: &Certificates) -> Fixture {
    // The drift of the model stands for ±1 K of the air around the fixture.
    let temperature_kelvin = 1.0;
    Fixture {
        block_height_nm: gauge.block_height_nm,
        block_certificate: dates.certificate("BLOCK", 2.0 * gauge.block_u_nm, 0.0),
        seating_nm: gauge.seating_nm,
        tilt_deg: gauge.tilt_deg,
        drift_nm_per_kelvin: gauge.drift_nm / temperature_kelvin,
        temperature_kelvin,
        gauge_noise_floor_nm: 0.5 * gauge.noise_nm,
        current_noise_floor_ua: 0.5 * current::NOISE_UA,
        edge_u_ns: tachometer::JITTER_NS,
        // Blocks and link bytes carry the bench's own time to the nanosecond below.
        time_jitter_ns: 1,
    }
}
