#!/usr/bin/env python3
"""Writes table.csv: reference values of every function of this crate, to 25 digits.

    python3 table.py > table.csv        (Python 3.11, mpmath 1.4.1, gmpy2 2.3.2 for speed; some minutes)

All values come from series of positive terms summed with 420 digits, so that even a complement of
1e-300 has a hundred digits left; no routine of mpmath beyond elementary functions, erfc and loggamma
is trusted. Arguments are exactly the floating-point numbers that the tests read. Deterministic.
"""
import random
import sys
from mpmath import mp, mpf, exp, log, sqrt, erfc, loggamma, nstr, pi, floor

mp.dps = 420
TINY = mpf(10) ** -400
rng = random.Random(20261125)


def gamma_lower(a, x):
    a, x = mpf(a), mpf(x)
    if x == 0:
        return mpf(0)
    term = exp(a * log(x) - x - loggamma(a + 1))
    total, n = term, 1
    while True:
        term *= x / (a + n)
        total += term
        n += 1
        if n > x - a and term < TINY * mpf(10) ** -20:
            return total


def beta_series(a, b, x, y):
    term = exp(a * log(x) + b * log(y) + loggamma(a + b) - loggamma(a + 1) - loggamma(b))
    total, n = term, 0
    while True:
        ratio = (a + b + n) / (a + 1 + n) * x
        term *= ratio
        total += term
        n += 1
        if ratio < 1 and term / (1 - ratio) < TINY * mpf(10) ** -20:
            return total


def beta_lower(x, a, b, y=None):
    x, a, b = mpf(x), mpf(a), mpf(b)
    y = 1 - x if y is None else y
    if x <= 0.5:
        return beta_series(a, b, x, y)
    return 1 - beta_series(b, a, y, x)


def normal_cdf(z):
    return erfc(-mpf(z) / sqrt(mpf(2))) / 2


def t_cdf(t, dof):
    t, dof = mpf(t), mpf(dof)
    if t == 0:
        return mpf(1) / 2
    tail = beta_lower(dof / (dof + t * t), dof / 2, mpf(1) / 2, t * t / (dof + t * t)) / 2
    return 1 - tail if t > 0 else tail


def f_cdf(f, d1, d2):
    f, d1, d2 = mpf(f), mpf(d1), mpf(d2)
    return beta_lower(d1 * f / (d1 * f + d2), d1 / 2, d2 / 2, d2 / (d1 * f + d2))


def nct_cdf(t, dof, delta):
    """AS 243's series (Lenth 1989), whose cancellation the 420 digits bear."""
    t, dof, delta = mpf(t), mpf(dof), mpf(delta)
    if t < 0:
        return 1 - nct_cdf(-t, dof, -delta)
    x, y, b = t * t / (dof + t * t), dof / (dof + t * t), dof / 2
    lam = delta * delta / 2
    p = exp(-lam)
    q = delta * exp(-lam) * sqrt(2 / pi)
    a1, a2 = mpf(1) / 2, mpf(1)
    i1, i2 = beta_lower(x, a1, b, y), beta_lower(x, a2, b, y)
    s1 = exp(a1 * log(x) + b * log(y) + loggamma(a1 + b) - loggamma(a1 + 1) - loggamma(b))
    s2 = exp(a2 * log(x) + b * log(y) + loggamma(a2 + b) - loggamma(a2 + 1) - loggamma(b))
    total, j = mpf(0), 0
    while True:
        total += p * i1 + q * i2
        i1 -= s1
        i2 -= s2
        s1 *= x * (a1 + b) / (a1 + 1)
        s2 *= x * (a2 + b) / (a2 + 1)
        a1 += 1
        a2 += 1
        j += 1
        p *= lam / j
        q *= lam / (j + mpf(1) / 2)
        if j > lam and p < TINY and abs(q) < TINY:
            return normal_cdf(-delta) + total / 2


def ncx2_cdf(x, dof, lam):
    x, a, m = mpf(x) / 2, mpf(dof) / 2, mpf(lam) / 2
    w, p, j, total = exp(-m), gamma_lower(a, x), 0, mpf(0)
    s = exp(a * log(x) - x - loggamma(a + 1))
    while True:
        total += w * p
        p -= s
        s *= x / (a + 1)
        a += 1
        j += 1
        w *= m / j
        if j > m and w < TINY:
            return total


def binomial_pmf(k, n, p):
    p = mpf(p)
    if k > n:
        return mpf(0)
    return exp(loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))


def poisson_pmf(k, m):
    m = mpf(m)
    return exp(k * log(m) - m - loggamma(k + 1))


