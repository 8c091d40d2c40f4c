"""The server of `ganaug.runner.warm`, which has also imported what `dvc`, `ganaug` and single stages need.

python -P tests/helpers/warm_with_more.py SOCKET
"""

import importlib
import runpy
from pathlib import Path

WARM = Path(__file__).parents[2] / "src/ganaug/runner/warm.py"
LIBRARIES = (
    *("mlflow.pyfunc", "mlflow.store.tracking.sqlalchemy_store", "mlflow.store.model_registry.sqlalchemy_store"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "dvc.cli", "dvc.repo", "dvc.commands.repro"),
)

for library in LIBRARIES:
    importlib.import_module(library)
runpy.run_path(str(WARM), run_name="__main__")
