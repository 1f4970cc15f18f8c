"""A stream of tasks as an Airflow DAG: every step of every task is a Spark application of dapt.

One task group per benchmark task::

    prepare ──▶ train ──▶ evaluate
                  │
                  └────▶ replay          (replay=True)

The next task is prepared ahead. Its training waits for this task's training, and for its replay where there is one;
it never waits for an evaluation. Methods that take all tasks with the last one (``at_once``) are evaluated behind that alone.
With ``unseen`` a last job evaluates tasks that are never learnt. Behind every job stands a check of the marker that the job
leaves.

Use it from a DAG file of your own (quickstart_dag.py is one; Airflow only looks at files in which the words airflow and
dag occur)::

    # My stream on Airflow.
    from dapt_stream import dapt_stream_dag

    dag = dapt_stream_dag("my_stream", tasks=["first", "second"], home="/opt/dapt",
                          config="/etc/dapt/stream.conf", runs="hdfs:///runs", settings={"train.epochs": 10})

Nothing is read while the file is imported: the folder of dapt, the configuration, the run directory and every key of
``settings`` are parameters of the DAG and become arguments of a job when the job starts. ``airflow dags trigger
my_stream --conf '{"train.epochs": 3}'`` changes one for one run of the DAG.

Jobs may be repeated. A finished one does nothing, one that was killed goes on from its newest checkpoint, and leases keep
two from writing the same folder: the second ends with exit code 5, and is tried again by Airflow.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
import posixpath
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import DAG, Param, TaskGroup, task

try:
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
except ImportError:
    # Where the first releases of Airflow 3 have them.
    from airflow.exceptions import AirflowException, AirflowFailException

# The lease of a killed job is taken over after 15 seconds of silence: a retry that comes earlier would only wait.
RETRY_DELAY = timedelta(seconds=30)

# Exit codes of dapt that no retry mends: wrong configuration, wrong input.
HOPELESS = {2, 3}

# The same as bin/dapt-submit: JavaCPP does not bound native memory by the heap, a Spark task computes in one thread, and
# the C library keeps the memory of a step for the next one, and oneDNN few of its compiled products.
NATIVE = "-Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Dorg.bytedeco.javacpp.maxbytes=0"
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    # Java takes the character set of names of files from the locale.
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "2147483647",
    "LRU_CACHE_CAPACITY": "64",
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
}
SPARK_CONF = {
    "spark.driver.defaultJavaOptions": NATIVE,
    "spark.executor.defaultJavaOptions": NATIVE,
    **{f"spark.executorEnv.{name}": value for name, value in ENVIRONMENT.items()},
    # The driver where it runs on the cluster.
    **{f"{cluster}.LC_ALL": ENVIRONMENT["LC_ALL"] for cluster in ("spark.yarn.appMasterEnv", "spark.kubernetes.driverEnv")},
}

# Methods that take all tasks with the last one: earlier steps have nothing to evaluate.
AT_ONCE = {"multi-task", "zero-shot"}

RUN_DIRECTORY = "{{ params.run_dir or params.runs ~ '/' ~ (run_id | as_folder_name) }}"


def as_folder_name(run_id: str) -> str:
    """``run_id`` as the name of a folder on any file system, another one for every run of the DAG."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", run_id).strip(".-_")
    return name if name == run_id else f"{name}-{hashlib.sha256(run_id.encode()).hexdigest()[:8]}"


def library(home: str) -> tuple[str, list[str]]:
    """The application jar of the installation in ``home``, and the jars that go with it."""
    jars = sorted(str(jar) for jar in pathlib.Path(home, "lib").glob("*.jar"))
    application = [jar for jar in jars if pathlib.Path(jar).name.startswith("pipeline-jobs-")]
    if len(application) != 1:
        raise AirflowFailException(
            f"{home}/lib has {len(application)} jars pipeline-jobs-*.jar, one is expected: "
            "set the parameter home to the folder of an installed dapt."
        )
    return application[0], [jar for jar in jars if jar != application[0]]


# What a DAG of dapt writes its jobs with.
TEMPLATES = {
    "user_defined_filters": {"as_folder_name": as_folder_name},
    "user_defined_macros": {
        "dapt_application": lambda folder: library(folder)[0],
        "dapt_jars": lambda folder: ",".join(library(folder)[1]),
    },
}


