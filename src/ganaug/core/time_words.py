"""Spans of time in words."""


def time_in_words(seconds: float) -> str:
    """Return seconds as "4 s", "25 min" or "1.5 h", to a precision that people care for."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
