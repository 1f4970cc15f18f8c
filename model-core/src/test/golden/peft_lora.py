"""LoRA adapters that PEFT makes over tiny models: rsLoRA, all-linear, ranks and scales that differ from module to module.

Writes ../resources/golden/peft-lora: for each family the model, examples, and for each case the adapter with logits, summed
loss and gradients of all its matrices.
"""

import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration

OUT = Path(__file__).resolve().parent.parent / "resources" / "golden" / "peft-lora"
SEED, VOCABULARY = 8295, 40
EXAMPLES = [([5, 9, 21, 3, 30], [7, 8, 1]), ([4, 17], [33, 1])]

FAMILIES = {
    "t5": {
        "task_type": "SEQ_2_SEQ_LM",
        "make": lambda: T5ForConditionalGeneration(T5Config(
            vocab_size=VOCABULARY, d_model=16, d_kv=4, d_ff=20, num_layers=2, num_heads=2, feed_forward_proj="gated-gelu",
            dropout_rate=0.0, tie_word_embeddings=False, decoder_start_token_id=0, eos_token_id=1, pad_token_id=0)),
        "query": "q", "value": "v", "targets": ["q", "v", "wo"], "path": "encoder.block.1.layer.0.SelfAttention.q",
    },
    "llama": {
        "task_type": "CAUSAL_LM",
        "make": lambda: LlamaForCausalLM(LlamaConfig(
            vocab_size=VOCABULARY, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=64, bos_token_id=2, eos_token_id=1, pad_token_id=0)),
        "query": "q_proj", "value": "v_proj", "targets": ["q_proj", "v_proj", "down_proj"],
        "path": "model.layers.1.self_attn.q_proj",
    },
}


def cases(family):
    query, value = family["query"], family["value"]
    return {
        "rslora": {"r": 4, "lora_alpha": 6, "use_rslora": True, "target_modules": [query, value]},
        "all-linear": {"r": 3, "lora_alpha": 12, "target_modules": "all-linear"},
        "ranks": {"r": 4, "lora_alpha": 8, "target_modules": family["targets"],
                  "rank_pattern": {family["path"]: 1, query: 2}},
        "alphas": {"r": 2, "lora_alpha": 8, "target_modules": family["targets"], "use_rslora": True,
                   "rank_pattern": {value: 5}, "alpha_pattern": {value: 3, "^" + family["path"]: 20}},
    }


def draw(shape, name, scale):
    """Random values that hang on the name alone."""
    seed = SEED + sum((i + 1) * ord(letter) for i, letter in enumerate(name))
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * scale


def fill(model, names, scale):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if names(name):
                parameter.copy_(1 + draw(parameter.shape, name, 0.1) if parameter.dim() == 1
                                else draw(parameter.shape, name, scale))


def target_logits(model, causal, source, target):
    """Logits at the positions of the target."""
    if causal:
        logits = model(input_ids=torch.tensor([source + target[:-1]])).logits[0]
        return logits[len(source) - 1:]
    return model(input_ids=torch.tensor([source]), labels=torch.tensor([target])).logits[0]


def expectations(model, causal):
    logits = torch.cat([target_logits(model, causal, source, target) for source, target in EXAMPLES])
    labels = torch.tensor([token for _, target in EXAMPLES for token in target])
    loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
    loss.backward()
    found = {"logits": logits.detach(), "loss": loss.detach().reshape(1)}
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            found["grad." + name.replace(".default", "")] = parameter.grad.clone()
    return found


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def make(name, family):
    folder, causal = OUT / name, family["task_type"] == "CAUSAL_LM"
    for case, settings in cases(family).items():
        base = family["make"]().eval()
        fill(base, lambda _: True, 0.12)
        if case == "rslora":
            base.save_pretrained(folder)
            (folder / "generation_config.json").unlink(missing_ok=True)
        model = get_peft_model(base, LoraConfig(task_type=family["task_type"], **settings)).eval()
        fill(model, lambda parameter: "lora_" in parameter, 0.3)
        model.peft_config["default"].base_model_name_or_path = name
        model.save_pretrained(folder / case)
        (folder / case / "README.md").unlink(missing_ok=True)
        config = json.loads((folder / case / "adapter_config.json").read_text(encoding="utf-8"))
        # PEFT writes a set in any order. The order of patterns counts, and no key is sorted.
        config["target_modules"] = sorted(config["target_modules"])
        (folder / case / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        save_file({key: value.contiguous() for key, value in expectations(model, causal).items()},
                  folder / case / "expected.safetensors")


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    for name, family in FAMILIES.items():
        (OUT / name).mkdir(parents=True, exist_ok=True)
        make(name, family)
    write_json(OUT / "examples.json", [{"source": source, "target": target} for source, target in EXAMPLES])
    for path in OUT.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    main()
