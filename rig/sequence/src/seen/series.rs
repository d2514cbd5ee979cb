//! A value that changes at instants and stays between them.

use firmware_units::Nanoseconds;

/// A value over time: what it was at first, and every change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series<T> {
    first: T,
    // Invariant: in order of time.
    changes: Vec<(Nanoseconds, T)>,
}

/// A span of time in which a value stood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span<'a, T> {
    /// When it took the value.
    pub(crate) from: Nanoseconds,
    /// When it left it, or the end of what is looked at.
    pub(crate) to: Nanoseconds,
    /// The value.
    pub(crate) value: &'a T,
}

impl<T: PartialEq> Series<T> {
    /// The value from before time zero on.
    pub(crate) fn new(first: T) -> Self {
        Self {
            first,
            changes: Vec::new(),
        }
    }

    /// Changes it from this time on; what was said of later times is forgotten, and the same value
    /// again is no change.
    pub(crate) fn set(&mut self, at: Nanoseconds, value: T) {
        let kept = self.changes.partition_point(|(time, _)| *time < at);
        self.changes.truncate(kept);
        if *self.last() != value {
            self.changes.push((at, value));
        }
    }

    /// The value after all changes.
    pub(crate) fn last(&self) -> &T {
        self.changes.last().map_or(&self.first, |(_, value)| value)
    }

    /// The value in force at this time; at a change, the new one.
    pub(crate) fn at(&self, time: Nanoseconds) -> &T {
        let count = self.changes.partition_point(|(at, _)| *at <= time);
        match count.checked_sub(1) {
            Some(idx) => &self.changes[idx].1,
            None => &self.first,
        }
    }

    /// Every value that was in force at some time from `from` to `to`, both included.
    pub(crate) fn between(
        &self,
        from: Nanoseconds,
        to: Nanoseconds,
    ) -> impl Iterator<Item = &T> + '_ {
        let begun = self.changes.partition_point(|(at, _)| *at <= from);
        let rest = self.changes[begun..]
            .iter()
            .take_while(move |(at, _)| *at <= to)
            .map(|(_, value)| value);
        std::iter::once(self.at(from)).chain(rest)
    }

    /// When it changed last; zero if never.
    pub(crate) fn last_change(&self) -> Nanoseconds {
        self.changes.last().map_or(Nanoseconds::ZERO, |(at, _)| *at)
    }

    /// When it changed.
    pub(crate) fn changes(&self) -> impl Iterator<Item = Nanoseconds> + '_ {
        self.changes.iter().map(|(at, _)| *at)
    }

    /// From which time on it has had the value that it has at this time; zero if always.
    pub(crate) fn since(&self, time: Nanoseconds) -> Nanoseconds {
        let count = self.changes.partition_point(|(at, _)| *at <= time);
        count
            .checked_sub(1)
            .map_or(Nanoseconds::ZERO, |idx| self.changes[idx].0)
    }

    /// Every span up to `end`, in order.
    pub(crate) fn spans(&self, end: Nanoseconds) -> impl Iterator<Item = Span<'_, T>> + '_ {
        let starts = std::iter::once((Nanoseconds::ZERO, &self.first))
            .chain(self.changes.iter().map(|(at, value)| (*at, value)));
        let ends = self.changes().chain(std::iter::once(end));
        starts
            .zip(ends)
            .map(move |((from, value), to)| Span {
                from,
                to: to.min(end),
                value,
            })
            .filter(|it| it.from < it.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Nanoseconds {
        Nanoseconds::from_millis(millis)
    }

    fn sample() -> Series<u8> {
        let mut series = Series::new(0);
        series.set(ms(10), 1);
        series.set(ms(20), 1);
        series.set(ms(30), 2);
        series
    }

    #[test]
    fn the_same_value_is_no_change_and_a_change_belongs_to_its_instant() {
        let series = sample();
        assert_eq!(
            series.changes().collect::<Vec<_>>(),
            [ms(10), ms(30)],
            "20 ms changed nothing"
        );
        assert_eq!(*series.at(ms(9)), 0);
        assert_eq!(*series.at(ms(10)), 1);
        assert_eq!(series.since(ms(29)), ms(10));
        assert_eq!(
            series.between(ms(9), ms(30)).copied().collect::<Vec<_>>(),
            [0, 1, 2]
        );
    }

    #[test]
    fn spans_cover_all_time_up_to_the_end() {
        let series = sample();
        let spans: Vec<_> = series.spans(ms(35)).map(|it| (it.from, it.to)).collect();
        assert_eq!(spans, [(ms(0), ms(10)), (ms(10), ms(30)), (ms(30), ms(35))]);
        let cut: Vec<_> = series.spans(ms(20)).map(|it| *it.value).collect();
        assert_eq!(cut, [0, 1]);
    }

    #[test]
    fn what_was_said_of_later_times_is_forgotten() {
        let mut series = sample();
        series.set(ms(15), 7);
        assert_eq!(*series.at(ms(40)), 7);
    }
}
