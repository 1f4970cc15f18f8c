"""How many floating point operations a training step asks for, from a model's config.json and the step's shape.

    python3 flops.py CONFIG --batch 32 --source 512 --target 16     prints parameters and operations as JSON

The model is frozen and its blocks learn: a weight costs 2 operations for each token that passes it going forward and
2 going back, which is 4 instead of the 6 of full training, since no gradient of the weight itself is taken. What learns
costs 6. Attention costs 12 operations for each layer, head, number of a head, position that asks and position that is
asked (PaLM, arXiv 2204.02311, appendix B; nothing is taken off for causal masks). An encoder's weights see source tokens,
a decoder's see target tokens, but its keys and values of the source see source tokens; the output matrix sees target
tokens. Padding, recomputation, norms, softmax, the optimizer and the attention over tasks are not counted.
"""

import argparse
import json
import sys
from dataclasses import dataclass

FORMULA = (
    "MFU = FLOP of a step / seconds of a step / peak FLOP/s; FLOP = 4 per frozen weight and token that passes it, 6 per "
    "learnt one, 12 per layer, head, number of a head and pair of positions for attention (PaLM, appendix B); no padding, "
    "no recomputation; output matrix at target tokens only"
)


@dataclass(frozen=True)
class Part:
    """Matrices that see the same tokens: numbers in them, and the tokens of an example that pass them."""

    weights: int
    tokens: int
    # Input and output widths of the projections that carry blocks.
    adapted: tuple = ()


@dataclass(frozen=True)
class Attention:
    """Layers of attention: widths of all heads together, positions that ask and that are asked."""

    layers: int
    width: int
    queries: int
    keys: int


def parts(config, source, target):
    """The matrices of a model and its attention, by the tokens that pass them. Blocks sit on queries and values."""
    if config["model_type"] == "t5":
        d, ff, layers = config["d_model"], config["d_ff"], config["num_layers"]
        decoder = config.get("num_decoder_layers") or layers
        width = config["num_heads"] * config["d_kv"]
        forward = (3 if config.get("feed_forward_proj", "relu").startswith("gated-") else 2) * d * ff
        asks = (d, width)
        return [
            Part(layers * (4 * d * width + forward), source, (asks, asks) * layers),
            # Self-attention, queries and output of cross-attention, feed-forward.
            Part(decoder * (6 * d * width + forward), target, (asks, asks, asks) * decoder),
            # Keys and values of cross-attention.
            Part(decoder * 2 * d * width, source, (asks,) * decoder),
            Part(d * config["vocab_size"], target),
        ], [
            Attention(layers, width, source, source),
            Attention(decoder, width, target, target),
            Attention(decoder, width, target, source),
        ]
    if config["model_type"] == "llama":
        d, ff, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
        heads = config["num_attention_heads"]
        width = heads * (config.get("head_dim") or d // heads)
        keys = width // heads * (config.get("num_key_value_heads") or heads)
        tokens = source + target
        return [
            Part(layers * (2 * d * width + 2 * d * keys + 3 * d * ff), tokens, ((d, width), (d, keys)) * layers),
            Part(d * config["vocab_size"], target),
        ], [Attention(layers, width, tokens, tokens)]
    raise ValueError(f"model_type is {config['model_type']!r}, expected t5 or llama")


def parameters(config):
    """Numbers in a model, norms and position biases left out."""
    matrices = sum(part.weights for part in parts(config, 1, 1)[0])
    tied = config.get("tie_word_embeddings", config["model_type"] == "t5")
    embedding = (config.get("d_model") or config.get("hidden_size")) * config["vocab_size"]
    return matrices if tied else matrices + embedding


def step(config, batch, source, target, rank, tasks=1):
    """Operations of a training step over ``batch`` examples, none of them padded."""
    matrices, attention = parts(config, source, target)
    total = 0
    for part in matrices:
        block = sum(rank * (inputs + outputs) for inputs, outputs in part.adapted)
        total += part.tokens * (4 * part.weights + 6 * block + 4 * (tasks - 1) * block)
    for layer in attention:
        total += 12 * layer.layers * layer.width * layer.queries * layer.keys
    return batch * total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", help="a config.json of T5 or Llama")
    for name, default in (("batch", 8), ("source", 512), ("target", 16), ("rank", 4), ("tasks", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    with open(arguments.config, encoding="utf-8") as file:
        config = json.load(file)
    flop = step(config, arguments.batch, arguments.source, arguments.target, arguments.rank, arguments.tasks)
    print(json.dumps({"parameters": parameters(config), "step_flop": flop, "formula": FORMULA}))


if __name__ == "__main__":
    sys.exit(main())
