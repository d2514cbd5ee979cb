//! Sentences that stand on the first screen and are needed by no table.

use super::view::View;
use super::{Extras, individuals};
use crate::facts;
use crate::run::CLAIM;
use crate::table::join;
use rig_record::RowResult;
use rig_spec::{AttributesPlan, RowId, Rule, sha256};
use rig_stats::acceptance::{Quality, acceptance_probability};
use rig_stats::{Disposition, lag_1_autocorrelation};
use std::collections::BTreeMap;

/// What an auditor looks for first.
pub(super) fn trace(view: &View<'_>) -> Vec<(&'static str, String)> {
    let header = &view.lot.header;
    let claim = match view.summary.disposition {
        Disposition::MeetsPlan => CLAIM.to_owned(),
        Disposition::Held | Disposition::DoesNotMeetPlan => "none".to_owned(),
    };
    vec![
        ("run id", header.run_id.clone()),
        ("ledger", ledger(view.extras)),
        ("claim made", claim),
        ("attempts", attempts(view)),
        ("deviations", deviations(view.extras)),
        ("certificates", facts::calibration(view.lot)),
        (
            "image",
            format!(
                "{}, firmware {}, build {}, SHA-256 {}; {}",
                header.image.file,
                header.image.firmware_version,
                header.image.build_id,
                header.image.sha256,
                read_back(view)
            ),
        ),
        ("anomalies", anomalies(view)),
        ("chain head", chain(view.extras)),
        (
            "signatures",
            match &view.extras.signatures {
                None => "made after this report, over the manifest that has its hash; penrig verify reads them".to_owned(),
                Some(list) if list.is_empty() => "none: the bundle is not signed".to_owned(),
                Some(list) => list.join("; "),
            },
        ),
        (
            "sign-off",
            match &view.extras.sign_offs {
                None => "recorded after this report, beside the run; penrig verify reads them".to_owned(),
                Some(list) if list.is_empty() => "none recorded".to_owned(),
                Some(list) => list
                    .iter()
                    .map(|it| format!("{} ({}), {}", it.name, it.meaning, it.time))
                    .collect::<Vec<_>>()
                    .join("; "),
            },
        ),
        (
            "who and where",
            format!(
                "operator {} (as claimed, not authenticated), station {}, reason: {}",
                stated(&header.operator),
                stated(&header.station),
                stated(&header.reason)
            ),
        ),
    ]
}

/// Spec, rule and rows that the verdict rests on.
pub(super) fn basis(view: &View<'_>) -> Vec<(&'static str, String)> {
    let header = &view.lot.header;
    let spec = &header.spec;
    let approval = match (&spec.approver, &spec.effective) {
        (Some(approver), Some(effective)) => format!("approved by {approver}, from {effective}"),
        (Some(approver), None) => format!("approved by {approver}"),
        (None, _) => "no approver".to_owned(),
    };
    let proposed = view
        .summary
        .rows_required
        .iter()
        .filter(|it| facts::is_proposed(view.spec, it))
        .count();
    vec![
        (
            "spec",
            format!(
                "{} revision {}, {}; {approval}; {proposed} of {} required rows have a proposed limit",
                spec.document,
                spec.revision,
                spec.status,
                view.summary.rows_required.len()
            ),
        ),
        ("spec hash", spec_hash(view)),
        ("decision rule", rules(view)),
        ("untested rows", untested(view)),
    ]
}

fn ledger(extras: &Extras) -> String {
    match &extras.ledger {
        Some(it) => format!("entry {}, station {}, {}", it.number, it.station, it.hash),
        None => "position not known to this report".to_owned(),
    }
}

fn chain(extras: &Extras) -> String {
    match extras.chain_heads.as_deref() {
        None => "not known to this report".to_owned(),
        Some([]) => "no chain".to_owned(),
        Some([only]) => format!(
            "{}: {} after {} records",
            only.name, only.hash, only.records
        ),
        Some(several) => format!(
            "{} chains; SHA-256 over their heads as listed below: {}",
            several.len(),
            heads_hash(extras)
        ),
    }
}

