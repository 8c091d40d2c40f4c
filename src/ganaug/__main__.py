"""`python -m ganaug` is the `ganaug` command."""

from ganaug.cli import main

main()
