"""Makes the files that generate the reference importable."""

import sys
from pathlib import Path

HOOKS = str(Path(__file__).parents[2] / "docs/_hooks")
if HOOKS not in sys.path:
    sys.path.insert(0, HOOKS)
