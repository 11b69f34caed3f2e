#!/usr/bin/env python3
"""Times an int8 model against its float parent layer by layer, and says which layers int8 made slower.

Both run in qrt in turn, for several rounds; a layer's ratio is taken within a round, and the median counts.
Layers are joined by name. What stands only in one of the models (conversions at the borders of int8, layers
that the other fused away) is listed with its time, so that the sums add up.
Run: int8_vs_float.py FLOAT INT8 [--isa avx2] [--slower].
"""

import argparse
import json
import statistics

from runners import qrt_json, speedup


def bench(path, args):
    return qrt_json("bench", path, "--layers", "--threads", args.threads, "--seconds", args.seconds, isa=args.isa)


def times_by_layer(rounds):
    """Layer name -> its description, and its ms in every round."""
    return {layer["name"]: {**layer, "ms": [r["layers"][i]["ms"] for r in rounds]}
            for i, layer in enumerate(rounds[0]["layers"])}


def compare(floats, ints):
    """Rows in the int8 model's order, then what only the float model has."""
    rows = []
    for name in [*ints, *(name for name in floats if name not in ints)]:
        a, b = floats.get(name), ints.get(name)
        row = {"name": name, "op": (b or a)["op"],
               "float_kernel": a and a["kernel"], "float_ms": a and statistics.median(a["ms"]),
               "int8_kernel": b and b["kernel"], "int8_ms": b and statistics.median(b["ms"])}
        # Under a microsecond the clock is what is measured.
        if a and b and max(row["float_ms"], row["int8_ms"]) >= 0.001:
            row["speedup"], row["least"], row["most"] = speedup(a["ms"], [max(ms, 1e-6) for ms in b["ms"]])
        rows.append(row)
    return rows


def cell(value, pattern="{}"):
    return "-" if value is None else pattern.format(value)


def verdict(row):
    if row.get("speedup", 1) >= 1:
        return ""
    return "  SLOWER" if row["most"] < 1 else "  slower, within the noise"


def print_table(rows):
    print(f"{'layer':32} {'op':18} {'float ms':>9} {'int8 ms':>9} {'x as fast':>20}  kernels")
    for row in rows:
        factor = f"{row['speedup']:.2f} ({row['least']:.2f} to {row['most']:.2f})" if "speedup" in row else ""
        print(f"{row['name'][:32]:32} {row['op'][:18]:18} {cell(row['float_ms'], '{:9.4f}'):>9} {cell(row['int8_ms'], '{:9.4f}'):>9} "
              f"{factor:>20}  {cell(row['float_kernel'])} / {cell(row['int8_kernel'])}{verdict(row)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("float", metavar="FLOAT")
    parser.add_argument("int8", metavar="INT8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--isa", help="QRT_ISA")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="per round and model")
    parser.add_argument("--slower", action="store_true", help="print only the layers that int8 made slower")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rounds = [(bench(args.float, args), bench(args.int8, args)) for _ in range(args.rounds)]
    rows = compare(times_by_layer([a for a, _ in rounds]), times_by_layer([b for _, b in rounds]))
    whole = speedup([a["median_ms"] for a, _ in rounds], [b["median_ms"] for _, b in rounds])
    slower = [row for row in rows if row.get("speedup", 1) < 1]
    isa = rounds[0][0]["isa"]
    if args.json:
        print(json.dumps({"isa": isa, "threads": args.threads, "speedup": whole[0], "layers": rows, "slower": [row["name"] for row in slower]}))
        return
    print_table(slower if args.slower else rows)
    alone = sum(row["int8_ms"] for row in rows if row["float_ms"] is None)
    print(f"{isa}, {args.threads} thread(s): int8 is {whole[0]:.2f} x as fast ({whole[1]:.2f} to {whole[2]:.2f}); {len(slower)} of "
          f"{sum('speedup' in row for row in rows)} layers are slower in int8; {alone:.4f} ms in layers that only int8 has")


if __name__ == "__main__":
    main()
