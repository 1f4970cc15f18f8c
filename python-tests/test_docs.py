"""The commands of the documentation, run as a new user would."""

import re
import shutil
import subprocess

import pytest
from conftest import TASKS
from environments import ROOT, environment

GUIDE = ROOT / "docs" / "getting-started.md"


def test_the_guide_works_from_first_command_to_last(distribution, tmp_path):
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL))
    # The environments are those of the other tests, with the same requirements.
    for name, requirements in re.findall(
        r"^python3 -m venv (\S+)\n.*-r python-tests/requirements/(\w+)\.txt$", script, re.MULTILINE
    ):
        script = script.replace(f"python3 -m venv {name}\n", f"ln -s {environment(requirements)} {name}\n")
    script = re.sub(r"^\S+/pip install .*\n", "", script, flags=re.MULTILINE)
    script = script.replace("submit-scripts/dapt", str(distribution / "bin" / "dapt"))
    script = script.replace("$PWD/runs/mine", str(tmp_path)).replace("runs/mine", str(tmp_path))
    script = script.replace("../../models/", f"{ROOT}/models/")
    # As many steps as make it answer with labels, not as many as make it good.
    run = f"run --config {tmp_path}/dapt.conf"
    assert run in script
    script = script.replace(run, f"{run} -D train.max-steps=60 -D tasks.max-test=40")
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert ended.returncode == 0, f"{ended.stdout[-3000:]}\n{ended.stderr[-6000:]}"
    assert "AP" in ended.stdout
    # The last command asks one block in Transformers.
    assert ended.stdout.strip().splitlines()[-1] in ("Past", "Present")
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert (tmp_path / "explore.html").exists()


# Clusters, schedulers and stores that a test has not got; what is measured for long; paths of a reader's own; what
# test_real_model.py fetches.
ELSEWHERE = (
    *("dapt-submit", "mvn ", "docker ", "airflow ", "tensorboard ", "jupyter ", "benchmarks/", "/tmp/bench"),
    *("python-tests/run", "/data/", "runs/mine", "dapt-model ", "model.gguf", "conf/smollm2.conf"),
    *("dapt-data ", "conf/mine.conf", "--device cuda"),
    # An hour and more; CompareFlowTest runs a small one.
    "dapt compare ",
    # Two runs to be merged; BankFlowTest has some.
    *("runs/one", "runs/both"),
    # Of tasks that lie elsewhere.
    "runs/stream",
)


def documented():
    """The commands of all other pages, in their order; lines of one command are joined."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if page == GUIDE:
            continue
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            for command in re.sub(r"\\\n\s*", "", block).splitlines():
                if command.strip() and not any(word in command for word in ELSEWHERE):
                    yield page.name, command


@pytest.fixture(scope="module")
def scratch(quickstart_run, tmp_path_factory):
    """A folder in which ``runs/quickstart`` is a small run, and everything else is as in the project."""
    folder = tmp_path_factory.mktemp("scratch")
    for name in ("conf", "models", "notebooks"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(quickstart_run, folder / "runs" / "quickstart")
    return folder


@pytest.mark.parametrize("page, command", documented())
def test_the_command_works(page, command, distribution, scratch):
    command = re.sub(r"^(?:submit-scripts/)?dapt ", f"{distribution}/bin/dapt ", command)
    command = command.replace("<(dapt ", f"<({distribution}/bin/dapt ")
    command = command.replace("--config conf/", f"--config {ROOT}/conf/")
    if " --config" in command and "run.dir=" not in command:
        # The same run on three tasks instead of six, learnt for one epoch: it is there already.
        order = ",".join(TASKS)
        command += f" -D run.dir=runs/quickstart -D tasks.order=[{order}] -D train.epochs=1"
    ended = subprocess.run(
        ["bash", "-c", command],
        cwd=scratch,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ended.returncode == 0, f"{command}\n{ended.stdout[-2000:]}\n{ended.stderr[-4000:]}"
