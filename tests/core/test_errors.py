"""What a user is told of an unknown name."""

from ganaug.core.errors import unknown


def test_unknown_lists_the_choices_sorted():
    assert unknown("colour", "xyz", ["red", "blue"]) == "unknown colour 'xyz'; choose from: blue, red"


def test_unknown_guesses_what_was_meant():
    assert "did you mean 'hinge'?" in unknown("objective", "hing", ["non_saturating", "hinge"])
