//! What a long treatment holds in memory: as much at its end as at its beginning, however long it
//! lasts (DESIGN.md section 11: flat over an endurance run).
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use anyhow::{Context as _, Result};
use peak_alloc::PeakAlloc;
use rig_bench_virtual::{Scenario, VirtualBench};
use rig_procedure::{FlashPolicy, Progress, UnitJob, run_unit};
use rig_spec::Verdict;
use tests_end_to_end::{RELEASED, image, plan, spec_with_all};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// One value of eight bytes kept of every stroke would be 560 kB over the time that the two differ
/// by, one of every sample of the gauge 96 MB; means of its windows are a few hundred numbers.
/// Of windows one is a little larger than another: 57 kB more were seen.
const MORE: usize = 128 * 1024;

/// The most that is held once a treatment of so many seconds is under way, in bytes.
fn held_over(seconds: u32) -> Result<usize> {
    let window = format!(",{seconds},,0,-5,5,");
    let spec = spec_with_all(&[("design.csv", ",3600,,0,-5,5,", &window)])?;
    let (plan, image) = (plan(&["END-01"])?, image(RELEASED)?);
    let lot = Scenario::reference();
    let mut bench = VirtualBench::new(&lot, 0, lot.lot.seed)?;
    let job = UnitJob {
        spec: &spec,
        plan: &plan,
        image: &image,
        build_id: None,
        serial: &lot.lot.serial(0),
        index: 0,
        of: 1,
        flash: FlashPolicy::Always,
        date: &lot.dates.today,
    };
    let (mut told, mut most) = (0, 0);
    let mut progress = |it: Progress| {
        if let Progress::Passing { .. } = it {
            // Told every 15 s. The first two minutes are not counted: flashing took more than any
            // row, and a window is held until it is reduced to its means.
            told += 1;
            if told <= 8 {
                HEAP.reset_peak_usage();
            }
            most = HEAP.peak_usage();
        }
    };
    let record = run_unit(&mut bench, &job, &mut progress, &|| false);
    let verdict = record.verdict("END-01").context("END-01 was judged")?;
    assert_eq!(verdict, Verdict::Pass);
    assert!(told > 16, "told of bench time {told} times only");
    Ok(most)
}

// One test: what others hold at the same time would be counted too.
#[test]
fn a_treatment_of_three_times_the_length_holds_no_more() -> Result<()> {
    let (short, long) = (held_over(300)?, held_over(900)?);
    println!("held at most: {short} bytes in 300 s, {long} bytes in 900 s");
    assert!(long <= short + MORE, "{short} bytes, then {long}");
    Ok(())
}
