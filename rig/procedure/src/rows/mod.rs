//! How each row is run: what is done to the pen, and which evidence comes of it.

pub(crate) mod axial;
pub(crate) mod brown_out;
pub(crate) mod capture;
pub(crate) mod cartridge;
pub(crate) mod corners;
pub(crate) mod cross_talk;
pub(crate) mod depth;
pub(crate) mod endurance;
pub(crate) mod faults;
pub(crate) mod hour;
pub(crate) mod hung_loop;
pub(crate) mod idle;
pub(crate) mod link;
pub(crate) mod load;
pub(crate) mod motion;
pub(crate) mod overload;
pub(crate) mod rate;
pub(crate) mod reaction;
pub(crate) mod rig;
pub(crate) mod sections;
pub(crate) mod sequences;
pub(crate) mod tally;
pub(crate) mod treatment;
pub(crate) mod words;

use crate::session::SessionError;
use rig_measure::{Budget, Component, Distribution, Estimate, NotMeasurable};
use rig_spec::{BudgetLine, Evidence, Measured, MeasuredError, Row, RowInstrument, Unit};

/// Why a row has no evidence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RowError {
    /// The rig failed; the unit's run ends as a bench error.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The pen did not do what the row's condition needs; the row is not run.
    #[error("{0}")]
    Precondition(String),
    /// The bench lacks an instrument that the row needs; the row is not run.
    #[error("bench has no {0}")]
    NoInstrument(RowInstrument),
    /// The bench lacks what would bring about the row's condition; the row is not run.
    #[error("bench has no {0}")]
    NoActuator(&'static str),
    /// The instruments saw the window, but it does not carry the value.
    #[error("not measurable: {0}")]
    NotMeasurable(#[from] NotMeasurable),
    /// A kernel gave no number.
    #[error("not measurable: {0}")]
    Measured(#[from] MeasuredError),
}

impl From<rig_bench::BenchError> for RowError {
    fn from(error: rig_bench::BenchError) -> Self {
        Self::Session(error.into())
    }
}

/// Kernel unit of a measured value, as record units in one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kernel {
    /// Nanometres.
    Length,
    /// Hertz.
    Rate,
    /// Seconds.
    Time,
    /// A fraction of one.
    Fraction,
    /// Thousandths of a degree Celsius.
    Temperature,
}

impl Kernel {
    fn record_units_in_one(self) -> f64 {
        match self {
            Self::Length | Self::Temperature => 1.0,
            Self::Rate | Self::Time => 1e6,
            Self::Fraction => 1e9,
        }
    }
}

/// Rounds a kernel's measured value to the record, in the row's unit.
pub(crate) fn evidence(
    row: &Row,
    kernel: Kernel,
    measured: &rig_measure::Measured,
) -> Result<Evidence, RowError> {
    let unit = unit_of(row)?;
    let in_unit = kernel.record_units_in_one() / unit.record_units_in_one() as f64;
    let rounded = Measured::from_f64(
        unit,
        measured.value * in_unit,
        measured.uncertainty.expanded * in_unit,
        measured.uncertainty.k,
    )?;
    let mut evidence = Evidence::measured(rounded, measured.n as u64);
    let thousandths = kernel.record_units_in_one() * 1e3;
    evidence.budget = measured
        .budget
        .components
        .iter()
        .map(|it| line(it, thousandths))
        .collect();
    Ok(evidence)
}

/// A line of a budget in the record's integers; the casts saturate.
fn line(component: &Component, thousandths: f64) -> BudgetLine<'static> {
    let contribution = (component.sensitivity * component.u).abs() * thousandths;
    BudgetLine {
        name: component.name.into(),
        distribution: component.distribution.word().into(),
        contribution: libm::round(contribution) as u64,
        dof_tenths: component
            .dof
            .is_finite()
            .then(|| libm::floor(component.dof * 10.0) as u64),
    }
}

/// The row's unit; a row without one cannot hold a number.
pub(crate) fn unit_of(row: &Row) -> Result<Unit, RowError> {
    row.unit
        .ok_or_else(|| RowError::Precondition(format!("{} has no unit", row.id)))
}

/// A budget of scatter alone, for measurands that share no datum with anything.
pub(crate) fn scatter(estimate: &Estimate) -> rig_measure::Measured {
    let component = Component {
        name: "scatter",
        u: estimate.u,
        sensitivity: 1.0,
        dof: estimate.dof,
        distribution: Distribution::TypeA,
    };
    Budget {
        components: vec![component],
    }
    .measured(estimate)
}

/// A condition that the row must state as one number.
pub(crate) fn stated<T>(row: &Row, column: &str, value: Option<T>) -> Result<T, RowError> {
    value.ok_or_else(|| RowError::Precondition(format!("{} states no single `{column}`", row.id)))
}
