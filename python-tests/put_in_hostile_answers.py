"""Replaces what a run's predictions quote: put_in_hostile_answers.py RUN TASK LAST TEXT.

In the first step every answer on TASK becomes right, in step LAST wrong; ids, inputs, references and predictions are TEXT.
"""

import pathlib
import sys

import pyarrow
import pyarrow.parquet


def main(run: str, task: str, last: str, text: str) -> None:
    for step, right in ((1, 1.0), (int(last), 0.0)):
        folder = pathlib.Path(run) / "predictions" / f"step={step:04d}" / f"task={task}"
        (file,) = folder.glob("*.parquet")
        table = pyarrow.parquet.ParquetFile(file).read()
        rows = table.to_pylist()
        for row in rows:
            row.update(id=text, input=text, references=[text], prediction=text, exact_match=right)
        for old in [file, *folder.glob(".*.crc")]:
            old.unlink()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=table.schema), file)


if __name__ == "__main__":
    main(*sys.argv[1:])
