//! A CSV table: RFC 4180 quoting, UTF-8, header row, line feeds, END row.
//!
//! Lines end with a line feed alone, which every reader of RFC 4180 takes and which keeps
//! line-based tools usable. The last line is `END`, the number of rows between header and END, and
//! the SHA-256 of all bytes before it, then empty cells up to the width of the table.
//!
//! A table is written as it is made, a row at a time: a lot's results are larger than its record.

use crate::manifest::Listed;
use std::borrow::Cow;
use std::io::{self, Write};

/// A table being written. Cells come with their columns, so that none can slip into another's place.
pub(crate) struct Table<W: Write> {
    columns: &'static [&'static str],
    writer: csv::Writer<Listed<W>>,
    n_rows: usize,
    // Set once the writer failed; nothing is written after that.
    failed: Option<io::Error>,
}

impl<W: Write> Table<W> {
    pub(crate) fn new(to: W, columns: &'static [&'static str]) -> Self {
        let writer = csv::WriterBuilder::new()
            .flexible(false)
            .from_writer(Listed::new(to));
        let mut table = Self {
            columns,
            writer,
            n_rows: 0,
            failed: None,
        };
        table.write(columns.iter());
        table
    }

    /// Adds a row; its cells must be those of the columns, in order.
    pub(crate) fn push<C: AsRef<str>>(&mut self, cells: &[(&'static str, C)]) {
        let in_order = cells.len() == self.columns.len()
            && cells
                .iter()
                .zip(self.columns)
                .all(|((name, _), column)| name == column);
        assert!(
            in_order,
            "cells of a row stand in the order of the table's columns"
        );
        self.write(cells.iter().map(|(_, cell)| cell.as_ref()));
        self.n_rows += 1;
    }

    /// Adds a row of which some cells are the same in many rows, in the order of the columns with
    /// nothing in the places of the others; these must be those of the columns left, in order.
    pub(crate) fn push_between(
        &mut self,
        fixed: &[Option<String>],
        cells: &[(&'static str, Cow<'_, str>)],
    ) {
        assert!(
            fills_the_gaps(self.columns, fixed, cells),
            "cells of a row stand in the order of the table's columns"
        );
        let mut cells = cells.iter().map(|(_, cell)| &**cell);
        self.write(fixed.iter().map(|fixed| match fixed {
            Some(cell) => cell.as_str(),
            None => cells.next().unwrap_or_default(),
        }));
        self.n_rows += 1;
    }

    fn write<C: AsRef<[u8]>>(&mut self, cells: impl Iterator<Item = C>) {
        if self.failed.is_none() {
            self.failed = self.writer.write_record(cells).err().map(io_error);
        }
    }

    /// Writes the END row.
    ///
    /// # Errors
    /// The first that writing met, whichever row it was at.
    pub(crate) fn finish(self) -> io::Result<W> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let listed = self
            .writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        let (mut to, body) = listed.finish("");
        let empty = ",".repeat(self.columns.len().saturating_sub(3));
        writeln!(to, "END,{},{}{empty}", self.n_rows, body.sha256)?;
        Ok(to)
    }
}

impl Table<Vec<u8>> {
    /// A table in memory.
    pub(crate) fn in_memory(columns: &'static [&'static str]) -> Self {
        Self::new(Vec::new(), columns)
    }

    /// Its whole text.
    pub(crate) fn text(self) -> String {
        let bytes = self.finish().expect("writing to memory does not fail");
        String::from_utf8(bytes).expect("cells are UTF-8")
    }
}

/// Whether cells are those of the columns that fixed cells leave, in order.
fn fills_the_gaps(
    columns: &[&str],
    fixed: &[Option<String>],
    cells: &[(&'static str, Cow<'_, str>)],
) -> bool {
    let left = || fixed.iter().zip(columns).filter(|it| it.0.is_none());
    fixed.len() == columns.len()
        && left().count() == cells.len()
        && cells.iter().zip(left()).all(|((name, _), it)| name == it.1)
}

/// The writer's own error, where it is one.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[&str] = &["a", "b", "c", "d"];

    /// A disk that takes so many bytes and no more.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let fits = bytes.len().min(self.0);
            self.0 -= fits;
            if fits == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(fits)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn fill<W: Write>(to: W, rows: usize) -> io::Result<W> {
        let mut table = Table::new(to, COLUMNS);
        let fixed = [Some("1".to_owned()), None, Some("x,y".to_owned()), None];
        for _ in 0..rows {
            table.push_between(&fixed, &[("b", "2".into()), ("d", "".into())]);
            let cells = [("a", "1"), ("b", "2"), ("c", "x,y"), ("d", "")];
            table.push(&cells);
        }
        table.finish()
    }

    #[test]
    fn a_row_with_fixed_cells_is_the_same_row_and_end_counts_and_hashes_all_of_them() {
        let text = String::from_utf8(fill(Vec::new(), 1).unwrap()).unwrap();
        let body = "a,b,c,d\n1,2,\"x,y\",\n1,2,\"x,y\",\n";
        assert_eq!(
            text,
            format!("{body}END,2,{},\n", rig_spec::sha256(body.as_bytes()))
        );
    }

    #[test]
    fn a_disk_that_fills_up_at_any_byte_is_an_error_and_never_a_short_table() {
        let whole = fill(Vec::new(), 2_000).unwrap().len();
        assert!(fill(Full(whole), 2_000).is_ok());
        for room in [0, 1, 8, 9_000, whole - 80, whole - 1] {
            let error = fill(Full(room), 2_000).map(|_| ()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "room for {room}");
        }
    }

    #[test]
    fn a_cell_in_the_place_of_another_is_no_row() {
        let fixed = [Some(String::new()), None, None, None];
        let fills = |names: &[&'static str]| {
            let cells: Vec<_> = names.iter().map(|it| (*it, Cow::Borrowed(""))).collect();
            fills_the_gaps(COLUMNS, &fixed, &cells)
        };
        assert!(fills(&["b", "c", "d"]));
        assert!(!fills(&["b", "d", "c"]) && !fills(&["b", "c"]) && !fills(&["a", "b", "c", "d"]));
    }
}
