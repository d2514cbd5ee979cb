#!/usr/bin/env python3
"""Writes reference.csv: multiprecision values of the statistics of this crate.

    python3 reference.py > reference.csv        (Python 3.11, mpmath 1.4.1; some minutes)

Each value comes from another formula than the crate's where there is one: the one-sided and the
equal-tailed factor are integrals over s, the two-sided one is an integral over the mean's deviation
with mpmath's own incomplete gamma function, the range's moments are double integrals over its
extremes. 22 digits. Deterministic.
"""
from mpmath import (mp, mpf, quad, sqrt, exp, log, pi, gamma, gammainc, erf, erfc, erfinv,
                    findroot, nstr, inf, linspace, binomial, loggamma)

mp.dps = 22


def cdf(z):
    return erfc(-z / sqrt(mpf(2))) / 2


def pdf(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


def quantile(p):
    p = mpf(p)
    return findroot(lambda z: log(cdf(z) / p), sqrt(mpf(2)) * erfinv(2 * p - 1)) if p < 0.5 else -quantile(1 - p) if p > 0.5 else mpf(0)


def chi_density(s, nu):
    """Density of √(χ²_ν/ν)."""
    a = nu / 2
    return exp(log(mpf(2)) + a * log(a) - loggamma(a) + (nu - 1) * log(s) - a * s * s)


def s_panels(nu, least):
    w = 1 / sqrt(2 * nu)
    low = max(least, 1 - 14 * w)
    return linspace(low, 1 + 16 * w, 25)


def over_s(f, nu, least=mpf(0)):
    return quad(lambda s: f(s) * chi_density(s, nu) if s > 0 else mpf(0), s_panels(nu, least), method="gauss-legendre", maxdegree=4)


def solve(f, guess):
    return findroot(f, (guess * mpf("0.98"), guess * mpf("1.02")), tol=mpf(10) ** -17)


def one_sided(n, p, g, guess):
    n, nu, z = mpf(n), mpf(n) - 1, quantile(p)
    return solve(lambda k: over_s(lambda s: cdf(sqrt(n) * (k * s - z)), nu) - g, guess)


def equal_tailed(n, p, g, guess):
    n, nu, z = mpf(n), mpf(n) - 1, quantile((1 + mpf(p)) / 2)
    # |mean| ≤ k s − z for a standard normal lot, which has no room below s = z/k.
    return solve(lambda k: over_s(lambda s: erf(sqrt(n / 2) * (k * s - z)), nu, z / k) - g, guess)


RADII = {}


def radius(z, p):
    """r with Φ(z + r) − Φ(z − r) = p, by Newton's steps."""
    if (z, p) not in RADII:
        r = z + quantile((1 + p) / 2)
        for _ in range(60):
            step = (cdf(z + r) - cdf(z - r) - p) / (pdf(z + r) + pdf(z - r))
            r -= step
            if abs(step) < mpf(10) ** -20:
                break
        RADII[z, p] = r
    return RADII[z, p]


def two_sided(n, p, g, guess):
    n, nu, p = mpf(n), mpf(n) - 1, mpf(p)
    end = sqrt(mpf(130) / n)

    def share(k):
        inner = lambda z: gammainc(nu / 2, nu * radius(z, p) ** 2 / k**2 / 2, inf, regularized=True) * exp(-n * z * z / 2)
        return sqrt(2 * n / pi) * quad(inner, linspace(0, end, 4), method="gauss-legendre", maxdegree=5) - g

    return solve(share, guess)


def range_moments(n):
    n = mpf(n)
    d2 = 2 * quad(lambda x: 1 - cdf(x) ** n - cdf(-x) ** n, linspace(0, 12, 9))
    # Density of the range.
    density = lambda w: n * (n - 1) * quad(lambda x: pdf(x) * pdf(x + w) * (cdf(x + w) - cdf(x)) ** (n - 2), linspace(-w / 2 - 9, -w / 2 + 9, 5), method="gauss-legendre", maxdegree=4)
    second = quad(lambda w: w * w * density(w), linspace(0, 18, 5), method="gauss-legendre", maxdegree=4)
    return d2, sqrt(second - d2 * d2)


def ppk_bound(index, n, confidence):
    """c with P(T ≤ 3 index √n; 3 c √n) = confidence."""
    n, nu = mpf(n), mpf(n) - 1
    t = 3 * mpf(index) * sqrt(n)
    f = lambda c: over_s(lambda s: cdf(t * s - 3 * c * sqrt(n)), nu) - confidence
    return findroot(f, (mpf(index) * mpf("0.7"), mpf(index) * mpf("0.8")), tol=mpf(10) ** -17)


def observed_needed(c, n, confidence):
    n, nu = mpf(n), mpf(n) - 1
    f = lambda index: over_s(lambda s: cdf(3 * sqrt(n) * (index * s - mpf(c))), nu) - confidence
    from scipy.stats import nct
    guess = mpf(float(nct.ppf(float(confidence), float(nu), 3 * c * float(sqrt(n))) / 3 / float(sqrt(n))))
    return findroot(f, (guess * mpf("0.999"), guess * mpf("1.001")), tol=mpf(10) ** -30)


def anderson_darling(values):
    x = sorted(mpf(v) for v in values)
    n = len(x)
    mean = sum(x) / n
    s = sqrt(sum((v - mean) ** 2 for v in x) / (n - 1))
    y = [(v - mean) / s for v in x]
    return -n - sum((2 * i + 1) * (log(cdf(y[i])) + log(cdf(-y[n - 1 - i]))) for i in range(n)) / n


def clopper_pearson(k, n, tail):
    """p with Σ C(n, i) pⁱ qⁿ⁻ⁱ over i ≤ k equal to the tail, by bisection and secants."""
    f = lambda p: log(sum(binomial(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1)) / tail)
    low, high = mpf(k) / n + mpf(10) ** -6, mpf(1) - mpf(10) ** -6
    while high - low > mpf(10) ** -6:
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) > 0 else (low, middle)
    return findroot(f, (low, high), tol=mpf(10) ** -34)


