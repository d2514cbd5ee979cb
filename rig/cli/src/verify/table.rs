//! Tables: their END rows, and whether they are what the journal gives.

use super::chain::sha256;
use super::finding::{Kind, Place, Report};
use super::manifest::first_difference;

/// Holds a table's END row against the rows before it. Says nothing of what stands in them.
pub(crate) fn check_end(report: &mut Report, name: &str, bytes: &[u8]) {
    let Some(body) = bytes.strip_suffix(b"\n") else {
        let what = "does not end with a line feed: its end was cut off";
        report.find(Kind::Table, name, Place::default(), what);
        return;
    };
    let start = body
        .iter()
        .rposition(|it| *it == b'\n')
        .map_or(0, |it| it + 1);
    let lines = bytes.iter().filter(|it| **it == b'\n').count() as u64;
    let place = || Place::line(lines, start);
    let last = String::from_utf8_lossy(&body[start..]);
    let mut cells = last.trim_end_matches(',').split(',');
    let (end, count, hash) = (cells.next(), cells.next(), cells.next());
    if end != Some("END") || cells.next().is_some() {
        let what = "is the last line and no END row: the table's end was cut off";
        report.find(Kind::Table, name, place(), what);
        return;
    }
    let rows = rows_of(&bytes[..start]);
    let counted = rows.map(|it| it.to_string());
    if count != counted.as_deref() {
        let counted = counted.unwrap_or_else(|| "no readable".to_owned());
        report.find(
            Kind::Table,
            name,
            place(),
            format!(
                "the END row counts {} rows, there are {counted}",
                count.unwrap_or("no")
            ),
        );
    }
    let found = sha256(&bytes[..start]);
    if hash != Some(found.as_str()) {
        report.find(
            Kind::Table,
            name,
            place(),
            format!(
                "the END row has SHA-256 {}, what stands before it has {found}",
                hash.unwrap_or("none")
            ),
        );
    }
}

/// Rows below the header; none if a row is no CSV, or of another width.
fn rows_of(bytes: &[u8]) -> Option<usize> {
    let mut count = 0;
    for record in csv::Reader::from_reader(bytes).records() {
        record.ok()?;
        count += 1;
    }
    Some(count)
}

/// Holds a table against what the journal gives, and names the first cell that differs.
pub(crate) fn check_against(report: &mut Report, name: &str, found: &[u8], expected: &str) {
    let Some((line, byte)) = first_difference(found, expected.as_bytes()) else {
        return;
    };
    let mut place = Place::line(line, byte);
    let what = match cell_at(found, expected.as_bytes(), line) {
        Some(cell) => {
            let what = format!(
                "holds `{}`, the journal and the spec give `{}`",
                cell.found, cell.expected
            );
            place.column = Some(cell.column);
            place.unit = cell.unit;
            place.row = cell.row;
            what
        }
        None => "is not what the journal and the spec give".to_owned(),
    };
    report.find(Kind::Table, name, place, what);
}

struct Cell {
    column: String,
    unit: Option<String>,
    row: Option<String>,
    found: String,
    expected: String,
}

/// The first cell that differs on a line.
fn cell_at(found: &[u8], expected: &[u8], line: u64) -> Option<Cell> {
    let record_at = |bytes: &[u8]| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let mut header = None;
        let mut last = None;
        for record in reader.records() {
            let record = record.ok()?;
            let starts = record.position()?.line();
            if header.is_none() {
                header = Some(record.clone());
            }
            if starts > line {
                break;
            }
            last = Some(record);
        }
        Some((header?, last?))
    };
    let (header, expected) = record_at(expected)?;
    let (_, found) = record_at(found)?;
    let at = (0..expected.len().max(found.len())).find(|it| found.get(*it) != expected.get(*it))?;
    let of = |column: &str| {
        let at = header.iter().position(|it| it == column)?;
        Some(expected.get(at)?.to_owned()).filter(|_| expected.get(0) != Some("END"))
    };
    Some(Cell {
        column: header.get(at)?.to_owned(),
        unit: of("unit"),
        row: of("row"),
        found: found.get(at).unwrap_or_default().to_owned(),
        expected: expected.get(at).unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&str]) -> String {
        let mut text = String::from("unit,row,verdict,note\n");
        for row in rows {
            text.push_str(row);
            text.push('\n');
        }
        let hash = sha256(text.as_bytes());
        text.push_str(&format!("END,{},{hash},\n", rows.len()));
        text
    }

    fn found(check: impl FnOnce(&mut Report)) -> Vec<String> {
        let mut report = Report::new(String::new());
        check(&mut report);
        report.findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_end_row_counts_and_hashes_what_stands_before_it() {
        let sound = table(&["A,DEP-04,pass,\"two\nlines\"", "B,DEP-04,fail,"]);
        let end = |text: &str| found(|it| check_end(it, "t.csv", text.as_bytes()));
        assert_eq!(end(&sound), Vec::<String>::new());
        let changed = end(&sound.replace("fail", "pass"));
        assert!(changed[0].contains("t.csv line 5, byte "), "{changed:?}");
        let short = end(&sound.replace("B,DEP-04,fail,\n", ""));
        assert_eq!(short.len(), 2, "{short:?}");
        let cut = &sound[..sound.find("END").unwrap()];
        assert!(end(cut)[0].contains("cut off"));
        assert!(end(&sound[..sound.len() - 1])[0].contains("cut off"));
        assert!(end("")[0].contains("cut off"));
        assert!(!end(&sound.replace("END,2", "END,3")).is_empty());
    }

    #[test]
    fn the_cell_that_differs_is_named_with_its_unit_and_row() {
        let expected = table(&["A,DEP-04,pass,\"two\nlines\"", "B,DEP-05,fail,"]);
        let better = table(&["A,DEP-04,pass,\"two\nlines\"", "B,DEP-05,pass,"]);
        let against =
            |text: &str| found(|it| check_against(it, "t.csv", text.as_bytes(), &expected));
        assert_eq!(against(&expected), Vec::<String>::new());
        assert_eq!(
            against(&better),
            [
                "t.csv line 4, byte 57, column verdict, unit B, row DEP-05: holds `pass`, the journal and the spec give `fail`"
            ]
        );
        assert_eq!(against("").len(), 1);
        assert_eq!(against(&expected[..30]).len(), 1);
    }
}
