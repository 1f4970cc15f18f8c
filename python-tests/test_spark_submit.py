"""The packaged product, handed to the spark-submit of a Spark that is installed apart from it (PyPI's pyspark)."""

import os
import pathlib
import re
import subprocess
import time

import pytest
from conftest import QUICKSTART, TASKS
from environments import environment


@pytest.fixture(scope="module")
def spark_home() -> pathlib.Path:
    home = next((environment("spark") / "lib").glob("python3*/site-packages/pyspark"))
    assert (home / "bin" / "spark-submit").exists()
    return home


@pytest.fixture(scope="module")
def standalone(spark_home, tmp_path_factory) -> str:
    """A standalone master with two workers of one core each: its address."""
    folder = tmp_path_factory.mktemp("standalone")
    started = []

    def start(name: str, *arguments: str, until: str) -> re.Match:
        log = folder / f"{name}.log"
        with open(log, "w") as output:
            started.append(
                subprocess.Popen(
                    [str(spark_home / "bin" / "spark-class"), *arguments],
                    env={**os.environ, "SPARK_HOME": str(spark_home), "SPARK_WORKER_DIR": str(folder / name)},
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )
        for _ in range(600):
            found = re.search(until, log.read_text())
            if found:
                return found
            assert started[-1].poll() is None, log.read_text()
            time.sleep(0.1)
        raise AssertionError(f"{name} did not start:\n{log.read_text()}")

    local = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    try:
        master = start(
            *("master", "org.apache.spark.deploy.master.Master", *local),
            until=r"Starting Spark master at (spark://127\.0\.0\.1:\d+)",
        ).group(1)
        for worker in ("worker-0", "worker-1"):
            start(
                *(worker, "org.apache.spark.deploy.worker.Worker", *local, "--cores", "1", "--memory", "2g", master),
                until="Successfully registered with master",
            )
        yield master
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(timeout=30)


def submit(script: pathlib.Path, spark_home: pathlib.Path, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(script), *map(str, arguments)],
        env={**os.environ, "SPARK_HOME": str(spark_home), "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=600,
    )


def small_run(run: pathlib.Path) -> tuple:
    """Arguments of a run over two tasks, four steps each."""
    return (
        *("run", "--config", QUICKSTART, "-D", f"run.dir={run}", "-D", f"tasks.order=[{','.join(TASKS[:2])}]"),
        *("-D", "train.max-steps=4"),
    )


def test_dapt_submit_learns_on_two_executors_of_a_standalone_cluster(distribution, spark_home, standalone, tmp_path):
    run = tmp_path / "run"
    ended = submit(
        *(distribution / "bin" / "dapt-submit", spark_home, "--master", standalone),
        *("--total-executor-cores", 2, "--executor-cores", 1, "--executor-memory", "1g", "--driver-memory", "1g"),
        *("--", *small_run(run), "-D", "train.ranks=2"),
    )
    assert ended.returncode == 0, ended.stderr
    assert "Starting a gang of 2 over exchange gloo" in ended.stderr
    assert "AP" in ended.stdout
    assert len(list((run / "tasks").glob("*/_DONE"))) == 2


def test_spark_submit_itself_takes_the_jars_and_passes_the_exit_code_on(distribution, spark_home, tmp_path):
    library = sorted((distribution / "lib").glob("*.jar"))
    application = next(jar for jar in library if jar.name.startswith("pipeline-jobs-"))
    others = ",".join(str(jar) for jar in library if jar != application)
    command = (
        *(spark_home / "bin" / "spark-submit", spark_home, "--master", "local[2]", "--driver-memory", "1g"),
        *("--class", "org.dapt.cli.Main", "--jars", others, application),
    )
    run = tmp_path / "run"
    ended = submit(*command, *small_run(run))
    assert ended.returncode == 0, ended.stderr
    assert len(list((run / "tasks").glob("*/_DONE"))) == 2
    refused = submit(*command, *small_run(run), "-D", "train.epochs=0")
    assert refused.returncode == 2
    assert "train.epochs" in refused.stderr
