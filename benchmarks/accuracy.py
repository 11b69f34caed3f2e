#!/usr/bin/env python3
"""What quantization costs in accuracy: a table of algorithms by model, through the qrt command.

Each model is calibrated once (its statistics are histograms, whatever algorithm reads them), then every
algorithm makes its int8 model from them. A cell says how much of the float model's figure is lost and the SQNR of
the worst output.

  benchmarks/accuracy.py [--zoo DIR] [--qrt FILE] [--models NAME…] [--only ROW…]

Needs numpy. Models and data: the zoo (see its README), by default in ../shared/zoo or $QRT_ZOO.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent

# name → what it changes in a recipe: (activation algorithm, weight algorithm, equalize, bias_correction)
ROWS = {"default": {}}
for name in ("minmax", "moving_average", "percentile", "kl", "mse", "ifmr", "hfmg", "aciq"):
    ROWS[f"activations {name}"] = {"activation": name}
for name in ("arq", "mse", "als", "ada_round"):
    ROWS[f"weights {name}"] = {"weight": name}
ROWS["bias_correction"] = {"bias_correction": True}
ROWS["equalize"] = {"equalize": True}
ROWS["als, bias_correction"] = {"weight": "als", "bias_correction": True}
ROWS["ada_round, bias_correction"] = {"weight": "ada_round", "bias_correction": True}


def edited(recipe, activation=None, weight=None, equalize=False, bias_correction=False):
    """The recipe with other algorithms; what it asks the whole range for (minmax: boxes, scores) keeps it."""
    for layer in recipe["layers"].values():
        if activation and layer["activation_quant_params"]["algorithm"] != "minmax":
            layer["activation_quant_params"]["algorithm"] = activation
        if weight:
            layer["weight_quant_params"]["algorithm"] = weight
    return {**recipe, "equalize": equalize, "bias_correction": bias_correction}


class Model:
    """A float model with its data, as arguments of qrt. `figure` measures a model file; higher is better."""

    def __init__(self, qrt, work, name, path, data, test):
        self.qrt, self.work, self.name, self.path = qrt, work, name, path
        self.data, self.test = data, test
        self.recipe = json.loads(self.run("recipe", path))

    def run(self, *args):
        done = subprocess.run([self.qrt, *map(str, args)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"qrt {' '.join(map(str, args))}\n{done.stderr}")
        return done.stdout

    def statistics(self, recipe_file, equalize):
        file = self.work / f"{self.name}{'_equalized' if equalize else ''}.stats"
        if not file.exists():
            self.run("quantize", self.path, "--recipe", recipe_file, "--save-statistics", file, *self.data)
        return file

    def quantize(self, change):
        recipe_file, out = self.work / "recipe.json", self.work / f"{self.name}.qrt"
        recipe_file.write_text(json.dumps(edited(json.loads(json.dumps(self.recipe)), **change)))
        statistics = self.statistics(recipe_file, change.get("equalize", False))
        self.run("quantize", self.path, "--recipe", recipe_file, "-o", out, "--statistics", statistics, *self.data)
        return out

    def sqnr(self, model):
        report = json.loads(self.run("compare", self.path, model, *self.test, "--samples", 32, "--json"))
        return min(np.inf if o["sqnr_db"] is None else o["sqnr_db"] for o in report["outputs"])


class Classifier(Model):
    """Top-1 in percent."""
    unit = "pt"

    def __init__(self, *args):
        super().__init__(*args)
        self.float_figure = self.figure(self.path)

    def figure(self, model):
        return 100 * json.loads(self.run("eval", model, *self.test, "--json"))["top1"]


class FaceDetector(Model):
    """Faces found again, of those the float model finds in the zoo's photos; a face too many counts as one less."""
    unit = " faces"

    def __init__(self, *args, inputs):
        super().__init__(*args)
        self.inputs = [self.work / f"photo{i}.npy" for i in range(len(inputs))]
        for file, x in zip(self.inputs, inputs):
            np.save(file, x[None])
        self.wanted = [self.faces(self.path, file) for file in self.inputs]
        self.float_figure = self.figure(self.path)

    def faces(self, model, file):
        self.run("run", model, "--input", file, "-o", self.work)
        scores, boxes = (np.load(self.work / f"{name}.npy")[0] for name in ("scores", "boxes"))
        found = scores[:, 1] > 0.7
        kept = []
        for box in boxes[found][np.argsort(-scores[found, 1])]:
            if all(iou(box, other) <= 0.3 for other in kept):
                kept.append(box)
        return kept

    def figure(self, model):
        right = 0
        for file, wanted in zip(self.inputs, self.wanted):
            found = self.faces(model, file)
            again = sum(any(iou(a, b) >= 0.9 for b in found) for a in wanted)
            right += again - max(0, len(found) - len(wanted))
        return right


