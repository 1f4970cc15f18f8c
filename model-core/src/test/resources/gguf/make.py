"""Writes the GGUF files of this folder and what the reference libraries read out of them; README.md says which.

    python make.py     in this folder, with the packages that README.md lists
"""

import gzip
import io
import json
import pathlib

import gguf
import numpy as np
import sentencepiece
import torch
import transformers
from gguf import GGMLQuantizationType as Type
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

HERE = pathlib.Path(__file__).resolve().parent
QUICKSTART = HERE.parents[4] / "conf" / "quickstart"
WIDTH, INNER, HEADS, KEY_HEADS = 32, 64, 4, 2
SPM = "spm"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6

EDGES = (
    "",
    " ",
    "a",
    "x  5 and  17,\t 2024\n\n  end",
    "1234567 0.5 3,000 ²³ ①",
    "it's they'RE WE'll don't",
    "Zoë naïve ﬁne ÀÉ",
    "日本語のテキスト مرحبا привет",
    "😀👍🏽 \u200d\ufeff",
    "line\r\nbreak\rtab\tend \n ",
    "<|im_start|>user\nhello<|im_end|>\n",
    "<s>hello</s> world <unk>",
    "see <tool call> and <｜end｜>now",
    "CamelCaseWords snake_case_words HTTPServer v2Beta",
    "    four spaces(); // x==y && z!=w",
    "\x00\x01\x7f",
)


def sentences():
    texts = []
    for file in sorted(QUICKSTART.glob("*/train.json.gz")):
        content = json.loads(gzip.decompress(file.read_bytes()))
        for each in content.get("Instances", [])[:100]:
            texts.append(each["input"])
    # Runs of spaces and digits, which ways to cut a text differ in.
    return texts + ["if x  ==  5:\n    return  2024 or  17\n"] * 300


# --- blocks -----------------------------------------------------------------------------------------------------------

BLOCKS = ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K")
# Where half-precision scales lie in the blocks that the package cannot pack: those are made of random bytes.
SCALES = {"Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,)}


def blocks():
    random = np.random.default_rng(7)
    writer = gguf.GGUFWriter(HERE / "blocks.gguf", "llama")
    expected = {}
    for name in BLOCKS:
        kind = Type[name]
        length = gguf.GGML_QUANT_SIZES[kind][1]
        if name in SCALES:
            packed = random.integers(0, 256, (2, 2 * length), dtype=np.uint8)
            for block in packed.reshape(4, length):
                for at in SCALES[name]:
                    block[at : at + 2] = np.float16(random.normal(0, 0.1)).reshape(1).view(np.uint8)
        else:
            numbers = random.normal(0, 0.1, (4, 128)).astype(np.float32)
            # Extremes, a block of zeros, and numbers that half precision has below its normal ones.
            numbers[0, 0], numbers[1, :32], numbers[2, :32] = 3, 0, 1e-6
            packed = gguf.quantize(numbers, kind)
        # Some blocks of random bytes beside those that the package packed: every bit is met.
        if name.startswith("Q") and name not in SCALES:
            noise = random.integers(0, 256, packed.shape, dtype=np.uint8)
            scales = (0, 2) if name.endswith("1") else (0,)
            for block in noise.reshape(-1, length):
                for at in scales:
                    block[at : at + 2] = np.float16(random.normal(0, 0.1)).reshape(1).view(np.uint8)
            packed = np.concatenate([packed, noise])
        writer.add_tensor(name.lower(), packed, raw_dtype=kind)
        expected[name.lower()] = torch.from_numpy(gguf.dequantize(packed, kind).astype(np.float32).copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, HERE / "blocks.safetensors")


# --- models -----------------------------------------------------------------------------------------------------------


def permuted(weights, heads):
    """The order of rows that llama.cpp wants of query and key projections."""
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def tensors(writer, vocabulary, layers, kinds, tied, seed):
    random = np.random.default_rng(seed)
    place = 0

    def add(name, *shape, heads=0):
        nonlocal place
        numbers = random.normal(0, 0.2, shape).astype(np.float32)
        numbers = permuted(numbers, heads) if heads else numbers
        kind = Type.F32 if len(shape) == 1 else Type[kinds[place % len(kinds)]]
        place += len(shape) - 1
        writer.add_tensor(name, gguf.quantize(numbers, kind), raw_dtype=kind)

    size = WIDTH // HEADS
    add("token_embd.weight", vocabulary, WIDTH)
    for i in range(layers):
        add(f"blk.{i}.attn_norm.weight", WIDTH)
        add(f"blk.{i}.ffn_down.weight", WIDTH, INNER)
        add(f"blk.{i}.ffn_gate.weight", INNER, WIDTH)
        add(f"blk.{i}.ffn_up.weight", INNER, WIDTH)
        add(f"blk.{i}.ffn_norm.weight", WIDTH)
        add(f"blk.{i}.attn_k.weight", KEY_HEADS * size, WIDTH, heads=KEY_HEADS)
        add(f"blk.{i}.attn_output.weight", WIDTH, HEADS * size)
        add(f"blk.{i}.attn_q.weight", HEADS * size, WIDTH, heads=HEADS)
        add(f"blk.{i}.attn_v.weight", KEY_HEADS * size, WIDTH)
    add("output_norm.weight", WIDTH)
    if not tied:
        add("output.weight", vocabulary, WIDTH)


def llama3_factors(theta, factor):
    """As llama.cpp computes them from the rope_scaling of Llama 3.1."""
    size = WIDTH // HEADS
    found = []
    for i in range(0, size, 2):
        wave = 2 * np.pi * theta ** (i / size)
        if wave < 8192 / 4:
            found.append(1)
        elif wave > 8192:
            found.append(factor)
        else:
            smooth = (8192 / wave - 1) / 3
            found.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(found, dtype=np.float32)


def model(name, kind, tokens, types, layers=1, kinds=("Q8_0",), tied=True, theta=10000.0, scaling=None, seed=1, **keys):
    path = HERE / f"{name}.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"random {name}")
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(theta)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model(kind)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    for key, value in keys.items():
        getattr(writer, f"add_{key}")(value)
    tensors(writer, len(tokens), layers, kinds, tied, seed)
    if scaling:
        writer.add_tensor("rope_freqs.weight", llama3_factors(theta, scaling))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def read_back(path, name):
    """Weights and configuration as Transformers reads them out of the file."""
    config = transformers.AutoConfig.from_pretrained(HERE, gguf_file=path.name)
    empty = transformers.AutoModelForCausalLM.from_config(config)
    weights = load_gguf_checkpoint(str(path), return_tensors=True, model_to_load=empty)["tensors"]
    rounded = {key: value.to(torch.bfloat16).contiguous() for key, value in weights.items()}
    save_file(rounded, HERE / f"{name}.safetensors")
    keys = (
        *("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads"),
        *("head_dim", "vocab_size", "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings"),
        *("bos_token_id", "eos_token_id", "pad_token_id"),
    )
    facts = {key: getattr(config, key) for key in keys}
    return facts | {"rope_theta": config.rope_parameters["rope_theta"]}


# --- tokenizers -------------------------------------------------------------------------------------------------------

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(expression):
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(expression), behavior="isolated"), bytes_only])


