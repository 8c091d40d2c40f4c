"""Puts results into sentences."""
