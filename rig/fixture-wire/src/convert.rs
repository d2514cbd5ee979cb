//! Between the stream's words and the seam's.

use crate::message::{
    Act, ActuatorName, Calibration, CartridgeChip, Exception, FaultInfo, FixtureInfo,
    InstrumentInfo, InstrumentName, Kind, MAX_SAMPLES, QuantityName, Samples, ShaftState,
};
use firmware_units::{Micrometers, Micronewtonmeters, Millinewtons, Millivolts, Nanoseconds};
use rig_bench::{
    AMBIENT_THERMOMETER, Actuation, Actuator, BenchFault, BenchKind, Cartridge, Certificate, FORCE,
    FaultId, Fixture, GAUGE, Instrument, InstrumentId, MOTOR_CURRENT, NOSE_THERMOMETER, Quantity,
    SampleBlock, SampleStatus, Shaft, TACHOMETER,
};

impl InstrumentName {
    /// Name of an instrument of the seam; nothing for one that the stream does not know.
    #[must_use]
    pub fn of(id: InstrumentId) -> Option<Self> {
        [
            Self::Gauge,
            Self::Tachometer,
            Self::MotorCurrent,
            Self::Force,
            Self::NoseThermometer,
            Self::AmbientThermometer,
        ]
        .into_iter()
        .find(|&name| InstrumentId::from(name) == id)
    }
}

impl From<InstrumentName> for InstrumentId {
    fn from(name: InstrumentName) -> Self {
        match name {
            InstrumentName::Gauge => GAUGE,
            InstrumentName::Tachometer => TACHOMETER,
            InstrumentName::MotorCurrent => MOTOR_CURRENT,
            InstrumentName::Force => FORCE,
            InstrumentName::NoseThermometer => NOSE_THERMOMETER,
            InstrumentName::AmbientThermometer => AMBIENT_THERMOMETER,
        }
    }
}

/// Two enums whose variants pair off.
macro_rules! pairs {
    ($here:ident, $there:ident: $($ours:ident = $theirs:ident),+) => {
        impl From<$there> for $here {
            fn from(it: $there) -> Self {
                match it { $($there::$theirs => Self::$ours),+ }
            }
        }
        impl From<$here> for $there {
            fn from(it: $here) -> Self {
                match it { $($here::$ours => Self::$theirs),+ }
            }
        }
    };
}

pairs!(Kind, BenchKind: Hardware = Hardware, Virtual = Virtual);
pairs!(Exception, SampleStatus: NoTarget = NoTarget, OutOfRange = OutOfRange);
pairs!(QuantityName, Quantity:
    DisplacementNm = DisplacementNm, EdgeTimeNs = EdgeTimeNs, CurrentUa = CurrentUa,
    ForceUn = ForceUn, TemperatureMilliCelsius = TemperatureMilliCelsius);
pairs!(ActuatorName, Actuator:
    Supply = Supply, Needles = Needles, Shaft = Shaft, Cartridge = Cartridge, Button = Button,
    GaugeBlock = GaugeBlock, Axial = Axial, Battery = Battery);

impl From<Shaft> for ShaftState {
    fn from(shaft: Shaft) -> Self {
        match shaft {
            Shaft::Free => Self::Free,
            Shaft::Brake(torque) => Self::Brake {
                torque_unm: torque.0,
            },
            Shaft::Locked => Self::Locked,
            Shaft::Turned { millihertz } => Self::Turned { millihertz },
        }
    }
}

impl From<ShaftState> for Shaft {
    fn from(shaft: ShaftState) -> Self {
        match shaft {
            ShaftState::Free => Self::Free,
            ShaftState::Brake { torque_unm } => Self::Brake(Micronewtonmeters(torque_unm)),
            ShaftState::Locked => Self::Locked,
            ShaftState::Turned { millihertz } => Self::Turned { millihertz },
        }
    }
}

impl From<Actuation> for Act {
    fn from(actuation: Actuation) -> Self {
        match actuation {
            Actuation::Supply(supply) => Self::Supply { mv: supply.0 },
            Actuation::NeedleLoad {
                needles,
                force_per_needle,
            } => Self::NeedleLoad {
                needles,
                force_mn: force_per_needle.0,
            },
            Actuation::Shaft(shaft) => Self::Shaft(shaft.into()),
            Actuation::Cartridge(cartridge) => Self::Cartridge(cartridge.map(|it| CartridgeChip {
                chip: it.chip,
                excess_um: it.needle_excess.0,
            })),
            Actuation::Button { pressed } => Self::Button { pressed },
            Actuation::GaugeBlock { present } => Self::GaugeBlock { present },
            Actuation::AxialForce(force) => Self::AxialForce { force_mn: force.0 },
            Actuation::Fault {
                fault: FaultId(fault),
                present,
            } => Self::Fault { fault, present },
            Actuation::Battery => Self::Battery,
        }
    }
}

