"""Learning rates of Transformers' schedules, and parameters under torch's AdamW with weight decay.

Writes optimizer.json into ../resources/golden.
"""

import json
from pathlib import Path

import torch
from transformers import (get_constant_schedule_with_warmup, get_cosine_schedule_with_warmup,
                          get_linear_schedule_with_warmup)

OUT = Path(__file__).resolve().parent.parent / "resources" / "golden" / "optimizer.json"
CASES = [(0, 8), (3, 8), (8, 8), (12, 8), (1, 1), (0, 1)]
RATE, DECAY, STEPS, WARMUP = 0.01, 0.1, 12, 3


def schedule(shape, optimizer, warmup, steps):
    if shape == "constant":
        return get_constant_schedule_with_warmup(optimizer, warmup)
    make = {"linear": get_linear_schedule_with_warmup, "cosine": get_cosine_schedule_with_warmup}[shape]
    return make(optimizer, warmup, steps)


def factors(shape, warmup, steps):
    """By what each step's learning rate is multiplied."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    rates = schedule(shape, optimizer, warmup, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        rates.step()
    return found


def trajectory(shape):
    """A matrix that decays and a bias that does not, after each step along random gradients."""
    generator = torch.Generator().manual_seed(8295)
    matrix = torch.randn(3, 4, generator=generator).requires_grad_()
    bias = torch.randn(4, generator=generator).requires_grad_()
    start = {"matrix": matrix.tolist(), "bias": bias.tolist()}
    groups = [{"params": [matrix], "weight_decay": DECAY}, {"params": [bias], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.999), eps=1e-8)
    rates = schedule(shape, optimizer, WARMUP, STEPS)
    steps = []
    for _ in range(STEPS):
        matrix.grad, bias.grad = (torch.randn(x.shape, generator=generator) for x in (matrix, bias))
        optimizer.step()
        rates.step()
        steps.append({name: value.detach().tolist() for name, value in
                      {"matrix_gradient": matrix.grad, "bias_gradient": bias.grad, "matrix": matrix, "bias": bias}.items()})
    return {"shape": shape, "rate": RATE, "weight_decay": DECAY, "warmup": WARMUP, "start": start, "steps": steps}


def main():
    torch.set_num_threads(1)
    content = {
        "schedules": [{"shape": shape, "warmup": warmup, "steps": steps, "factors": factors(shape, warmup, steps)}
                      for shape in ("constant", "linear", "cosine") for warmup, steps in CASES],
        "trajectories": [trajectory(shape) for shape in ("constant", "linear", "cosine")],
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
