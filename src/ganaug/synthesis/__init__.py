"""Synthetic sets: candidates, selection, quality metrics and the card."""
