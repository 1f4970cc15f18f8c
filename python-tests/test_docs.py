"""The commands of the guide, run one after the other as a new user would."""

import os
import re
import subprocess

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
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
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
