//! Strokes and their rate from the cam's Hall edges, one a turn.

use crate::signal::Capture;

/// No edge for so long: the cam is taken as still, and the next edge begins anew.
const STILL_TICKS: u32 = 50;
/// Microseconds that make a rate of one thousandth of a stroke a second.
const MICROS_PER_MILLIHERTZ: u32 = 1_000_000_000;

/// The cam as its Hall sensor shows it.
#[derive(Clone, Debug)]
pub(crate) struct Hall {
    /// When the last edge was.
    last: u32,
    /// Ticks since the last edge; large when there never was one.
    since: u32,
    /// Edges in a row without standing still between, this one included.
    in_a_row: u32,
    /// The last periods in µs, newest first; only as many hold as edges in a row allow.
    periods: [u32; 4],
    /// Rate of the last period, 1/1000 stroke/s.
    rate: u32,
    /// How much faster it is than the period before.
    rise: i32,
    /// Periods since telemetry was last taken, and their sum in µs.
    window: (u32, u32),
}

impl Hall {
    pub(crate) const fn new() -> Self {
        // Whether the cam turns is not known yet.
        Self {
            last: 0,
            since: 0,
            in_a_row: 0,
            periods: [0; 4],
            rate: 0,
            rise: 0,
            window: (0, 0),
        }
    }

    /// Takes the edges of one tick and gives their number.
    pub(crate) fn tick(&mut self, capture: Option<Capture>) -> u32 {
        self.since = self.since.saturating_add(1);
        if self.still() {
            self.in_a_row = 0;
            self.window = (0, 0);
        }
        let Some(capture) = capture else { return 0 };
        let elapsed = capture.at.wrapping_sub(self.last);
        self.last = capture.at;
        self.since = 0;
        let edges = if capture.overrun { 2 } else { 1 };
        if self.in_a_row > 0 && elapsed > 0 {
            let period = (elapsed >> (edges - 1)).max(1);
            self.periods = [period, self.periods[0], self.periods[1], self.periods[2]];
            let rate = MICROS_PER_MILLIHERTZ / period;
            self.rise = if self.in_a_row > 1 {
                rate.wrapping_sub(self.rate).cast_signed()
            } else {
                0
            };
            self.rate = rate;
            self.window = (self.window.0 + edges, self.window.1.wrapping_add(elapsed));
        }
        self.in_a_row = self.in_a_row.saturating_add(edges);
        edges
    }

    /// Ticks since the last edge.
    pub(crate) const fn since(&self) -> u32 {
        self.since
    }

    /// Whether no edge came for 100 ms.
    pub(crate) const fn still(&self) -> bool {
        self.since >= STILL_TICKS
    }

    /// Edges in a row without a gap of 100 ms.
    pub(crate) const fn in_a_row(&self) -> u32 {
        self.in_a_row
    }

    /// Rate now, in 1/1000 stroke/s, for the control loop; `None` before a first period.
    ///
    /// When the next edge is overdue the cam is slower than its last period said; the time gone
    /// by gives the most it can be.
    pub(crate) fn rate(&self, now: u32) -> Option<u32> {
        if self.in_a_row < 2 {
            return None;
        }
        let elapsed = now.wrapping_sub(self.last);
        if elapsed > self.periods[0] {
            Some(MICROS_PER_MILLIHERTZ / elapsed)
        } else {
            Some(self.rate)
        }
    }

    /// How much faster, in 1/1000 stroke/s, the last turn was than the one before.
    pub(crate) const fn rise(&self) -> i32 {
        self.rise
    }

    /// The last period in µs, if there is one.
    pub(crate) fn period(&self) -> Option<u32> {
        (self.in_a_row > 1).then_some(self.periods[0])
    }

    /// Time of the last four periods in µs, if there are four.
    pub(crate) fn four_periods(&self) -> Option<u32> {
        (self.in_a_row > 4).then(|| self.periods.iter().sum())
    }

    /// Mean rate over the periods since this was last asked, in 1/1000 stroke/s: the last
    /// period's when none ended since, zero when no edge came for 100 ms.
    pub(crate) fn take_mean(&mut self) -> u32 {
        let (count, micros) = core::mem::take(&mut self.window);
        if self.still() || self.in_a_row < 2 {
            0
        } else if count == 0 || micros == 0 {
            self.rate
        } else {
            let mean = u64::from(count) * u64::from(MICROS_PER_MILLIHERTZ) / u64::from(micros);
            u32::try_from(mean).unwrap_or(u32::MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges at the given period, seen by a loop that ticks every 2,000 µs.
    fn turn(hall: &mut Hall, start: u32, period: u32, ticks: u32) -> u32 {
        let mut next = start;
        let mut strokes = 0;
        for tick in 0..ticks {
            let now = start.wrapping_add(2_000 * tick);
            let due = next.wrapping_sub(now) > u32::MAX / 2 || next == now;
            let capture = due.then_some(Capture {
                at: next,
                overrun: false,
            });
            if due {
                next = next.wrapping_add(period);
            }
            strokes += hall.tick(capture);
        }
        strokes
    }

    #[test]
    fn the_mean_is_that_of_the_periods_even_when_the_timer_wraps() {
        let mut hall = Hall::new();
        let strokes = turn(&mut hall, u32::MAX - 100_000, 8_571, 500);
        assert_eq!(strokes, 117);
        assert_eq!(hall.take_mean(), 116_672);
    }

    #[test]
    fn a_cam_that_stands_has_no_rate() {
        let mut hall = Hall::new();
        turn(&mut hall, 0, 6_667, 100);
        assert!(hall.take_mean() > 149_000);
        for _ in 0..50 {
            hall.tick(None);
        }
        assert_eq!(hall.take_mean(), 0);
        assert_eq!(
            hall.rate(502_000),
            None,
            "after a standstill the next edge begins anew"
        );
    }

    #[test]
    fn an_overdue_edge_lowers_the_rate() {
        let mut hall = Hall::new();
        turn(&mut hall, 0, 10_000, 50);
        assert_eq!(hall.rate(hall.last + 9_000), Some(100_000));
        assert_eq!(hall.rate(hall.last + 20_000), Some(50_000));
    }

    #[test]
    fn two_edges_in_a_tick_are_two_strokes() {
        let mut hall = Hall::new();
        hall.tick(Some(Capture {
            at: 0,
            overrun: false,
        }));
        assert_eq!(
            hall.tick(Some(Capture {
                at: 2_000,
                overrun: true
            })),
            2
        );
        assert_eq!(hall.take_mean(), 1_000_000);
    }
}