/// SHA-256 over the chain heads, a line each: hash, two spaces, name.
pub(super) fn heads_hash(extras: &Extras) -> String {
    let lines: String = extras
        .chain_heads
        .iter()
        .flatten()
        .map(|it| format!("{}  {}\n", it.hash, it.name))
        .collect();
    sha256(lines.as_bytes())
}

/// The hash that `sha256sum *.csv | sha256sum` gives in the folder of the spec.
pub(super) fn spec_hash(view: &View<'_>) -> String {
    let lines: String = view
        .lot
        .header
        .spec
        .tables
        .iter()
        .map(|(name, hash)| format!("{hash}  {name}\n"))
        .collect();
    format!(
        "{} over the SHA-256 of {} tables",
        sha256(lines.as_bytes()),
        view.lot.header.spec.tables.len()
    )
}

/// Which rules the required rows are judged by, and what risk each leaves.
fn rules(view: &View<'_>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in view
        .summary
        .rows_required
        .iter()
        .filter_map(|it| view.spec.row(it.as_str()))
    {
        *counts.entry(rule(row.rule)).or_default() += 1;
    }
    counts
        .iter()
        .map(|(rule, count)| {
            format!(
                "{count} {}: {rule}",
                if *count == 1 { "row" } else { "rows" }
            )
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// A rule with the risk that it leaves.
pub(super) fn rule(rule: Rule) -> String {
    match rule {
        Rule::GuardBand(ratio) => {
            // One-sided, normal, k = 2: what is left above the limit where a value lies on the
            // acceptance limit (JCGM 106:2012).
            let z = 2.0 * f64::from(ratio.millionths()) / 1e6;
            let left = 0.5 * libm::erfc(z / core::f64::consts::SQRT_2);
            format!(
                "guard band w = {ratio} U; risk of a false pass at most {:.1} %",
                (left * 1000.0).ceil() / 10.0
            )
        }
        Rule::Risk(_) => "guard band from the risk stated in the row (max_risk)".to_owned(),
        Rule::Simple => "simple, w = 0; risk of a false pass up to 50 % at the limit".to_owned(),
        Rule::Exact => "exact, counted or observed, no uncertainty".to_owned(),
        Rule::None => "reported, not judged".to_owned(),
    }
}

fn untested(view: &View<'_>) -> String {
    let never_run: Vec<RowId> = view
        .summary
        .rows_required
        .iter()
        .filter(|id| {
            !view
                .results_of(id.as_str())
                .any(|(_, it)| it.and_then(RowResult::verdict).is_some())
        })
        .cloned()
        .collect();
    let mut parts = Vec::new();
    if !never_run.is_empty() {
        parts.push(format!(
            "required and judged on no unit: {}",
            join(&never_run)
        ));
    }
    if !view.summary.rows_external.is_empty() {
        parts.push(format!(
            "evidence from outside the rig: {}",
            join(&view.summary.rows_external)
        ));
    }
    parts.push(format!(
        "{} of {} rows of the spec are outside the plan (listed with the trace)",
        view.summary.rows_outside.len(),
        view.spec.rows.len()
    ));
    parts.join("; ")
}

fn attempts(view: &View<'_>) -> String {
    let (mut rows, mut attempts, mut again) = (0_usize, 0_usize, 0_usize);
    for result in view.lot.units.iter().flat_map(|it| &it.results) {
        let count = result.attempts().len();
        rows += usize::from(count > 0);
        attempts += count;
        again += usize::from(count > 1);
    }
    format!("{attempts} on {rows} rows of units, every one kept; {again} measured again")
}

fn deviations(extras: &Extras) -> String {
    let deviations = match &extras.deviations {
        None => "not known to this report".to_owned(),
        Some(list) if list.is_empty() => "none recorded".to_owned(),
        Some(list) => plural(list.len(), "recorded", "recorded"),
    };
    match &extras.holds {
        Some(list) if !list.is_empty() => {
            format!("{deviations}; {}", plural(list.len(), "hold", "holds"))
        }
        _ => deviations,
    }
}

fn read_back(view: &View<'_>) -> String {
    let read = view
        .lot
        .units
        .iter()
        .filter(|it| it.image_read_back_sha256.is_some())
        .count();
    format!(
        "flash read back on {read} of {} units",
        view.lot.units.len()
    )
}

fn anomalies(view: &View<'_>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for anomaly in view.lot.units.iter().flat_map(|it| &it.anomalies) {
        *counts.entry(anomaly.kind.to_string()).or_default() += 1;
    }
    if counts.is_empty() {
        return "none".to_owned();
    }
    counts
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Chance of a value outside three standard deviations.
const OUTSIDE: f64 = 0.002_7;
/// Chance below which more values outside are called more than chance.
const BY_CHANCE: f64 = 0.01;
/// One-sided standard normal deviate of 0.5 %.
const ALIKE: f64 = 2.576;

/// A correlation below is of no account, however many values show it.
const ALIKE_AT_LEAST: f64 = 0.1;

/// Rows whose values over the order of the units are not as chance makes them: too many outside the
/// control limits, or neighbours too much alike, as when something drifts.
pub(super) fn drift(view: &View<'_>) -> String {
    let (mut charted, mut outside, mut alike) = (0_usize, Vec::new(), Vec::new());
    for row in view
        .summary
        .rows_required
        .iter()
        .filter_map(|it| view.spec.row(it.as_str()))
    {
        let Some(chart) = individuals(view, row) else {
            continue;
        };
        charted += 1;
        if is_more_than_chance(chart.outside, chart.n) {
            outside.push(format!("{} {} of {}", row.id, chart.outside, chart.n));
        }
        let correlation = lag_1_autocorrelation(&chart.values).unwrap_or(0.0);
        if correlation >= ALIKE_AT_LEAST && correlation * libm::sqrt(chart.n as f64) > ALIKE {
            alike.push(format!("{} r = {correlation:.2}", row.id));
        }
    }
    if charted == 0 {
        return format!(
            "no chart: a row needs {} values for one",
            rig_stats::normality::FEWEST_VALUES
        );
    }
    let mut parts = Vec::new();
    if !outside.is_empty() {
        parts.push(format!(
            "more values outside control limits than chance gives (1 %): {}",
            outside.join(", ")
        ));
    }
    if !alike.is_empty() {
        parts.push(format!(
            "neighbouring units alike (0.5 %): {}",
            alike.join(", ")
        ));
    }
    if parts.is_empty() {
        return format!("none seen over the order of the units, {charted} rows looked at");
    }
    parts.join("; ")
}

/// Whether so many of `n` values outside three standard deviations are more than chance gives.
fn is_more_than_chance(outside: usize, n: usize) -> bool {
    let (Ok(outside), Ok(n)) = (u32::try_from(outside), u32::try_from(n)) else {
        return true;
    };
    let Some(fewer) = outside.checked_sub(1) else {
        return false;
    };
    // The chance of fewer is that of a plan that accepts with at most so many.
    let fewer = AttributesPlan::single(n, fewer)
        .ok()
        .and_then(|plan| acceptance_probability(&plan, Quality::Process { p: OUTSIDE }).ok());
    fewer.is_some_and(|it| 1.0 - it < BY_CHANCE)
}

/// A positive number with two significant digits or more, never in powers of ten.
pub(super) fn significant(value: f64) -> String {
    let decimals = 1.0 - libm::floor(libm::log10(value));
    crate::html::plot::number(value, decimals.clamp(0.0, 9.0) as usize)
}

/// A text, or that there is none: a blank would leave the reader guessing.
pub(super) fn stated(text: &str) -> &str {
    if text.trim().is_empty() {
        "not stated"
    } else {
        text
    }
}

/// `1 hold`, `2 holds`.
pub(super) fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A text that ends with how much was left out, if it is long.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most).collect();
    let head = head.rsplit_once(' ').map_or(head.as_str(), |it| it.0);
    let left = text[head.len()..].split_whitespace().count();
    format!("{head} … and {left} more")
}

/// What the report says of the lot, and of which pens.
pub(super) fn claim(view: &View<'_>) -> String {
    let drawn = view.lot.units.len() - view.count(rig_stats::Standing::NotDrawn);
    match view.summary.disposition {
        Disposition::MeetsPlan => format!("Of {drawn} pens: {CLAIM}."),
        Disposition::Held => {
            "Nothing is claimed of a lot that is held. Each verdict stands for its pen and row alone.".to_owned()
        }
        Disposition::DoesNotMeetPlan => {
            "The lot does not meet the plan. Each verdict stands for its pen and row alone; nothing is claimed for other pens.".to_owned()
        }
    }
}

/// How much a second look adds to the risk of a false pass, for a pen whose true value lies on the
/// tolerance limit: the chances without and with it, in per cent.
///
/// One-sided, normal, U = 2 u, the errors of both attempts independent, which is the worst case:
/// what they share adds nothing. With z the acceptance limit in units of u, the pen passes if
/// x₁ < −z, or if −z ≤ x₁ ≤ z (inconclusive) and (x₁ + x₂)/2 < −z; the second part by Simpson's
/// rule.
pub(super) fn false_pass(guard_ratio: f64) -> (f64, f64) {
    let z = 2.0 * guard_ratio;
    let below = |it: f64| 0.5 * libm::erfc(-it / core::f64::consts::SQRT_2);
    let density = |it: f64| libm::exp(-0.5 * it * it) / libm::sqrt(2.0 * core::f64::consts::PI);
    let once = below(-z);
    let steps = 200_u32;
    let width = 2.0 * z / f64::from(steps);
    let sum: f64 = (0..=steps)
        .map(|step| {
            let weight = match step {
                0 => 1.0,
                _ if step == steps => 1.0,
                _ if step % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let x = -z + width * f64::from(step);
            weight * density(x) * below(-2.0 * z - x)
        })
        .sum();
    (100.0 * once, 100.0 * (once + sum * width / 3.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recomputed with Python: statistics.NormalDist, 200,000 trapezoids.
    #[test]
    fn a_second_look_adds_little() {
        for (ratio, once, twice) in [(1.0, 2.275_013, 2.366078), (0.83, 4.845723, 5.200694)] {
            let actual = false_pass(ratio);
            assert!((actual.0 - once).abs() < 1e-5, "{actual:?}");
            assert!((actual.1 - twice).abs() < 1e-5, "{actual:?}");
        }
    }

    /// 60 values: P(2 or more outside) = 0.0117, P(3 or more) = 0.0006, recomputed with Python.
    #[test]
    fn what_chance_gives_is_no_drift() {
        assert!(!is_more_than_chance(0, 60) && !is_more_than_chance(2, 60));
        assert!(is_more_than_chance(3, 60));
        assert!(!is_more_than_chance(39, 10_000) && is_more_than_chance(41, 10_000));
    }

    #[test]
    fn small_numbers_keep_their_digits() {
        let texts = [36.904, 1.0206, 0.000_512_9, 0.0].map(significant);
        assert_eq!(texts, ["37", "1.0", "0.00051", "0.000000000"]);
    }

    #[test]
    fn a_long_text_says_how_much_is_missing() {
        assert_eq!(shortened("a b c", 5), "a b c");
        assert_eq!(
            shortened("alpha beta gamma delta", 12),
            "alpha beta … and 2 more"
        );
    }
}
