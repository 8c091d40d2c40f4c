"""Before a run: parameters that fit the data, how long it takes, and what it can detect."""
