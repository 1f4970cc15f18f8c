"""Reads a run directory without dapt: read_tables.py RUN. Prints what its report must show as one JSON object."""

import json
import pathlib
import sys

import pyarrow.dataset
import pyarrow.parquet


def rows(folder: pathlib.Path) -> list:
    return pyarrow.dataset.dataset(folder, format="parquet", partitioning="hive").to_table().to_pylist()


def main(run: pathlib.Path) -> None:
    folders = sorted(folder for folder in (run / "tasks").iterdir() if (folder / "_DONE").exists())
    tasks = [folder.name[3:] for folder in folders]
    scores = {}
    for row in rows(run / "scores"):
        scores.setdefault(row["metric"], {})[row["step"], row["evaluated_task"]] = row["value"]
    last = rows(run / "attention" / f"step={len(tasks):04d}")
    answers = {
        (step, task): {
            row["index"]: row["exact_match"]
            for row in pyarrow.parquet.read_table(run / "predictions" / f"step={step:04d}" / f"task={task}").to_pylist()
        }
        for i, task in enumerate(tasks, 1)
        for step in (i, len(tasks))
    }
    steps = []
    for folder in folders:
        table = pyarrow.parquet.read_table(folder / "training.parquet").to_pylist()
        table.sort(key=lambda row: row["step"])
        steps.append(table)
    print(
        json.dumps(
            {
                "tasks": tasks,
                "summaries": [json.loads((folder / "_DONE").read_text())["summary"] for folder in folders],
                "scores": {
                    metric: [[values.get((i, task)) for task in tasks] for i in range(1, len(tasks) + 1)]
                    for metric, values in scores.items()
                },
                "attention": [
                    [
                        next(r["mean_weight"] for r in last if (r["evaluated_task"], r["block_task"]) == (task, block))
                        for block in tasks
                    ]
                    for task in tasks
                ],
                "answers": [
                    [answers[i, task], answers[len(tasks), task]] for i, task in enumerate(tasks, 1) if i < len(tasks)
                ],
                "cross_entropy": [[row["cross_entropy"] for row in table] for table in steps],
                "reflection": [[row["reflection"] for row in table] for table in steps],
            }
        )
    )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
