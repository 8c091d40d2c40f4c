"""The words of error messages."""

from ganaug.core.errors import InputError, first_line, unknown


def test_choices_are_listed_in_sorted_order():
    assert unknown("colour", "xyz", ["red", "blue"]) == "unknown colour 'xyz'; choose from: blue, red"


def test_closest_match_is_suggested():
    assert "did you mean 'hinge'?" in unknown("objective", "hing", ["non_saturating", "hinge"])


def test_no_choices_at_all():
    assert unknown("arm", "gan", []) == "unknown arm 'gan'; none are available"


def test_choices_from_files_cannot_control_the_terminal():
    assert unknown("class", "a", ["b\x1b[2J"]) == r"unknown class 'a'; choose from: b\x1b[2J"


def test_messages_for_a_terminal_keep_their_lines_and_nothing_else():
    assert InputError("a\x1b[2J.png: damaged\nb.png: damaged").shown == "a\\x1b[2J.png: damaged\nb.png: damaged"


def test_an_error_of_a_library_is_its_first_line_or_its_class():
    assert first_line(OSError("\nno route to host\n  in line 3")) == "no route to host"
    assert first_line(TimeoutError()) == "TimeoutError"
