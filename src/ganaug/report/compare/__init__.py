"""Compares finished configurations: `ganaug compare`."""
