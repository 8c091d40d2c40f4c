"""A run's generator and classifier as models in MLflow: selects and registers them, and chooses the champion."""
