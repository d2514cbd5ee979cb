"""Writes plans.csv: characteristics of sampling plans, computed by SciPy, for scipy_plans.rs.

Run by hand: python plans.py > plans.csv
Made with Python 3.11, NumPy 2.4.6, SciPy 1.17.1. Deterministic; no test needs it.
"""
import math

from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import beta, binom, chi2, hypergeom, nct, norm, poisson

PLANS = {
    "single-50-1": [(50, 1, 2)],
    "single-800-21": [(800, 21, 22)],
    "double-80": [(80, 2, 5), (80, 6, 7)],
    "double-reduced-50": [(50, 1, 5), (50, 4, 7)],
    "multiple-20": [(20, -1, 3), (20, 0, 3), (20, 1, 4), (20, 2, 5), (20, 3, 6), (20, 4, 6), (20, 6, 7)],
    "multiple-315": [(315, 2, 9), (315, 7, 14), (315, 13, 19), (315, 19, 25), (315, 25, 29), (315, 31, 33), (315, 37, 38)],
    "uneven": [(10, 0, 3), (25, 2, 5), (60, 4, 5)],
}


def walk(stages, pmf):
    """Pa, and ASN, by the distribution of the count; the last stage accepts below Re."""
    undecided = {0: 1.0}
    drawn, accept, asn = 0, 0.0, 0.0
    for index, (n, ac, re) in enumerate(stages):
        last = index + 1 == len(stages)
        following = {}
        for found, weight in undecided.items():
            asn += weight * n
            for more in range(0, max(re - found, 0)):
                probability = weight * pmf(more, n, drawn, found)
                at = found + more
                if at <= ac or last:
                    accept += probability
                else:
                    following[at] = following.get(at, 0.0) + probability
        drawn += n
        undecided = following
    return accept, asn


def line(kind, name, *numbers):
    print(",".join([kind, name, *(repr(float(x)) for x in numbers)]))


print("kind,name,a,b,c,d,e")
for name, stages in PLANS.items():
    for p in (1e-6, 1e-3, 0.01, 0.03, 0.05, 0.1, 0.3):
        pa, asn = walk(stages, lambda k, n, drawn, found: binom.pmf(k, n, p))
        line("process", name, p, pa, asn)
    for rate in (0.001, 0.02, 0.15):
        pa, asn = walk(stages, lambda k, n, drawn, found: poisson.pmf(k, n * rate))
        line("rate", name, rate, pa, asn)
    size = 3 * sum(n for n, _, _ in stages)
    for share in (0.004, 0.02, 0.06, 0.2):
        bad = round(share * size)
        pa, asn = walk(
            stages,
            lambda k, n, drawn, found: hypergeom.pmf(k, size - drawn, bad - found, n) if bad >= found else 0.0,
        )
        line("lot", name, size, bad, pa, asn)

# The truncated sequential test.
for p1, alpha, p2, b, most in ((0.01, 0.05, 0.10, 0.10, 100), (0.005, 0.01, 0.02, 0.05, 2000), (0.05, 0.05, 0.20, 0.10, 120)):
    k = math.log(p2 * (1 - p1) / (p1 * (1 - p2)))
    h1 = math.log((1 - alpha) / b) / k
    h2 = math.log((1 - b) / alpha) / k
    s = math.log((1 - p1) / (1 - p2)) / k
    name = "/".join(map(repr, (p1, alpha, p2, b, most)))
    line("lines", name, h1, h2, s)
    for p in (0.0, p1, s, p2, 0.5):
        undecided = {0: 1.0}
        accept = asn = 0.0
        for n in range(1, most + 1):
            asn += sum(undecided.values())
            following = {}
            for found, weight in undecided.items():
                for more, q in ((0, 1 - p), (1, p)):
                    at = found + more
                    if at <= s * n - h1:
                        accept += weight * q
                    elif at >= s * n + h2:
                        pass
                    elif n == most:
                        accept += weight * q if at <= math.floor(s * most) else 0.0
                    else:
                        following[at] = following.get(at, 0.0) + weight * q
            undecided = following
        line("sequential", name, p, accept, asn)

