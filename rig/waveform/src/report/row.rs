//! One stroke as a row of a table.

use rig_measure::{Stroke, Zero};

/// One stroke: times from the first sample of the file, lengths as integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrokeRow {
    stroke: u64,
    mark_ns: i64,
    top_ns: i64,
    top_nm: i64,
    top_u_nm: i64,
    protrusion_nm: Option<i64>,
    height_nm: i64,
    residual_nm: i64,
    period_ns: Option<i64>,
}

impl StrokeRow {
    /// Names of the columns: number of the top since the window began; mean of the mid-level
    /// crossings; top; indication at the top and its standard uncertainty from the fit;
    /// protrusion, empty without a zero; height from the troughs; standard deviation of the fit's
    /// residuals; time since the mark before, empty where a stroke between was not measured.
    pub const HEADER: &'static str =
        "stroke,mark_ns,top_ns,top_nm,top_u_nm,protrusion_nm,height_nm,residual_nm,period_ns";

    /// A row, with the stroke before it if there was one.
    #[must_use]
    pub fn new(
        stroke: &Stroke,
        before: Option<&Stroke>,
        rate_hz: f64,
        first_seq: u64,
        zero: Option<&Zero>,
    ) -> Self {
        let ns = |samples: f64| whole(1e9 * samples / rate_hz);
        let at = |seq: f64| ns(seq - first_seq as f64);
        let neighbour = before.filter(|it| it.ordinal + 1 == stroke.ordinal);
        Self {
            stroke: stroke.ordinal,
            mark_ns: at(stroke.mark),
            top_ns: at(stroke.top),
            top_nm: whole(stroke.peak_nm),
            top_u_nm: whole(stroke.peak_u_nm),
            protrusion_nm: zero.map(|it| whole(it.protrusion_nm(stroke.peak_nm))),
            height_nm: whole(stroke.height_nm),
            residual_nm: whole(libm::sqrt(stroke.residual_var)),
            period_ns: neighbour.map(|it| ns(stroke.mark - it.mark)),
        }
    }

    /// Its cells, apart by commas.
    #[must_use]
    pub fn csv(&self) -> String {
        let or_empty = |it: Option<i64>| it.map_or(String::new(), |it| it.to_string());
        format!(
            "{},{},{},{},{},{},{},{},{}",
            self.stroke,
            self.mark_ns,
            self.top_ns,
            self.top_nm,
            self.top_u_nm,
            or_empty(self.protrusion_nm),
            self.height_nm,
            self.residual_nm,
            or_empty(self.period_ns)
        )
    }
}

fn whole(number: f64) -> i64 {
    // Saturates; a time or length that does would be one of years or kilometres.
    libm::round(number) as i64
}
