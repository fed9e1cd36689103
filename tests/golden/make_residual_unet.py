#!/usr/bin/env python3
"""Writes residual_unet.json: numbers of U-Nets with residual encoders, as lucid-plan writes them, by PyTorch.

The modules below are written by hand after the definition of nnU-Net's ResidualEncoderUNet; their attributes have the names of
lucid's layers. "parameters" are those of nnU-Net's presets for the public sets of planning.json, with all heads of deep
supervision. "network" is a small one with a stage of each kind: its outputs and the losses of training steps in double
precision, from weights and batches that drawn() makes here and in ../train/run/drawn_run.cpp. Debian 12: apt-get install
python3-torch; then /usr/bin/python3 tests/golden/make_residual_unet.py
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F
from make_deep_supervision import coarse
from make_label_losses import LOSSES
from make_layers import drawn
from make_networks import BATCH_SEED, set_weights
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
BATCH, STEPS, EVERY = 2, 20, 29
NETWORK = {"channels": 2, "classes": 3, "patch": [8, 16, 24], "features": [4, 8, 16, 16], "blocks": [1, 2, 1, 2],
           "strides": [[1, 1, 1], [1, 2, 2], [2, 2, 2], [2, 2, 2]],
           "kernels": [[1, 3, 3], [3, 3, 3], [3, 3, 3], [3, 3, 3]]}
OPTIMIZER = {"type": "SGD", "lr": 0.005, "momentum": 0.9, "nesterov": True}
LOSS = [{"type": "DiceCELoss", "include_background": False, "output": "classes", "factor": 0.75},
        {"type": "DiceCELoss", "include_background": False, "output": "classes2", "factor": 0.25}]


def conv(ins, outs, kernel, stride=1, bias=True):
    return nn.Conv3d(ins, outs, kernel, stride, [k // 2 for k in kernel], bias=bias)


def norm(features):
    return nn.InstanceNorm3d(features, eps=1e-5, affine=True)


class Convolution(nn.Module):
    def __init__(self, ins, outs, kernel):
        super().__init__()
        self.conv3d_1, self.instancenorm3d_1 = conv(ins, outs, kernel), norm(outs)

    def forward(self, x):
        return F.leaky_relu(self.instancenorm3d_1(self.conv3d_1(x)), 0.01)


class Block(nn.Module):
    """Adds its input: the mean over each stride where it has one, and projected where the number of channels changes."""

    def __init__(self, ins, outs, kernel, stride):
        super().__init__()
        self.stride = stride
        self.conv1, self.norm1 = conv(ins, outs, kernel, stride), norm(outs)
        self.conv2, self.norm2 = conv(outs, outs, kernel), norm(outs)
        self.projects = ins != outs
        if self.projects:
            self.conv3, self.norm3 = conv(ins, outs, [1, 1, 1], bias=False), norm(outs)

    def forward(self, x):
        y = self.norm2(self.conv2(F.leaky_relu(self.norm1(self.conv1(x)), 0.01)))
        if self.stride != [1, 1, 1]:
            x = F.avg_pool3d(x, self.stride, self.stride)
        if self.projects:
            x = self.norm3(self.conv3(x))
        return F.leaky_relu(y + x, 0.01)


class ResidualUNet(nn.Module):
    """Heads are those of the finest stages of the decoder."""

    def __init__(self, shape, heads):
        super().__init__()
        self.shape, self.heads = shape, heads
        features, kernels, strides = shape["features"], shape["kernels"], shape["strides"]
        self.stem = Convolution(shape["channels"], features[0], kernels[0])
        ins = features[0]
        for stage, count in enumerate(shape["blocks"]):
            for at in range(count):
                stride = strides[stage] if at == 0 else [1, 1, 1]
                setattr(self, self.block(stage, at), Block(ins, features[stage], kernels[stage], stride))
                ins = features[stage]
        for stage in reversed(range(len(features) - 1)):
            stride, outs = strides[stage + 1], features[stage]
            setattr(self, f"up{stage + 1}", nn.ConvTranspose3d(features[stage + 1], outs, stride, stride))
            setattr(self, f"decoder{stage + 1}a", Convolution(2 * outs, outs, kernels[stage]))
            if stage < heads:
                setattr(self, self.head(stage), nn.Conv3d(outs, shape["classes"], 1))

    @staticmethod
    def block(stage, at):
        return f"encoder{stage + 1}" + "abcdef"[at]

    @staticmethod
    def head(stage):
        return "classes" if stage == 0 else f"classes{stage + 1}"

    def forward(self, x):
        x, skips, outputs = self.stem(x), [], {}
        for stage, count in enumerate(self.shape["blocks"]):
            for at in range(count):
                x = getattr(self, self.block(stage, at))(x)
            skips.append(x)
        for stage in reversed(range(len(skips) - 1)):
            up = getattr(self, f"up{stage + 1}")(x)
            x = getattr(self, f"decoder{stage + 1}a")(torch.cat([up, skips[stage]], 1))
            if stage < self.heads:
                outputs[self.head(stage)] = getattr(self, self.head(stage))(x)
        return outputs


def rounded(values):
    return [float(f"{value:.7g}") for value in values.flatten().tolist()]


def training():
    module = ResidualUNet(NETWORK, 2)
    set_weights(module)
    options = {key: value for key, value in OPTIMIZER.items() if key != "type"}
    optimizer = torch.optim.SGD(module.parameters(), **options)
    losses, first = [], None
    shape = [BATCH, NETWORK["channels"], *NETWORK["patch"]]
    for step in range(STEPS):
        outputs = module(drawn(BATCH_SEED, 2 * step, math.prod(shape), 1).reshape(shape))
        labels = drawn(BATCH_SEED, 2 * step + 1, BATCH * math.prod(NETWORK["patch"]), 1)
        labels = ((labels + 1) / 2 * NETWORK["classes"]).long().reshape([BATCH, *NETWORK["patch"]])
        loss = 0
        for config in LOSS:
            output = outputs[config["output"]]
            loss = loss + config["factor"] * LOSSES["DiceCELoss"](config, output, coarse(labels, output.shape[2:]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(f"{loss.item():.9g}"))
        first = first or {name: rounded(output.detach().flatten()[::EVERY]) for name, output in outputs.items()}
    return {**NETWORK, "batch": BATCH, "optimizer": OPTIMIZER, "loss": LOSS, "every": EVERY, "outputs": first, "losses": losses}


def parameter_counts():
    for row in json.loads((HERE / "planning.json").read_text())[:4]:
        for plan in row["residual"]:
            shape = {**plan["full"], "channels": row["channels"], "classes": row["classes"]}
            module = ResidualUNet(shape, len(shape["features"]) - 1)
            yield {"set": row["name"], "memory": plan["memory"], "parameters": sum(p.numel() for p in module.parameters())}


def main():
    counts = list(parameter_counts())
    torch.set_default_dtype(torch.float64)
    made = training()
    print(made["losses"][0], made["losses"][-1])
    text = ",\n".join(json.dumps(row) for row in counts)
    (HERE / "residual_unet.json").write_text('{"torch": ' + json.dumps(torch.__version__) + ',\n"parameters": [\n' + text +
                                             '],\n"network": ' + json.dumps(made) + "}\n")


if __name__ == "__main__":
    main()
