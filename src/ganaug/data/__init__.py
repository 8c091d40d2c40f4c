"""From a source of images to the sets that every stage reads."""
