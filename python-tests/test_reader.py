"""Tables of notebooks/dapt_reader.py on a made-up run, for what the runs of the other tests do not have."""

import json
import subprocess

from conftest import ROOT
from environments import environment

SCORES = """
import sys; sys.path.insert(0, sys.argv[2])
import pathlib
import pandas
import dapt_reader

run = pathlib.Path(sys.argv[1])
for step, rows in ((1, [("a", "rouge-l", 11.0), ("a", "exact-match", 12.0)]),
                   (2, [("a", "rouge-l", 21.0), ("a", "exact-match", 22.0),
                        ("b", "rouge-l", 31.0), ("b", "exact-match", 32.0)])):
    folder = run / "scores" / f"step={step:04d}"
    folder.mkdir(parents=True)
    pandas.DataFrame(rows, columns=["evaluated_task", "metric", "value"]).to_parquet(folder / "part.parquet")
    (folder / "_DONE").write_text("{}")
read = dapt_reader.Run(run)
print(json.dumps([read.matrix().fillna(-1).values.tolist(), read.matrix("rouge-l").fillna(-1).values.tolist(),
                  read.setting("b", "template"), read.setting("a", "template")]))
"""


def test_a_task_with_a_metric_of_its_own_is_shown_by_it(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps({"method": "single-task"}))
    (tmp_path / "config.conf").write_text('tasks {\n  metric = rouge-l\n  template = "super-ni"\n}\n')
    for folder, own in (("01-a", {}), ("02-b", {"overrides": {"metric": "exact-match", "template": "chat"}})):
        (tmp_path / "tasks" / folder).mkdir(parents=True)
        (tmp_path / "tasks" / folder / "_DONE").write_text(json.dumps({"summary": own}))
    ended = subprocess.run(
        [environment("peft") / "bin" / "python", "-c", "import json\n" + SCORES, tmp_path, ROOT / "notebooks"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    own, rouge, chat, plain = json.loads(ended.stdout)
    assert own == [[11.0, -1], [21.0, 32.0]]
    assert rouge == [[11.0, -1], [21.0, 31.0]]
    assert (chat, plain) == ("chat", "super-ni")
