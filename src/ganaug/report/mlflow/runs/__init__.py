"""What MLflow's runs hold, read from the stages' files. Nothing here sends anything or imports mlflow."""
