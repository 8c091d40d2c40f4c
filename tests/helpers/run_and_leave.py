"""Runs a Python script, such as `dvc`, and exits without unloading libraries, which takes seconds.

python tests/helpers/run_and_leave.py SCRIPT ARGUMENTS…
"""

import runpy
import sys

from ganaug.core.stage import leave

del sys.argv[0], sys.path[0]  # the entries for this file
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    if isinstance(end.code, str):
        print(end.code, file=sys.stderr)
    leave(end.code if isinstance(end.code, int) else int(end.code is not None))
leave(0)
