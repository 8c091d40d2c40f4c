"""Code of a generator as a model in MLflow, which runs this file to load the model.

Its inputs are `label` and `seed` (N,), int64; a translator also takes `image`, uint8 (N, H, W, C), and a GAN that was
trained with descriptions also takes `attributes`, float32 (N, D). It returns images, uint8 (N, H, W, C). The same label
and seed always make the same image.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

with warnings.catch_warnings(record=True):  # MLflow asks for type hints, but supports none for arrays

    class Generator(PythonModel):  # type: ignore[misc]  # MLflow comes without types
        """Labels and seeds → images."""

        def load_context(self, context: Any) -> None:
            """Load the generator."""
            from ganaug.gan.store import load_generator

            self.generator, self.classes = load_generator(Path(context.artifacts["generator.json"]).parent)

        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            """Return images (N, H, W, C) uint8. Raises InputError for a label that the generator does not have."""
            from ganaug.core.device import device
            from ganaug.core.errors import InputError
            from ganaug.gan.sampling import sample

            inputs = {name: np.asarray(values) for name, values in model_input.items()}
            labels = inputs["label"]
            unknown = labels[(labels < 0) | (labels >= len(self.classes))]
            if len(unknown):
                names = ", ".join(f"{label} {name}" for label, name in enumerate(self.classes))
                raise InputError(f"label: {unknown[0]} is not a label of this generator; use one of: {names}")
            sources = inputs["image"].transpose(0, 3, 1, 2) if "image" in inputs else None
            chunks = sample(
                self.generator, labels, inputs["seed"], device(), sources=sources, attributes=inputs.get("attributes")
            )
            return np.concatenate(list(chunks)).transpose(0, 2, 3, 1)


set_model(Generator())
