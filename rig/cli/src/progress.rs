//! Progress on stderr, quiet when it is not a terminal.

use crate::clock::Stopwatch;
use crate::operator::{self, Announcement, Times};
use crate::print_error;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use rig_procedure::Progress;
use rig_sequence::search::Told;
use rig_spec::Verdict;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One line a bench, one for the lot, and one for the last verdict.
///
/// A verdict is shown by [`Display::unit_ended`] and [`Display::run_ended`] alone, so that it can
/// be on disk before.
pub(crate) struct Display {
    bars: Option<Bars>,
}

struct Bars {
    all: MultiProgress,
    lot: ProgressBar,
    last: Mutex<Option<ProgressBar>>,
    n_units: usize,
    clock: Clock,
}

/// Time that has passed, and what is known of the time left.
#[derive(Clone)]
struct Clock {
    watch: Arc<Stopwatch>,
    times: Arc<Mutex<Times>>,
}

impl Clock {
    /// Does something with the times known, at this moment.
    fn at<T>(&self, what: impl FnOnce(&mut Times, f64) -> T) -> T {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        what(&mut times, self.watch.elapsed().as_secs_f64())
    }
}

/// One bench's line.
pub(crate) struct UnitLine {
    bar: Option<UnitBar>,
    worst: Option<Verdict>,
}

struct UnitBar {
    bar: ProgressBar,
    lot: ProgressBar,
    clock: Clock,
    ticket: usize,
}

impl Display {
    pub(crate) fn new(n_units: usize) -> Self {
        Self::counting(n_units, "units")
    }

    /// Counts what is called so.
    pub(crate) fn counting(n_units: usize, what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { bars: None };
        }
        let all = MultiProgress::new();
        let lot = all.add(ProgressBar::new(n_units as u64));
        lot.set_style(style(&format!(
            "{{prefix:13}} {{bar:16}} {{pos}}/{{len}} {what}{{msg}}, {{elapsed}} so far"
        )));
        lot.set_prefix("lot");
        operator::attach(Some(&all));
        let clock = Clock {
            watch: Arc::new(Stopwatch::start()),
            times: Arc::new(Mutex::new(Times::new(n_units))),
        };
        Self {
            bars: Some(Bars {
                all,
                lot,
                last: Mutex::new(None),
                n_units,
                clock,
            }),
        }
    }

    pub(crate) fn unit(&self, serial: &str) -> UnitLine {
        let bar = self.bars.as_ref().map(|it| {
            it.lot.enable_steady_tick(Duration::from_secs(1));
            let bar = it.all.insert_before(&it.lot, ProgressBar::new(1));
            bar.set_style(style("{prefix:13} {bar:16} {pos}/{len} rows {wide_msg}"));
            bar.set_prefix(serial.to_owned());
            UnitBar {
                bar,
                lot: it.lot.clone(),
                clock: it.clock.clone(),
                ticket: it.clock.at(Times::begin),
            }
        });
        UnitLine { bar, worst: None }
    }

    pub(crate) fn unit_done(&self) {
        if let Some(bars) = &self.bars {
            bars.lot.inc(1);
        }
    }

    /// Shows the verdict on a unit, and keeps it in sight until the next.
    pub(crate) fn unit_ended(&self, verdict: Option<&Announcement>) {
        self.unit_done();
        let (Some(bars), Some(verdict)) = (&self.bars, verdict) else {
            return;
        };
        let paint = operator::paint();
        // That of the only unit of a run is as good as that of the run, which follows.
        if bars.n_units > 1 {
            // A terminal that went away hears nothing.
            let _ = bars
                .all
                .println(operator::band(verdict, paint, operator::columns()));
        }
        let mut last = bars.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.get_or_insert_with(|| {
            let bar = bars.all.insert_after(&bars.lot, ProgressBar::new_spinner());
            bar.set_style(style("{prefix:13} {wide_msg}"));
            bar.set_prefix("last");
            bar
        });
        last.set_message(operator::last(verdict, paint));
    }

    /// Shows the verdict on a run, large, to a person at a terminal.
    pub(crate) fn run_ended(verdict: &Announcement) {
        if std::io::stderr().is_terminal() {
            let (paint, columns) = (operator::paint(), operator::columns());
            print_error(&format!("\n{}", operator::banner(verdict, paint, columns)));
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(bars) = &self.bars {
            operator::attach(None);
            bars.lot.disable_steady_tick();
            // A terminal that went away needs no clearing.
            let _ = bars.all.clear();
        }
    }
}

