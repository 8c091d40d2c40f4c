"""The arms, their comparison, and the verdict."""
