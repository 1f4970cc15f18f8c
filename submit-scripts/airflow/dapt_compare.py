"""A comparison of methods as an Airflow DAG: every run of ``dapt compare`` is a Spark application.

One task group per run, in front of them the choice of settings where some are tried, behind them the table::

    tune ──▶ run ──▶ run_done ──┐
         └─▶ run ──▶ run_done ──┴──▶ report ──▶ all_done

The runs share their prepared data; who needs them first prepares them, and the others wait. The failure of a run does not
stop the others, nor does a method for which none of the settings that are tried works: the table is made of those that are done, and the
DAG fails by its last task, ``all_done``.

Use it from a DAG file of your own::

    # My comparison on Airflow.
    from dapt_compare import dapt_compare_dag

    dag = dapt_compare_dag("my_comparison", methods=["seq-lora", "dapt-lora"], orders={"order1": ["first", "second"]},
                           seeds=[42, 43], home="/opt/dapt", config="/etc/dapt/compare.conf", comparisons="hdfs:///comparisons")

Methods, orders and seeds are those given here, in the place of those of the configuration, which has what else belongs to the comparison.
Settings are tried on the first order by alphabet with the first seed; trials that fail among others that work stop nothing. Nothing is read
while the file is imported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from airflow.sdk import DAG, Param, TaskGroup, task
from dapt_stream import RETRY_DELAY, TEMPLATES, check_marker, submit

DIRECTORY = "{{ params.compare_dir or params.comparisons ~ '/' ~ (run_id | as_folder_name) }}"

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@task(retries=0)
def all_done() -> None:
    """Runs only where every run and the table succeeded: by it the DAG succeeds or fails."""


def dapt_compare_dag(
    dag_id: str,
    *,
    methods: Sequence[str],
    orders: Mapping[str, Sequence[str]],
    seeds: Sequence[int],
    home: str,
    config: str,
    comparisons: str,
    setting_names: Sequence[str] = ("base",),
    tune: bool = False,
    settings: Mapping[str, object] | None = None,
    conn_id: str = "spark_default",
    spark: Mapping[str, object] | None = None,
    storage_options: Mapping[str, object] | None = None,
    retries: int = 3,
    retry_delay: timedelta = RETRY_DELAY,
    **dag_arguments,
) -> DAG:
    """A DAG that runs a comparison.

    :param methods: as ``compare.methods``
    :param orders: as ``compare.orders``: names of tasks by names of orders. Settings are tried on the first one by alphabet
    :param seeds: as ``compare.seeds``
    :param comparisons: where the folders of comparisons are made, one for each run of the DAG and named by its run id. The
        parameter ``compare_dir`` names one to go on with instead
    :param setting_names: the names in ``compare.settings`` of the configuration; ``base`` where it has none
    :param tune: true if and only if ``compare.tune.tasks`` is above 0

    The other parameters are those of ``dapt_stream_dag``.
    """
    for what, names in (("methods", methods), ("orders", list(orders)), ("setting_names", setting_names)):
        if not names or len(set(names)) != len(names) or not all(NAME.fullmatch(name) for name in names):
            raise ValueError(f"{what} is {list(names)}, expected names of letters, digits, _ and -, each once")
    if not seeds or len(set(seeds)) != len(seeds) or not all(isinstance(seed, int) for seed in seeds):
        raise ValueError(f"seeds is {list(seeds)}, expected whole numbers, each once")
    for tasks in orders.values():
        if not tasks or any(mark in name for name in tasks for mark in ("{{", "{%", "{#")):
            raise ValueError(f"orders has the tasks {list(tasks)}, expected names without {{{{, {{% and {{#, which Airflow reads as templates")
    settings, spark = dict(settings or {}), dict(spark or {})
    dag = DAG(
        dag_id,
        **{"schedule": None, "catchup": False, "tags": ["dapt"], "doc_md": __doc__, **dag_arguments},
        # Two runs would share the cluster; they never share a folder.
        max_active_runs=1,
        params={
            "home": Param(home, type="string", description="Folder of the installed dapt"),
            "config": Param(config, type="string", description="Configuration file with a section compare"),
            "comparisons": Param(comparisons, type="string", description="Folder of the comparisons"),
            "compare_dir": Param("", type="string", description="An existing comparison to go on with"),
            **{key: Param(value, description=f"dapt's {key}") for key, value in settings.items()},
        },
        **TEMPLATES,
    )
    ours = {
        "compare.methods": json.dumps(list(methods)),
        "compare.seeds": json.dumps(list(seeds)),
        # As one section they take the place of the file's.
        "compare.orders": json.dumps({name: list(tasks) for name, tasks in orders.items()}),
        "compare.dir": DIRECTORY,
        **{key: f"{{{{ params['{key}'] | tojson }}}}" for key in settings},
    }
    common = ["compare", "--config", "{{ params.config }}", *(part for key, value in ours.items() for part in ("-D", f"{key}={value}"))]

    def job(task_id: str, *arguments: str, name: str, **more):
        return submit(
            task_id,
            [*common, *arguments],
            spark,
            conn_id=conn_id,
            name=f"dapt compare {name}",
            retries=retries,
            retry_delay=retry_delay,
            **more,
        )

    with dag:
        tuned = job("tune", "--parallel", "1", "--tune-only", name="tune") if tune else None
        # Also where a run has failed: of those that are done.
        report = job("report", "--report-only", name="report", trigger_rule="all_done")
        complete = all_done()
        report >> complete
        cells = [
            (f"{method}.{order}.{setting}.seed{seed}", len(tasks))
            for setting in setting_names
            for order, tasks in orders.items()
            for seed in seeds
            for method in methods
        ]
        groups: set[str] = set()
        for cell, steps in cells:
            group = re.sub(r"[^A-Za-z0-9_-]", "_", cell)
            # The order a_b in the setting c is not the order a in the setting b_c.
            while group in groups:
                group += "_"
            groups.add(group)
            with TaskGroup(group_id=group, tooltip=cell):
                # Where nothing that was tried for one method worked, the runs of others go on; its own end at once.
                run = job("run", "--cell", cell, name=cell, **({"trigger_rule": "all_done"} if tune else {}))
                done = check_marker.override(task_id="run_done")(
                    f"{DIRECTORY}/runs/{cell}", f"scores/step={steps:04d}", dict(storage_options or {})
                )
                if tuned:
                    tuned >> run
                run >> done >> [report, complete]
        if tuned:
            tuned >> complete
    return dag
