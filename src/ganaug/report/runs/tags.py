"""Tags by which MLflow's runs are told apart."""

ARM, GROUP, KIND, REPLICATE, HEALTH = "arm", "group", "kind", "replicate", "health"
CONFIGURATION, GAN, CLASSIFIER = "configuration", "gan", "classifier"
"""Values of the tag `kind`."""
