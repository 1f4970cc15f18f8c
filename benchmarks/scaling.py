"""Training and evaluation on one and on two executors of one core each, on a standalone cluster of this machine.

The model has random weights in the shape of --model-config, the task is made up: about 128 source and 16 target tokens an
example. Needs the packages of benchmarks/requirements.txt.
"""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet

HERE = Path(__file__).resolve().parent
WORDS = "red blue green lamp river horse door cloud stone violin bread is was the and near over under again never".split()
WARMUP = 5


def packaged():
    """The packaged product, built by `mvn package`."""
    found = sorted(HERE.parent.glob("dist/target/dapt-*/lib"))
    return Path(os.environ.get("DAPT_HOME") or (found or sys.exit("run mvn package first"))[0].parent)


def write_task(folder, sizes):
    folder.mkdir(parents=True)
    chance = random.Random(7)
    for split, size in sizes.items():
        instances = [
            {
                "id": str(i),
                "input": " ".join(chance.choices(WORDS, k=105)),
                "output": [" ".join(chance.choices(WORDS, k=14))],
            }
            for i in range(size)
        ]
        (folder / f"{split}.json").write_text(json.dumps({"Definition": ["Answer."], "Instances": instances}))


def write_model(folder, config):
    import torch
    from transformers import AutoConfig, T5ForConditionalGeneration

    folder.mkdir()
    torch.manual_seed(1)
    shape = AutoConfig.for_model(**json.loads(Path(config).read_text()))
    T5ForConditionalGeneration(shape).save_pretrained(folder)
    shutil.copy(HERE.parent / "models" / "base-tiny" / "tokenizer.json", folder)


class Cluster:
    """A standalone master and two workers of one core, from the Spark that comes with dapt."""

    def __init__(self, home, folder):
        self.home, self.folder, self.processes = home, folder, []
        (self.folder / "log4j2.properties").write_text(
            "rootLogger.level=info\nrootLogger.appenderRef.c.ref=c\nappender.c.type=Console\nappender.c.name=c\n"
            "appender.c.layout.type=PatternLayout\nappender.c.layout.pattern=%m%n\n"
        )
        self.master = self._start("master", "master.Master", r"Starting Spark master at (spark://\S+)")
        for worker in "01":
            self._start(
                *(f"worker-{worker}", "worker.Worker", "(Successfully registered)"),
                *("--cores", "1", "--memory", "3g", "--work-dir", str(folder / f"work-{worker}"), self.master),
            )

    def _start(self, name, main, ready, *arguments):
        log = self.folder / f"{name}.log"
        command = ["java", "-Xmx512m", f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"]
        command += ["--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "--add-opens=java.base/java.nio=ALL-UNNAMED"]
        command += ["-cp", f"{self.home}/lib/spark/jars/*", f"org.apache.spark.deploy.{main}"]
        command += ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0", *arguments]
        environment = {**os.environ, "SPARK_HOME": f"{self.home}/lib/spark", "SPARK_SCALA_VERSION": "2.12"}
        with open(log, "w") as out:
            self.processes.append(subprocess.Popen(command, env=environment, stdout=out, stderr=out))
        for _ in range(600):
            found = re.search(ready, log.read_text())
            if found:
                return found.group(1)
            time.sleep(0.1)
        raise RuntimeError(log.read_text())

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait()


class Bench:
    def __init__(self, home, work, master, arguments):
        self.home, self.work, self.master, self.arguments = home, work, master, arguments
        self.prepared = work / "prepared"
        self.dapt("prepare", self.prepared, "local[2]", 2)

    def dapt(self, command, run, master, executors, *settings):
        options = {
            "run.dir": run,
            "tasks.root": self.work / "tasks",
            "tasks.order": "made-up",
            "model.path": self.work / "model",
            "train.global-batch": self.arguments.batch,
            "train.max-steps": self.arguments.steps,
            "train.epochs": 1000,
            "evaluate.max-new-tokens": 16,
            "checkpoint.interval": "0s",
            "spark.master": master,
            "spark.ui.enabled": "false",
            "spark.cores.max": executors,
            "spark.executor.cores": 1,
            "spark.executor.memory": "1g",
            "spark.executorEnv.OMP_NUM_THREADS": 1,
            **dict(setting.split("=", 1) for setting in settings),
        }
        ended = subprocess.run(
            [self.home / "bin" / "dapt", command, *(f"-D{key}={value}" for key, value in options.items())],
            capture_output=True,
            text=True,
        )
        if ended.returncode:
            sys.exit(ended.stderr[-4000:])

    def train(self, ranks, exchange, name):
        """Seconds of a step and of its exchange (medians), and tokens per second; the run is kept."""
        run = self.work / name
        shutil.copytree(self.prepared, run)
        self.dapt("train", run, self.master, ranks, f"train.ranks={ranks}", f"train.exchange={exchange}")
        table = pyarrow.parquet.read_table(run / "tasks" / "01-made-up" / "training.parquet").to_pylist()
        steps = sorted(table, key=lambda row: row["step"])[WARMUP:]
        seconds = statistics.median(row["seconds"] for row in steps)
        tokens = sum(row["source_tokens"] + row["target_tokens"] for row in steps)
        exchanged = statistics.median(row["exchange_seconds"] for row in steps)
        return {
            "seconds": seconds,
            "exchange": exchanged,
            "quickest": min(row["exchange_seconds"] for row in steps),
            "tokens_per_second": tokens / sum(row["seconds"] for row in steps),
        }

    def evaluate(self, executors, learnt, name):
        """Seconds of the evaluation of a run that has learnt the task, executors started and waited for before."""
        run = self.work / name
        shutil.copytree(learnt, run)
        ratio = "spark.scheduler.minRegisteredResourcesRatio=1.0"
        self.dapt("evaluate", run, self.master, executors, ratio)
        marker = json.loads((run / "scores" / "step=0001" / "_DONE").read_text())
        shutil.rmtree(run)
        return marker["summary"]["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-config", default=HERE.parent / "conf" / "models" / "shapes" / "t5-small.json")
    parser.add_argument("--batch", type=int, default=32, help="global batch")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--examples", type=int, default=800, help="examples that are evaluated")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--exchanges", default="gloo,spark")
    parser.add_argument("--only", choices=["train", "evaluate"])
    arguments = parser.parse_args()
    home = packaged()
    work = Path(tempfile.mkdtemp(prefix="dapt-scaling-"))
    cluster = Cluster(home, work)
    try:
        write_task(work / "tasks" / "made-up", {"train": 1000, "dev": 8, "test": arguments.examples})
        write_model(work / "model", arguments.model_config)
        bench = Bench(home, work, cluster.master, arguments)
        for number in range(arguments.rounds):
            one = bench.train(1, "gloo", f"one-{number}")
            print(json.dumps({"round": number, "ranks": 1, **one}), flush=True)
            if arguments.only != "evaluate":
                for exchange in arguments.exchanges.split(","):
                    two = bench.train(2, exchange, f"two-{exchange}-{number}")
                    ratio = two["tokens_per_second"] / one["tokens_per_second"]
                    line = {"round": number, "ranks": 2, "over": exchange, **two, "ratio": ratio}
                    print(json.dumps(line), flush=True)
                    shutil.rmtree(work / f"two-{exchange}-{number}")
            if arguments.only != "train":
                times = [bench.evaluate(executors, work / f"one-{number}", "evaluated") for executors in (1, 2)]
                line = {"round": number, "evaluation": times, "ratio": times[0] / times[1]}
                print(json.dumps(line), flush=True)
    finally:
        cluster.close()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
