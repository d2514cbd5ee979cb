//! What a large lot and its report hold in memory, for each unit and row of its plan: DESIGN.md
//! section 11 gives 10,000 units × 40 rows 300 MB of resident memory, which are 750 bytes for each,
//! the program and the allocator's own share included.
//!
//! The benchmark `large_lot` measures the whole; here a tenth of it is held to the same, byte by byte,
//! so that one that is held twice is seen.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use peak_alloc::PeakAlloc;
use rig_report::{Extras, Tables, html, junit};
use std::io::{self, Write};

#[allow(dead_code, reason = "each user takes what it needs")]
mod large;
mod sample;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const ROWS: usize = 40;

/// Bytes that making something holds at most beyond what was held before.
fn beyond<T>(make: impl FnOnce() -> T) -> (usize, T) {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let made = make();
    (HEAP.peak_usage().saturating_sub(before), made)
}

/// Where tables go: nothing is kept.
struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

// One test: what others hold at the same time would be counted too.
#[test]
fn a_unit_and_row_takes_its_share_of_the_memory_that_a_large_lot_may_take_and_no_more() {
    let spec = large::spec();
    let measure = |units: usize| {
        let (record, lot) = beyond(|| large::lot(&spec, units));
        let mut written = Counted(0);
        let (tables, ()) = beyond(|| {
            let tables = Tables::new(&spec, &lot).unwrap();
            for name in tables.names() {
                tables.write(name, &mut written).unwrap();
            }
        });
        let (page, text) = beyond(|| html(&spec, &lot, &Extras::default()).unwrap());
        drop(text);
        let (cases, _) = beyond(|| junit(&spec, &lot, &[]).unwrap());
        (record, tables, page, cases, written.0)
    };
    let (few, many) = (measure(500), measure(1_000));
    // What does not grow with the lot is no share of a unit's.
    let each = |of: fn(&(usize, usize, usize, usize, usize)) -> usize| {
        (of(&many) - of(&few)) as f64 / (500 * ROWS) as f64
    };
    let record = each(|it| it.0);
    let (tables, page, cases) = (each(|it| it.1), each(|it| it.2), each(|it| it.3));
    let text = each(|it| it.4);
    println!(
        "bytes a unit and row: record {record:.0}, tables {tables:.0} for {text:.0} written, \
         page {page:.0}, cases {cases:.0}"
    );
    assert!(record < 470.0, "record: {record}");
    // Written and not held: the summary of the units alone.
    assert!(text > 600.0, "text of the tables: {text}");
    assert!(tables < 60.0, "tables: {tables}");
    assert!(page < 150.0, "page: {page}");
    assert!(cases < 150.0, "cases: {cases}");
}
