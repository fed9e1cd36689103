#!/usr/bin/env python3
"""Writes layers/*.json: what PyTorch computes, in double precision, for every row of ../layers/table/cases/*.json.

Inputs, parameters and output gradients are not stored: drawn() here and in ../layers/table/cases.cpp make
the same numbers. The seed of a row is searched so that no input of a ReLU, LeakyReLU, PReLU or ELU is within MARGIN of 0 and no
window of a max pool has two values within MARGIN of its largest: kinks are avoided by choice.
Debian 12: apt-get install python3-torch; then /usr/bin/python3 tests/golden/make_layers.py [FAMILY...],
a family being the name of a file of cases; all when left out.
"""

import json
import math
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).resolve().parent
MARGIN = 1e-4
STORED = 160  # a longer tensor is stored as every k-th of its values, k odd


def drawn(seed, stream, count, fan):
    """`count` multiples of 2^-21 in [-1, 1), divided by the power of two that is >= sqrt(fan)."""
    with numpy.errstate(over="ignore"):
        z = numpy.uint64((seed << 40) + (stream << 32)) + numpy.arange(1, count + 1, dtype=numpy.uint64)
        z = z * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    values = (z >> numpy.uint64(42)).astype(numpy.float64) - 2**21
    divisor = 1
    while divisor * divisor < fan:
        divisor *= 2
    return torch.from_numpy(values / 2**21 / divisor)


M32 = numpy.uint64(0xFFFFFFFF)


def mixed(z):
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(z) + numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return z ^ (z >> numpy.uint64(31))


