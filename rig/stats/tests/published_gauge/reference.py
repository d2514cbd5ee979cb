"""Reference values for the gauge studies: ANOVA, MLS and generalised limits.

Run by hand: python reference.py. Written with Python 3.11, numpy 2.4.6, scipy 1.17.1.
No test and no CI step runs it; its output stands in the tests beside it and in PUBLISHED-GAUGE.md.
"""

import numpy as np
from scipy import stats

AIAG = np.array(
    [
        [0.29, 0.41, 0.64, 0.08, 0.25, 0.07, 0.04, -0.11, -0.15],
        [-0.56, -0.68, -0.58, -0.47, -1.22, -0.68, -1.38, -1.13, -0.96],
        [1.34, 1.17, 1.27, 1.19, 0.94, 1.34, 0.88, 1.09, 0.67],
        [0.47, 0.50, 0.64, 0.01, 1.03, 0.20, 0.14, 0.20, 0.11],
        [-0.80, -0.92, -0.84, -0.56, -1.20, -1.28, -1.46, -1.07, -1.45],
        [0.02, -0.11, -0.21, -0.20, 0.22, 0.06, -0.29, -0.67, -0.49],
        [0.59, 0.75, 0.66, 0.47, 0.55, 0.83, 0.02, 0.01, 0.21],
        [-0.31, -0.20, -0.17, -0.63, 0.08, -0.34, -0.46, -0.56, -0.49],
        [2.26, 1.99, 2.01, 1.80, 2.12, 2.19, 1.77, 1.45, 1.87],
        [-1.36, -1.25, -1.31, -1.68, -1.62, -1.50, -1.49, -1.77, -2.16],
    ]
).reshape(10, 3, 3)
HOUF = np.array(
    [
        [37, 38, 37, 41, 41, 40, 41, 42, 41],
        [42, 41, 43, 42, 42, 42, 43, 42, 43],
        [30, 31, 31, 31, 31, 31, 29, 30, 28],
        [42, 43, 42, 43, 43, 43, 42, 42, 42],
        [28, 30, 29, 29, 30, 29, 31, 29, 29],
        [42, 42, 43, 45, 45, 45, 44, 46, 45],
        [25, 26, 27, 28, 28, 30, 29, 27, 27],
        [40, 40, 40, 43, 42, 42, 43, 43, 41],
        [25, 25, 25, 27, 29, 28, 26, 26, 26],
        [35, 34, 34, 35, 35, 34, 35, 34, 35],
    ],
    float,
).reshape(10, 3, 3)


def anova(y):
    p, o, r = y.shape
    m = y.mean()
    parts, appraisers, cells = y.mean((1, 2)), y.mean((0, 2)), y.mean(2)
    ss_p = o * r * ((parts - m) ** 2).sum()
    ss_o = p * r * ((appraisers - m) ** 2).sum()
    ss_po = r * ((cells - parts[:, None] - appraisers[None] + m) ** 2).sum()
    ss_e = ((y - cells[:, :, None]) ** 2).sum()
    ss = np.array([ss_p, ss_o, ss_po, ss_e])
    dof = np.array([p - 1, o - 1, (p - 1) * (o - 1), p * o * (r - 1)])
    return ss, dof


def models(y):
    """name: (part, appraiser, error...) mean squares, dof, weights of GRR, part's (ms, ms, divisor)."""
    p, o, r = y.shape
    ss, dof = anova(y)
    ms = ss / dof
    pooled_dof = dof[2] + dof[3]
    pooled = (ss[2] + ss[3]) / pooled_dof
    full = (ms, dof, np.array([0, 1, p - 1, p * (r - 1)]) / (p * r), (0, 2, o * r))
    short = (
        np.array([ms[0], ms[1], pooled]),
        np.array([dof[0], dof[1], pooled_dof]),
        np.array([0, 1, p * r - 1]) / (p * r),
        (0, 2, o * r),
    )
    return {"full": full, "pooled": short}


def mls(ms, dof, weights, one_sided):
    """Lower and upper bound of the GRR variance, each at the confidence given."""
    estimate = (weights * ms).sum()
    g = 1 - dof / stats.chi2.isf(1 - one_sided, dof)
    h = dof / stats.chi2.ppf(1 - one_sided, dof) - 1
    low = estimate - np.sqrt(((g * weights * ms) ** 2).sum())
    high = estimate + np.sqrt(((h * weights * ms) ** 2).sum())
    return estimate, low, high


def gci(ms, dof, weights, part, n=4_000_000, seed=1):
    rng = np.random.default_rng(seed)
    pivots = [m * d / rng.chisquare(d, n) for m, d in zip(ms, dof)]
    grr = sum(w * v for w, v in zip(weights, pivots))
    between = np.maximum(0, (pivots[part[0]] - pivots[part[1]]) / part[2])
    study = 100 * np.sqrt(grr / (grr + between))
    return np.quantile(grr, [0.025, 0.5, 0.975]), np.quantile(study, [0.025, 0.5, 0.975])


def main():
    for name, y in [("AIAG", AIAG), ("Houf", HOUF)]:
        ss, dof = anova(y)
        print(name, "SS", ss, "dof", dof, "MS", ss / dof)
        ms = ss / dof
        for what, f, a, b in [
            ("part/po", ms[0] / ms[2], dof[0], dof[2]),
            ("appraiser/po", ms[1] / ms[2], dof[1], dof[2]),
            ("po/e", ms[2] / ms[3], dof[2], dof[3]),
            ("part/e", ms[0] / ms[3], dof[0], dof[3]),
            ("appraiser/e", ms[1] / ms[3], dof[1], dof[3]),
        ]:
            print("  F", what, repr(f), "p", repr(stats.f.sf(f, a, b)))
        for model, (ms_, dof_, w, part) in models(y).items():
            print("  ", model, "MLS 95 % one-sided", *map(repr, mls(ms_, dof_, w, 0.95)))
            print("  ", model, "MLS 95 % two-sided", *map(repr, mls(ms_, dof_, w, 0.975)))
            print("  ", model, "GCI 95 %", *gci(ms_, dof_, w, part))


if __name__ == "__main__":
    main()
