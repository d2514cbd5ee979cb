//! Every defect with its place, all at once; and samples that come as they were written.

use super::*;
use std::fmt::Write as _;

fn options(rate: i64) -> CsvOptions {
    CsvOptions {
        sample_rate: (rate > 0).then_some(Microhertz(rate * 1_000_000)),
        unit: None,
    }
}

fn read(text: &str, options: CsvOptions) -> Result<(Description, Vec<Stretch>), CsvError> {
    let mut reader = CsvReader::new(text.as_bytes(), options)?;
    let mut stretches = Vec::new();
    while let Some(stretch) = reader.next_stretch()? {
        stretches.push(stretch);
    }
    Ok((reader.description().clone(), stretches))
}

/// All defects of a text, a line each.
fn defects(text: &str, options: CsvOptions) -> String {
    match read(text, options) {
        Ok((description, _)) => format!("none, at {:?}", description.sample_rate),
        Err(CsvError::Io(error)) => format!("cannot read: {error}"),
        Err(CsvError::Defects(defects)) => {
            let lines: Vec<String> = defects.iter().map(|it| format!("w.csv:{it}")).collect();
            lines.join("\n")
        }
    }
}

fn with_times(times: &[&str]) -> String {
    let rows = times.iter().map(|it| format!("{it},1500.5\n"));
    format!("time_s,position_um\n{}", rows.collect::<String>())
}

#[test]
fn times_values_and_units_are_taken_exactly() {
    let text = "# made by a scope\ntime_ms, position_mm\n-0.1,1.500001\n-0.05,1.5\n# a remark\n0,-1.5\n0.05,+0.000001\n";
    let (description, stretches) = read(text, options(0)).unwrap();
    assert_eq!(description.sample_rate, Microhertz(20_000_000_000));
    assert_eq!(
        stretches,
        [Stretch {
            first_seq: 0,
            values: vec![1_500_001, 1_500_000, -1_500_000, 1],
            exceptions: vec![]
        }]
    );
    let (_, metres) = read("seq,depth_m\n7,0.0015\n8,1.5e-3\n", options(20_000)).unwrap();
    assert_eq!(
        metres,
        [Stretch {
            first_seq: 7,
            values: vec![1_500_000; 2],
            exceptions: vec![]
        }]
    );
    let (_, micro) = read("seq,position_\u{b5}m\n0,1.5\n1,2\n", options(20_000)).unwrap();
    assert_eq!(micro[0].values, [1_500, 2_000]);
}

#[test]
fn one_column_of_values_needs_a_rate_and_a_unit() {
    let plain = CsvOptions {
        unit: Some(LengthUnit::Micrometer),
        ..options(20_000)
    };
    let (_, stretches) = read("1.5\n2\n-3\n", plain).unwrap();
    assert_eq!(
        stretches,
        [Stretch {
            first_seq: 0,
            values: vec![1_500, 2_000, -3_000],
            exceptions: vec![]
        }]
    );
    let (_, stretches) = read("position_um\n1.5\n2\n", options(20_000)).unwrap();
    assert_eq!(stretches[0].values, [1_500, 2_000]);
}

#[test]
fn a_step_of_whole_periods_is_a_gap() {
    let (description, stretches) = read(
        &with_times(&["0", "0.001", "0.002", "0.007", "0.008"]),
        options(0),
    )
    .unwrap();
    let starts: Vec<(u64, usize)> = stretches
        .iter()
        .map(|it| (it.first_seq, it.values.len()))
        .collect();
    assert_eq!(starts, [(0, 3), (7, 2)]);
    assert_eq!(description.sample_rate, Microhertz(1_000_000_000));
    let (_, stretches) = read("seq,position_um\n5,1\n6,1\n9,1\n", options(1000)).unwrap();
    let starts: Vec<(u64, usize)> = stretches
        .iter()
        .map(|it| (it.first_seq, it.values.len()))
        .collect();
    assert_eq!(starts, [(5, 2), (9, 1)]);
}

