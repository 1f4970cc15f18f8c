"""What the tests share: the packaged product, environments and one small run."""

import fcntl
import json
import os
import pathlib
import re
import select
import subprocess
import tempfile

import pytest
from environments import HOME, ROOT, environment

CHECKS = ROOT / "python-tests" / "peft_checks.py"
QUICKSTART = ROOT / "conf" / "quickstart.conf"
TASKS = (
    "task429_senteval_tense",
    "task274_overruling_legal_classification",
    "task1434_head_qa_classification",
)

# Nothing is fetched.
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}

# The files that take longest begin first, so that no worker is left with one of them at the end.
LONGEST_FIRST = ("test_airflow", "test_adapters", "test_real_model", "test_sinks", "test_docs")

# Most commands here are over before the optimising compiler has won back what it took.
QUICK = "-XX:TieredStopAtLevel=1"
# An archive that does not fit, since a test has put the product elsewhere, is left alone without a word.
SHARED = "-Xshare:auto -Xlog:disable"


def pytest_configure():
    """Has the commands of all tests share one archive of loaded classes: loading them is half of what most do."""
    if "DAPT_JAVA_OPTIONS" not in os.environ:
        os.environ["DAPT_JAVA_OPTIONS"] = f"{QUICK} {SHARED} -XX:SharedArchiveFile={class_archive()}"


def class_archive() -> pathlib.Path:
    """The archive of the classes that a small run loads, made again where the product is newer."""
    home = packaged()
    archive = HOME / "classes.jsa"
    newest = max(file.stat().st_mtime for file in (home / "lib").rglob("*.jar"))
    if not archive.exists() or archive.stat().st_mtime < newest:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
            made = pathlib.Path(scratch) / archive.name
            settings = (f"run.dir={scratch}/run", f"tasks.order=[{TASKS[0]}]", "tasks.max-train=8", "tasks.max-test=8")
            ended = subprocess.run(
                [
                    *(home / "bin" / "dapt", "run", "--config", QUICKSTART),
                    *(option for setting in (*settings, "train.max-steps=1") for option in ("-D", setting)),
                ],
                capture_output=True,
                text=True,
                timeout=900,
                env={**os.environ, "DAPT_JAVA_OPTIONS": f"{QUICK} {SHARED} -XX:ArchiveClassesAtExit={made}"},
            )
            assert ended.returncode == 0, f"exit code {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
            made.replace(archive)
    return archive


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


def packaged() -> pathlib.Path:
    """The packaged product, as ``mvn package`` leaves it."""
    version = re.search(r"^  <version>(.+)</version>", (ROOT / "pom.xml").read_text(), re.MULTILINE).group(1)
    folder = ROOT / "dist" / "target" / f"dapt-{version}"
    assert (folder / "lib").is_dir(), f"{folder} is missing: run mvn package first"
    return folder


@pytest.fixture(scope="session")
def distribution() -> pathlib.Path:
    """The packaged product."""
    return packaged()


@pytest.fixture(scope="session")
def dapt(distribution):
    """Runs ``bin/dapt`` with the given arguments: the finished process, with its output as text."""

    def call(*arguments, code=0, env=None, **options) -> subprocess.CompletedProcess:
        ended = subprocess.run(
            [distribution / "bin" / "dapt", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=900,
            env={**os.environ, **(env or {})},
            **options,
        )
        assert ended.returncode == code, f"exit code {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended

    return call


@pytest.fixture(scope="session")
def quickstart_run(dapt, tmp_path_factory) -> pathlib.Path:
    """A run directory: three tasks of the quickstart learnt for one epoch each, and evaluated. Not to be changed."""
    runs = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        runs = runs.parent
    folder = runs / "quickstart"
    done = runs / "quickstart.done"
    # Whichever worker comes first makes it for all.
    with open(runs / "quickstart.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            dapt(
                *("run", "--config", QUICKSTART, "-D", f"run.dir={folder}", "-D", f"tasks.order=[{','.join(TASKS)}]"),
                *("-D", "train.epochs=1"),
            )
            done.touch()
    return folder


@pytest.fixture(scope="session")
def in_environment():
    """Runs the Python of the environment ``name`` (a file of requirements/) with the given arguments."""

    def call(name, *arguments, code=0, env=None, **options) -> subprocess.CompletedProcess:
        folder = environment(name)
        ended = subprocess.run(
            [folder / "bin" / "python", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=900,
            env={**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", **(env or {})},
            **options,
        )
        assert ended.returncode == code, f"exit code {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended

    return call


@pytest.fixture(scope="module")
def check():
    """Runs a check of peft_checks.py: what it returns. One process runs them all, since importing takes it long."""
    command = [environment("peft") / "bin" / "python", CHECKS]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env={**os.environ, **OFFLINE}, **pipes) as process:

        def call(name, *arguments):
            print(json.dumps([name, *map(str, arguments)]), file=process.stdin, flush=True)
            assert select.select([process.stdout], [], [], 900)[0], f"{name} takes too long"
            answer = json.loads(process.stdout.readline() or '{"error": "The process of the checks has ended."}')
            assert "error" not in answer, answer["error"]
            return answer["value"]

        try:
            yield call
        finally:
            process.kill()
