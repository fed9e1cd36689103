"""Writes resampling.json: 50 random volumes at another voxel size, by SciPy.

    python3 tests/golden/make_resampling.py

As nnU-Net does it: scipy.ndimage.zoom with mode "nearest" and grid_mode (what skimage.transform.resize calls), order 3
for values, order 1 for probabilities and for each label; planes one by one, and the nearest of them, where the coarsest
voxel side is more than three times the finest.
"""
import json
import pathlib

import numpy as np
from scipy import ndimage

PROBES = 24


def volume(extents):
    """Numbers that the test makes, too."""
    index = np.arange(np.prod(extents), dtype=np.uint64)
    return ((index * 2654435761 % 2**32) / 2**32).reshape(extents)


def labels(extents):
    d, h, w = np.ogrid[:extents[0], :extents[1], :extents[2]]
    return (d // 2 * 7 + h // 3 * 5 + w // 2 * 3) % 4


def coarse_axis(size, target):
    decides = size if max(size) > 3 * min(size) else target
    if max(decides) <= 3 * min(decides) or decides.count(max(decides)) > 1:
        return None
    return decides.index(max(decides))


def zoom(values, extents, order):
    factors = [to / of for to, of in zip(extents, values.shape)]
    return ndimage.zoom(values, factors, order=order, mode="nearest", grid_mode=True)


def resample(values, extents, order, coarse):
    values = values.astype(float)
    if coarse is None:
        return zoom(values, extents, order)
    planes = np.moveaxis(values, coarse, 0)
    in_plane = [extents[axis] for axis in range(3) if axis != coarse]
    planes = np.stack([zoom(plane, in_plane, order) for plane in planes])
    of, to = len(planes), extents[coarse]
    at = (np.arange(to) + 0.5) * of / to - 0.5
    nearest = np.clip(np.floor(at + 0.5).astype(int), 0, of - 1)
    return np.moveaxis(planes[nearest], 0, coarse)


def probe(values, rng):
    at = rng.choice(values.size, min(PROBES, values.size), replace=False)
    return at.tolist(), [float(f"{v:.9g}") for v in values.reshape(-1)[at]]


rng = np.random.default_rng(3)
cases = []
for case in range(50):
    extents = rng.integers(1, 28, 3).tolist()
    size = np.round(rng.uniform(0.5, 2, 3), 3).tolist()
    if case % 3 == 0:  # coarse along one axis
        size[case // 3 % 3] = round(rng.uniform(4, 8), 3)
    target = np.round(rng.uniform(0.6, 1.8, 3), 3).tolist()
    to = [max(1, round(a / b * n)) for a, b, n in zip(size, target, extents)]
    coarse = coarse_axis(size, target)
    values = resample(volume(extents), to, 3, coarse)
    linear = resample(volume(extents), to, 1, coarse)
    shares = np.stack([resample(labels(extents) == label, to, 1, coarse) for label in range(4)])
    # Of equal shares the larger label.
    chosen = 3 - np.argmax(np.round(shares[::-1], 9), axis=0)
    one = {"extents": extents, "voxel_size": size, "target": target, "resampled": to}
    for name, result in (("cubic", values), ("linear", linear), ("labels", chosen)):
        one[name + "_at"], one[name] = probe(result, rng)
    cases.append(one)

path = pathlib.Path(__file__).with_name("resampling.json")
path.write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n]\n")
