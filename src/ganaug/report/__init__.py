"""What people see: the page, plots, MLflow, live curves."""
