"""Everything that results/summary.json holds: its types, what fills it in, and its reader."""
