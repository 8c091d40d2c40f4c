"""Code of a classifier as a model in MLflow, which runs this file to load the model.

Its input is images, uint8 (N, H, W, C); it returns class probabilities, float32 (N, K).
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

with warnings.catch_warnings(record=True):  # MLflow asks for type hints, but supports none for arrays

    class Classifier(PythonModel):  # type: ignore[misc]  # MLflow comes without types
        """Images → class probabilities."""

        def load_context(self, context: Any) -> None:
            """Load the classifier, which may be a discriminator."""
            from ganaug.core.device import device

            self.model: Any
            if "classifier.json" in context.artifacts:
                from ganaug.classifier.store import load_classifier

                self.model = load_classifier(Path(context.artifacts["classifier.json"]).parent)[0].to(device())
            else:
                from ganaug.gan.discriminator_classifier import load_discriminator_classifier

                self.model = load_discriminator_classifier(Path(context.artifacts["generator.json"]).parent)

        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            """Return class probabilities (N, K) float32."""
            from ganaug.classifier.prediction import predict

            return predict(self.model, np.ascontiguousarray(np.asarray(model_input).transpose(0, 3, 1, 2)))


set_model(Classifier())
