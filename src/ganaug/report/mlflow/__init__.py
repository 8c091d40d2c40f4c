"""Results in MLflow: runs, models, live curves."""
