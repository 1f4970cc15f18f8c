"""What benchmarks/gpu.sh measures on a card: the operations it counts, and the whole of it with tiny models here."""

import json
import os
import stat
import subprocess
import sys

import pytest
from environments import ROOT, environment

BENCHMARKS = ROOT / "benchmarks"
SHAPES = BENCHMARKS.parent / "conf" / "models" / "shapes"

# Operations of a step of 12 layers under PEFT, counted by torch one by one.
COUNTED = """
import argparse, json, sys
sys.path.insert(0, sys.argv[1])
import reference
from torch.utils.flop_counter import FlopCounterMode
for path, source, target in json.loads(sys.argv[2]):
    given = argparse.Namespace(
        model_config=path, device="cpu", dtype="fp32", attention="eager", task=None, batch=4, source=source, target=target
    )
    model = reference.with_lora(reference.random_model(given), 4)
    model.train()
    ids, mask, labels, _, _ = reference.batches(given, model)[0][0]
    with FlopCounterMode(display=False) as counter:
        model(input_ids=ids, attention_mask=mask, labels=labels).loss.backward()
    print(counter.get_total_flops())
"""


@pytest.fixture(scope="module")
def flops():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import flops

        yield flops
    finally:
        sys.path.remove(str(BENCHMARKS))


def config(name):
    return json.loads((SHAPES / f"{name}.json").read_text())


@pytest.mark.parametrize(
    ("name", "published", "norms"),
    # Norms have a number for each place of the width: two in an encoder's layer, three in a decoder's, two in Llama's,
    # and one behind each stack. T5 has a bias for each of 32 distances and each head in both stacks.
    [
        ("t5-large", 737_668_096, 122 * 1024 + 2 * 32 * 16),
        ("t5-3b", 2_851_598_336, 122 * 1024 + 2 * 32 * 32),
        ("t5-11b", 11_307_321_344, 122 * 1024 + 2 * 32 * 128),
        ("llama-2-7b", 6_738_415_616, 65 * 4096),
    ],
)
def test_shapes_have_the_parameters_of_the_published_models(flops, name, published, norms):
    assert flops.parameters(config(name)) + norms == published


def test_operations_of_a_step_are_those_of_its_matrices(flops):
    tiny = {
        **config("t5-tiny"),
        **{"d_model": 4, "d_ff": 8, "d_kv": 3, "num_heads": 2, "num_layers": 1, "num_decoder_layers": 1, "vocab_size": 10},
    }
    encoder = 5 * 4 * (4 * 4 * 6 + 2 * 4 * 8)
    decoder = 2 * 4 * (6 * 4 * 6 + 2 * 4 * 8) + 5 * 4 * (2 * 4 * 6) + 2 * 4 * (4 * 10)
    attention = 12 * 6 * (5 * 5 + 2 * 2 + 2 * 5)
    # Blocks of rank 1 on queries and values: two in the encoder, three and one in the decoder.
    block = 10 * (5 * 2 + 2 * 3 + 5 * 1)
    assert flops.step(tiny, 3, 5, 2, 1) == 3 * (encoder + decoder + attention + 6 * block)
    assert flops.step(tiny, 3, 5, 2, 1, tasks=4) == 3 * (encoder + decoder + attention + (6 + 3 * 4) * block)


def test_operations_of_a_step_are_what_torch_counts(flops, tmp_path):
    steps, expected = [], []
    for name, source, target in (("t5-tiny", 24, 8), ("llama-tiny", 0, 32)):
        shape = config(name)
        for layers in ("num_layers", "num_decoder_layers", "num_hidden_layers"):
            if layers in shape:
                shape[layers] = 12
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(shape))
        steps.append((str(path), source, target))
        expected.append(flops.step(shape, 4, source, target, 4))
    counted = subprocess.run(
        [environment("peft") / "bin" / "python", "-c", COUNTED, BENCHMARKS, json.dumps(steps)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    # The first layer needs no gradient of what it reads.
    assert [int(line) for line in counted.stdout.split()] == pytest.approx(expected, rel=0.02)


def gpu(folder, *options, **variables):
    """Runs benchmarks/gpu.sh: its exit code, the results by figure and side, and the table."""
    command = [BENCHMARKS / "gpu.sh", "--device", "cpu", "--output", folder, *options]
    ended = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables}, timeout=600)
    assert (folder / "results.jsonl").exists(), ended.stderr
    results = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    return ended.returncode, {(each["figure"], each["side"]): each for each in results}, (folder / "table.md").read_text()


