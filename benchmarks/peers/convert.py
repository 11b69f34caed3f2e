"""A model in the file format of each runtime, converted by the runtime's own tool where it has one."""

import importlib.util
import pathlib
import subprocess
import sys

from runners import qrt
from to_tflite import to_tflite


def tool(*command, cwd=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])


def to_qrt(onnx, out):
    qrt("convert", onnx, out)


def to_ncnn(onnx, out):
    import onnx as onnx_package
    # Its module asks for torch, the program in it does not.
    program = pathlib.Path(importlib.util.find_spec("pnnx").origin).with_name("pnnx")
    dims = onnx_package.load(str(onnx), load_external_data=False).graph.input[0].type.tensor_type.shape.dim
    folder = out.parent / f"{onnx.stem}.pnnx"  # it writes a dozen files beside its input
    folder.mkdir(exist_ok=True)
    link = folder / "model.onnx"
    link.unlink(missing_ok=True)
    link.symlink_to(onnx)
    tool(program, link, f"inputshape=[{','.join(str(dim.dim_value) for dim in dims)}]", "fp16=0", cwd=folder)
    (folder / "model.ncnn.bin").replace(out.with_suffix(".bin"))
    (folder / "model.ncnn.param").replace(out)
    for rest in folder.iterdir():
        rest.unlink()
    folder.rmdir()


def to_mnn(onnx, out):
    tool(pathlib.Path(sys.prefix) / "bin/mnnconvert", "-f", "ONNX", "--modelFile", onnx, "--MNNModel", out, "--bizCode", "MNN")


CONVERTERS = {"qrt": (".qrt", to_qrt), "ncnn": (".param", to_ncnn), "MNN": (".mnn", to_mnn), "ai-edge-litert": (".tflite", to_tflite)}


def model_for(runtime, onnx):
    """The file that `runtime` loads, made beside the ONNX file if it is older than that."""
    if runtime not in CONVERTERS:
        return onnx
    suffix, converter = CONVERTERS[runtime]
    out = onnx.parent / (onnx.stem + suffix)
    if not out.exists() or out.stat().st_mtime < onnx.stat().st_mtime:
        try:
            converter(onnx, out)
        except Exception as error:
            raise RuntimeError(f"cannot be converted: {error}") from error
    return out
