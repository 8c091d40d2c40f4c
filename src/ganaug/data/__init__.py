"""Data sources, splits and training sets, batches, and classical augmentation."""
