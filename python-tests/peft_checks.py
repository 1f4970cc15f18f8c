"""Checks of dapt's adapters, run in the environment ``peft``.

Reads lines of JSON, each a list of the name of a function below and its arguments, and answers each with one line: an
object of ``value``, which test_adapters.py compares, or of ``error``.
"""

import json
import os
import pathlib
import sys
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))

import dapt_reader  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from peft import PeftModel  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


def base(folder):
    config = transformers.AutoConfig.from_pretrained(folder)
    kind = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
    return kind.from_pretrained(folder, dtype=torch.float32).eval()


def with_peft(adapter):
    """The adapter over the base model that it names, by PEFT; that something is missing is an error, not a warning."""
    import warnings

    config = json.loads((pathlib.Path(adapter) / "adapter_config.json").read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        return PeftModel.from_pretrained(base(config["base_model_name_or_path"]), adapter).eval()


def generate(model, tokenizer, rows, most):
    """Answers of Transformers' own greedy decoding, input by input."""
    answers = []
    for row in rows:
        ids = torch.tensor([list(map(int, row))])
        with torch.no_grad():
            out = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=1, max_new_tokens=most
            )[0].tolist()
        if model.config.is_encoder_decoder:
            out = out[1:]
        elif out[: len(row)] == list(row):
            out = out[len(row) :]
        answers.append(tokenizer.decode(out, skip_special_tokens=True))
    return answers


def block(run, task, adapter):
    """PEFT's logits with the exported block, the reader's with the run's own block, and the change that it makes."""
    run = dapt_reader.Run(run)
    tensors = load_file(run.task_folder(task) / "block.safetensors")
    config = run.config
    lora = config["lora"]
    alone = dapt_reader.Model(config["model"]["path"], [tensors], alpha=lora["alpha"], rslora=lora["rslora"])
    model = with_peft(adapter)
    differences, changes = [], []
    for row in run.examples(task)["source_ids"][:20]:
        ids = torch.tensor([list(map(int, row))])
        more = {}
        if alone.encoder_decoder:
            more["decoder_input_ids"] = torch.tensor([[model.config.decoder_start_token_id, 5, 6]])
        with torch.no_grad():
            ours = alone.logits(ids, more.get("decoder_input_ids"))
            theirs = model(input_ids=ids, attention_mask=torch.ones_like(ids), **more).logits
            with model.disable_adapter():
                bare = model(input_ids=ids, attention_mask=torch.ones_like(ids), **more).logits
        differences.append((ours - theirs).abs().max().item())
        changes.append((theirs[:, -1] - bare[:, -1]).abs().max().item())
    return {"difference": max(differences), "change": max(changes)}


def answers(run, task, adapter):
    """How many stored predictions of the last step PEFT gives with the adapter, and how many there are."""
    run = dapt_reader.Run(run)
    stored = run.predictions()
    stored = stored[stored["task"] == task].set_index("index")["prediction"]
    examples = run.examples(task)
    model = with_peft(adapter)
    tokenizer = dapt_reader.Model(run.config["model"]["path"], [{"prompt": torch.zeros(1, 1)}]).tokenizer
    given = generate(model, tokenizer, examples["source_ids"], run.config["evaluate"]["max-new-tokens"])
    equal = sum(answer == stored[index] for index, answer in zip(examples["index"], given))
    return {"equal": equal, "all": len(stored), "distinct": len(set(given))}


def loss(run, adapter, task):
    """PEFT's mean cross-entropy per target token over the training split of ``task``, and the first one of the run."""
    run = dapt_reader.Run(run)
    model = with_peft(adapter)
    total, tokens = 0.0, 0
    for _, row in run.examples(task, "train").iterrows():
        ids, labels = (torch.tensor([list(map(int, row[name]))]) for name in ("source_ids", "target_ids"))
        with torch.no_grad():
            mean = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss.item()
        total, tokens = total + mean * labels.shape[1], tokens + labels.shape[1]
    first = run.training(task).iloc[0]
    return {"peft": total / tokens, "dapt": float(first["cross_entropy"]), "tokens": [tokens, int(first["target_tokens"])]}


