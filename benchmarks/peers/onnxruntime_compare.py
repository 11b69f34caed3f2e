#!/usr/bin/env python3
"""Times models in qrt and in ONNX Runtime, in turn, float and int8, and prints how many times as fast qrt is.

Each round runs every contestant for a while, on the same machine and thread count; ratios are taken within
a round, so that drift of the machine's speed cancels, and the median of the rounds is printed with the least
and the most. With --int8 both quantize the model themselves, calibrated on random data: ONNX Runtime by its own
tool (onnxruntime_int8.py, which checks that no convolution falls back to float), qrt by `qrt quantize`.
Run: onnxruntime_compare.py MODEL.onnx ... [--int8] (needs numpy and onnxruntime; --int8 also onnx).
"""

import argparse
import json
import math
import pathlib
import statistics
import tempfile

import numpy as np
import onnxruntime

from runners import ort_median, ort_session, qrt, qrt_json, qrt_median, random_feed, speedup, sqnr_db


def outputs_of_qrt(path, feed, args):
    with tempfile.TemporaryDirectory() as folder:
        inputs = []
        for name, value in feed.items():
            file = pathlib.Path(folder) / f"input{len(inputs) // 2}.npy"
            np.save(file, value)
            inputs += ["--input", f"{name}={file}"]
        found = qrt_json("run", path, *inputs, "--output", folder, "--threads", args.threads, isa=args.isa)
        return [np.load(output["file"]) for output in found["outputs"]]


def quantized_by_qrt(path, session, folder, samples=8):
    """The int8 model that `qrt quantize` makes with its default recipe."""
    data, out = pathlib.Path(folder) / "calibration.npy", pathlib.Path(folder) / f"{pathlib.Path(path).stem}.int8.qrt"
    np.save(data, np.concatenate([next(iter(random_feed(session, seed).values())) for seed in range(samples)]))
    qrt("quantize", path, "--data", data, "-o", out)
    return out


def measure(path, args, folder):
    """One model: times of all rounds by contestant, and how near the outputs are to ONNX Runtime's float."""
    theirs = ort_session(path, args.threads)
    feed = random_feed(theirs)
    runs = {"qrt float": lambda: qrt_median(path, args.threads, args.seconds, args.isa),
            "ort float": lambda: ort_median(theirs, feed, args.seconds)}
    want = theirs.run(None, feed)
    sqnr = {"qrt float": sqnr_db(want[0], outputs_of_qrt(path, feed, args)[0])}
    if args.int8:
        from onnxruntime_int8 import quantize
        ours_int8 = quantized_by_qrt(path, theirs, folder)
        theirs_int8 = ort_session(quantize(path, folder), args.threads)
        runs["qrt int8"] = lambda: qrt_median(ours_int8, args.threads, args.seconds, args.isa)
        runs["ort int8"] = lambda: ort_median(theirs_int8, feed, args.seconds)
        sqnr["qrt int8"] = sqnr_db(want[0], outputs_of_qrt(ours_int8, feed, args)[0])
        sqnr["ort int8"] = sqnr_db(want[0], theirs_int8.run(None, feed)[0])
    times = {name: [] for name in runs}
    for _ in range(args.rounds):
        for name, run in runs.items():
            times[name].append(run())
    return {"model": pathlib.Path(path).stem, "ms": times, "sqnr_db": sqnr}


PAIRS = {"float against ort float": ("ort float", "qrt float"), "int8 against ort int8": ("ort int8", "qrt int8"),
         "int8 against ort float": ("ort float", "qrt int8"), "int8 against qrt float": ("qrt float", "qrt int8")}


def pairs_of(result):
    return {pair: speedup(result["ms"][slow], result["ms"][fast])
            for pair, (slow, fast) in PAIRS.items() if fast in result["ms"] and slow in result["ms"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--int8", action="store_true", help="int8 models as well")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--isa", help="QRT_ISA for qrt; ONNX Runtime takes what the CPU has")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="per round and contestant")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    results = []
    if not args.json:
        print(f"ONNX Runtime {onnxruntime.__version__}, {args.threads} thread(s), {args.rounds} rounds, qrt at {args.isa or 'the best level'}")
    for path in args.models:
        with tempfile.TemporaryDirectory() as folder:
            result = measure(path, args, folder)
        results.append(result)
        if args.json:
            continue
        print(result["model"], " ".join(f" {name} {statistics.median(ms):.2f} ms" for name, ms in result["ms"].items()),
              " ".join(f" {name} {db:.1f} dB" for name, db in result["sqnr_db"].items()))
        for pair, (middle, least, most) in pairs_of(result).items():
            print(f"    {pair:24} {middle:5.2f} x as fast ({least:.2f} to {most:.2f})")
    means = {pair: math.exp(statistics.mean(math.log(pairs_of(r)[pair][0]) for r in results)) for pair in pairs_of(results[0])}
    if args.json:
        print(json.dumps({"isa": args.isa, "threads": args.threads, "results": results, "geometric_means": means}))
    else:
        print("geometric means")
        for pair, mean in means.items():
            print(f"    {pair:24} {mean:5.2f} x as fast")


if __name__ == "__main__":
    main()
