#!/usr/bin/env python3
"""Times libqrt beside the well-known CPU runtimes, float and int8, and prints how many times as fast it is.

One command: it makes a virtual environment, installs the peers with pip, writes the models (make_models.py), converts
them to each runtime's format, checks that the outputs agree, and measures in rounds. A round runs every contestant for
a while, in turn, the others blocked in their own processes; ratios are taken within a round, so that drift of the
machine's speed cancels, and the median of the rounds is printed with the least and the most. Who cannot be installed
or cannot run a model is listed with the reason. Memory is the process's VmHWM; the start is loading and the first run
together, once the runtime itself is loaded. Markdown goes to stdout, --json FILE has everything.

Exit code 1: outputs disagree, or a runtime used more threads than it was given.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import environment

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAST_SQNR_DB = 60  # bf16 would give about 40, Winograd gives 90


def note(*words):
    print(*words, file=sys.stderr, flush=True)


def write_models(names, folder):
    import make_models
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if not (folder / f"{name}.onnx").exists():
            note("writing", name)
            net = make_models.Net(name)
            net.save(folder, make_models.MODELS[name](net))
    return [folder / f"{name}.onnx" for name in names]


def input_of(path, folder):
    import numpy as np
    import onnx
    from runners import random_inputs
    value = onnx.load(str(path), load_external_data=False).graph.input[0].type.tensor_type
    feed = folder / "input.npy"
    np.save(feed, random_inputs([max(dim.dim_value, 1) for dim in value.shape.dim]))
    return feed


def opened(models, threads, folder, isa, failed):
    """The contestants that run, by name; why others do not goes to `failed`."""
    from contestants import open_contestant
    contestants = {}
    for name, (contestant, path) in models.items():
        try:
            contestants[name] = open_contestant(contestant, path, threads, folder / "input.npy", isa)
        except RuntimeError as error:
            failed[name] = str(error)
    return contestants


def asked(contestants, failed, question):
    """The answers by contestant; who has none is left out from now on."""
    answers = {}
    for name, contestant in contestants.items():
        try:
            if name not in failed:
                answers[name] = question(contestant)
        except RuntimeError as error:
            failed[name] = str(error)
    return answers


def time_in_turn(contestants, args, failed):
    """Times of all rounds by contestant, and the most threads that were busy; who fails is left out."""
    times, busy = {}, {}
    timed = [name for name in contestants if name != "qrt .onnx"]  # imported, it is the same as "qrt"
    for i in range(args.rounds):
        for name in timed[i % len(timed):] + timed[:i % len(timed)]:
            if name in failed:
                continue
            try:
                found = contestants[name].time(args.seconds)
            except RuntimeError as error:
                failed[name] = str(error)
                times.pop(name, None)
                continue
            times.setdefault(name, []).append(found["ms"])
            busy[name] = max(busy.get(name, 0), found["busy"])
    return times, busy


def measure(path, models, reference, threads, args, folder):
    """One model at one number of threads. `models`: name → (contestant, file)."""
    from runners import sqnr_db
    input_of(path, folder)
    failed = {}
    contestants = opened(models, threads, folder, args.isa, failed)
    if reference not in contestants:
        raise SystemExit(f"{path}: {reference} cannot run it: {failed[reference]}")
    want = contestants[reference].output(folder / "out.npy")
    sqnr = asked(contestants, failed, lambda c: sqnr_db(want, c.output(folder / "out.npy").reshape(want.shape)))
    times, busy = time_in_turn(contestants, args, failed)
    memory = asked(contestants, failed, lambda c: c.memory())
    contestants = {name: c for name, c in contestants.items() if name not in failed}
    start = {name: [c.start["start_ms"]] for name, c in contestants.items()}
    ready = {name: c.start["ready_bytes"] for name, c in contestants.items()}
    for c in contestants.values():
        c.close()
    for _ in range(args.starts - 1):  # alone, as an application starts
        for name in contestants:
            for c in opened({name: models[name]}, threads, folder, args.isa, failed).values():
                start[name].append(c.start["start_ms"])
                c.close()
    return {"model": path.stem, "threads": threads, "ms": times, "busy": busy, "sqnr_db": sqnr, "failed": failed,
            "memory_bytes": memory, "ready_bytes": ready, "start_ms": {n: statistics.median(ms) for n, ms in start.items()}}


def float_models(path, peers):
    return {name: (name, path) for name in ["qrt", "qrt .onnx", *peers]}


def int8_models(path, folder):
    """Both quantize the model themselves, on random data, and ONNX Runtime's is checked to run in int8."""
    import numpy as np
    import onnxruntime_int8
    from runners import qrt, random_inputs
    data, ours = folder / "calibration.npy", path.with_suffix(".int8.qrt")
    shape = np.load(input_of(path, folder)).shape
    np.save(data, np.concatenate([random_inputs(shape, seed) for seed in range(8)]))
    qrt("quantize", path, "--data", data, "-o", ours)
    theirs = onnxruntime_int8.quantize(path, path.parent)
    return {"qrt float": ("qrt", path), "onnxruntime float": ("onnxruntime", path),
            "qrt int8": ("qrt .onnx", ours), "onnxruntime int8": ("onnxruntime", theirs)}


def faults_of(result, least_sqnr):
    faults = [f"{name}: output differs, {db:.1f} dB" for name, db in result["sqnr_db"].items() if not db >= least_sqnr]
    return faults + [f"{name}: {busy:.2f} threads busy" for name, busy in result["busy"].items() if busy > result["threads"] + 0.2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", metavar="NAME", help="of make_models.py (default: all)")
    parser.add_argument("--peers", nargs="+", choices=list(environment.PEERS), default=list(environment.PEERS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="per round and contestant")
    parser.add_argument("--starts", type=int, default=3, help="how often to measure loading and the first run")
    parser.add_argument("--int8", action="store_true", help="int8 against ONNX Runtime and float instead")
    parser.add_argument("--isa", help="QRT_ISA for libqrt; the peers take what the CPU has")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/peers", help="environment and models")
    args = parser.parse_args()
    args.work = args.work.resolve()
    environment.enter(args.work / "venv")
    peers = sorted({*args.peers, "onnxruntime"})
    versions, refused = environment.install(peers)
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import make_models
    import tables
    from runners import qrt_json
    results, faults = [], []
    for path in write_models(args.models or list(make_models.MODELS), args.work / "models"):
        for threads in args.threads:
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                models = int8_models(path, folder) if args.int8 else float_models(path, versions)
                reference = "onnxruntime float" if args.int8 else "onnxruntime"
                result = measure(path, models, reference, threads, args, folder)
            results.append(result)
            note(path.stem, f"{threads} thread(s):", *(f"{n} {statistics.median(ms):.2f} ms" for n, ms in result["ms"].items()))
            faults += [f"{path.stem}, {threads} thread(s): {fault}" for fault in faults_of(result, 0 if args.int8 else LEAST_SQNR_DB)]
    report = {"isa": args.isa or qrt_json("backends")["isa"], "versions": versions, "refused": refused, "results": results, "faults": faults}
    print(tables.int8(report) if args.int8 else tables.floats(report))
    if args.json:
        args.json.write_text(json.dumps({**report, "summary": tables.summary(report)}, indent=1))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
