"""Contents of MLflow's runs, read from the stages' files. Nothing here sends data or imports mlflow."""