class DaptOperator(SparkSubmitOperator):
    """A command of dapt as a Spark application. Exit codes that no retry mends fail the task for good."""

    def execute(self, context):
        try:
            return super().execute(context)
        except Exception as failure:
            code = re.search(r"Error code is: (\d+)", str(failure))
            if code and int(code.group(1)) in HOPELESS:
                raise AirflowFailException(f"{failure} The reason is in the log above; it is not tried again.") from failure
            raise


def submit(task_id: str, arguments: Sequence[str], spark: Mapping[str, object], /, *, conn_id, name, retries, retry_delay, **more):
    """The job of dapt with these arguments, in a DAG with TEMPLATES; ``spark`` goes before the rest, but ``more``."""
    return DaptOperator(
        task_id=task_id,
        **{
            "conn_id": conn_id,
            "name": name,
            "env_vars": ENVIRONMENT,
            "retries": retries,
            "retry_delay": retry_delay,
            **spark,
            "conf": {**SPARK_CONF, **spark.get("conf", {})},
            **more,
        },
        java_class="org.dapt.cli.Main",
        application="{{ dapt_application(params.home) }}",
        jars="{{ dapt_jars(params.home) }}",
        application_args=list(arguments),
    )


def as_fsspec(path: str) -> str:
    """A path as Hadoop writes it: file:/a where fsspec expects /a."""
    return re.sub(r"^file:/+", "/", path).rstrip("/")


def shared_data(root: str, data: str) -> str:
    """The folder of prepared data outside of the run in ``root``, by what its run.json says: relative to the run, or absolute."""
    if re.match(r"([A-Za-z][A-Za-z0-9+.-]*:)?/", data):
        return as_fsspec(data)
    # Two dots are part of a name to fsspec.
    store, path = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]*://[^/]*)?(.*)", root).groups(default="")
    return store + posixpath.normpath(f"{path}/{data}")


def read_marker(run_directory: str, folder: str, storage_options: Mapping | None = None) -> dict:
    """What the marker of ``folder`` tells about a finished job of the run.

    Reads two small files, by the library fsspec: a local path, or a URI of any file system that the worker's fsspec
    knows (``hdfs`` with pyarrow, ``s3`` and ``s3a`` with s3fs, and so on), with its ``storage_options``.
    """
    import fsspec

    root = as_fsspec(run_directory)

    def read(file_name: str) -> dict:
        try:
            with fsspec.open(file_name, "rb", **(storage_options or {})) as file:
                return json.loads(file.read())
        except FileNotFoundError as missing:
            raise AirflowException(f"{file_name} does not exist: the job before this check has not finished.") from missing

    run = read(f"{root}/run.json")
    if folder.startswith("data/") and "data" in run:
        # With run.data the runs that share it may differ in all but how their data are prepared: the marker has the digest
        # of that, and the job has compared it.
        return read(f"{shared_data(root, run['data'])}/{folder.removeprefix('data/')}/_DONE")["summary"]
    marker = read(f"{root}/{folder}/_DONE")
    if marker["config_hash"] != run["config_hash"]:
        raise AirflowException(
            f"{root}/{folder}/_DONE is of another configuration than the run: delete {folder} and clear the job."
        )
    return marker["summary"]


@task(retries=2, retry_delay=timedelta(seconds=5))
def check_marker(run_directory: str, folder: str, storage_options: dict) -> dict:
    """Whether a job has left its marker; returns what the marker tells. Starts no Spark."""
    return read_marker(run_directory, folder, storage_options)