def name_hash(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return numpy.uint64(value)


def voxel_hash(voxel, word):
    """32-bit arithmetic in 64 bits."""
    h = (voxel + (word & M32)) & M32
    h = (h ^ (h >> numpy.uint64(16))) * numpy.uint64(0x7FEB352D) & M32
    h = (h ^ (h >> numpy.uint64(15)) ^ (word >> numpy.uint64(32))) * numpy.uint64(0x846CA68B) & M32
    return h ^ (h >> numpy.uint64(16))


class Run:
    """One row with one seed: the network is made while the input runs through it."""

    def __init__(self, row, seed, training=True):
        self.seed = seed
        self.training = training
        self.depends_on_mode = False  # inference computes something else than training
        self.parameters = {}
        self.buffers = {}
        self.counts = {}
        self.margin = math.inf
        shape = [row["batch"], *row["input"]]
        self.x = drawn(seed, 0, math.prod(shape), 1).reshape(shape).requires_grad_()
        values, before = {"input": self.x}, "input"
        for layer in row["layers"]:
            kind = layer["type"].lower()
            self.counts[kind] = self.counts.get(kind, 0) + 1
            name = layer.get("name", f"{kind}_{self.counts[kind]}")
            inputs = layer.get("inputs", [before])
            inputs = [inputs] if isinstance(inputs, str) else inputs
            values[name] = getattr(self, kind)(layer, name, *(values[i] for i in inputs))
            before = name
        self.y = values[before]

    def parameter(self, name, *shape):
        count = math.prod(shape)
        fan = count // shape[0] if len(shape) > 1 else 1
        value = drawn(self.seed, 2 + len(self.parameters), count, fan).reshape(shape)
        self.parameters[name] = value.requires_grad_()
        return self.parameters[name]

    def buffer(self, name, count, center, radius):
        """PyTorch updates it in place while it trains."""
        self.depends_on_mode = True
        self.buffers[name] = center + radius * drawn(self.seed, 128 + len(self.buffers), count, 1)
        return self.buffers[name]

    def bias(self, layer, name, count):
        return self.parameter(name + "/bias", count) if layer.get("bias", True) else None

    def conv3d(self, layer, name, x):
        kernel = layer["kernel_size"]
        kernel = kernel if isinstance(kernel, list) else [kernel] * 3
        out, groups = layer["out_channels"], layer.get("groups", 1)
        weight = self.parameter(name + "/weight", out, x.shape[1] // groups, *kernel)
        stride, padding, dilation = (layer.get(k, d) for k, d in (("stride", 1), ("padding", 0), ("dilation", 1)))
        mode = layer.get("padding_mode", "zeros")
        if mode != "zeros":  # as nn.Conv3d does it
            conv = torch.nn.Conv3d(1, 1, kernel, 1, padding, dilation, padding_mode=mode)
            x, padding = F.pad(x, conv._reversed_padding_repeated_twice, mode=mode), 0
        return F.conv3d(x, weight, self.bias(layer, name, out), stride, padding, dilation, groups)

    def convtranspose3d(self, layer, name, x):
        kernel = layer["kernel_size"]
        kernel = kernel if isinstance(kernel, list) else [kernel] * 3
        out, groups = layer["out_channels"], layer.get("groups", 1)
        weight = self.parameter(name + "/weight", x.shape[1], out // groups, *kernel)
        keys = ("stride", 1), ("padding", 0), ("output_padding", 0), ("groups", 1), ("dilation", 1)
        return F.conv_transpose3d(x, weight, self.bias(layer, name, out), *(layer.get(k, d) for k, d in keys))

    def maxpool3d(self, layer, _, x):
        arguments = {key: value for key, value in layer.items() if key != "type"}
        self.check_maxima(arguments, x.detach())
        return F.max_pool3d(x, **arguments)

    def avgpool3d(self, layer, _, x):
        return F.avg_pool3d(x, **{key: value for key, value in layer.items() if key != "type"})

    def adaptiveavgpool3d(self, layer, _, x):
        return F.adaptive_avg_pool3d(x, layer["output_size"])

    def adaptivemaxpool3d(self, layer, _, x):
        out = layer["output_size"]
        out = out if isinstance(out, list) else [out] * 3
        self.check_maxima({"kernel_size": [i // o for i, o in zip(x.shape[2:], out)]}, x.detach())
        return F.adaptive_max_pool3d(x, out)

    def upsample(self, layer, _, x):
        arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in layer.items() if k not in ("type", "name", "inputs")}
        return torch.nn.Upsample(**arguments)(x)

    def linear(self, layer, name, x):
        x = x.flatten(1)
        weight = self.parameter(name + "/weight", layer["out_features"], x.shape[1])
        return F.linear(x, weight, self.bias(layer, name, layer["out_features"]))

    def relu(self, _, __, x):
        self.check_kink(x)
        return F.relu(x)

    def leakyrelu(self, layer, _, x):
        self.check_kink(x)
        return F.leaky_relu(x, layer.get("negative_slope", 0.01))

    def prelu(self, layer, name, x):
        self.check_kink(x)
        return F.prelu(x, self.parameter(name + "/weight", layer.get("num_parameters", 1)))

    def elu(self, layer, _, x):
        self.check_kink(x)
        return F.elu(x, layer.get("alpha", 1.0))

    def gelu(self, layer, _, x):
        return F.gelu(x, approximate=layer.get("approximate", "none"))

    def silu(self, _, __, x):
        return F.silu(x)

    def sigmoid(self, _, __, x):
        return torch.sigmoid(x)

    def tanh(self, _, __, x):
        return torch.tanh(x)

    def softmax(self, _, __, x):
        return torch.softmax(x, 1)

    def add(self, _, __, *inputs):
        return sum(inputs)

    def concat(self, _, __, *inputs):
        return torch.cat(inputs, 1)

    def identity(self, _, __, x):
        return x

    def scale(self, layer, _, x):
        return layer["factor"] * x

    def flatten(self, _, __, x):
        return x.flatten(1)

    def check_kink(self, x):
        inputs = x.detach().abs()
        self.margin = min([self.margin, *inputs[inputs > 0].tolist()])  # 0: closed by a ReLU before

    def affine(self, layer, name, x, by_default=True):
        if not layer.get("affine", by_default):
            return None, None
        return self.parameter(name + "/weight", x.shape[1]), self.parameter(name + "/bias", x.shape[1])

    def batchnorm3d(self, layer, name, x):
        weight, bias = self.affine(layer, name, x)
        mean = self.buffer(name + "/running_mean", x.shape[1], 0, 1)
        variance = self.buffer(name + "/running_var", x.shape[1], 1, 0.5)
        momentum, eps = layer.get("momentum", 0.1), layer.get("eps", 1e-5)
        return F.batch_norm(x, mean, variance, weight, bias, self.training, momentum, eps)

    def groupnorm(self, layer, name, x):
        return F.group_norm(x, layer["num_groups"], *self.affine(layer, name, x), layer.get("eps", 1e-5))

    def instancenorm3d(self, layer, name, x):
        weight, bias = self.affine(layer, name, x, by_default=False)
        return F.instance_norm(x, weight=weight, bias=bias, eps=layer.get("eps", 1e-5))

    def dropout(self, layer, name, x):
        return self.dropped(layer, name, x, lambda word, voxels: voxel_hash(voxels, word))

    def dropout3d(self, layer, name, x):
        return self.dropped(layer, name, x, lambda word, voxels: (word & M32) + 0 * voxels)

    def dropped(self, layer, name, x, numbers):
        """PyTorch has other random numbers: lucid's are made here, the arithmetic is PyTorch's."""
        self.depends_on_mode = True
        p = layer.get("p", 0.5)
        if not self.training or p in (0, 1):
            return F.dropout(x, p, self.training)
        key = mixed(mixed(mixed(0)) ^ name_hash(name))  # of seed 0, draw 0
        words = mixed(key ^ mixed(numpy.arange(x.shape[0] * x.shape[1], dtype=numpy.uint64)))
        voxels = numpy.arange(x[0, 0].numel(), dtype=numpy.uint64)
        kept = numbers(words[:, None], voxels) >= round(p * 2**32)
        return x * torch.from_numpy(kept).reshape(x.shape) / (1 - p)

    def check_maxima(self, arguments, x):
        """The second largest of a window is the largest once the winner is taken out of the input."""
        best, winner = F.max_pool3d(x, **arguments, return_indices=True)
        for sample, channel in numpy.ndindex(*x.shape[:2]):
            for value, index in zip(best[sample, channel].flatten(), winner[sample, channel].flatten()):
                if value == 0:  # only behind a ReLU: all of the window is closed
                    continue
                without = x[sample : sample + 1, channel : channel + 1].clone()
                without.view(-1)[index] = -math.inf
                second = F.max_pool3d(without, **arguments)
                gap = value - second[0, 0].flatten()[(winner[sample, channel].flatten() == index)]
                self.margin = min(self.margin, gap.min().item())


def thinned(tensor):
    values = tensor.detach().flatten().numpy().astype(numpy.float32)
    step = 1 if len(values) <= STORED else len(values) // STORED | 1
    return "[" + ",".join(numpy.format_float_positional(v, trim="-") if 1e-4 < abs(v) < 1e6 else repr(float(str(v)))
                          for v in values[::step]) + "]"


def golden(row):
    for seed in range(1, 2000):
        run = Run(row, seed)
        if run.margin > MARGIN:
            break
    else:
        raise SystemExit(f"{row['name']}: no seed keeps clear of every kink")
    dy = drawn(seed, 1, run.y.numel(), run.y.numel() // run.y.shape[1]).reshape(run.y.shape)
    gradients = torch.autograd.grad(run.y, [run.x, *run.parameters.values()], dy)
    lines = {"seed": str(seed), "output": thinned(run.y), "input_gradient": thinned(gradients[0])}
    lines.update((name, thinned(g)) for name, g in zip(run.parameters, gradients[1:]))
    lines.update((name, thinned(b)) for name, b in run.buffers.items())
    if run.depends_on_mode:
        lines["inference_output"] = thinned(Run(row, seed, training=False).y)
    return f"{json.dumps(row['name'])}: {{\n" + ",\n".join(f' "{k}": {v}' for k, v in lines.items()) + "}"


def main():
    for path in sorted((HERE.parent / "layers" / "table" / "cases").glob("*.json")):
        if sys.argv[1:] and path.stem not in sys.argv[1:]:
            continue
        rows = json.loads(path.read_text())
        (HERE / "layers" / path.name).write_text("{\n" + ",\n".join(golden(row) for row in rows) + "\n}\n")


if __name__ == "__main__":
    main()
