#!/usr/bin/env python3
"""Writes networks.json: the losses of PyTorch's first 20 training steps of networks of ../../configs, made narrow and small.

The modules below are written by hand, as one would write them for PyTorch; only their attributes have the names of
the layers of the configs. Initial weights and batches are drawn() here and in ../train/networks_test.cpp; steps run in
double precision. Debian 12: apt-get install python3-torch; then /usr/bin/python3 tests/golden/make_networks.py
"""

import json
import math
import pathlib
import re

import torch
import torch.nn.functional as F
from make_layers import drawn
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
STEPS, BATCH_SEED, WEIGHT_SEED = 20, 7, 3


class DoubleConv(nn.Module):
    def __init__(self, ins, outs):
        super().__init__()
        self.conv3d_1 = nn.Conv3d(ins, outs, 3, padding=1, bias=False)
        self.batchnorm3d_1 = nn.BatchNorm3d(outs)
        self.conv3d_2 = nn.Conv3d(outs, outs, 3, padding=1, bias=False)
        self.batchnorm3d_2 = nn.BatchNorm3d(outs)

    def forward(self, x):
        x = F.relu(self.batchnorm3d_1(self.conv3d_1(x)))
        return F.relu(self.batchnorm3d_2(self.conv3d_2(x)))


class Residual(nn.Module):
    def __init__(self, ins, outs):
        super().__init__()
        self.shortcut = nn.Conv3d(ins, outs, 1)
        self.conv1 = nn.Conv3d(outs, outs, 3, padding=1, bias=False)
        self.norm1 = nn.GroupNorm(8, outs)
        self.conv2 = nn.Conv3d(outs, outs, 3, padding=1, bias=False)
        self.norm2 = nn.GroupNorm(8, outs)

    def forward(self, x):
        x = self.shortcut(x)
        y = F.elu(self.norm1(self.conv1(x)))
        return F.elu(self.norm2(self.conv2(y)) + x)


class Down(nn.Module):
    def __init__(self, name, block, ins, outs):
        super().__init__()
        self.block_name = name
        setattr(self, name, block(ins, outs))

    def forward(self, x):
        return getattr(self, self.block_name)(F.max_pool3d(x, 2))


class Up(nn.Module):
    """Joins by concatenation after a 2x2x2 transposed convolution, or by a sum after one of 3x3x3."""

    def __init__(self, name, block, ins, outs):
        super().__init__()
        self.block_name, self.adds = name, block is Residual
        self.grow = nn.ConvTranspose3d(ins, outs, 3, 2, 1, 1) if self.adds else nn.ConvTranspose3d(ins, outs, 2, 2)
        setattr(self, name, block(outs if self.adds else 2 * outs, outs))

    def forward(self, below, skip):
        grown = self.grow(below)
        return getattr(self, self.block_name)(skip + grown if self.adds else torch.cat([skip, grown], 1))


class UNet(nn.Module):
    def __init__(self, name, block, widths, classes):
        super().__init__()
        self.levels = len(widths)
        self.encoder1 = block(1, widths[0])
        for i in range(1, self.levels):
            setattr(self, f"encoder{i + 1}", Down(name, block, widths[i - 1], widths[i]))
            setattr(self, f"decoder{i}", Up(name, block, widths[i], widths[i - 1]))
        self.classes = nn.Conv3d(widths[0], classes, 1)

    def forward(self, x):
        skips = [self.encoder1(x)]
        for i in range(2, self.levels + 1):
            skips.append(getattr(self, f"encoder{i}")(skips[-1]))
        x = skips.pop()
        while skips:
            x = getattr(self, f"decoder{len(skips)}")(x, skips.pop())
        return self.classes(x)


class Basic(nn.Module):
    def __init__(self, ins, outs, stride):
        super().__init__()
        self.conv1 = nn.Conv3d(ins, outs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm3d(outs)
        self.conv2 = nn.Conv3d(outs, outs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm3d(outs)
        self.halves = stride == 2
        if self.halves:
            self.conv3 = nn.Conv3d(ins, outs, 1, 2, bias=False)
            self.bn3 = nn.BatchNorm3d(outs)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.bn3(self.conv3(x)) if self.halves else x))


class ResNet18(nn.Module):
    def __init__(self, widths, classes):
        super().__init__()
        self.stem = nn.Conv3d(1, widths[0], 3, 2, 1, bias=False)
        self.stem_bn = nn.BatchNorm3d(widths[0])
        ins = widths[0]
        for i, outs in enumerate(widths, 1):
            setattr(self, f"layer{i}_1", Basic(ins, outs, 1 if i == 1 else 2))
            setattr(self, f"layer{i}_2", Basic(outs, outs, 1))
            ins = outs
        self.fc = nn.Linear(ins, classes)

    def forward(self, x):
        x = F.relu(self.stem_bn(self.stem(x)))
        for i in range(1, 5):
            x = getattr(self, f"layer{i}_2")(getattr(self, f"layer{i}_1")(x))
        return self.fc(F.adaptive_avg_pool3d(x, 1).flatten(1))


