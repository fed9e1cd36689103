#!/usr/bin/env python3
"""The networks of configs/bench, hand-written as one would write them for PyTorch. torch_peers.py times them."""

import torch
import torch.nn.functional as F
from torch import nn


def double_conv(ins, outs):
    return nn.Sequential(
        nn.Conv3d(ins, outs, 3, padding=1), nn.ReLU(), nn.Conv3d(outs, outs, 3, padding=1), nn.ReLU()
    )


class UNet(nn.Module):
    block = staticmethod(double_conv)

    def __init__(self, ins, outs, features, levels):
        super().__init__()
        widths = [features * 2**level for level in range(levels)]
        self.encoders = nn.ModuleList(self.block(a, b) for a, b in zip([ins, *widths], widths))
        self.grows, self.decoders = nn.ModuleList(), nn.ModuleList()
        for below, width in zip(widths[:0:-1], widths[-2::-1]):
            self.grows.append(self.grow(below, width))
            self.decoders.append(self.decoder(width))
        self.classes = nn.Conv3d(features, outs, 1)

    @staticmethod
    def grow(below, width):
        return nn.ConvTranspose3d(below, width, 2, 2)

    @staticmethod
    def decoder(width):
        return double_conv(2 * width, width)

    @staticmethod
    def join(skipped, grown):
        return torch.cat([skipped, grown], 1)

    def forward(self, x):
        skips = []
        for level, encoder in enumerate(self.encoders):
            x = encoder(F.max_pool3d(x, 2) if level > 0 else x)
            skips.append(x)
        skips.pop()
        for grow, decoder in zip(self.grows, self.decoders):
            x = decoder(self.join(skips.pop(), grow(x)))
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


class ConvNorm(nn.Sequential):
    """nnU-Net's unit."""

    def __init__(self, ins, outs, stride=1):
        super().__init__(
            nn.Conv3d(ins, outs, 3, stride=stride, padding=1), nn.InstanceNorm3d(outs, affine=True), nn.LeakyReLU(0.01)
        )


class NnUNet(nn.Module):
    """nnU-Net's plain U-Net with deep supervision: while it trains, lower levels predict too, enlarged to the volume's size."""

    def __init__(self, ins, outs, features, levels):
        super().__init__()
        widths = [features * 2**level for level in range(levels)]
        self.encoders, self.grows = nn.ModuleList(), nn.ModuleList()
        self.decoders, self.heads = nn.ModuleList(), nn.ModuleList()
        for level, (a, b) in enumerate(zip([ins, *widths], widths)):
            self.encoders.append(nn.Sequential(ConvNorm(a, b, 2 if level > 0 else 1), ConvNorm(b, b)))
        for below, width in zip(widths[:0:-1], widths[-2::-1]):
            self.grows.append(nn.ConvTranspose3d(below, width, 2, 2))
            self.decoders.append(nn.Sequential(ConvNorm(2 * width, width), ConvNorm(width, width)))
            self.heads.append(nn.Conv3d(width, outs, 1))

    def forward(self, x):
        skips, outputs = [], []
        for encoder in self.encoders:
            x = encoder(x)
            skips.append(x)
        skips.pop()
        for level, (grow, decoder, head) in enumerate(zip(self.grows, self.decoders, self.heads)):
            x = decoder(torch.cat([grow(x), skips.pop()], 1))
            scale = 2 ** (len(self.heads) - 1 - level)
            if scale == 1:
                outputs.insert(0, head(x))
            elif self.training:
                outputs.insert(0, F.interpolate(head(x), scale_factor=scale))
        return outputs if self.training else outputs[0]


def gcr(ins, outs):
    """pytorch-3dunet's unit in its order "gcr"."""
    groups = 8 if ins >= 8 else 1
    return nn.Sequential(nn.GroupNorm(groups, ins), nn.Conv3d(ins, outs, 3, padding=1, bias=False), nn.ReLU())


