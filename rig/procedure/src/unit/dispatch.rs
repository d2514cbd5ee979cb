//! Which procedure answers which row.

use super::Unit;
use super::order::{HOUR, OWN_TREATMENT, RUN_TIME, SEQUENCES};
use crate::pen::Pen;
use crate::rows::{
    RowError, axial, brown_out, cartridge, corners, cross_talk, depth, endurance, faults, hour,
    hung_loop, idle, link, load, motion, overload, rate, rig, sections, sequences, stated,
    treatment,
};
use rig_bench::Bench;
use rig_spec::{Evidence, Load, Row, RowInstrument, RowLoad};

/// The row whose window DEP-07 and MSR-01 rest on.
const DEPTH_WINDOW: &str = "DEP-04";
/// Rows that the protrusion of a corner is held against, each at its own depth.
const DEPTH_ROWS: [&str; 6] = [
    "DEP-01",
    "DEP-02",
    "DEP-03",
    DEPTH_WINDOW,
    "DEP-05",
    "DEP-06",
];
/// Rows whose windows RAT-06 rests on, and that the rate of a corner is held against.
const RATE_WINDOWS: [&str; 4] = ["RAT-01", "RAT-02", "RAT-03", "RAT-04"];
/// The row whose window MSR-04 rests on.
const CLOCK_WINDOW: &str = "RAT-03";

/// The load of SAF-09.
const OVERLOAD: &str = "overload";

