"""Learns a long stream of tasks in one run and prints, task by task, the time of a step and the memory of the process.

The tasks are those of a folder, repeated under other names and cut to a few examples, so that 40 of them take minutes.
"""

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent


def instances(file):
    opened = gzip.open(file, "rt") if file.suffix == ".gz" else open(file)
    with opened:
        return json.load(opened)


def cut(source, target, train, test):
    """Writes the task `source` as `target` with so many examples."""
    target.mkdir(parents=True)
    for split, count in (("train", train), ("dev", test), ("test", test)):
        file = next(f for f in (source / f"{split}.json", source / f"{split}.json.gz") if f.exists())
        content = instances(file)
        content["Instances"] = content["Instances"][:count]
        (target / f"{split}.json").write_text(json.dumps(content))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=40, help="length of the stream")
    parser.add_argument("--source", default=HOME / "conf" / "quickstart", type=Path, help="folder of the tasks to repeat")
    parser.add_argument("--dapt", default=HOME / "submit-scripts" / "dapt", help="the command")
    parser.add_argument("--train", type=int, default=96, help="training examples of a task")
    parser.add_argument("--test", type=int, default=8, help="test examples of a task")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="further settings")
    arguments = parser.parse_args()
    sources = sorted(folder for folder in arguments.source.iterdir() if (folder / "train.json").exists()
                     or (folder / "train.json.gz").exists())
    with tempfile.TemporaryDirectory() as folder:
        tasks = Path(folder) / "tasks"
        names = []
        for i in range(arguments.tasks):
            names.append(f"t{i + 1:02d}-{sources[i % len(sources)].name}")
            cut(sources[i % len(sources)], tasks / names[-1], arguments.train, arguments.test)
        run = Path(folder) / "run"
        settings = [
            f"run.dir={run}", f"tasks.root={tasks}", f"tasks.order={','.join(names)}",
            f"model.path={HOME / 'models' / 'base-tiny'}", "tasks.max-source-tokens=128", "train.epochs=1",
            "train.global-batch=8", "reflection.source=train", "evaluate.max-new-tokens=2", *arguments.set,
        ]
        command = [str(arguments.dapt), "run", *(part for s in settings for part in ("-D", s))]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"dapt ended with {done.returncode}:\n{done.stderr[-3000:]}")
        print("task  tokens/s  MiB")
        rates = []
        for i, name in enumerate(names, start=1):
            summary = json.loads((run / "tasks" / f"{i:02d}-{name}" / "_DONE").read_text())["summary"]
            rates.append(summary["tokens_per_second"])
            print(f"{i:4d}  {summary['tokens_per_second']:8.0f}  {summary['resident_bytes'] / 2**20:4.0f}")
        span = len(sources)
        first, last = (statistics.mean(1 / r for r in part) for part in (rates[span:2 * span], rates[-span:]))
        print(f"time per token of the last {span} tasks against tasks {span + 1} to {2 * span}: {last / first:.3f}")


if __name__ == "__main__":
    main()
