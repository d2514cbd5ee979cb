//! What is kept of a record while it is measured, and the picture drawn from it.

use super::bins::Bins;
use super::panel::{BLUE, GREEN, GREY, ORANGE, Panel, WIDTH, escaped};
use crate::measure::{Measurand, Results};
use crate::report::value_with_unit;
use crate::stretch::Stretch;
use rig_measure::{Measured, Stroke, Zero};
use std::collections::VecDeque;
use std::fmt::Write as _;

/// Strokes that are shown close up.
const CLOSE: usize = 6;
/// Samples that are held for that: 1.6 s at 50 kS/s, slower strokes are shown in part.
const HELD: usize = 80_000;
/// More samples than this in the close-up are drawn as bars.
const DRAWN: usize = 4_000;

/// A waveform's picture in the making. Memory does not grow with the record.
pub struct Picture {
    zero: Option<Zero>,
    first_seq: Option<u64>,
    record: Bins,
    rates: Bins,
    tops: Bins,
    /// Standard uncertainties of the tops, in the same bins.
    fits: Bins,
    held: VecDeque<(u64, f64)>,
    recent: VecDeque<Stroke>,
    /// The close-up, once there are enough strokes in a row.
    close: Option<CloseUp>,
}

/// Some strokes in a row, and their samples by number, mm.
struct CloseUp {
    samples: Vec<(u64, f64)>,
    strokes: Vec<Stroke>,
}

impl Picture {
    /// A picture without samples yet.
    #[must_use]
    pub fn new(zero: Option<&Zero>) -> Self {
        Self {
            zero: zero.copied(),
            first_seq: None,
            record: Bins::default(),
            rates: Bins::default(),
            tops: Bins::default(),
            fits: Bins::default(),
            held: VecDeque::new(),
            recent: VecDeque::new(),
            close: None,
        }
    }

    /// Takes the next samples, and the strokes they completed.
    pub fn push(&mut self, stretch: &Stretch, strokes: &[Stroke]) {
        let first = *self.first_seq.get_or_insert(stretch.first_seq);
        let mut exceptions = stretch.exceptions.iter().peekable();
        for (index, value) in (0_u32..).zip(&stretch.values) {
            if exceptions.next_if(|it| it.0 == index).is_some() {
                continue;
            }
            let seq = stretch.first_seq + u64::from(index);
            let value = self.millimeters(*value as f64);
            self.record.push(seq - first, value);
            if self.close.is_none() {
                if self.held.len() == HELD {
                    self.held.pop_front();
                }
                self.held.push_back((seq, value));
            }
        }
        self.add(strokes);
    }

    /// Takes strokes that came late.
    pub fn add(&mut self, strokes: &[Stroke]) {
        let first = self.first_seq.unwrap_or(0) as f64;
        for stroke in strokes {
            // Marks lie after the first sample.
            let at = (stroke.mark - first).max(0.0) as u64;
            self.tops.push(at, self.millimeters(stroke.peak_nm));
            self.fits.push(at, 1e-6 * stroke.peak_u_nm);
            let before = self.recent.back().copied();
            match before.filter(|it| it.ordinal + 1 == stroke.ordinal) {
                Some(before) => self.rates.push(at, stroke.mark - before.mark),
                None => self.recent.clear(),
            }
            self.recent.push_back(*stroke);
            if self.recent.len() > CLOSE {
                self.recent.pop_front();
            }
            if self.recent.len() == CLOSE && self.close.is_none() {
                self.close_up();
            }
        }
    }

    fn close_up(&mut self) {
        let strokes: Vec<Stroke> = self.recent.iter().copied().collect();
        let (Some(first), Some(last)) = (strokes.first(), strokes.last()) else {
            return;
        };
        let period = (last.mark - first.mark) / (CLOSE - 1) as f64;
        let range = first.mark - 0.6 * period..last.mark + 0.6 * period;
        if self.held.front().is_none_or(|it| it.0 as f64 > first.mark) {
            return;
        }
        let inside = self.held.iter().filter(|it| range.contains(&(it.0 as f64)));
        self.close = Some(CloseUp {
            samples: inside.copied().collect(),
            strokes,
        });
        self.held.clear();
    }

    fn millimeters(&self, indication_nm: f64) -> f64 {
        1e-6 * self
            .zero
            .map_or(indication_nm, |it| it.protrusion_nm(indication_nm))
    }

    /// The picture as a file; `first_seq` is the first sample of the file.
    #[must_use]
    pub fn svg(mut self, name: &str, first_seq: u64, results: &Results) -> String {
        let rate_hz = results.rate_hz;
        let seconds = |samples: f64| samples / rate_hz;
        let length = if self.zero.is_some() {
            "protrusion, mm"
        } else {
            "indication, mm"
        };
        let defects: Vec<(f64, f64)> = results
            .defects
            .iter()
            .map(|it| {
                let at = |seq: u64| seconds(seq.saturating_sub(first_seq) as f64);
                (at(it.first), at(it.last.saturating_add(1)))
            })
            .collect();
        let window = (results.from_s, results.to_s);
        let mut body = String::new();
        body.push_str(&self.whole_record(&seconds, length, &defects));
        body.push_str(&self.strokes(first_seq, &seconds, length, &defects));
        body.push_str(&self.rate_panel(rate_hz, window, &defects, results));
        body.push_str(&self.top_panel(&seconds, window, &defects, results, length));
        page(name, results, &body)
    }

