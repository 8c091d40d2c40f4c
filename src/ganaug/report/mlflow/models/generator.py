"""The code of a generator as a model in MLflow, which runs this file to load it.

Its inputs are `label` and `seed` (N,), int64; of a translator also `image`, uint8 (N, H, W, C); of a GAN that was
trained with descriptions also `attributes`, float32 (N, D). It returns images, uint8 (N, H, W, C). The same label and
seed always make the same image.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

with warnings.catch_warnings(record=True):  # MLflow would like type hints, but knows none for arrays

    class Generator(PythonModel):  # type: ignore[misc]  # MLflow comes without types
        """Labels and seeds → images."""

        def load_context(self, context: Any) -> None:
            """Load the generator."""
            from ganaug.gan.store import load_generator

            self.generator, self.classes = load_generator(Path(context.artifacts["generator.json"]).parent)

        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            """Return images (N, H, W, C) uint8. Raises InputError for a label that the generator does not know."""
            from ganaug.core.device import device
            from ganaug.core.errors import InputError
            from ganaug.gan.sampling import sample

            given = {name: np.asarray(values) for name, values in model_input.items()}
            labels = given["label"]
            unknown = labels[(labels < 0) | (labels >= len(self.classes))]
            if len(unknown):
                known = ", ".join(f"{label} {name}" for label, name in enumerate(self.classes))
                raise InputError(f"label: {unknown[0]} is not one of this generator's: {known}")
            sources = given["image"].transpose(0, 3, 1, 2) if "image" in given else None
            chunks = sample(
                self.generator, labels, given["seed"], device(), sources=sources, attributes=given.get("attributes")
            )
            return np.concatenate(list(chunks)).transpose(0, 2, 3, 1)


set_model(Generator())