impl From<Act> for Actuation {
    fn from(act: Act) -> Self {
        match act {
            Act::Supply { mv } => Self::Supply(Millivolts(mv)),
            Act::NeedleLoad { needles, force_mn } => Self::NeedleLoad {
                needles,
                force_per_needle: Millinewtons(force_mn),
            },
            Act::Shaft(shaft) => Self::Shaft(shaft.into()),
            Act::Cartridge(cartridge) => Self::Cartridge(cartridge.map(|it| Cartridge {
                chip: it.chip,
                needle_excess: Micrometers(it.excess_um),
            })),
            Act::Button { pressed } => Self::Button { pressed },
            Act::GaugeBlock { present } => Self::GaugeBlock { present },
            Act::AxialForce { force_mn } => Self::AxialForce(Millinewtons(force_mn)),
            Act::Fault { fault, present } => Self::Fault {
                fault: FaultId(fault),
                present,
            },
            Act::Battery => Self::Battery,
        }
    }
}

impl From<BenchFault> for FaultInfo {
    fn from(it: BenchFault) -> Self {
        Self {
            name: it.name,
            contained: it.contained,
            does: it.does,
        }
    }
}

impl From<FaultInfo> for BenchFault {
    fn from(it: FaultInfo) -> Self {
        Self {
            name: it.name,
            contained: it.contained,
            does: it.does,
        }
    }
}

impl From<Certificate> for Calibration {
    fn from(it: Certificate) -> Self {
        Self {
            id: it.id,
            traceability: it.traceability,
            calibrated: it.calibrated,
            due: it.due,
            expanded_uncertainty: it.expanded_uncertainty,
            coverage_factor: it.coverage_factor,
            time_base_ppb: it.time_base_ppb,
            linearity: it.linearity,
        }
    }
}

impl From<Calibration> for Certificate {
    fn from(it: Calibration) -> Self {
        Self {
            id: it.id,
            traceability: it.traceability,
            calibrated: it.calibrated,
            due: it.due,
            expanded_uncertainty: it.expanded_uncertainty,
            coverage_factor: it.coverage_factor,
            time_base_ppb: it.time_base_ppb,
            linearity: it.linearity,
        }
    }
}

impl InstrumentInfo {
    /// What is said of an instrument; nothing of one that the stream does not know.
    #[must_use]
    pub fn of(instrument: &Instrument) -> Option<Self> {
        Some(Self {
            name: InstrumentName::of(instrument.id)?,
            model: instrument.model.clone(),
            serial: instrument.serial.clone(),
            quantity: instrument.quantity.into(),
            sample_rate_hz: instrument.sample_rate_hz,
            resolution: instrument.resolution,
            lowest: instrument.range.0,
            highest: instrument.range.1,
            bandwidth_hz: instrument.bandwidth_hz,
            certificate: instrument.certificate.clone().into(),
        })
    }
}

impl From<InstrumentInfo> for Instrument {
    fn from(it: InstrumentInfo) -> Self {
        Self {
            id: it.name.into(),
            model: it.model,
            serial: it.serial,
            quantity: it.quantity.into(),
            sample_rate_hz: it.sample_rate_hz,
            resolution: it.resolution,
            range: (it.lowest, it.highest),
            bandwidth_hz: it.bandwidth_hz,
            certificate: it.certificate.into(),
        }
    }
}

impl From<Fixture> for FixtureInfo {
    fn from(it: Fixture) -> Self {
        Self {
            block_height_nm: it.block_height_nm,
            block_certificate: it.block_certificate.into(),
            seating_nm: it.seating_nm,
            tilt_deg: it.tilt_deg,
            drift_nm_per_kelvin: it.drift_nm_per_kelvin,
            temperature_kelvin: it.temperature_kelvin,
            gauge_noise_floor_nm: it.gauge_noise_floor_nm,
            current_noise_floor_ua: it.current_noise_floor_ua,
            edge_u_ns: it.edge_u_ns,
            time_jitter_ns: it.time_jitter_ns,
        }
    }
}

impl From<FixtureInfo> for Fixture {
    fn from(it: FixtureInfo) -> Self {
        Self {
            block_height_nm: it.block_height_nm,
            block_certificate: it.block_certificate.into(),
            seating_nm: it.seating_nm,
            tilt_deg: it.tilt_deg,
            drift_nm_per_kelvin: it.drift_nm_per_kelvin,
            temperature_kelvin: it.temperature_kelvin,
            gauge_noise_floor_nm: it.gauge_noise_floor_nm,
            current_noise_floor_ua: it.current_noise_floor_ua,
            edge_u_ns: it.edge_u_ns,
            time_jitter_ns: it.time_jitter_ns,
        }
    }
}

