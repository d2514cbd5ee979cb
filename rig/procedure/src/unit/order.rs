//! In which order rows are run, and what is special about some.

/// The order in which rows are run: what needs no cartridge first, what provokes faults last, what
/// rests on the whole run at the end.
pub(super) const ORDER: [&str; 51] = [
    "DEP-00a",
    "SAF-01",
    "SAF-02",
    "SAF-07",
    "DEP-10",
    "DEP-14",
    "DEP-15",
    "DEP-00b",
    "DEP-01",
    "DEP-02",
    "DEP-03",
    "DEP-04",
    "DEP-07",
    "DEP-05",
    "DEP-06",
    "DEP-13",
    "RAT-01",
    "RAT-02",
    "RAT-03",
    "RAT-04",
    "RAT-06",
    "RAT-08a",
    "RAT-08b",
    "RAT-05",
    "RAT-09",
    "DEP-11",
    "COR-01",
    "SAF-08",
    "SAF-12",
    "END-01",
    "END-05",
    "END-02",
    "END-03",
    "THM-01",
    "END-04",
    "END-06",
    "SAF-13",
    "SAF-06",
    "SAF-03",
    "SAF-09",
    "SAF-11",
    "SAF-10",
    "SAF-05",
    "DEP-09-D1",
    "RAT-07-D1",
    "DEP-09-D2",
    "RAT-07-D2",
    "MSR-01",
    "MSR-04",
    "DEP-09-U",
    "MSR-03",
];
/// Rows that rest on the whole run, or on a number of sequences that was fixed beforehand:
/// re-measuring them would mean running all of it again.
pub(super) const WHOLE_RUN: [&str; 7] = [
    "DEP-09-D1",
    "DEP-09-U",
    "MSR-01",
    "MSR-03",
    "MSR-04",
    "RAT-07-D1",
    "SAF-05",
];
/// Rows that latch a fault on purpose.
pub(super) const PROVOKES_FAULT: [&str; 12] = [
    "DEP-00a",
    "DEP-09-D1",
    "DEP-09-D2",
    "RAT-07-D1",
    "RAT-07-D2",
    "SAF-03",
    "SAF-05",
    "SAF-06",
    "SAF-09",
    "SAF-10",
    "SAF-11",
    "END-05",
];
/// Rows that take a treatment of their own: they end it, use up its time, or lose it by a reset.
/// All others go on with one.
pub(super) const OWN_TREATMENT: [&str; 12] = [
    "COR-01",
    "DEP-09-D1",
    "DEP-09-D2",
    "RAT-07-D1",
    "RAT-07-D2",
    "SAF-05",
    "END-04",
    "END-06",
    "SAF-10",
    "SAF-11",
    "SAF-12",
    "SAF-13",
];
/// Rows that share one treatment of an hour, as their conditions are one; the row of the run time on
/// one charge, whose conditions are the same again, goes on with what the hour left of the charge.
pub(super) const HOUR: [&str; 4] = ["END-01", "END-02", "END-03", "THM-01"];
/// The row of the run time on one charge.
pub(super) const RUN_TIME: &str = "END-05";
/// Rows that share one run of all sequences.
pub(super) const SEQUENCES: [&str; 3] = ["SAF-05", "DEP-09-D1", "RAT-07-D1"];
