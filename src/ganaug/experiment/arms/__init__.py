"""An arm's options, its training batches, and the training of its classifiers."""
