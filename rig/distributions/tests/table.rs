//! Every function against the multiprecision values of `table.csv`, which `table.py` made.

use rig_distributions::{
    beta, binomial, chi_squared, fisher_f, gamma, hypergeometric, noncentral_chi_squared,
    noncentral_t, normal, poisson, student_t,
};
use std::collections::BTreeMap;

const TABLE: &str = include_str!("table.csv");
/// Relative; of a logarithm, which may be zero, absolute where that is larger.
const TOLERANCE: f64 = 1e-12;

fn count(number: f64) -> u64 {
    assert_eq!(number, number.trunc());
    number as u64
}

/// The function of that name at the arguments of a line.
fn evaluate(function: &str, arguments: &[f64]) -> f64 {
    match (function, arguments) {
        ("normal::pdf", &[z]) => normal::pdf(z),
        ("normal::cdf", &[z]) => normal::cdf(z),
        ("normal::sf", &[z]) => normal::sf(z),
        ("normal::quantile", &[p]) => normal::quantile(p),
        ("normal::upper_quantile", &[q]) => normal::upper_quantile(q),
        ("gamma::ln_gamma", &[x]) => gamma::ln_gamma(x),
        ("gamma::lower", &[a, x]) => gamma::lower(a, x),
        ("gamma::upper", &[a, x]) => gamma::upper(a, x),
        ("beta::ln_beta", &[a, b]) => beta::ln_beta(a, b),
        ("beta::regularized", &[x, a, b]) => beta::regularized(x, a, b),
        ("beta::complement", &[x, a, b]) => beta::complement(x, a, b),
        ("beta::inverse", &[p, a, b]) => beta::inverse(p, a, b),
        ("beta::inverse_complement", &[q, a, b]) => beta::inverse_complement(q, a, b),
        ("chi_squared::pdf", &[x, dof]) => chi_squared::pdf(x, dof),
        ("chi_squared::cdf", &[x, dof]) => chi_squared::cdf(x, dof),
        ("chi_squared::sf", &[x, dof]) => chi_squared::sf(x, dof),
        ("chi_squared::quantile", &[p, dof]) => chi_squared::quantile(p, dof),
        ("chi_squared::upper_quantile", &[q, dof]) => chi_squared::upper_quantile(q, dof),
        ("student_t::pdf", &[t, dof]) => student_t::pdf(t, dof),
        ("student_t::cdf", &[t, dof]) => student_t::cdf(t, dof),
        ("student_t::sf", &[t, dof]) => student_t::sf(t, dof),
        ("student_t::quantile", &[p, dof]) => student_t::quantile(p, dof),
        ("student_t::upper_quantile", &[q, dof]) => student_t::upper_quantile(q, dof),
        ("fisher_f::pdf", &[f, d1, d2]) => fisher_f::pdf(f, d1, d2),
        ("fisher_f::cdf", &[f, d1, d2]) => fisher_f::cdf(f, d1, d2),
        ("fisher_f::sf", &[f, d1, d2]) => fisher_f::sf(f, d1, d2),
        ("fisher_f::quantile", &[p, d1, d2]) => fisher_f::quantile(p, d1, d2),
        ("fisher_f::upper_quantile", &[q, d1, d2]) => fisher_f::upper_quantile(q, d1, d2),
        ("noncentral_t::cdf", &[t, dof, delta]) => noncentral_t::cdf(t, dof, delta),
        ("noncentral_t::sf", &[t, dof, delta]) => noncentral_t::sf(t, dof, delta),
        ("noncentral_t::quantile", &[p, dof, delta]) => noncentral_t::quantile(p, dof, delta),
        ("noncentral_t::upper_quantile", &[q, dof, delta]) => {
            noncentral_t::upper_quantile(q, dof, delta)
        }
        ("noncentral_chi_squared::cdf", &[x, dof, lambda]) => {
            noncentral_chi_squared::cdf(x, dof, lambda)
        }
        ("noncentral_chi_squared::sf", &[x, dof, lambda]) => {
            noncentral_chi_squared::sf(x, dof, lambda)
        }
        ("noncentral_chi_squared::quantile", &[p, dof, lambda]) => {
            noncentral_chi_squared::quantile(p, dof, lambda)
        }
        ("noncentral_chi_squared::upper_quantile", &[q, dof, lambda]) => {
            noncentral_chi_squared::upper_quantile(q, dof, lambda)
        }
        ("binomial::pmf", &[k, n, p]) => binomial::pmf(count(k), count(n), p),
        ("binomial::cdf", &[k, n, p]) => binomial::cdf(count(k), count(n), p),
        ("binomial::sf", &[k, n, p]) => binomial::sf(count(k), count(n), p),
        ("poisson::pmf", &[k, mean]) => poisson::pmf(count(k), mean),
        ("poisson::cdf", &[k, mean]) => poisson::cdf(count(k), mean),
        ("poisson::sf", &[k, mean]) => poisson::sf(count(k), mean),
        ("hypergeometric::pmf", &[k, population, defectives, drawn]) => {
            hypergeometric::pmf(count(k), count(population), count(defectives), count(drawn))
        }
        ("hypergeometric::cdf", &[k, population, defectives, drawn]) => {
            hypergeometric::cdf(count(k), count(population), count(defectives), count(drawn))
        }
        ("hypergeometric::sf", &[k, population, defectives, drawn]) => {
            hypergeometric::sf(count(k), count(population), count(defectives), count(drawn))
        }
        _ => panic!("no function {function} of {} arguments", arguments.len()),
    }
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the worst of each function, for whoever asks with --nocapture"
)]
fn every_function_holds_its_digits() {
    let mut worst: BTreeMap<&str, (usize, f64, &str)> = BTreeMap::new();
    let mut misses = Vec::new();
    for line in TABLE.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let numbers: Vec<f64> = cells[1..]
            .iter()
            .filter(|it| !it.is_empty())
            .map(|it| it.parse().unwrap())
            .collect();
        let (&value, arguments) = numbers.split_last().unwrap();
        let ours = evaluate(cells[0], arguments);
        let scale = if cells[0].contains("::ln_") {
            f64::max(1.0, value.abs())
        } else {
            f64::max(1e-300, value.abs())
        };
        let error = (ours - value).abs() / scale;
        let entry = worst.entry(cells[0]).or_insert((0, 0.0, line));
        entry.0 += 1;
        if error.is_nan() || error > entry.1 {
            (entry.1, entry.2) = (error, line);
        }
        if error.is_nan() || error > TOLERANCE {
            misses.push(format!("{line}: ours {ours:e}, off by {error:.1e}"));
        }
    }
    for (function, (n, error, line)) in &worst {
        println!("{function} {n} points, at most {error:.1e}: {line}");
        assert!(*n >= 5, "{function} has {n} points");
    }
    assert_eq!(worst.len(), 45, "functions in the table");
    assert!(
        misses.is_empty(),
        "{} misses\n{}",
        misses.len(),
        misses.join("\n")
    );
}
