"""Formats durations."""


def time_in_words(seconds: float) -> str:
    """Return seconds as "4 s", "25 min", "3 h 20 min" or "31 h", to a precision that people care about."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if seconds < 5400:
        return f"{60 * hours + minutes} min"
    if seconds >= 36_000:
        return f"{seconds / 3600:.0f} h"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
