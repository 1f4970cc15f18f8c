"""Breaks runs of dapt on purpose and checks that they end as one that was left alone, bit by bit.

Each run learns three tasks of the quickstart. While it works, faults are thrown at it at random times; where its process
ends, it is started again. Needs Linux (/proc) and nothing but Python.
"""

import argparse
import collections
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAPT = os.environ.get("DAPT", str(HERE.parent / "submit-scripts" / "dapt"))
TASKS = ["task900_freebase_qa_category_classification", "task429_senteval_tense", "task115_help_advice_classification"]
LEARNT = ["block.safetensors", "attention.safetensors", "target.json"]
EXCHANGE_TIMEOUT = 10

KINDS = {
    "driver killed": "SIGKILL to the driver; the run is started again",
    "executor killed": "SIGKILL to an executor (local-cluster)",
    "executor hung": "SIGSTOP to an executor for longer than train.exchange-timeout, then SIGCONT (local-cluster)",
    "disk full": "no file of rank 0's process may grow for 4 s (RLIMIT_FSIZE)",
    "task exception": "rank 0's process can open no further file for 4 s (RLIMIT_NOFILE): tasks that start, read or write throw",
    "checkpoint damaged": "driver killed, newest checkpoint cut short or changed",
}


class Run:
    """A run directory and the process that works on it, if any."""

    def __init__(self, folder, cluster):
        self.folder = Path(folder)
        self.cluster = cluster
        self.process = None
        self.starts = 0

    def start(self):
        settings = {
            "run.dir": self.folder / "run",
            "tasks.order": ",".join(TASKS),
            "tasks.max-source-tokens": 64,
            "train.global-batch": 8,
            "train.epochs": 1,
            "train.ranks": 2,
            "train.exchange": "gloo",
            "train.exchange-timeout": f"{EXCHANGE_TIMEOUT}s",
            "checkpoint.steps": 2,
            "evaluate.max-new-tokens": 4,
            "evaluate.overlap": "false",
            "spark.master": "local-cluster[2,1,1024]" if self.cluster else "local[2]",
            "spark.ui.enabled": "false",
            "spark.stage.maxConsecutiveAttempts": 8,
            "spark.deploy.maxExecutorRetries": -1,
        }
        environment = {**os.environ, "DAPT_DRIVER_MEMORY": "768m"}
        if self.cluster:
            settings["spark.executor.memory"] = "1024m"
        options = [f"-D{key}={value}" for key, value in settings.items()]
        self.starts += 1
        with open(self.folder / f"log-{self.starts}", "wb") as log:
            # Through a pipe: a limit on the size of files must not silence the log.
            self.process = subprocess.Popen(
                [DAPT, "run", "--config", str(HERE.parent / "conf" / "quickstart.conf"), *options],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
            self.log = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=log)
            self.process.stdout.close()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def java(self, name):
        """Ids of the run's Java processes whose command line has `name`."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.getsid(int(entry.name)) == self.process.pid:
                        if name in (entry / "cmdline").read_bytes().decode(errors="replace"):
                            found.append(int(entry.name))
                except OSError:
                    pass
        return found

    def executors(self):
        return self.java("CoarseGrainedExecutorBackend")

    def checkpoints(self):
        return sorted(self.folder.glob("run/tasks/*/checkpoints/step-*.safetensors"))

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def learnt(self):
        return {
            f"{folder.name}/{file}": (folder / file).read_bytes()
            for folder in sorted(self.folder.glob("run/tasks/*"))
            for file in LEARNT
        }


def signalled(pid, number):
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


def limited(run, what, value):
    """Lowers a limit of the processes that learn for 4 s; whether there was one."""
    before = {}
    for pid in run.executors() if run.cluster else run.java("org.dapt.cli.Main"):
        try:
            hard = resource.prlimit(pid, what)[1]
            before[pid] = resource.prlimit(pid, what, (value(pid), hard))
        except (ProcessLookupError, FileNotFoundError):
            pass
    time.sleep(4)
    for pid, limit in before.items():
        try:
            resource.prlimit(pid, what, limit)
        except ProcessLookupError:
            pass
    return bool(before)


def inject(kind, run, chance):
    """Throws one fault; whether there was something to throw it at."""
    if kind == "driver killed":
        run.kill()
        return True
    if kind == "checkpoint damaged":
        run.kill()
        found = run.checkpoints()
        if not found:
            return False
        newest = found[-1]
        content = bytearray(newest.read_bytes())
        if chance.random() < 0.5:
            del content[chance.randrange(len(content)) :]
        else:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        newest.write_bytes(content)
        newest.with_name(f".{newest.name}.crc").unlink(missing_ok=True)
        return True
    if kind == "disk full":
        return limited(run, resource.RLIMIT_FSIZE, lambda pid: 1024)
    if kind == "task exception":
        return limited(run, resource.RLIMIT_NOFILE, lambda pid: len(os.listdir(f"/proc/{pid}/fd")))
    victims = run.executors()
    if not victims:
        return False
    victim = chance.choice(victims)
    if kind == "executor killed":
        return signalled(victim, signal.SIGKILL)
    stopped = signalled(victim, signal.SIGSTOP)
    time.sleep(EXCHANGE_TIMEOUT + 5)
    signalled(victim, signal.SIGCONT)
    return stopped


def kinds(cluster, chosen):
    known = list(KINDS) if cluster else ["driver killed", "disk full", "task exception", "checkpoint damaged"]
    return [kind for kind in known if kind in chosen]


def broken_run(folder, cluster, chance, budget, wanted, chosen, progress):
    """One run with at most `budget` faults; returns the faults and the run."""
    run = Run(folder, cluster)
    thrown = []
    run.start()
    while True:
        pause = time.time() + (chance.uniform(1, 6) if len(thrown) < budget else 3600)
        while run.running() and time.time() < pause:
            time.sleep(0.05)
        if not run.running():
            if run.process.returncode == 0:
                return thrown, run
            if run.starts > 3 * budget + 5:
                sys.exit(f"{folder} does not come to its end, see its logs")
            run.start()
            continue
        # Not before there is something to lose.
        if not run.checkpoints() and not list(Path(folder).glob("run/tasks/*/_DONE")):
            continue
        kind = min(kinds(cluster, chosen), key=lambda name: (wanted[name], chance.random()))
        done = inject(kind, run, chance)
        if done:
            wanted[kind] += 1
            thrown.append(kind)
            progress(f"{Path(folder).name}: {kind}")
        if not run.running() and run.process.returncode != 0:
            run.start()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--per-run", type=int, default=10, help="faults of one run")
    parser.add_argument("--kinds", default=",".join(KINDS), help="comma-separated, of: %(default)s")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for runs and logs; otherwise a temporary one that is removed")
    arguments = parser.parse_args()
    chosen = [kind.strip() for kind in arguments.kinds.split(",")]
    unknown = set(chosen) - set(KINDS)
    if unknown:
        parser.error(f"--kinds {sorted(unknown)}, expected some of {list(KINDS)}")
    chance = random.Random(arguments.seed)
    root = Path(arguments.keep or tempfile.mkdtemp(prefix="dapt-faults-"))
    root.mkdir(parents=True, exist_ok=True)
    started = time.time()

    def progress(text):
        print(f"{time.time() - started:6.0f} s  {text}", file=sys.stderr, flush=True)

    (root / "undisturbed").mkdir()
    reference = broken_run(root / "undisturbed", False, chance, 0, collections.Counter(), chosen, progress)[1].learnt()
    assert len(reference) == len(TASKS) * len(LEARNT), sorted(reference)
    thrown, equal, starts = collections.Counter(), collections.Counter(), 0
    number = 0
    while sum(thrown.values()) < arguments.faults:
        number += 1
        folder = root / f"run-{number}"
        folder.mkdir()
        budget = min(arguments.per_run, arguments.faults - sum(thrown.values()))
        cluster = number % 2 == 0 or not kinds(False, chosen)
        faults, run = broken_run(folder, cluster, chance, budget, thrown.copy(), chosen, progress)
        same = run.learnt() == reference
        progress(f"{folder.name}: {len(faults)} faults, {run.starts} starts, {'equal' if same else 'NOT EQUAL'}")
        starts += run.starts
        thrown.update(faults)
        equal.update(faults if same else [])
    print("| fault | thrown | survived | results equal |\n| --- | --- | --- | --- |")
    for kind in chosen:
        text = KINDS[kind]
        # A run that did not come to its end has stopped this script.
        print(f"| {kind}: {text} | {thrown[kind]} | {thrown[kind]} | {equal[kind]} |")
    total = sum(thrown.values())
    print(f"| all, in {number} runs with {starts} starts | {total} | {total} | {sum(equal.values())} |")
    if not arguments.keep:
        shutil.rmtree(root)
    sys.exit(0 if equal == thrown else 1)


if __name__ == "__main__":
    main()
