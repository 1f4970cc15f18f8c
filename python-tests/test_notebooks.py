"""The notebooks, executed on runs that the tests made."""

import json
import re

import pytest
from conftest import QUICKSTART, TASKS
from environments import ROOT

NOTEBOOKS = ROOT / "notebooks"


@pytest.fixture(scope="module")
def executed(in_environment, quickstart_run, tmp_path_factory):
    """Executes a notebook over two runs of the same name: the outputs of its code cells."""
    folder = tmp_path_factory.mktemp("notebooks")
    # The same run by another name.
    other = folder / "other"
    other.symlink_to(quickstart_run)

    def call(name, *runs) -> list:
        result = folder / name
        in_environment(
            "notebook",
            *(ROOT / "python-tests" / "execute_notebook.py", NOTEBOOKS / name, result),
            env={
                "DAPT_RUNS": ", ".join(map(str, runs or (quickstart_run, other))),
                "MPLBACKEND": "module://matplotlib_inline.backend_inline",
                "IPYTHONDIR": str(folder / "ipython"),
                "SPARK_LOCAL_IP": "127.0.0.1",
            },
        )
        return [cell["outputs"] for cell in json.loads(result.read_text())["cells"] if cell["cell_type"] == "code"]

    return call


def texts(outputs) -> str:
    """Everything that the cells show as text."""
    parts = []
    for output in (output for cell in outputs for output in cell):
        parts.append("".join(output.get("text", "")))
        parts.append("".join(output.get("data", {}).get("text/plain", "")))
    return "\n".join(parts)


def average_performance(dapt, run) -> str:
    return re.search(r"^AP +([\d.]+)$", dapt("report", "--run", run).stdout, re.MULTILINE).group(1)


def test_explore_draws_everything_and_agrees_with_the_report(executed, dapt, quickstart_run):
    outputs = executed("explore.ipynb")
    images = sum("image/png" in output.get("data", {}) for cell in outputs for output in cell)
    # Matrix, forgetting, mixture, losses, stages, comparison.
    assert images == 6
    shown = texts(outputs)
    assert "Warning" not in shown
    expected = float(average_performance(dapt, quickstart_run))
    comparison = texts(outputs[-1:])
    for name in ("quickstart", "other"):
        row = next(line for line in comparison.splitlines() if line.startswith(name))
        assert float(row.split()[3]) == pytest.approx(expected, abs=0.006), comparison


def test_explore_shows_a_run_of_a_method_without_attention(executed, dapt, quickstart_run, tmp_path):
    run = tmp_path / "one-block"
    few = ("tasks.max-train=16", "tasks.max-dev=8", "tasks.max-test=8", "train.max-steps=2", f"tasks.order=[{','.join(TASKS)}]")
    settings = ("method.name=seq-lora", f"run.dir={run}", *few)
    dapt("run", "--config", QUICKSTART, *(option for setting in settings for option in ("-D", setting)))
    outputs = executed("explore.ipynb", run, quickstart_run)
    assert "Warning" not in texts(outputs)
    assert "one-block" in texts(outputs[-1:])


READERS = """
import json, os, pathlib, sys
import pandas as pd

cells = [cell for cell in json.load(open(sys.argv[1]))["cells"] if cell["cell_type"] == "code"]
for cell in cells[:2]:
    exec("".join(cell["source"]))
run = pathlib.Path(sys.argv[2])
names = [f"task-{number}" for number in range(1, 101)]
for number, name in enumerate(names, 1):
    (run / "tasks" / f"{number:02d}-{name}").mkdir(parents=True)
    (run / "tasks" / f"{number:02d}-{name}" / "_DONE").touch()
rows = [{"metric": METRIC, "evaluated_task": name, "split": "dev", "value": float(number)} for number, name in enumerate(names)]
(run / "scores" / "step=0100").mkdir(parents=True)
pd.DataFrame(rows).to_parquet(run / "scores" / "step=0100" / "part.parquet")
assert tasks(run) == names
assert list(matrix(run).columns) == names and list(matrix(run).loc[100]) == list(range(100))
pd.DataFrame([{**rows[0], "split": "test", "value": 7.0}]).to_parquet(run / "scores" / "step=0100" / "test.parquet")
assert matrix(run).to_dict() == {names[0]: {100: 7.0}}
"""


def test_explore_reads_a_hundred_tasks_and_scores_on_dev(in_environment, tmp_path):
    in_environment("notebook", "-c", READERS, NOTEBOOKS / "explore.ipynb", tmp_path, env={"MPLBACKEND": "agg"})


def test_spark_sql_reads_several_runs_by_their_partitions(executed, dapt, quickstart_run):
    shown = texts(executed("spark_sql.ipynb"))
    expected = float(average_performance(dapt, quickstart_run))
    for name in ("quickstart", "other"):
        row = re.search(rf"^\|{name} *\|dapt-lora\|42 *\|{len(TASKS)} *\|([\d.]+) *\|", shown, re.MULTILINE)
        assert row, shown
        assert float(row.group(1)) == pytest.approx(expected, abs=0.006)
    # One file a task, of the last step only.
    assert f"{len(TASKS)} files hold the answers of step {len(TASKS)}." in shown


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_outputs_are_not_in_the_repository(name):
    notebook = json.loads((NOTEBOOKS / name).read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
