#!/usr/bin/env python3
"""Does equalization undo badly scaled channels?

Between two layers with only a ReLU between them, channel c may be multiplied by any f > 0 before and divided by it
behind: the float function stays the same, but scales per tensor no longer fit. This takes ReLU networks, draws
f from 2^-4 … 2^4 for every such channel, quantizes with and without `equalize`, and prints the SQNR in dB of the
worst output (of a classifier, the scores before its softmax). Equalized, the rescaled network should be within
1 dB of the original.

  benchmarks/rescaled.py [--zoo DIR] [--qrt FILE] [--seeds N]

Needs numpy and onnx. Models and data: the zoo, as in accuracy.py.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent


def rescale(model, random):
    """Rescales the channels of every Relu between two layers with weights; returns how many Relus."""
    graph = model.graph
    weights = {t.name: t for t in graph.initializer}
    makers = {out: node for node in graph.node for out in node.output}
    readers = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)

    def multiply(name, factor):
        array = numpy_helper.to_array(weights[name])
        weights[name].CopyFrom(numpy_helper.from_array((array * factor).astype(np.float32), name))

    def used_once(name):
        return len(readers[name]) == 1

    count = 0
    for relu in graph.node:
        if relu.op_type != "Relu" or not used_once(relu.input[0]) or not used_once(relu.output[0]):
            continue
        before, behind = makers[relu.input[0]], readers[relu.output[0]][0]
        # Batch normalization is the last to scale; a convolution only where nothing else has its weights.
        if before.op_type == "BatchNormalization":
            scaled = before.input[1:3]
        elif before.op_type == "Conv":
            scaled = before.input[1:3]
        else:
            continue
        if behind.op_type != "Conv":
            continue
        channels = weights[scaled[-1]].dims[0]
        factor = np.exp2(random.integers(-4, 5, channels))
        for name in scaled:
            multiply(name, factor.reshape(-1, *[1] * (len(weights[name].dims) - 1)))
        kernel = weights[behind.input[1]]
        depthwise = kernel.dims[1] == 1 and channels > 1
        shape = (-1, 1, 1, 1) if depthwise else (1, -1, 1, 1)
        multiply(kernel.name, 1 / factor.reshape(shape))
        count += 1
    return count


class Bench:
    def __init__(self, qrt, work):
        self.qrt, self.work = qrt, work

    def run(self, *args):
        done = subprocess.run([self.qrt, *map(str, args)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"qrt {' '.join(map(str, args))}\n{done.stderr}")
        return done.stdout

    def sqnr(self, model, data, **changes):
        recipe = json.loads(self.run("recipe", model))
        recipe.update(changes)
        (self.work / "recipe.json").write_text(json.dumps(recipe))
        self.run("quantize", model, "--recipe", self.work / "recipe.json", "--data", data, "-o", self.work / "int8.qrt")
        report = json.loads(self.run("compare", model, self.work / "int8.qrt", "--data", data, "--json"))
        if report["layers"][-1]["op"] == "FullyConnected":
            return report["layers"][-1]["cumulative_sqnr_db"]
        return min(o["sqnr_db"] for o in report["outputs"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zoo", type=pathlib.Path, default=os.environ.get("QRT_ZOO", ROOT.parent / "shared" / "zoo"))
    parser.add_argument("--qrt", default=ROOT / "build" / "release" / "bin" / "qrt")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    zoo = pathlib.Path(args.zoo)

    def pictures(name, divisor):
        x = np.load(zoo / "mlperf_tiny" / name).astype(np.float32) / np.float32(divisor)
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2))

    faces = np.load(zoo / "ultraface" / "inputs.npy")
    cases = [("slim", "ultraface/version-slim-320.onnx", faces), ("RFB", "ultraface/version-RFB-320.onnx", faces),
             ("resnet8", "mlperf_tiny/ic_resnet8_fp32.onnx", pictures("ic_x.npy", 1)),
             ("vww", "mlperf_tiny/vww_mobilenet_fp32.onnx", pictures("vww_x.npy", 255))]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(args.qrt, pathlib.Path(folder))
        data, rescaled = bench.work / "data.npy", bench.work / "rescaled.onnx"
        print("| model, seed | original | original, equalized | rescaled | rescaled, equalized |\n|---|---|---|---|---|")
        for name, file, samples in cases:
            np.save(data, samples)
            original = [bench.sqnr(zoo / file, data, equalize=equalize) for equalize in (False, True)]
            for seed in range(args.seeds):
                model = onnx.load(zoo / file)
                relus = rescale(model, np.random.default_rng(seed))
                onnx.save(model, rescaled)
                hard = [bench.sqnr(rescaled, data, equalize=equalize) for equalize in (False, True)]
                print(f"| {name} ({relus} ReLUs), {seed} | " + " | ".join(f"{db:.1f}" for db in original + hard) + " |", flush=True)


if __name__ == "__main__":
    main()
