"""The virtual environment of the comparison: what is installed, and what cannot be had."""

import importlib.metadata
import os
import pathlib
import subprocess
import sys

# What to install for each peer; "--no-deps" where a package asks for gigabytes that its converter does not use.
PEERS = {"onnxruntime": [["onnxruntime"]], "openvino": [["openvino"]], "ncnn": [["ncnn"], ["--no-deps", "pnnx"]],
         "MNN": [["MNN"]], "ai-edge-litert": [["ai-edge-litert"]]}
OURS = ["numpy", "onnx"]


def enter(folder):
    """Runs this script anew in the virtual environment of `folder`, which is made if it is not there."""
    folder = pathlib.Path(folder).resolve()
    if pathlib.Path(sys.prefix).resolve() == folder:
        return
    python = folder / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    os.execv(python, [python, *sys.argv])


def pip_install(what):
    """The last line that pip says if it fails, else None."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["pip failed"])[-1]


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def install(peers):
    """Versions of the peers that are there, and the reasons why others are not."""
    missing = [package for package in OURS if version(package) is None]
    if missing and (failure := pip_install(missing)):
        raise SystemExit(f"{' '.join(missing)}: {failure}")
    versions, refused = {}, {}
    for peer in peers:
        for what in PEERS[peer]:
            if version(what[-1]) is None and (failure := pip_install(what)):
                refused[peer] = f"cannot be installed: {failure}"
        if peer not in refused:
            versions[peer] = version(peer)
    return versions, refused
