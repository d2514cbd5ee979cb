//! A CSV table as text: RFC 4180 quoting, UTF-8, header row, line feeds, END row.
//!
//! Lines end with a line feed alone, which every reader of RFC 4180 takes and which keeps
//! line-based tools usable. The last line is `END`, the number of rows between header and END, and
//! the SHA-256 of all bytes before it, then empty cells up to the width of the table.

/// Cell values with their columns, so that none can slip into another's place.
pub(crate) type Cells = Vec<(&'static str, String)>;

pub(crate) struct Table {
    columns: &'static [&'static str],
    writer: csv::Writer<Vec<u8>>,
    n_rows: usize,
}

impl Table {
    pub(crate) fn new(columns: &'static [&'static str]) -> Self {
        let mut writer = csv::WriterBuilder::new()
            .flexible(false)
            .from_writer(Vec::new());
        writer
            .write_record(columns)
            .expect("writing to memory does not fail");
        Self {
            columns,
            writer,
            n_rows: 0,
        }
    }

    /// Adds a row; its cells must be those of the columns, in order.
    pub(crate) fn push(&mut self, cells: &Cells) {
        let in_order = cells.len() == self.columns.len()
            && cells
                .iter()
                .zip(self.columns)
                .all(|((name, _), column)| name == column);
        assert!(
            in_order,
            "cells of a row stand in the order of the table's columns"
        );
        self.writer
            .write_record(cells.iter().map(|(_, cell)| cell))
            .expect("writing to memory does not fail");
        self.n_rows += 1;
    }

    pub(crate) fn finish(self) -> String {
        let bytes = self
            .writer
            .into_inner()
            .expect("writing to memory does not fail");
        let hash = rig_spec::sha256(&bytes);
        let mut text = String::from_utf8(bytes).expect("cells are UTF-8");
        let end = format!("END,{},{hash}", self.n_rows);
        text.push_str(&end);
        text.push_str(&",".repeat(self.columns.len().saturating_sub(3)));
        text.push('\n');
        text
    }
}

/// `yes` or `no`.
pub(crate) fn yes_no(holds: bool) -> String {
    if holds { "yes" } else { "no" }.to_owned()
}

/// Names apart by spaces.
pub(crate) fn join<T: ToString>(names: &[T]) -> String {
    names
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text of a value that may be missing.
pub(crate) fn or_empty<T: ToString>(value: Option<T>) -> String {
    value.map(|it| it.to_string()).unwrap_or_default()
}
