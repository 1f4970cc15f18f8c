"""The DAG of submit-scripts/airflow in a real Airflow: imported, compared, and run with PyPI's spark-submit."""

import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from conftest import QUICK, QUICKSTART, TASKS
from environments import ROOT, environment

AIRFLOW = ROOT / "submit-scripts" / "airflow"
SETTINGS = {"train.max-steps": 12, "train.ranks": 1, "checkpoint.steps": 2, "spark.ui.enabled": False}
STATES = ("success", "failed", "upstream_failed", "skipped")


def dag_file(folder: pathlib.Path, name: str, home: pathlib.Path, runs: pathlib.Path, **more) -> pathlib.Path:
    """A DAG file over the quickstart's first tasks beside a copy of the library: what a user writes."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(AIRFLOW / "dapt_stream.py", folder)
    file = folder / f"{name}.py"
    arguments = {
        "tasks": list(TASKS[:2]),
        "home": str(home),
        "config": str(QUICKSTART),
        "runs": str(runs),
        "settings": SETTINGS,
        "spark": {"driver_memory": "1g", "pool": "jobs"},
        **more,
    }
    file.write_text(f"from dapt_stream import dapt_stream_dag\n\ndag = dapt_stream_dag({name!r}, **{arguments!r})  # airflow\n")
    return file


@pytest.fixture(scope="module")
def airflow_home(tmp_path_factory) -> pathlib.Path:
    return tmp_path_factory.mktemp("airflow")


@pytest.fixture(scope="module")
def settings(airflow_home) -> dict:
    """The environment of Airflow's processes."""
    bin_folder = environment("airflow") / "bin"
    port = free_port()
    return {
        **os.environ,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "AIRFLOW_HOME": str(airflow_home / "home"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(airflow_home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{airflow_home}/home/airflow.db",
        "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps(
            {"conn_type": "spark", "host": "local[2]", "extra": {"deploy-mode": "client", "spark-binary": "spark-submit"}}
        ),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "OPENBLAS_NUM_THREADS": "1",
        "JAVA_TOOL_OPTIONS": QUICK,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def python(settings, code: str, *arguments) -> dict:
    """What the Python code, run in Airflow's environment, prints as its last line of JSON."""
    ended = subprocess.run(
        [environment("airflow") / "bin" / "python", "-c", code, *map(str, arguments)],
        env=settings,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return json.loads(ended.stdout.strip().splitlines()[-1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


IMPORT = """
import json, pathlib, sys, time
from airflow.dag_processing.dagbag import BundleDagBag
import airflow.providers.apache.spark.operators.spark_submit

opened = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(sys.argv[2]):
        opened.append(arguments[0])
    if event in ("subprocess.Popen", "socket.connect"):
        opened.append(event)
sys.addaudithook(watch)
start = time.monotonic()
bag = BundleDagBag(sys.argv[1], bundle_path=pathlib.Path(sys.argv[1]))
seconds = time.monotonic() - start
print(json.dumps({
    "errors": {str(k): v for k, v in bag.import_errors.items()},
    "seconds": seconds,
    "opened": opened,
    "dags": {
        dag.dag_id: {
            "graph": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
            "max_active_runs": dag.max_active_runs,
            "retries": {task.task_id: [task.retries, task.retry_delay.total_seconds()] for task in dag.tasks},
            "triggers": {task.task_id: str(getattr(task.trigger_rule, "value", task.trigger_rule)) for task in dag.tasks},
            "arguments": {task.task_id: task.application_args for task in dag.tasks if hasattr(task, "application_args")},
        }
        for dag in bag.dags.values()
    },
}))
"""


def edges(tasks, replay: bool, at_once: bool = False) -> dict:
    """The graph as it is meant, written down task by task."""
    graph = {}
    for number, task in enumerate(tasks, start=1):
        group = f"{number:02d}-{task}"
        following = f"{number + 1:02d}-{tasks[number]}" if number < len(tasks) else None
        graph[f"{group}.prepare"] = [f"{group}.prepare_done"]
        graph[f"{group}.prepare_done"] = [f"{group}.train"] + ([f"{following}.prepare"] if following else [])
        graph[f"{group}.train"] = [f"{group}.train_done"]
        graph[f"{group}.train_done"] = []
        if not (at_once and following):
            graph[f"{group}.train_done"].append(f"{group}.evaluate")
            graph[f"{group}.evaluate"] = [f"{group}.evaluate_done"]
            graph[f"{group}.evaluate_done"] = []
        last = f"{group}.train_done"
        if replay:
            graph[last].append(f"{group}.replay")
            graph[f"{group}.replay"] = [f"{group}.replay_done"]
            graph[f"{group}.replay_done"] = []
            last = f"{group}.replay_done"
        if following:
            graph[last].append(f"{following}.train")
    return {task: sorted(after) for task, after in graph.items()}


def test_the_dags_import_quickly_without_side_effects_and_have_the_graph(settings, tmp_path):
    shutil.copy(AIRFLOW / "quickstart_dag.py", dag_file(tmp_path / "dags", "made", tmp_path / "home", tmp_path / "runs", replay=True, unseen="/data/others/").parent)
    # By the method among the settings, or because the file of the DAG says so.
    dag_file(tmp_path / "dags", "together", tmp_path / "home", tmp_path / "runs", settings={"method.name": "multi-task"})
    dag_file(tmp_path / "dags", "untaught", tmp_path / "home", tmp_path / "runs", at_once=True)
    found = python(settings, IMPORT, tmp_path / "dags", tmp_path / "home")
    assert found["errors"] == {}
    assert found["opened"] == []
    assert not (tmp_path / "runs").exists()
    assert found["seconds"] < 5
    assert sorted(found["dags"]) == ["dapt_quickstart", "made", "together", "untaught"]
    for name in ("together", "untaught"):
        assert found["dags"][name]["graph"] == edges(TASKS[:2], replay=False, at_once=True)
    made = edges(TASKS[:2], replay=True)
    made[f"02-{TASKS[1]}.train_done"].append("unseen")
    assert found["dags"]["made"]["graph"] == {**made, "unseen": ["unseen_done"], "unseen_done": []}
    assert found["dags"]["dapt_quickstart"]["graph"] == edges(TASKS, replay=False)
    for dag in found["dags"].values():
        assert dag["max_active_runs"] == 1
        for task, (retries, delay) in dag["retries"].items():
            assert retries > 0
            assert task.endswith("_done") or delay > 15, "a lease is taken over after 15 seconds"
        for task, arguments in dag["arguments"].items():
            assert arguments[0] == ("evaluate" if task == "unseen" else task.rsplit(".", 1)[1])
            assert any("run_id" in argument for argument in arguments)
    assert found["dags"]["made"]["arguments"][f"02-{TASKS[1]}.evaluate"][-2:] == ["--step", "2"]
    assert found["dags"]["made"]["arguments"]["unseen"][-4:] == ["--step", "2", "--unseen", "/data/others/"]


def test_a_comparison_has_a_group_for_each_run_and_fails_with_them(settings, tmp_path):
    """The graph, and that dapt knows the runs that the DAG names."""
    dags = tmp_path / "dags"
    dags.mkdir()
    for name in ("dapt_stream.py", "dapt_compare.py"):
        shutil.copy(AIRFLOW / name, dags)
    arguments = {
        "methods": ["seq-lora", "epi"],
        "orders": {"one": list(TASKS[:2]), "two": list(TASKS[1::-1])},
        "seeds": [42],
        "home": str(tmp_path / "home"),
        "config": str(QUICKSTART.parent / "compare-quickstart.conf"),
        "comparisons": str(tmp_path / "runs"),
        "tune": True,
        "settings": {"train.epochs": 1},
    }
    (dags / "made.py").write_text(f"from dapt_compare import dapt_compare_dag\n\ndag = dapt_compare_dag('made', **{arguments!r})  # airflow\n")
    # Names that come to one when they are put together.
    alike = {**arguments, "methods": ["epi"], "orders": {"a": ["x"], "a_b": ["x"]}, "setting_names": ["c", "b_c"], "seeds": [1]}
    (dags / "alike.py").write_text(f"from dapt_compare import dapt_compare_dag\n\ndag = dapt_compare_dag('alike', **{alike!r})  # airflow\n")
    # The guide's DAG of another command.
    guide = (ROOT / "docs" / "user-guide.md").read_text()
    (withdraw,) = (part for part in re.findall(r"^```python\n(.*?)^```", guide, re.M | re.S) if '"withdraw"' in part)
    (dags / "withdraw.py").write_text(withdraw)
    found = python(settings, IMPORT, dags, tmp_path / "home")
    assert found["errors"] == {} and found["opened"] == []
    assert found["dags"]["withdraw"]["arguments"]["forget"][0] == "forget"
    made = found["dags"]["made"]
    groups = [f"{method}_{order}_base_seed42" for order in ("one", "two") for method in ("seq-lora", "epi")]
    assert made["graph"] == {
        "tune": sorted(["all_done", *(f"{group}.run" for group in groups)]),
        **{f"{group}.run": [f"{group}.run_done"] for group in groups},
        **{f"{group}.run_done": ["all_done", "report"] for group in groups},
        "report": ["all_done"],
        "all_done": [],
    }
    # A method for which nothing that is tried works stops the others no more than a run that fails.
    assert {task for task, rule in made["triggers"].items() if rule == "all_done"} == {"report", *(f"{group}.run" for group in groups)}
    alike = found["dags"]["alike"]
    cells = {arguments[-1] for task, arguments in alike["arguments"].items() if task.endswith(".run")}
    assert cells == {"epi.a.c.seed1", "epi.a.b_c.seed1", "epi.a_b.c.seed1", "epi.a_b.b_c.seed1"}
    assert made["max_active_runs"] == 1
    assert made["arguments"]["report"][-1] == "--report-only"
    assert made["arguments"]["tune"][-1] == "--tune-only"
    assert f"compare.orders={json.dumps(arguments['orders'])}" in made["arguments"]["tune"]
    for group in groups:
        assert made["arguments"][f"{group}.run"][-2:] == ["--cell", group.replace("_", ".")]


def test_dapt_knows_the_runs_of_the_comparison(dapt, tmp_path):
    listed = json.loads(
        dapt(
            *("compare", "--config", QUICKSTART.parent / "compare-quickstart.conf", "--list", "--format", "json"),
            *("-D", f"compare.dir={tmp_path}", "-D", 'compare.methods=["seq-lora", "epi"]', "-D", "compare.seeds=[42]"),
            *("-D", f"compare.orders={json.dumps({'one': list(TASKS[:2])})}"),
        ).stdout
    )
    assert [run["cell"] for run in listed["runs"]] == ["seq-lora.one.base.seed42", "epi.one.base.seed42"]
    assert listed["runs"][0]["run_dir"] == f"{tmp_path}/runs/seq-lora.one.base.seed42"
    assert listed["runs"][0]["tasks"] == list(TASKS[:2])


TEMPLATE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import dapt_stream, yaml
with open(sys.argv[1] + "/spark-application.yaml") as file:
    (document,) = yaml.safe_load_all(file)
print(json.dumps({"document": document, "conf": dapt_stream.SPARK_CONF, "delay": dapt_stream.RETRY_DELAY.total_seconds()}))
"""

# The fields of sparkoperator.k8s.io/v1beta2 that the template uses.
FIELDS = {
    "": {"apiVersion", "kind", "metadata", "spec"},
    "spec": {
        *("type", "mode", "sparkVersion", "image", "imagePullPolicy", "mainClass", "mainApplicationFile", "arguments"),
        *("sparkConf", "restartPolicy", "volumes", "driver", "executor"),
    },
    "restartPolicy": {
        *("type", "onFailureRetries", "onFailureRetryInterval"),
        *("onSubmissionFailureRetries", "onSubmissionFailureRetryInterval"),
    },
    "driver": {"cores", "memory", "serviceAccount", "env", "volumeMounts"},
    "executor": {"instances", "cores", "memory", "memoryOverhead", "env"},
}


def submitted(distribution, folder: pathlib.Path) -> list[str]:
    """What ``dapt-submit`` hands to spark-submit."""
    spark_submit = folder / "spark" / "bin" / "spark-submit"
    spark_submit.parent.mkdir(parents=True)
    spark_submit.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    spark_submit.chmod(0o755)
    ended = subprocess.run(
        [distribution / "bin" / "dapt-submit", "--", "run"],
        env={**os.environ, "SPARK_HOME": str(folder / "spark")},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.splitlines()


def test_the_spark_application_says_the_same_as_dapt_submit_and_the_sample_of_kubernetes(settings, distribution, tmp_path):
    found = python(settings, TEMPLATE, AIRFLOW)
    document = found["document"]
    spec = document["spec"]
    for name, fields in FIELDS.items():
        part = {"": document, "spec": spec}.get(name) or spec[name]
        assert set(part) == fields, name
    assert (document["apiVersion"], document["kind"]) == ("sparkoperator.k8s.io/v1beta2", "SparkApplication")
    sample = dict(
        line.split(None, 1)
        for line in (ROOT / "conf" / "spark" / "kubernetes.conf").read_text().splitlines()
        if line and not line.startswith("#")
    )
    sample = {key: value.strip() for key, value in sample.items()}
    assert spec["image"] == sample["spark.kubernetes.container.image"]
    assert document["metadata"]["namespace"] == sample["spark.kubernetes.namespace"]
    assert spec["driver"]["serviceAccount"] == sample["spark.kubernetes.authenticate.driver.serviceAccountName"]
    for field, key in (("instances", "instances"), ("cores", "cores"), ("memory", "memory"), ("memoryOverhead", "memoryOverhead")):
        assert str(spec["executor"][field]) == sample[f"spark.executor.{key}"]
    for key in ("spark.dynamicAllocation.enabled", "spark.stage.maxConsecutiveAttempts"):
        assert spec["sparkConf"][key] == sample[key]
    for key in ("spark.driver.defaultJavaOptions", "spark.executor.defaultJavaOptions"):
        assert spec["sparkConf"][key] == found["conf"][key]
        # Spark adds the user's to them.
        assert key.replace("default", "extra") not in found["conf"]
    arguments = submitted(distribution, tmp_path)
    assert arguments[arguments.index("--class") + 1] == spec["mainClass"]
    confs = {arguments[i + 1] for i, argument in enumerate(arguments) if argument == "--conf"}
    assert confs == {f"{key}={value}" for key, value in found["conf"].items()}
    for role in ("driver", "executor"):
        environment = {f"spark.executorEnv.{variable['name']}": variable["value"] for variable in spec[role]["env"]}
        assert environment.items() <= found["conf"].items()
        assert len(environment) == sum(key.startswith("spark.executorEnv.") for key in found["conf"])
    assert all(isinstance(value, str) for value in [*spec["sparkConf"].values(), *spec["arguments"]])
    assert spec["restartPolicy"]["onFailureRetryInterval"] == found["delay"]


MARKERS = """
import fsspec, json, sys
sys.path.insert(0, sys.argv[1])
import dapt_stream
from airflow.sdk.exceptions import AirflowException

def attempt(*arguments):
    try:
        return dapt_stream.read_marker(*arguments)
    except AirflowException as failure:
        return str(failure)

source, target = fsspec.filesystem("file"), fsspec.filesystem("memory")
task = sys.argv[3]
for name in ("run.json", f"tasks/{task}/_DONE"):
    target.pipe(f"/runs/a/{name}", source.cat(f"{sys.argv[2]}/{name}"))
target.pipe("/runs/b/run.json", json.dumps({"config_hash": "other"}).encode())
target.pipe(f"/runs/b/tasks/{task}/_DONE", target.cat(f"/runs/a/tasks/{task}/_DONE"))
# Prepared data that runs share, beside the run and elsewhere.
for run, data in (("c", "../../data/k"), ("d", "memory:///data/k"), ("e", "../../data/none")):
    target.pipe(f"/all/runs/{run}/run.json", json.dumps({"config_hash": "of the run", "data": data}).encode())
for folder in ("/all/data/k", "/data/k"):
    target.pipe(f"{folder}/first/_DONE", json.dumps({"config_hash": "of the recipe", "summary": {"in": folder}}).encode())
target.pipe("/all/runs/c/tasks/01-first/_DONE", json.dumps({"config_hash": "other", "summary": {}}).encode())
print(json.dumps({
    "shared": [attempt(f"memory://all/runs/{run}", "data/first") for run in "cde"],
    "task of the same run": attempt("memory://all/runs/c", "tasks/01-first"),
    "folders": [
        dapt_stream.shared_data(dapt_stream.as_fsspec(root), data)
        for root, data in (
            ("/runs/a", "../data/k"),
            ("file:/x/runs/a/", "../../data"),
            ("hdfs:///runs/a", "../../data"),
            ("s3a://bucket/runs/a", "../../data"),
            ("/runs/a", "file:/elsewhere/data"),
            ("hdfs:///runs/a", "hdfs://nodes:8020/elsewhere"),
        )
    ],
    "local": attempt(sys.argv[2], f"tasks/{task}"),
    "hadoop": attempt("file:" + sys.argv[2], f"tasks/{task}"),
    "remote": attempt("memory://runs/a", f"tasks/{task}"),
    "missing": attempt("memory://runs/a/", "tasks/09-none"),
    "foreign": attempt("memory://runs/b", f"tasks/{task}"),
    "names": [dapt_stream.as_folder_name(name) for name in ("plain", "manual__2026-01-02T03:04:05+00:00", "a/../b", "a-..-b")],
}))
"""


def test_markers_are_checked_on_local_and_remote_file_systems_without_spark(settings, quickstart_run):
    task = f"01-{TASKS[0]}"
    found = python(settings, MARKERS, AIRFLOW, quickstart_run, task)
    summary = json.loads((quickstart_run / "tasks" / task / "_DONE").read_text())["summary"]
    assert found["local"] == found["hadoop"] == found["remote"] == summary
    assert "memory://runs/a/tasks/09-none/_DONE does not exist" in found["missing"]
    assert "another configuration" in found["foreign"]
    beside, elsewhere, none = found["shared"]
    assert (beside, elsewhere) == ({"in": "/all/data/k"}, {"in": "/data/k"})
    assert "memory://all/data/none/first/_DONE does not exist" in none
    assert "another configuration" in found["task of the same run"]
    assert found["folders"] == [
        *("/runs/data/k", "/x/data", "hdfs:///data", "s3a://bucket/data"),
        *("/elsewhere/data", "hdfs://nodes:8020/elsewhere"),
    ]
    plain, dated, up, dashed = found["names"]
    assert (plain, dashed) == ("plain", "a-..-b")
    assert dated.startswith("manual__2026-01-02T03-04-05-00-00-")
    assert up.startswith("a-..-b-") and "/" not in up


@contextlib.contextmanager
def airflow(settings, log: pathlib.Path):
    """A whole Airflow: scheduler, DAG processor, API server. All its processes end with the block."""
    subprocess.run(["airflow", "db", "migrate"], env=settings, check=True, capture_output=True, timeout=300)
    # One job at a time: the machine of the test is small.
    subprocess.run(["airflow", "pools", "set", "jobs", "1", "of dapt"], env=settings, check=True, capture_output=True, timeout=120)
    with open(log, "w") as output:
        process = subprocess.Popen(["airflow", "standalone"], env=settings, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield process
    finally:
        # Some of its processes are groups of their own, and some do not end when asked.
        for attempt, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 15)):
            for pid in members(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, attempt)
            end = time.monotonic() + seconds
            while members(process.pid) and time.monotonic() < end:
                process.poll()
                time.sleep(0.2)
        process.wait(timeout=15)
        assert not members(process.pid)


def members(group: int) -> list[int]:
    """The processes of a session that are still there."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == group and fields[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def call(settings, path: str, body: dict | None = None, method: str | None = None) -> dict:
    """Airflow's API."""
    base = f"http://127.0.0.1:{settings['AIRFLOW__API__PORT']}"
    request = urllib.request.Request(
        base + path,
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {settings.get('token', '')}"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.loads(answer.read())


def until(condition, seconds: float, what: str, log: pathlib.Path, pause: float = 0.5):
    """What ``condition`` returns once it is true; Airflow not answering yet counts as false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            if found := condition():
                return found
        time.sleep(pause)
    raise AssertionError(f"{what} took more than {seconds} s:\n{log.read_text()[-6000:]}")


def kill_once_it_trains(run: pathlib.Path, task: str) -> bool:
    """Kills the process that learns ``task`` with SIGKILL after its first checkpoint; false while there is none."""
    folder = run / "tasks" / task
    if not list(folder.glob("checkpoints/step-*.safetensors")):
        return False
    owner = json.loads((folder / "_LEASE").read_text())["owner"]
    assert not (folder / "_DONE").exists()
    os.kill(owner["pid"], signal.SIGKILL)
    return True


@pytest.fixture(scope="module")
def running(settings, airflow_home, distribution) -> tuple[dict, pathlib.Path]:
    """A whole Airflow with the DAGs ``stream`` and ``refused``: how to call it, and what it has printed."""
    dag_file(airflow_home / "dags", "stream", distribution, airflow_home / "runs")
    dag_file(airflow_home / "dags", "refused", distribution, airflow_home / "refused", settings={"train.epochs": 0})
    log = airflow_home / "standalone.log"
    with airflow(settings, log):
        until(lambda: call(settings, "/api/v2/monitor/health")["scheduler"]["status"] == "healthy", 300, "the start", log)
        settings = {**settings, "token": token(settings)}
        until(lambda: call(settings, "/api/v2/dags?limit=10")["total_entries"] == 2, 300, "finding the DAGs", log)
        yield settings, log


def trigger(settings, dag: str, **conf) -> str:
    """Starts the DAG: the path of its run in the API."""
    run_id = "test:1"
    call(settings, f"/api/v2/dags/{dag}", {"is_paused": False}, "PATCH")
    call(settings, f"/api/v2/dags/{dag}/dagRuns", {"dag_run_id": run_id, "logical_date": None, "conf": conf})
    return f"/api/v2/dags/{dag}/dagRuns/{urllib.request.quote(run_id)}"


def test_a_real_airflow_runs_the_stream_and_survives_a_killed_job(running, airflow_home, dapt, tmp_path):
    settings, log = running
    runs = airflow_home / "runs"
    second = f"02-{TASKS[1]}"
    path = trigger(settings, "stream", **{"train.max-steps": 40})
    run = until(lambda: next(iter(runs.glob("test-1-*")), None), 600, "the first job", log)
    until(lambda: kill_once_it_trains(run, second), 1200, "learning the second task", log, pause=0.02)
    until(lambda: call(settings, path)["state"] in STATES, 1200, "the run", log)
    instances = {each["task_id"]: each for each in call(settings, f"{path}/taskInstances")["task_instances"]}
    state = call(settings, path)["state"]
    shown = {name: (each["state"], each["try_number"]) for name, each in instances.items()}
    assert state == "success", f"{shown}\n{log.read_text()[-6000:]}"
    assert {name for name, each in instances.items() if each["try_number"] > 1} == {f"{second}.train"}, shown
    assert (run / "scores" / "step=0002" / "_DONE").exists()

    # The same without Airflow, in one process and undisturbed.
    alone = tmp_path / "alone"
    dapt(
        *("run", "--config", QUICKSTART, "-D", f"run.dir={alone}", "-D", f"tasks.order=[{','.join(TASKS[:2])}]"),
        *("-D", "train.max-steps=40", "-D", "train.ranks=1", "-D", "checkpoint.steps=2", "-D", "spark.master=local[2]"),
    )
    for task in (f"01-{TASKS[0]}", second):
        for name in ("block.safetensors", "attention.safetensors", "target.json"):
            assert (run / "tasks" / task / name).read_bytes() == (alone / "tasks" / task / name).read_bytes(), (task, name)
    report = dapt("report", "--run", run).stdout
    assert report.split("Training")[0] == dapt("report", "--run", alone).stdout.split("Training")[0]


def token(settings) -> str:
    """Airflow lets everybody in here, but wants to see a token."""
    return call(settings, "/auth/token")["access_token"]


def test_a_wrong_configuration_is_not_tried_again(running):
    """The first job ends with exit code 2."""
    settings, log = running
    path = trigger(settings, "refused")
    until(lambda: call(settings, path)["state"] in STATES, 600, "the run", log)
    assert call(settings, path)["state"] == "failed"
    instances = call(settings, f"{path}/taskInstances")["task_instances"]
    (tried,) = (each for each in instances if each["try_number"] > 0)
    assert (tried["state"], tried["try_number"]) == ("failed", 1)
    assert tried["max_tries"] > 0
    output = json.dumps(call(settings, f"{path}/taskInstances/{urllib.request.quote(tried['task_id'])}/logs/1?full_content=true"))
    assert "train.epochs" in output
    assert "it is not tried again" in output
