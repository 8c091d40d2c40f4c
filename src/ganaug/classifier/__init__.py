"""Classifier training, ensembles, features, pseudo-labels and scores."""
