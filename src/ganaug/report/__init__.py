"""The HTML report, its plots, and MLflow: live curves and published results."""