class GcrUNet(nn.Module):
    """pytorch-3dunet's UNet3D."""

    def __init__(self, ins, outs, features, levels):
        super().__init__()
        widths = [features * 2**level for level in range(levels)]
        self.encoders, self.decoders = nn.ModuleList(), nn.ModuleList()
        for a, b in zip([ins, *widths], widths):
            self.encoders.append(nn.Sequential(gcr(a, b // 2), gcr(b // 2, b)))
        for below, width in zip(widths[:0:-1], widths[-2::-1]):
            self.decoders.append(nn.Sequential(gcr(below + width, width), gcr(width, width)))
        self.classes = nn.Conv3d(features, outs, 1)

    def forward(self, x):
        skips = []
        for level, encoder in enumerate(self.encoders):
            x = encoder(F.max_pool3d(x, 2) if level > 0 else x)
            skips.append(x)
        skips.pop()
        for decoder in self.decoders:
            skip = skips.pop()
            x = decoder(torch.cat([skip, F.interpolate(x, size=skip.shape[2:])], 1))
        return self.classes(x)


class Residual(nn.Module):
    """pytorch-3dunet's residual block: the sum of what the first convolution makes and of two more of it."""

    def __init__(self, ins, outs):
        super().__init__()
        self.shortcut = nn.Conv3d(ins, outs, 1)
        self.body = nn.Sequential(
            nn.Conv3d(outs, outs, 3, padding=1, bias=False), nn.GroupNorm(8, outs), nn.ELU(inplace=True),
            nn.Conv3d(outs, outs, 3, padding=1, bias=False), nn.GroupNorm(8, outs),
        )  # fmt: skip

    def forward(self, x):
        x = self.shortcut(x)
        return F.elu(self.body(x) + x, inplace=True)


class ResidualUNet(UNet):
    block = Residual

    @staticmethod
    def grow(below, width):
        return nn.ConvTranspose3d(below, width, 3, 2, padding=1, output_padding=1)

    @staticmethod
    def decoder(width):
        return Residual(width, width)

    @staticmethod
    def join(skipped, grown):
        return skipped + grown


def conv_norm_relu(ins, outs, kernel_size, stride=1, dilation=1, groups=1):
    padding = dilation * (kernel_size // 2)
    conv = nn.Conv3d(ins, outs, kernel_size, stride, padding, dilation, groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm3d(outs), nn.ReLU(inplace=True))


class Basic(nn.Module):
    """A block of ResNet-18."""

    def __init__(self, ins, outs):
        super().__init__()
        stride = 1 if ins == outs else 2
        self.body = nn.Sequential(
            conv_norm_relu(ins, outs, 3, stride), nn.Conv3d(outs, outs, 3, padding=1, bias=False), nn.BatchNorm3d(outs)
        )
        self.shortcut = nn.Identity()
        if stride == 2:
            self.shortcut = nn.Sequential(nn.Conv3d(ins, outs, 1, 2, bias=False), nn.BatchNorm3d(outs))

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x), inplace=True)


def resnet18():
    layers, ins = [conv_norm_relu(1, 32, 3, 2)], 32
    for outs in (32, 64, 128, 256):
        layers += [Basic(ins, outs), Basic(outs, outs)]
        ins = outs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(ins, 11))


def dilated():
    layers, ins = [], 1
    for outs, dilation in [(16, 1), (16, 1), (32, 2), (32, 2), (32, 4), (32, 8), (32, 1)]:
        layers.append(conv_norm_relu(ins, outs, 3, dilation=dilation))
        ins = outs
    return nn.Sequential(*layers, nn.Conv3d(ins, 3, 1))


def separable():
    layers, ins = [conv_norm_relu(1, 32, 3, 2)], 32
    for outs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
        layers += [conv_norm_relu(ins, ins, 3, stride, groups=ins), conv_norm_relu(ins, outs, 1)]
        ins = outs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(ins, 40))


# Network, batch of inputs, shape of what is predicted for a sample; classes: cross entropy, else the squared error.
NETWORKS = {
    "seed": (seed, (32, 1, 10, 10, 10), "classes"),
    "voxnet": (voxnet, (32, 1, 32, 32, 32), "classes"),
    "medmnist": (medmnist, (32, 1, 28, 28, 28), "classes"),
    "cosmo64": (lambda: cosmo(64), (4, 4, 64, 64, 64), "values"),
    "cosmo128": (lambda: cosmo(128), (1, 4, 128, 128, 128), "values"),
    "unet64": (lambda: UNet(1, 3, 16, 4), (1, 1, 64, 64, 64), "classes"),
    "unet96": (lambda: UNet(1, 3, 32, 4), (1, 1, 96, 96, 96), "classes"),
    "nnunet": (lambda: NnUNet(1, 3, 32, 4), (2, 1, 40, 40, 40), "classes"),
    "unet_gcr": (lambda: GcrUNet(1, 3, 32, 4), (1, 1, 48, 48, 48), "classes"),
    "resunet": (lambda: ResidualUNet(1, 3, 16, 4), (1, 1, 64, 64, 64), "classes"),
    "resnet18": (resnet18, (32, 1, 28, 28, 28), "classes"),
    "dilated": (dilated, (1, 1, 48, 48, 48), "classes"),
    "separable": (separable, (8, 1, 64, 64, 64), "classes"),
}
