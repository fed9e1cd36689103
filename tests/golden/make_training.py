"""Writes training.json: what PyTorch computes for optimizers, parameter groups, clipping, averaging and schedulers.

Run once, by hand, with PyTorch 1.13 (Debian 12: apt install python3-torch); the tests read the numbers only.
"""

import json
import pathlib
import warnings

import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel

warnings.filterwarnings("ignore")


def numbers(values, digits=9):
    """Nested lists of the fewest digits that read back as the same float32."""
    if isinstance(values, torch.Tensor):
        values = values.detach().tolist()
    if isinstance(values, list):
        return [numbers(value, digits) for value in values]
    return float(f"{values:.{digits}g}") if isinstance(values, float) else values


def sample(generator, *shape):
    return (torch.randn(*shape, generator=generator) * 200).round() / 100


OPTIMIZERS = [
    {"type": "SGD", "lr": 0.1}, {"type": "SGD", "lr": 0.05, "weight_decay": 0.1},
    {"type": "SGD", "lr": 0.1, "momentum": 0.9},
    {"type": "SGD", "lr": 0.02, "momentum": 0.8, "nesterov": True, "weight_decay": 0.05},
    {"type": "Adam", "lr": 0.01}, {"type": "Adam", "lr": 0.1, "weight_decay": 0.1},
    {"type": "Adam", "lr": 0.05, "betas": [0.5, 0.9], "eps": 0.1},
    {"type": "AdamW", "lr": 0.01}, {"type": "AdamW", "lr": 0.1, "weight_decay": 0.3, "betas": [0.8, 0.99], "eps": 1e-3},
    {"type": "RMSprop", "lr": 0.01}, {"type": "RMSprop", "lr": 0.02, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1},
    {"type": "RMSprop", "lr": 0.01, "momentum": 0.9}, {"type": "RMSprop", "lr": 0.01, "centered": True, "eps": 1e-2},
    {"type": "RMSprop", "lr": 0.005, "momentum": 0.5, "centered": True, "alpha": 0.9, "eps": 1e-2, "weight_decay": 0.05}]


def without(config, *keys):
    return {key: value for key, value in config.items() if key not in keys}


def optimizers(generator):
    start = sample(generator, 6)
    gradients = sample(generator, 20, 6)
    gradients[3] = 0
    cases = []
    for config in OPTIMIZERS:
        value = start.clone().requires_grad_()
        optimizer = getattr(torch.optim, config["type"])([value], **without(config, "type"))
        after = {}
        for step, gradient in enumerate(gradients, 1):
            optimizer.param_groups[0]["lr"] = config["lr"] * (1 if step <= 10 else 0.5)
            value.grad = gradient.clone()
            optimizer.step()
            if step in (1, 2, 20):
                after[str(step)] = numbers(value)
        cases.append({"config": config, "after": after})
    return {"start": numbers(start), "gradients": numbers(gradients), "halved_after": 10, "cases": cases}


def grouped(generator):
    """Three parameters: the first in a group of its own, the second in another, the third in none; a schedule over all."""
    groups = [{"parameters": ["a/weight"], "lr_factor": 0.1}, {"parameters": ["b/*"], "lr_factor": 2.0, "weight_decay": 0.0}]
    names = ["a/weight", "b/weight", "c/weight"]
    start, gradients = sample(generator, 3, 4), sample(generator, 6, 3, 4)
    cases = []
    for config in ({"type": "SGD", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.2},
                   {"type": "AdamW", "lr": 0.05, "weight_decay": 0.3}, {"type": "RMSprop", "lr": 0.02, "weight_decay": 0.1}):
        for schedule in ({"type": "CosineAnnealingLR", "T_max": 6, "eta_min": 0.01},
                         {"type": "MultiStepLR", "milestones": [2, 4], "gamma": 0.5}):
            values = [row.clone().requires_grad_() for row in start]
            optimizer = getattr(torch.optim, config["type"])(
                [{"params": [values[0]], "lr": config["lr"] * 0.1},
                 {"params": [values[1]], "lr": config["lr"] * 2.0, "weight_decay": 0.0}, {"params": [values[2]]}],
                **without(config, "type"))
            scheduler = make_scheduler(schedule, optimizer)
            for step in range(len(gradients)):
                for value, gradient in zip(values, gradients[step]):
                    value.grad = gradient.clone()
                optimizer.step()
                scheduler.step()
            cases.append({"config": {**config, "groups": groups}, "schedule": schedule,
                          "after": numbers([value.tolist() for value in values])})
    return {"names": names, "start": numbers(start), "gradients": numbers(gradients), "cases": cases}


def clipping(generator):
    cases = []
    for max_norm in (1.5, 100.0):
        gradients = [sample(generator, 6), sample(generator, 3)]
        values = [torch.zeros_like(gradient).requires_grad_() for gradient in gradients]
        for value, gradient in zip(values, gradients):
            value.grad = gradient.clone()
        norm = nn.utils.clip_grad_norm_(values, max_norm)
        cases.append({"max_norm": max_norm, "gradients": numbers([g.tolist() for g in gradients]),
                      "norm": numbers(norm.item()), "clipped": numbers([v.grad.tolist() for v in values])})
    return cases


def averaging(generator):
    cases = []
    for decay in (0.9, 0.5):
        module = nn.Linear(5, 1, bias=False)
        averaged = AveragedModel(module, avg_fn=lambda average, value, _, decay=decay: decay * average + (1 - decay) * value)
        values, averages = sample(generator, 6, 5), []
        for row in values:
            module.weight.data.copy_(row)
            averaged.update_parameters(module)
            averages.append(numbers(averaged.module.weight.flatten()))
        cases.append({"decay": decay, "values": numbers(values), "averages": averages})
    return cases


