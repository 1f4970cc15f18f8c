"""dapt's blocks in the real PEFT and Transformers: export, import, merge-view and the Python reader."""

import json
import subprocess

import pytest
from conftest import TASKS
from environments import ROOT, environment

MODEL = ROOT / "models" / "base-tiny"


@pytest.fixture(scope="module")
def exported(dapt, quickstart_run, tmp_path_factory):
    """The blocks of the quickstart run as adapters, by task."""
    folders = {}
    for task in TASKS:
        folders[task] = tmp_path_factory.mktemp("adapters") / task
        dapt("export", "--run", quickstart_run, "--task", task, "--output", folders[task])
    return folders


def made_up(folder, order):
    """Tasks of 16 training and 8 test examples each, and a configuration for them in ``folder``."""
    colours = ["red", "blue", "green", "black"]
    words = ["lamp", "door", "river", "stone", "horse", "cloud", "bread", "violin"]
    labels = {"colour": lambda i: colours[i % 4], "word": lambda i: words[i % 8], "odd": lambda i: ["even", "odd"][i % 2]}
    for task in order:
        (folder / "tasks" / task).mkdir(parents=True)
        for split, first, count in (("train", 0, 16), ("dev", 16, 8), ("test", 24, 8)):
            instances = [
                {"input": f"A {colours[i % 4]} {words[i % 8]}, number {i}.", "output": [labels[task](i)]}
                for i in range(first, first + count)
            ]
            content = {"Definition": [f"Name the {task}."], "Instances": instances}
            (folder / "tasks" / task / f"{split}.json").write_text(json.dumps(content))
    (folder / "run.conf").write_text(
        f"""
        run.dir = run
        tasks {{ root = tasks, order = [{", ".join(order)}], shards = 4, metric = exact-match }}
        model.path = "{MODEL}"
        train {{ epochs = 30, global-batch = 16, learning-rate = 0.003, ranks = 1 }}
        evaluate.max-new-tokens = 6
        """
    )
    return folder / "run.conf"


def test_peft_gives_the_logits_of_each_block_alone(check, quickstart_run, exported):
    for task in TASKS:
        found = check("block", quickstart_run, task, exported[task])
        assert found["difference"] < 1e-4
        assert found["change"] > 0.1


@pytest.mark.parametrize("method", ["single-task", "seq-lora"])
def test_peft_answers_and_computes_losses_as_dapt_does(check, dapt, tmp_path, method):
    """In one process the block is Java's, in the other PEFT's: answers and the first loss after a task are the same."""
    order = ["colour", "word"]
    dapt("run", "--config", made_up(tmp_path, order), "-D", f"method.name={method}")
    run = tmp_path / "run"
    for task in order:
        dapt("export", "--run", run, "--task", task, "--output", tmp_path / "out" / task)
    for task in order:
        # seq-lora answers everything with its newest block.
        block = task if method == "single-task" else order[-1]
        found = check("answers", run, task, tmp_path / "out" / block)
        assert found["equal"] == found["all"] == 8
    if method == "seq-lora":
        # The second task begins with the first one's block, and a step sees all of its examples.
        found = check("loss", run, tmp_path / "out" / "colour", "word")
        assert found["tokens"][0] == found["tokens"][1]
        assert found["peft"] == pytest.approx(found["dapt"], rel=1e-5)
    else:
        assert check("answers", run, "colour", tmp_path / "out" / "colour")["distinct"] > 1


@pytest.mark.parametrize("settings", [{"method.name": "multi-task"}, {"attention.selection": "uniform"}])
def test_the_reader_answers_as_dapt_does(check, dapt, tmp_path, settings):
    order = ["colour", "word"]
    changed = [part for key, value in settings.items() for part in ("-D", f"{key}={value}")]
    dapt("run", "--config", made_up(tmp_path, order), *changed)
    answers = check("reader", tmp_path / "run")
    assert [answers[task]["equal"] for task in order] == [8, 8]


def test_the_reader_takes_what_was_realigned(check, dapt, tmp_path):
    order = ["colour", "word"]
    run = tmp_path / "run"
    dapt("run", "--config", made_up(tmp_path, order))
    before = check("stored", run, 2)
    dapt("realign", "--run", run, "-D", "realign.learning-rate=0.01", "-D", "realign.steps=50")
    dapt("evaluate", "--run", run)
    after = check("stored", run, 2)
    assert before["colour"]["mixture"] != pytest.approx(after["colour"]["mixture"], abs=1e-3)
    answers = check("reader", run)
    assert [answers[task]["equal"] for task in order] == [8, 8]
    assert all(answers[task]["difference"] < 1e-4 for task in order)


def test_soft_prompts_are_peft_prompt_tuning(check, dapt, tmp_path):
    """With one task the mixture is its prompt alone."""
    config = made_up(tmp_path, ["colour"])
    dapt("run", "--config", config, "-D", "method.name=dapt-prompt", "-D", "prompt.length=4")
    dapt("export", "--run", tmp_path / "run", "--task", "colour", "--output", tmp_path / "out")
    found = check("answers", tmp_path / "run", "colour", tmp_path / "out")
    assert found["equal"] == found["all"] == 8
    assert check("reader", tmp_path / "run")["colour"]["equal"] == 8


