"""The error message for an unknown name."""

from ganaug.core.errors import unknown


def test_choices_are_listed_in_sorted_order():
    assert unknown("colour", "xyz", ["red", "blue"]) == "unknown colour 'xyz'; choose from: blue, red"


def test_closest_match_is_suggested():
    assert "did you mean 'hinge'?" in unknown("objective", "hing", ["non_saturating", "hinge"])


def test_no_choices_at_all():
    assert unknown("arm", "gan", []) == "unknown arm 'gan'; none are available"
