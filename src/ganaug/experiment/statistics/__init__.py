"""Gains over replicates and test images, and how sure they are."""
