"""Metrics elsewhere, looked at by those they are meant for: TensorBoard's reader, an MLflow server, a JSON parser."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time
import urllib.request

import pytest
from conftest import QUICKSTART, TASKS
from environments import environment

SMALL = ("-D", "train.max-steps=6", "-D", "train.ranks=1", "-D", "spark.ui.enabled=false")

# What a run stores in Parquet, in the names of the series.
STORED = """
import json, pathlib, sys
import pandas

run = pathlib.Path(sys.argv[1])
points = {}
for folder in sorted((run / "tasks").iterdir()):
    table = pandas.read_parquet(folder / "training.parquet")
    for row in table.itertuples():
        for name in ("loss", "cross_entropy", "reflection", "selection"):
            points[f"{name}/{folder.name}\\t{row.step}"] = getattr(row, name)
        points[f"tokens_per_second/{folder.name}\\t{row.step}"] = (row.source_tokens + row.target_tokens) / row.seconds
numbers = {folder.name.split("-", 1)[1]: folder.name for folder in (run / "tasks").iterdir()}
scores = pandas.read_parquet(run / "scores")
for row in scores.itertuples():
    points[f"{row.metric}/{numbers[row.evaluated_task]}\\t{int(row.step)}"] = row.value
for step, rows in scores[scores.metric == "exact-match"].groupby("step", observed=True):
    points[f"stream/ap\\t{int(step)}"] = rows.value.mean()
for step, rows in scores[scores.metric == "selection-accuracy"].groupby("step", observed=True):
    points[f"stream/selection-accuracy\\t{int(step)}"] = rows.value.mean()
print(json.dumps(points))
"""

TENSORBOARD = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
points = [(f"{tag}\\t{event.step}", event.value) for tag in events.Tags()["scalars"] for event in events.Scalars(tag)]
assert len(points) == len(dict(points)), "a step is there twice"
print(json.dumps(dict(points)))
"""

# What needs the first scores alone, which the stored table does not tell by itself.
DERIVED = ("stream/bwt", "stream/f_ra", "stream/fwt")


def small_run(dapt, run: pathlib.Path, tasks, *settings, command="run", **options):
    return dapt(
        *(command, "--config", QUICKSTART, "-D", f"run.dir={run}", "-D", f"tasks.order=[{','.join(tasks)}]", *SMALL),
        *(part for setting in settings for part in ("-D", setting)),
        **options,
    )


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> pathlib.Path:
    return tmp_path_factory.mktemp("metrics")


@pytest.fixture(scope="module")
def run(dapt, places) -> pathlib.Path:
    """Two tasks learnt by two commands, with JSON lines and TensorBoard files."""
    folder = places / "my-run"
    files = (f"metrics.json-lines={places}/metrics.jsonl", f"metrics.tensorboard={places}/tensorboard")
    small_run(dapt, folder, TASKS[:1], *files)
    small_run(dapt, folder, TASKS[:2], *files)
    # Nothing is left to do, and nothing is written again.
    small_run(dapt, folder, TASKS[:2], *files)
    return folder


@pytest.fixture(scope="module")
def stored(run, in_environment) -> dict:
    """Values by series and step."""
    return json.loads(in_environment("tensorboard", "-c", STORED, run).stdout)


def compared(found: dict, stored: dict) -> dict:
    """What is left of ``found`` to compare; the metrics that are left out must be there."""
    for name in DERIVED[:2]:
        assert f"{name}\t2" in found
    rest = {key: value for key, value in found.items() if not key.startswith(DERIVED)}
    assert rest.keys() == stored.keys()
    return rest


def test_json_lines_are_the_values_of_the_parquet(run, stored, places):
    lines = [json.loads(line) for line in (places / "metrics.jsonl").read_text().splitlines()]
    assert {line["run_id"] for line in lines} == {json.loads((run / "run.json").read_text())["run_id"]}
    found = {f"{line['series']}\t{line['step']}": line["value"] for line in lines}
    assert len(found) == len(lines), "a step is there twice"
    rest = compared(found, stored)
    assert rest == pytest.approx(stored, rel=1e-12)
    assert any(value > 0 for key, value in rest.items() if key.startswith(f"reflection/02-{TASKS[1]}"))
    first, second = (found[f"exact-match/01-{TASKS[0]}\t{step}"] for step in (1, 2))
    assert found["stream/f_ra\t2"] == pytest.approx(first - second)
    assert found["stream/bwt\t2"] == pytest.approx((second - first) / 2)


