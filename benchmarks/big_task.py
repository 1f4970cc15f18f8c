"""Peak memory and time of `dapt prepare` and `dapt train` against the size of a task, and of `prepare` on many small tasks.

The tasks are made up. Driver and executor are one process (`local[2]`), so its resident memory is that of both. Needs Linux
(/proc) and nothing but Python.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAPT = os.environ.get("DAPT", str(HERE.parent / "submit-scripts" / "dapt"))
WORDS = "red blue green lamp river horse door cloud stone violin bread is was the and near over under again never".split()


def write_split(file, instances, seed):
    chance = random.Random(seed)
    with open(file, "w", encoding="utf-8") as out:
        out.write('{"Definition": ["Say whether the text is long."], "Instances": [')
        for i in range(instances):
            length = chance.randint(4, 20)
            text = " ".join(chance.choice(WORDS) for _ in range(length))
            answer = "long" if length > 12 else "short"
            out.write(f'{"," if i else ""}\n{{"id": "{i}", "input": "{text} {i}", "output": ["{answer}"]}}')
        out.write("]}\n")


def write_task(folder, instances):
    folder.mkdir(parents=True)
    for split, size in (("train", instances), ("dev", 100), ("test", 100)):
        write_split(folder / f"{split}.json", size, split)


def peak_memory(pid):
    """Peak resident memory of a process in MiB; 0 once it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


def run(command, root, run_dir, order, *flags):
    options = {
        "run.dir": run_dir,
        "tasks.root": root,
        "tasks.order": order,
        "tasks.metric": "exact-match",
        "model.path": HERE.parent / "models" / "base-tiny",
        "method.name": "seq-lora",
        "train.global-batch": 32,
        "train.max-steps": 300,
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
    }
    started = time.time()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [DAPT, command, *flags, *(f"-D{key}={value}" for key, value in options.items())], stdout=log, stderr=log
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.1)
        if process.returncode != 0:
            log.seek(0)
            sys.exit(log.read().decode(errors="replace")[-3000:])
    return time.time() - started, peak


def files_below(folder):
    return sum(1 for path in Path(folder).rglob("*") if path.is_file())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="20000,200000,2000000", help="examples of the large tasks")
    parser.add_argument("--tasks", default="10,100", help="numbers of small tasks of 100 examples, to compare")
    arguments = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="dapt-big-"))
    try:
        print("| examples | prepare: peak MiB | seconds | train, 300 steps: peak MiB | seconds |")
        print("| --- | --- | --- | --- | --- |")
        for size in filter(None, arguments.sizes.split(",")):
            tasks = root / f"tasks-{size}"
            write_task(tasks / "task", int(size))
            prepared = run("prepare", tasks, root / f"run-{size}", "task")
            trained = run("train", tasks, root / f"run-{size}", "task")
            print(f"| {int(size):,} | {prepared[1]:.0f} | {prepared[0]:.0f} | {trained[1]:.0f} | {trained[0]:.0f} |", flush=True)
            shutil.rmtree(tasks)
            shutil.rmtree(root / f"run-{size}")
        print("\n| tasks of 100 examples | prepare: peak MiB | seconds | files | again, seconds | run --dry-run, seconds |")
        print("| --- | --- | --- | --- | --- | --- |")
        for count in filter(None, arguments.tasks.split(",")):
            tasks = root / f"many-{count}"
            for i in range(int(count)):
                write_task(tasks / f"t{i:04d}", 100)
            order = ",".join(f"t{i:04d}" for i in range(int(count)))
            prepared = run("prepare", tasks, root / f"runs-{count}", order)
            files = files_below(root / f"runs-{count}" / "data")
            again = run("prepare", tasks, root / f"runs-{count}", order)
            planned = run("run", tasks, root / f"runs-{count}", order, "--dry-run")
            times = f"{again[0]:.0f} | {planned[0]:.0f}"
            print(f"| {int(count):,} | {prepared[1]:.0f} | {prepared[0]:.0f} | {files:,} | {times} |", flush=True)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
