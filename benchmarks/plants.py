#!/usr/bin/env python3
"""Plants slow or wrong layers in the simulated NPU, and counts how often `qrt bisect` names exactly these.

Each plant is one, two or three layers of a model: 2 to 20 times as slow, with 5 % noise on every run of the
device, or with a wrong result. A layer is planted as slow only where moving it to the CPU then saves at least
--share of a run: less is below what bisect looks for. So the device should be faster than the CPU but not by
far, for which the CPU side is held to a level of its own (--isa): on a machine that does nothing else run
  plants.py mobilenet_v2.int8.qrt resnet18.int8.qrt slim.qrt --isa scalar
            --profile '{"base": "good", "macs_per_second": 4e9, "elements_per_second": 320e6}'
and with wrong results, on any machine
  plants.py mobilenet_v2.int8.qrt resnet18.int8.qrt slim.qrt --metric error
One by one, as surely, would take (layers + 1) x --repeats runs. Needs int8 models, and nothing but the build.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]


def qrt(args, *command):
    environment = {**os.environ, "QRT_ISA": args.isa} if args.isa else None
    done = subprocess.run([args.build / "bin/qrt", *map(str, command), "--json"], capture_output=True, text=True,
                          env=environment)
    if done.returncode == 2:
        raise SystemExit(f"qrt {' '.join(map(str, command))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def plugin(args, profile):
    return f"{args.build / 'plugins/libqrt-npu-sim.so'}?{json.dumps(profile)}"


def layers_on_device(model, args):
    """Name -> milliseconds on the device that works as it should, as the device says, and on the CPU."""
    bench = "bench", model, "--layers", "--seconds", 0.5, "--threads", args.threads
    cpu = {layer["name"]: layer["ms"] for layer in qrt(args, *bench)["layers"]}
    found = qrt(args, "--plugin", plugin(args, args.profile), *bench, "--backend", "npu-sim")
    return {layer["name"]: (layer["device_ms"], cpu[layer["name"]]) for layer in found["layers"]
            if layer["backend"] == "npu-sim"}


def plant(times, args, rng):
    """Layer -> factor."""
    count = rng.randint(1, 3)
    if args.metric == "error":
        return {name: None for name in rng.sample(sorted(times), count)}
    least = args.share * sum(device for device, _ in times.values())
    factor = {name: rng.uniform(2, 20) for name in times}
    heavy = sorted(name for name, (device, cpu) in times.items() if factor[name] * device - cpu > least)
    return {name: factor[name] for name in rng.sample(heavy, min(count, len(heavy)))}


def profile_with(planted, args, seed):
    if args.metric == "error":
        return {**args.profile, "faults": [{"kind": "wrong_result", "repeat": True, "layer": name, "amount": 32}
                                           for name in planted]}
    return {**args.profile, "slow_layers": planted, "timing_noise": 0.05, "seed": seed}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL.qrt", type=pathlib.Path)
    parser.add_argument("--metric", choices=["time", "error"], default="time")
    parser.add_argument("--plants", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--isa", help="QRT_ISA of the CPU side")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU side")
    parser.add_argument("--profile", type=json.loads, default={"base": "good"})
    parser.add_argument("--share", type=float, default=0.08)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    times = {model: layers_on_device(model, args) for model in args.models}
    exact, shares = 0, []
    for i in range(args.plants):
        model = args.models[i % len(args.models)]
        planted = plant(times[model], args, rng)
        found = qrt(args, "--plugin", plugin(args, profile_with(planted, args, i + 1)), "bisect", model, "--backend", "npu-sim",
                    "--metric", args.metric, "--threads", args.threads)
        named = set(found["culprits"])
        exact += named == set(planted)
        share = found["runs"] / ((len(times[model]) + 1) * args.repeats)
        shares.append(share)
        print(f"{model.stem}: planted {planted}, named {sorted(named)}, {found['runs']} runs ({share:.0%} of one by one), "
              f"confidence {found['confidence']:.2f}: {'exact' if named == set(planted) else 'NOT exact'}", flush=True)
    print(f"{exact} of {args.plants} exact; runs {sum(shares) / len(shares):.0%} of one by one on average")


if __name__ == "__main__":
    main()
