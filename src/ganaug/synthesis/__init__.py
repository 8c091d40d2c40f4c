"""From a generator to a synthetic set: candidates, selection, quality, card."""
