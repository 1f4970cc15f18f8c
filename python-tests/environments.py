"""Virtual environments of the tests, one per file of requirements/, kept below target/python until the file changes."""

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


def environment(name: str) -> pathlib.Path:
    """The folder of the environment ``name``, installed where it is missing or its requirements have changed."""
    requirements = REQUIREMENTS / f"{name}.txt"
    folder = HOME / name
    stamp = folder / "requirements.sha256"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            subprocess.run(
                [
                    str(folder / "bin" / "python"),
                    *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
                    *("-r", str(requirements)),
                ],
                check=True,
                stdout=sys.stderr,
            )
            stamp.write_text(digest)
    return folder


if __name__ == "__main__":
    print(environment(sys.argv[1]))
