#!/usr/bin/env python3
"""Quantizes float ONNX models with ONNX Runtime's own tool, the way that its fastest kernels want it.

QDQ, u8 activations, s8 weights per channel, calibrated by minimum and maximum on random data. ONNX Runtime
falls back to float without a word where a model does not suit it, so the result is checked: every bias
scale is input scale x weight scale, no ReLU6 ends above 6, and its profiler must see every convolution run as
QLinearConv. Anything else ends the script. Run: onnxruntime_int8.py MODEL.onnx ... -o FOLDER
(needs numpy, onnx and onnxruntime).
"""

import argparse
import collections
import json
import logging
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from runners import random_inputs


def session_of(path, profile=None):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if profile:
        options.enable_profiling, options.profile_file_prefix = True, str(profile)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Samples(CalibrationDataReader):
    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


def constants(model):
    return {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}


def clip_limits(model):
    """Upper limits of Clip nodes by the name of their output."""
    values = constants(model)
    return {n.output[0]: float(values[n.input[2]]) for n in model.graph.node if n.op_type == "Clip"}


def clip_range(limit):
    """A little below the limit, so that 255 steps do not round to above it and the Clip can go."""
    return [{"quant_type": QuantType.QUInt8, "rmin": np.float32(0), "rmax": np.float32(limit * (1 - 1e-6))}]


def quantize(path, folder, samples=4):
    """Writes FOLDER/<name>.qdq.onnx, checked; its path."""
    out = pathlib.Path(folder) / f"{pathlib.Path(path).stem}.qdq.onnx"
    x = session_of(path).get_inputs()[0]
    feeds = [{x.name: random_inputs(x.shape, seed)} for seed in range(samples)]
    limits = clip_limits(onnx.load(str(path)))
    logging.disable(logging.WARNING)  # it advises a preparing pass, which these models do not need
    quantize_static(str(path), str(out), Samples(feeds), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                    extra_options={"TensorQuantOverrides": {name: clip_range(limit) for name, limit in limits.items()}})
    logging.disable(logging.NOTSET)
    check_scales(out, limits)
    check_kernels(out, feeds[0])
    return out


def check_scales(path, limits):
    model = onnx.load(str(path))
    values = constants(model)
    scale = {n.output[0]: values[n.input[1]] for n in model.graph.node if n.op_type == "DequantizeLinear"}
    for node in model.graph.node:
        if node.op_type == "QuantizeLinear" and node.input[0] in limits:
            top = float(values[node.input[1]]) * (255 - int(values[node.input[2]]))
            if top > limits[node.input[0]]:
                raise SystemExit(f"{path}: {node.input[0]} reaches {top}, its Clip ends at {limits[node.input[0]]}")
        if node.op_type == "Conv":
            x, w, bias = (scale.get(name) for name in node.input[:3])
            if x is None or w is None or bias is None:
                raise SystemExit(f"{path}: {node.name}: not all of its inputs are quantized")
            if not np.allclose(bias, x * w, rtol=1e-6, atol=0):
                raise SystemExit(f"{path}: {node.name}: bias scale is not input scale x weight scale")


def check_kernels(path, feed):
    """Runs the model under ONNX Runtime's profiler; every convolution must be a QLinearConv."""
    wanted = sum(n.op_type == "Conv" for n in onnx.load(str(path), load_external_data=False).graph.node)
    with tempfile.TemporaryDirectory() as folder:
        session = session_of(path, pathlib.Path(folder) / "profile")
        session.run(None, feed)
        events = json.loads(pathlib.Path(session.end_profiling()).read_text())
    ran = collections.Counter(e["args"]["op_name"] for e in events if e["name"].endswith("_kernel_time"))
    floats = {op: n for op, n in ran.items() if op in ("Conv", "FusedConv", "NhwcFusedConv", "Gemm", "MatMul", "Clip", "Relu")}
    if ran["QLinearConv"] != wanted or floats:
        raise SystemExit(f"{path}: {ran['QLinearConv']} of {wanted} convolutions ran as QLinearConv; in float: {floats}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL.onnx")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    for path in args.models:
        print(quantize(path, args.output))


if __name__ == "__main__":
    main()
