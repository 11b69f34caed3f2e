"""What the side-by-side benchmarks share: running qrt and ONNX Runtime, and ratios of paired rounds."""

import json
import math
import os
import pathlib
import statistics
import subprocess
import time

import numpy as np
import onnxruntime

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


def qrt_median(path, threads, seconds, isa=None):
    return qrt_json("bench", path, "--threads", threads, "--seconds", seconds, isa=isa)["median_ms"]


def ort_session(path, threads, profile=None):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    if profile:
        options.enable_profiling, options.profile_file_prefix = True, str(profile)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def ort_median(session, feed, seconds):
    for _ in range(2):
        session.run(None, feed)
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        session.run(None, feed)
        times.append((time.perf_counter() - before) * 1000)
    return statistics.median(times)


def random_feed(session, seed=1):
    rng = np.random.default_rng(seed)
    return {i.name: rng.uniform(-1, 1, [d if isinstance(d, int) else 1 for d in i.shape]).astype(np.float32)
            for i in session.get_inputs()}


def sqnr_db(want, got):
    noise = float(np.square(want.astype(np.float64) - got).sum())
    return math.inf if noise == 0 else 10 * math.log10(float(np.square(want.astype(np.float64)).sum()) / noise)


def speedup(slow, fast):
    """How many times as fast, from the times of paired rounds: median, least, most."""
    ratios = [a / b for a, b in zip(slow, fast)]
    return statistics.median(ratios), min(ratios), max(ratios)