GPT2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
# By the names of llama.cpp: how the published models cut a text, and whether whole words go first.
PRE = {
    "gpt-2": (GPT2, False),
    "smollm": (pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), GPT2]), False),
    "llama-bpe": (split(LLAMA3), True),
    "qwen2": (split(QWEN2), False),
    "tekken": (split(TEKKEN), True),
}


def byte_level(pre, texts):
    cut, whole = PRE[pre]
    tokenizer = Tokenizer(models.BPE(ignore_merges=whole))
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    # Tokens beside the model, as makers add them: one that is no special token, and one with signs that are no bytes.
    tokenizer.add_tokens([AddedToken("<tool call>", normalized=False)])
    tokenizer.add_special_tokens([AddedToken("<｜end｜>", normalized=False, special=True)])
    if whole:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<|im_start|> $A", pair="<|im_start|> $A <|im_start|> $B", special_tokens=[("<|im_start|>", 1)]
        )
    return tokenizer


def byte_level_model(pre, texts, **more):
    tokenizer = byte_level(pre, texts)
    content = json.loads(tokenizer.to_str())
    count = tokenizer.get_vocab_size()
    tokens = [tokenizer.id_to_token(i) for i in range(count)]
    types = [CONTROL if i < 3 or i == count - 1 else USER_DEFINED if i == count - 2 else NORMAL for i in range(count)]
    path = model(
        *(pre, "gpt2", tokens, types),
        **more,
        tokenizer_pre=pre,
        token_merges=[" ".join(merge) for merge in content["model"]["merges"]],
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    return path, lambda text: tokenizer.encode(text).ids, tokenizer.decode


def kind_of(pieces, i):
    if pieces.is_unknown(i):
        return UNKNOWN
    if pieces.is_control(i):
        return CONTROL
    return BYTE if pieces.is_byte(i) else NORMAL


def sentencepiece_model(texts, **more):
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=trained,
        model_type="bpe",
        vocab_size=600,
        byte_fallback=True,
        character_coverage=0.9995,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_digits=True,
        max_sentence_length=100_000,
        minloglevel=2,
    )
    pieces = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    tokens, scores, types = [], [], []
    for i in range(pieces.vocab_size()):
        tokens.append(pieces.id_to_piece(i))
        scores.append(pieces.get_score(i))
        types.append(kind_of(pieces, i))
    path = model(
        *(SPM, "llama", tokens, types),
        **more,
        token_scores=scores,
        bos_token_id=1,
        eos_token_id=2,
        unk_token_id=0,
        add_bos_token=True,
        add_eos_token=False,
    )
    # Transformers looks for special tokens in the text, and puts no space before one that is there.
    other = transformers.AutoTokenizer.from_pretrained(HERE, gguf_file=path.name)

    def encode(text):
        ids = other(text).input_ids
        assert text.startswith(" ") or "<s>" in text or ids == [1, *pieces.encode(text)], text
        return ids

    return path, encode, lambda ids: other.decode(ids, skip_special_tokens=True)


def main():
    blocks()
    texts = sentences()
    examples = [*EDGES, *texts[:500:60]]
    template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    made = {
        "smollm": byte_level_model("smollm", texts, layers=2, kinds=("Q8_0", "Q4_1", "Q4_0"), chat_template=template),
        "llama-bpe": byte_level_model(
            "llama-bpe",
            texts,
            kinds=("F16", "Q5_0", "BF16", "Q5_1", "F32"),
            tied=False,
            theta=500000.0,
            scaling=8.0,
            seed=2,
            eot_token_id=1,
        ),
        SPM: sentencepiece_model(texts, tied=False, kinds=("Q8_0",), seed=3),
        "gpt-2": byte_level_model("gpt-2", texts),
        "qwen2": byte_level_model("qwen2", texts),
        "tekken": byte_level_model("tekken", texts, add_bos_token=True),
    }
    configs, lines = {}, []
    for name, (path, encode, decode) in made.items():
        if name in ("smollm", "llama-bpe", SPM):
            configs[name] = read_back(path, name)
        for text in examples:
            ids = encode(text)
            lines.append({"model": name, "text": text, "ids": ids, "decoded": decode(ids)})
    (HERE / "configs.json").write_text(json.dumps(configs, indent=1) + "\n")
    (HERE / "ids.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
