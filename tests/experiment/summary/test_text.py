"""The summary's tables."""

from ganaug.experiment.summary.text import aligned


def test_columns_are_as_wide_as_what_is_in_them():
    assert aligned([["arm", "score"], ["real", "1"]], (6, 7)) == ["arm     score", "real        1"]
    assert aligned([["arm", "a long heading"], ["a long name", "1"]], (6, 7)) == [
        "arm            a long heading",
        "a long name                 1",
    ]
