//! One row of a limit table.

use crate::{Expectation, Pool, Rule, Setting, SharedText, Tolerance, Unit};
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;

/// Name of a row, such as `DEP-09-D2`: capital letters, a hyphen, two digits, then letters, digits
/// and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "SharedText", into = "SharedText")]
pub struct RowId {
    // Invariant: of the form above.
    text: SharedText,
}

impl RowId {
    /// Reads an `id` cell.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_row_id(text).then(|| Self { text: text.into() })
    }

    /// Keeps its text once with all that are alike.
    pub fn share(&mut self, pool: &mut Pool) {
        pool.share(&mut self.text);
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The family and number, `("DEP", 9)` of `DEP-09-D2`; ranges of the hazard table go by them.
    #[must_use]
    pub fn family_and_number(&self) -> (&str, u32) {
        // Two digits stand behind the first hyphen.
        split_family(&self.text).unwrap_or((&self.text, 0))
    }
}

fn is_row_id(text: &str) -> bool {
    let Some((family, rest)) = text.split_once('-') else {
        return false;
    };
    let family_is_letters = !family.is_empty() && family.bytes().all(|it| it.is_ascii_uppercase());
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let tail_is_plain = rest
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || it == b'-');
    family_is_letters && digits == 2 && tail_is_plain
}

/// Family and number of `DEP-09-D2`, or of the end of a range such as `DEP-00`.
pub(crate) fn split_family(text: &str) -> Option<(&str, u32)> {
    let (family, rest) = text.split_once('-')?;
    Some((family, rest.get(..2)?.parse().ok()?))
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<RowId> for String {
    fn from(id: RowId) -> Self {
        id.text.into()
    }
}

impl From<RowId> for SharedText {
    fn from(id: RowId) -> Self {
        id.text
    }
}

impl TryFrom<SharedText> for RowId {
    type Error = String;

    fn try_from(text: SharedText) -> Result<Self, Self::Error> {
        if is_row_id(&text) {
            Ok(Self { text })
        } else {
            Err(format!("`{text}` is no name of a row"))
        }
    }
}

impl Borrow<str> for RowId {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl PartialEq<str> for RowId {
    fn eq(&self, other: &str) -> bool {
        *self.text == *other
    }
}

/// The limit table that a row stands in: what is sampled decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableName {
    /// Every pen of a lot.
    Unit,
    /// An image on a hardware revision.
    Design,
    /// Cartridges.
    Cartridge,
    /// Reported, never judged.
    Characterisation,
    /// The rig itself.
    Rig,
}

impl TableName {
    /// Every limit table, in the order of reports.
    pub const ALL: [Self; 5] = [
        Self::Unit,
        Self::Design,
        Self::Cartridge,
        Self::Characterisation,
        Self::Rig,
    ];

    /// Name of the file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Unit => "unit.csv",
            Self::Design => "design.csv",
            Self::Cartridge => "cartridge.csv",
            Self::Characterisation => "characterisation.csv",
            Self::Rig => "rig.csv",
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file_name().trim_end_matches(".csv"))
    }
}

/// A source of evidence that a row names in column `instrument`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RowInstrument {
    /// The displacement gauge.
    Gauge,
    /// The tachometer.
    Tachometer,
    /// The current probe on the motor lead.
    CurrentProbe,
    /// The force sensor in the way of the axial load, which does not trust what applies it.
    Force,
    /// Thermometers at nose and ambient.
    Thermometers,
    /// The bench clock.
    Clock,
    /// Replies of the pen over the link.
    Link,
    /// Telemetry of the pen.
    Telemetry,
    /// Everything the bench has.
    All,
    /// The uncertainty budget.
    Budget,
    /// A study of the rig.
    Study,
    /// Evidence from outside the rig.
    External,
}

impl RowInstrument {
    /// Every source.
    pub const ALL: [Self; 12] = [
        Self::Gauge,
        Self::Tachometer,
        Self::CurrentProbe,
        Self::Force,
        Self::Thermometers,
        Self::Clock,
        Self::Link,
        Self::Telemetry,
        Self::All,
        Self::Budget,
        Self::Study,
        Self::External,
    ];

