//! `coverage.csv`: what the command sequences of a run reached, over all its units.

use crate::table::Table;
use rig_record::RunHeader;
use std::collections::BTreeMap;

pub(crate) const COLUMNS: &[&str] = &["bench", "lot", "group", "item", "times"];

/// Of several lists of group, item and times, one list with the sums; groups and items stand in the
/// order in which they first come.
fn summed(lists: &[Vec<(String, String, u64)>]) -> Vec<(&str, &str, u64)> {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut sums: Vec<(&str, &str, u64)> = Vec::new();
    for (group, item, times) in lists.iter().flatten() {
        let place = *places.entry((group, item)).or_insert(sums.len());
        match sums.get_mut(place) {
            Some(sum) => sum.2 = sum.2.saturating_add(*times),
            None => sums.push((group, item, *times)),
        }
    }
    sums
}

/// The table; nothing where no sequences were run.
#[must_use]
pub fn coverage_table(header: &RunHeader, lists: &[Vec<(String, String, u64)>]) -> Option<String> {
    let sums = summed(lists);
    if sums.is_empty() {
        return None;
    }
    let mut table = Table::in_memory(COLUMNS);
    for (group, item, times) in sums {
        table.push(&[
            ("bench", header.bench.kind.to_string()),
            ("lot", header.lot.clone()),
            ("group", group.to_owned()),
            ("item", item.to_owned()),
            ("times", times.to_string()),
        ]);
    }
    Some(table.text())
}

/// `states 9 of 9, transitions 18 of 25, ...`, for a line of the summary.
#[must_use]
pub fn coverage_line(lists: &[Vec<(String, String, u64)>]) -> Option<String> {
    let mut groups: Vec<(&str, usize, usize)> = Vec::new();
    for (group, _, times) in summed(lists) {
        let place = match groups.iter().position(|it| it.0 == group) {
            Some(place) => place,
            None => {
                groups.push((group, 0, 0));
                groups.len() - 1
            }
        };
        groups[place].1 += usize::from(times > 0);
        groups[place].2 += 1;
    }
    let words: Vec<String> = groups
        .iter()
        .map(|(group, reached, all)| format!("{group} {reached} of {all}"))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_units_reached_is_added_up_in_the_order_it_came() {
        let entry = |group: &str, item: &str, times| (group.to_owned(), item.to_owned(), times);
        let lists = [
            vec![entry("states", "Ready", 2), entry("states", "Faulted", 0)],
            vec![
                entry("states", "Ready", 3),
                entry("limits", "at 1.50 mm", 1),
            ],
        ];
        assert_eq!(
            summed(&lists),
            [
                ("states", "Ready", 5),
                ("states", "Faulted", 0),
                ("limits", "at 1.50 mm", 1)
            ]
        );
        assert_eq!(
            coverage_line(&lists).as_deref(),
            Some("states 1 of 2, limits 1 of 1")
        );
        assert_eq!(coverage_line(&[]), None);
    }
}
