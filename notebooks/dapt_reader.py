"""Reads what dapt leaves in a run directory, without dapt.

Tables need pandas and pyarrow alone:

    import dapt_reader
    run = dapt_reader.Run("runs/quickstart")
    run.scores()          # one row per step, task and metric
    run.predictions()     # one row per test example of the last step
    run.attention()       # mean weight of each block
    run.unseen()          # scores on tasks that are never learnt, by set, step and category
    run.training()        # losses by task and optimizer step

With torch, transformers, tokenizers and safetensors the whole model is rebuilt over Transformers - frozen base, all
blocks, keys and query network - and answers inputs of unknown task as dapt does:

    model = run.model()
    model.answer([run.text("task429_senteval_tense", "She was late.")])

The same from folders that ``dapt export`` wrote: ``dapt_reader.model_of_exports(["adapters/a", "adapters/b"])``.
"""

from __future__ import annotations

import json
import math
import pathlib
import re

# What the names of tasks.template stand for.
TEMPLATES = {
    "super-ni": "Definition: {definition}\n\nNow complete the following example -\nInput: {input}\nOutput: ",
    "long-sequence": "{definition}\n{input}\nOutput: ",
}

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\],=\n]|[^{}\[\],=\n"\s](?:[^{}\[\],=\n"]*[^{}\[\],=\n"\s])?')


class Run:
    """A run directory of the local file system. Every call reads the files anew."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if not (self.folder / "run.json").is_file():
            raise FileNotFoundError(f"{self.folder} is not a run directory of dapt: it has no run.json")
        self.info = json.loads((self.folder / "run.json").read_text())

    def __repr__(self):
        return f"Run({str(self.folder)!r}: {self.info['method']}, learnt {', '.join(self.tasks) or 'nothing'})"

    @property
    def config(self) -> dict:
        """The effective configuration as nested dictionaries."""
        return parse_config((self.folder / "config.conf").read_text())

    @property
    def data_folder(self) -> pathlib.Path:
        """Where the prepared data lie, which several runs may share."""
        return self.folder / re.sub(r"^file:/+", "/", self.info.get("data", "data"))

    @property
    def tasks(self) -> list[str]:
        """The learnt tasks in the order of learning."""
        found = {}
        for folder in (self.folder / "tasks").glob("*-*"):
            number, _, task = folder.name.partition("-")
            if number.isdigit() and (folder / "_DONE").is_file():
                found[int(number)] = task
        return [found[number] for number in sorted(found)]

    def task_folder(self, task: str) -> pathlib.Path:
        """Where what was learnt of ``task`` lies."""
        tasks = self.tasks
        if task not in tasks:
            raise KeyError(f"task {task} is not learnt in {self.folder}; learnt are {tasks}")
        return self.folder / "tasks" / f"{tasks.index(task) + 1:02d}-{task}"

    def markers(self):
        """The summaries of learnt tasks (steps, seconds, tokens, memory) as a table, one row per task."""
        import pandas

        rows = []
        for position, task in enumerate(self.tasks, start=1):
            marker = json.loads((self.task_folder(task) / "_DONE").read_text())
            rows.append({"position": position, "task": task, "created_at": marker["created_at"], **marker["summary"]})
        return pandas.DataFrame(rows)

    def scores(self):
        """All scores: one row per step, evaluated task and metric."""
        frames = []
        for folder in sorted((self.folder / "scores").glob("step=*")):
            if (folder / "_DONE").is_file():
                frames.append(_table(folder).assign(step=_step(folder)))
        return _joined(frames)

    def setting(self, task: str, key: str):
        """The key of the section ``tasks`` as it held for a learnt task: its own value, where it had one."""
        own = json.loads((self.task_folder(task) / "_DONE").read_text())["summary"].get("overrides", {})
        return own.get(key, self.config["tasks"].get(key))

    def matrix(self, metric: str | None = None):
        """The score matrix: rows are steps, columns are tasks in the order of learning.

        Without ``metric`` each task has its own, as in ``dapt report``.
        """
        scores = self.scores()
        wanted = {task: metric or self.setting(task, "metric") for task in self.tasks}
        scores = scores[scores["metric"] == scores["evaluated_task"].map(wanted)]
        return scores.pivot(index="step", columns="evaluated_task", values="value")[
            [task for task in self.tasks if task in set(scores["evaluated_task"])]
        ]

    def predictions(self, step: int | None = None):
        """The answers to the test examples of all tasks after ``step``, the last by default."""
        frames = []
        for folder in sorted(self._step_folder("predictions", step).glob("task=*")):
            frames.append(_table(folder).assign(task=folder.name.partition("=")[2].replace("%25", "%")))
        return _joined(frames)

    def attention(self, step: int | None = None):
        """The mean weight of each block for each task after ``step``; empty for methods without attention."""
        import pandas

        if not (self.folder / "attention").is_dir():
            return pandas.DataFrame(columns=["evaluated_task", "block", "block_task", "mean_weight"])
        return _table(self._step_folder("attention", step))

    def unseen(self):
        """All scores on tasks that are never learnt: one row per set, step, task and metric."""
        frames = []
        for folder in sorted((self.folder / "unseen").glob("*/scores/step=*")):
            if (folder / "_DONE").is_file():
                frames.append(_table(folder).assign(set=folder.parent.parent.name, step=_step(folder)))
        return _joined(frames)

    def training(self, task: str | None = None):
        """Losses and times of every optimizer step of ``task``, of all tasks by default."""
        frames = []
        for name in [task] if task else self.tasks:
            frames.append(_table(self.task_folder(name) / "training.parquet").assign(task=name))
        return _joined(frames)

    def examples(self, task: str, split: str = "test"):
        """The prepared examples of a split in their order, token ids included."""
        return _table(self.data_folder / task / split).sort_values("index").reset_index(drop=True)

    def manifest(self, task: str) -> dict:
        """The manifest of the prepared data of ``task``."""
        return json.loads((self.data_folder / task / "manifest.json").read_text())

    def text(self, task: str, input_text: str) -> str:
        """The text that the model sees of an input, with the definition of ``task``.

        With ``tasks.template = chat`` it takes transformers: the input is one message of the user.
        """
        recipe = self.manifest(task)
        if recipe["recipe"]["template"] == "chat":
            from transformers import AutoTokenizer

            message = "\n\n".join(part for part in (recipe["definition"].strip(), input_text) if part.strip())
            return AutoTokenizer.from_pretrained(self.config["model"]["path"]).apply_chat_template(
                [{"role": "user", "content": message}], tokenize=False, add_generation_prompt=True
            )
        places = {"{definition}": recipe["definition"].strip(), "{input}": input_text}
        template = TEMPLATES.get(recipe["recipe"]["template"], recipe["recipe"]["template"])
        return re.sub(r"\{definition\}|\{input\}", lambda place: places[place.group()], template)

    def model(self, step: int | None = None, task: str | None = None, base_model=None) -> Model:
        """The model after ``step`` tasks, all by default.

        ``task`` names the task of the inputs to come, for methods that need it (``single-task``). ``base_model`` is
        a folder to take in place of ``model.path``.
        """
        config, method = self.config, self.info["method"]
        learnt = self.tasks[: step or None]
        if not learnt:
            raise ValueError(f"no task is learnt in {self.folder}")
        if method == "single-task":
            if task not in learnt:
                raise ValueError(f"single-task answers inputs of a known task: give task=, one of {learnt}")
            learnt = [task]
        elif method == "seq-lora":
            learnt = learnt[-1:]
        elif method == "multi-task":
            if learnt != config["tasks"]["order"]:
                raise ValueError("multi-task learns all tasks at once: it has a model after the last one only")
            learnt = learnt[-1:]
        elif method not in ("dapt-lora", "dapt-prompt"):
            raise ValueError(f"the method {method} is not known to this reader")
        templates = {self.setting(name, "template") for name in ([task] if method == "single-task" else self.tasks)}
        # Of tasks that are asked in both ways the run's own counts.
        template = templates.pop() if len(templates) == 1 else config["tasks"]["template"]
        uniform = config["attention"].get("selection") == "uniform"
        blocks, keys, network = [], [], None
        for name in learnt:
            blocks.append(_tensors(self.task_folder(name) / "block.safetensors"))
            if method.startswith("dapt-"):
                network = _tensors(self.task_folder(name) / "attention.safetensors")
                keys.append(network.pop("key"))
        if method.startswith("dapt-"):
            fitted = self._selection(len(learnt))
            for place, key in enumerate(fitted.pop("keys", [])):
                keys[place] = key
                if place + 1 == len(learnt):
                    network.update(fitted)
        return Model(
            base_model or config["model"]["path"],
            blocks,
            keys,
            network,
            alpha=config["lora"]["alpha"],
            rslora=config["lora"].get("rslora", False),
            # An infinite temperature gives every block the same weight.
            temperature=math.inf if uniform else config["attention"]["temperature"],
            dtype=config["model"]["dtype"],
            max_source_tokens=config["tasks"]["max-source-tokens"],
            max_new_tokens=config["evaluate"]["max-new-tokens"],
            begin_of_text=config["tasks"].get("begin-of-text", True),
            chat=template == "chat",
            clean_up_spaces=config["evaluate"].get("clean-up-spaces", False),
        )

    def _selection(self, tasks: int) -> dict:
        """Keys and query network that ``dapt realign`` fitted to the first tasks, at most so many; empty without."""
        for folder in sorted((self.folder / "selection").glob("step=*"), key=_step, reverse=True):
            if _step(folder) <= tasks and (folder / "_DONE").is_file():
                fitted_to = json.loads((folder / "_DONE").read_text())["inputs"]
                now = {
                    self.task_folder(name).name: json.loads((self.task_folder(name) / "_DONE").read_text())["summary"]["sha256"]
                    for name in self.tasks[: _step(folder)]
                }
                if fitted_to == now:
                    return _tensors(folder / "selection.safetensors")
        return {}

    def _step_folder(self, kind: str, step: int | None) -> pathlib.Path:
        folders = sorted((self.folder / kind).glob("step=*"), key=_step)
        for folder in folders if step else folders[-1:]:
            if step in (None, _step(folder)):
                return folder
        raise KeyError(f"{self.folder} has no {kind} of step {step}; it has {[_step(f) for f in folders]}")


def model_of_exports(folders, base_model=None) -> Model:
    """The whole model from the folders that ``dapt export`` wrote of all tasks of one run, in any order.

    ``base_model`` is a folder to take in place of the one that the adapters name.
    """
    parts = []
    for folder in map(pathlib.Path, folders):
        sidecar = json.loads((folder / "dapt.json").read_text())
        if sidecar["format"] != "1" or sidecar["kind"] != "block" or not sidecar["attention"]:
            raise ValueError(f"{folder} is no export (format 1) of a task of a method with attention")
        parts.append((sidecar["position"], sidecar, folder))
    parts.sort(key=lambda part: part[0])
    last = parts[-1][1]
    expected = [earlier["sha256"] for earlier in last["earlier"]] + [last["sha256"]]
    found = [sidecar["sha256"] for _, sidecar, _ in parts]
    if found != expected:
        names = [earlier["task"] for earlier in last["earlier"]] + [last["task"]]
        raise ValueError(f"the exports of {names} of one run are expected, one of each")
    blocks, keys, network = [], [], None
    for _, _, folder in parts:
        blocks.append({_own_name(k): v for k, v in _tensors(folder / "adapter_model.safetensors").items()})
        network = _tensors(folder / "dapt_attention.safetensors")
        keys.append(network.pop("key"))
    config = json.loads((parts[-1][2] / "adapter_config.json").read_text())
    return Model(
        base_model or config["base_model_name_or_path"],
        blocks,
        keys,
        network,
        alpha=last["alpha"],
        rslora=bool(last.get("rslora")),
        temperature=last["attention"]["temperature"],
        dtype=last["dtype"],
        max_source_tokens=last["text"]["max_source_tokens"],
        max_new_tokens=last["text"]["max_new_tokens"],
        begin_of_text=last["text"].get("begin_of_text", True),
        chat=last["text"]["template"] == "chat",
        clean_up_spaces=last["text"].get("clean_up_spaces", False),
    )


class Model:
    """A frozen model of Transformers with dapt's blocks, mixed per input. Needs torch, transformers and tokenizers."""

    def __init__(
        self,
        folder,
        blocks,
        keys=(),
        network=None,
        *,
        alpha=32.0,
        rslora=False,
        temperature=1.0,
        dtype="float32",
        max_source_tokens=512,
        max_new_tokens=50,
        begin_of_text=True,
        chat=False,
        clean_up_spaces=False,
    ):
        """``blocks``: tensors by dapt's names; ``keys``: one per block; ``network``: that of the newest task."""
        import torch
        import transformers
        from tokenizers import Tokenizer

        folder = pathlib.Path(folder)
        self.torch = torch
        self.max_source_tokens, self.max_new_tokens = max_source_tokens, max_new_tokens
        self.begin_of_text, self.clean_up_spaces = begin_of_text, clean_up_spaces
        self.chat = chat
        self._learnt_type = torch.float64 if dtype == "float64" else torch.float32
        config = transformers.AutoConfig.from_pretrained(folder)
        self.encoder_decoder = config.is_encoder_decoder
        kind = transformers.AutoModelForSeq2SeqLM if self.encoder_decoder else transformers.AutoModelForCausalLM
        self.base = kind.from_pretrained(folder, dtype=getattr(torch, dtype)).eval().requires_grad_(False)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self._keys = torch.stack(list(keys)).to(self._learnt_type) if len(keys) else None
        self._network = network
        self._temperature = temperature
        self._weights = None
        self._prompts = None
        if set(blocks[0]) == {"prompt"}:
            self._prompts = torch.stack([block["prompt"].to(self._learnt_type) for block in blocks])
        else:
            self._hook(blocks, alpha, rslora)

    def _hook(self, blocks, alpha, rslora):
        """Lets every adapted projection add the weighted products of all blocks' matrices."""
        torch = self.torch
        names = sorted(name[: -len(".lora_A")] for name in blocks[0] if name.endswith(".lora_A"))
        for name in names:
            module = self.base.get_submodule(name)
            down = torch.cat([block[f"{name}.lora_A"] for block in blocks], 0).to(module.weight.dtype)
            up = torch.cat([block[f"{name}.lora_B"] for block in blocks], 1).to(module.weight.dtype)
            ranks = torch.tensor([block[f"{name}.lora_A"].shape[0] for block in blocks])
            scale = (alpha / (ranks.double().sqrt() if rslora else ranks.double())).to(self._learnt_type)

            def add(_, inputs, output, down=down, up=up, ranks=ranks, scale=scale):
                if self._weights is None:
                    return output
                scales = (self._weights * scale).repeat_interleave(ranks, dim=1).to(output.dtype)
                return output + ((inputs[0] @ down.T) * scales[:, None, :]) @ up.T

            module.register_forward_hook(add)

    def mixture(self, ids, mask):
        """The weight of each block for each row of the padded batch ``ids``; ``mask`` is 0 at padding."""
        torch = self.torch
        if self._keys is None:
            return torch.ones(len(ids), 1, dtype=self._learnt_type)
        embedded = self.base.get_input_embeddings()(ids)
        pooled = embedded.masked_fill(mask[:, :, None] == 0, -math.inf).amax(1).to(self._learnt_type)
        net = self._network
        if "query.center.mean" in net:
            pooled = (pooled - net["query.center.mean"]) / net["query.center.deviation"]
        hidden = torch.nn.functional.silu(pooled @ net["query.down.weight"].T @ net["query.up.weight"].T)
        width = hidden.shape[1]
        query = torch.nn.functional.layer_norm(
            hidden, (width,), net["query.norm.weight"], net["query.norm.bias"], 1e-5
        )
        return (query @ self._keys.T / (self._temperature * math.sqrt(width))).softmax(1)

    def encode(self, text: str) -> list[int]:
        """The token ids of a text as the model sees it, cut as dapt cuts it."""
        ids, most = self.tokenizer.encode(text).ids, self.max_source_tokens
        bare, whole = (self.tokenizer.encode("a", add_special_tokens=special).ids for special in (False, True))
        start = next(i for i in range(len(whole)) if whole[i : i + len(bare)] == bare)
        closing = len(whole) - start - len(bare)
        if self.chat:
            # The text of a chat has its special tokens; only an encoder's end is put behind it.
            ids, start = self.tokenizer.encode(text, add_special_tokens=False).ids, 0
            closing = closing if self.encoder_decoder else 0
            ids += whole[len(whole) - closing :] if closing and ids[-1:] != whole[-1:] else []
        elif not self.begin_of_text:
            ids, start = ids[start:], 0
        if len(ids) <= most:
            return ids
        kept = closing or min(16, (most - start + 1) // 2)
        return ids[: most - kept] + ids[len(ids) - kept :]

    def answer(self, texts, batch_size: int = 32) -> list[str]:
        """The answers to texts."""
        return [answer for answer, _ in self.answer_ids([self.encode(text) for text in texts], batch_size)]

    def answer_ids(self, sources, batch_size: int = 32) -> list[tuple[str, list[float]]]:
        """The answer to each list of token ids, by greedy decoding, and the weights of the blocks.

        Inputs of like length are answered together, padded on the right; those of a decoder-only model, which goes on
        at their end, only with others of just their length.
        """
        torch = self.torch
        sources = [list(map(int, source)) for source in sources]
        answers = {}
        numbers = sorted(range(len(sources)), key=lambda number: len(sources[number]))
        while numbers:
            longest = len(sources[numbers[0]]) if not self.encoder_decoder else self.max_source_tokens
            batch = [number for number in numbers[:batch_size] if len(sources[number]) <= longest]
            numbers = numbers[len(batch) :]
            rows = [torch.tensor(sources[number]) for number in batch]
            ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
            lengths = torch.tensor([len(row) for row in rows])
            mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
            with torch.no_grad():
                weights = self.mixture(ids, mask)
                tokens = self._greedy(ids, mask, weights)
            for number, answer, row in zip(batch, tokens, weights.tolist()):
                answers[number] = (self._text(answer), row)
        return [answers[number] for number in range(len(sources))]

    def _text(self, answer) -> str:
        text = self.tokenizer.decode(answer, skip_special_tokens=True)
        if self.clean_up_spaces:
            for spaced in (" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're"):
                text = text.replace(spaced, spaced.strip())
        return text

    def logits(self, ids, decoder_ids=None):
        """Logits of a batch without padding; ``decoder_ids`` are the decoder's inputs of an encoder-decoder."""
        with self.torch.no_grad():
            mask = self.torch.ones_like(ids)
            weights = self.mixture(ids, mask)
            more = {} if decoder_ids is None else {"decoder_input_ids": decoder_ids}
            return self._adapted(weights, **self._inputs(ids, mask, weights), **more).logits

    def _inputs(self, ids, mask, weights) -> dict:
        if self._prompts is None:
            return {"input_ids": ids, "attention_mask": mask}
        embedded = self.base.get_input_embeddings()(ids)
        prompt = self.torch.einsum("bt,tld->bld", weights, self._prompts).to(embedded.dtype)
        before = mask.new_ones(prompt.shape[:2])
        return {
            "inputs_embeds": self.torch.cat([prompt, embedded], 1),
            "attention_mask": self.torch.cat([before, mask], 1),
        }

    def _adapted(self, weights, **inputs):
        self._weights = weights
        try:
            return self.base(**inputs)
        finally:
            self._weights = None

    def _greedy(self, ids, mask, weights) -> list[list[int]]:
        torch, ends = self.torch, self._end_tokens()
        inputs = self._inputs(ids, mask, weights)
        mask = inputs["attention_mask"]
        if self.encoder_decoder:
            inputs["decoder_input_ids"] = torch.full((len(ids), 1), self.base.config.decoder_start_token_id)
        answers = [[] for _ in ids]
        alive = set(range(len(ids)))
        for _ in range(self.max_new_tokens):
            out = self._adapted(weights, **inputs, use_cache=True)
            chosen = out.logits[:, -1].argmax(1)
            for row in sorted(alive):
                if int(chosen[row]) in ends:
                    alive.discard(row)
                else:
                    answers[row].append(int(chosen[row]))
            if not alive:
                break
            if self.encoder_decoder:
                encoded = (out.encoder_last_hidden_state,)
                inputs = {"encoder_outputs": encoded, "decoder_input_ids": chosen[:, None]}
            else:
                mask = torch.cat([mask, mask.new_ones(len(ids), 1)], 1)
                inputs = {"input_ids": chosen[:, None]}
            inputs.update(attention_mask=mask, past_key_values=out.past_key_values)
        return answers

    def _end_tokens(self) -> set[int]:
        ends = set()
        for config in (self.base.config, self.base.generation_config):
            value = config.eos_token_id
            ends.update(value if isinstance(value, (list, tuple)) else [value])
        return ends - {None}


def parse_config(text: str) -> dict:
    """The nested dictionaries of a ``config.conf``: the part of HOCON that dapt writes there."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("#", "//"))]
    tokens = TOKEN.findall("\n".join(lines)) + ["\n"]
    at = 0

    def skip(what):
        nonlocal at
        while at < len(tokens) and tokens[at] in what:
            at += 1

    def value():
        nonlocal at
        token = tokens[at]
        if token == "{":
            at += 1
            found = members("}")
        elif token == "[":
            at += 1
            found = []
            skip("\n,")
            while tokens[at] != "]":
                found.append(value())
                skip("\n,")
        else:
            found = scalar(token)
        at += 1
        return found

    def members(end):
        nonlocal at
        found = {}
        skip("\n,")
        while at < len(tokens) and tokens[at] != end:
            key = tokens[at]
            at += 1
            skip("=")
            found[json.loads(key) if key.startswith('"') else key] = value()
            skip("\n,")
        return found

    return members(None)


def scalar(token: str):
    """The value of a quoted or unquoted text of a configuration."""
    try:
        return json.loads(token)
    except ValueError:
        return token


def _table(folder):
    import pyarrow.parquet

    # Each file by itself: names of folders are no columns here.
    files = sorted(path for path in pathlib.Path(folder).glob("*.parquet") if path.is_file())
    if not files:
        raise FileNotFoundError(f"{folder} holds no Parquet files")
    return _joined([pyarrow.parquet.ParquetFile(file).read().to_pandas() for file in files])


def _joined(frames):
    import pandas

    frames = [frame for frame in frames if len(frame)] or frames[:1]
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()


def _step(folder) -> int:
    return int(folder.name.partition("=")[2])


def _tensors(file) -> dict:
    from safetensors.torch import load_file

    return load_file(file)


def _own_name(name: str) -> str:
    """dapt's name of a tensor of an adapter."""
    return "prompt" if name == "prompt_embeddings" else name.removeprefix("base_model.model.").removesuffix(".weight")
