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
