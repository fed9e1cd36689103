"""Plans of nnU-Net for random training sets and those of four public ones: python3 make_planning.py NNUNET_FOLDER > planning.json

Runs ExperimentPlanner of nnU-Net 2 (github.com/MIC-DKFZ/nnUNet), whose folder is given, and the planners of its residual
encoder presets M, L and XL without their dependencies: their sets are made up, and the size of feature maps is computed here as
compute_conv_feature_map_size of PlainConvUNet and ResidualEncoderUNet of dynamic_network_architectures does.
"""
import json
import random
import sys
import types
from unittest import mock

import numpy as np


class Named:
    """A class or function of which only the name is asked."""
    __module__ = __name__ = "named"

    def __call__(self, *arguments, **keywords):
        return self


class Anything(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Named()


REPLACED = ["torch", "batchgenerators", "batchgenerators.utilities", "batchgenerators.utilities.file_and_folder_operations",
            "dynamic_network_architectures", "dynamic_network_architectures.architectures",
            "dynamic_network_architectures.architectures.unet", "dynamic_network_architectures.building_blocks",
            "dynamic_network_architectures.building_blocks.helper", "nnunetv2.paths", "nnunetv2.configuration",
            "nnunetv2.imageio", "nnunetv2.imageio.reader_writer_registry", "nnunetv2.preprocessing",
            "nnunetv2.preprocessing.normalization",
            "nnunetv2.preprocessing.normalization.map_channel_name_to_normalization", "nnunetv2.preprocessing.resampling",
            "nnunetv2.preprocessing.resampling.default_resampling", "nnunetv2.utilities",
            "nnunetv2.utilities.dataset_name_id_conversion", "nnunetv2.utilities.default_n_proc_DA",
            "nnunetv2.utilities.get_network_from_plans", "nnunetv2.utilities.json_export", "nnunetv2.utilities.utils"]
for name in REPLACED:
    sys.modules[name] = Anything(name)
sys.modules["nnunetv2.preprocessing.normalization.map_channel_name_to_normalization"].get_normalization_scheme = (
    lambda name: mock.MagicMock(__name__=name))
sys.modules["nnunetv2.configuration"].ANISO_THRESHOLD = 3
sys.modules["nnunetv2.preprocessing.resampling.default_resampling"].compute_new_shape = (
    lambda shape, spacing, target: np.array([int(round(i / j * k)) for i, j, k in zip(spacing, target, shape)]))
sys.modules["batchgenerators.utilities.file_and_folder_operations"].join = lambda *parts: "/".join(map(str, parts))
sys.path.insert(0, sys.argv[1])
sys.stdout, stdout = sys.stderr, sys.stdout
from nnunetv2.experiment_planning.experiment_planners import default_experiment_planner as planner_module  # noqa: E402
from nnunetv2.experiment_planning.experiment_planners.residual_unets import (  # noqa: E402
    residual_encoder_unet_planners as residual_module)


class Planned:
    """Comes before a planner of nnU-Net among the bases of a class."""

    def __init__(self, given, memory):
        shapes, spacings = given["shapes"], given["spacings"]
        with mock.patch.multiple(
                planner_module, load_json=lambda path: {
                    "shapes_after_crop": shapes, "spacings": spacings, "median_relative_size_after_cropping": 1,
                    "foreground_intensity_properties_per_channel": {},
                    "channel_names": {str(c): "MRI" for c in range(given["channels"])},
                    "labels": {str(c): c for c in range(given["classes"])}, "numTraining": len(shapes)},
                isfile=lambda path: "splits" not in path, maybe_convert_to_dataset_name=lambda name: name,
                nnUNet_raw="raw", nnUNet_preprocessed="preprocessed"):
            super().__init__("Dataset001", gpu_memory_target_in_gb=memory)

    def determine_reader_writer(self):
        return Planned

    def generate_data_identifier(self, name):
        return name

    def save_plans(self, plans):
        pass

    @staticmethod
    def static_estimate_VRAM_usage(patch_size, input_channels, output_channels, arch_class_name, arch_kwargs, imports):
        sizes, total = [np.array(patch_size, dtype=np.int64)], 0
        for stride in arch_kwargs["strides"][1:]:
            sizes.append(-(-sizes[-1] // np.array(stride)))
        features = arch_kwargs["features_per_stage"]
        if "n_blocks_per_stage" in arch_kwargs:  # of two convolutions, the first of each strided stage with a skip of its own
            total += np.prod([features[0], *sizes[0]], dtype=np.int64)
            outputs = [2 * count + (stage > 0) for stage, count in enumerate(arch_kwargs["n_blocks_per_stage"])]
        else:
            outputs = arch_kwargs["n_conv_per_stage"]
        for size, feature, count in zip(sizes, features, outputs):
            total += np.prod([count, feature, *size], dtype=np.int64)
        for size, feature, count in zip(sizes, features, arch_kwargs["n_conv_per_stage_decoder"]):
            total += np.prod([count + 1, feature, *size], dtype=np.int64)  # and the transposed convolution
        return total + np.prod([output_channels, *sizes[0]], dtype=np.int64)


class Planner(Planned, planner_module.ExperimentPlanner):
    pass


class ResidualM(Planned, residual_module.nnUNetPlannerResEncM):
    pass


class ResidualL(Planned, residual_module.nnUNetPlannerResEncL):
    pass


class ResidualXL(Planned, residual_module.nnUNetPlannerResEncXL):
    pass


def residual_planner(memory):
    """The preset for that memory, or the largest below it."""
    return ResidualXL if memory >= 40 else ResidualL if memory >= 24 else ResidualM


def summary(plan, back, given):
    architecture = plan["architecture"]["arch_kwargs"]

    def untransposed(values):
        return [values[i] for i in back]

    made = {"spacing": [float(x) for x in untransposed(plan["spacing"])],
            "patch": [int(x) for x in untransposed(plan["patch_size"])], "batch": int(plan["batch_size"]),
            "strides": [[int(x) for x in untransposed(s)] for s in architecture["strides"]],
            "kernels": [[int(x) for x in untransposed(k)] for k in architecture["kernel_sizes"]],
            "features": [int(x) for x in architecture["features_per_stage"]]}
    if "n_blocks_per_stage" in architecture:
        made["blocks"] = list(architecture["n_blocks_per_stage"])
        made["elements"] = int(Planned.static_estimate_VRAM_usage(plan["patch_size"], given["channels"], given["classes"], "",
                                                                  architecture, ()))
    return made


def planned_by(planner, given, memory):
    with mock.patch.object(planner_module, "shutil"):
        plans = planner(given, memory).plan_experiment()
    back = plans["transpose_backward"]
    configurations = plans["configurations"]
    low = summary(configurations["3d_lowres"], back, given) if "3d_lowres" in configurations else None
    return {"memory": memory, "full": summary(configurations["3d_fullres"], back, given), "low": low}


def planned(given, memory, residual_memories):
    residual = [planned_by(residual_planner(size), given, size) for size in residual_memories]
    return dict(given, **planned_by(Planner, given, memory), residual=residual)


def public_sets():
    """Medians of sets of the Medical Segmentation Decathlon."""
    for name, spacing, shape, channels, classes, cases in [
            ("Hippocampus", [1, 1, 1], [36, 50, 35], 1, 3, 260), ("Heart", [1.37, 1.25, 1.25], [115, 320, 232], 1, 2, 20),
            ("BraTS", [1, 1, 1], [138, 169, 138], 4, 4, 484), ("Spleen", [1.6, 0.79, 0.79], [187, 512, 512], 1, 2, 41)]:
        given = {"name": name, "channels": channels, "classes": classes, "shapes": [shape], "spacings": [spacing]}
        row = planned(dict(given, shapes=[shape] * cases, spacings=[spacing] * cases), 8, [8, 24, 40])
        yield dict(row, shapes=[shape], spacings=[spacing], cases=cases)


def random_set(draw, number):
    base = [draw.choice([0.4, 0.7, 1, 1.25, 2.5]) for _ in range(3)]
    if draw.random() < 0.5:
        base[draw.randrange(3)] *= draw.choice([3, 5, 8])
    extent = [draw.randint(12, 300) for _ in range(3)]
    cases = draw.randint(3, 9)
    spacings = [[round(x * draw.uniform(0.7, 1.4), 3) for x in base] for _ in range(cases)]
    shapes = [[max(4, round(x * draw.uniform(0.8, 1.25))) for x in extent] for _ in range(cases)]
    return {"name": f"random {number}", "channels": draw.randint(1, 4), "classes": draw.randint(2, 6), "shapes": shapes,
            "spacings": spacings}


draw = random.Random(5)
rows = list(public_sets())
for number in range(60):
    given = random_set(draw, number)
    residual_memory = [8, 24, 40, 5, 30, 80][number % 6]
    rows.append(dict(planned(given, draw.choice([2, 4, 8, 16, 24]), [residual_memory]), cases=0))
print("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]", file=stdout)
