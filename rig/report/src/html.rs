//! The report for people: one HTML file that needs nothing else, readable on a screen, light or
//! dark, and on paper.
//!
//! No script, no reference to anything outside the file; pictures are SVG within it. What is long
//! in a large lot is counted and cut, and says so, so that the file keeps its size.

mod annex;
mod controls;
mod extras;
mod first_screen;
mod mark;
mod markup;
mod plot;
mod rows;
mod statements;
mod table;
mod trace;
mod units;
mod view;

pub use extras::{
    ChainHead, Counterexample, DetectedStroke, Deviation, ExternalEvidence, Extras, Hold, Intake,
    LedgerPosition, PreviousRun, SignOff, Waveform,
};

use crate::claims::{OF_VIRTUAL_RESULTS, STATEMENT, VIRTUAL_ON_EVERY_PAGE};
use markup::{Markup, css_string};
use rig_record::LotRecord;
use rig_spec::SpecSet;
use rig_stats::StatsError;
use rows::individuals;
use view::View;

/// The sections with their anchors, in order.
const SECTIONS: [(&str, &str); 8] = [
    ("claims", "What is claimed"),
    ("rows", "Rows of the plan"),
    ("gate", "The lot gate"),
    ("units", "Units"),
    ("trace", "Trace from hazards to verdicts"),
    ("controls", "Special controls of 21 CFR 878.4430"),
    ("annex", "Instruments, attempts, deviations, anomalies"),
    ("identity", "Identity of the run and hashes"),
];

/// The report as one HTML file, UTF-8, the same bytes for the same arguments.
///
/// It is well-formed XML too. Units are shown each in a lot of up to 24; of a larger one those
/// that are no plain pass, worst first, 40 at most, and the others are counted.
///
/// # Errors
/// The record names a plan that the spec does not have.
pub fn html(spec: &SpecSet, lot: &LotRecord, extras: &Extras) -> Result<String, StatsError> {
    let view = View::new(spec, lot, extras)?;
    let mut page = Markup::default();
    page.own("<!DOCTYPE html>\n");
    page.with("html", &[("lang", &"en")], |page| {
        page.plain("head", |page| head(page, &view));
        page.plain("body", |page| body(page, &view));
    });
    Ok(page.finish())
}

fn head(page: &mut Markup, view: &View<'_>) {
    let header = &view.lot.header;
    page.void("meta", &[("charset", &"utf-8")]);
    let viewport = "width=device-width, initial-scale=1";
    page.void("meta", &[("name", &"viewport"), ("content", &viewport)]);
    page.void(
        "meta",
        &[("name", &"color-scheme"), ("content", &"light dark")],
    );
    page.leaf(
        "title",
        "",
        &format!(
            "{} {}: lot {}, plan {}, run {}",
            header.bench.kind, view.summary.disposition, header.lot, header.plan, header.run_id
        ),
    );
    page.plain("style", |it| it.own(include_str!("html/style.css")));
    page.style(&page_edges(view));
}

/// What stands at the edge of every printed page.
fn page_edges(view: &View<'_>) -> String {
    let header = &view.lot.header;
    let top = if view.is_virtual() {
        VIRTUAL_ON_EVERY_PAGE
    } else {
        "HARDWARE; results relate only to the pens tested"
    };
    let left = format!(
        "run {}, lot {}, plan {}",
        header.run_id, header.lot, header.plan
    );
    format!(
        "@page {{ size: A4; margin: 17mm 14mm 17mm 14mm; \
         @top-left {{ content: {}; font: 600 6.8pt sans-serif; color: #16191d; width: 100%; white-space: normal; }} \
         @bottom-left {{ content: {}; font: 7.5pt sans-serif; color: #555d66; width: 75%; }} \
         @bottom-right {{ content: \"page \" counter(page) \" of \" counter(pages); font: 7.5pt sans-serif; color: #555d66; width: 25%; }} }}",
        css_string(top),
        css_string(&left)
    )
}

fn body(page: &mut Markup, view: &View<'_>) {
    page.own(mark::SYMBOLS);
    if view.is_virtual() {
        page.with("div", &[("class", &"edge"), ("role", &"note")], |page| {
            let (word, rest) = VIRTUAL_ON_EVERY_PAGE.split_at("VIRTUAL".len());
            page.leaf("b", "", word);
            page.text(rest);
        });
    }
    page.plain("main", |page| {
        first_screen::write(page, view);
        contents(page);
        claims(page, view);
        rows::write(page, view);
        rows::gate(page, view);
        units::write(page, view);
        trace::write(page, view);
        controls::write(page, view);
        annex::write(page, view);
        annex::identity(page, view);
        let run_id = &view.lot.header.run_id;
        page.leaf("div", "end", &format!("End of the report on run {run_id}"));
    });
}

fn contents(page: &mut Markup) {
    page.with("nav", &[("aria-label", &"Contents")], |page| {
        page.leaf("h3", "", "Contents");
        page.plain("ol", |page| {
            for (anchor, title) in SECTIONS {
                page.plain("li", |page| {
                    page.with("a", &[("href", &format!("#{anchor}"))], |it| it.text(title));
                });
            }
        });
    });
}

/// Heading of a section, numbered as in the contents.
fn section(page: &mut Markup, view: &View<'_>, anchor: &str) {
    let found = SECTIONS.iter().zip(1..).find(|(it, _)| it.0 == anchor);
    if let Some(((_, title), number)) = found {
        let class = if view.is_virtual() {
            "virtual"
        } else {
            "hardware"
        };
        page.with("h2", &[("id", &anchor), ("class", &class)], |page| {
            page.text(&format!("{number}  {title}"));
        });
    }
}

fn claims(page: &mut Markup, view: &View<'_>) {
    section(page, view, "claims");
    page.classed("div", "claims", |page| {
        for sentence in STATEMENT {
            page.leaf("p", "", sentence);
        }
    });
    if view.is_virtual() {
        page.leaf("h3", "", "What a virtual bench cannot show");
        page.classed("div", "note", |page| {
            for sentence in OF_VIRTUAL_RESULTS {
                page.leaf("p", "", sentence);
            }
        });
    }
    page.leaf("h3", "", "What this report says of the lot");
    page.leaf("p", "", &statements::claim(view));
    page.leaf(
        "p",
        "",
        &format!("Decision rules: {}.", crate::run::DECISION_RULE),
    );
    page.leaf(
        "p",
        "",
        "Risk of a false pass, as stated with each rule: the chance that a pen whose value lies on the acceptance limit lies beyond the tolerance limit; one-sided, normal, U = 2 u. Results relate only to the pens listed, in the condition in which they were run.",
    );
}
