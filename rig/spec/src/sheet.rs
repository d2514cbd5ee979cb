//! CSV text as lines of named cells, with every defect of form reported.

use crate::columns::OPTIONAL_COLUMNS;
use crate::{Decimal, Defect, DefectKind};

/// One line of a table whose columns are all there, but for those that may be left out.
pub(crate) struct Line<'a> {
    file: &'a str,
    columns: &'static [&'static str],
    /// Line number, the header being 1.
    pub(crate) number: u64,
    /// Cells in the order of `columns`, without surrounding blanks.
    pub(crate) cells: Vec<String>,
}

/// Reads a table. Lines with a wrong number of cells are reported and left out; a table whose
/// header is defective has no lines.
pub(crate) fn read<'a>(
    file: &'a str,
    text: &str,
    columns: &'static [&'static str],
    defects: &mut Vec<Defect>,
) -> Vec<Line<'a>> {
    // Line numbers of the csv crate count line feeds, so both kinds of line end become one.
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n");
    let mut report = |line: u64, kind: DefectKind| {
        defects.push(Defect {
            file: file.to_owned(),
            line,
            column: None,
            kind,
        });
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let records: Vec<csv::StringRecord> = reader
        .records()
        .map(|it| it.expect("text in memory is readable UTF-8"))
        .collect();
    let lines = numbered(&text, &records);
    for (number, raw) in &lines {
        if raw.bytes().filter(|it| *it == b'"').count() % 2 == 1 {
            report(*number, DefectKind::UnclosedQuote);
        }
    }
    let Some(header) = records.first() else {
        report(0, DefectKind::EmptyTable);
        return Vec::new();
    };
    let mut header_is_whole = true;
    let header: Vec<&str> = header.iter().map(str::trim).collect();
    for (idx, name) in header.iter().enumerate() {
        if header[..idx].contains(name) {
            report(
                1,
                DefectKind::DuplicateColumn {
                    column: (*name).to_owned(),
                },
            );
            header_is_whole = false;
        } else if !columns.contains(name) {
            report(
                1,
                DefectKind::UnknownColumn {
                    column: (*name).to_owned(),
                },
            );
        }
    }
    for &column in columns {
        if !header.contains(&column) && !OPTIONAL_COLUMNS.contains(&column) {
            report(1, DefectKind::MissingColumn { column });
            header_is_whole = false;
        }
    }
    if !header_is_whole {
        return Vec::new();
    }
    if records.len() == 1 {
        report(0, DefectKind::EmptyTable);
    }
    let places: Vec<Option<usize>> = columns
        .iter()
        .map(|column| header.iter().position(|it| it == column))
        .collect();
    let mut whole = Vec::new();
    for (record, (number, _)) in records.iter().zip(&lines).skip(1) {
        if record.len() == header.len() {
            let cells = places
                .iter()
                .map(|place| place.map_or("", |it| record[it].trim()).to_owned())
                .collect();
            whole.push(Line {
                file,
                columns,
                number: *number,
                cells,
            });
        } else {
            report(
                *number,
                DefectKind::CellCount {
                    expected: header.len(),
                    found: record.len(),
                },
            );
        }
    }
    whole
}

/// Line number and raw text of each record. The reader skips blank lines and says where it began
/// to look, so blank lines before a record are counted here.
fn numbered<'t>(text: &'t str, records: &[csv::StringRecord]) -> Vec<(u64, &'t str)> {
    let starts: Vec<usize> = records
        .iter()
        .map(|it| it.position().expect("records of a reader have positions"))
        .map(|it| usize::try_from(it.byte()).expect("the text is in memory"))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let blank = text[start..end]
                .bytes()
                .take_while(|it| *it == b'\n')
                .count();
            let begin = start + blank;
            let number = 1 + text[..begin].bytes().filter(|it| *it == b'\n').count() as u64;
            (number, &text[begin..end])
        })
        .collect()
}

/// The cells of one line, read one by one with the defects going to a list.
pub(crate) struct Cells<'l, 'd> {
    line: &'l Line<'l>,
    defects: &'d mut Vec<Defect>,
}

impl<'l, 'd> Cells<'l, 'd> {
    pub(crate) fn new(line: &'l Line<'l>, defects: &'d mut Vec<Defect>) -> Self {
        Self { line, defects }
    }

    /// The cell of a column, empty if nothing stands there.
    pub(crate) fn text(&self, column: &str) -> &'l str {
        let idx = self.line.columns.iter().position(|it| *it == column);
        &self.line.cells[idx.expect("columns are named in code only")]
    }

    /// File and line.
    pub(crate) fn place(&self) -> (String, u64) {
        (self.line.file.to_owned(), self.line.number)
    }

    pub(crate) fn report(&mut self, column: &str, kind: DefectKind) {
        self.defects.push(Defect {
            file: self.line.file.to_owned(),
            line: self.line.number,
            column: Some(column.to_owned()),
            kind,
        });
    }

    pub(crate) fn report_line(&mut self, kind: DefectKind) {
        self.defects.push(Defect {
            file: self.line.file.to_owned(),
            line: self.line.number,
            column: None,
            kind,
        });
    }

    /// The cell, reported if empty.
    pub(crate) fn wanted(&mut self, column: &str) -> String {
        let text = self.text(column);
        if text.is_empty() {
            self.report(column, DefectKind::EmptyCell);
        }
        text.to_owned()
    }

    pub(crate) fn optional(&self, column: &str) -> Option<String> {
        Some(self.text(column))
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
    }

    /// A decimal number; nothing if the cell is empty or was reported.
    pub(crate) fn decimal(&mut self, column: &str) -> Option<Decimal> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        match Decimal::parse(text) {
            Ok(number) => Some(number),
            Err(cause) => {
                self.report(
                    column,
                    DefectKind::BadNumber {
                        cell: text.to_owned(),
                        cause,
                    },
                );
                None
            }
        }
    }

    /// A whole number in a range; nothing if the cell is empty or was reported.
    pub(crate) fn whole(&mut self, column: &str, least: u32, most: u32) -> Option<u32> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let plain = text.bytes().all(|it| it.is_ascii_digit());
        match text.parse::<u32>() {
            Ok(number) if plain && (least..=most).contains(&number) => Some(number),
            _ => {
                self.report(
                    column,
                    DefectKind::BadWhole {
                        cell: text.to_owned(),
                        least,
                        most,
                    },
                );
                None
            }
        }
    }

    /// A word of a closed list; an empty cell is reported too.
    pub(crate) fn word<T>(
        &mut self,
        column: &str,
        list: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.wanted(column);
        if text.is_empty() {
            return None;
        }
        let word = parse(&text);
        if word.is_none() {
            self.report(
                column,
                DefectKind::UnknownWord {
                    cell: text,
                    list: list.to_owned(),
                },
            );
        }
        word
    }
}
