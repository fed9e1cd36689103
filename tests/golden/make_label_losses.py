"""Writes label_losses.json: Dice and focal losses after MONAI's definitions, and metrics, in PyTorch's arithmetic.

Run once, by hand, with PyTorch 1.13 (Debian 12: apt install python3-torch); the tests read the numbers only.
MONAI itself is not needed: its formulas are a few lines each, written down here.
"""

import json
import pathlib

import torch
from make_objective import loss_case, numbers, sample
from torch import nn
from torch.nn import functional as F

IGNORED = -100


def one_hot_and_mask(logits, target, config):
    """Answers in the shape of the logits, and 1 where they count."""
    counts = (target != config.get("ignore_index", IGNORED))
    if config.get("sigmoid"):
        return torch.where(counts, target, torch.zeros(())), counts.double()
    answers = F.one_hot(torch.where(counts, target, torch.zeros_like(target)), logits.shape[1])
    counts = counts.unsqueeze(1).expand(logits.shape).double()
    return answers.movedim(-1, 1).double() * counts, counts


def dice(config, logits, target):
    answers, counts = one_hot_and_mask(logits, target, config)
    p = (logits.sigmoid() if config.get("sigmoid") else logits.softmax(1)) * counts
    first = 0 if config.get("include_background", True) else 1
    p, answers, counts = p[:, first:], answers[:, first:], counts[:, first:]
    axes = list(range(2, p.dim()))
    if config.get("batch"):
        axes.insert(0, 0)
    total = lambda values: values.sum(axes) if axes else values
    overlap = total(p * answers)
    power = 2 if config.get("squared_pred") else 1
    extent = total(p ** power) + total(answers ** power)
    if config.get("jaccard"):
        extent = 2 * (extent - overlap)
    loss = 1 - (2 * overlap + config.get("smooth_nr", 1e-5)) / (extent + config.get("smooth_dr", 1e-5))
    if "weight" in config:
        loss = loss * torch.tensor(config["weight"])[first:]
    loss = loss[total(counts) > 0]
    return loss.sum() if config.get("reduction") == "sum" else loss.mean()


def dice_ce(config, logits, target):
    weight = torch.tensor(config["weight"]).double() if "weight" in config else None
    reduction = config.get("reduction", "mean")
    if config.get("sigmoid"):
        answers, counts = one_hot_and_mask(logits, target, config)
        spread = None if weight is None else weight.view(-1, *[1] * (logits.dim() - 2))
        surprise = F.binary_cross_entropy_with_logits(logits, answers, pos_weight=spread, reduction="none")[counts > 0]
        surprise = surprise.sum() if reduction == "sum" else surprise.mean()
    else:
        surprise = F.cross_entropy(logits, target, weight, ignore_index=config.get("ignore_index", IGNORED),
                                   reduction=reduction)
    return config.get("lambda_dice", 1) * dice(config, logits, target) + config.get("lambda_ce", 1) * surprise


def focal(config, logits, target):
    answers, counts = one_hot_and_mask(logits, target, config)
    gamma, alpha = config.get("gamma", 2), config.get("alpha")
    if config.get("sigmoid"):
        loss = logits - logits * answers - F.logsigmoid(logits)
        loss = (F.logsigmoid(-logits * (answers * 2 - 1)) * gamma).exp() * loss
        if alpha is not None:
            loss = (answers * alpha + (1 - answers) * (1 - alpha)) * loss
    else:
        log_p = logits.log_softmax(1)
        loss = -((1 - log_p.exp()) ** gamma) * log_p * answers
        if alpha is not None:
            factors = torch.tensor([1 - alpha] + [alpha] * (logits.shape[1] - 1))
            loss = factors.view(-1, *[1] * (logits.dim() - 2)) * loss
    if "weight" in config:
        loss = torch.tensor(config["weight"]).view(-1, *[1] * (logits.dim() - 2)) * loss
    loss = loss[counts > 0]
    return loss.sum() if config.get("reduction") == "sum" else loss.mean()


LOSSES = {"DiceLoss": dice, "DiceCELoss": dice_ce, "FocalLoss": focal}
OVERLAP = [{}, {"include_background": False}, {"batch": True}, {"squared_pred": True}, {"jaccard": True},
           {"smooth_nr": 0.5, "smooth_dr": 0.25}, {"weight": [0.5, 2.0, 1.25]}, {"reduction": "sum"},
           {"ignore_index": 1}, {"include_background": False, "batch": True, "squared_pred": True, "jaccard": True,
                                 "weight": [0.5, 2.0, 1.25], "ignore_index": 9}]
OPTIONS = {"DiceLoss": OVERLAP,
           "DiceCELoss": [*OVERLAP, {"lambda_dice": 0.25, "lambda_ce": 3.0}],
           "FocalLoss": [{}, {"gamma": 0.5}, {"gamma": 3.0}, {"alpha": 0.25}, {"weight": [0.5, 2.0, 1.25]},
                         {"reduction": "sum"}, {"ignore_index": 2}, {"gamma": 1.0, "alpha": 0.75, "ignore_index": 9,
                                                                     "weight": [0.5, 2.0, 1.25]}]}