impl UnitLine {
    pub(crate) fn show(&mut self, progress: &Progress) {
        match progress {
            Progress::Violating { .. } => self.worst = self.worst.max(Some(Verdict::Fail)),
            Progress::Judged { verdict, .. } => self.worst = self.worst.max(*verdict),
            _ => {}
        }
        let Some(bar) = &self.bar else { return };
        match progress {
            Progress::Flashing => bar.bar.set_message("flashing"),
            Progress::Row { row, done, of } => {
                bar.bar.set_length(*of as u64);
                bar.bar.set_position(*done as u64);
                bar.clock
                    .at(|times, now| times.rows(bar.ticket, now, *done, *of));
                self.tell(bar, row);
            }
            Progress::Passing { row, passed } => {
                let minutes = passed.0 / 60_000_000_000;
                self.tell(bar, &format!("{row}, {minutes} min of bench time"));
            }
            Progress::Part { row, done, of } => {
                self.tell(bar, &format!("{row}, {done} of {of} sequences"));
            }
            Progress::Attempted { .. }
            | Progress::Covered { .. }
            | Progress::Violating { .. }
            | Progress::Judged { .. } => {}
        }
    }

    /// What is under way, what it came to so far, and how long it will take.
    fn tell(&self, bar: &UnitBar, what: &str) {
        let (unit, run) = bar
            .clock
            .at(|times, now| (times.unit(bar.ticket, now), times.run(now)));
        let so_far = self
            .worst
            .map_or(String::new(), |worst| format!(" ({worst} so far)"));
        // In 80 columns it is the end that is cut off.
        bar.bar.set_message(format!("{what}, {unit}{so_far}"));
        bar.lot.set_message(format!(", {run}"));
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            let is_idle = bar.clock.at(|times, now| {
                times.end(bar.ticket, now);
                times.is_idle()
            });
            if is_idle {
                // What is asked between units is not drawn over.
                bar.lot.disable_steady_tick();
            }
            bar.bar.finish_and_clear();
        }
    }
}

/// The line of a bench that runs sequences.
pub(crate) struct SequenceLine(Option<ProgressBar>);

impl Display {
    /// The line of one of several benches, with as many sequences before it at most.
    pub(crate) fn sequences(&self, job: u64, at_most: u64) -> SequenceLine {
        SequenceLine(self.bars.as_ref().map(|it| {
            let bar = it.all.insert_before(&it.lot, ProgressBar::new(at_most));
            bar.set_style(style("{prefix:14} {bar:30} sequence {pos} of {len} {msg}"));
            bar.set_prefix(format!("bench {}", job + 1));
            bar
        }))
    }
}

impl SequenceLine {
    /// Shows what was made of a run; `number` is that of a drawn sequence.
    pub(crate) fn show(&self, number: Option<u64>, told: &Told) {
        let Some(bar) = &self.0 else { return };
        if let Some(number) = number {
            bar.set_position(number + 1);
        }
        match told {
            Told::Found(property) => {
                // It stays on the screen: first failure early.
                bar.println(format!(
                    "sequence {} violates {property:?}; making it short",
                    number.unwrap_or_default()
                ));
            }
            Told::Shrinking { steps, .. } => bar.set_message(format!("shortening: {steps} steps")),
            Told::Held | Told::Inconclusive | Told::Known(_) => bar.set_message(""),
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The line of a file that is read.
pub(crate) struct ReadLine(Option<ProgressBar>);

impl ReadLine {
    pub(crate) fn start(name: &str, length: u64) -> Self {
        let is_watched = std::io::stderr().is_terminal();
        Self(is_watched.then(|| {
            let bar = ProgressBar::new(length);
            bar.set_style(style("{prefix} {bar:30} {percent:>3} %, {eta} left"));
            bar.set_prefix(name.to_owned());
            bar
        }))
    }

    pub(crate) fn show(&self, position: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(position);
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The line of a served bench.
pub(crate) struct ServeLine(Option<ProgressBar>);

impl ServeLine {
    pub(crate) fn start() -> Self {
        let is_watched = std::io::stderr().is_terminal();
        Self(is_watched.then(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_style(style("{spinner} {wide_msg}"));
            bar
        }))
    }

    pub(crate) fn show(&self, state: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(state.to_owned());
            bar.tick();
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is right")
}
