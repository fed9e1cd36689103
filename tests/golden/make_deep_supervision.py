"""Writes deep_supervision.json: losses of outputs with fewer voxels than the labels, which PyTorch's nearest-exact takes.

Run once, by hand, with PyTorch 1.13 (Debian 12: apt install python3-torch); the tests read the numbers only.
"""

import json
import pathlib

import torch
from make_label_losses import LOSSES
from make_objective import numbers, sample
from torch.nn import functional as F

SIZE = (4, 6, 3)
SIZES = {"out": SIZE, "half": (2, 2, 3), "coarse": (1, 1, 1)}  # strides 2, 3, 1 and 4, 6, 3
LISTS = {
    "DiceCELoss": [{"type": "DiceCELoss", "include_background": False},
                   {"type": "DiceCELoss", "include_background": False, "output": "half", "factor": 0.5},
                   {"type": "DiceCELoss", "include_background": False, "output": "coarse", "factor": 0.25}],
    "ignored": [{"type": "CrossEntropyLoss", "ignore_index": 1, "output": "half"},
                {"type": "DiceLoss", "batch": True, "ignore_index": 1, "output": "half", "factor": 2},
                {"type": "CrossEntropyLoss", "ignore_index": 1}],
    "sigmoid": [{"type": "DiceCELoss", "sigmoid": True, "ignore_index": 9, "weight": [0.5, 2.0, 1.25]},
                {"type": "DiceCELoss", "sigmoid": True, "ignore_index": 9, "output": "half", "factor": 0.5},
                {"type": "BCEWithLogitsLoss", "output": "coarse"}]}


def loss_of(config, logits, target):
    kind = config["type"]
    if kind == "CrossEntropyLoss":
        return F.cross_entropy(logits, target, ignore_index=config["ignore_index"])
    if kind == "BCEWithLogitsLoss":
        return F.binary_cross_entropy_with_logits(logits, target)
    return LOSSES[kind](config, logits, target)


def coarse(target, size):
    channels = target if target.dim() == 5 else target[:, None]
    made = F.interpolate(channels.double(), size, mode="nearest-exact").to(target.dtype)
    return made if target.dim() == 5 else made[:, 0]


def case(name, losses, generator):
    is_sigmoid = name == "sigmoid"
    target = torch.randint(0, 2 if is_sigmoid else 3, (2, 3, *SIZE) if is_sigmoid else (2, *SIZE), generator=generator)
    target = target.double() if is_sigmoid else target
    if is_sigmoid:
        target.view(-1)[4::7] = 9
        target[:, :, 2, 3, 1] = 1  # the coarse output's voxel, whose loss knows no ignored labels
    logits = {key: sample(generator, 2, 3, *size).double().requires_grad_() for key, size in SIZES.items()}
    total = 0
    for config in losses:
        output = logits[config.get("output", "out")]
        total = total + config.get("factor", 1) * loss_of(config, output, coarse(target, output.shape[2:]))
    total.backward()
    outputs = {key: {"shape": list(values.shape), "prediction": numbers(values.flatten()),
                     "gradient": numbers(torch.zeros_like(values).flatten() if values.grad is None
                                         else values.grad.flatten())} for key, values in logits.items()}
    return {"name": name, "losses": losses, "target_shape": list(target.shape), "target": numbers(target.flatten()),
            "outputs": outputs, "loss": numbers(total.item())}


def main():
    generator = torch.Generator().manual_seed(11)
    cases = [json.dumps(case(name, losses, generator)) for name, losses in LISTS.items()]
    text = '{"torch": ' + json.dumps(torch.__version__) + ',\n"cases": [\n' + ",\n".join(cases) + "\n]}\n"
    assert "NaN" not in text
    (pathlib.Path(__file__).parent / "deep_supervision.json").write_text(text)


if __name__ == "__main__":
    main()
