"""Generator and classifier of a run as models in MLflow: which, in what form, and which of them is the champion."""