#[test]
fn times_rounded_to_a_microsecond_are_even_enough_and_give_their_rate() {
    let mut text = String::from("time_us,position_nm\n");
    for index in 0..30_000_u32 {
        writeln!(text, "{:.0},{index}", f64::from(index) * 1e6 / 48_000.0).unwrap();
    }
    let (description, stretches) = read(&text, options(0)).unwrap();
    let off = description.rate_hz() / 48_000.0 - 1.0;
    assert!(off.abs() < 1e-6, "{off}");
    assert_eq!(
        stretches.iter().map(|it| it.values.len()).sum::<usize>(),
        30_000
    );
    assert_eq!(stretches.last().unwrap().first_seq, 24_576);
    read(&text, options(48_000)).unwrap();
    let found = defects(&text, options(50_000));
    assert!(
        found.starts_with("w.csv: the times say 48000.0")
            && found.ends_with(" samples a second, --sample-rate says 50000"),
        "{found}"
    );
}

#[test]
fn samples_without_indication_stand_in_a_column_of_their_own() {
    let text = "seq,displacement_nm,status\n3,100,\n4,,no-target\n5,,out-of-range\n6,200,\n";
    let (_, stretches) = read(text, options(20_000)).unwrap();
    let exceptions = vec![(1, SampleFault::NoTarget), (2, SampleFault::OutOfRange)];
    assert_eq!(
        stretches,
        [Stretch {
            first_seq: 3,
            values: vec![100, 0, 0, 200],
            exceptions
        }]
    );
}

#[test]
fn files_without_samples_say_what_is_missing() {
    let check = |text: &str| defects(text, options(20_000));
    insta::assert_snapshot!(
        "nothing_to_read",
        [
            check(""),
            check("# a remark\n"),
            check("seq,position_um\n"),
            check("seq,position_um\n0,1\n"),
            check("1,2\n3,4\n"),
            check("1\n2\n")
        ]
        .join("\n")
    );
}

#[test]
fn defects_of_the_header_are_named_at_once() {
    let check = |text: &str| defects(&format!("{text}\n0,0,0,0\n"), options(0));
    insta::assert_snapshot!(
        "headers",
        [
            check("time,position,temperature_c,x"),
            check("time_s,position_um,position_mm,status"),
            check("time_s,seq,position_um,depth_um"),
            check("seq,status,time_ms,status"),
            defects("position_um\n1\n2\n", options(0)),
            defects("seq,position_um\n1,2\n2,2\n", options(0)),
            defects("time_s;position_um\n1;2\n2;2\n", options(0)),
        ]
        .join("\n")
    );
}

#[test]
fn defects_of_cells_are_named_at_once_with_line_and_column() {
    let text = "time_s,position_um,status\n0,1.5,\n0.001,NaN,\n# a remark\n0.002,abc,\n0.003,,\n0.004,1,2,3\n0.005,1,gone\n0.006,1e30,\n0.007,inf,\nx,1,\n0.009,1.5,\n";
    insta::assert_snapshot!("cells", defects(text, options(0)));
}

#[test]
fn lines_are_counted_as_editors_count_them() {
    let check = |text: &str| defects(text, options(1000));
    let expected = "w.csv:6: column `position_um`: `x` is no number";
    assert_eq!(
        check("# a, \"b\n\nseq,\"position_um\"\n0,1\n1,1\n2,x\n3,1\n"),
        expected
    );
    assert_eq!(
        check("# a, \"b\r\n\r\nseq,position_um\r\n0,1\r\n1,1\r\n2,x\r\n3,1"),
        expected
    );
    assert_eq!(
        check("\u{feff}seq,position_um\n0,1\n# c\n1,1\n\n2,x"),
        expected
    );
    assert_eq!(
        check("seq,position_um\r\n0,1\r\n# c\r\n1,1\r\n\r\n2,x\r\n"),
        expected
    );
}

#[test]
fn times_out_of_order_twice_or_uneven_are_named_at_once() {
    let times = [
        "0", "0.001", "0.002", "0.001", "0.003", "0.003", "0.0044", "0.0054", "0.0064", "0.0074",
    ];
    insta::assert_snapshot!("times", defects(&with_times(&times), options(0)));
    insta::assert_snapshot!(
        "numbers",
        defects(
            "seq,position_um\n4,1\n4,1\n3,1\n-2,1\n5,1\n6,1\n",
            options(1000)
        )
    );
    insta::assert_snapshot!(
        "falling_times",
        defects(&with_times(&["0.5", "0.4", "0.3", "0.2"]), options(0))
    );
}

