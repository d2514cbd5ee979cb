//! The sequential test.

use crate::case::Case;
use crate::case::Standing::Recalled;
use crate::case::Value::{Number, Words};
use rig_stats::acceptance::{SequentialTest, TwoPoints};
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

cases!(nist_lines, nist_numbers, nist_fewest_units);

const NIST: &str = "NIST/SEMATECH e-Handbook 6.2.6";

fn test() -> Result<SequentialTest> {
    Ok(SequentialTest::new(TwoPoints::new(0.01, 0.05, 0.10, 0.10)?))
}

fn nist_lines() -> Result<Case> {
    let test = test()?;
    Ok(Case {
        statistic: "h1, h2, s; p 0.01, 0.05; p 0.10, 0.10",
        source: NIST,
        standing: Recalled,
        values: vec![
            Number("0.939", test.h1, None),
            Number("1.205", test.h2, None),
            Number("0.0397", test.s, None),
        ],
        note: "",
    })
}

fn nist_numbers() -> Result<Case> {
    let test = test()?;
    let word = |number: Option<u32>| number.map_or("x".to_owned(), |it| it.to_string());
    let mut values = Vec::new();
    for (n, printed) in [
        (1, "x x"),
        (2, "x 2"),
        (23, "x 3"),
        (24, "0 3"),
        (26, "0 3"),
    ] {
        let ours = format!(
            "{} {}",
            word(test.acceptance_number(n)),
            word(test.rejection_number(n))
        );
        values.push(Words(printed, ours));
    }
    Ok(Case {
        statistic: "Ac and Re at n 1, 2, 23, 24, 26; p 0.01, 0.05; p 0.10, 0.10",
        source: NIST,
        standing: Recalled,
        values,
        note: "",
    })
}

fn nist_fewest_units() -> Result<Case> {
    Ok(Case {
        statistic: "units to accept without a nonconforming one; p 0.01, 0.05; p 0.10, 0.10",
        source: NIST,
        standing: Recalled,
        values: vec![Words("24", test()?.fewest_to_accept().to_string())],
        note: "",
    })
}
