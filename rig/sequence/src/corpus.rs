//! A small set of sequences that reaches what many have reached.

use crate::coverage::{Coverage, Item};
use firmware_units::Microseconds;
use std::collections::BTreeSet;

/// Chooses, of many sequences, few that reach everything that all of them reach: each time the one
/// that adds most for its bench time (greedy set cover with costs: Chvátal 1979, within ln n of the
/// cheapest), the first of equals; then leaves out what the others reach too, the dearest first.
///
/// Gives the places of those chosen, in order. A cost of zero counts as 1 µs.
#[must_use]
pub fn choose(candidates: &[(Coverage, Microseconds)]) -> Vec<usize> {
    let mut reached: BTreeSet<&Item> = BTreeSet::new();
    let mut chosen: Vec<usize> = Vec::new();
    loop {
        let mut best: Option<(usize, u128, u128)> = None;
        for (place, (coverage, cost)) in candidates.iter().enumerate() {
            let adds = coverage.items().filter(|it| !reached.contains(it)).count() as u128;
            let cost = u128::from(cost.0.max(1));
            let better = best.is_none_or(|(_, most, least)| adds * least > most * cost);
            if adds > 0 && better {
                best = Some((place, adds, cost));
            }
        }
        let Some((place, ..)) = best else { break };
        reached.extend(candidates[place].0.items());
        chosen.push(place);
    }
    without_needless(candidates, chosen)
}

/// Leaves out what the others reach too.
fn without_needless(candidates: &[(Coverage, Microseconds)], mut chosen: Vec<usize>) -> Vec<usize> {
    let mut dearest_first = chosen.clone();
    dearest_first.sort_by_key(|place| (std::cmp::Reverse(candidates[*place].1), *place));
    for place in dearest_first {
        let others: BTreeSet<&Item> = chosen
            .iter()
            .filter(|it| **it != place)
            .flat_map(|it| candidates[*it].0.items())
            .collect();
        if candidates[place].0.items().all(|it| others.contains(it)) {
            chosen.retain(|it| *it != place);
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::tests::shown;
    use proptest::prelude::*;

    fn candidate(states: &[usize], seconds: u64) -> (Coverage, Microseconds) {
        (shown(states), Microseconds(seconds * 1_000_000))
    }

    #[test]
    fn what_adds_most_for_its_time_comes_first_and_what_is_needless_goes() {
        let candidates = [
            // The best for its time at first, and needless in the end.
            candidate(&[0, 1], 1),
            candidate(&[0, 2, 3], 4),
            candidate(&[1, 4], 4),
            // Nothing new.
            candidate(&[4], 1),
            candidate(&[], 1),
            // A dear copy.
            candidate(&[0, 2, 3], 5),
        ];
        // 0 adds 2/s, then 3 adds 1/s, then 1 adds 0.5/s: everything is reached.
        assert_eq!(choose(&candidates), [0, 1, 3]);
        assert_eq!(choose(&candidates[..3]), [1, 2]);
        assert_eq!(choose(&[]), [0; 0]);
        assert_eq!(choose(&[candidate(&[], 1)]), [0; 0]);
        assert_eq!(choose(&[candidate(&[1], 0), candidate(&[1], 0)]), [0]);
    }

    proptest! {
        #[test]
        fn everything_is_reached_and_nothing_chosen_is_needless(
            sets in prop::collection::vec((prop::collection::vec(0..9_usize, 0..5), 0..9_u64), 0..12),
        ) {
            let candidates: Vec<_> =
                sets.iter().map(|(states, seconds)| candidate(states, *seconds)).collect();
            let reached = |places: &[usize]| {
                let mut all = Coverage::default();
                places.iter().for_each(|it| all.add(&candidates[*it].0));
                all.items().cloned().collect::<Vec<_>>()
            };
            let chosen = choose(&candidates);
            let all: Vec<usize> = (0..candidates.len()).collect();
            prop_assert_eq!(reached(&chosen), reached(&all));
            for place in &chosen {
                let others: Vec<usize> =
                    chosen.iter().copied().filter(|it| it != place).collect();
                prop_assert_ne!(reached(&others), reached(&all));
            }
        }
    }
}
