"""The commands of `ganaug`, one per file: what a command is given, whom it asks, and what it prints.

Nothing large is imported before a command runs, so that `ganaug --help` and completion answer at once.
"""