def hyper_pmf(k, big, bad, n):
    if k < max(0, bad + n - big) or k > min(bad, n):
        return mpf(0)
    c = lambda a, b: loggamma(a + 1) - loggamma(b + 1) - loggamma(a - b + 1)
    return exp(c(bad, k) + c(big - bad, n - k) - c(big, n))


def hyper_cdf(k, big, bad, n):
    low = max(0, bad + n - big)
    if k < low:
        return mpf(0)
    term = total = hyper_pmf(k, big, bad, n)
    while k > low:
        term *= mpf(k) * (big - bad - n + k) / ((bad - k + 1) * mpf(n - k + 1))
        total += term
        k -= 1
    return total


def invert(cdf, target, low, high):
    """The x with cdf(x) = target: bisection to a bracket of 1e-6, then secants on the logarithm."""
    low, high = mpf(low), mpf(high)
    g = lambda x: log(cdf(x) / target)
    while cdf(low) > target:
        low = low / 2 if low > 0 else low * 2 - 1
    while cdf(high) < target:
        high = high * 2 if high > 0 else high / 2 + 1
    for _ in range(200):
        if abs(high - low) < abs(high) * mpf(10) ** -7:
            break
        # Halve on the scale that the ends span.
        middle = sqrt(low * high) if low > 0 and high > 4 * low else (low + high) / 2
        if cdf(middle) < target:
            low = middle
        else:
            high = middle
    a, b, ga, gb = low, high, g(low), g(high)
    for _ in range(12):
        if gb == ga or abs(b - a) < abs(b) * mpf(10) ** -40:
            break
        a, b, ga = b, b - gb * (b - a) / (gb - ga), gb
        gb = g(b)
    return b


def row(function, *arguments_and_value):
    *arguments, value = arguments_and_value
    cells = [repr(it) for it in arguments] + [""] * (4 - len(arguments))
    print(",".join([function] + cells + [nstr(value, 25, min_fixed=0, max_fixed=0)]))
    sys.stdout.flush()


def both(name, cdf, points):
    """cdf and sf of each point whose tails fit a floating-point number."""
    for point in points:
        lower = cdf(*point)
        for tail, value in (("cdf", lower), ("sf", 1 - lower)):
            if value > mpf(10) ** -300:
                row(f"{name}::{tail}", *point, value)


def quantiles(name, cdf, points, low, high):
    """points are (p, parameters...); each is asked as a lower and as an upper share."""
    for p, *parameters in points:
        lower = invert(lambda x: cdf(x, *parameters), mpf(p), low, high)
        row(f"{name}::quantile", p, *parameters, lower)
        upper = invert(lambda x: cdf(x, *parameters), 1 - mpf(p), low, high)
        row(f"{name}::upper_quantile", p, *parameters, upper)


def log_uniform(low, high):
    return float(f"{10 ** rng.uniform(low, high):.6g}")


