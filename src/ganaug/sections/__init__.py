"""The sections of params.yaml that a stage reads, one file a section."""
