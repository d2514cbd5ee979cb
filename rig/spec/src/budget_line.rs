//! What an expanded uncertainty is made of, as integers of the record.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One line of the uncertainty budget behind a measured value (JCGM 100:2008, clause 8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetLine {
    /// What contributes.
    pub name: Cow<'static, str>,
    /// Shape of what is known about it, such as `normal` or `rectangular`.
    pub distribution: Cow<'static, str>,
    /// Its standard uncertainty times its sensitivity, in thousandths of the record unit.
    pub contribution: u64,
    /// Its degrees of freedom in tenths; none for infinite.
    pub dof_tenths: Option<u64>,
}