def row(statistic, *cells):
    *arguments, value = cells
    print(",".join([statistic] + [repr(it) for it in arguments] + [""] * (3 - len(arguments)) + [nstr(value, 22, min_fixed=0, max_fixed=0)]), flush=True)


def main():
    print("statistic,a,b,c,value")
    claims = [(3, 0.9, 0.95), (5, 0.5, 0.75), (10, 0.95, 0.95), (30, 0.95, 0.975), (43, 0.9, 0.99), (60, 0.99, 0.95), (100, 0.999, 0.5), (200, 0.9, 0.05)]
    from scipy.stats import nct, norm, chi2
    for n, p, g in claims:
        howe = float(norm.ppf((1 + p) / 2) * ((n - 1) * (1 + 1 / n) / chi2.ppf(1 - g, n - 1)) ** 0.5)
        row("one_sided_factor", n, p, g, one_sided(n, p, mpf(g), float(nct.ppf(g, n - 1, norm.ppf(p) * n**0.5)) / n**0.5))
        row("two_sided_factor", n, p, g, two_sided(n, p, mpf(g), howe))
        row("equal_tailed_factor", n, p, g, equal_tailed(n, p, mpf(g), howe * (1.04 if g > 0.3 else 1.0)))
    for n in (2, 3, 5, 10, 25):
        d2, d3 = range_moments(n)
        row("d2", n, d2)
        row("d3", n, d3)
        row("c4", n, sqrt(mpf(2) / (n - 1)) * gamma(mpf(n) / 2) / gamma(mpf(n - 1) / 2))
    for index, n, confidence in ((1.33, 30, 0.95), (1.0, 5, 0.9), (2.0, 100, 0.975), (1.67, 50, 0.99)):
        row("one_sided_lower_bound", index, n, confidence, ppk_bound(index, n, mpf(confidence)))
    for n in (10, 20, 30, 50, 100, 300):
        row("observed_index_needed", 1.33, n, 0.95, observed_needed(1.33, n, mpf("0.95")))
    for k, n, c in ((0, 30, 0.95), (1, 59, 0.95), (4, 20, 0.9), (100, 1000, 0.99)):
        row("failing_share_upper_bound", k, n, c, clopper_pearson(k, n, 1 - mpf(c)))
    data = __file__.rsplit("/", 1)[0] + "/published/data/"
    for name in ("zarr13", "randn", "cans"):
        row("anderson_darling", name, anderson_darling(open(data + name + ".txt").read().split()))


if __name__ == "__main__":
    main()
