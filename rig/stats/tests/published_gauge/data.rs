//! Data of the published studies.

use rig_stats::gauge_study::{CrossedStudy, GaugeStudyError, Observation};

const NAMES: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
const APPRAISERS: [&str; 3] = ["A", "B", "C"];

/// 10 parts × 3 appraisers × 3 repeats: AIAG MSA, 4th ed., its gauge R&R example; Minitab's
/// `Gageaiag`. Data seen in two independent transcriptions, which agree.
pub(crate) const AIAG: [[f64; 9]; 10] = [
    [0.29, 0.41, 0.64, 0.08, 0.25, 0.07, 0.04, -0.11, -0.15],
    [
        -0.56, -0.68, -0.58, -0.47, -1.22, -0.68, -1.38, -1.13, -0.96,
    ],
    [1.34, 1.17, 1.27, 1.19, 0.94, 1.34, 0.88, 1.09, 0.67],
    [0.47, 0.50, 0.64, 0.01, 1.03, 0.20, 0.14, 0.20, 0.11],
    [
        -0.80, -0.92, -0.84, -0.56, -1.20, -1.28, -1.46, -1.07, -1.45,
    ],
    [0.02, -0.11, -0.21, -0.20, 0.22, 0.06, -0.29, -0.67, -0.49],
    [0.59, 0.75, 0.66, 0.47, 0.55, 0.83, 0.02, 0.01, 0.21],
    [-0.31, -0.20, -0.17, -0.63, 0.08, -0.34, -0.46, -0.56, -0.49],
    [2.26, 1.99, 2.01, 1.80, 2.12, 2.19, 1.77, 1.45, 1.87],
    [
        -1.36, -1.25, -1.31, -1.68, -1.62, -1.50, -1.49, -1.77, -2.16,
    ],
];

/// Thermal performance of 10 modules, 3 operators, 3 repeats, °C/W: Houf and Burman 1988, as in
/// SAS/STAT, PROC VARCOMP, example "Using the GRR Method" (data seen), and in Montgomery's books.
pub(crate) const HOUF: [[f64; 9]; 10] = [
    [37.0, 38.0, 37.0, 41.0, 41.0, 40.0, 41.0, 42.0, 41.0],
    [42.0, 41.0, 43.0, 42.0, 42.0, 42.0, 43.0, 42.0, 43.0],
    [30.0, 31.0, 31.0, 31.0, 31.0, 31.0, 29.0, 30.0, 28.0],
    [42.0, 43.0, 42.0, 43.0, 43.0, 43.0, 42.0, 42.0, 42.0],
    [28.0, 30.0, 29.0, 29.0, 30.0, 29.0, 31.0, 29.0, 29.0],
    [42.0, 42.0, 43.0, 45.0, 45.0, 45.0, 44.0, 46.0, 45.0],
    [25.0, 26.0, 27.0, 28.0, 28.0, 30.0, 29.0, 27.0, 27.0],
    [40.0, 40.0, 40.0, 43.0, 42.0, 42.0, 43.0, 43.0, 41.0],
    [25.0, 25.0, 25.0, 27.0, 29.0, 28.0, 26.0, 26.0, 26.0],
    [35.0, 34.0, 34.0, 35.0, 35.0, 34.0, 35.0, 34.0, 35.0],
];

/// 10 parts × 3 operators × 3 repeats: jaspQualityControl, `msaGaugeRRCrossed_long.csv` (seen).
pub(crate) const JASP: [[f64; 9]; 10] = [
    [-0.5, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5, -1.0],
    [-6.0, -6.5, -7.0, -6.5, -6.5, -7.0, -6.0, -6.0, -6.0],
    [-1.5, -2.0, -2.0, -1.0, -1.0, -2.0, -1.0, -2.0, -2.0],
    [-7.5, -8.0, -8.0, -7.0, -7.5, -7.5, -7.0, -7.0, -7.0],
    [-3.5, -4.0, -4.0, -3.5, -3.5, -4.0, -3.0, -4.0, -4.0],
    [-1.0, -2.0, -2.0, -1.0, -2.0, -2.0, -1.0, -1.0, -1.0],
    [
        -11.0, -11.0, -11.0, -11.0, -11.0, -11.0, -10.0, -11.0, -11.0,
    ],
    [-6.0, -6.0, -6.0, -6.0, -6.0, -6.0, -5.0, -5.0, -6.0],
    [-1.0, -2.0, -2.0, -2.0, -2.0, -2.0, -1.0, -2.0, -2.0],
    [-6.0, -6.0, -6.0, -6.0, -6.0, -6.0, -6.0, -6.0, -6.0],
];

/// A study of parts in lines, with three appraisers one after another in each.
pub(crate) fn study<const N: usize>(rows: &[[f64; N]]) -> Result<CrossedStudy, GaugeStudyError> {
    let repeats = N / APPRAISERS.len();
    let observations: Vec<Observation<'_>> = rows
        .iter()
        .zip(NAMES)
        .flat_map(|(row, part)| {
            row.chunks(repeats)
                .zip(APPRAISERS)
                .flat_map(move |(cell, appraiser)| {
                    cell.iter().map(move |&value| Observation {
                        part,
                        appraiser,
                        value,
                    })
                })
        })
        .collect();
    CrossedStudy::new(&observations)
}