impl From<Samples> for SampleBlock {
    fn from(it: Samples) -> Self {
        let exceptions = it.exceptions.into_iter();
        Self {
            first_seq: it.first,
            at: Nanoseconds(it.at_ns),
            values: it.values,
            exceptions: exceptions
                .map(|(index, why)| (u32::from(index), why.into()))
                .collect(),
        }
    }
}

/// A block of samples in pieces that fit a frame.
///
/// Only the first sample's bench time is known exactly; a later piece's is interpolated by the
/// instrument's nominal rate (`sample_rate_hz`), or, for edges (rate 0), by the differences of the
/// edge times, which its clock shows right to within its certificate's time base.
#[must_use]
pub fn split(instrument: InstrumentName, block: &SampleBlock, sample_rate_hz: u32) -> Vec<Samples> {
    let mut pieces = Vec::new();
    for (piece, values) in block.values.chunks(MAX_SAMPLES).enumerate() {
        let begin = piece * MAX_SAMPLES;
        let later_ns = match u64::from(sample_rate_hz) {
            0 => values[0]
                .saturating_sub(block.values[0])
                .max(0)
                .unsigned_abs(),
            rate => begin as u64 * 1_000_000_000 / rate,
        };
        let within = begin..begin + values.len();
        let exceptions = block.exceptions.iter().filter_map(|&(index, why)| {
            let index = index as usize;
            // Below MAX_SAMPLES.
            within
                .contains(&index)
                .then(|| ((index - begin) as u16, why.into()))
        });
        pieces.push(Samples {
            instrument,
            first: block.first_seq + begin as u64,
            at_ns: block.at.0 + later_ns,
            values: values.to_vec(),
            exceptions: exceptions.collect(),
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_hold_every_sample_and_every_exception_once(
            values in prop::collection::vec(-4_000_000_i64..4_000_000, 0..1_200),
            first_seq in 0..u64::from(u32::MAX),
            marks in prop::collection::btree_set(0_usize..1_200, 0..40),
        ) {
            let n = values.len();
            let exceptions: Vec<_> = marks
                .into_iter()
                .filter(|&it| it < n)
                .map(|it| (it as u32, SampleStatus::NoTarget))
                .collect();
            let block = SampleBlock { first_seq, at: Nanoseconds(77), values, exceptions };
            let pieces = split(InstrumentName::Gauge, &block, 20_000);
            let mut back = SampleBlock { first_seq, at: Nanoseconds(77), ..SampleBlock::default() };
            for piece in pieces {
                prop_assert!(piece.values.len() <= MAX_SAMPLES);
                let offset = back.values.len();
                prop_assert_eq!(piece.first, first_seq + offset as u64);
                prop_assert_eq!(piece.at_ns, 77 + offset as u64 * 50_000);
                let block = SampleBlock::from(piece);
                back.values.extend(block.values);
                let later = block.exceptions.iter();
                back.exceptions.extend(later.map(|&(it, why)| (it + offset as u32, why)));
            }
            prop_assert_eq!(back, block);
        }

        #[test]
        fn an_actuation_comes_back(
            mv in any::<u32>(), needles in any::<u8>(), chip in any::<[u8; 24]>(),
            excess in any::<i32>(), is in any::<bool>(),
        ) {
            for actuation in [
                Actuation::Supply(Millivolts(mv)),
                Actuation::NeedleLoad { needles, force_per_needle: Millinewtons(excess) },
                Actuation::Shaft(Shaft::Free),
                Actuation::Shaft(Shaft::Locked),
                Actuation::Shaft(Shaft::Brake(Micronewtonmeters(excess))),
                Actuation::Shaft(Shaft::Turned { millihertz: mv }),
                Actuation::Cartridge(None),
                Actuation::Cartridge(Some(Cartridge {
                    chip,
                    needle_excess: Micrometers(excess),
                })),
                Actuation::Button { pressed: is },
                Actuation::GaugeBlock { present: is },
                Actuation::AxialForce(Millinewtons(excess)),
                Actuation::Fault { fault: FaultId(u16::from(needles)), present: is },
                Actuation::Battery,
            ] {
                prop_assert_eq!(Actuation::from(Act::from(actuation)), actuation);
            }
        }
    }

    #[test]
    fn an_edge_later_in_the_block_comes_as_much_later() {
        let values: Vec<i64> = (0..300).map(|it| 1_000 + it * 8_571_429).collect();
        let block = SampleBlock {
            first_seq: 4,
            at: Nanoseconds(5_000),
            values,
            exceptions: Vec::new(),
        };
        let pieces = split(InstrumentName::Tachometer, &block, 0);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[1].at_ns, 5_000 + 256 * 8_571_429);
    }
}
