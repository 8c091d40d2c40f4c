"""What `ganaug doctor` looks at: one function for each part of the machine and of the project."""
