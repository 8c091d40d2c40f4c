"""Runs the pipeline's stages side by side, and checks what they need. No stage imports this package."""
