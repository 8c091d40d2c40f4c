"""Runs a Python script, such as `dvc`, and ends without taking apart the libraries, which takes seconds.

python tests/helpers/run_and_leave.py SCRIPT ARGUMENTS…
"""

import runpy
import sys

from ganaug.core.stage import leave

del sys.argv[0], sys.path[0]  # this file's own
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    if isinstance(end.code, str):
        print(end.code, file=sys.stderr)
    leave(end.code if isinstance(end.code, int) else int(end.code is not None))
leave(0)
