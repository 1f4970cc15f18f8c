"""The same work with Transformers and PEFT, each as one subcommand that prints one JSON line, as `dapt bench` does."""

import argparse
import gzip
import json
import math
import os
import random
import resource
import statistics
import sys
import time
from pathlib import Path

# One thread for every library, before any of them starts a pool.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

TEMPLATES = {
    "super-ni": "Definition: {definition}\n\nNow complete the following example -\nInput: {input}\nOutput: ",
    "long-sequence": "{definition}\n{input}\nOutput: ",
}


class Timings:
    """Wall and processor time of equal runs, in milliseconds."""

    def __init__(self, device="cpu"):
        self.device = device
        self.wall = []
        self.cpu = []

    def finish(self):
        """Waits until the device has done what it was given."""
        if self.device != "cpu":
            import torch

            torch.cuda.synchronize(self.device)

    def measure(self, body):
        self.finish()
        cpu, wall = time.process_time(), time.perf_counter()
        body()
        self.finish()
        self.wall.append((time.perf_counter() - wall) * 1e3)
        self.cpu.append((time.process_time() - cpu) * 1e3)

    def memory(self):
        """What tensors took of the device at most, and what the allocator held for them."""
        if self.device == "cpu":
            return {}
        import torch

        return {
            "peak_device_mb": torch.cuda.max_memory_allocated(self.device) / 2**20,
            "reserved_device_mb": torch.cuda.max_memory_reserved(self.device) / 2**20,
        }

    def result(self, tokens, settings, **more):
        ordered = sorted(self.wall)
        at = 0.9 * (len(ordered) - 1)
        low = int(at)
        high = min(low + 1, len(ordered) - 1)
        return {
            "median_ms": statistics.median(self.wall),
            "p90_ms": ordered[low] + (at - low) * (ordered[high] - ordered[low]),
            "median_cpu_ms": statistics.median(self.cpu),
            "total_ms": sum(self.wall),
            "total_cpu_ms": sum(self.cpu),
            "tokens_per_second": tokens * 1e3 / sum(self.wall),
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            **more,
            **self.memory(),
            "settings": settings,
        }


def texts(folder, task_format, split, limit):
    """Rendered inputs and first references of a split, as dapt renders them."""
    plain = Path(folder) / f"{split}.json"
    compressed = Path(folder) / f"{split}.json.gz"
    opened = open(plain, encoding="utf-8") if plain.exists() else gzip.open(compressed, "rt", encoding="utf-8")
    with opened as file:
        task = json.load(file)
    if isinstance(task, list):
        task = {"Instances": task}
    definition = task.get("Definition", "")
    definition = (definition[0] if isinstance(definition, list) and definition else definition or "").strip()
    instances = task["Instances"]
    instances = instances[:limit] if limit else instances
    prompts, answers = [], []
    for instance in instances:
        output = instance["output"]
        before, after = TEMPLATES[task_format].split("{input}")
        prompts.append(before.replace("{definition}", definition) + instance["input"] + after)
        answers.append(output[0] if isinstance(output, list) else output)
    return prompts, answers


def load_tokenizer(path):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(path) / "tokenizer.json" if Path(path).is_dir() else path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def cut(ids, longest):
    """At most `longest` ids, the end token kept."""
    return ids if len(ids) <= longest else ids[: longest - 1] + ids[-1:]


TYPES = {"fp32": "float32", "bf16": "bfloat16"}


