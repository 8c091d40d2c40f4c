"""Text that comes from files: names of classes, of attributes, of the files themselves."""


def printable(text: str) -> str:
    r"""Return `text` in one line, without what would move a terminal's cursor or change its colours.

    Letters that cannot be printed become Python's escapes, such as `\x1b`.
    """
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
