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
    choose_within(candidates, &Coverage::default(), Microseconds(u64::MAX))
}

/// Chooses as [`choose`] does, to reach what is not reached without them, and no more than fit into
/// a bench time: each time the one that adds most for its time, of those that still fit.
///
/// The single sequence that adds most, if it fits and adds more than all of these, is chosen instead
/// (Khuller, Moss and Naor 1999: at least 0.316 of what the best choice reaches).
#[must_use]
pub fn choose_within(
    candidates: &[(Coverage, Microseconds)],
    reached: &Coverage,
    limit: Microseconds,
) -> Vec<usize> {
    let choice = Choice {
        candidates,
        reached: reached.items().collect(),
        limit: limit.0.into(),
    };
    let mut chosen = Vec::new();
    loop {
        let more = choice.more(&mut chosen);
        choice.leave_out_needless(&mut chosen);
        // What was left out may have made room.
        if !more {
            break;
        }
    }
    if let Some(single) = choice.best_single()
        && choice.adds(&[single]) > choice.adds(&chosen)
    {
        chosen = vec![single];
    }
    chosen.sort_unstable();
    chosen
}

struct Choice<'a> {
    candidates: &'a [(Coverage, Microseconds)],
    /// Without any of them.
    reached: BTreeSet<&'a Item>,
    /// Bench time that there is, µs.
    limit: u128,
}

impl<'a> Choice<'a> {
    fn cost(&self, place: usize) -> u128 {
        u128::from(self.candidates[place].1.0.max(1))
    }

    fn reached_by(&self, chosen: impl IntoIterator<Item = usize>) -> BTreeSet<&'a Item> {
        let mut reached = self.reached.clone();
        reached.extend(
            chosen
                .into_iter()
                .flat_map(|it| self.candidates[it].0.items()),
        );
        reached
    }

    fn adds(&self, chosen: &[usize]) -> usize {
        self.reached_by(chosen.iter().copied()).len() - self.reached.len()
    }

    /// Goes on choosing; whether there was anything to add.
    fn more(&self, chosen: &mut Vec<usize>) -> bool {
        let mut reached = self.reached_by(chosen.iter().copied());
        let spent: u128 = chosen.iter().map(|it| self.cost(*it)).sum();
        let (n_before, mut left) = (chosen.len(), self.limit.saturating_sub(spent));
        loop {
            let mut best: Option<(usize, u128, u128)> = None;
            for (place, (coverage, _)) in self.candidates.iter().enumerate() {
                let adds = coverage.items().filter(|it| !reached.contains(it)).count() as u128;
                let cost = self.cost(place);
                let better = best.is_none_or(|(_, most, least)| adds * least > most * cost);
                if adds > 0 && cost <= left && better {
                    best = Some((place, adds, cost));
                }
            }
            let Some((place, _, cost)) = best else { break };
            reached.extend(self.candidates[place].0.items());
            chosen.push(place);
            left -= cost;
        }
        chosen.len() > n_before
    }

    /// Leaves out what the others reach too, the dearest first.
    fn leave_out_needless(&self, chosen: &mut Vec<usize>) {
        let mut dearest_first = chosen.clone();
        dearest_first.sort_by_key(|place| (std::cmp::Reverse(self.cost(*place)), *place));
        for place in dearest_first {
            let others = self.reached_by(chosen.iter().copied().filter(|it| *it != place));
            if self.candidates[place]
                .0
                .items()
                .all(|it| others.contains(it))
            {
                chosen.retain(|it| *it != place);
            }
        }
    }

    /// The one that adds most by itself, of those that fit; the first of equals.
    fn best_single(&self) -> Option<usize> {
        (0..self.candidates.len())
            .filter(|it| self.cost(*it) <= self.limit)
            .max_by_key(|it| (self.adds(&[*it]), std::cmp::Reverse(*it)))
    }
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

    #[test]
    fn what_does_not_fit_is_left_and_what_is_reached_anyway_is_not_asked_for() {
        let within = |candidates: &[(Coverage, Microseconds)], reached: &[usize], seconds: u64| {
            let limit = Microseconds(seconds * 1_000_000);
            choose_within(candidates, &shown(reached), limit)
        };
        let candidates = [
            candidate(&[0, 1], 1),
            candidate(&[0, 2, 3], 4),
            candidate(&[1, 4], 4),
        ];
        assert_eq!(within(&candidates, &[], 9), [1, 2]);
        // Once 0 and 1 are chosen, 2 does not fit any more.
        assert_eq!(within(&candidates, &[], 8), [0, 1]);
        assert_eq!(within(&candidates, &[], 4), [1]);
        assert_eq!(within(&candidates, &[], 0), [0; 0]);
        assert_eq!(within(&candidates, &[0, 1, 2, 3], 7), [2]);
        assert_eq!(within(&candidates, &[0, 1, 2, 3, 4], 7), [0; 0]);
        // The best for its time leaves no room for the one that reaches nearly everything.
        let dear = [candidate(&[0], 1), candidate(&[1, 2, 3, 4], 10)];
        assert_eq!(within(&dear, &[], 10), [1]);
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

        #[test]
        fn nothing_that_still_fits_and_adds_is_left_out(
            sets in prop::collection::vec((prop::collection::vec(0..9_usize, 0..5), 1..9_u64), 0..12),
            base in prop::collection::vec(0..9_usize, 0..3),
            seconds in 0..30_u64,
        ) {
            let candidates: Vec<_> =
                sets.iter().map(|(states, seconds)| candidate(states, *seconds)).collect();
            let limit = Microseconds(seconds * 1_000_000);
            let base = shown(&base);
            let reached = |places: &[usize]| {
                let mut all = base.clone();
                places.iter().for_each(|it| all.add(&candidates[*it].0));
                all.items().count()
            };
            let spent = |places: &[usize]| places.iter().map(|it| candidates[*it].1.0).sum::<u64>();
            let chosen = choose_within(&candidates, &base, limit);
            prop_assert!(spent(&chosen) <= limit.0);
            for more in 0..candidates.len() {
                let with = [&chosen[..], &[more]].concat();
                let fits = spent(&with) <= limit.0 && !chosen.contains(&more);
                prop_assert!(!fits || reached(&with) == reached(&chosen) || chosen.len() == 1);
                let alone = spent(&[more]) <= limit.0;
                prop_assert!(!alone || reached(&[more]) <= reached(&chosen));
            }
        }
    }
}