def random_model(arguments):
    """T5 or Llama with random weights of the size that `dapt bench` draws, on the device and in the type asked for."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration

    torch.manual_seed(1)
    torch.set_default_dtype(getattr(torch, TYPES[arguments.dtype]))
    with open(arguments.model_config, encoding="utf-8") as file:
        llama = json.load(file)["model_type"] == "llama"
    config = (LlamaConfig if llama else T5Config).from_json_file(arguments.model_config)
    if arguments.attention:
        config._attn_implementation = arguments.attention
    with torch.device(arguments.device):
        model = (LlamaForCausalLM if llama else T5ForConditionalGeneration)(config)
    torch.set_default_dtype(torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.fill_(1.0)
            else:
                parameter.normal_(0, 0.5 / math.sqrt(parameter.shape[-1]))
    return model


def with_lora(model, rank):
    from peft import LoraConfig, TaskType, get_peft_model

    encoder = model.config.is_encoder_decoder
    lora = LoraConfig(
        task_type=TaskType.SEQ_2_SEQ_LM if encoder else TaskType.CAUSAL_LM,
        r=rank,
        lora_alpha=32,
        lora_dropout=0.0,
        target_modules=["q", "v"] if encoder else ["q_proj", "v_proj"],
    )
    return get_peft_model(model, lora)


def batches(arguments, model):
    """Padded batches: random ids, or the examples of a task in shuffled order, padded to the longest of each batch."""
    import torch

    generator = random.Random(1)
    vocabulary, device = model.config.vocab_size, arguments.device
    if arguments.task is None:
        examples = [
            (
                [generator.randrange(3, vocabulary) for _ in range(arguments.source)],
                [generator.randrange(3, vocabulary) for _ in range(arguments.target)],
            )
            for _ in range(arguments.batch)
        ]
    else:
        prompts, answers = texts(arguments.task, arguments.format, "train", arguments.limit)
        tokenizer = load_tokenizer(arguments.tokenizer)
        examples = [
            (cut(tokenizer.encode(prompt).ids, arguments.source), cut(tokenizer.encode(answer).ids, arguments.target))
            for prompt, answer in zip(prompts, answers)
        ]
        generator.shuffle(examples)
    packed = []
    for start in range(0, len(examples), arguments.batch):
        part = examples[start : start + arguments.batch]
        answer = max(len(target) for _, target in part)
        # A decoder reads source and target as one text and learns the target.
        both = not model.config.is_encoder_decoder
        inputs = [source + target if both else source for source, target in part]
        labels = [[-100] * len(source) * both + target for source, target in part]
        longest = max(map(len, inputs))
        answer = longest if both else answer
        packed.append(
            (
                torch.tensor([ids + [0] * (longest - len(ids)) for ids in inputs], device=device),
                torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in inputs], device=device),
                torch.tensor([ids + [-100] * (answer - len(ids)) for ids in labels], device=device),
                sum(len(source) + len(target) for source, target in part),
                sum(map(len, inputs)),
            )
        )
    return packed, len(examples)


def step(arguments):
    import torch

    torch.set_num_threads(arguments.threads)
    model = with_lora(random_model(arguments), arguments.rank)
    model.train()
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=1e-4, weight_decay=0.0)
    packed, examples = batches(arguments, model)
    epoch = len(packed)
    steps = arguments.steps or epoch

    def take(batch):
        ids, mask, labels, _, _ = batch
        optimizer.zero_grad()
        rows = max(1, (arguments.micro_batch_tokens or ids.numel()) // ids.shape[1])
        for start in range(0, len(ids), rows):
            part = slice(start, start + rows)
            loss = model(input_ids=ids[part], attention_mask=mask[part], labels=labels[part]).loss
            (loss * len(ids[part]) / len(ids)).backward()
        optimizer.step()

    for i in range(arguments.warmup):
        take(packed[i % epoch])
    timings = Timings(arguments.device)
    tokens = 0
    for i in range(steps):
        timings.measure(lambda: take(packed[i % epoch]))
        tokens += packed[i % epoch][3]
    useful = sum(batch[4] for batch in packed) / sum(batch[0].numel() for batch in packed)
    return timings.result(tokens, vars(arguments), steps=steps, examples=examples, useful_share=useful)


def products(arguments):
    """The matrix products of a step alone: forward, and backward with respect to the activations; nothing between."""
    import torch

    torch.set_num_threads(arguments.threads)
    with open(arguments.model_config, encoding="utf-8") as file:
        config = json.load(file)
    d, ff, vocabulary = config["d_model"], config["d_ff"], config["vocab_size"]
    heads, size = config["num_heads"], config["d_kv"]
    width = heads * size
    source, target = arguments.batch * arguments.source, arguments.batch * arguments.target
    shapes = []
    for _ in range(config["num_layers"]):
        shapes += [(source, d, width)] * 3 + [(source, width, d), (source, d, ff), (source, ff, d)]
    for _ in range(config.get("num_decoder_layers", config["num_layers"])):
        shapes += [(target, d, width)] * 3 + [(target, width, d)]
        shapes += [(target, d, width), (source, d, width), (source, d, width), (target, width, d)]
        shapes += [(target, d, ff), (target, ff, d)]
    shapes.append((target, d, vocabulary))
    weights = {shape: torch.randn(shape[2], shape[1]) for shape in set(shapes)}
    inputs = {shape: torch.randn(shape[0], shape[1]) for shape in set(shapes)}
    gradients = {shape: torch.randn(shape[0], shape[2]) for shape in set(shapes)}
    attention = []
    for rows, columns, count in (
        (arguments.source, arguments.source, config["num_layers"]),
        (arguments.target, arguments.target, config["num_layers"]),
        (arguments.target, arguments.source, config["num_layers"]),
    ):
        q = torch.randn(arguments.batch * heads, rows, size)
        k = torch.randn(arguments.batch * heads, columns, size)
        attention.append((q, k, torch.randn(arguments.batch * heads, rows, columns), count))

    def take():
        for shape in shapes:
            torch.nn.functional.linear(inputs[shape], weights[shape])
            gradients[shape] @ weights[shape]
        for q, k, scores, count in attention:
            for _ in range(count):
                q @ k.transpose(1, 2)
                scores @ k
                scores @ k
                scores.transpose(1, 2) @ q
                q @ k.transpose(1, 2)
                scores.transpose(1, 2) @ q

    with torch.no_grad():
        for _ in range(arguments.warmup):
            take()
        timings = Timings()
        for _ in range(arguments.steps):
            timings.measure(take)
    tokens = (source + target) * arguments.steps
    return timings.result(tokens, vars(arguments), steps=arguments.steps)


def matmul(arguments):
    """One square product: what the device multiplies at most."""
    import torch

    torch.set_num_threads(arguments.threads)
    shape = (arguments.size, arguments.size)
    options = {"dtype": getattr(torch, TYPES[arguments.dtype]), "device": arguments.device}
    # Random numbers: zeros are multiplied faster.
    a, b = torch.randn(shape, **options), torch.randn(shape, **options)
    for _ in range(3):
        a @ b
    timings = Timings(arguments.device)
    for _ in range(arguments.repeats):
        timings.measure(lambda: a @ b)
    flop = 2 * arguments.size**3
    return timings.result(0, vars(arguments), flop_per_second=flop * 1e3 / statistics.median(timings.wall))


def decode(arguments):
    import torch
    from transformers import T5ForConditionalGeneration

    torch.set_num_threads(arguments.threads)
    if arguments.model_config:
        model = random_model(arguments)
        generator = random.Random(1)
        sources = [
            [generator.randrange(3, model.config.vocab_size) for _ in range(arguments.max_source)]
            for _ in range(arguments.examples)
        ]
        # As `dapt bench decode` does with random weights: each answer has all tokens that it may have.
        model.generation_config.eos_token_id = None
        model.generation_config.pad_token_id = 0
    else:
        model = T5ForConditionalGeneration.from_pretrained(arguments.model, dtype=torch.float32)
        prompts, _ = texts(arguments.task, arguments.format, "test", arguments.limit)
        tokenizer = load_tokenizer(arguments.tokenizer or arguments.model)
        sources = [cut(tokenizer.encode(prompt).ids, arguments.max_source) for prompt in prompts]
    model.eval()
    first = 1 if model.config.is_encoder_decoder else arguments.max_source
    answers = []

    def generate(part):
        longest = max(len(source) for source in part)
        ids = torch.tensor([source + [0] * (longest - len(source)) for source in part], device=arguments.device)
        mask = torch.tensor(
            [[1] * len(source) + [0] * (longest - len(source)) for source in part], device=arguments.device
        )
        with torch.no_grad():
            return model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=arguments.max_new_tokens,
                do_sample=False,
                num_beams=1,
            )

    batches = [sources[start : start + arguments.batch] for start in range(0, len(sources), arguments.batch)]
    for i in range(arguments.warmup):
        generate(batches[i % len(batches)])
    timings = Timings(arguments.device)
    for part in batches:
        produced = []
        timings.measure(lambda: produced.append(generate(part)))
        for row in produced[0].tolist():
            row = row[first:]
            answers.append(row[: row.index(1)] if 1 in row and arguments.model else row)
    if arguments.answers:
        Path(arguments.answers).write_text("".join(json.dumps(row) + "\n" for row in answers))
    generated = sum(len(row) for row in answers)
    return timings.result(
        sum(map(len, sources)) + generated,
        vars(arguments),
        examples_per_second=len(sources) * 1e3 / sum(timings.wall),
        generated_tokens=generated,
    )


def prepare(arguments):
    prompts, _ = texts(arguments.task, arguments.format, "train", arguments.limit)
    tokenizer = load_tokenizer(arguments.tokenizer or arguments.model)
    tokenizer.enable_truncation(arguments.max_source)

    def once():
        return sum(len(encoding.ids) for encoding in tokenizer.encode_batch(prompts))

    tokens = once()
    timings = Timings()
    for _ in range(arguments.repeats):
        timings.measure(once)
    return timings.result(
        tokens * arguments.repeats,
        vars(arguments),
        examples_per_second=len(prompts) * arguments.repeats * 1e3 / sum(timings.wall),
        tokens_per_pass=tokens,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("step", "products", "decode", "prepare", "matmul"):
        command = commands.add_parser(name)
        command.add_argument("--threads", type=int, default=1)
        if name in ("step", "decode", "matmul"):
            command.add_argument("--device", default="cpu", help="cpu, cuda:0 and so on")
            command.add_argument("--dtype", choices=TYPES, default="fp32")
        if name == "matmul":
            command.add_argument("--size", type=int, default=8192)
            command.add_argument("--repeats", type=int, default=10)
            continue
        command.add_argument("--task")
        command.add_argument("--format", default="super-ni")
        command.add_argument("--tokenizer")
        command.add_argument("--limit", type=int, default=0)
        if name in ("step", "products"):
            command.add_argument("--model-config", required=True)
            command.add_argument("--micro-batch-tokens", type=int, help="source tokens at once; all where not given")
            command.add_argument("--batch", type=int, default=8)
            command.add_argument("--source", type=int, default=128)
            command.add_argument("--target", type=int, default=16)
            command.add_argument("--rank", type=int, default=8)
            command.add_argument("--steps", type=int, default=10)
            command.add_argument("--warmup", type=int, default=2)
        else:
            command.add_argument("--model", required=name == "prepare")
            command.add_argument("--max-source", type=int, default=512)
        if name in ("step", "decode"):
            command.add_argument("--attention", help="eager or sdpa; what Transformers chooses where not given")
        if name == "decode":
            command.add_argument("--model-config", help="config.json: random weights and inputs")
            command.add_argument("--examples", type=int, default=128, help="random inputs")
            command.add_argument("--batch", type=int, default=32)
            command.add_argument("--max-new-tokens", type=int, default=50)
            command.add_argument("--warmup", type=int, default=4)
            command.add_argument("--answers")
        if name == "prepare":
            command.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.command == "decode" and (arguments.model is None) == (arguments.model_config is None):
        parser.error("decode needs --model or --model-config, and not both")
    run = {"step": step, "products": products, "decode": decode, "prepare": prepare, "matmul": matmul}
    print(json.dumps(run[arguments.command](arguments)))


if __name__ == "__main__":
    sys.exit(main())
