"""Runs the pipeline's stages side by side. No stage imports this package."""