#[test]
fn a_rate_that_wanders_is_named() {
    let mut text = String::from("time_s,position_nm\n");
    let mut time = 0.0_f64;
    for index in 0..60_000_u32 {
        writeln!(text, "{time:.9},{index}").unwrap();
        // Faster and faster: four in a thousand.
        time += 5e-5 * (1.0 - 8e-3 * f64::from(index) / 60_000.0);
    }
    let found = defects(&text, options(0));
    assert!(found.contains("the sampling rate wanders: by 1"), "{found}");
}

#[test]
fn only_so_many_defects_are_looked_for() {
    let mut text = String::from("seq,position_um\n0,1\n1,1\n");
    for seq in 2..5_000 {
        writeln!(text, "{seq},x").unwrap();
    }
    assert_eq!(
        defects(&text, options(1000)).lines().count(),
        CsvError::LIMIT
    );
}

#[test]
fn a_file_without_line_ends_is_not_held() {
    let found = defects(
        &format!("seq,position_um\n{}", "0".repeat(100_000)),
        options(1000),
    );
    assert_eq!(
        found,
        "w.csv:2: a line of more than 65536 bytes: this is no table of numbers"
    );
}

#[test]
fn digits_below_a_nanometre_are_counted() {
    let text = "seq,position_um\n0,1.5004\n1,1.5\n2,2.00001\n";
    let mut reader = CsvReader::new(text.as_bytes(), options(1000)).unwrap();
    assert_eq!(
        reader.next_stretch().unwrap().unwrap().values,
        [1_500, 1_500, 2_000]
    );
    assert_eq!(reader.rounded_cells(), 2);
}

/// A file of any length that is nowhere held.
struct Endless {
    left: u64,
    next: u64,
    line: Vec<u8>,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.line.len() {
            if self.left == 0 {
                return Ok(0);
            }
            let text = match self.next {
                0 => "time_s,position_um\n".to_owned(),
                n => format!(
                    "{}.{:06},{}\n",
                    n / 20_000,
                    n % 20_000 * 50,
                    1_500 + n * 7_919 % 3_001
                ),
            };
            (self.line, self.at) = (text.into_bytes(), 0);
            self.next += 1;
            self.left = self.left.saturating_sub(self.line.len() as u64);
        }
        let length = bytes.len().min(self.line.len() - self.at);
        bytes[..length].copy_from_slice(&self.line[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

#[test]
fn what_is_held_of_a_long_file_does_not_grow() {
    let source = Endless {
        left: 20_000_000,
        next: 0,
        line: Vec::new(),
        at: 0,
    };
    let mut reader = CsvReader::new(source, options(0)).unwrap();
    let mut samples = 0_u64;
    while let Some(stretch) = reader.next_stretch().unwrap() {
        assert!(stretch.values.len() <= STRETCH_LENGTH);
        assert!(reader.primed.len() <= PRIME && reader.rows.defects.is_empty());
        samples += stretch.values.len() as u64;
    }
    assert!(samples > 1_200_000, "{samples}");
    assert!(reader.bytes() >= 20_000_000);
}

#[test]
fn edges_of_a_tachometer() {
    let edges = |text: &str| match read_edges(text.as_bytes()) {
        Ok(edges) => format!("{edges:?}"),
        Err(CsvError::Defects(defects)) => {
            defects.iter().map(|it| format!("e.csv:{it}\n")).collect()
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(edges("edge_s\n0.1\n0.1085714\n"), "[100000000, 108571400]");
    assert_eq!(
        edges("seq,time_us\n0,100\n1,108.5714\n"),
        "[100000, 108571]"
    );
    insta::assert_snapshot!(
        "edges",
        [
            edges(""),
            edges("edge_ns\n"),
            edges("edge\n1\n"),
            edges("edge_ns\n5\n4\nx\n9\n")
        ]
        .join("\n")
    );
}
