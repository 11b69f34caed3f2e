"""The results as Markdown tables, and their ratios."""

import statistics

from runners import geometric_mean, speedup

INT8_PAIRS = {"int8 / ONNX Runtime int8": ("onnxruntime int8", "qrt int8"), "int8 / ONNX Runtime float": ("onnxruntime float", "qrt int8"),
              "int8 / own float": ("qrt float", "qrt int8"), "float / ONNX Runtime float": ("onnxruntime float", "qrt float")}


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def factor(ratio):
    return "{:.2f} ({:.2f} to {:.2f})".format(*ratio)


def best_peer(result):
    peers = [name for name in result["ms"] if not name.startswith("qrt")]
    return min(peers, key=lambda name: statistics.median(result["ms"][name]), default=None)


def ratio(result, slow, fast="qrt"):
    return speedup(result["ms"][slow], result["ms"][fast]) if slow in result["ms"] and fast in result["ms"] else None


def by_threads(report):
    counts = dict.fromkeys(result["threads"] for result in report["results"])
    return {threads: [r for r in report["results"] if r["threads"] == threads] for threads in counts}


def means(results, of):
    """The geometric mean of what `of` says of each result, None left out."""
    found = [value[0] for value in map(of, results) if value is not None]
    return geometric_mean(found) if found else None


def summary(report):
    """Ratios by threads, then by opponent: of each model, and their geometric mean."""
    found = {}
    for threads, results in by_threads(report).items():
        if "qrt int8" in results[0]["ms"]:
            opponents = {pair: lambda r, p=pair: ratio(r, *INT8_PAIRS[p]) for pair in INT8_PAIRS}
        else:
            opponents = {peer: lambda r, p=peer: ratio(r, p) for peer in report["versions"]}
            opponents["best of all peers"] = lambda r: ratio(r, best_peer(r))
        found[threads] = {name: {"geometric_mean": means(results, of), "models": {r["model"]: of(r) for r in results}}
                          for name, of in opponents.items()}
    return found


def head(report):
    lines = [f"libqrt at {report['isa']}; " + ", ".join(f"{peer} {v}" for peer, v in report["versions"].items()) + ".",
             "Times in ms, medians of the rounds; factors: how many times as fast libqrt is, median (least to most) of the rounds.\n"]
    return lines + [f"{peer}: {why}" for peer, why in report["refused"].items()]


def tail(report):
    failed = {f"{r['model']}: {name}: {why}" for r in report["results"] for name, why in r["failed"].items()}
    return [f"- {line}" for line in [*sorted(failed), *report["faults"]]]


def floats(report):
    text, peers = head(report), list(report["versions"])
    sums = summary(report)
    for threads, results in by_threads(report).items():
        rows = []
        for r in results:
            best = best_peer(r)
            cells = [f"{statistics.median(r['ms'][p]):.2f}, {factor(ratio(r, p))}" if p in r["ms"] else "-" for p in peers]
            rows.append([r["model"], f"{statistics.median(r['ms']['qrt']):.2f}", *cells, f"{factor(ratio(r, best))} {best}"])
        mean = [sums[threads][name]["geometric_mean"] for name in [*peers, "best of all peers"]]
        rows.append(["geometric mean", "", *(f"{m:.2f}" if m else "-" for m in mean)])
        text += [f"### Float, {threads} thread(s)\n", table(["model", "libqrt", *peers, "best peer"], rows)]
    text += ["### Memory and start\n", memory_table(report), "### Agreement with ONNX Runtime, dB\n", agreement_table(report)]
    return "\n".join(text + tail(report))


def memory_table(report):
    """Peak memory of the process, and of it what was there before the model; start: loading and the first run."""
    names = ["qrt", "qrt .onnx", *report["versions"]]
    rows = []
    for r in report["results"]:
        cells = []
        for name in names:
            if name not in r["memory_bytes"]:
                cells.append("-")
                continue
            ready = f" ({r['ready_bytes'][name] / 2**20:.0f} before)" if r["ready_bytes"][name] else ""
            cells.append(f"{r['memory_bytes'][name] / 2**20:.0f} MiB{ready}, {r['start_ms'][name]:.0f} ms")
        rows.append([r["model"], r["threads"], *cells])
    return table(["model", "threads", "libqrt .qrt", "libqrt .onnx", *report["versions"]], rows)


def agreement_table(report):
    rows = [[r["model"], *(f"{r['sqnr_db'][name]:.0f}" if name in r["sqnr_db"] else "-" for name in ["qrt", *report["versions"]])]
            for r in next(iter(by_threads(report).values()))]
    return table(["model", "libqrt", *report["versions"]], rows)


def int8(report):
    text, sums = head(report), summary(report)
    for threads, results in by_threads(report).items():
        rows = [[r["model"], *(f"{statistics.median(ms):.2f}" for ms in r["ms"].values()),
                 *(factor(ratio(r, *pair)) for pair in INT8_PAIRS.values()),
                 *(f"{r['sqnr_db'][name]:.1f}" for name in ("qrt int8", "onnxruntime int8"))] for r in results]
        mean = [f"{sums[threads][pair]['geometric_mean']:.2f}" for pair in INT8_PAIRS]
        rows.append(["geometric mean", *[""] * len(results[0]["ms"]), *mean, "", ""])
        header = ["model", *results[0]["ms"], *INT8_PAIRS, "libqrt dB", "ONNX Runtime dB"]
        text += [f"### int8, {threads} thread(s)\n", table(header, rows)]
    return "\n".join(text + tail(report))
