"""Building blocks: errors, files, weights, device, seeding, progress, configuration, plug-ins, paths, stages."""
