#!/usr/bin/env python3
"""Are the borders of windows to be seen in what lucid-infer wrote?

    seams.py PREDICTIONS.h5 --patch 64,64,64 --overlap 0.5 --stride 4 [--dataset predictions]

Prints, for each axis, the mean difference of neighbouring voxels across window borders, that
everywhere else, and their ratio: 1 is no seam. Windows are placed as lib/infer/windows.cpp does;
--stride is the network's coarsest grid. Needs numpy and h5py.
"""
import argparse
import math

import h5py
import numpy as np


def triple(text):
    numbers = [int(word) for word in text.split(",")]
    return numbers * 3 if len(numbers) == 1 else numbers


def borders(extent, window, overlap, stride):
    """The first voxel behind every inner border of a window."""
    shared = math.ceil(overlap * window - 1e-9)
    last = math.ceil(max(0, extent - window) / stride)
    step = max(1, (window - shared) // stride)
    gaps = math.ceil(last / step)
    before = (window + last * stride - extent) // 2
    starts = [i * last // gaps * stride - before if gaps else -before for i in range(gaps + 1)]
    found = {start for start in starts} | {start + window for start in starts}
    return sorted(at for at in found if 0 < at < extent)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("predictions")
    parser.add_argument("--dataset", default="predictions")
    parser.add_argument("--patch", type=triple, required=True)
    parser.add_argument("--overlap", type=float, default=0.5)
    parser.add_argument("--stride", type=int, default=1)
    options = parser.parse_args()
    with h5py.File(options.predictions, "r") as file:
        volume = file[options.dataset][0].astype(np.float32)
    for axis, name in zip((-3, -2, -1), "dhw"):
        extent = volume.shape[axis]
        steps = np.abs(np.diff(volume, axis=axis))
        profile = np.moveaxis(steps, axis, 0).reshape(extent - 1, -1).mean(axis=1)
        at = [border - 1 for border in borders(extent, options.patch[axis], options.overlap, options.stride)]
        if not at:
            print(f"{name}: one window")
            continue
        across, elsewhere = profile[at].mean(), np.delete(profile, at).mean()
        print(f"{name}: {len(at)} borders, across {across:.6g}, elsewhere {elsewhere:.6g}, ratio {across / elsewhere:.4f}")


if __name__ == "__main__":
    main()