def make_scheduler(config, optimizer, total=None):
    arguments = without(config, "type", "schedulers", "unit", "warmup")
    if "schedulers" in config:
        arguments["schedulers"] = [make_scheduler(part, optimizer) for part in config["schedulers"]]
    if config["type"] == "OneCycleLR":
        arguments = {"max_lr": optimizer.param_groups[0]["lr"], "total_steps": total, **arguments}
    return getattr(lr_scheduler, config["type"])(optimizer, **arguments)


WARM_UP = {"type": "LinearLR", "start_factor": 0.1, "total_iters": 3}
SCHEDULES = [
    {"type": "StepLR", "step_size": 4}, {"type": "StepLR", "step_size": 3, "gamma": 0.5},
    {"type": "MultiStepLR", "milestones": [2, 7]}, {"type": "MultiStepLR", "milestones": [1, 2, 9], "gamma": 0.7},
    {"type": "ExponentialLR", "gamma": 0.8},
    {"type": "PolynomialLR"}, {"type": "PolynomialLR", "total_iters": 12, "power": 0.9},
    {"type": "CosineAnnealingLR", "T_max": 12}, {"type": "CosineAnnealingLR", "T_max": 5, "eta_min": 0.02},
    {"type": "LinearLR"}, {"type": "LinearLR", "start_factor": 0.8, "end_factor": 0.2, "total_iters": 7},
    {"type": "SequentialLR", "schedulers": [WARM_UP, {"type": "CosineAnnealingLR", "T_max": 9}], "milestones": [3]},
    {"type": "SequentialLR", "schedulers": [WARM_UP, {"type": "ExponentialLR", "gamma": 0.5}], "milestones": [3]},
    {"type": "SequentialLR", "milestones": [2, 6],
     "schedulers": [WARM_UP, {"type": "StepLR", "step_size": 2}, {"type": "CosineAnnealingLR", "T_max": 6}]}]
CYCLES = [
    {"type": "OneCycleLR"}, {"type": "OneCycleLR", "max_lr": 0.5, "total_steps": 17, "anneal_strategy": "linear"},
    {"type": "OneCycleLR", "pct_start": 0.45, "div_factor": 10.0, "final_div_factor": 50.0, "base_momentum": 0.6,
     "max_momentum": 0.9, "three_phase": True},
    {"type": "OneCycleLR", "three_phase": True, "anneal_strategy": "linear", "pct_start": 0.2},
    {"type": "OneCycleLR", "cycle_momentum": False, "pct_start": 0.0}]


def exact(value):
    return float(f"{value:.15g}")


def schedules():
    cases = []
    for config in SCHEDULES + CYCLES:
        value = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([value], lr=0.3, momentum=0.5)
        scheduler = make_scheduler(config, optimizer, 12)
        case = {"config": config, "rates": [], "momenta": []}
        for _ in range(12):
            case["rates"].append(exact(optimizer.param_groups[0]["lr"]))
            case["momenta"].append(exact(optimizer.param_groups[0]["momentum"]))
            optimizer.step()
            scheduler.step()
        if not config["type"] == "OneCycleLR" or not config.get("cycle_momentum", True):
            del case["momenta"]
        cases.append(case)
    return {"lr": 0.3, "length": 12, "cases": cases}


def plateaus(generator):
    falling = [1.0, 0.9, 0.9, 0.89995, 0.5, 0.5, 0.6, 0.7, 0.5, 0.49, 0.489, 0.4889, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3]
    noisy = numbers((torch.rand(20, generator=generator) * 100).round() / 100)
    cases = []
    for values in (falling, noisy, [-value for value in falling]):
        for config in ({"patience": 1}, {"patience": 0, "factor": 0.5, "min_lr": 0.02}, {"patience": 1, "cooldown": 3, "factor": 0.3},
                       {"patience": 1, "threshold": 0.02, "threshold_mode": "abs"}, {"patience": 2, "threshold": 0.1},
                       {"patience": 0, "mode": "max"}, {"patience": 1, "mode": "max", "threshold": 0.1, "threshold_mode": "abs"},
                       {"patience": 0, "factor": 0.1, "eps": 0.001}):
            optimizer = torch.optim.SGD([{"params": [torch.zeros(1, requires_grad=True)], "lr": 0.3},
                                         {"params": [torch.zeros(1, requires_grad=True)], "lr": 0.03}], lr=1)
            scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, **config)
            rates = []
            for value in values:
                scheduler.step(value)
                rates.append([exact(group["lr"]) for group in optimizer.param_groups])
            cases.append({"config": {"type": "ReduceLROnPlateau", **config}, "values": values, "rates": rates})
    return {"lr": 0.3, "lr_factors": [1, 0.1], "cases": cases}


def main():
    generator = torch.Generator().manual_seed(11)
    sections = {"optimizers": optimizers(generator), "groups": grouped(generator), "clipping": clipping(generator),
                "averaging": averaging(generator), "schedules": schedules(), "plateaus": plateaus(generator)}
    lines = []
    for name, section in sections.items():
        cases = section["cases"] if isinstance(section, dict) else section
        listed = "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]"
        if isinstance(section, dict):
            listed = json.dumps(without(section, "cases"))[:-1] + ',\n"cases": ' + listed + "}"
        lines.append(f"{json.dumps(name)}: {listed}")
    text = '{"torch": ' + json.dumps(torch.__version__) + ",\n" + ",\n".join(lines) + "\n}\n"
    json.loads(text)
    assert "NaN" not in text
    (pathlib.Path(__file__).parent / "training.json").write_text(text)


if __name__ == "__main__":
    main()
