#!/usr/bin/env python3
"""Compares lucid's speed with PyTorch's on the networks of configs/bench: one command, one table.

    python3 tests/bench/compare_torch.py [--python '/usr/bin/python3'] [--python 'chroot trixie python3']

lucid-bench and PyTorch (torch_networks.py) take turns, each measurement in a process of its own, so that what else the
machine does falls on all of them. A ratio is PyTorch's time over lucid's in the same round: above 1, lucid is faster. The
better of PyTorch's plain and channels_last_3d counts. Every --python is an interpreter that has torch, or a command that
starts one; it reads its script from standard input. Debian 12: apt-get install python3-torch.
"""

import argparse
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = pathlib.Path(__file__).resolve().with_name("torch_networks.py")
NETWORKS = ["seed", "voxnet", "medmnist", "cosmo64", "cosmo128", "unet64", "unet96"]
FORMATS = ["plain", "channels_last_3d"]
MODES = {"train": "Training step", "infer": "Inference"}
TOO_SLOW = 1.2  # a format that takes this times the other's in the first round takes part in no other


def run(command, stdin=None):
    """What the command prints, which is JSON."""
    done = subprocess.run(command, stdin=stdin, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)}: ended with {done.returncode}")
    return json.loads(done.stdout)


def shared_options(a, mode):
    return ["--threads", str(a.threads), "--repeats", str(a.repeats), "--seconds", str(a.seconds)] + (
        [f"--{mode}"] if mode else []
    )


def measure_lucid(a, network, mode):
    config = TOP / "configs/bench" / f"{network}.json"
    own = ["step", str(config), "--json", *shlex.split(a.lucid_options)]
    report = run([*shlex.split(a.lucid), *own, *shared_options(a, mode)])
    return report["networks"][0][mode] | {"machine": report["machine"]}


def measure_torch(a, python, network, mode, layout):
    options = ["--mode", mode, "--format", layout, *shared_options(a, None)]
    with SCRIPT.open() as script:
        return run([*shlex.split(python), "-", network, *options], script)


def without_slow(formats, time):
    """The formats that may still win."""
    best = min(runs[0][time] for runs in formats.values())
    return {name: runs for name, runs in formats.items() if runs[0][time] < TOO_SLOW * best}


def measure(a, network, mode):
    """Rounds of one network in one mode: lucid's runs, and by interpreter and format PyTorch's."""
    lucid, torch = [], {python: {name: [] for name in FORMATS} for python in a.python}
    for turn in range(a.rounds):
        print(f"{network}, {mode}: round {turn + 1} of {a.rounds}", file=sys.stderr)
        lucid.append(measure_lucid(a, network, mode))
        for python, formats in torch.items():
            for name, runs in formats.items():
                runs.append(measure_torch(a, python, network, mode, name))
        if turn == 0:
            torch = {python: without_slow(formats, a.time) for python, formats in torch.items()}
    return {"network": network, "mode": mode, "lucid": lucid, "torch": torch}


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def ratios(theirs, ours, key):
    each = [their[key] / our[key] for their, our in zip(theirs, ours)]
    return statistics.median(each), min(each), max(each)


def share_of_peak(run, time):
    return run["flops"] / run[time] * 1e-6 / run["machine"]["peak_gflops"]


def summary(results, time):
    """One object for each network, mode and interpreter: what the tables show."""
    rows = []
    for result in results:
        for formats in result["torch"].values():
            name = min(formats, key=lambda name: median(formats[name], time))
            runs, ours = formats[name], result["lucid"]
            rows.append({
                "network": result["network"],
                "mode": result["mode"],
                "torch": f"{runs[0]['version']}, oneDNN {runs[0]['onednn']}",
                "format": name,
                "lucid_ms": median(ours, time),
                "share_of_peak": statistics.median(share_of_peak(run, time) for run in ours),
                "torch_ms": median(runs, time),
                "ratio": ratios(runs, ours, time),
                "lucid_memory_bytes": median(ours, "peak_memory_bytes"),
                "torch_memory_bytes": median(runs, "peak_memory_bytes"),
                "memory_ratio": ratios(ours, runs, "peak_memory_bytes"),
            })  # fmt: skip
    return rows


def with_spread(ratio):
    middle, low, high = ratio
    text = f"{middle:.2f}"
    return text if low == high else f"{text} ({low:.2f} .. {high:.2f})"


def number(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def speed_table(rows, mode):
    """Header and rows: a network a row, two columns an interpreter."""
    versions = list(dict.fromkeys(row["torch"] for row in rows))
    table = [[MODES[mode], "lucid ms", "of peak", *(cell for v in versions for cell in (f"PyTorch {v}: ms", "ratio"))]]
    for network in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if (row["network"], row["mode"]) == (network, mode)]
        cells = [cell for row in own for cell in (number(row["torch_ms"]), with_spread(row["ratio"]))]
        table.append([network, number(own[0]["lucid_ms"]), f"{own[0]['share_of_peak']:.0%}", *cells])
    return table


def memory_table(rows, mode):
    versions = list(dict.fromkeys(row["torch"] for row in rows))
    header = [f"{MODES[mode]}: peak memory", "lucid MB"]
    table = [[*header, *(cell for v in versions for cell in (f"PyTorch {v}: MB", "lucid's share"))]]
    for network in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if (row["network"], row["mode"]) == (network, mode)]
        cells = [
            cell for row in own for cell in (f"{row['torch_memory_bytes'] / 1e6:.0f}", with_spread(row["memory_ratio"]))
        ]
        table.append([network, f"{own[0]['lucid_memory_bytes'] / 1e6:.0f}", *cells])
    return table


def as_markdown(table):
    lines = ["| " + " | ".join(cells) + " |" for cells in table]
    return "\n".join([lines[0], "|" + " --- |" * len(table[0]), *lines[1:]])


def as_text(table):
    widths = [max(len(cells[i]) for cells in table) for i in range(len(table[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in table)


def heading(a, results):
    machine = results[0]["lucid"][0]["machine"]
    return (
        f"{machine['processor']}; lucid: {machine['engine']}; peak {machine['peak_gflops']:.0f} GFLOP/s; "
        f"{a.threads} threads everywhere; the median of {a.rounds} rounds in turn; of each, "
        f"the {a.time.removesuffix('_ms')} of at least {a.repeats} steps"
    )


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5, help="steps of a round, at least")
    parser.add_argument("--seconds", type=float, default=2, help="length of a round, at least")
    parser.add_argument(
        "--time", choices=["median_ms", "least_ms"], default="median_ms", help="of a round; the least on a busy machine"
    )
    parser.add_argument("--lucid", default=str(TOP / "build/lucid-bench"), help="lucid-bench, or a command for it")
    parser.add_argument("--lucid-options", default="", help="more of lucid-bench's options")
    parser.add_argument("--python", action="append", help="default: /usr/bin/python3; may be repeated")
    parser.add_argument("--markdown", action="store_true", help="tables for a README")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every measurement there")
    a = parser.parse_args()
    a.python = a.python or ["/usr/bin/python3"]
    return a


def main():
    a = arguments()
    os.environ["OMP_NUM_THREADS"] = str(a.threads)
    results = [measure(a, network, mode) for network in a.networks for mode in a.modes]
    rows = summary(results, a.time)
    show = as_markdown if a.markdown else as_text
    tables = [speed_table(rows, mode) for mode in a.modes] + [memory_table(rows, mode) for mode in a.modes]
    print("\n\n".join([heading(a, results), *map(show, tables)]))
    if a.json:
        a.json.write_text(json.dumps({"summary": rows, "measurements": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
