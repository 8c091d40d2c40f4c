"""The checks of `ganaug doctor`: one function for each part of the machine and the project."""