impl<'j> Unit<'j> {
    /// Runs a row once: its condition, its stimulus, its evidence.
    pub(super) fn evidence<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        row: &Row,
    ) -> Result<Evidence, RowError> {
        let id = row.id.as_str();
        insist_condition(row)?;
        if HOUR.contains(&id) || id == RUN_TIME {
            return self.endurance(pen, row);
        }
        let interlock = matches!(id, "SAF-01" | "SAF-02");
        if !interlock && !self.fresh_cartridge {
            pen.fit_cartridge(None)?;
        }
        self.fresh_cartridge = !interlock;
        if !OWN_TREATMENT.contains(&id) {
            return self.evidence_of(pen, row);
        }
        if SEQUENCES.contains(&id) {
            self.run_sequences(pen, row)?;
        }
        pen.begin_afresh()?;
        let evidence = self.evidence_of(pen, row)?;
        // A pen that has failed may refuse; that verdict stands, and the next row will tell.
        if let Err(RowError::Session(error)) = pen.begin_afresh() {
            return Err(error.into());
        }
        Ok(evidence)
    }

    /// Runs a row of endurance: the treatment that several share once, the rest of the charge after
    /// it, and what each row makes of them.
    fn endurance<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        row: &Row,
    ) -> Result<Evidence, RowError> {
        let id = row.id.as_str();
        let limit_row = self.row("SAF-13")?;
        if id == RUN_TIME {
            let load = self.load_if_named(row);
            // Of a treatment under another condition, nothing may count.
            let is_same = differs(self.row(HOUR[0])?, row).is_none();
            let hour = self.hour.as_ref().filter(|_| is_same);
            return self.afresh(pen, |pen| {
                endurance::run_time(pen, row, load, hour, limit_row)
            });
        }
        if let Some(column) = differs(self.row(HOUR[0])?, row) {
            return Err(RowError::Precondition(format!(
                "{id} wants {column} `{}`; the treatment that it shares is that of {}",
                row.cell(column),
                HOUR[0]
            )));
        }
        let thermometers = pen.session.chain().thermometers().is_some();
        if id == "THM-01" && !thermometers {
            return Err(RowError::NoInstrument(RowInstrument::Thermometers));
        }
        if self.hour.is_none() {
            let first = self.row(HOUR[0])?;
            insist_condition(first)?;
            let rows = hour::Rows {
                row: first,
                limit: limit_row,
                datum: self.row("MSR-03")?,
            };
            let load = self.load_if_named(first);
            // What it leaves of the charge is used up next.
            let keep_cell = id == HOUR[0] && self.rows().iter().any(|it| &it.id == RUN_TIME);
            let hour = self.afresh(pen, |pen| hour::run(pen, rows, load, keep_cell))?;
            self.hour = Some(hour);
        }
        let hour = stated(row, "treatment", self.hour.as_ref())?;
        let chain = pen.session.chain();
        match id {
            "END-01" => {
                let time_base_ppb = chain.edges_instrument().certificate.time_base_ppb;
                endurance::rate_drift(hour, row, self.row("RAT-03")?, time_base_ppb)
            }
            "END-02" => endurance::depth_drift(hour, row, &chain.gauge_properties()),
            "END-03" => endurance::counter_error(hour, row),
            _ => {
                let thermometers = chain.thermometers();
                let instruments = thermometers.map(|it| (it.0.instrument(), it.1.instrument()));
                let rated = self.job.spec.document.maximum_rated_millicelsius();
                endurance::nose_temperature(hour, row, instruments, rated)
            }
        }
    }

    /// The load that a row names, of those that the spec has.
    fn load_if_named(&self, row: &Row) -> Option<&'j Load> {
        match &row.load {
            RowLoad::Named(name) => self.job.spec.load(name),
            _ => None,
        }
    }

    /// Runs something in a treatment of its own.
    fn afresh<B: Bench, T>(
        &self,
        pen: &mut Pen<'_, B>,
        run: impl FnOnce(&mut Pen<'_, B>) -> Result<T, RowError>,
    ) -> Result<T, RowError> {
        pen.begin_afresh()?;
        let ran = run(pen)?;
        // A pen that has failed may refuse; that verdict stands, and the next row will tell.
        if let Err(RowError::Session(error)) = pen.begin_afresh() {
            return Err(error.into());
        }
        Ok(ran)
    }

    fn evidence_of<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        row: &Row,
    ) -> Result<Evidence, RowError> {
        match row.id.as_str() {
            "DEP-00a" => depth::parked(pen, row),
            "DEP-00b" => depth::running_at_zero(pen, row),
            "DEP-07" => {
                self.depth_window(pen)?;
                depth::spread_of(row, &self.windows[DEPTH_WINDOW])
            }
            "DEP-09-D1" => sequences::deepest(pen, row, self.sequences_of(row)?),
            "DEP-09-D2" => {
                let trials = faults::of_each(pen, row, self.job.serial)?;
                let evidence = faults::furthest(pen, row, &trials);
                self.trials.push(trials);
                evidence
            }
            "DEP-09-U" => depth::deepest(pen, row),
            "DEP-10" => link::above_armed_limit(pen, row),
            "DEP-11" => axial::change(pen, row, self.load_of(row)?),
            "DEP-13" => {
                let evidence = depth::notches(pen, row)?;
                pen.lock_depth()?;
                Ok(evidence)
            }
            "DEP-14" => link::above_range(pen, row),
            "DEP-15" => link::above_preset_ceiling(pen, &self.job.spec.presets),
            DEPTH_WINDOW => {
                self.depth_window(pen)?;
                depth::mean(pen, row, &self.windows[DEPTH_WINDOW])
            }
            "DEP-01" | "DEP-02" | "DEP-03" | "DEP-05" | "DEP-06" => {
                let window = depth::window(pen, row)?;
                pen.lock_depth()?;
                depth::mean(pen, row, &window)
            }
            "RAT-01" | "RAT-02" | "RAT-03" | "RAT-04" => {
                let key = self.rate_window(pen, row.id.as_str())?;
                rate::mean(pen, row, &self.windows[key])
            }
            "RAT-06" => {
                for id in RATE_WINDOWS {
                    self.rate_window(pen, id)?;
                }
                rate::variation(pen, row, RATE_WINDOWS.iter().map(|id| &self.windows[id]))
            }
            "RAT-05" => load::droop(pen, row, self.load_of(row)?),
            "RAT-07-D1" => sequences::fastest(pen, row, self.sequences_of(row)?),
            "RAT-07-D2" => {
                if !self.trials.iter().any(|it| it.are_of(row)) {
                    self.trials
                        .push(faults::of_each(pen, row, self.job.serial)?);
                }
                faults::fastest(pen, row, &self.trials)
            }
            "RAT-08a" => rate::reported(pen, row),
            "RAT-08b" => rate::reported_at_rest(pen, row),
            "RAT-09" => cross_talk::of_depth_on_rate(pen, row),
            "COR-01" => {
                let (depth_rows, rate_rows) =
                    (self.rows_of(DEPTH_ROWS)?, self.rows_of(RATE_WINDOWS)?);
                corners::every(pen, row, &depth_rows, &rate_rows)
            }
            "SAF-01" => cartridge::absent(pen, row),
            "SAF-02" => cartridge::used(pen, row),
            "SAF-03" => motion::stall(pen, row),
            "SAF-05" => sequences::violations(row, self.sequences_of(row)?),
            "SAF-06" => motion::lost_link(pen, row),
            "SAF-07" => link::read_back(pen),
            "SAF-08" => {
                let evidence = motion::stop(pen, row)?;
                // A pen that did not stop has failed, and refuses; that verdict stands.
                if let Err(RowError::Session(error)) = pen.lock_depth() {
                    return Err(error.into());
                }
                Ok(evidence)
            }
            "SAF-09" => {
                let spec = self.job.spec;
                let rated = spec.document.rated_motor_current;
                overload::reaction(pen, row, spec.load(OVERLOAD), rated)
            }
            "SAF-10" => {
                let depth_row = self.row(DEPTH_WINDOW)?;
                brown_out::calibration_after(pen, row, depth_row, self.job.serial)
            }
            "SAF-11" => hung_loop::reaction(pen, row),
            "SAF-12" => treatment::unlock_ends(pen, row),
            "SAF-13" => treatment::limit(pen, row),
            "END-04" => {
                let (depth_row, rate_row) = (self.row(DEPTH_WINDOW)?, self.row("RAT-03")?);
                idle::start_after(pen, row, depth_row, rate_row, self.row("MSR-03")?)
            }
            "END-06" => sections::counters(pen, row),
            "MSR-01" => {
                let depth_row = self.row(DEPTH_WINDOW)?;
                self.depth_window(pen)?;
                rig::uncertainty(pen, row, depth_row, &self.windows[DEPTH_WINDOW])
            }
            "MSR-03" => {
                let after = rig::block_level(pen)?;
                let zero = depth::zero(pen)?;
                rig::zero_drift(row, self.first_zero.as_ref().unwrap_or(&zero), &after)
            }
            "MSR-04" => {
                let key = self.rate_window(pen, CLOCK_WINDOW)?;
                rig::clocks(pen, row, &self.windows[key])
            }
            other => Err(RowError::Precondition(format!("{other} has no procedure"))),
        }
    }

    pub(super) fn row(&self, id: &str) -> Result<&'j Row, RowError> {
        let row = self.job.spec.row(id);
        row.ok_or_else(|| RowError::Precondition(format!("the spec has no row {id}")))
    }

    fn rows_of<const N: usize>(&self, ids: [&str; N]) -> Result<Vec<&'j Row>, RowError> {
        ids.into_iter().map(|id| self.row(id)).collect()
    }

    /// The load that the row names.
    fn load_of(&self, row: &Row) -> Result<&'j Load, RowError> {
        let load = self.load_if_named(row);
        load.ok_or_else(|| RowError::Precondition(format!("{} names no load", row.id)))
    }

    fn depth_window<B: Bench>(&mut self, pen: &mut Pen<'_, B>) -> Result<(), RowError> {
        if !self.windows.contains_key(DEPTH_WINDOW) {
            let window = depth::window(pen, self.row(DEPTH_WINDOW)?)?;
            self.windows.insert(DEPTH_WINDOW, window);
        }
        Ok(())
    }

    fn rate_window<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        id: &str,
    ) -> Result<&'static str, RowError> {
        let key = RATE_WINDOWS.into_iter().find(|key| *key == id);
        let key = key.ok_or_else(|| RowError::Precondition(format!("{id} has no window")))?;
        if !self.windows.contains_key(key) {
            let window = rate::window(pen, self.row(key)?)?;
            self.windows.insert(key, window);
        }
        Ok(key)
    }
}