    fn whole_record(
        &mut self,
        seconds: &impl Fn(f64) -> f64,
        length: &str,
        defects: &[(f64, f64)],
    ) -> String {
        let record = std::mem::take(&mut self.record);
        let width = record.width() as f64;
        let bins = record.finish();
        let x = limits(bins.iter().map(|it| seconds(it.0)));
        let y = limits(bins.iter().flat_map(|it| [it.1.lowest, it.1.highest]));
        let mut panel = Panel::new(84.0, 130.0, x, y);
        // Through lowest and highest of each bin, in turn, so that the line never breaks but at gaps.
        let mut line = Vec::new();
        let mut before = f64::NAN;
        for (index, (at, bin)) in bins.iter().enumerate() {
            if at - before > 1.5 * width {
                line.push((seconds(*at), f64::NAN));
            }
            let ends = [bin.lowest, bin.highest];
            let (first, second) = (ends[index % 2], ends[1 - index % 2]);
            line.push((seconds(*at), first));
            line.push((seconds(*at), second));
            before = *at;
        }
        panel.line(BLUE, 0.8, &line);
        defects.iter().for_each(|it| panel.shade(it.0, it.1));
        panel.svg(
            "whole record; defects hatched",
            "s after the first sample",
            length,
        )
    }

    fn strokes(
        &mut self,
        first_seq: u64,
        seconds: &impl Fn(f64) -> f64,
        length: &str,
        defects: &[(f64, f64)],
    ) -> String {
        let CloseUp { samples, strokes } = self.close.take().unwrap_or_else(|| {
            // Not enough strokes in a row: the last samples, with what strokes there are.
            let last: Vec<(u64, f64)> = self.held.iter().rev().take(DRAWN).copied().collect();
            let recent = self.recent.iter().copied().collect();
            CloseUp {
                samples: last.into_iter().rev().collect(),
                strokes: recent,
            }
        });
        let first = first_seq as f64;
        let at = |seq: f64| seconds(seq - first);
        let x = limits(samples.iter().map(|it| at(it.0 as f64)));
        let y = limits(samples.iter().map(|it| it.1));
        let mut panel = Panel::new(280.0, 270.0, x, y);
        defects.iter().for_each(|it| panel.shade(it.0, it.1));
        let relative = samples.iter().map(|it| (it.0 as f64 - first, it.1));
        if samples.len() <= DRAWN {
            panel.line(GREY, 0.7, &joined(relative.clone(), seconds));
            let dots: Vec<(f64, f64)> = relative.map(|it| (seconds(it.0), it.1)).collect();
            panel.dots(BLUE, 1.1, &dots);
        } else {
            panel.line(BLUE, 0.8, &joined(relative, seconds));
        }
        let seen = |it: &&Stroke| (x.0..=x.1).contains(&at(it.top));
        let tops: Vec<(f64, f64, f64)> = strokes
            .iter()
            .filter(seen)
            .map(|it| {
                let top = self.millimeters(it.peak_nm);
                (at(it.top), top, 2e-6 * it.peak_u_nm)
            })
            .collect();
        let bars: Vec<(f64, f64, f64)> = tops
            .iter()
            .map(|it| (it.0, it.1 - it.2, it.1 + it.2))
            .collect();
        panel.bars(ORANGE, 3.0, &bars);
        let dots: Vec<(f64, f64)> = tops.iter().map(|it| (it.0, it.1)).collect();
        panel.dots(ORANGE, 4.0, &dots);
        let marks: Vec<f64> = strokes.iter().filter(seen).map(|it| at(it.mark)).collect();
        panel.ticks_below(GREEN, &marks);
        panel.svg(
            "strokes close up: samples, fitted tops with 2 u of their fit, marks as triangles",
            "s after the first sample",
            length,
        )
    }

    fn rate_panel(
        &mut self,
        rate_hz: f64,
        window: (f64, f64),
        defects: &[(f64, f64)],
        results: &Results,
    ) -> String {
        let bins = std::mem::take(&mut self.rates).finish();
        let points: Vec<(f64, f64, f64, f64)> = bins
            .iter()
            .map(|(at, bin)| {
                (
                    at / rate_hz,
                    rate_hz / bin.mean(),
                    rate_hz / bin.highest,
                    rate_hz / bin.lowest,
                )
            })
            .collect();
        series(
            616.0,
            &points,
            window,
            defects,
            (result(results, &[Measurand::StrokeRate]), 1.0),
            ("rate of each stroke; dashed: mean rate with U", "strokes/s"),
        )
    }

