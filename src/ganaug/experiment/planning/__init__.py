"""Plans a run: parameters that fit the data, its duration, and the gain that it can detect."""
