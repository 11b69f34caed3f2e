#!/usr/bin/env python3
"""Trains the demo's classifier of handwritten digits and writes digits.onnx and digits_test.npz.

Data: the 1797 scanned 8x8 digits that come with scikit-learn (UCI Optical Recognition of Handwritten
Digits, CC BY 4.0); a fixed fifth of them is kept for the test. The network and its training are plain
numpy. Run: python3 train.py
(needs numpy, onnx and scikit-learn).
"""

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).parent
SEED, EPOCHS, BATCH = 7, 60, 32


def columns(x):
    """[N,C,H,W] -> [N,H,W,C*9]: the 3x3 neighbourhood of each pixel, zeros outside."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(x.shape[0], x.shape[2], x.shape[3], -1)


class Conv:
    """3x3 convolution, padding 1, then ReLU."""

    def __init__(self, rng, inputs, outputs):
        self.w = rng.normal(0, np.sqrt(2 / (9 * inputs)), (outputs, inputs * 9)).astype(np.float32)
        self.b = np.zeros(outputs, np.float32)

    def forward(self, x):
        self.cols = columns(x)
        self.y = np.maximum(self.cols @ self.w.T + self.b, 0).transpose(0, 3, 1, 2)
        return self.y

    def backward(self, dy):
        dy = (dy * (self.y > 0)).transpose(0, 2, 3, 1)
        flat = dy.reshape(-1, dy.shape[3])
        self.grads = [flat.T @ self.cols.reshape(flat.shape[0], -1), flat.sum(0)]
        outputs, inputs = self.w.shape[0], self.w.shape[1] // 9
        flipped = self.w.reshape(outputs, inputs, 3, 3)[:, :, ::-1, ::-1]
        w_back = flipped.transpose(1, 0, 2, 3).reshape(inputs, -1)
        return (columns(dy.transpose(0, 3, 1, 2)) @ w_back.T).transpose(0, 3, 1, 2)

    def params(self):
        return [self.w, self.b]


class MaxPool:
    """2x2, stride 2."""

    def forward(self, x):
        n, c, h, w = x.shape
        blocks = x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5)
        self.blocks = blocks.reshape(n, c, h // 2, w // 2, 4)
        self.best = self.blocks.argmax(-1)
        return self.blocks.max(-1)

    def backward(self, dy):
        n, c, h, w = dy.shape
        d = np.zeros_like(self.blocks)
        np.put_along_axis(d, self.best[..., None], dy[..., None], -1)
        d = d.reshape(n, c, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5)
        return d.reshape(n, c, h * 2, w * 2)

    def params(self):
        return []


class Head:
    """Mean over the map, then a linear layer."""

    def __init__(self, rng, inputs, outputs):
        self.w = rng.normal(0, np.sqrt(1 / inputs), (outputs, inputs)).astype(np.float32)
        self.b = np.zeros(outputs, np.float32)

    def forward(self, x):
        self.shape = x.shape
        self.mean = x.mean((2, 3))
        return self.mean @ self.w.T + self.b

    def backward(self, dy):
        self.grads = [dy.T @ self.mean, dy.sum(0)]
        area = self.shape[2] * self.shape[3]
        return np.broadcast_to((dy @ self.w / area)[:, :, None, None], self.shape)

    def params(self):
        return [self.w, self.b]


def forward(net, x):
    for layer in net:
        x = layer.forward(x)
    return x


def train(net, x, y, rng):
    params = [p for layer in net for p in layer.params()]
    m, v, step = [np.zeros_like(p) for p in params], [np.zeros_like(p) for p in params], 0
    for epoch in range(EPOCHS):
        rate = 2e-3 * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            batch = order[start:start + BATCH]
            images = shift(x[batch], rng)
            logits = forward(net, images)
            prob = np.exp(logits - logits.max(1, keepdims=True))
            prob /= prob.sum(1, keepdims=True)
            prob[np.arange(len(batch)), y[batch]] -= 1
            grad = (prob / len(batch)).astype(np.float32)
            for layer in reversed(net):
                grad = layer.backward(grad)
            grads = [g for layer in net if layer.params() for g in layer.grads]
            step += 1
            for p, g, mi, vi in zip(params, grads, m, v):  # Adam with weight decay
                mi += 0.1 * (g - mi)
                vi += 0.001 * (g * g - vi)
                p -= rate * (mi / (1 - 0.9**step) / (np.sqrt(vi / (1 - 0.999**step)) + 1e-8) + 1e-3 * p)


def shift(x, rng):
    """Moves each image by up to one pixel."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = np.empty_like(x)
    for i, (dy, dx) in enumerate(rng.integers(0, 3, (len(x), 2))):
        out[i] = padded[i, :, dy:dy + 8, dx:dx + 8]
    return out


def export(net, path):
    nodes, weights, value = [], [], "image"
    for i, layer in enumerate(net):
        name = f"{type(layer).__name__.lower()}{i + 1}"
        if layer.params():
            w = layer.w.reshape(layer.w.shape[0], -1, 3, 3) if isinstance(layer, Conv) else layer.w
            weights += [numpy_helper.from_array(np.ascontiguousarray(w), name + ".weight"),
                        numpy_helper.from_array(layer.b, name + ".bias")]
        if isinstance(layer, Conv):
            nodes += [helper.make_node("Conv", [value, name + ".weight", name + ".bias"], [name + ".sum"], name,
                                       kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
                      helper.make_node("Relu", [name + ".sum"], [name], name + "/relu")]
        elif isinstance(layer, MaxPool):
            nodes += [helper.make_node("MaxPool", [value], [name], name, kernel_shape=[2, 2], strides=[2, 2])]
        else:
            nodes += [helper.make_node("GlobalAveragePool", [value], ["mean"], "mean"),
                      helper.make_node("Flatten", ["mean"], ["features"], "flatten"),
                      helper.make_node("Gemm", ["features", name + ".weight", name + ".bias"], ["scores"], "classifier",
                                       transB=1),
                      helper.make_node("Softmax", ["scores"], ["prob"], "softmax", axis=1)]
            name = "prob"
        value = name
    graph = helper.make_graph(
        nodes, "digits", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])],
        [helper.make_tensor_value_info("prob", TensorProto.FLOAT, ["batch", 10])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="libqrt demo")
    model.ir_version = 7
    helper.set_model_props(model, {
        "labels": "\n".join("zero one two three four five six seven eight nine".split()),
        "preprocessing": json.dumps({"steps": [{"resize": [8, 8], "filter": "bilinear", "antialias": True}],
                                     "color": "gray", "mean": [0], "std": [255]}),
    })
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    rng = np.random.default_rng(SEED)
    digits = load_digits()
    x = digits.images.astype(np.float32)[:, None] / 16  # pixels are 0..16
    y = digits.target
    order = rng.permutation(len(x))
    test, rest = order[:360], order[360:]
    net = [Conv(rng, 1, 16), Conv(rng, 16, 32), MaxPool(), Conv(rng, 32, 48), Head(rng, 48, 10)]
    train(net, x[rest], y[rest], rng)
    accuracy = (forward(net, x[test]).argmax(1) == y[test]).mean()
    print(f"{len(rest)} training images, {len(test)} test images, accuracy {accuracy:.4f}")
    export(net, HERE / "digits.onnx")
    np.savez(HERE / "digits_test.npz", x=x[test], y=y[test].astype(np.uint8))


if __name__ == "__main__":
    main()
