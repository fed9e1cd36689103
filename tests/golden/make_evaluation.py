"""Writes evaluation.json: what SciPy and scikit-image measure of label volumes.

Run once, by hand, with SciPy 1.10, scikit-image 0.19 and h5py 3.7 (Debian 12: apt install python3-scipy python3-skimage
python3-h5py); the tests read the numbers only. The volumes are made by the same formula here and in
tests/labels/made_labels.h, or are boxes of data/brain.h5. Surfaces are masks without their erosion, distances those of a
Euclidean distance transform, as in MONAI's get_surface_distance.
"""

import json
import pathlib

import h5py
import numpy as np
from scipy import ndimage, optimize
from skimage import metrics

U = np.uint64
TOLERANCE = 1.0


def mix(x):
    x = (x ^ (x >> U(30))) * U(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> U(27))) * U(0x94D049BB133111EB)
    return x ^ (x >> U(31))


def hashed(seed, z, y, x):
    h = mix(np.full(np.broadcast(z, y, x).shape, seed, U) + U(0x9E3779B97F4A7C15))
    for part in (z, y, x):
        h = mix(h + part.astype(U))
    return h


def made(seed, extents, classes, cell, shift=(0, 0, 0), noise=16):
    """Cubes of random classes with voxels of other classes in them."""
    z, y, x = np.meshgrid(*[np.arange(n) + s for n, s in zip(extents, shift)], indexing="ij")
    fine = hashed(seed + 1000, z, y, x)
    value = np.where(fine % U(noise) == 0, fine // U(noise), hashed(seed, z // cell, y // cell, x // cell))
    return (value % U(classes + 1)).astype(np.int32)


def digest(labels):
    h = 0
    flat = labels.ravel().astype(U)
    terms = mix(np.arange(flat.size).astype(U) + U(1)) * flat
    h = int(np.sum(terms, dtype=U))
    return format(h, "x")


def surface(mask):
    return mask & ~ndimage.binary_erosion(mask)


def measured(prediction, truth, spacing):
    rows = {}
    for label in sorted(set(np.unique(prediction)) | set(np.unique(truth))):
        p, t = prediction == label, truth == label
        tp, both = int((p & t).sum()), int(p.sum() + t.sum())
        row = {"Dice": 2 * tp / both, "IoU": tp / (both - tp)}
        if label != 0 and p.any() and t.any():
            sp, st = surface(p), surface(t)
            to_t = ndimage.distance_transform_edt(~st, sampling=spacing)[sp]
            to_p = ndimage.distance_transform_edt(~sp, sampling=spacing)[st]
            every = np.concatenate([to_t, to_p])
            row["HD95"] = max(np.percentile(to_t, 95), np.percentile(to_p, 95))
            row["MeanSurfaceDistance"] = every.mean()
            row["SurfaceDice"] = (every <= TOLERANCE).mean()
        rows[str(label)] = {key: float(value) for key, value in row.items()}
    return rows


def random_cases():
    random = np.random.default_rng(7)
    for seed in range(50):
        extents = [int(n) for n in random.integers(1 if seed % 10 == 0 else 5, 26, 3)]
        case = {"seed": seed, "extents": extents, "classes": int(random.integers(1, 4)), "cell": int(random.integers(2, 8)),
                "noise": int(random.choice([16, 64, 100000])), "shift": [int(n) for n in random.integers(0, 4, 3)],
                "spacing": [float(round(n, 3)) for n in random.uniform(0.3, 3, 3)]}
        key = case["seed"], extents, case["classes"], case["cell"]
        truth = made(*key, noise=case["noise"])
        prediction = made(*key, shift=case["shift"], noise=case["noise"])
        yield case | {"measures": measured(prediction, truth, case["spacing"])}


def brain_cases():
    random = np.random.default_rng(8)
    path = pathlib.Path(__file__).parents[2] / "data/brain.h5"
    with h5py.File(path) as file:
        lobes = file["lobes"][:]
    for _ in range(10):
        begin, shift = random.integers((10, 10, 10), (50, 60, 50)), random.integers(-2, 3, 3)
        size = random.integers(20, 30, 3)
        spacing = [float(round(n, 3)) for n in random.uniform(0.5, 4, 3)]

        def box(at):
            return lobes[tuple(slice(a, a + n) for a, n in zip(at, size))]

        yield {"begin": begin.tolist(), "shift": shift.tolist(), "size": size.tolist(), "spacing": spacing,
               "measures": measured(box(begin + shift), box(begin), spacing)}


def numbered(labels):
    """The same components in the order of their first voxels."""
    values, first = np.unique(labels, return_index=True)
    order = values[np.argsort(first)]
    names = np.zeros(int(values.max()) + 1, np.int64)
    names[order[order != 0]] = np.arange(1, (order != 0).sum() + 1)
    return names[labels]


def each_label(labels, structure):
    components, count = np.zeros(labels.shape, np.int64), 0
    for label in range(1, int(labels.max()) + 1):
        found, number = ndimage.label(labels == label, structure)
        components[found > 0] = found[found > 0] + count
        count += number
    return numbered(components)


def largest(labels, components):
    kept = np.zeros_like(labels)
    for label in range(1, int(labels.max()) + 1):
        inside = numbered(np.where(labels == label, components, 0))
        if inside.any():
            kept[inside == 1 + np.argmax(np.bincount(inside.ravel())[1:])] = label
    return kept


def component_cases():
    random = np.random.default_rng(9)
    for seed in range(50):
        extents = [int(n) for n in random.integers(1, 20, 3)]
        case = {"seed": 100 + seed, "extents": extents, "classes": int(random.integers(1, 4)),
                "cell": int(random.integers(1, 4)), "noise": int(random.choice([4, 16]))}
        labels = made(case["seed"], extents, case["classes"], case["cell"], noise=case["noise"])
        row = {"labels": digest(labels)}
        for connectivity, name in ((1, "6"), (2, "18"), (3, "26")):
            structure = ndimage.generate_binary_structure(3, connectivity)
            components = each_label(labels, structure)
            foreground = numbered(ndimage.label(labels != 0, structure)[0])
            sizes = np.bincount(components.ravel())
            small = np.where((components > 0) & (sizes[components] < 4), 0, labels)
            row[name] = {"count": int(components.max()), "components": digest(components), "foreground": int(foreground.max()),
                         "largest": digest(largest(labels, components)), "min_size_4": digest(small),
                         "largest_foreground": digest(np.where(largest((labels != 0).astype(np.int32), foreground) > 0, labels, 0))}
        binary = (labels != 0).astype(np.int32)
        row["filled"] = digest(ndimage.binary_fill_holes(binary))
        yield case | {"digests": row}


def instance_cases():
    random = np.random.default_rng(10)
    for seed in range(20):
        extents = [int(n) for n in random.integers(12, 26, 3)]
        case = {"seed": 200 + seed, "extents": extents, "classes": int(random.integers(5, 40)), "cell": int(random.integers(4, 9)),
                "noise": int(random.choice([16, 200])), "shift": [int(n) for n in random.integers(0, 3, 3)]}
        key = case["seed"], extents, case["classes"], case["cell"]
        truth = made(*key, noise=case["noise"])
        prediction = made(*key, shift=case["shift"], noise=case["noise"])
        # This version of scikit-image has the names of precision and recall the other way round.
        error, recall, precision = metrics.adapted_rand_error(truth, prediction)
        split, merge = metrics.variation_of_information(truth, prediction, ignore_labels=[0])
        row = {"AdaptedRandError": error, "RandPrecision": precision, "RandRecall": recall, "VOISplit": split, "VOIMerge": merge}
        table = np.zeros((prediction.max() + 1, truth.max() + 1))
        np.add.at(table, (prediction.ravel(), truth.ravel()), 1)
        sizes_p, sizes_t = table.sum(1), table.sum(0)
        iou = (table / np.maximum(sizes_p[:, None] + sizes_t[None] - table, 1))[1:, 1:]
        objects = int((sizes_p[1:] > 0).sum() + (sizes_t[1:] > 0).sum())
        for percent in range(50, 100, 5):
            matches = iou >= percent / 100
            pairs = optimize.linear_sum_assignment(-matches.astype(float))
            found = int(matches[pairs].sum())
            row[f"AP{percent}"] = found / (objects - found)
        yield case | {"measures": {key: float(value) for key, value in row.items()}}


def main():
    parts = {"random": random_cases(), "brain": brain_cases(), "components": component_cases(), "instances": instance_cases()}
    texts = [f'"{name}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]" for name, cases in parts.items()]
    pathlib.Path(__file__).with_name("evaluation.json").write_text("{\n" + ",\n".join(texts) + "\n}\n")


if __name__ == "__main__":
    main()
