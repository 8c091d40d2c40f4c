"""One classifier's training, ensembles of them, their features, pseudo-labels and scores."""
