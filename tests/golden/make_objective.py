"""Writes objective.json: what PyTorch computes for losses and metrics.

Run once, by hand, with PyTorch 1.13 (Debian 12: apt install python3-torch); the tests read the numbers only.
"""

import json
import math
import pathlib
import warnings

import torch
from torch import nn

warnings.filterwarnings("ignore")


def numbers(values):
    """Nested lists of the fewest digits that read back as the same float32."""
    if isinstance(values, torch.Tensor):
        values = values.detach().tolist()
    if isinstance(values, list):
        return [numbers(value) for value in values]
    return float(f"{values:.9g}") if isinstance(values, float) else values


def sample(generator, *shape):
    return (torch.randn(*shape, generator=generator) * 200).round() / 100


def loss_case(name, config, module, prediction, target, logits=None):
    """`logits` is what the module sees of the prediction, when that is another view."""
    prediction = prediction.requires_grad_()
    loss = module(prediction if logits is None else logits(prediction), target)
    loss.backward()
    return {"name": name, "config": config, "shape": list(prediction.shape), "target_shape": list(target.shape),
            "prediction": numbers(prediction.flatten()), "target": numbers(target.flatten()),
            "loss": numbers(loss.item()), "gradient": numbers(prediction.grad.flatten())}


def cross_entropy_cases(generator):
    weight = [0.5, 2.0, 1.25]
    options = {
        "plain": {}, "sum": {"reduction": "sum"}, "weight": {"weight": weight},
        "weight, sum": {"weight": weight, "reduction": "sum"}, "ignore_index": {"ignore_index": 1},
        "smoothing": {"label_smoothing": 0.1}, "smoothing, sum": {"label_smoothing": 0.1, "reduction": "sum"},
        "smoothing, weight, ignore_index": {"label_smoothing": 0.3, "weight": weight, "ignore_index": 2},
        "smoothing, weight, ignore_index, sum": {"label_smoothing": 0.3, "weight": weight, "ignore_index": 2,
                                                 "reduction": "sum"}}
    for voxels in ([], [2, 1, 3]):
        prediction = sample(generator, 5 if not voxels else 2, 3, *voxels)
        target = torch.randint(0, 3, [prediction.shape[0], *voxels], generator=generator)
        target.view(-1)[1] = -100
        for name, config in options.items():
            arguments = dict(config)
            if "weight" in arguments:
                arguments["weight"] = torch.tensor(arguments["weight"])
            labels = target.clone()
            if "ignore_index" in config:  # PyTorch takes one ignore_index; -100 would be out of range
                labels[labels == -100] = config["ignore_index"]
            yield loss_case(f"CrossEntropyLoss {name}, {1 + len(voxels)} axes",
                            {"type": "CrossEntropyLoss", **config}, nn.CrossEntropyLoss(**arguments),
                            prediction.clone(), labels)


def bce_cases(generator):
    for shape in ([4, 3], [2, 3, 1, 2, 2]):
        prediction = sample(generator, *shape)
        target = torch.rand(shape, generator=generator).round()
        soft = numbers((torch.rand(shape, generator=generator) * 100).round() / 100)
        channels = [0.5, 3.0, 1.5]
        for name, config, labels in (("plain", {}, target), ("soft, sum", {"reduction": "sum"}, torch.tensor(soft)),
                                     ("pos_weight number", {"pos_weight": 2.5}, target),
                                     ("pos_weight list", {"pos_weight": channels}, torch.tensor(soft))):
            arguments = dict(config)
            if "pos_weight" in config:
                weight = torch.tensor(config["pos_weight"])
                arguments["pos_weight"] = weight.view(-1, *[1] * (len(shape) - 2))
            yield loss_case(f"BCEWithLogitsLoss {name}, {len(shape) - 1} axes", {"type": "BCEWithLogitsLoss", **config},
                            nn.BCEWithLogitsLoss(**arguments), prediction.clone(), labels)
    yield loss_case("BCEWithLogitsLoss (N, 1) against (N)", {"type": "BCEWithLogitsLoss"}, nn.BCEWithLogitsLoss(),
                    sample(generator, 4, 1), torch.tensor([0.0, 1, 1, 0]), lambda logits: logits.squeeze(1))
    yield loss_case("BCEWithLogitsLoss far from 0", {"type": "BCEWithLogitsLoss"}, nn.BCEWithLogitsLoss(),
                    torch.tensor([[100.0, -100.0, 30.0, -30.0]]), torch.tensor([[0.0, 0.0, 1.0, 1.0]]))


