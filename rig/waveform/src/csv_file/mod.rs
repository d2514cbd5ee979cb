//! Waveforms as CSV, as other programs write them.

mod decimal;
mod defect;
mod edges;
mod grid;
mod header;
mod lines;
mod rows;

pub(crate) use decimal::parse_microhertz;
pub use defect::{CsvDefect, CsvError, CsvFault};
pub use edges::read_edges;
pub use header::LengthUnit;

use crate::stretch::SampleDigest;
use crate::{Description, Quantity, STRETCH_LENGTH, Stretch, rate_text};
use firmware_units::Microhertz;
use grid::Grid;
use header::Kind;
#[cfg(test)]
use rig_measure::SampleFault;
use rows::{Row, Rows};
use std::collections::VecDeque;
use std::io::Read;

/// Rows that the period is taken from before the first sample is given.
const PRIME: usize = 1000;
/// Times and a stated rate may differ by this share.
const RATE_TOLERANCE: f64 = 1e-4;

/// What is known of a file beside its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CsvOptions {
    /// Samples a second.
    pub sample_rate: Option<Microhertz>,
    /// Unit of values in a file of one column without a header.
    pub unit: Option<LengthUnit>,
}

/// Reads one waveform of lengths.
///
/// A header row names the columns: time (`time_s`, `_ms`, `_us`, `_ns`) or sequence (`seq`), a
/// column of values with its unit (`position_um`, …), and `status` where samples are no
/// indication. Lines that begin with `#` are passed by. Numbers are decimal text, taken exactly
/// to the nanometre and the picosecond. Steps of several periods are gaps and show in
/// [`Stretch::first_seq`]; other uneven steps are defects.
pub struct CsvReader<R> {
    rows: Rows<R>,
    description: Description,
    stated_rate: Option<Microhertz>,
    /// Rows read to find the period, and not given yet.
    primed: VecDeque<Row>,
    grid: Option<Grid>,
    /// Index of the row before, as its cell says it.
    before: Option<(i64, String)>,
    /// A row that begins the next stretch.
    held: Option<(u64, Row)>,
    next_place: u64,
    first_time_ps: i64,
    digest: SampleDigest,
    samples: u64,
}

impl<R: Read> CsvReader<R> {
    /// Reads the header and the first rows.
    ///
    /// # Errors
    /// [`CsvError`].
    pub fn new(source: R, options: CsvOptions) -> Result<Self, CsvError> {
        let rows = Rows::new(source, Kind::Waveform, options.unit)?;
        let rate = options.sample_rate.filter(|it| it.0 > 0);
        let mut reader = Self {
            rows,
            description: Description::new(Quantity::Displacement, Microhertz(0)),
            stated_rate: rate,
            primed: VecDeque::new(),
            grid: None,
            before: None,
            held: None,
            next_place: 0,
            first_time_ps: 0,
            digest: SampleDigest::default(),
            samples: 0,
        };
        reader.prime()?;
        Ok(reader)
    }

    /// What it is of. The rate is the stated one, or by the times read so far.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Time of the first sample by the file's column of times, ns; zero without one.
    #[must_use]
    pub fn first_time_ns(&self) -> i64 {
        self.first_time_ps.div_euclid(1000)
    }

