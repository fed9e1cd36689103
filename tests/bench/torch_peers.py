#!/usr/bin/env python3
"""Times a peer of lucid on one of the networks of torch_networks.py, and prints what it took as one line of JSON.

    python3 tests/bench/torch_peers.py unet64 --mode infer --by frozen [--precision bfloat16]

A training step is zero_grad, forward, loss, backward and SGD with momentum, as lucid-bench's. compare_torch.py runs it, in a
process of its own for every measurement, so that the peak of memory is that network's. A peer that the interpreter lacks,
as onnxruntime, or that refuses the network prints {"missing": why}.
"""

import argparse
import contextlib
import io
import json
import re
import resource
import statistics
import time

import torch
import torch.nn.functional as F
from torch_networks import NETWORKS

# How a peer runs: PyTorch's modules as they are, with channels last in memory, traced and frozen by TorchScript, or by ONNX
# Runtime. "autocast" keeps float32 weights and casts within the network, "cast" has bfloat16 weights and inputs.
WAYS = {
    ("train", "float32"): ["plain", "channels_last_3d"],
    ("infer", "float32"): ["plain", "channels_last_3d", "frozen", "frozen channels_last_3d", "onnxruntime"],
    ("train", "bfloat16"): ["autocast", "autocast channels_last_3d"],
    ("infer", "bfloat16"): ["autocast", "autocast channels_last_3d", "cast", "cast channels_last_3d", "cast frozen"],
}


def random_targets(prediction, task):
    if task == "values":
        return torch.randn(prediction.shape)
    return torch.randint(0, prediction.shape[1], prediction.shape[:1] + prediction.shape[2:])


def loss_of(outputs, targets, task):
    """Several outputs count 1, 1/2, 1/4, ..., as nnU-Net weighs them."""
    loss = F.mse_loss if task == "values" else F.cross_entropy
    if torch.is_tensor(outputs):
        return loss(outputs, targets)
    return sum(loss(output, targets) / 2**i for i, output in enumerate(outputs))


def training_step(network, x, task, casting):
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)
    with torch.no_grad():
        outputs = network(x)
        targets = random_targets(outputs if torch.is_tensor(outputs) else outputs[0], task)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with casting():
            loss = loss_of(network(x), targets, task)
        loss.backward()
        optimizer.step()
        return float(loss)

    return step


def inference(network, x, casting):
    def step():
        with torch.inference_mode(), casting():
            return network(x)

    return step


def frozen(network, x, keeps_format):
    """Folds norms into convolutions, and lets oneDNN choose formats unless the one that x has is to be kept."""
    with torch.no_grad():
        script = torch.jit.freeze(torch.jit.trace(network, x))
        return script if keeps_format else torch.jit.optimize_for_inference(script)


def by_onnxruntime(network, x, threads):
    """Inference by ONNX Runtime, after a look at whether it computes the same."""
    file = io.BytesIO()
    torch.onnx.export(network, (x,), file, dynamo=False, opset_version=17)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x.numpy()}
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(session.run(None, feed)[0]), network(x), rtol=1e-2, atol=1e-3)
    return lambda: session.run(None, feed)


def prepared(a):
    """The step of the network by the way that was asked for."""
    make, shape, task = NETWORKS[a.network]
    network, x = make().train(a.mode == "train"), torch.randn(shape)
    if "onnxruntime" in a.by:
        return by_onnxruntime(network, x, a.threads)
    if "channels_last_3d" in a.by:
        network, x = network.to(memory_format=torch.channels_last_3d), x.contiguous(memory_format=torch.channels_last_3d)
    if "cast" in a.by.split():
        network, x = network.bfloat16(), x.bfloat16()
    if "frozen" in a.by:
        network = frozen(network, x, "channels_last_3d" in a.by)
    casting = contextlib.nullcontext
    if "autocast" in a.by:
        casting = lambda: torch.autocast("cpu", torch.bfloat16)  # noqa: E731
    return training_step(network, x, task, casting) if a.mode == "train" else inference(network, x, casting)


def times_of(work, repeats, seconds):
    """Seconds of each run, after two that are not counted: so many runs and for so long, at least."""
    work()
    work()
    times, begin = [], time.perf_counter()
    while len(times) < repeats or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def versions():
    """PyTorch's, its oneDNN's (which has names from three ages of the library) and its instruction set."""
    found = re.search(r"(?:MKL-?DNN|oneDNN)\S* v([0-9.]+)", torch.__config__.show())
    return {
        "version": torch.__version__,
        "onednn": found.group(1) if found and torch.backends.mkldnn.is_available() else None,
    }


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--mode", choices=["train", "infer"], required=True)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--by", default="", help="a way of the mode and precision; default: the first")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=4)
    a = parser.parse_args()
    ways = WAYS[a.mode, a.precision]
    a.by = a.by or ways[0]
    if a.by not in ways:
        parser.error(f"--by: expected one of {', '.join(ways)}; found {a.by}")
    return a


def main():
    a = arguments()
    torch.manual_seed(0)
    torch.set_num_threads(a.threads)
    try:
        step = prepared(a)
        times = times_of(step, a.repeats, a.seconds)
    except (ImportError, RuntimeError, AssertionError) as error:
        print(json.dumps(versions() | {"missing": f"{type(error).__name__}: {error}".splitlines()[0]}))
        return
    print(json.dumps(versions() | {
        "median_ms": statistics.median(times) * 1e3,
        "least_ms": min(times) * 1e3,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