def reader(run):
    """Of each task: how many predictions of the last step the reader gives, and the largest difference of mixtures."""
    run = dapt_reader.Run(run)
    stored = run.predictions()
    found = {}
    for task in run.tasks:
        model = run.model(task=task)
        examples, rows = run.examples(task), stored[stored["task"] == task].set_index("index")
        given = model.answer_ids(examples["source_ids"])
        equal, difference = 0, 0.0
        for index, (answer, mixture) in zip(examples["index"], given):
            equal += answer == rows.loc[index, "prediction"]
            expected = rows.loc[index, "mixture"]
            if expected is not None:
                difference = max(difference, *(abs(a - b) for a, b in zip(mixture, expected, strict=True)))
        # From the text itself: template, cut and tokenizer are the same.
        ids = [model.encode(run.text(task, text)) for text in examples["input"]]
        encoded = sum(a == list(b) for a, b in zip(ids, examples["source_ids"], strict=True))
        found[task] = {"equal": equal, "encoded": encoded, "all": len(rows), "difference": difference}
    return found


def exports(run, *folders):
    """Whether the model of the exports answers as the run's stored predictions say, on all tasks."""
    run = dapt_reader.Run(run)
    model = dapt_reader.model_of_exports(folders)
    stored = run.predictions()
    found = {}
    for task in run.tasks:
        examples = run.examples(task)
        rows = stored[stored["task"] == task].set_index("index")["prediction"]
        given = model.answer_ids(examples["source_ids"])
        found[task] = [sum(a == rows[i] for i, (a, _) in zip(examples["index"], given)), len(rows)]
    return found


def stored(run, index):
    """Input, prediction and mixture of one test example of each task as stored after the last step."""
    run = dapt_reader.Run(run)
    rows = run.predictions()
    rows = rows[rows["index"] == int(index)].set_index("task")
    return {
        task: {"input": row["input"], "prediction": row["prediction"], "mixture": list(row["mixture"])}
        for task, row in rows.iterrows()
    }


def view(run, index, folder):
    """Of each task: PEFT's answer to one test example with the adapter ``folder/task``, and its difference from the mixture."""
    run = dapt_reader.Run(run)
    mixed = run.model()
    return {task: one_view(run, mixed, task, int(index), pathlib.Path(folder) / task) for task in run.tasks}


def one_view(run, mixed, task, index, adapter):
    """PEFT's answer to one test example, and the difference of its logits from the reader's mixture."""
    examples = run.examples(task)
    row = examples[examples["index"] == index].iloc[0]["source_ids"]
    model = with_peft(adapter)
    ids = torch.tensor([list(map(int, row))])
    starts = torch.tensor([[model.config.decoder_start_token_id, 5, 6]])
    with torch.no_grad():
        ours = mixed.logits(ids, starts)
        theirs = model(input_ids=ids, attention_mask=torch.ones_like(ids), decoder_input_ids=starts).logits
    answer = generate(model, mixed.tokenizer, [row], run.config["evaluate"]["max-new-tokens"])[0]
    return {"answer": answer, "difference": (ours - theirs).abs().max().item()}


def equal_tensors(*files):
    """Whether the files of each pair hold the same tensors, bit by bit."""
    pairs = [(load_file(a), load_file(b)) for a, b in zip(files[::2], files[1::2], strict=True)]
    return [a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a) for a, b in pairs]


def llama(folder, tokenizer):
    """Writes a small Llama with random weights and the given tokenizer, without end token behind a prompt."""
    torch.manual_seed(7)
    content = json.loads(pathlib.Path(tokenizer).read_text())
    config = transformers.LlamaConfig(
        vocab_size=8192,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
        initializer_range=0.3,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    content["post_processor"] = None
    (pathlib.Path(folder) / "tokenizer.json").write_text(json.dumps(content))
    return True


def peft_adapter(model, folder, kind):
    """A random adapter made and saved by PEFT itself."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(3)
    patterns = {"rank_pattern": {"q": 2, "wo": 6}, "alpha_pattern": {"v": 5}, "use_rslora": True}
    options = {"rslora": {"use_rslora": True}, "dora": {"use_dora": True}, "patterns": patterns}.get(kind, {})
    targets = {"keys": ["q", "k"], "patterns": "all-linear"}.get(kind, ["q", "v"])
    config = LoraConfig(
        task_type="SEQ_2_SEQ_LM",
        r=4,
        lora_alpha=12,
        target_modules=targets,
        init_lora_weights="gaussian",
        **options,
    )
    adapted = get_peft_model(base(model), config)
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    adapted.save_pretrained(folder)
    return True


def main():
    # What libraries print is no answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    transformers.logging.set_verbosity_error()
    # Small products: more threads would wait for each other.
    torch.set_num_threads(1)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = {"value": globals()[name](*arguments)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
