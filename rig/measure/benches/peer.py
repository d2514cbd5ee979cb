#!/usr/bin/env python3
"""The work of throughput.rs with NumPy and SciPy, for comparison: run by hand.

    python3 rig/measure/benches/peer.py

Needs numpy and scipy (numbers in commits: Python 3.11, numpy 2.4, scipy 1.17 or what it prints).
On records of 1 s of the same slider crank: harmonic least squares (rate searched by an FFT,
refined by Gauss-Newton on the full design matrix, order by the same criterion), and the top of
every stroke by a polynomial of degree 4 around each peak that scipy.signal finds.
Prints multiples of real time by processor time, best of five.
"""

import sys
import time

import numpy as np
import scipy
from scipy.signal import find_peaks

SECONDS = 20
HARMONICS = 16


def signal(sample_rate_hz, rate_hz):
    random = np.random.default_rng(1)
    t = np.arange(SECONDS * sample_rate_hz) / sample_rate_hz
    angle = 2 * np.pi * rate_hz * t
    position = 1.5e6 * np.cos(angle) + 112_500 * np.cos(2 * angle)
    return np.round((position + 10_000 * random.standard_normal(t.size)) / 100) * 100


def coarse_hz(samples, sample_rate_hz):
    windowed = (samples - samples.mean()) * np.hanning(samples.size)
    spectrum = np.abs(np.fft.rfft(windowed))
    k = int(spectrum[15:251].argmax()) + 15
    before, at, after = np.log(spectrum[k - 1 : k + 2])
    return (k + 0.5 * (before - after) / (before + after - 2 * at)) * sample_rate_hz / samples.size


def fit(samples, sample_rate_hz):
    n = samples.size
    t = np.arange(n) - 0.5 * (n - 1)
    orders = np.arange(1, HARMONICS + 1)
    omega = 2 * np.pi * coarse_hz(samples, sample_rate_hz) / sample_rate_hz
    centred = samples - samples.mean()
    for step in range(4):
        angle = np.outer(t, orders * omega)
        cosine, sine = np.cos(angle), np.sin(angle)
        linear = np.column_stack([np.ones(n), cosine, sine])
        x = np.linalg.lstsq(linear, centred, rcond=None)[0]
        a, b = x[1 : 1 + orders.size], x[1 + orders.size :]
        slope = t * (cosine @ (orders * b) - sine @ (orders * a))
        design = np.column_stack([linear, slope])
        gram = design.T @ design
        residual = centred - linear @ x
        moved = np.linalg.solve(gram, design.T @ residual)
        omega += moved[-1]
        variance = residual @ residual / (n - design.shape[1])
        if step == 0:
            power = n * (a**2 + b**2) / (2 * variance)
            keep = power > 2 * np.log(n)
            keep[0] = True
            orders = orders[keep]
    u = np.sqrt(variance * np.linalg.inv(gram)[-1, -1])
    return omega * sample_rate_hz / (2 * np.pi), u * sample_rate_hz / (2 * np.pi)


def tops(samples, sample_rate_hz, rate_hz):
    half = int(round(0.12 * sample_rate_hz / rate_hz))
    peaks, _ = find_peaks(samples, distance=int(0.7 * sample_rate_hz / rate_hz), prominence=1e6)
    t = np.arange(-half, half + 1) / half
    found = []
    for peak in peaks:
        if half <= peak < samples.size - half:
            c = np.polynomial.polynomial.polyfit(t, samples[peak - half : peak + half + 1], 4)
            roots = np.roots(np.polynomial.polynomial.polyder(c)[::-1])
            real = roots[np.abs(roots.imag) < 1e-9].real
            if real.size:
                at = real[np.abs(real).argmin()]
                found.append(np.polynomial.polynomial.polyval(at, c))
    return np.array(found)


def best(work):
    spent = []
    for _ in range(5):
        begin = time.process_time()
        made = work()
        spent.append(time.process_time() - begin)
    return min(spent), made


def main():
    print(f"Python {sys.version.split()[0]}, numpy {np.__version__}, scipy {scipy.__version__}")
    for sample_rate_hz in (20_000, 50_000):
        rate_hz = 116.667
        records = signal(sample_rate_hz, rate_hz).reshape(SECONDS, sample_rate_hz)
        spent, fits = best(lambda: [fit(it, sample_rate_hz) for it in records])
        mean = np.mean([it[0] for it in fits])
        print(f"{sample_rate_hz} S/s, harmonic fit: mean {mean:.6f} Hz, {SECONDS / spent:.0f} x real time")
        spent, peaks = best(lambda: [tops(it, sample_rate_hz, rate_hz) for it in records])
        n = sum(it.size for it in peaks)
        print(f"{sample_rate_hz} S/s, tops of {n} strokes: {SECONDS / spent:.0f} x real time")


if __name__ == "__main__":
    main()
