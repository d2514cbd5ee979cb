//! The order in which a study is run.

use super::draws::Draws;

/// The numbers below `n` in an order that a seed gives: Fisher and Yates, as in Knuth, TAOCP 2,
/// 3.4.2, algorithm P.
///
/// A study whose order is drawn spreads drift over all its cells, instead of giving it to whatever
/// was measured last.
#[must_use]
pub fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut draws = Draws::new(seed);
    for last in (1..n).rev() {
        order.swap(last, draws.below(last + 1));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_comes_once_and_a_seed_gives_one_order() {
        let order = shuffled(10, 7);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..10).collect::<Vec<_>>());
        assert_eq!(order, shuffled(10, 7));
        assert_ne!(order, shuffled(10, 8));
        assert!(shuffled(0, 1).is_empty());
        assert_eq!(shuffled(1, 1), [0]);
    }

    #[test]
    fn every_order_of_three_comes_as_often_as_the_others() {
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..6_000 {
            *counts.entry(shuffled(3, seed)).or_insert(0) += 1;
        }
        // 1,000 of each, standard deviation 29; five of them.
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|it| (855..1_145).contains(it)),
            "{counts:?}"
        );
    }
}