def value_cases(generator):
    for kind in ("MSELoss", "L1Loss", "HuberLoss"):
        options = [("plain", {}, [4, 3]), ("sum", {"reduction": "sum"}, [2, 2, 1, 2, 2])]
        if kind == "HuberLoss":
            options.append(("delta", {"delta": 0.4}, [4, 3]))
        for name, config, shape in options:
            yield loss_case(f"{kind} {name}", {"type": kind, **config},
                            getattr(nn, kind)(**config), sample(generator, *shape), sample(generator, *shape))
        yield loss_case(f"{kind} (N, 1) against (N)", {"type": kind}, getattr(nn, kind)(),
                        sample(generator, 4, 1), sample(generator, 4), lambda output: output.squeeze(1))


def pair_auc(scores, positive):
    """The share of (positive, negative) pairs in the right order, ties half."""
    difference = scores[positive][:, None] - scores[~positive][None, :]
    return ((difference > 0).double() + 0.5 * (difference == 0).double()).mean().item()


def metrics(generator):
    classes = sample(generator, 24, 4).round()
    labels = torch.randint(0, 4, [24], generator=generator)
    probabilities = (classes.double().softmax(1) * 1e12).round()  # equal ones are equal
    binary = sample(generator, 20, 2).round()
    flags = torch.randint(0, 2, [20], generator=generator)
    values, targets = sample(generator, 6, 2), sample(generator, 6, 2)

    def case(name, loss, prediction, target, value):
        return {"name": name, "loss": loss, "shape": list(prediction.shape), "prediction": numbers(prediction.flatten()),
                "target": numbers(target.flatten()), "value": value}

    logits = binary[:, :1]
    return [
        case("accuracy", "CrossEntropyLoss", classes, labels, (classes.argmax(1) == labels).double().mean().item()),
        case("accuracy", "BCEWithLogitsLoss", logits, flags, ((logits[:, 0] > 0) == (flags > 0)).double().mean().item()),
        case("auc", "CrossEntropyLoss", classes, labels,
             sum(pair_auc(probabilities[:, k], labels == k) for k in range(4)) / 4),
        case("auc", "CrossEntropyLoss", binary, flags, pair_auc(binary[:, 1] - binary[:, 0], flags > 0)),
        case("auc", "BCEWithLogitsLoss", logits, flags, pair_auc(logits[:, 0], flags > 0)),
        case("mae", "L1Loss", values, targets, nn.functional.l1_loss(values.double(), targets.double()).item()),
        case("mse", "MSELoss", values, targets, nn.functional.mse_loss(values.double(), targets.double()).item())]


def main():
    generator = torch.Generator().manual_seed(7)
    sections = {
        "losses": [*cross_entropy_cases(generator), *bce_cases(generator), *value_cases(generator)],
        "metrics": metrics(generator)}
    lines = []
    for name, section in sections.items():
        if isinstance(section, list):
            section = "[\n" + ",\n".join(json.dumps(case) for case in section) + "\n]"
        else:
            section = json.dumps(section)
        lines.append(f"{json.dumps(name)}: {section}")
    text = '{"torch": ' + json.dumps(torch.__version__) + ",\n" + ",\n".join(lines) + "\n}\n"
    assert "NaN" not in text and math.isfinite(json.loads(text)["losses"][0]["loss"])
    (pathlib.Path(__file__).parent / "objective.json").write_text(text)


if __name__ == "__main__":
    main()
