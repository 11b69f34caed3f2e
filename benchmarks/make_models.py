#!/usr/bin/env python3
"""Writes well-known classifiers with random weights as ONNX, for speed measurements.

Shapes, strides and layer order are those of the papers; weights are drawn so that activations keep an
ordinary size (no denormals, no infinities). Run: make_models.py [-o FOLDER] [NAME ...]
(needs numpy and onnx).
"""

import argparse
import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save


class Net:
    """Builds a graph layer by layer; values are (name, channels)."""

    def __init__(self, name):
        self.name, self.nodes, self.weights = name, [], []
        self.rng = np.random.default_rng(1)
        self.x = ("input", 3)

    def node(self, op, inputs, **attributes):
        out = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [out], out, **attributes))
        return out

    def constant(self, values, name):
        name = f"{name}_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def conv(self, x, out, kernel, stride=1, groups=1, pads=None, act="Relu"):
        name, channels = x
        fan_in = channels // groups * kernel * kernel
        w = self.rng.normal(0, np.sqrt(2 / fan_in), (out, channels // groups, kernel, kernel))
        b = self.rng.normal(0, 0.1, out)
        y = self.node("Conv", [name, self.constant(w.astype(np.float32), "w"), self.constant(b.astype(np.float32), "b")],
                      kernel_shape=[kernel] * 2, strides=[stride] * 2, group=groups,
                      pads=pads if pads is not None else [kernel // 2] * 4)
        return (self.activation(y, act), out)

    def activation(self, y, act):
        if act == "Relu6":
            return self.node("Clip", [y, self.constant(np.float32(0), "lo"), self.constant(np.float32(6), "hi")])
        return self.node(act, [y]) if act else y

    def pool(self, x, kernel, stride, pads=(0, 0, 0, 0), ceil=0):
        return (self.node("MaxPool", [x[0]], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=list(pads), ceil_mode=ceil), x[1])

    def add(self, a, b, act="Relu"):
        return (self.activation(self.node("Add", [a[0], b[0]]), act), a[1])

    def mean(self, x):
        return (self.node("GlobalAveragePool", [x[0]]), x[1])

    def gemm(self, x, out, act=None):
        w = self.rng.normal(0, np.sqrt(1 / x[1]), (out, x[1])).astype(np.float32)
        y = self.node("Gemm", [x[0], self.constant(w, "w"), self.constant(np.zeros(out, np.float32), "b")], transB=1)
        return (self.activation(y, act), out)

    def flatten(self, x, features):
        return (self.node("Flatten", [x[0]]), features)

    def save(self, folder, x):
        graph = helper.make_graph(self.nodes, self.name,
                                  [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 224, 224])],
                                  [helper.make_tensor_value_info(x[0], TensorProto.FLOAT, None)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="libqrt benchmarks")
        model.ir_version = 7
        save(model, folder / f"{self.name}.onnx")


def mobilenet_v1(net):
    x = net.conv(net.x, 32, 3, 2, act="Relu6")
    for out, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        x = net.conv(x, x[1], 3, stride, groups=x[1], act="Relu6")
        x = net.conv(x, out, 1, act="Relu6")
    return net.gemm(net.flatten(net.mean(x), 1024), 1000)


def mobilenet_v2(net):
    x = net.conv(net.x, 32, 3, 2, act="Relu6")
    for expand, out, repeat, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                        (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(repeat):
            y = net.conv(x, x[1] * expand, 1, act="Relu6") if expand > 1 else x
            y = net.conv(y, y[1], 3, stride if i == 0 else 1, groups=y[1], act="Relu6")
            y = net.conv(y, out, 1, act=None)
            x = net.add(x, y, act=None) if i > 0 else y
    x = net.conv(x, 1280, 1, act="Relu6")
    return net.gemm(net.flatten(net.mean(x), 1280), 1000)


def squeezenet_1_1(net):
    x = net.pool(net.conv(net.x, 64, 3, 2, pads=[0] * 4), 3, 2, ceil=1)
    for i, (squeeze, expand) in enumerate([(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]):
        if i in (2, 4):
            x = net.pool(x, 3, 2, ceil=1)
        s = net.conv(x, squeeze, 1)
        a, b = net.conv(s, expand, 1), net.conv(s, expand, 3)
        x = (net.node("Concat", [a[0], b[0]], axis=1), 2 * expand)
    return net.flatten(net.mean(net.conv(x, 1000, 1)), 1000)


def resnet(net, blocks, bottleneck):
    x = net.pool(net.conv(net.x, 64, 7, 2), 3, 2, pads=(1, 1, 1, 1))
    for stage, repeat in enumerate(blocks):
        width = 64 << stage
        for i in range(repeat):
            stride = 2 if stage > 0 and i == 0 else 1
            out = width * 4 if bottleneck else width
            if bottleneck:
                y = net.conv(net.conv(net.conv(x, width, 1), width, 3, stride), out, 1, act=None)
            else:
                y = net.conv(net.conv(x, width, 3, stride), out, 3, act=None)
            skip = net.conv(x, out, 1, stride, act=None) if stride != 1 or x[1] != out else x
            x = net.add(y, skip)
    return net.gemm(net.flatten(net.mean(x), x[1]), 1000)


def vgg16(net):
    x = net.x
    for out, repeat in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        for _ in range(repeat):
            x = net.conv(x, out, 3)
        x = net.pool(x, 2, 2)
    x = net.flatten(x, 512 * 7 * 7)
    return net.gemm(net.gemm(net.gemm(x, 4096, "Relu"), 4096, "Relu"), 1000)


MODELS = {
    "mobilenet_v1": mobilenet_v1,
    "mobilenet_v2": mobilenet_v2,
    "squeezenet_1.1": squeezenet_1_1,
    "resnet18": lambda net: resnet(net, [2, 2, 2, 2], False),
    "resnet50": lambda net: resnet(net, [3, 4, 6, 3], True),
    "vgg16": vgg16,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("build/models"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MODELS)} (default: all)")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    for name in args.names or MODELS:
        net = Net(name)
        net.save(args.output, MODELS[name](net))
        print(args.output / f"{name}.onnx")


if __name__ == "__main__":
    main()
