//! Mean, standard deviation and serial correlation: certified values of NIST's StRD.

use crate::case::{Case, Named, Source::Seen, figure, numbers, within};
use anyhow::Result;
use rig_stats::{lag_1_autocorrelation, moments};

pub(crate) const CASES: &[Named] = &[
    ("pi_digits", pi_digits),
    ("lottery", lottery),
    ("lew", lew),
    ("mavro", mavro),
    ("michelso", michelso),
    ("num_acc_1", num_acc_1),
    ("num_acc_2", num_acc_2),
    ("num_acc_3", num_acc_3),
    ("num_acc_4", num_acc_4),
    ("nist_heat_flow", nist_heat_flow),
];

const SOURCE: &str = "NIST StRD, certified values as GSL's tests carry them; data of Dataplot seen";

/// Certified mean, standard deviation and lag-1 autocorrelation, 15 digits each.
///
/// The values are decimal; in binary each is off by up to 2^−53 of itself, which the spread feels
/// the more, the smaller it is against the values.
fn certified(statistic: &'static str, values: &[f64], printed: [&str; 3]) -> Result<Case> {
    let moments = moments(values)?;
    let largest = values.iter().fold(0.0, |most, it| f64::max(most, it.abs()));
    let condition = 1.0 + largest / moments.standard_deviation;
    let lag = lag_1_autocorrelation(values)?;
    let certified = |published: &str, ours: f64, scale: f64, error: f64| {
        // Fifteen digits were certified, whether printed or zero.
        within(published, ours, scale.abs() * (error + 1e-15))
    };
    Ok(Case {
        statistic,
        source: Seen(SOURCE),
        figures: vec![
            certified(printed[0], moments.mean, largest, f64::EPSILON),
            certified(
                printed[1],
                moments.standard_deviation,
                moments.standard_deviation,
                condition * f64::EPSILON,
            ),
            certified(printed[2], lag, 1.0, condition * f64::EPSILON),
        ],
    })
}

fn pi_digits() -> Result<Case> {
    let digits = include_str!("data/pi-digits.txt")
        .bytes()
        .filter(u8::is_ascii_digit);
    let values: Vec<f64> = digits.map(|it| f64::from(it - b'0')).collect();
    certified(
        "PiDigits: mean, s, lag-1 r",
        &values,
        [
            "4.53480000000000",
            "2.86733906028871",
            "-0.00355099287237972",
        ],
    )
}

fn lottery() -> Result<Case> {
    certified(
        "Lottery: mean, s, lag-1 r",
        &numbers(include_str!("data/lottery.txt")),
        ["518.958715596330", "291.699727470969", "-0.120948622967393"],
    )
}

fn lew() -> Result<Case> {
    certified(
        "Lew: mean, s, lag-1 r",
        &numbers(include_str!("data/lew.txt")),
        [
            "-177.435000000000",
            "277.332168044316",
            "-0.307304800605679",
        ],
    )
}

fn mavro() -> Result<Case> {
    certified(
        "Mavro: mean, s, lag-1 r",
        &numbers(include_str!("data/mavro.txt")),
        [
            "2.00185600000000",
            "0.000429123454003053",
            "0.937989183438248",
        ],
    )
}

fn michelso() -> Result<Case> {
    certified(
        "Michelso: mean, s, lag-1 r",
        &numbers(include_str!("data/michelso.txt")),
        [
            "299.852400000000",
            "0.0790105478190518",
            "0.535199668621283",
        ],
    )
}

fn num_acc_1() -> Result<Case> {
    certified(
        "NumAcc1: mean, s, lag-1 r",
        &[10_000_001.0, 10_000_003.0, 10_000_002.0],
        ["10000002", "1", "-0.5"],
    )
}

/// A value, then 500 times the value less and more a tenth: the sets 2, 3 and 4.
fn alternating(middle: &str, less: &str, more: &str) -> Vec<f64> {
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    let pairs = std::iter::repeat_n([number(less), number(more)], 500).flatten();
    std::iter::once(number(middle)).chain(pairs).collect()
}

fn num_acc_2() -> Result<Case> {
    certified(
        "NumAcc2: mean, s, lag-1 r",
        &alternating("1.2", "1.1", "1.3"),
        ["1.2", "0.1", "-0.999"],
    )
}

fn num_acc_3() -> Result<Case> {
    certified(
        "NumAcc3: mean, s, lag-1 r",
        &alternating("1000000.2", "1000000.1", "1000000.3"),
        ["1000000.2", "0.1", "-0.999"],
    )
}

fn num_acc_4() -> Result<Case> {
    certified(
        "NumAcc4: mean, s, lag-1 r",
        &alternating("10000000.2", "10000000.1", "10000000.3"),
        ["10000000.2", "0.1", "-0.999"],
    )
}

fn nist_heat_flow() -> Result<Case> {
    let it = moments(&numbers(include_str!("data/zarr13.txt")))?;
    Ok(Case {
        statistic: "heat flow meter, n = 195: mean, s",
        source: Seen(
            "NIST e-Handbook 1.3.5.2, as quoted by a program that recomputes it; data of Dataplot's ZARR13.DAT seen",
        ),
        figures: vec![
            figure("9.26146", it.mean),
            figure("0.022789", it.standard_deviation),
        ],
    })
}