def test_tensorboard_reads_the_values_of_the_parquet(run, stored, places, in_environment):
    (folder,) = (places / "tensorboard").iterdir()
    assert folder.name.startswith("my-run-")
    found = json.loads(in_environment("tensorboard", "-c", TENSORBOARD, folder).stdout)
    single = {key: struct.unpack("f", struct.pack("f", value))[0] for key, value in stored.items()}
    assert compared(found, stored) == pytest.approx(single, rel=1e-6)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(folder: pathlib.Path, port: int):
    """An MLflow server with its data in ``folder``; its address."""
    folder.mkdir(parents=True, exist_ok=True)
    bin_folder = environment("mlflow") / "bin"
    with open(folder / "server.log", "a") as log:
        process = subprocess.Popen(
            [
                *(bin_folder / "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db"),
                *("--artifacts-destination", folder / "artifacts", "--host", "127.0.0.1", "--port", str(port)),
                *("--workers", "1"),
            ],
            env={
                **os.environ,
                "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                if opener().open(f"{address}/health", timeout=5).read() == b"OK":
                    break
            assert process.poll() is None, (folder / "server.log").read_text()
            time.sleep(0.5)
        else:
            raise AssertionError((folder / "server.log").read_text())
        yield address
    finally:
        for attempt in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, attempt)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
                break


def opener():
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(address: str, path: str, body: dict | None = None) -> dict:
    request = urllib.request.Request(
        f"{address}/api/2.0/mlflow/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    return json.loads(opener().open(request, timeout=30).read())


def runs(address: str) -> list:
    experiment = ask(address, "experiments/get-by-name?experiment_name=dapt")["experiment"]["experiment_id"]
    return ask(address, "runs/search", {"experiment_ids": [experiment]}).get("runs", [])


def history(address: str, mlflow_run: dict) -> dict:
    """All values that the server has of a run, by series and step."""
    points = []
    for metric in mlflow_run["data"]["metrics"]:
        key = urllib.request.quote(metric["key"], safe="")
        run_id = mlflow_run["info"]["run_id"]
        for value in ask(address, f"metrics/get-history?run_id={run_id}&metric_key={key}")["metrics"]:
            points.append((f"{metric['key']}\t{value.get('step', 0)}", value["value"]))
    assert len(points) == len(dict(points)), "a step is there twice"
    return dict(points)


def test_mlflow_has_one_run_for_all_commands_and_outages_do_no_harm(dapt, run, places, in_environment):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    folder = places / "sent"
    mlflow = f"metrics.mlflow={address}"

    # Nobody listens yet.
    ended = small_run(dapt, folder, TASKS[:1], mlflow)
    assert f"Metrics cannot be sent to MLflow at {address}" in ended.stderr
    assert "The next command on this run sends them" in ended.stderr
    assert ended.stderr.count("cannot be sent") == 1
    assert "AP" in ended.stdout
    assert not (folder / "mlflow.json").exists()

    with server(places / "server", port):
        # The next command sends what the server missed.
        ended = small_run(dapt, folder, TASKS[:2], mlflow)
        assert "cannot be sent" not in ended.stderr
        (first,) = runs(address)
        assert first["info"]["run_id"] == json.loads((folder / "mlflow.json").read_text())["run_id"]
        assert first["info"]["status"] == "FINISHED"
        values = json.loads(in_environment("tensorboard", "-c", STORED, folder).stdout)
        assert compared(history(address, first), values) == pytest.approx(values, rel=1e-12)
        params = {param["key"]: param["value"] for param in first["data"]["params"]}
        assert params["train.max-steps"] == "6"
        assert params["method.name"] == "dapt-lora"
        tags = {tag["key"]: tag["value"] for tag in first["data"]["tags"]}
        assert tags["dapt.run_id"] == json.loads((folder / "run.json").read_text())["run_id"]
        assert tags["mlflow.runName"].startswith("sent-")

    # Down again, then back: the same MLflow run, also where the file that names it was lost.
    ended = small_run(dapt, folder, TASKS, mlflow)
    assert "cannot be sent" in ended.stderr
    with server(places / "server", port):
        (folder / "mlflow.json").unlink()
        small_run(dapt, folder, TASKS, mlflow)
        (last,) = runs(address)
        assert last["info"]["run_id"] == first["info"]["run_id"]
        values = json.loads(in_environment("tensorboard", "-c", STORED, folder).stdout)
        assert compared(history(address, last), values) == pytest.approx(values, rel=1e-12)
        # Another run directory is another run.
        small_run(dapt, run, TASKS[:2], mlflow)
        assert len(runs(address)) == 2


def test_a_password_belongs_into_the_environment(dapt, tmp_path):
    ended = small_run(dapt, tmp_path / "run", TASKS[:1], "metrics.mlflow=http://me:s3cr3t@127.0.0.1:1", code=2)
    assert "metrics.mlflow" in ended.stderr
    assert "s3cr3t" not in ended.stderr
