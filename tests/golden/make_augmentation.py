"""Writes augmentation.json: what PyTorch's affine_grid and grid_sample make of a volume and its labels.

Run once, by hand, with PyTorch 1.13 (Debian 12: apt install python3-torch); the tests read the numbers only.
"""

import json
import math
import pathlib

import numpy
import torch
from scipy import ndimage
from torch.nn import functional


def rotation(axis, degrees):
    """Around one axis of (d, h, w), turning the first of the two others towards the second."""
    a, b = [other for other in range(3) if other != axis]
    matrix = torch.eye(3, dtype=torch.double)
    angle = math.radians(degrees)
    matrix[a, a] = matrix[b, b] = math.cos(angle)
    matrix[b, a], matrix[a, b] = math.sin(angle), -math.sin(angle)
    return matrix


def homogeneous(matrix, shift):
    whole = torch.eye(4, dtype=torch.double)
    whole[:3, :3], whole[:3, 3] = matrix, torch.tensor(shift, dtype=torch.double)
    return whole


def backward(sizes, degrees=(0, 0, 0), scales=(1, 1, 1), shear=0.0, translation=(0, 0, 0)):
    """From a voxel of the result to its source, in voxels from the middle."""
    forward = rotation(0, degrees[0]) @ rotation(1, degrees[1]) @ rotation(2, degrees[2])
    sheared = torch.full((3, 3), shear, dtype=torch.double)
    sheared.fill_diagonal_(1)
    forward = forward @ sheared @ torch.diag(torch.tensor(scales, dtype=torch.double))
    return torch.linalg.inv(homogeneous(forward, translation))


def resample(volume, matrix, mode, padding_mode):
    sizes = volume.shape[-3:]
    # PyTorch's coordinates run from -1 to 1, and in the order w, h, d.
    to_voxels = torch.diag(torch.tensor([(size - 1) / 2 for size in sizes] + [1.0], dtype=torch.double))
    theta = (torch.linalg.inv(to_voxels) @ matrix @ to_voxels)[:3]
    theta = theta[[2, 1, 0]][:, [2, 1, 0, 3]]
    grid = functional.affine_grid(theta[None], [1, 1, *sizes], align_corners=True)
    return functional.grid_sample(volume[None].double(), grid, mode=mode, padding_mode=padding_mode,
                                  align_corners=True)[0]


CASES = [
    ("turned around d", [{"degrees": [30, 0, 0]}], 0),
    ("turned around h", [{"degrees": [0, -50, 0]}], 0),
    ("turned around w", [{"degrees": [0, 0, 75]}], 0),
    ("turned around all", [{"degrees": [25, -40, 110]}], 0),
    ("turned around all, border", [{"degrees": [25, -40, 110]}], "border"),
    ("larger", [{"scales": [1.3, 1.3, 1.3]}], 0),
    ("smaller, border", [{"scales": [0.6, 0.83, 0.7]}], "border"),
    ("smaller", [{"scales": [0.6, 0.83, 0.7]}], 0),
    ("sheared", [{"shear": 0.21}], 0),
    ("sheared back, border", [{"shear": -0.3}], "border"),
    ("shifted by parts of voxels", [{"translation": [0.3, -1.2, 1.7]}], 0),
    ("shifted, border", [{"translation": [-0.7, 2.2, 0.4]}], "border"),
    ("all at once", [{"degrees": [10, 20, -15], "scales": [1.2, 0.9, 1.1], "shear": 0.1,
                      "translation": [0.5, -0.25, 1.125]}], 0),
    ("all at once, border", [{"degrees": [-35, 12, 60], "scales": [0.7, 1.4, 0.95], "shear": -0.15,
                              "translation": [-0.35, 0.85, 0.15]}], "border"),
    ("two in a row", [{"degrees": [35, 0, 10], "translation": [0.2, 0.4, -0.3]},
                      {"scales": [1.2, 0.8, 1.1], "degrees": [0, 20, 0]}], 0),
]


def case(name, steps, fill, volume, labels):
    sizes = volume.shape[-3:]
    matrix = torch.eye(4, dtype=torch.double)
    for step in steps:
        matrix = matrix @ backward(sizes, **step)
    padding_mode = "border" if fill == "border" else "zeros"
    config = []
    for step in steps:
        both = {key: [x for value in values for x in (value, value)] for key, values in step.items() if key != "shear"}
        config.append({"type": "RandomAffine", "scales": [1, 1], "degrees": 0, **both,
                       "shear": [step.get("shear", 0)] * 2, "fill": fill})
    moved = resample(volume, matrix, "bilinear", padding_mode)
    near = resample(labels, matrix, "nearest", padding_mode)
    return {"name": name, "augmentation": config, "volume": [float(f"{x:.7g}") for x in moved.flatten().tolist()],
            "labels": [int(x) for x in near.flatten().tolist()]}


def low_resolution(volume, zoom, axes):
    """SimulateLowResolution: the voxels that nearest-exact keeps, and splines through them, cut to their range."""
    sizes = [max(1, round(size * zoom)) if axis in axes else size for axis, size in enumerate(volume.shape[1:])]
    assert all(abs(size * zoom % 1 - 0.5) > 1e-6 for size in volume.shape[1:])  # ties are rounded up there
    kept = functional.interpolate(volume[None].double(), sizes, mode="nearest-exact")[0].numpy()
    channels = []
    for channel in kept:
        factors = [to / of for to, of in zip(volume.shape[1:], channel.shape)]
        grown = ndimage.zoom(channel, factors, order=3, mode="nearest", grid_mode=True)
        channels.append(grown.clip(channel.min(), channel.max()))
    values = numpy.stack(channels).flatten().tolist()
    keys = {"type": "RandomLowResolution", "zoom": [zoom, zoom], "axes": "".join("dhw"[axis] for axis in axes)}
    return {"augmentation": [keys], "volume": [float(f"{x:.7g}") for x in values]}


def main():
    generator = torch.Generator().manual_seed(3)
    volume = (torch.randn(2, 4, 5, 6, generator=generator) * 100).round() / 100
    labels = torch.randint(0, 5, (1, 4, 5, 6), generator=generator)
    counting = torch.arange(27).reshape(3, 3, 3)
    result = {
        "torch": torch.__version__, "shape": list(volume.shape),
        "volume": [float(f"{x:.7g}") for x in volume.flatten().tolist()], "labels": labels.flatten().tolist(),
        "affine": [case(name, steps, fill, volume, labels) for name, steps, fill in CASES],
        "rot90": [{"axes": axes, "turns": turns, "values": torch.rot90(counting, turns, axes).flatten().tolist()}
                  for axes in ([0, 1], [0, 2], [1, 2], [2, 1], [2, 0]) for turns in range(4)],
        "low_resolution": [low_resolution(volume, zoom, axes)
                           for zoom, axes in ((0.6, [0, 1, 2]), (0.85, [0, 1, 2]), (0.6, [1, 2]), (0.35, [0]))]}
    lines = []
    for key, value in result.items():
        rows = value if key in ("affine", "rot90", "low_resolution") else None
        text = json.dumps(value) if rows is None else "[\n" + ",\n".join(json.dumps(row) for row in rows) + "]"
        lines.append(f"{json.dumps(key)}: {text}")
    pathlib.Path(__file__).with_name("augmentation.json").write_text("{" + ",\n".join(lines) + "}\n")


main()
