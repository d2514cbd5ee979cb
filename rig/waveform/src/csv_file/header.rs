//! The header row: what each column is, and in which unit.

use super::defect::{CsvDefect, CsvFault};

/// Unit of a column of lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LengthUnit {
    /// Nanometre.
    Nanometer,
    /// Micrometre.
    Micrometer,
    /// Millimetre.
    Millimeter,
    /// Metre.
    Meter,
}

impl LengthUnit {
    /// How many decimals of it a nanometre is.
    pub(crate) fn decimals(self) -> u32 {
        match self {
            Self::Nanometer => 0,
            Self::Micrometer => 3,
            Self::Millimeter => 6,
            Self::Meter => 9,
        }
    }

    /// The unit with this symbol: nm, um (or µm), mm, m.
    #[must_use]
    pub fn of(symbol: &str) -> Option<Self> {
        match symbol {
            "nm" => Some(Self::Nanometer),
            "um" | "\u{b5}m" | "\u{3bc}m" => Some(Self::Micrometer),
            "mm" => Some(Self::Millimeter),
            "m" => Some(Self::Meter),
            _ => None,
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Sequence numbers.
    Seq,
    /// Times; decimals of the unit that a picosecond is.
    Time(u32),
    /// Values; decimals of the unit that a count is.
    Value(u32),
    /// Why there is no value.
    Status,
    /// Nothing that is needed.
    Ignored,
}

/// Where the columns are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) names: Vec<String>,
    pub(crate) seq: Option<usize>,
    pub(crate) time: Option<(usize, u32)>,
    pub(crate) value: Option<(usize, u32)>,
    pub(crate) status: Option<usize>,
}

const VALUES: [&str; 6] = [
    "position",
    "displacement",
    "depth",
    "height",
    "indication",
    "value",
];
const TIMES: [&str; 2] = ["time", "t"];
const EDGES: [&str; 2] = ["edge", "time"];

/// Which columns a file may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Sampled lengths.
    Waveform,
    /// Times of edges.
    Edges,
}

impl Header {
    /// One column of values without a header.
    pub(crate) fn of_values(unit: LengthUnit) -> Self {
        Self {
            names: vec!["1".to_owned()],
            value: Some((0, unit.decimals())),
            ..Self::default()
        }
    }

    /// Reads a header; all that is wrong with it otherwise.
    pub(crate) fn read(kind: Kind, line: u64, cells: &[String]) -> Result<Self, Vec<CsvDefect>> {
        let mut header = Self {
            names: cells.to_vec(),
            ..Self::default()
        };
        let mut defects = Vec::new();
        for (index, name) in cells.iter().enumerate() {
            let fault = match role(kind, name) {
                Ok(role) => header.place(index, role),
                Err(fault) => Some(fault),
            };
            defects.extend(fault.map(|fault| CsvDefect {
                line,
                column: Some(name.clone()),
                fault,
            }));
        }
        let misses_values = match kind {
            Kind::Waveform => header.value.is_none(),
            Kind::Edges => header.time.is_none(),
        };
        if misses_values && defects.is_empty() {
            defects.push(CsvDefect {
                line,
                column: None,
                fault: CsvFault::NoValues,
            });
        }
        if defects.is_empty() {
            Ok(header)
        } else {
            Err(defects)
        }
    }

    fn place(&mut self, index: usize, role: Role) -> Option<CsvFault> {
        let twice = |role, first: usize| {
            Some(CsvFault::Twice {
                role,
                first: self.names[first].clone(),
            })
        };
        match role {
            Role::Seq | Role::Time(_) if self.index().is_some() => {
                return twice("time or sequence", self.index().unwrap_or(0));
            }
            Role::Seq => self.seq = Some(index),
            Role::Time(decimals) => self.time = Some((index, decimals)),
            Role::Ignored => {}
            Role::Status => {
                if let Some(first) = self.status {
                    return twice("status", first);
                }
                self.status = Some(index);
            }
            Role::Value(decimals) => match self.value {
                None => self.value = Some((index, decimals)),
                Some((first, unit)) if unit == decimals => return twice("values", first),
                Some((first, _)) => {
                    return Some(CsvFault::MixedUnits {
                        first: self.names[first].clone(),
                    });
                }
            },
        }
        None
    }

    /// Column of time or sequence.
    pub(crate) fn index(&self) -> Option<usize> {
        self.seq.or(self.time.map(|it| it.0))
    }

    pub(crate) fn name(&self, column: usize) -> Option<String> {
        self.names.get(column).cloned()
    }
}

fn role(kind: Kind, name: &str) -> Result<Role, CsvFault> {
    let lower = name.to_lowercase();
    let (quantity, unit) = lower.rsplit_once('_').unwrap_or((&lower, ""));
    if kind == Kind::Edges {
        return match (EDGES.contains(&quantity), time_decimals(unit)) {
            (true, Some(decimals)) => Ok(Role::Time(decimals)),
            (true, None) => Err(CsvFault::NoUnit("edge_s, edge_ms, edge_us or edge_ns")),
            _ if lower == "seq" => Ok(Role::Ignored),
            _ => Err(CsvFault::UnknownColumn),
        };
    }
    match lower.as_str() {
        "seq" | "sample" | "index" => return Ok(Role::Seq),
        "status" => return Ok(Role::Status),
        _ => {}
    }
    if TIMES.contains(&quantity) {
        return time_decimals(unit)
            .map(Role::Time)
            .ok_or(CsvFault::NoUnit("time_s, time_ms, time_us or time_ns"));
    }
    if VALUES.contains(&quantity) {
        return LengthUnit::of(unit)
            .map(|it| Role::Value(it.decimals()))
            .ok_or(CsvFault::NoUnit(
                "position_nm, position_um, position_mm or position_m",
            ));
    }
    Err(CsvFault::UnknownColumn)
}

/// How many decimals of a unit of time a picosecond is.
fn time_decimals(unit: &str) -> Option<u32> {
    match unit {
        "ns" => Some(3),
        "us" | "\u{b5}s" | "\u{3bc}s" => Some(6),
        "ms" => Some(9),
        "s" => Some(12),
        _ => None,
    }
}
