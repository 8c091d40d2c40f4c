"""The commands of `ganaug`, one per file: each parses its arguments, calls other packages and prints the result.

Nothing large is imported before a command runs, so that `ganaug --help` and completion answer at once.
"""
