"""Who is compared: libqrt through its command, every peer in a process of its own that is blocked while others run."""

import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np

from convert import model_for
from runners import qrt_json


class Peer:
    """worker.py with a model loaded. Errors of the runtime are RuntimeErrors."""

    def __init__(self, runtime, path, threads, feed):
        command = [sys.executable, pathlib.Path(__file__).with_name("worker.py"), runtime, path, threads, feed]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.start = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        found = json.loads(line) if line else {"error": f"the process ended with {self.process.wait()}"}
        if "error" in found:
            self.close()
            raise RuntimeError(found["error"])
        return found

    def ask(self, *command):
        print(*command, file=self.process.stdin, flush=True)
        return self.answer()

    def time(self, seconds):
        found = self.ask("time", seconds)
        self.settle()
        return found

    def output(self, file):
        self.ask("output", file)
        return np.load(file)

    def memory(self):
        return self.ask("memory")["peak_bytes"]

    def cpu_ticks(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def settle(self):
        """Waits until its threads, which may spin for a while after a run, are idle."""
        for _ in range(100):
            before = self.cpu_ticks()
            time.sleep(0.03)
            if self.cpu_ticks() == before:
                return
        raise RuntimeError("its threads still spin 3 s after a run")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Libqrt:
    """A process for every measurement: it loads the .qrt file in milliseconds."""

    def __init__(self, path, threads, feed, isa=None):
        self.path, self.threads, self.feed, self.isa = path, threads, feed, isa
        self.found = self.bench("--runs", 10)
        self.start = {"start_ms": sum(self.found[key] for key in ("load_ms", "prepare_ms", "first_ms")), "ready_bytes": 0}

    def bench(self, *args):
        return qrt_json("bench", self.path, "--threads", self.threads, *args, isa=self.isa)

    def time(self, seconds):
        before = os.times()
        start = time.perf_counter()
        ms = self.bench("--seconds", seconds)["median_ms"]
        after = os.times()
        busy = after.children_user + after.children_system - before.children_user - before.children_system
        return {"ms": ms, "busy": busy / (time.perf_counter() - start)}

    def output(self, file):
        folder = pathlib.Path(file).parent
        found = qrt_json("run", self.path, "--input", self.feed, "--output", folder, "--threads", self.threads, isa=self.isa)
        return np.load(found["outputs"][0]["file"])

    def memory(self):
        return self.found["peak_memory_bytes"]

    def close(self):
        pass


def open_contestant(name, onnx, threads, feed, isa=None):
    """Of "qrt", "qrt .onnx" (imported at load) and the peers."""
    if name.startswith("qrt"):
        return Libqrt(onnx if name.endswith(".onnx") else model_for("qrt", onnx), threads, feed, isa)
    return Peer(name, model_for(name, onnx), threads, feed)
