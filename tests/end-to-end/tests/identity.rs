//! The pen in the fixture is not the one that was named.

use anyhow::Result;
use rig_bench_virtual::VirtualBench;
use rig_record::{AbortCause, AnomalyKind, Outcome};
use tests_end_to_end::{RELEASED, run_on, scenario};

/// It ends before the pen is measured: nothing is judged, and every row says why.
#[test]
fn another_pen_than_the_one_named_gets_no_verdict() -> Result<()> {
    let lot = scenario("reference")?;
    let mut bench = VirtualBench::new(&lot, 0, lot.lot.seed)?;
    let record = run_on(&mut bench, &lot, 2, RELEASED, &["DEP-04", "SAF-01"])?;
    let expected = "serial number PA1-00000001 in the pen, PA1-00000003 on the intake list";
    assert_eq!(record.outcome, Outcome::Aborted(AbortCause::DutUnfit));
    assert_eq!(record.serial, "PA1-00000003");
    let identity = record.identity.as_ref().map(|it| it.serial.as_str());
    assert_eq!(identity, Some("PA1-00000001"), "what the pen says stays");
    assert!(record.results.iter().all(|it| it.verdict().is_none()));
    for row in ["DEP-04", "SAF-01"] {
        let why = record.why_not_run(row).map(ToString::to_string);
        assert_eq!(why, Some(format!("precondition: {expected}")), "{row}");
    }
    let anomaly = record
        .anomalies
        .iter()
        .find(|it| it.kind == AnomalyKind::Identity);
    assert_eq!(anomaly.map(|it| it.detail.as_str()), Some(expected));
    Ok(())
}
