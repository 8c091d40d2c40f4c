"""Content of results/summary.json: its types, the code that computes it, and its reader."""