# Variables plans.
for n, k in ((3, 1.0), (5, 1.53), (10, 2.0), (35, 1.89), (100, 2.5), (200, -0.2)):
    for p in (1e-4, 0.01, 0.05, 0.2, 0.6):
        root, z = math.sqrt(n), norm.isf(p)
        line("s-method", repr(n), k, p, nct.sf(k * root, n - 1, z * root), norm.cdf(root * (z - k)))
    for q in (-1.0, 0.0, 0.5, 1.5, 2.5, 6.0):
        half = n / 2 - 1
        x = min(max(0.5 - q * math.sqrt(n) / (2 * (n - 1)), 0), 1)
        line("share", repr(n), q, beta.cdf(x, half, half), norm.sf(q * math.sqrt(n / (n - 1))))

# Variables plans between two limits: the accepted means of every deviation, integrated.
def between(n, k, below, above, known):
    lower, upper = norm.isf(below), norm.isf(above)
    middle, half, nu = (upper - lower) / 2, (upper + lower) / 2, n - 1

    def share(q):
        if known:
            return norm.sf(q * math.sqrt(n / (n - 1)))
        x = min(max(0.5 - q * math.sqrt(n) / (2 * (n - 1)), 0), 1)
        return beta.cdf(x, n / 2 - 1, n / 2 - 1)

    largest = share(k)

    def mean(s):
        def beyond(offset):
            return share((half - offset) / s) + share((half + offset) / s) - largest

        if beyond(0) > 0:
            return 0.0
        reach = brentq(beyond, 0, half + s * (n - 1) / math.sqrt(n) + (40 if known else 0), xtol=1e-14)
        return norm.cdf(math.sqrt(n) * (middle + reach)) - norm.cdf(math.sqrt(n) * (middle - reach))

    if known:
        return mean(1.0)
    q = brentq(lambda q: share(q) - largest / 2, 0, (n - 1) / math.sqrt(n), xtol=1e-14)
    top = half / q
    return quad(lambda s: 2 * nu * s * chi2.pdf(nu * s * s, nu) * mean(s), 0, top, epsabs=1e-12, epsrel=1e-11, limit=2000, points=[top / 4, top / 2, 0.9 * top, 0.99 * top])[0]


for n, k in ((5, 1.5), (10, 1.7), (35, 1.89), (100, 2.0)):
    for below, above in ((0.01, 0.01), (0.001, 0.02), (0.05, 0.05), (0.0001, 0.0001), (0.2, 0.001)):
        line("between", repr(n), k, below, above, between(n, k, below, above, False), between(n, k, below, above, True))

# Plans found from two points, by trying every size.
for p1, alpha, p2, b in ((0.01, 0.05, 0.10, 0.10), (0.002, 0.10, 0.03, 0.05), (0.05, 0.05, 0.10, 0.10), (0.10, 0.01, 0.40, 0.02)):
    name = "/".join(map(repr, (p1, alpha, p2, b)))
    n, found = 1, None
    while found is None:
        for c in range(0, n):
            if binom.cdf(c, n, p2) > b:
                break
            if binom.cdf(c, n, p1) >= 1 - alpha:
                found = (n, c)
                break
        n += 1
    line("single", name, *found)
    n = 4  # With fewer units k may be negative; none of these plans has so few.
    while True:
        n += 1
        root = math.sqrt(n)
        low, high = 0.0, 10.0
        k = brentq(lambda k: nct.cdf(k * root, n - 1, norm.isf(p1) * root) - alpha, low, high, xtol=1e-14)
        if nct.sf(k * root, n - 1, norm.isf(p2) * root) <= b:
            break
    line("s-plan", name, n, k)

# Isolated lots, none accepted: the fewest units.
for size, bad, b in ((50, 5, 0.10), (100, 5, 0.05), (100, 1, 0.05), (500, 5, 0.10), (1000, 65, 0.05), (20, 13, 0.10)):
    n = 1
    while hypergeom.pmf(0, size, bad, n) > b:
        n += 1
    line("zero", repr(size), bad / size, b, n)
