//! Times of a tachometer's edges from CSV.

use super::defect::{CsvDefect, CsvError, CsvFault};
use super::header::Kind;
use super::rows::Rows;
use std::io::Read;

/// More edges than an endurance run has: 24 h at 150 /s are 13 million.
const MOST: usize = 20_000_000;

/// Reads times of edges, in nanoseconds by the instrument's clock, from a column such as
/// `edge_s` or `time_us`.
///
/// # Errors
/// [`CsvError`]; edges that do not rise are left to [`rig_measure::tachometer_rate`], which says
/// where an edge is missing or double, but for times that go back.
pub fn read_edges<R: Read>(source: R) -> Result<Vec<i64>, CsvError> {
    let mut rows = Rows::new(source, Kind::Edges, None)?;
    let column = rows.header.index();
    let mut edges: Vec<i64> = Vec::new();
    while let Some(row) = rows.next()? {
        // The text is exact to the picosecond; a tachometer's clock is not.
        let edge = row.index.div_euclid(1000);
        if let Some(before) = edges.last().filter(|it| **it >= edge) {
            let fault = CsvFault::Unsorted {
                before: format!("{before} ns"),
                found: format!("{edge} ns"),
            };
            rows.complain(row.line, column, fault);
            continue;
        }
        edges.push(edge);
        if edges.len() > MOST {
            let fault = CsvFault::TooLarge(format!("{} edges", edges.len()));
            rows.complain(row.line, None, fault);
            break;
        }
    }
    if !rows.defects.is_empty() {
        return Err(CsvError::Defects(rows.defects));
    }
    if edges.is_empty() {
        return Err(CsvError::Defects(vec![CsvDefect {
            line: 0,
            column: None,
            fault: CsvFault::NoSamples,
        }]));
    }
    Ok(edges)
}