def cases(generator):
    for kind, options in OPTIONS.items():
        for is_sigmoid in (False, True):
            for option in options:
                config = {"type": kind, **({"sigmoid": True} if is_sigmoid else {}), **option}
                logits = sample(generator, 2, 3, 2, 3, 2).double()
                shape = logits.shape if is_sigmoid else (2, 2, 3, 2)
                target = torch.randint(0, 2 if is_sigmoid else 3, shape, generator=generator)
                if option.get("ignore_index") == 9:  # one in the class range ignores often enough
                    target.view(-1)[::5] = 9
                if is_sigmoid:
                    target = target.double()
                    if kind == "FocalLoss" and not option:  # targets between yes and no
                        target = (torch.rand(shape, generator=generator) * 100).round().double() / 100
                yield loss_case(f"{json.dumps(config)}", config,
                                lambda logits, target: LOSSES[kind](config, logits, target), logits, target)


def rates(predicted, there):
    """Numbers of one class, by scikit-learn's definitions; None where it neither occurs nor is predicted."""
    both, says, true = (predicted & there).sum().item(), predicted.sum().item(), there.sum().item()
    if says + true == 0:
        return None
    return {"dice": 2 * both / (says + true), "f1": 2 * both / (says + true), "iou": both / (says + true - both),
            "precision": both / says if says else 0.0, "recall": both / true if true else 0.0}


def answer_cases(name, loss, logits, target, predicted, there, first):
    """`predicted`, `there`: (class, element), without what is ignored."""
    classes = [rates(*pair) for pair in zip(predicted, there)]
    for metric in ("dice", "f1", "iou", "precision", "recall"):
        each = [None if found is None else found[metric] for found in classes]
        begin = first if metric in ("dice", "iou") else 0
        defined = [value for value in each[begin:] if value is not None]
        yield {"name": name, "metrics": metric, "loss": loss, "shape": list(logits.shape),
               "prediction": numbers(logits.flatten()), "target": numbers(target.flatten()),
               "values": {metric: sum(defined) / len(defined),
                          **{f"{metric}_{c}": "nan" if value is None else value
                             for c, value in enumerate(each) if len(each) > 1}}}


def metric_cases(generator):
    logits = sample(generator, 2, 5, 3, 4, 5)
    logits[:, 4] -= 50  # never predicted, and never there
    logits[:, 3] -= 50  # only there
    target = torch.randint(0, 4, (2, 3, 4, 5), generator=generator)
    target.view(-1)[::7] = IGNORED
    winners, kept = logits.argmax(1), target != IGNORED
    sets = lambda labels: [labels[kept] == c for c in range(5)]
    yield from answer_cases("classes", {"type": "CrossEntropyLoss"}, logits, target, sets(winners), sets(target), 1)
    ranked = logits.movedim(1, -1)[kept].topk(3).indices
    yield {"name": "ranks", "metrics": {"type": "top_k", "k": 3}, "loss": {"type": "DiceLoss"},
           "shape": list(logits.shape), "prediction": numbers(logits.flatten()), "target": numbers(target.flatten()),
           "values": {"top_3": (ranked == target[kept].unsqueeze(1)).any(1).double().mean().item()}}

    logits = sample(generator, 2, 3, 2, 3, 4)
    target = torch.randint(0, 2, logits.shape, generator=generator)
    target.view(-1)[::5] = 9
    channels = lambda answers: [answers[:, c][target[:, c] != 9] for c in range(3)]
    loss = {"type": "DiceLoss", "sigmoid": True, "ignore_index": 9}
    yield from answer_cases("channels", loss, logits, target, channels(logits > 0), channels(target == 1), 0)
    yield from answer_cases("one logit", {"type": "BCEWithLogitsLoss"}, logits[:, 0].reshape(-1, 1)[:20],
                            target[:, 1].reshape(-1)[:20] % 2, [logits[:, 0].reshape(-1)[:20] > 0],
                            [target[:, 1].reshape(-1)[:20] % 2 == 1], 0)

    values, wanted = sample(generator, 3, 2, 2, 3, 4).double() + 40, sample(generator, 3, 2, 2, 3, 4).double() + 40
    values = wanted + 0.3 * (values - wanted)
    values, wanted = values.float().double(), wanted.float().double()
    r2 = [1 - ((values - wanted)[:, c] ** 2).sum().item() / ((wanted[:, c] - wanted[:, c].mean()) ** 2).sum().item()
          for c in range(2)]
    mse = ((values - wanted) ** 2).mean()
    psnr = lambda span: 10 * torch.log10(span ** 2 / mse).item()
    for config, found in (("r2", {"r2": sum(r2) / 2, "r2_0": r2[0], "r2_1": r2[1]}),
                          ("psnr", {"psnr": psnr(wanted.max() - wanted.min())}),
                          ({"type": "psnr", "data_range": 2.5}, {"psnr": psnr(torch.tensor(2.5).double())})):
        yield {"name": "values", "metrics": config, "loss": {"type": "HuberLoss"}, "shape": list(values.shape),
               "prediction": numbers(values.flatten()), "target": numbers(wanted.flatten()), "values": found}


def main():
    generator = torch.Generator().manual_seed(11)
    lines = ",\n".join(json.dumps(case) for case in cases(generator))
    assert "NaN" not in lines
    metrics = ",\n".join(json.dumps(case) for case in metric_cases(generator))
    text = '{"torch": ' + json.dumps(torch.__version__) + ',\n"losses": [\n' + lines + '\n],\n"metrics": [\n'
    text += metrics + "\n]}\n"
    (pathlib.Path(__file__).parent / "label_losses.json").write_text(text)


if __name__ == "__main__":
    main()
