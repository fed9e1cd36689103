#!/usr/bin/env python3
"""Times PyTorch on one of the networks of configs/bench, and prints what it took as one line of JSON.

Hand-written as one would write them for PyTorch; a training step is zero_grad, forward, loss, backward and SGD with
momentum, as lucid-bench's. compare_torch.py runs it, in a process of its own for every measurement, so that the peak of
memory is that network's. It may be read from standard input: `python3 - unet64 --mode train < torch_networks.py`.
"""

import argparse
import json
import re
import resource
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn


def double_conv(ins, outs):
    return nn.Sequential(
        nn.Conv3d(ins, outs, 3, padding=1), nn.ReLU(), nn.Conv3d(outs, outs, 3, padding=1), nn.ReLU()
    )


class UNet(nn.Module):
    def __init__(self, ins, outs, features, levels):
        super().__init__()
        widths = [features * 2**level for level in range(levels)]
        self.encoders = nn.ModuleList(double_conv(a, b) for a, b in zip([ins, *widths], widths))
        self.grows, self.decoders = nn.ModuleList(), nn.ModuleList()
        for below, width in zip(widths[:0:-1], widths[-2::-1]):
            self.grows.append(nn.ConvTranspose3d(below, width, 2, 2))
            self.decoders.append(double_conv(2 * width, width))
        self.classes = nn.Conv3d(features, outs, 1)

    def forward(self, x):
        skips = []
        for level, encoder in enumerate(self.encoders):
            x = encoder(F.max_pool3d(x, 2) if level > 0 else x)
            skips.append(x)
        skips.pop()
        for grow, decoder in zip(self.grows, self.decoders):
            x = decoder(torch.cat([skips.pop(), grow(x)], 1))
        return self.classes(x)


def cosmo(size):
    layers, ins, levels = [], 4, 5
    for level in range(levels):
        outs = 16 * 2**level
        layers += [nn.Conv3d(ins, outs, 3, padding=1), nn.LeakyReLU(0.3), nn.MaxPool3d(2)]
        ins = outs
    layers += [nn.Flatten(), nn.Linear(ins * (size // 2**levels) ** 3, 128), nn.LeakyReLU(0.3)]
    return nn.Sequential(*layers, nn.Linear(128, 64), nn.LeakyReLU(0.3), nn.Linear(64, 4))


def seed():
    return nn.Sequential(
        nn.Conv3d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv3d(8, 16, 3), nn.ReLU(), nn.MaxPool3d(2, 2),
        nn.Flatten(), nn.Linear(16 * 4**3, 10),
    )  # fmt: skip


def voxnet():
    return nn.Sequential(
        nn.Conv3d(1, 32, 5, stride=2), nn.LeakyReLU(0.1), nn.Conv3d(32, 32, 3), nn.LeakyReLU(0.1),
        nn.MaxPool3d(2), nn.Flatten(), nn.Linear(32 * 6**3, 128), nn.ReLU(), nn.Linear(128, 40),
    )  # fmt: skip


def medmnist():
    layers, ins = [], 1
    for outs in (16, 32, 64):
        layers += [nn.Conv3d(ins, outs, 3, padding=1), nn.BatchNorm3d(outs), nn.ReLU(), nn.MaxPool3d(2)]
        ins = outs
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(ins * 3**3, 11))


# Network, batch of inputs, shape of what is predicted for a sample; classes: cross entropy, else the squared error.
NETWORKS = {
    "seed": (seed, (32, 1, 10, 10, 10), "classes"),
    "voxnet": (voxnet, (32, 1, 32, 32, 32), "classes"),
    "medmnist": (medmnist, (32, 1, 28, 28, 28), "classes"),
    "cosmo64": (lambda: cosmo(64), (4, 4, 64, 64, 64), "values"),
    "cosmo128": (lambda: cosmo(128), (1, 4, 128, 128, 128), "values"),
    "unet64": (lambda: UNet(1, 3, 16, 4), (1, 1, 64, 64, 64), "classes"),
    "unet96": (lambda: UNet(1, 3, 32, 4), (1, 1, 96, 96, 96), "classes"),
}


def random_targets(prediction, task):
    if task == "values":
        return torch.randn(prediction.shape)
    return torch.randint(0, prediction.shape[1], prediction.shape[:1] + prediction.shape[2:])


def training_step(network, x, task):
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)
    with torch.no_grad():
        targets = random_targets(network(x), task)
    loss_of = F.mse_loss if task == "values" else F.cross_entropy

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(x), targets)
        loss.backward()
        optimizer.step()
        return float(loss)

    return step


def inference(network, x):
    network.eval()

    def step():
        with torch.inference_mode():
            return network(x)

    return step


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


def onednn_version():
    """PyTorch's own; it has names from three ages of the library."""
    found = re.search(r"(?:MKL-?DNN|oneDNN)\S* v([0-9.]+)", torch.__config__.show())
    return found.group(1) if found and torch.backends.mkldnn.is_available() else None


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--mode", choices=["train", "infer"], required=True)
    parser.add_argument("--format", choices=["plain", "channels_last_3d"], default="plain")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=4)
    return parser.parse_args()


def main():
    a = arguments()
    torch.manual_seed(0)
    torch.set_num_threads(a.threads)
    make, shape, task = NETWORKS[a.network]
    network, x = make(), torch.randn(shape)
    if a.format == "channels_last_3d":
        network, x = network.to(memory_format=torch.channels_last_3d), x.contiguous(memory_format=torch.channels_last_3d)
    step = training_step(network, x, task) if a.mode == "train" else inference(network, x)
    times = times_of(step, a.repeats, a.seconds)
    print(json.dumps({
        "version": torch.__version__,
        "onednn": onednn_version(),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "repeats": len(times),
        "median_ms": statistics.median(times) * 1e3,
        "least_ms": min(times) * 1e3,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
