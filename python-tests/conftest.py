"""What the tests share: the packaged product, environments and one small run."""

import os
import pathlib
import re
import subprocess

import pytest
from environments import ROOT, environment

QUICKSTART = ROOT / "conf" / "quickstart.conf"
TASKS = (
    "task429_senteval_tense",
    "task274_overruling_legal_classification",
    "task1434_head_qa_classification",
)


@pytest.fixture(scope="session")
def distribution() -> pathlib.Path:
    """The packaged product, as ``mvn package`` leaves it."""
    version = re.search(r"^  <version>(.+)</version>", (ROOT / "pom.xml").read_text(), re.MULTILINE).group(1)
    folder = ROOT / "dist" / "target" / f"dapt-{version}"
    assert (folder / "lib").is_dir(), f"{folder} is missing: run mvn package first"
    return folder


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
    folder = tmp_path_factory.mktemp("runs") / "quickstart"
    dapt(
        *("run", "--config", QUICKSTART, "-D", f"run.dir={folder}", "-D", f"tasks.order=[{','.join(TASKS)}]"),
        *("-D", "train.epochs=1"),
    )
    return folder


@pytest.fixture(scope="session")
def in_environment():
    """Runs the Python of the environment ``name`` (a file of requirements/) with the given arguments."""

    def call(name, *arguments, code=0, env=None, **options) -> subprocess.CompletedProcess:
        folder = environment(name)
        ended = subprocess.run(
            [folder / "bin" / "python", "-B", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=900,
            env={**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", **(env or {})},
            **options,
        )
        assert ended.returncode == code, f"exit code {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended

    return call
