"""An arm: its options, the batches that they make, and the training of its classifiers."""
