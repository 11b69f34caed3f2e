#!/usr/bin/env python3
"""Times models in qrt and in ONNX Runtime, in turn, and prints the ratio of their medians.

Each round runs ONNX Runtime for a while, then qrt for as long, on the same machine and thread count; the
ratio is taken within a round, so that drift of the machine's speed cancels. Outputs are compared as well.
Run: onnxruntime_compare.py MODEL.onnx ... (needs numpy and onnxruntime).
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnxruntime

QRT = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/qrt"


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def ort_times(ort, feed, seconds):
    for _ in range(2):
        ort.run(None, feed)
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        ort.run(None, feed)
        times.append((time.perf_counter() - before) * 1000)
    return times


def qrt_json(*args):
    return json.loads(subprocess.run([QRT, *map(str, args), "--json"], check=True, capture_output=True).stdout)


def largest_difference(ort, feed, path, threads):
    with tempfile.TemporaryDirectory() as folder:
        inputs = []
        for name, value in feed.items():
            file = pathlib.Path(folder) / f"input{len(inputs) // 2}.npy"
            np.save(file, value)
            inputs += ["--input", f"{name}={file}"]
        found = qrt_json("run", path, *inputs, "--output", folder, "--threads", threads)
        worst = 0
        for want, got in zip(ort.run(None, feed), found["outputs"]):
            worst = max(worst, float(np.abs(np.load(got["file"]) - want).max() / max(np.abs(want).max(), 1e-30)))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="per round and runtime")
    args = parser.parse_args()
    print(f"ONNX Runtime {onnxruntime.__version__}, {args.threads} thread(s), {args.rounds} rounds")
    for path in args.models:
        ort = session(path, args.threads)
        rng = np.random.default_rng(1)
        feed = {i.name: rng.uniform(-1, 1, [d if isinstance(d, int) else 1 for d in i.shape]).astype(np.float32)
                for i in ort.get_inputs()}
        rounds = []
        for _ in range(args.rounds):
            theirs = ort_times(ort, feed, args.seconds)
            ours = qrt_json("bench", path, "--threads", args.threads, "--seconds", args.seconds)
            rounds.append((ours["median_ms"], statistics.median(theirs), ours["min_ms"], min(theirs)))
        ratios = [a / b for a, b, _, _ in rounds]
        print(f"{pathlib.Path(path).stem:16} qrt {statistics.median(r[0] for r in rounds):8.2f} ms (min {min(r[2] for r in rounds):.2f})"
              f"  onnxruntime {statistics.median(r[1] for r in rounds):8.2f} ms (min {min(r[3] for r in rounds):.2f})"
              f"  ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
              f"  largest difference {largest_difference(ort, feed, path, args.threads):.1e}")


if __name__ == "__main__":
    main()
