//! What an expanded uncertainty is made of, as integers of the record.

use crate::SharedText;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// One line of the uncertainty budget behind a measured value (JCGM 100:2008, clause 8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetLine<'b> {
    /// What contributes.
    #[serde(borrow)]
    pub name: Cow<'b, str>,
    /// Shape of what is known about it, such as `normal` or `rectangular`.
    #[serde(borrow)]
    pub distribution: Cow<'b, str>,
    /// Its standard uncertainty times its sensitivity, in thousandths of the record unit.
    pub contribution: u64,
    /// Its degrees of freedom in tenths; none for infinite.
    pub dof_tenths: Option<u64>,
}

/// The lines of an uncertainty budget, in order; empty for what is counted.
///
/// A lot has one of each value: what the lines are called is kept apart from their figures, so
/// that budgets alike in it share it (see [`crate::Pool`]).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Budget {
    // Invariant: of each line name and distribution, each behind its length in bytes and a colon,
    // and whether it has degrees of freedom; as many as there are figures, and nothing where there
    // are none.
    pub(crate) names: Option<SharedText>,
    figures: Box<[Figures]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Figures {
    contribution: u64,
    // Zero where the line has infinitely many.
    dof_tenths: u64,
}

/// What stands behind a line's texts if it has degrees of freedom, and if they are infinite.
const FINITE: &str = "1:f";
const INFINITE: &str = "1:i";

impl Budget {
    /// Its lines.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = BudgetLine<'_>> + Clone {
        let mut left = self.names.as_deref().unwrap_or_default();
        self.figures.iter().map(move |it| BudgetLine {
            name: Cow::Borrowed(part(&mut left)),
            distribution: Cow::Borrowed(part(&mut left)),
            contribution: it.contribution,
            dof_tenths: (part(&mut left) == "f").then_some(it.dof_tenths),
        })
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.figures.is_empty()
    }
}

/// The next text behind its length, taken off.
fn part<'t>(left: &mut &'t str) -> &'t str {
    let next = left.split_once(':').and_then(|(length, rest)| {
        let text = rest.get(..length.parse().ok()?)?;
        *left = rest.get(text.len()..)?;
        Some(text)
    });
    next.unwrap_or_default()
}

/// A budget while its lines come in.
#[derive(Default)]
struct Growing {
    names: String,
    figures: Vec<Figures>,
}

impl Growing {
    fn push(&mut self, line: &BudgetLine<'_>) {
        for text in [&line.name, &line.distribution] {
            // Writing to a text does not fail.
            let _ = write!(self.names, "{}:{text}", text.len());
        }
        self.names.push_str(match line.dof_tenths {
            Some(_) => FINITE,
            None => INFINITE,
        });
        self.figures.push(Figures {
            contribution: line.contribution,
            dof_tenths: line.dof_tenths.unwrap_or(0),
        });
    }

    fn finish(self) -> Budget {
        Budget {
            names: (!self.figures.is_empty()).then(|| self.names.into()),
            figures: self.figures.into(),
        }
    }
}

impl<'b> FromIterator<BudgetLine<'b>> for Budget {
    fn from_iter<T: IntoIterator<Item = BudgetLine<'b>>>(lines: T) -> Self {
        let mut budget = Growing::default();
        for line in lines {
            budget.push(&line);
        }
        budget.finish()
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Budget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Budget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Budget;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the lines of a budget")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut lines: A) -> Result<Budget, A::Error> {
                let mut budget = Growing::default();
                while let Some(line) = lines.next_element::<BudgetLine<'de>>()? {
                    budget.push(&line);
                }
                Ok(budget.finish())
            }
        }
        deserializer.deserialize_seq(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_as_they_went_in_whatever_they_hold() {
        let line = |dof_tenths| BudgetLine {
            name: "scatter".into(),
            distribution: "type A".into(),
            contribution: u64::MAX,
            dof_tenths,
        };
        let mut lines = [line(None), line(Some(0)), line(Some(u64::MAX)), line(None)];
        // Whatever they are called, even as the form that they are kept in.
        lines[1].name = "7:scatter".into();
        lines[2].distribution = "".into();
        lines[3].name = "ä:\n".into();
        let budget: Budget = lines.iter().cloned().collect();
        assert_eq!(budget.iter().collect::<Vec<_>>(), lines);
        assert!(Budget::default().is_empty() && !budget.is_empty());
    }
}
