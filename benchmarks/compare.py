"""Runs dapt and Transformers + PEFT in turn (A B A B ...) and prints the ratios of their medians, ours over theirs.

Each figure is a pair of commands. Both print one JSON line; the ratio is taken pair by pair, in wall time and in
processor time, and its median over the pairs is printed. On a machine that others use too, processor time is the
steadier of the two.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The environment variable DAPT names another dapt, such as that of a package.
DAPT = os.environ.get("DAPT", str(HERE.parent / "submit-scripts" / "dapt"))
CONFIG = str(HERE.parent / "conf" / "models" / "shapes" / "t5-small.json")
BASE = str(HERE.parent / "models" / "base-tiny")


def ours(*options):
    return [DAPT, "bench", *map(str, options)]


def theirs(*options):
    return [sys.executable, str(HERE / "reference.py"), *map(str, options)]


def run(command):
    # A core type that the environment names would have OpenBLAS take the kernels of another processor.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    environment["OMP_NUM_THREADS"] = "1"
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def figures(arguments):
    """Name → (our command, the other command, the field that is compared)."""
    shape = ["--model-config", arguments.config]
    repeated = ["--steps", arguments.steps, "--warmup", arguments.warmup]
    plain = ["step", *shape, *repeated]
    step = [*plain, "--dtype", arguments.dtype]
    attention = ["--attention", arguments.attention] if arguments.attention else []
    inputs = ["--examples", 64, "--max-source", 128, "--batch", 32, "--warmup", 1, "--dtype", arguments.dtype]
    table = {
        "step": (ours(*step), theirs(*step, *attention), "median"),
        "bf16-to-fp32": (ours(*plain, "--dtype", "bf16"), ours(*plain, "--dtype", "fp32"), "median"),
        "decode-random": (
            ours("decode", *shape, *inputs),
            theirs("decode", *shape, *inputs, *attention),
            "median",
        ),
        "step-to-products": (ours(*step), theirs("products", *plain[1:]), "median"),
        "fifteen-tasks": (ours(*step, "--tasks", 15), ours(*step), "median"),
        "reflection": (
            ours(*step, "--tasks", 15, "--replay", arguments.replay),
            ours(*step, "--tasks", 15),
            "median",
        ),
    }
    for spec in arguments.task:
        folder, task_format = spec.rsplit(":", 1)
        name = Path(folder).name
        task = ["--task", folder, "--format", task_format]
        epoch = [
            *["step", "--model-config", arguments.config, "--tokenizer", arguments.tokenizer, *task, "--batch", 32],
            *["--source", 512, "--target", 50, "--limit", arguments.limit, "--steps", 0, "--warmup", 1],
        ]
        table[f"epoch {name}"] = (ours(*epoch), theirs(*epoch), "total")
        folder_options = [*task, "--limit", arguments.limit]
        decode = ["decode", "--model", arguments.model, *folder_options, "--batch", 32]
        table[f"decode {name}"] = (ours(*decode), theirs(*decode), "total")
        prepare = ["prepare", "--model", arguments.tokenizer, *task, "--repeats", 3]
        table[f"tokenise {name}"] = (ours(*prepare), theirs(*prepare), "median")
        table[f"two Spark tasks {name}"] = (
            ours(*prepare, "--spark-tasks", 2),
            ours(*prepare, "--spark-tasks", 1),
            "median",
        )
    chosen = {
        name: pair for name, pair in table.items() if not arguments.figure or name.split(" ")[0] in arguments.figure
    }
    return chosen


def with_answers(command, file):
    return [*command, "--answers", file] if "decode" in command and "--task" in command else command


def compare(name, pair, repeats):
    first, second, field = pair
    wall, cpu, memory = [], [], []
    equal = None
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            files = [os.path.join(folder, side) for side in ("ours", "theirs")]
            one = run(with_answers(first, files[0]))
            other = run(with_answers(second, files[1]))
            wall.append(one[f"{field}_ms"] / other[f"{field}_ms"])
            cpu.append(one[f"{field}_cpu_ms"] / other[f"{field}_cpu_ms"])
            memory.append(one["peak_rss_mb"] / other["peak_rss_mb"])
            if "--answers" in with_answers(first, files[0]):
                left, right = ([json.loads(line) for line in Path(file).read_text().splitlines()] for file in files)
                equal = sum(a == b for a, b in zip(left, right, strict=True)) / len(left)
            print(f"  {name}: wall {wall[-1]:.3f}, cpu {cpu[-1]:.3f}, memory {memory[-1]:.3f}", file=sys.stderr)
    text = (
        f"{name}: wall {statistics.median(wall):.2f} ({min(wall):.2f} to {max(wall):.2f}), "
        f"processor {statistics.median(cpu):.2f} ({min(cpu):.2f} to {max(cpu):.2f}), "
        f"memory {statistics.median(memory):.2f}, {repeats} pairs"
    )
    print(text if equal is None else f"{text}, {equal:.1%} equal answers", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7, help="pairs of runs a figure")
    parser.add_argument("--config", default=CONFIG, help="config.json of the model whose steps are measured")
    parser.add_argument("--dtype", default="fp32", choices=("fp32", "bf16"), help="type of both sides")
    parser.add_argument("--attention", help="eager or sdpa: that of Transformers, which else chooses itself")
    parser.add_argument("--steps", type=int, default=5, help="measured steps a run")
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--replay", type=int, default=20, help="replayed inputs of each of 14 earlier tasks")
    parser.add_argument("--task", action="append", default=[], help="FOLDER:FORMAT of a task, may be repeated")
    parser.add_argument("--tokenizer", help="folder with tokenizer.json for epochs and tokenising")
    parser.add_argument("--model", default=BASE, help="model folder for decoding")
    parser.add_argument("--limit", type=int, default=256, help="instances of an epoch and of decoding")
    parser.add_argument("figure", nargs="*", help="step, step-to-products, fifteen-tasks, reflection, epoch, decode, ...")
    arguments = parser.parse_args()
    if arguments.task and not arguments.tokenizer:
        parser.error("--task needs --tokenizer")
    for name, pair in figures(arguments).items():
        compare(name, pair, arguments.repeats)


if __name__ == "__main__":
    main()