def iou(a, b):
    width, height = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    both = max(width, 0) * max(height, 0)
    return both / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both)


def zoo_models(qrt, zoo, work, wanted):
    photos = zoo / "imagenet"
    for name, size in (("v1_0.25_128", 128), ("v1_0.5_160", 160), ("v2", 224)):
        if name in wanted:
            preprocess = ("--preprocess", photos / f"preprocess_{size}.json")
            yield Classifier(qrt, work, name, photos / f"mobilenet_{name}_float.onnx",
                             ("--data", photos / "calib_list.txt", *preprocess), ("--data", photos / "test_list.txt", *preprocess))
    if "kws" in wanted:
        tiny = zoo / "mlperf_tiny"
        x = np.float32(0.5847029) * (np.load(tiny / "kws01_x.npy").astype(np.float32) - 83)
        y = np.load(tiny / "kws01_y.npy")
        x = x.reshape(-1, 1, 49, 10)
        np.savez(work / "kws.npz", x=x, y=y)
        np.save(work / "kws_calib.npy", x[::5])
        yield Classifier(qrt, work, "kws", tiny / "kws_dscnn_fp32.onnx", ("--data", work / "kws_calib.npy"), ("--data", work / "kws.npz"))
    faces = zoo / "ultraface"
    for name in ("slim", "RFB"):
        if name in wanted:
            # Photos without faces would leave the largest boxes unseen, so calibration sees the photos mirrored.
            inputs = np.load(faces / "inputs.npy")
            np.save(work / "mirrored.npy", np.ascontiguousarray(inputs[..., ::-1]))
            yield FaceDetector(qrt, work, name, faces / f"version-{name}-320.onnx", ("--data", work / "mirrored.npy"),
                               ("--data", faces / "inputs.npy"), inputs=inputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zoo", type=pathlib.Path, default=os.environ.get("QRT_ZOO", ROOT.parent / "shared" / "zoo"))
    parser.add_argument("--qrt", default=ROOT / "build" / "release" / "bin" / "qrt")
    names = ["v1_0.25_128", "v1_0.5_160", "v2", "kws", "slim", "RFB"]
    parser.add_argument("--models", nargs="+", choices=names, default=names)
    parser.add_argument("--only", nargs="+", choices=list(ROWS), default=list(ROWS), metavar="ROW")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        models = list(zoo_models(args.qrt, pathlib.Path(args.zoo), pathlib.Path(work), args.models))
        cells = [f"{m.name} ({m.float_figure:.2f})" for m in models]
        print("| float → int8 | " + " | ".join(cells) + " |\n|---" + "|---" * len(models) + "|", flush=True)
        for row in args.only:
            print(f"| {row} |", end="", flush=True)
            for model in models:
                out = model.quantize(ROWS[row])
                print(f" {model.figure(out) - model.float_figure:+.2f}{model.unit}, {model.sqnr(out):.1f} dB |", end="", flush=True)
            print(flush=True)


if __name__ == "__main__":
    main()
