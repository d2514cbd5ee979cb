//! Hazards, their controls, and the rows that show the controls.

use crate::row::split_family;
use crate::{DefectKind, RowId};

/// One line of `hazards.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hazard {
    /// Its name.
    pub id: String,
    /// The hazard.
    pub hazard: String,
    /// The harm it may do.
    pub harm: String,
    /// Controls in the pen.
    pub controls: String,
    /// Rows that show that the controls are there.
    pub implemented_by: Vec<RowId>,
    /// Rows that show that the controls work.
    pub effective_by: Vec<RowId>,
}

/// Reads a list of rows apart by spaces; `DEP-00 to DEP-09-D2` is every row of the family from the
/// one number to the other, whatever follows the number. `rows` are all rows in table order.
pub(crate) fn parse_row_list(cell: &str, rows: &[RowId]) -> (Vec<RowId>, Vec<DefectKind>) {
    let words: Vec<&str> = cell.split_whitespace().collect();
    let mut named = Vec::new();
    let mut defects = Vec::new();
    let mut idx = 0;
    while let Some(&from) = words.get(idx) {
        let before = named.len();
        if let (Some(&"to"), Some(&to)) = (words.get(idx + 1), words.get(idx + 2)) {
            if let (Some((family, first)), Some((other, last))) =
                (split_family(from), split_family(to))
                && family == other
            {
                named.extend(
                    rows.iter()
                        .filter(|row| {
                            let (row_family, number) = row.family_and_number();
                            row_family == family && (first..=last).contains(&number)
                        })
                        .cloned(),
                );
            }
            if named.len() == before {
                defects.push(DefectKind::EmptyRange {
                    from: from.to_owned(),
                    to: to.to_owned(),
                });
            }
            idx += 3;
        } else {
            match rows.iter().find(|row| row.as_str() == from) {
                Some(row) => named.push(row.clone()),
                None => defects.push(DefectKind::UnknownRow {
                    row: from.to_owned(),
                }),
            }
            idx += 1;
        }
    }
    (named, defects)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &[&str]) -> Vec<RowId> {
        list.iter().map(|it| RowId::parse(it).unwrap()).collect()
    }

    #[test]
    fn a_range_covers_every_row_of_the_family_by_number() {
        let rows = ids(&[
            "DEP-00a",
            "DEP-00b",
            "DEP-01",
            "DEP-09-U",
            "DEP-10",
            "RAT-01",
            "DEP-09-D2",
            "DEP-11",
        ]);
        let (named, defects) = parse_row_list("DEP-00 to DEP-09-D2 DEP-11", &rows);
        assert_eq!(
            named,
            ids(&[
                "DEP-00a",
                "DEP-00b",
                "DEP-01",
                "DEP-09-U",
                "DEP-09-D2",
                "DEP-11"
            ])
        );
        assert_eq!(defects, []);
    }

    #[test]
    fn a_name_that_is_no_row_and_a_range_without_rows_are_defects() {
        let rows = ids(&["DEP-01"]);
        let (named, defects) = parse_row_list("DEP-02 RAT-01 to RAT-09 DEP-01 to RAT-01", &rows);
        assert!(named.is_empty());
        let texts: Vec<String> = defects.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "no row `DEP-02` in any table",
                "no row between `RAT-01` and `RAT-09`",
                "no row between `DEP-01` and `RAT-01`"
            ]
        );
    }
}
