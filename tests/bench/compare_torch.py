#!/usr/bin/env python3
"""Compares lucid's speed with its peers' at their best on the networks of configs/bench: one command, one table.

    python3 tests/bench/compare_torch.py [--python '/usr/bin/python3'] [--python 'chroot sid python3']

lucid-bench and the peers (torch_peers.py) take turns, each measurement in a process of its own, so that what else the
machine does falls on all of them. A ratio is the peer's time over lucid's in the same round: above 1, lucid is faster. Of
the ways in which a peer can run a network the fastest counts. Every --python is an interpreter that has torch, or a command
that starts one; it reads its script from standard input. Debian: apt-get install python3-torch python3-onnxruntime.

Peers run tuned: malloc keeps what PyTorch frees after every operation, which else goes back to the system and is faulted in
again. --untuned adds columns in which they run as they come, for one round.

It may be run in pieces: --json FILE with some of --networks each, then all of them in one table: --read FILE... --markdown.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys

import compare_tables

TOP = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = {name: pathlib.Path(__file__).resolve().with_name(f"{name}.py") for name in ("torch_networks", "torch_peers")}
NETWORKS = [
    "seed", "voxnet", "medmnist", "cosmo64", "cosmo128", "unet64", "unet96",
    "nnunet", "unet_gcr", "resunet", "resnet18", "dilated", "separable",
]  # fmt: skip
# As those of WAYS in torch_peers.py.
WAYS = {
    ("train", "float32"): ["plain", "channels_last_3d"],
    ("infer", "float32"): ["plain", "channels_last_3d", "frozen", "frozen channels_last_3d", "onnxruntime"],
    ("train", "bfloat16"): ["autocast", "autocast channels_last_3d"],
    ("infer", "bfloat16"): ["autocast", "autocast channels_last_3d", "cast", "cast channels_last_3d", "cast frozen"],
}
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**34), "MALLOC_TOP_PAD_": str(2**28)}
# oneDNN and PyTorch's own kernels; lucid's follow oneDNN. ONNX Runtime cannot be limited and takes no part.
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
OPTIONS = ["precision", "avx2", "threads", "repeats", "time"]  # what the heading says of a table
TOO_SLOW = 1.2  # a way that takes this times the best's in the first round takes part in no other


def run(command, stdin=None, environment=None):
    """What the command prints, which is JSON; `environment` is added to ours."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=os.environ | (environment or {}))
    if done.returncode != 0:
        sys.exit(f"{done.stderr}{shlex.join(command)}: ended with {done.returncode}")
    return json.loads(done.stdout)


def shared_options(a):
    return ["--precision", a.precision, "--threads", str(a.threads), "--repeats", str(a.repeats), "--seconds", str(a.seconds)]


def measure_lucid(a, network, mode):
    config = TOP / "configs/bench" / f"{network}.json"
    own = ["step", str(config), "--json", f"--{mode}", *shlex.split(a.lucid_options)]
    report = run([*shlex.split(a.lucid), *own, *shared_options(a)])
    return report["networks"][0][mode] | {"machine": report["machine"]}


def script():
    """torch_networks.py and torch_peers.py as one program: it can be read where their folder is not to be seen."""
    texts = {name: path.read_text() for name, path in SCRIPTS.items()}
    return f"""import sys, types
for name, text in {texts!r}.items():
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
sys.modules["torch_peers"].main()
"""


def measure_peer(a, peer, network, mode, way):
    command = [*shlex.split(peer["python"]), "-", network, "--mode", mode, "--by", way, *shared_options(a)]
    return run(command, script(), TUNED if peer["tuned"] else None)


def ways_of(a, mode):
    return [way for way in WAYS[mode, a.precision] if not (a.avx2 and way == "onnxruntime")]


def without_slow(ways, time):
    """The ways that may still win."""
    there = {way: runs for way, runs in ways.items() if "missing" not in runs[0]}
    best = min((runs[0][time] for runs in there.values()), default=0)
    return {way: runs for way, runs in there.items() if runs[0][time] < TOO_SLOW * best}


def peers_of(a):
    return [{"python": python, "tuned": tuned} for python in a.python for tuned in ([True, False] if a.untuned else [True])]


def measure(a, network, mode):
    """Rounds of one network in one mode: lucid's runs, and by peer and way theirs."""
    lucid, peers = [], [peer | {"ways": {way: [] for way in ways_of(a, mode)}} for peer in peers_of(a)]
    for turn in range(a.rounds):
        print(f"{network}, {mode}: round {turn + 1} of {a.rounds}", file=sys.stderr)
        lucid.append(measure_lucid(a, network, mode))
        for peer in peers:
            if turn > 0 and not peer["tuned"]:
                continue
            for way, runs in peer["ways"].items():
                runs.append(measure_peer(a, peer, network, mode, way))
        if turn == 0:
            for peer in peers:
                peer["all_ways"], peer["ways"] = peer["ways"], without_slow(peer["ways"], a.time)
    return {"network": network, "mode": mode, "lucid": lucid, "peers": peers}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--modes", nargs="+", choices=["train", "infer"], default=["train", "infer"])
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--avx2", action="store_true", help="lucid and peers do as if the processor had no AVX-512")
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
    parser.add_argument("--untuned", action="store_true", help="peers also as they come, for one round")
    parser.add_argument("--markdown", action="store_true", help="tables for a README")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every measurement there")
    parser.add_argument(
        "--read", nargs="+", type=pathlib.Path, metavar="FILE", help="measure nothing: one table of what --json wrote"
    )
    a = parser.parse_args()
    a.python = a.python or ["/usr/bin/python3"]
    return a


def measure_all(a):
    os.environ["OMP_NUM_THREADS"] = str(a.threads)
    if a.avx2:
        os.environ.update(AVX2)
    return [measure(a, network, mode) for network in a.networks for mode in a.modes]


def read_all(a):
    """Measurements of files, in the order of NETWORKS, and into `a` the options that they share."""
    files = [json.loads(file.read_text()) for file in a.read]
    for file, found in zip(a.read, files):
        if found["options"] != files[0]["options"]:
            sys.exit(f"{file}: other options than {a.read[0]}: {found['options']}")
    vars(a).update(files[0]["options"])
    results = [result for found in files for result in found["measurements"]]
    return sorted(results, key=lambda result: NETWORKS.index(result["network"]))


def main():
    a = arguments()
    results = read_all(a) if a.read else measure_all(a)
    rows = compare_tables.summary(results, a.time)
    print(compare_tables.report(a, results, rows))
    if a.json:
        options = {name: getattr(a, name) for name in OPTIONS}
        found = {"options": options, "summary": rows, "measurements": results}
        a.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