def test_one_command_measures_both_sides(distribution, tmp_path):
    code, results, table = gpu(
        tmp_path,
        *("--skip-tests", "--only", "^step t5-large( T=|$)|^decode llama", "--steps", "2", "--warmup", "1"),
        DAPT=str(distribution / "bin" / "dapt"),
        PYTHON=str(environment("peft") / "bin" / "python"),
    )
    assert code == 0, (tmp_path / "log.txt").read_text()
    assert {result["status"] for result in results.values()} == {"ok"}
    ours, theirs = results["step t5-large T=1", "dapt"], results["step t5-large", "peft"]
    assert ours["step_flop"] == theirs["step_flop"] < results["step t5-large T=15", "dapt"]["step_flop"]
    assert ours["flop_per_second"] == pytest.approx(ours["step_flop"] / ours["median_ms"] * 1e3)
    for side in ("dapt", "peft"):
        assert results["decode llama-2-7b", side]["generated_tokens"] == 4 * 50
    ratio = ours["median_ms"] / theirs["median_ms"]
    assert f"{ratio:.2f} × PEFT's time" in table
    assert "× T=1" in table and "× the examples/s of generate()" in table
    assert "A rehearsal" in table and "MFU = FLOP of a step" in table


def script(path, text):
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_step_without_room_is_tried_with_half_and_a_failing_one_stops_nothing(tmp_path):
    # What a process of dapt says on a card that is too small; decoding fails for another reason.
    dapt = script(
        tmp_path / "dapt",
        'case "$*" in\n'
        '  *"decode"*) echo "no such operator" >&2; exit 1 ;;\n'
        '  *"--micro-batch-tokens 64 "*) echo "CUDA out of memory. Tried to allocate 2.00 GiB" >&2; exit 4 ;;\n'
        '  *) echo \'{"median_ms": 2.0, "tokens_per_second": 80.0, "peak_rss_mb": 9.0, "peak_device_mb": 7.0}\' ;;\n'
        "esac",
    )
    code, results, table = gpu(
        tmp_path / "out",
        *("--skip-tests", "--only", "^(step|decode) t5-3b( T|$)", "--python", script(tmp_path / "py", "exit 1")),
        DAPT=dapt,
    )
    assert code == 1
    halved = results["step t5-3b T=1", "dapt"]
    assert halved["status"] == "ok" and halved["out_of_memory_with"] == 64
    assert "--micro-batch-tokens 32" in halved["command"]
    failed = results["decode t5-3b", "dapt"]
    assert failed["status"] == "failed with exit code 1" and failed["said"][-1] == "no such operator"
    assert results["step t5-3b T=15", "dapt"]["status"] == "ok"
    assert "no room for micro-batches of 64 tokens" in table and "| 7 | 1.00 × T=1 |" in table


def test_what_hangs_is_stopped_and_what_has_no_time_is_skipped(tmp_path):
    code, results, _ = gpu(
        tmp_path / "out",
        *("--skip-tests", "--only", "^step t5-3b T", "--budget", "18", "--python", script(tmp_path / "py", "exit 1")),
        DAPT=script(tmp_path / "dapt", "[[ $1 == --version ]] || sleep 300"),
    )
    assert code == 1
    assert results["step t5-3b T=1", "dapt"]["status"].startswith("stopped after 1")
    assert results["step t5-3b T=15", "dapt"]["status"] == "skipped: no time left"
