"""Several finished configurations beside each other: `ganaug compare`."""
