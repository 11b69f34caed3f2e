#!/usr/bin/env python3
"""What the placement that `qrt place` finds is worth against others, in the simulated NPU's profiles.

Prints a row for each profile and model: how many times as fast the found placement is as the one before (the default), all
on the NPU with what it cannot run on the CPU, all on the CPU's int8, all in float, and greedy (each layer where it is fastest,
whatever it costs to get there). Ratios of neighbouring runs: the median, and the range it lies in with 95 % confidence; a
range that ends below 1 is a loss beyond noise and marked so. Each row runs alone, the CPU at --isa.
Run: placements.py MODEL.qrt ... [--isa scalar] (int8 models; needs nothing but the build, and a quiet machine).
"""

import argparse
import pathlib

from plants import ROOT, plugin, qrt

TRIALS = ["before", "all on npu-sim", "all on cpu-int8", "all on cpu-float", "greedy"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL.qrt", type=pathlib.Path)
    parser.add_argument("--profiles", nargs="+", default=["good", "slow-op", "partial", "no-layer-times"])
    parser.add_argument("--isa", help="QRT_ISA of the CPU side")
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    args = parser.parse_args()
    losses = 0
    print("| profile | model | found ms (predicted) | " + " | ".join(TRIALS) + " | chosen |")
    print("|---" * (len(TRIALS) + 4) + "|")
    for profile in args.profiles:
        for model in args.models:
            found = qrt(args, "--plugin", plugin(args, {"base": profile}), "place", model, "--backends",
                        "npu-sim,cpu-int8,cpu-float", "--runs", args.runs)
            trials = {trial["name"]: trial for trial in found["trials"]}
            cells = []
            for trial in map(trials.get, TRIALS):
                lost = trial["behind_high"] < 1
                losses += lost
                cells.append(f"{trial['behind']:.3f} [{trial['behind_low']:.3f}, {trial['behind_high']:.3f}]" + " LOST" * lost)
            print(f"| {profile} | {model.stem} | {trials['found']['ms']:.3f} ({found['predicted_ms']:.3f}) | {' | '.join(cells)} | {found['chosen']} |", flush=True)
    print(f"{losses} losses beyond noise")


if __name__ == "__main__":
    main()
