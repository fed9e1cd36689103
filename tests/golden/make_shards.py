"""Writes shards.json: the losses that PyTorch computes when it trains a small U-Net on whole batches.

Run once, by hand, with PyTorch; the test reads the numbers only, and makes data and parameters by the same formula.
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn import functional

SAMPLES, SIZE, BATCH, STEPS, IGNORED = 13, 8, 5, 20, 3
WEIGHTS = [0.5, 1.0, 2.0]


def pattern(count, salt):
    """Numbers from -1 to 1 without a visible order."""
    return torch.tensor([((i * 7919 + salt * 10007) % 2003 - 1001) / 1001 for i in range(count)], dtype=torch.float32)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv3d(1, 4, 3, padding=1), nn.BatchNorm3d(4)
        self.conv2, self.norm2 = nn.Conv3d(4, 8, 3, padding=1), nn.BatchNorm3d(8)
        self.up, self.norm3 = nn.ConvTranspose3d(8, 4, 2, stride=2), nn.BatchNorm3d(4)
        self.head = nn.Conv3d(8, 3, 1)

    def forward(self, x):
        skip = functional.relu(self.norm1(self.conv1(x)))
        deep = functional.relu(self.norm2(self.conv2(functional.max_pool3d(skip, 2))))
        return self.head(torch.cat([skip, functional.relu(self.norm3(self.up(deep)))], 1))


def main():
    net = UNet()
    with torch.no_grad():
        for salt, (name, value) in enumerate(net.named_parameters()):
            fan = value[0].numel() if value.dim() > 1 else 1
            start = pattern(value.numel(), salt).reshape(value.shape)
            value.copy_(1 + 0.2 * start if "norm" in name and "weight" in name else start / fan**0.5)
    volumes = pattern(SAMPLES * SIZE**3, 100).reshape(SAMPLES, 1, SIZE, SIZE, SIZE)
    labels = torch.tensor([(i * 31 + i // 7) % 4 for i in range(SAMPLES * SIZE**3)]).reshape(SAMPLES, SIZE, SIZE, SIZE)
    loss_of = nn.CrossEntropyLoss(weight=torch.tensor(WEIGHTS), ignore_index=IGNORED)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    losses = []
    batches = range(0, SAMPLES, BATCH)
    for step in range(STEPS):
        first = batches[step % len(batches)]
        optimizer.zero_grad()
        loss = loss_of(net(volumes[first:first + BATCH]), labels[first:first + BATCH])
        loss.backward()
        optimizer.step()
        losses.append(float(f"{loss.item():.9g}"))
    result = {"torch": torch.__version__.split("+")[0], "losses": losses,
              "running_var": [float(f"{v:.9g}") for v in net.norm2.running_var.tolist()]}
    pathlib.Path(__file__).with_name("shards.json").write_text(json.dumps(result) + "\n")


main()
