//! What a corpus reaches, as a table beside its files: every item by name, and who reaches it.

use crate::coverage::{Coverage, Item};
use crate::profile::Ranges;
use std::collections::BTreeMap;

const HEADER: &str = "group,item,files,alone";

/// What one item is in a corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorpusRow {
    /// States, transitions and so on.
    pub group: String,
    /// Its name.
    pub item: String,
    /// How many files reach it.
    pub files: u64,
    /// The file that reaches it alone, if one does.
    pub alone: Option<String>,
}

/// What a corpus reaches, as its table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorpusSummary {
    /// A row for each item that there is to reach, in order.
    pub rows: Vec<CorpusRow>,
}

/// A table that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorpusSummaryError {
    /// Other columns.
    #[error("line 1: the columns are `{HEADER}`")]
    Header,
    /// A line with too few or too many cells, or a count that is none.
    #[error("line {line}: is no row of group, item, count of files and a file's name or nothing")]
    Row {
        /// Which, from one.
        line: usize,
    },
}

/// What a corpus reaches, of each file what it reaches; as CSV, with every item that there is to
/// reach.
#[must_use]
pub fn corpus_summary(files: &BTreeMap<String, Coverage>, ranges: &Ranges) -> String {
    let mut text = format!("{HEADER}\n");
    for item in Item::all(ranges) {
        let mut reached_by = files.iter().filter(|(_, it)| it.times(&item) > 0);
        let (first, others) = (reached_by.next(), reached_by.count());
        let (n, alone) = match first {
            None => (0, ""),
            Some((name, _)) if others == 0 => (1, name.as_str()),
            Some(_) => (others + 1, ""),
        };
        text.push_str(&format!("{},{item},{n},{alone}\n", item.group_name()));
    }
    text
}

impl CorpusSummary {
    /// Reads the table.
    ///
    /// # Errors
    /// [`CorpusSummaryError`]: the first line that is not of it.
    pub fn read(text: &str) -> Result<Self, CorpusSummaryError> {
        let mut lines = text.lines().enumerate();
        if lines.next().is_none_or(|(_, header)| header != HEADER) {
            return Err(CorpusSummaryError::Header);
        }
        let row = |(place, line): (usize, &str)| {
            let error = CorpusSummaryError::Row { line: place + 1 };
            let cells: Vec<&str> = line.split(',').collect();
            let [group, item, files, alone] = cells[..] else {
                return Err(error);
            };
            let alone = (!alone.is_empty()).then(|| alone.to_owned());
            let files = files.parse().map_err(|_| error)?;
            Ok(CorpusRow {
                group: group.to_owned(),
                item: item.to_owned(),
                files,
                alone,
            })
        };
        let rows = lines.map(row).collect::<Result<_, _>>()?;
        Ok(Self { rows })
    }

    /// What stands here as reached and was not, in order.
    #[must_use]
    pub fn lost(&self, reached: &Coverage) -> Vec<&CorpusRow> {
        let names: Vec<(&str, String)> = reached
            .items()
            .map(|it| (it.group_name(), it.to_string()))
            .collect();
        let is_reached = |row: &CorpusRow| {
            names
                .iter()
                .any(|(group, item)| *group == row.group && *item == row.item)
        };
        let said = self.rows.iter().filter(|it| it.files > 0);
        said.filter(|it| !is_reached(it)).collect()
    }
}
