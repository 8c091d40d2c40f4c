"""Estimates gains over replicates and test images, with their uncertainty."""