def dapt_stream_dag(
    dag_id: str,
    *,
    tasks: Sequence[str],
    home: str,
    config: str,
    runs: str,
    settings: Mapping[str, object] | None = None,
    replay: bool = False,
    at_once: bool | None = None,
    unseen: str | None = None,
    conn_id: str = "spark_default",
    spark: Mapping[str, object] | None = None,
    storage_options: Mapping[str, object] | None = None,
    retries: int = 3,
    retry_delay: timedelta = RETRY_DELAY,
    **dag_arguments,
) -> DAG:
    """A DAG that learns ``tasks`` one after the other.

    :param tasks: names of folders below ``tasks.root``, in the order in which they are learnt
    :param home: the folder of the installed dapt, the same on every worker of Airflow
    :param config: the configuration file, as the driver sees it
    :param runs: where run directories are made, one for each run of the DAG and named by its run id. The parameter
        ``run_dir`` names one to go on with instead
    :param settings: further keys of dapt's configuration with their values. Each is a parameter of the DAG
    :param replay: true if and only if ``reflection.source`` is ``generated`` or the method is ``lfpt5``
    :param at_once: true if and only if the method takes all tasks with the last one (``multi-task``, ``zero-shot``): the last step
        alone is evaluated. None looks at ``method.name`` in ``settings`` and does not know what the configuration file has
    :param unseen: a folder of tasks that are never learnt, as the driver sees it: they are evaluated behind the last training
    :param conn_id: the Spark connection: master, deploy mode
    :param spark: further arguments of every SparkSubmitOperator (``conf``, ``driver_memory``, ``num_executors``,
        ``properties_file``, ``files``, ``pool``, ...). With a standalone master and deploy mode cluster ``env_vars`` must be None
    :param storage_options: of fsspec, for the marker checks on a remote file system
    :param retries: of every job, for what may pass: a lost machine, a lease that another job still holds
    :param dag_arguments: of the DAG (``schedule``, ``tags``, ...)
    """
    if not tasks or len(set(tasks)) != len(tasks):
        raise ValueError(f"tasks is {list(tasks)}, expected names of tasks, each once")
    for name in tasks:
        if any(mark in name for mark in ("{{", "{%", "{#")):
            raise ValueError(f"tasks has the name {name!r}: Airflow reads {{{{, {{% and {{# as templates; rename the task's folder")
    settings, spark = dict(settings or {}), dict(spark or {})
    if at_once is None:
        at_once = settings.get("method.name") in AT_ONCE
    dag = DAG(
        dag_id,
        **{
            "schedule": None,
            "catchup": False,
            "tags": ["dapt"],
            "doc_md": __doc__,
            **dag_arguments,
        },
        # Two runs would share the cluster; they never share a run directory.
        max_active_runs=1,
        params={
            "home": Param(home, type="string", description="Folder of the installed dapt"),
            "config": Param(config, type="string", description="Configuration file"),
            "runs": Param(runs, type="string", description="Folder of the run directories"),
            "run_dir": Param("", type="string", description="An existing run directory to go on with"),
            **{key: Param(value, description=f"dapt's {key}") for key, value in settings.items()},
        },
        **TEMPLATES,
    )
    common = [
        *("--config", "{{ params.config }}", "-D", f"run.dir={RUN_DIRECTORY}", "-D", f"tasks.order={json.dumps(list(tasks))}"),
        *(part for key in settings for part in ("-D", f"{key}={{{{ params['{key}'] | tojson }}}}")),
    ]

    def job(command: str, *arguments: str, folder: str, name: str | None = None):
        """A job of dapt and the check behind it."""
        submitted = submit(
            name or command,
            [command, *common, *arguments],
            spark,
            conn_id=conn_id,
            name=f"dapt {command} {arguments[-1]}",
            retries=retries,
            retry_delay=retry_delay,
        )
        checked = check_marker.override(task_id=f"{name or command}_done")(RUN_DIRECTORY, folder, dict(storage_options or {}))
        submitted >> checked
        return submitted, checked

    with dag:
        prepared_before, learnt_before = None, []
        for number, name in enumerate(tasks, start=1):
            folder = f"{number:02d}-{name}"
            with TaskGroup(group_id=re.sub(r"[^A-Za-z0-9_-]", "_", folder), tooltip=name):
                prepare, prepared = job("prepare", name, folder=f"data/{name}")
                train, trained = job("train", name, folder=f"tasks/{folder}")
                # The first job makes the run directory; the others find it.
                if prepared_before:
                    prepared_before >> prepare
                [prepared, *learnt_before] >> train
                if number == len(tasks) or not at_once:
                    evaluate, _ = job("evaluate", "--step", str(number), folder=f"scores/step={number:04d}")
                    trained >> evaluate
                prepared_before, learnt_before = prepared, [trained]
                if replay:
                    replayed, made = job("replay", name, folder=f"pseudo/{folder}")
                    trained >> replayed
                    learnt_before = [made]
        if unseen:
            step = f"step={len(tasks):04d}"
            folder = f"unseen/{unseen.rstrip('/').rpartition('/')[2]}/scores/{step}"
            evaluated, _ = job("evaluate", "--step", str(len(tasks)), "--unseen", unseen, folder=folder, name="unseen")
            trained >> evaluated
    return dag