/// Insists that the row's load, supply and cartridge are those that its procedure sets: a cell
/// that was edited is a condition that nobody set.
fn insist_condition(row: &Row) -> Result<(), RowError> {
    let load = match row.id.as_str() {
        "RAT-08a" => "drag",
        "SAF-03" => "locked",
        "SAF-09" => OVERLOAD,
        "DEP-09-U" => "all of the run",
        // Taken from loads.csv, whichever it is.
        "DEP-11" | "RAT-05" => row.cell("load"),
        id if HOUR.contains(&id) || id == RUN_TIME => row.cell("load"),
        _ => "none",
    };
    let supply = match row.id.as_str() {
        "COR-01" => row.cell("supply"),
        id if HOUR.contains(&id) || id == RUN_TIME => "battery",
        _ => "nominal",
    };
    let set = [("load", load), ("supply", supply), ("cartridge", "14-pin")];
    for (column, set) in set {
        let cell = row.cell(column);
        if !cell.is_empty() && cell != set {
            return Err(RowError::Precondition(format!(
                "{} wants {column} `{cell}`; its procedure sets `{set}`",
                row.id
            )));
        }
    }
    Ok(())
}

/// The first condition that a row states and that is not the one of another row.
fn differs(shared: &Row, row: &Row) -> Option<&'static str> {
    let columns = [
        "depth_mm",
        "rate_per_s",
        "load",
        "supply",
        "cartridge",
        "window_s",
    ];
    columns.into_iter().find(|column| {
        let cell = row.cell(column);
        !cell.is_empty() && cell != shared.cell(column)
    })
}

/// The condition that the row's procedure set, in words.
pub(super) fn condition(row: &Row) -> String {
    let cells = [
        "depth_mm",
        "rate_per_s",
        "load",
        "supply",
        "cartridge",
        "stimulus",
    ];
    let parts = cells.into_iter().filter_map(|column| {
        let cell = row.cell(column);
        (!cell.is_empty()).then(|| format!("{column} {cell}"))
    });
    parts.collect::<Vec<_>>().join("; ")
}
