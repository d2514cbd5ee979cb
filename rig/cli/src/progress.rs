//! Progress on stderr, quiet when it is not a terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use rig_procedure::Progress;
use rig_sequence::search::Told;
use rig_spec::Verdict;
use std::io::IsTerminal as _;

/// One line a bench, and one for the lot.
pub(crate) struct Display {
    bars: Option<(MultiProgress, ProgressBar)>,
}

/// One bench's line.
pub(crate) struct UnitLine {
    bar: Option<ProgressBar>,
    worst: Option<Verdict>,
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
        let bars = MultiProgress::new();
        let lot = bars.add(ProgressBar::new(n_units as u64));
        lot.set_style(style(&format!(
            "{{prefix:14}} {{bar:30}} {{pos}}/{{len}} {what}, {{elapsed}} so far"
        )));
        lot.set_prefix("lot");
        Self {
            bars: Some((bars, lot)),
        }
    }

    pub(crate) fn unit(&self, serial: &str) -> UnitLine {
        let bar = self.bars.as_ref().map(|(bars, lot)| {
            let bar = bars.insert_before(lot, ProgressBar::new(1));
            bar.set_style(style("{prefix:14} {bar:30} {pos}/{len} rows {msg}"));
            bar.set_prefix(serial.to_owned());
            bar
        });
        UnitLine { bar, worst: None }
    }

    pub(crate) fn unit_done(&self) {
        if let Some((_, lot)) = &self.bars {
            lot.inc(1);
        }
    }

    pub(crate) fn clear(&self) {
        if let Some((bars, _)) = &self.bars {
            // A terminal that went away needs no clearing.
            let _ = bars.clear();
        }
    }
}

impl UnitLine {
    pub(crate) fn show(&mut self, progress: &Progress) {
        let Some(bar) = &self.bar else { return };
        match progress {
            Progress::Flashing => bar.set_message("flashing"),
            Progress::Row { row, done, of } => {
                bar.set_length(*of as u64);
                bar.set_position(*done as u64);
                bar.set_message(format!("{row}{}", self.so_far()));
            }
            Progress::Passing { row, passed } => {
                let minutes = passed.0 / 60_000_000_000;
                bar.set_message(format!(
                    "{row}, {minutes} min of bench time{}",
                    self.so_far()
                ));
            }
            Progress::Part { row, done, of } => {
                bar.set_message(format!("{row}, {done} of {of} sequences{}", self.so_far()));
            }
            Progress::Attempted { .. } | Progress::Covered { .. } => {}
            Progress::Violating { .. } => self.worst = self.worst.max(Some(Verdict::Fail)),
            Progress::Judged { verdict, .. } => self.worst = self.worst.max(*verdict),
        }
    }

    fn so_far(&self) -> String {
        self.worst
            .map_or(String::new(), |worst| format!(" ({worst} so far)"))
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The line of a bench that runs sequences.
pub(crate) struct SequenceLine(Option<ProgressBar>);

impl Display {
    /// The line of one of several benches, with as many sequences before it at most.
    pub(crate) fn sequences(&self, job: u64, at_most: u64) -> SequenceLine {
        SequenceLine(self.bars.as_ref().map(|(bars, lot)| {
            let bar = bars.insert_before(lot, ProgressBar::new(at_most));
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
