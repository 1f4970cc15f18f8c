"""Executes a notebook as its reader would: execute_notebook.py NOTEBOOK RESULT."""

import pathlib
import sys

import nbclient
import nbformat

notebook = pathlib.Path(sys.argv[1])
cells = nbformat.read(notebook, as_version=4)
nbformat.validate(cells)
nbclient.NotebookClient(cells, timeout=600, resources={"metadata": {"path": str(notebook.parent)}}).execute()
nbformat.write(cells, sys.argv[2])
