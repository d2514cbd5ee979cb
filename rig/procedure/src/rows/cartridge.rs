//! Rows of the cartridge interlock.

use super::{RowError, stated};
use crate::pen::Pen;
use firmware_units::{Nanometers, Nanoseconds};
use firmware_wire::{Refusal, Request};
use rig_bench::Bench;
use rig_measure::largest_change;
use rig_spec::{Evidence, Finding, Row};

/// A treatment that no pen under test began: the mark of a used cartridge.
pub(crate) const FOREIGN_TREATMENT: u32 = 0x5EED_0001;

/// START that must be refused, several times, with the instruments watching.
fn refused_start<B: Bench>(
    pen: &mut Pen<'_, B>,
    n: u32,
    watch: Nanoseconds,
    reason: Refusal,
) -> Result<Evidence, RowError> {
    let mut refused = 0;
    let mut strokes = 0;
    let mut change_nm = 0.0_f64;
    for _ in 0..n {
        let window = pen.session.chain().open();
        let is_refused = pen.is_refused(Request::Start, &[reason])?;
        pen.session.wait(watch)?;
        let window = pen.session.chain().close(window)?;
        refused += u32::from(is_refused);
        strokes = strokes
            .max(window.edges.edges_ns.len())
            .max(window.gauge.strokes().len());
        let change = largest_change(window.gauge.trace())?;
        change_nm = change_nm.max(change.value);
    }
    let findings = vec![
        Finding::Refused { refused, of: n },
        // Rounded away from zero: a change is never recorded smaller than it was.
        Finding::GaugeChange(Nanometers(libm::ceil(change_nm) as i64)),
        Finding::Strokes(strokes as u64),
    ];
    Ok(Evidence::findings(findings, u64::from(n)))
}

/// SAF-01: no motion without a cartridge.
pub(crate) fn absent<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let watch = stated(row, "window_s", row.window.one())?;
    let n = stated(row, "n", row.n)?;
    pen.remove_cartridge()?;
    refused_start(pen, n, watch, Refusal::NoCartridge)
}

/// SAF-02: a cartridge used in another treatment is refused.
pub(crate) fn used<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let n = stated(row, "n", row.n)?;
    let mut all: Option<Evidence> = None;
    for repeat in 0..n {
        pen.fit_cartridge(Some(FOREIGN_TREATMENT + repeat))?;
        let one = refused_start(
            pen,
            1,
            Nanoseconds::from_millis(500),
            Refusal::CartridgeUsed,
        )?;
        all = Some(match all {
            None => one,
            Some(mut sum) => {
                sum.findings.extend(one.findings);
                sum.n = Some(sum.n.unwrap_or(0) + 1);
                sum
            }
        });
    }
    stated(row, "n", all)
}
