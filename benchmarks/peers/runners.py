"""What the side-by-side benchmarks share: running qrt, and ratios of paired rounds."""

import json
import math
import os
import pathlib
import statistics
import subprocess

import numpy as np

QRT = pathlib.Path(os.environ.get("QRT", pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/qrt"))


def qrt(*args, isa=None):
    """Runs a qrt command; its stdout. The error of qrt ends the script."""
    environment = {**os.environ, "QRT_ISA": isa} if isa else None
    done = subprocess.run([QRT, *map(str, args)], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"qrt {' '.join(map(str, args))}: {done.stderr.strip()}")
    return done.stdout


def qrt_json(*args, isa=None):
    return json.loads(qrt(*args, "--json", isa=isa))


def random_inputs(shape, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def sqnr_db(want, got):
    noise = float(np.square(want.astype(np.float64) - got).sum())
    if not math.isfinite(noise):
        return -math.inf
    return math.inf if noise == 0 else 10 * math.log10(float(np.square(want.astype(np.float64)).sum()) / noise)


def speedup(slow, fast):
    """How many times as fast, from the times of paired rounds: median, least, most."""
    ratios = [a / b for a, b in zip(slow, fast, strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def geometric_mean(values):
    return math.exp(statistics.mean(math.log(v) for v in values))
