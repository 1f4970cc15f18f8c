"""Virtual environments of the tests, kept below target/python until the packages that they are to hold change.

    python3 environments.py NAME   prints the folder of the environment with the packages of requirements/NAME.txt
    python3 environments.py all    installs all of them, as CI does while Java is tested
"""

import fcntl
import hashlib
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "python-tests" / "requirements"
HOME = ROOT / "target" / "python"

# What goes together is installed once: these share pandas, PyArrow and Spark. Airflow and MLflow want other versions of
# what they depend on, and pytest is to start before all else is there.
TOGETHER = ("browser", "notebook", "peft", "spark", "tensorboard")


def environment(name: str) -> pathlib.Path:
    """The folder of the environment ``name``, installed where it is missing or its requirements have changed."""
    files = [REQUIREMENTS / f"{each}.txt" for each in (TOGETHER if name in TOGETHER else (name,))]
    folder = HOME / ("together" if name in TOGETHER else name)
    stamp = folder / "requirements.sha256"
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / f"{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            subprocess.run(
                [
                    str(folder / "bin" / "python"),
                    *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
                    *(argument for file in files for argument in ("-r", str(file))),
                ],
                check=True,
                stdout=sys.stderr,
            )
            stamp.write_text(digest)
    return folder


if __name__ == "__main__":
    if sys.argv[1] == "all":
        # Those that are needed first come first.
        for file in ("pytest", "airflow", *TOGETHER, "mlflow"):
            environment(file)
    else:
        print(environment(sys.argv[1]))
