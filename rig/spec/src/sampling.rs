//! Rules for lots that the user of a plan may choose, beside the default gate.

use crate::{AttributesPlan, RowId};
use std::fmt;

/// How large a sample is beside its lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InspectionLevel {
    /// Special level S-1.
    S1,
    /// Special level S-2.
    S2,
    /// Special level S-3.
    S3,
    /// Special level S-4.
    S4,
    /// General level I.
    I,
    /// General level II, the usual one.
    II,
    /// General level III.
    III,
}

impl InspectionLevel {
    /// All levels, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::S1,
        Self::S2,
        Self::S3,
        Self::S4,
        Self::I,
        Self::II,
        Self::III,
    ];

    /// Reads `S-1` to `S-4`, `I`, `II` or `III`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.to_string() == text)
    }
}

impl fmt::Display for InspectionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S1 => "S-1",
            Self::S2 => "S-2",
            Self::S3 => "S-3",
            Self::S4 => "S-4",
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
        })
    }
}

/// How many samples a lot may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SamplingKind {
    /// One.
    Single,
    /// Up to two.
    Double,
    /// Up to seven.
    Multiple,
}

/// How severe inspection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InspectionSeverity {
    /// Where a series begins.
    Normal,
    /// After lots that were not accepted.
    Tightened,
    /// After a long series of accepted lots.
    Reduced,
}

impl SamplingKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Single, Self::Double, Self::Multiple];
}

impl InspectionSeverity {
    /// All severities.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Tightened, Self::Reduced];
}

impl fmt::Display for SamplingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "single",
            Self::Double => "double",
            Self::Multiple => "multiple",
        })
    }
}

impl fmt::Display for InspectionSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal",
            Self::Tightened => "tightened",
            Self::Reduced => "reduced",
        })
    }
}

/// A probability or a share above 0 and below 1, exact to nine decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    // Invariant: above 0, below WHOLE.
    billionths: u32,
}

const WHOLE: u32 = 1_000_000_000;

impl Share {
    /// So many billionths, if that is above 0 and below 1.
    #[must_use]
    pub fn from_billionths(billionths: i64) -> Option<Self> {
        u32::try_from(billionths)
            .ok()
            .filter(|it| (1..WHOLE).contains(it))
            .map(|billionths| Self { billionths })
    }

    /// Billionths.
    #[must_use]
    pub fn billionths(self) -> u32 {
        self.billionths
    }

    /// The nearest number of double precision: that of the decimal text.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        f64::from(self.billionths) / f64::from(WHOLE)
    }
}

/// Two points that a plan is to serve.
///
/// **Invariant:** p1 < p2, alpha + beta < 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RiskPoints {
    p1: Share,
    alpha: Share,
    p2: Share,
    beta: Share,
}

impl RiskPoints {
    /// Lots with a share `p1` of nonconforming units are accepted but for `alpha`, with `p2` at
    /// most with `beta`; none where the points are not those of a falling curve.
    #[must_use]
    pub fn new(p1: Share, alpha: Share, p2: Share, beta: Share) -> Option<Self> {
        let falls = p1 < p2 && alpha.billionths + beta.billionths < WHOLE;
        falls.then_some(Self {
            p1,
            alpha,
            p2,
            beta,
        })
    }

    /// p1, alpha, p2, beta.
    #[must_use]
    pub fn parts(self) -> [Share; 4] {
        [self.p1, self.alpha, self.p2, self.beta]
    }
}

/// Where a standard's tables are entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableEntry {
    /// Units in the lot that the sample is drawn from.
    pub lot_size: u32,
    /// Inspection level.
    pub level: InspectionLevel,
    /// Acceptance quality limit, in thousandths of a percent.
    pub aql_thousandths: u32,
    /// Severity.
    pub inspection: InspectionSeverity,
}

/// Where the numbers of an attributes plan come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributesNumbers {
    /// A standard's tables.
    Table(TableEntry),
    /// The spec.
    Own(AttributesPlan),
    /// The smallest single plan for two points.
    Points(RiskPoints),
}

/// Where the numbers of a variables plan come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariablesNumbers {
    /// A standard's tables.
    Table(TableEntry),
    /// The spec.
    Own {
        /// Units; at least 3.
        n: u32,
        /// Acceptability constant, in billionths.
        k_billionths: i64,
    },
    /// The smallest plan for two points.
    Points(RiskPoints),
}

/// A rule for a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SamplingRule {
    /// Attributes: nonconforming units are counted.
    Attributes {
        /// How many samples.
        kind: SamplingKind,
        /// Numbers.
        numbers: AttributesNumbers,
    },
    /// Variables, s-method: mean and standard deviation of one row's values.
    Variables(VariablesNumbers),
    /// No nonconforming unit among as many as show `content` with `confidence`.
    ZeroFailure {
        /// Confidence.
        confidence: Share,
        /// Share of conforming units.
        content: Share,
    },
    /// Wald's test, ended after `most` units.
    Sequential {
        /// Points.
        points: RiskPoints,
        /// Units.
        most: u32,
    },
}

/// One line of `sampling.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// The plan whose lots the rule is for.
    pub plan: String,
    /// The row that it looks at; none for every row that the plan requires of a unit.
    pub row: Option<RowId>,
    /// The rule.
    pub rule: SamplingRule,
    /// Units in the lot that the sample is drawn from, if told.
    pub lot_size: Option<u32>,
    /// A remark.
    pub note: String,
}