def main():
    print("function,x,a,b,c,value")
    # Normal.
    for z in (0.0, 1e-10, 0.1, 0.5, 1.0, 1.96, 3.0, 5.0, 8.0, 15.0, 25.0, 36.5):
        both("normal", normal_cdf, [(z,), (-z,)])
        row("normal::pdf", z, exp(-mpf(z) ** 2 / 2) / sqrt(2 * pi))
    quantiles("normal", normal_cdf, [(p,) for p in (1e-300, 1e-100, 1e-20, 1e-8, 1e-3, 0.02425, 0.1, 0.25, 0.4, 0.4999, 0.75, 0.99, 0.999999)], -1, 1)
    # ln Γ and ln B.
    for x in (1e-5, 0.1, 0.5, 1.5, 2.5, 10.0, 123.4, 1e6):
        row("gamma::ln_gamma", x, loggamma(mpf(x)))
    for a, b in ((0.1, 0.2), (0.5, 0.5), (1.0, 1e6), (3.5, 2.25), (500.0, 0.01), (5e5, 5e5), (123.4, 5678.9)):
        row("beta::ln_beta", a, b, loggamma(mpf(a)) + loggamma(mpf(b)) - loggamma(mpf(a) + mpf(b)))
    # χ², by its quantile's scale so that both tails are deep.
    dofs = (0.1, 0.5, 1.0, 2.0, 3.0, 7.5, 19.0, 60.0, 199.0, 999.0, 1e4, 1e6)
    points = []
    for dof in dofs:
        for z in (-30, -8, -3, -1, -0.1, 0.1, 1, 3, 8, 30):
            x = float(f"{dof * (1 + z * (2 / (9 * dof)) ** 0.5) ** 3:.9g}") if dof > 5 else log_uniform(-8, 2.8)
            if x > 0:
                points.append((x, dof))
    both("chi_squared", lambda x, dof: gamma_lower(mpf(dof) / 2, mpf(x) / 2), points)
    for x, dof in points[::7]:
        a, h = mpf(dof) / 2, mpf(x) / 2
        density = exp((a - 1) * log(h) - h - loggamma(a)) / 2
        if density > mpf(10) ** -300:
            row("chi_squared::pdf", x, dof, density)
    quantiles("chi_squared", lambda x, dof: gamma_lower(mpf(dof) / 2, x / 2), [(p, dof) for dof in (0.5, 1.0, 2.0, 9.0, 59.0, 999.0) for p in (1e-100, 1e-6, 0.05, 0.9, 0.9999)] + [(p, 1e5) for p in (1e-6, 0.3)], 0.1, 100)
    # Incomplete gamma and beta by their own names.
    for a, x in ((0.05, 1e-20), (0.3, 0.4), (1.0, 1e-9), (12.0, 0.5), (12.0, 80.0), (3000.0, 3300.0), (5e5, 4.99e5)):
        row("gamma::lower", a, x, gamma_lower(a, x))
        row("gamma::upper", a, x, 1 - gamma_lower(a, x))
    points = []
    for a, b in ((0.05, 0.05), (0.5, 0.5), (0.2, 40.0), (1.0, 5.0), (3.0, 1.0), (2.5, 7.5), (30.0, 0.5), (50.0, 60.0), (1000.0, 3.0), (1e4, 2e4), (5e5, 5e5), (5e5, 0.5), (1.5, 1e6)):
        mean, sd = a / (a + b), (a * b / (a + b + 1)) ** 0.5 / (a + b)
        for z in (-30, -8, -2, -0.2, 0.2, 2, 8, 30):
            x = mean + z * sd
            if not 0 < x < 1:
                x = log_uniform(-9, -1) if x <= 0 else 1 - log_uniform(-9, -1)
            points.append((float(f"{x:.12g}"), a, b))
    for x, a, b in points:
        lower = beta_lower(x, a, b)
        for name, value in (("regularized", lower), ("complement", 1 - lower)):
            if value > mpf(10) ** -300:
                row(f"beta::{name}", x, a, b, value)
    for a, b in ((0.5, 0.5), (1.0, 4.0), (2.0, 60.0), (30.0, 0.7), (500.0, 500.0)):
        for p in (1e-50, 1e-5, 0.1, 0.7, 0.999):
            row("beta::inverse", p, a, b, invert(lambda x: beta_lower(min(x, 1 - TINY), a, b), mpf(p), 0.1, 0.5))
            if p <= 1e-5:
                continue
            row("beta::inverse_complement", p, a, b, invert(lambda x: beta_lower(min(x, 1 - TINY), a, b), 1 - mpf(p), 0.1, 0.5))
    # Student's t.
    points = [(t, dof) for dof in (0.3, 1.0, 2.0, 4.5, 9.0, 29.0, 150.0, 4000.0, 1e6) for t in (-1e6, -37.0, -12.0, -4.0, -1.5, -0.6, -1e-3, 0.3, 2.5, 30.0)]
    both("student_t", t_cdf, points)
    for t, dof in points[::4]:
        t, dof = mpf(t), mpf(dof)
        density = exp(loggamma((dof + 1) / 2) - loggamma(dof / 2) - (dof + 1) / 2 * log(1 + t * t / dof)) / sqrt(dof * pi)
        if density > mpf(10) ** -300:
            row("student_t::pdf", float(t), float(dof), density)
    quantiles("student_t", t_cdf, [(p, dof) for dof in (0.5, 1.0, 3.0, 16.0, 200.0, 1e4) for p in (1e-100, 1e-9, 0.025, 0.3, 0.4999, 0.9, 0.99999)] + [(0.02275, 1e6)], -1, 1)
    # F.
    points = [(f, d1, d2) for d1, d2 in ((1.0, 1.0), (0.5, 3.0), (9.0, 40.0), (40.0, 9.0), (200.0, 300.0), (18.0, 1e5), (1e6, 1e6), (1e5, 2.0)) for f in (1e-12, 0.02, 0.3, 0.97, 1.01, 1.5, 4.0, 90.0, 1e8)]
    points += [(f, 1e6, 1e6) for f in (0.95, 0.993, 0.999, 1.0005, 1.004, 1.05)]
    both("fisher_f", f_cdf, points)
    for f, d1, d2 in points[::5]:
        a, b, f = mpf(d1) / 2, mpf(d2) / 2, mpf(f)
        density = exp(a * log(a / b) + (a - 1) * log(f) - (a + b) * log(1 + a / b * f) + loggamma(a + b) - loggamma(a) - loggamma(b))
        if density > mpf(10) ** -300:
            row("fisher_f::pdf", float(f), d1, d2, density)
    quantiles("fisher_f", f_cdf, [(p, d1, d2) for d1, d2 in ((1.0, 4.0), (9.0, 45.0), (54.0, 60.0), (1000.0, 20.0)) for p in (1e-30, 0.001, 0.05, 0.6, 0.975)], 0.5, 2)
    # Noncentral t.
    points = []
    for dof in (0.5, 1.0, 2.0, 7.5, 19.0, 42.0, 99.0, 999.0, 1e6):
        for delta in (-5.0, -0.3, 0.7, 3.0, 12.0, 38.0, 100.0):
            spread = (1 + delta * delta / (2 * dof)) ** 0.5
            for z in (-6, -1.5, 0.1, 2, 7):
                points.append((float(f"{delta + z * spread:.9g}"), dof, delta))
    points += [(-1e4, 3.0, 10.0), (1e5, 2.0, 50.0), (-2.0, 30.0, 30.0), (1e-6, 5.0, 3.0), (300.0, 999.0, 98.0), (-0.5, 0.3, 1.0)]
    both("noncentral_t", nct_cdf, points)
    quantiles("noncentral_t", nct_cdf, [(p, dof, delta) for dof, delta in ((1.0, 2.0), (4.0, 3.0), (9.0, 5.2), (42.0, 8.4), (29.0, 21.9), (299.0, 90.0)) for p in (1e-6, 0.05, 0.5, 0.95, 0.99)], -10, 10)
    # Noncentral χ².
    points = []
    for dof in (0.5, 1.0, 3.0, 20.0, 500.0, 1e5):
        for lam in (0.01, 1.0, 30.0, 900.0, 1e4):
            mean, sd = dof + lam, (2 * dof + 4 * lam) ** 0.5
            for z in (-20, -4, -1, 0.2, 3, 15, 35):
                x = mean + z * sd
                points.append((float(f"{x:.9g}") if x > 0 else log_uniform(-3, 0), dof, lam))
    both("noncentral_chi_squared", ncx2_cdf, points)
    quantiles("noncentral_chi_squared", ncx2_cdf, [(p, dof, lam) for dof, lam in ((1.0, 0.25), (1.0, 9.0), (4.0, 50.0), (60.0, 400.0)) for p in (1e-9, 0.05, 0.6, 0.999)], 1, 10)
    # Counts.
    for n, p in ((1, 0.3), (20, 0.18), (59, 0.05), (299, 0.01), (1000, 0.5), (10**6, 1e-3), (10**6, 0.37)):
        mean, sd = n * p, (n * p * (1 - p)) ** 0.5
        for k in sorted({0, n - 1, *(min(n - 1, max(0, int(mean + z * sd))) for z in (-35, -6, -1, 0, 1, 6, 35))}):
            values = (("pmf", binomial_pmf(k, n, p)), ("cdf", 1 - beta_lower(p, k + 1, n - k)), ("sf", beta_lower(p, k + 1, n - k)))
            for name, value in values:
                if value > mpf(10) ** -300:
                    row(f"binomial::{name}", k, n, p, value)
    for mean in (1e-3, 0.7, 5.0, 52.0, 1e4, 5e5):
        for k in sorted({0, 1, 3, *(max(0, int(mean + z * mean**0.5)) for z in (-30, -5, -1, 0, 1, 5, 30))}):
            values = (("pmf", poisson_pmf(k, mean)), ("cdf", 1 - gamma_lower(k + 1, mean)), ("sf", gamma_lower(k + 1, mean)))
            for name, value in values:
                if value > mpf(10) ** -300:
                    row(f"poisson::{name}", k, mean, value)
    for big, bad, n in ((10, 3, 4), (120, 22, 20), (50, 45, 30), (3000, 30, 125), (10**6, 10**5, 500), (10**6, 4 * 10**5, 10**4)):
        mean = bad * n / big
        sd = (mean * (1 - bad / big) * (big - n) / (big - 1)) ** 0.5
        for k in sorted({min(min(bad, n), max(0, int(mean + z * sd))) for z in (-30, -6, -2, -1, 0, 1, 2, 6, 30)}):
            lower = hyper_cdf(k, big, bad, n)
            for name, value in (("pmf", hyper_pmf(k, big, bad, n)), ("cdf", lower), ("sf", 1 - lower)):
                if value > mpf(10) ** -300:
                    row(f"hypergeometric::{name}", k, big, bad, n, value)


if __name__ == "__main__":
    main()
