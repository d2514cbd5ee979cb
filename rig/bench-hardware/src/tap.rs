//! The fixture's tap on the pen's serial line gives bytes their bench time.
//!
//! The bytes come by the DUT's port, sooner or later than the tap's report of them. Counting both
//! tells which byte passed when, whatever an adapter's driver did to their time of arrival.

use rig_bench::{Nanoseconds, Observation};
use std::collections::VecDeque;

/// Bytes of the link since power-on, as port and tap count them.
#[derive(Debug, Default)]
pub(crate) struct Tap {
    /// Bytes that the port brought and no report covers yet.
    bytes: VecDeque<u8>,
    /// Bytes from the pen that were dated.
    dated: u64,
    /// Reports whose bytes have not all come: bench time, and bytes from the pen until then.
    reports: VecDeque<(u64, u64)>,
    /// Bytes to the pen that the tap has seen, and when the last of them had left, at the latest.
    to_pen: u64,
    /// The same at the earliest: a report may be due to bytes from the pen that followed.
    left: (u64, u64),
    from_pen: u64,
    last_at: u64,
}

impl Tap {
    /// Takes bytes from the port.
    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// Takes a report of the tap.
    pub(crate) fn report(&mut self, at_ns: u64, from_pen: u64, to_pen: u64) {
        if to_pen > self.to_pen {
            // Where bytes of both directions passed, the time may be that of the pen's.
            let earliest = if from_pen > self.from_pen {
                self.last_at
            } else {
                at_ns
            };
            self.to_pen = to_pen;
            self.left = (earliest, at_ns);
        }
        if from_pen > self.from_pen {
            self.from_pen = from_pen;
            self.reports.push_back((at_ns, from_pen));
        }
        self.last_at = at_ns;
    }

    /// Bytes to the pen that the tap has seen.
    pub(crate) fn to_pen(&self) -> u64 {
        self.to_pen
    }

    /// Bench time by which the last of them had left: at the earliest and at the latest.
    pub(crate) fn left(&self) -> (u64, u64) {
        self.left
    }

    /// Bytes that the tap has seen and the port has not brought.
    pub(crate) fn missing(&self) -> u64 {
        let received = self.dated + self.bytes.len() as u64;
        self.from_pen.saturating_sub(received)
    }

    /// Bytes that the port has brought and the tap has not seen.
    pub(crate) fn unseen(&self) -> u64 {
        let received = self.dated + self.bytes.len() as u64;
        received.saturating_sub(self.from_pen)
    }

    /// What can be dated, until the bench time given.
    pub(crate) fn take(&mut self, until_ns: u64) -> Vec<Observation> {
        let mut observations = Vec::new();
        while let Some(&(at_ns, count)) = self.reports.front() {
            let length = count - self.dated;
            if at_ns > until_ns || length > self.bytes.len() as u64 {
                break;
            }
            self.reports.pop_front();
            self.dated = count;
            // No longer than what is in memory.
            let bytes = self.bytes.drain(..length as usize).collect();
            observations.push(Observation::Link {
                at: Nanoseconds(at_ns),
                bytes,
            });
        }
        observations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(at: u64, bytes: &[u8]) -> Observation {
        Observation::Link {
            at: Nanoseconds(at),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn bytes_get_the_time_of_the_report_that_counts_them() {
        let mut tap = Tap::default();
        tap.receive(&[1, 2]);
        assert_eq!((tap.unseen(), tap.missing()), (2, 0));
        assert_eq!(tap.take(u64::MAX), vec![]);
        tap.report(100, 3, 0);
        assert_eq!((tap.unseen(), tap.missing()), (0, 1));
        assert_eq!(tap.take(u64::MAX), vec![]);
        tap.report(200, 5, 0);
        tap.receive(&[3, 4, 5, 6]);
        assert_eq!(tap.take(99), vec![]);
        assert_eq!(
            tap.take(200),
            vec![link(100, &[1, 2, 3]), link(200, &[4, 5])]
        );
        assert_eq!((tap.unseen(), tap.missing()), (1, 0));
    }

    #[test]
    fn what_left_is_dated_by_a_report_of_its_own_or_by_bounds() {
        let mut tap = Tap::default();
        tap.report(100, 0, 4);
        assert_eq!((tap.to_pen(), tap.left()), (4, (100, 100)));
        tap.report(250, 6, 9);
        assert_eq!((tap.to_pen(), tap.left()), (9, (100, 250)));
        tap.report(300, 7, 9);
        assert_eq!(tap.left(), (100, 250));
    }
}
