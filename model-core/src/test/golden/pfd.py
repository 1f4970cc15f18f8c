"""PFD in its form here: mean features of the frozen model's projections, weights in every layer, logits of the mixture.

Takes the tiny models of ../resources/golden/peft-lora and writes ../resources/golden/pfd: for each family the training inputs of
three tasks, their blocks, and for each setting what inputs are answered. One input at a time, so there is no padding here; in
float64, but for the norms and the softmax of Transformers.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

RESOURCES = Path(__file__).resolve().parent.parent / "resources" / "golden"
OUT = RESOURCES / "pfd"
SEED, VOCABULARY, TASKS, RANK, ALPHA = 4117, 40, 3, 2, 6.0
SETTINGS = {
    "nearest": {"distance": "l2", "k": 1, "temperature": 1.0},
    "two": {"distance": "l2", "k": 2, "temperature": 0.3},
    "all": {"distance": "l2", "k": 9, "temperature": 0.7},
    "product": {"distance": "dot", "k": 2, "temperature": 0.05},
}
FAMILIES = {"t5": AutoModelForSeq2SeqLM, "llama": AutoModelForCausalLM}
ROLES = {"t5": ("q", "v"), "llama": ("q_proj", "v_proj")}


def texts(generator, count, least, most):
    lengths = torch.randint(least, most + 1, (count,), generator=generator).tolist()
    return [torch.randint(2, VOCABULARY, (length,), generator=generator).tolist() for length in lengths]


def adapted(model, family):
    """The linear layers that have blocks, by their names."""
    return {name: module for name, module in model.named_modules() if name.rsplit(".", 1)[-1] in ROLES[family]}


def routed(layers, family):
    """Those that an input passes without an answer."""
    return [name for name in layers if family == "llama" or name.startswith("encoder.")]


def encode(model, family, source):
    ids = torch.tensor([source])
    with torch.no_grad():
        if family == "t5":
            model.encoder(input_ids=ids)
        else:
            model.model(input_ids=ids)


def features(model, family, names, layers, source):
    """The mean over the tokens of what each frozen layer gives."""
    found, hooks = {}, []
    for name in names:
        def keep(module, inputs, output, name=name):
            found[name] = output[0].mean(0)
        hooks.append(layers[name].register_forward_hook(keep))
    encode(model, family, source)
    for hook in hooks:
        hook.remove()
    return found


def weights(feature, means, setting):
    if setting["distance"] == "l2":
        near = torch.stack([-torch.linalg.vector_norm(feature - mean) for mean in means])
    else:
        near = torch.stack([feature @ mean for mean in means]) / len(feature) ** 0.5
    shares = torch.softmax(near / setting["temperature"], 0)
    kept = sorted(range(len(means)), key=lambda i: -shares[i])[: setting["k"]]
    chosen = torch.zeros(len(means), dtype=torch.float64)
    for i in kept:
        chosen[i] = shares[i]
    return chosen / chosen.sum()


def answer(model, family, layers, blocks, by_layer, source, target):
    """Logits at the positions of the target, with every layer's own mixture of blocks."""
    hooks = []
    for name, layer in layers.items():
        def add(module, inputs, output, name=name):
            x = inputs[0]
            for i, block in enumerate(blocks):
                a, b = block[name]
                output = output + by_layer[name][i] * (ALPHA / RANK) * (x @ a.T @ b.T)
            return output
        hooks.append(layer.register_forward_hook(add))
    with torch.no_grad():
        if family == "t5":
            logits = model(input_ids=torch.tensor([source]), labels=torch.tensor([target])).logits[0]
        else:
            logits = model(input_ids=torch.tensor([source + target[:-1]])).logits[0, len(source) - 1:]
    for hook in hooks:
        hook.remove()
    return logits


def make(family):
    generator = torch.Generator().manual_seed(SEED)
    model = FAMILIES[family].from_pretrained(RESOURCES / "peft-lora" / family, attn_implementation="eager").double().eval()
    layers = adapted(model, family)
    names = routed(layers, family)
    training = [texts(generator, count, 1, 9) for count in (5, 4, 7)]
    sources, targets = texts(generator, 6, 1, 12), texts(generator, 6, 1, 4)
    blocks = [
        {name: (0.3 * torch.randn(RANK, layer.in_features, generator=generator, dtype=torch.float64),
                0.3 * torch.randn(layer.out_features, RANK, generator=generator, dtype=torch.float64))
         for name, layer in layers.items()} for _ in range(TASKS)]
    means = []
    for inputs in training:
        each = [features(model, family, names, layers, source) for source in inputs]
        means.append({name: torch.stack([one[name] for one in each]).mean(0) for name in names})
    tensors = {}
    for i in range(TASKS):
        for name, (a, b) in blocks[i].items():
            tensors[f"block.{i}.{name}.lora_A"], tensors[f"block.{i}.{name}.lora_B"] = a, b
        for name in names:
            tensors[f"mean.{i}.{name}"] = means[i][name]
    for case, setting in SETTINGS.items():
        rows, logits = [], []
        for source, target in zip(sources, targets):
            feature = features(model, family, names, layers, source)
            own = {name: weights(feature[name], [mean[name] for mean in means], setting) for name in names}
            rows.append(torch.stack(list(own.values())))
            by_layer = {}
            for name in layers:
                same = [other for other in names if other.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1]]
                by_layer[name] = own[name] if name in own else own[same[-1]]
            logits.append(answer(model, family, layers, blocks, by_layer, source, target))
        # [inputs, layers, tasks]
        tensors[f"{case}.weights"] = torch.stack(rows)
        tensors[f"{case}.logits"] = torch.cat(logits)
    folder = OUT / family
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "expected.safetensors")
    (folder / "given.json").write_text(json.dumps(
        {"training": training, "sources": sources, "targets": targets, "layers": names}) + "\n", encoding="utf-8")


def main():
    torch.set_num_threads(1)
    for family in FAMILIES:
        make(family)
    (OUT / "settings.json").write_text(
        json.dumps({"r": RANK, "alpha": ALPHA, "cases": SETTINGS}, indent=1) + "\n", encoding="utf-8")
    for path in OUT.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    main()