    /// Bytes of the file taken so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.rows.bytes()
    }

    /// Cells so far that had digits below a nanometre or a picosecond, which were rounded.
    #[must_use]
    pub fn rounded_cells(&self) -> u64 {
        self.rows.rounded
    }

    /// SHA-256 of the samples read so far.
    #[must_use]
    pub fn samples_sha256(&self) -> String {
        self.digest.hex()
    }

    /// The next samples; none after the last.
    ///
    /// # Errors
    /// [`CsvError::Defects`] with all that is wrong from here to the end of the file, up to
    /// [`CsvError::LIMIT`] defects.
    pub fn next_stretch(&mut self) -> Result<Option<Stretch>, CsvError> {
        let mut stretch = Stretch::default();
        if let Some((number, row)) = self.held.take() {
            stretch.first_seq = number;
            stretch.add(&row);
        }
        while let Some(row) = self.next_row()? {
            let Some(number) = self.number(&row) else {
                continue;
            };
            if stretch.values.is_empty() {
                stretch.first_seq = number;
            }
            let follows = stretch.first_seq + stretch.values.len() as u64 == number;
            if !follows || stretch.values.len() == STRETCH_LENGTH {
                self.held = Some((number, row));
                break;
            }
            stretch.add(&row);
        }
        if !self.rows.defects.is_empty() {
            return Err(self.all_defects()?);
        }
        if stretch.values.is_empty() {
            self.end()?;
            return Ok(None);
        }
        if let Some(grid) = &self.grid
            && self.stated_rate.is_none()
        {
            self.description.sample_rate = grid.rate();
        }
        self.samples += stretch.values.len() as u64;
        self.digest.push(&stretch);
        Ok(Some(stretch))
    }

    /// Reads rows until the period is known.
    fn prime(&mut self) -> Result<(), CsvError> {
        while self.primed.len() < PRIME {
            match self.rows.next()? {
                Some(row) => self.primed.push_back(row),
                None => break,
            }
        }
        let whole_file = |fault| CsvError::Defects(vec![defect_of_file(fault)]);
        if self.rows.defects.is_empty() {
            match self.primed.len() {
                0 => return Err(whole_file(CsvFault::NoSamples)),
                1 => return Err(whole_file(CsvFault::OneSample)),
                _ => {}
            }
        }
        if self.rows.header.time.is_some() {
            let times: Vec<i64> = self.primed.iter().map(|it| it.index).collect();
            self.first_time_ps = times.first().copied().unwrap_or(0);
            self.grid = Grid::of(&times);
        }
        let by_times = self.grid.as_ref().map(Grid::rate);
        match self.stated_rate.or(by_times) {
            Some(rate) => self.description.sample_rate = rate,
            // Times that do not rise are named row by row.
            None if self.rows.header.time.is_some() => {}
            None => self.rows.defects.push(defect_of_file(CsvFault::NoRate)),
        }
        Ok(())
    }

    fn next_row(&mut self) -> Result<Option<Row>, CsvError> {
        match self.primed.pop_front() {
            Some(row) => Ok(Some(row)),
            None => self.rows.next(),
        }
    }

    /// Number of a row's sample; none, with a defect noted, if it has none.
    fn number(&mut self, row: &Row) -> Option<u64> {
        let Some(column) = self.rows.header.index() else {
            let place = self.next_place;
            self.next_place += 1;
            return Some(place);
        };
        let cell = self.index_text(row.index);
        let before = self.before.replace((row.index, cell.clone()));
        if let Some((index, text)) = before {
            let fault = match row.index.cmp(&index) {
                std::cmp::Ordering::Less => CsvFault::Unsorted {
                    before: text,
                    found: cell,
                },
                std::cmp::Ordering::Equal => CsvFault::Duplicate(cell),
                std::cmp::Ordering::Greater => return self.later(row, column),
            };
            self.rows.complain(row.line, Some(column), fault);
            return None;
        }
        self.first(row, column)
    }

    fn first(&mut self, row: &Row, column: usize) -> Option<u64> {
        if self.grid.is_some() || self.rows.header.time.is_some() {
            return Some(0);
        }
        match u64::try_from(row.index) {
            Ok(number) => Some(number),
            Err(_) => {
                let fault = CsvFault::NotANumber(row.index.to_string());
                self.rows.complain(row.line, Some(column), fault);
                None
            }
        }
    }

    fn later(&mut self, row: &Row, column: usize) -> Option<u64> {
        if self.rows.header.seq.is_some() {
            return u64::try_from(row.index).ok();
        }
        let grid = self.grid.as_mut()?;
        match grid.take(row.index) {
            Ok(number) => Some(number),
            Err(fault) => {
                grid.skip_to(row.index);
                self.rows.complain(row.line, Some(column), fault);
                None
            }
        }
    }

    /// A time or sequence number as a message shows it.
    fn index_text(&self, index: i64) -> String {
        match self.rows.header.time {
            None => index.to_string(),
            Some((_, decimals)) => {
                let scale = 10_i128.pow(decimals);
                let magnitude = i128::from(index).abs();
                let sign = if index < 0 { "-" } else { "" };
                let width = decimals as usize;
                let text = format!("{sign}{}.{:0width$}", magnitude / scale, magnitude % scale);
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
        }
    }

    /// Reads on to the end for further defects.
    fn all_defects(&mut self) -> Result<CsvError, CsvError> {
        while self.rows.defects.len() < CsvError::LIMIT {
            match self.next_row()? {
                Some(row) => {
                    self.number(&row);
                }
                None => break,
            }
        }
        let mut defects = std::mem::take(&mut self.rows.defects);
        // Rows that were read ahead complain of their cells before their neighbours of the order.
        defects.sort_by_key(|it| it.line);
        defects.truncate(CsvError::LIMIT);
        Ok(CsvError::Defects(defects))
    }

    /// Compares the rate with the stated one when all times are known.
    fn end(&mut self) -> Result<(), CsvError> {
        let (Some(grid), Some(stated)) = (&self.grid, self.stated_rate) else {
            return Ok(());
        };
        let found = grid.rate();
        let off = (found.0 as f64 / stated.0 as f64 - 1.0).abs();
        // Rounded times are off by up to a tenth of a period at both ends.
        if off > RATE_TOLERANCE + 0.2 / grid.span().max(1) as f64 {
            return Err(CsvError::Defects(vec![defect_of_file(CsvFault::Rate {
                found_hz: rate_text(found),
                stated_hz: rate_text(stated),
            })]));
        }
        Ok(())
    }
}

impl Stretch {
    fn add(&mut self, row: &Row) {
        if let Some(fault) = row.fault {
            // A stretch is far shorter than 2^32.
            self.exceptions.push((self.values.len() as u32, fault));
        }
        self.values.push(row.value);
    }
}

fn defect_of_file(fault: CsvFault) -> CsvDefect {
    CsvDefect {
        line: 0,
        column: None,
        fault,
    }
}

#[cfg(test)]
mod tests;