class CosmoFlow(nn.Module):
    def __init__(self, size, widths):
        super().__init__()
        for i, (ins, outs) in enumerate(zip([4, *widths], widths), 1):
            level = nn.Module()
            level.conv = nn.Conv3d(ins, outs, 3, padding="same")
            setattr(self, f"level{i}", level)
        self.dense1, self.dense2 = nn.Module(), nn.Module()
        self.dense1.fc = nn.Linear(widths[-1] * (size // 32) ** 3, 128)
        self.dense2.fc = nn.Linear(128, 64)
        self.values = nn.Linear(64, 4)

    def forward(self, x):
        for i in range(1, 6):
            x = F.max_pool3d(F.leaky_relu(getattr(self, f"level{i}").conv(x), 0.3), 2)
        x = F.leaky_relu(self.dense1.fc(x.flatten(1)), 0.3)
        return self.values(F.leaky_relu(self.dense2.fc(x), 0.3))


class VoxNet(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.conv1 = nn.Conv3d(1, width, 5, 2)
        self.conv2 = nn.Conv3d(width, width, 3)
        self.fc1 = nn.Linear(width * 6**3, 128)
        self.fc2 = nn.Linear(128, classes)

    def forward(self, x):
        x = F.leaky_relu(self.conv2(F.leaky_relu(self.conv1(x), 0.1)), 0.1)
        return self.fc2(F.relu(self.fc1(F.max_pool3d(x, 2).flatten(1))))


def dice_ce(prediction, labels):
    """MONAI's DiceCELoss(softmax=True, to_onehot_y=True) with its defaults."""
    true = F.one_hot(labels, prediction.shape[1]).movedim(-1, 1).to(prediction)
    found = prediction.softmax(1)
    overlap, total = (found * true).sum((2, 3, 4)), (found + true).sum((2, 3, 4))
    return (1 - (2 * overlap + 1e-5) / (total + 1e-5)).mean() + F.cross_entropy(prediction, labels)


LOSSES = {"CrossEntropyLoss": F.cross_entropy, "MSELoss": F.mse_loss, "DiceCELoss": dice_ce}
OPTIMIZERS = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW, "SGD": torch.optim.SGD}

# Behind batch norms, Adam's first steps follow the signs of gradients that are all rounding, and eighteen layers of them
# double a difference in every step: there, PyTorch in single precision leaves its own double precision by a hundredth.
# These networks take steps at which it keeps to 1e-6 or so.
SGD = {"type": "SGD", "lr": 0.001, "momentum": 0.9}
SMALL_STEPS = {"type": "SGD", "lr": 0.00002, "momentum": 0.5}

# Config, size, the channels' divisor, batch, optimizer (none: the config's), module.
ROWS = [
    ("hippocampus_unet", [16, 16, 8], 4, 2, SGD, lambda: UNet("double_conv_1", DoubleConv, [4, 8, 16, 32], 3)),
    ("resnet3d18", [32, 32, 32], 4, 8, SMALL_STEPS, lambda: ResNet18([8, 16, 32, 64], 2)),
    ("cosmoflow", [32, 32, 32], 8, 2, None, lambda: CosmoFlow(32, [4, 8, 16, 32, 64])),
    ("voxnet", [32, 32, 32], 4, 4, None, lambda: VoxNet(8, 8)),
    ("unet3d_residual", [16, 8, 12], 2, 2, None, lambda: UNet("residual_1", Residual, [8, 16, 32], 4)),
]


def read_config(name):
    text = (HERE.parents[1] / "configs" / f"{name}.json").read_text()
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


def set_weights(module):
    named = {re.sub(r"\.(\w+)$", r"/\1", name): p for name, p in module.named_parameters()}
    for stream, name in enumerate(sorted(named)):
        p = named[name]
        fan = p[0].numel() if p.dim() > 1 else 16
        values = drawn(WEIGHT_SEED, stream, p.numel(), fan).reshape(p.shape)
        p.data = values + 1 if p.dim() == 1 and name.endswith("/weight") else values


def losses_of(config, size, batch, module):
    options = {key: value for key, value in config["optimizer"].items() if key != "type"}
    optimizer = OPTIMIZERS[config["optimizer"]["type"]](module.parameters(), **options)
    losses = []
    for step in range(STEPS):
        shape = [batch, config["model"]["input"]["channels"], *size]
        y = module(drawn(BATCH_SEED, 2 * step, math.prod(shape), 1).reshape(shape))
        target = drawn(BATCH_SEED, 2 * step + 1, y.numel() // y.shape[1], 1)
        if config["loss"]["type"] == "MSELoss":
            target = drawn(BATCH_SEED, 2 * step + 1, y.numel(), 1).reshape(y.shape)
        else:
            target = ((target + 1) / 2 * y.shape[1]).long().reshape([batch, *y.shape[2:]])
        loss = LOSSES[config["loss"]["type"]](y, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(f"{loss.item():.9g}"))
    return losses


def main():
    torch.set_default_dtype(torch.float64)
    rows = []
    for name, size, divisor, batch, optimizer, make in ROWS:
        module, config = make(), read_config(name)
        set_weights(module)
        config["optimizer"] = optimizer or config["optimizer"]
        rows.append({"config": name, "size": size, "channel_divisor": divisor, "batch": batch,
                     "optimizer": config["optimizer"], "losses": losses_of(config, size, batch, module)})
        print(name, rows[-1]["losses"][0], rows[-1]["losses"][-1])
    (HERE / "networks.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