    fn top_panel(
        &mut self,
        seconds: &impl Fn(f64) -> f64,
        window: (f64, f64),
        defects: &[(f64, f64)],
        results: &Results,
        length: &str,
    ) -> String {
        let bins = std::mem::take(&mut self.tops).finish();
        let fits = std::mem::take(&mut self.fits).finish();
        let points: Vec<(f64, f64, f64, f64)> = bins
            .iter()
            .zip(&fits)
            .map(|((at, bin), (_, fit))| {
                // Of single strokes the fit's uncertainty, of several their range.
                let half = if bin.count == 1 {
                    2.0 * fit.mean()
                } else {
                    0.0
                };
                let (low, high) = (bin.lowest - half, bin.highest + half);
                (seconds(*at), bin.mean(), low, high)
            })
            .collect();
        let mean = result(results, &[Measurand::MeanProtrusion, Measurand::MeanTop]);
        series(
            854.0,
            &points,
            window,
            defects,
            (mean, 1e-6),
            (
                "top of each stroke, with 2 u of its fit; dashed: mean with U",
                length,
            ),
        )
    }
}

/// A panel of single strokes over time: time, mean, lowest, highest.
fn series(
    top: f64,
    points: &[(f64, f64, f64, f64)],
    window: (f64, f64),
    defects: &[(f64, f64)],
    (mean, factor): (Option<&Measured>, f64),
    (title, unit): (&str, &str),
) -> String {
    let band = mean.map(|it| (factor * it.value, factor * it.uncertainty.expanded));
    let around = band.into_iter().flat_map(|it| [it.0 - it.1, it.0 + it.1]);
    let y = limits(points.iter().flat_map(|it| [it.2, it.3]).chain(around));
    let mut panel = Panel::new(top, 172.0, window, y);
    defects.iter().for_each(|it| panel.shade(it.0, it.1));
    if let Some((value, expanded)) = band {
        panel.band(ORANGE, value, expanded);
    }
    let bars: Vec<(f64, f64, f64)> = points
        .iter()
        .filter(|it| it.3 > it.2)
        .map(|it| (it.0, it.2, it.3))
        .collect();
    panel.bars(GREY, 0.8, &bars);
    let dots: Vec<(f64, f64)> = points.iter().map(|it| (it.0, it.1)).collect();
    panel.dots(BLUE, if points.len() > 400 { 1.2 } else { 2.2 }, &dots);
    panel.svg(title, "s after the first sample", unit)
}

/// Points joined where samples follow each other.
fn joined(
    points: impl Iterator<Item = (f64, f64)>,
    seconds: &impl Fn(f64) -> f64,
) -> Vec<(f64, f64)> {
    let mut line = Vec::new();
    let mut before = f64::NAN;
    for (at, value) in points {
        if at - before > 1.5 {
            line.push((seconds(at), f64::NAN));
        }
        line.push((seconds(at), value));
        before = at;
    }
    line
}

fn result<'r>(results: &'r Results, wanted: &[Measurand]) -> Option<&'r Measured> {
    results
        .outcomes
        .iter()
        .find(|it| wanted.contains(&it.measurand))
        .and_then(|it| it.result.as_ref().ok())
}

fn limits(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| {
        (low.min(it), high.max(it))
    })
}

fn page(name: &str, results: &Results, body: &str) -> String {
    const HEIGHT: f64 = 1080.0;
    let mut facts = Vec::new();
    for outcome in &results.outcomes {
        if let Ok(measured) = &outcome.result
            && facts.len() < 4
        {
            facts.push(format!(
                "{} {}",
                outcome.measurand.name(),
                value_with_unit(outcome.measurand, measured)
            ));
        }
    }
    let facts = if facts.is_empty() {
        "nothing could be measured".to_owned()
    } else {
        facts.join("   ")
    };
    let strokes = format!(
        "{} strokes used of {} tops passed; {}",
        results.strokes.used,
        results.strokes.seen,
        if results.calibrated {
            "U with k for 95.45 %"
        } else {
            "no certificate: U is from scatter only"
        }
    );
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">"
    );
    out.push_str(
        "<style>.grid{stroke:#e4e4e4;stroke-width:1}.frame{fill:none;stroke:#444;stroke-width:1}\
         .title{font-weight:bold;fill:#222}.label{fill:#444}.x{text-anchor:middle;fill:#444}\
         .y{text-anchor:end;fill:#444}</style>\n\
         <defs><pattern id=\"defect\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect width=\"7\" height=\"7\" fill=\"#CC79A7\" fill-opacity=\"0.25\"/>\
         <path d=\"M0 0V7\" stroke=\"#CC79A7\" stroke-width=\"2.5\"/></pattern></defs>\n",
    );
    let _ = writeln!(
        out,
        "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>"
    );
    let _ = writeln!(
        out,
        "<text x=\"86\" y=\"24\" font-size=\"16\" font-weight=\"bold\" fill=\"#222\">{}</text>",
        escaped(name)
    );
    let _ = writeln!(
        out,
        "<text x=\"86\" y=\"42\" fill=\"#222\" xml:space=\"preserve\">{}</text>",
        escaped(&facts)
    );
    let _ = writeln!(
        out,
        "<text x=\"86\" y=\"58\" fill=\"#444\">{}</text>",
        escaped(&strokes)
    );
    out.push_str(body);
    out.push_str("</svg>\n");
    out
}