    /// Reads one name of an `instrument` cell.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == text)
    }

    /// The word that stands in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Tachometer => "tachometer",
            Self::CurrentProbe => "current probe",
            Self::Force => "force",
            Self::Thermometers => "thermometers",
            Self::Clock => "clock",
            Self::Link => "link",
            Self::Telemetry => "telemetry",
            Self::All => "all",
            Self::Budget => "budget",
            Self::Study => "study",
            Self::External => "external",
        }
    }
}

impl fmt::Display for RowInstrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a row says of the load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowLoad {
    /// Nothing.
    NotStated,
    /// Name of a load in `loads.csv`.
    Named(String),
    /// `all of the run`: whatever load the other rows of the run ask for.
    AllOfTheRun,
    /// Words, since the evidence comes from outside the rig.
    External(String),
}

/// One row of a limit table: what is measured, under which condition, against which limits, by
/// which rule, and where condition and limit come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub id: RowId,
    /// Its revision.
    pub rev: String,
    /// The quantity we intend to measure.
    pub measurand: String,
    /// How many indications become one value.
    pub statistic: String,
    /// Depth setpoint. Whole micrometres.
    pub depth: Setting<Micrometers>,
    /// Rate setpoint. The table writes strokes/s with a few decimals and the pen takes whole
    /// strokes/min: the whole number of strokes/min that reads as the cell when rounded to its
    /// decimals, so `116.667` is 7,000 /min; a cell that no whole number fits is a defect.
    pub rate: Setting<StrokesPerMinute>,
    /// Load on needles or shaft.
    pub load: RowLoad,
    /// Supply of the pen, in words.
    pub supply: Option<String>,
    /// Cartridge, in words.
    pub cartridge: Option<String>,
    /// What is done to the pen, in words.
    pub stimulus: Option<String>,
    /// Event that begins the interval, in words.
    pub from_event: Option<String>,
    /// Event that ends the interval, in words.
    pub to_event: Option<String>,
    /// Length of the window.
    pub window: Setting<Nanoseconds>,
    /// Strokes, repeats or differences wanted at least.
    pub n: Option<u32>,
    /// The value aimed at, record units of `unit`.
    pub target: Option<i64>,
    /// Tolerance limits, where there are numeric ones.
    pub tolerance: Option<Tolerance>,
    /// What is expected in words.
    pub expected: Option<Expectation>,
    /// Unit of target, limits, `max_u` and value; none where only words are expected.
    pub unit: Option<Unit>,
    /// The decision rule.
    pub rule: Rule,
    /// Largest expanded uncertainty that may carry a pass, record units of `unit`.
    pub max_u: Option<u64>,
    /// Where the evidence comes from.
    pub instruments: Vec<RowInstrument>,
    /// The hazard that the row answers to.
    pub hazard: Option<String>,
    /// Where the condition comes from, such as `published`.
    pub basis_condition: String,
    /// Where the limit comes from, such as `proposed`.
    pub basis_limit: String,
    /// The source itself.
    pub source: String,
    /// The cells of the line as written, in the order of the columns.
    pub cells: Vec<String>,
    /// The table it stands in.
    pub table: TableName,
    /// Its line there, the header being line 1.
    pub line: u64,
}

/// What a `statistic` cell says whose `n` the units of a lot share.
const ONCE_AN_IMAGE: &str = "once an image";

impl Row {
    /// The cell of a column as written.
    ///
    /// # Panics
    /// If the table has no such column; columns are named in code only.
    #[must_use]
    pub fn cell(&self, column: &str) -> &str {
        let idx = crate::columns::ROW_COLUMNS
            .iter()
            .position(|it| *it == column);
        &self.cells[idx.expect("a column of the limit tables")]
    }

    /// Whether its `n` is that of an image: the units of a lot share it, and no unit has all of it.
    #[must_use]
    pub fn is_once_an_image(&self) -> bool {
        self.statistic.contains(ONCE_AN_IMAGE)
    }

    /// How many strokes, repeats or differences one unit's evidence must rest on at least; of an `n`
    /// that units share, one.
    #[must_use]
    pub fn n_of_unit(&self) -> Option<u64> {
        let n = self.n.map(u64::from);
        if self.is_once_an_image() {
            n.map(|it| it.min(1))
        } else {
            n
        }
    }

    /// Whether the evidence comes from outside the rig.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.instruments.contains(&RowInstrument::External)
    }

    /// Whether its limit is a proposal and not taken from a published source.
    #[must_use]
    pub fn limit_is_proposed(&self) -> bool {
        self.basis_limit.contains("proposed")
    }
}