def test_llama_blocks_are_adapters_too(check, dapt, tmp_path):
    """On all linear layers, scaled, begun and dropped in other ways than by default."""
    check("llama", tmp_path / "llama", MODEL / "tokenizer.json")
    config = made_up(tmp_path, ["colour", "odd"])
    knobs = {"targets": "all-linear", "rslora": "true", "init": "gaussian", "dropout": 0.1, "alpha": 8}
    settings = [part for key, value in knobs.items() for part in ("-D", f"lora.{key}={value}")]
    dapt("run", "--config", config, "-D", f"model.path={tmp_path / 'llama'}", "-D", "method.name=single-task", *settings)
    for task in ("colour", "odd"):
        dapt("export", "--run", tmp_path / "run", "--task", task, "--output", tmp_path / "out" / task)
        found = check("block", tmp_path / "run", task, tmp_path / "out" / task)
        assert found["difference"] < 1e-4
        assert found["change"] > 0.01
        found = check("answers", tmp_path / "run", task, tmp_path / "out" / task)
        assert found["equal"] == found["all"] == 8
    found = check("reader", tmp_path / "run")
    assert all(task["equal"] == task["all"] for task in found.values())


def test_the_reader_answers_all_test_examples_as_dapt_does(check, quickstart_run):
    found = check("reader", quickstart_run)
    assert list(found) == list(TASKS)
    for task in found.values():
        assert task["equal"] == task["encoded"] == task["all"] > 0
        assert task["difference"] < 1e-4


def test_the_exports_together_are_the_whole_model(check, quickstart_run, exported):
    # In any order.
    for equal, all_of_them in check("exports", quickstart_run, *reversed(exported.values())).values():
        assert equal == all_of_them > 0


def test_merge_view_is_the_mixture_of_one_input_as_one_adapter(check, dapt, quickstart_run, tmp_path):
    stored = check("stored", quickstart_run, 3)
    assert list(stored) == sorted(TASKS)
    for task, row in stored.items():
        printed = dapt(
            *("merge-view", "--run", quickstart_run, "--task", task, "--input", row["input"]),
            *("--output", tmp_path / task, "--format", "json"),
        )
        mixture = json.loads(printed.stdout)["mixture"]
        assert [weight["task"] for weight in mixture] == list(TASKS)
        assert [weight["weight"] for weight in mixture] == pytest.approx(row["mixture"], abs=1e-6)
    for task, found in check("view", quickstart_run, 3, tmp_path).items():
        assert found["answer"] == stored[task]["prediction"]
        assert found["difference"] < 1e-4


def test_exports_imported_into_another_run_and_exported_again_are_equal(check, dapt, quickstart_run, exported, tmp_path):
    settings = ("-D", f"run.dir={tmp_path / 'run'}", "-D", "train.epochs=1")
    for task in TASKS:
        dapt(
            *("import", "--config", ROOT / "conf" / "quickstart.conf", *settings),
            *("--adapter", exported[task], "--task", task),
        )
    pairs = []
    for task in TASKS:
        dapt("export", "--run", tmp_path / "run", "--task", task, "--output", tmp_path / task)
        for name in ("adapter_model.safetensors", "dapt_attention.safetensors"):
            pairs += [exported[task] / name, tmp_path / task / name]
    assert check("equal_tensors", *pairs) == [True] * 6


@pytest.mark.parametrize("kind", ["plain", "rslora", "patterns"])
def test_an_adapter_of_peft_answers_in_dapt_as_in_peft(check, dapt, tmp_path, kind):
    """With another rank and another scale than the run's."""
    config = made_up(tmp_path, ["colour"])
    check("peft_adapter", MODEL, tmp_path / "adapter", kind)
    settings = ("-D", "method.name=dapt-lora", "-D", "lora.alpha=20")
    if kind == "patterns":
        settings += ("-D", "lora.targets=all-linear")
    dapt("import", "--config", config, *settings, "--adapter", tmp_path / "adapter", "--task", "colour")
    dapt("evaluate", "--config", config, *settings)
    found = check("answers", tmp_path / "run", "colour", tmp_path / "adapter")
    assert found["equal"] == found["all"] == 8


@pytest.mark.parametrize("kind, message", [("dora", "use_dora"), ("keys", "target_modules")])
def test_adapters_that_are_no_blocks_are_refused(check, dapt, tmp_path, kind, message):
    config = made_up(tmp_path, ["colour"])
    check("peft_adapter", MODEL, tmp_path / "adapter", kind)
    refused = dapt("import", "--config", config, "--adapter", tmp_path / "adapter", "--task", "colour", code=3)
    assert message in refused.stderr
    assert not (tmp_path / "run" / "tasks" / "01-colour" / "_DONE").exists()


def test_tables_need_no_torch(quickstart_run):
    """In the environment of the notebooks or any other with pandas and pyarrow."""
    code = f"""
import sys; sys.path.insert(0, {str(ROOT / "notebooks")!r})
sys.modules["torch"] = sys.modules["transformers"] = None
import dapt_reader
run = dapt_reader.Run({str(quickstart_run)!r})
assert list(run.matrix().columns) == {list(TASKS)!r}, run.matrix()
assert run.matrix().shape == (3, 3)
assert len(run.predictions()) > 0 and set(run.predictions()["task"]) == set({TASKS!r})
assert len(run.predictions(1)["task"].unique()) == 1
assert len(run.attention()) == 9 and abs(run.attention()["mean_weight"].sum() - 3) < 1e-6
assert run.training({TASKS[0]!r})["step"].tolist() == list(range(1, len(run.training({TASKS[0]!r})) + 1))
assert run.config["train"]["epochs"] == 1 and run.config["tasks"]["order"] == {list(TASKS)!r}
assert run.markers()["tokens_per_second"].min() > 0
print(len(run.scores()))
"""
    ended = subprocess.run(
        [environment("peft") / "bin" / "python", "-c", code], capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    # Three metrics of 1 + 2 + 3 evaluated tasks.
    assert int(ended.stdout) == 18
