"""Turns class names into folder names."""

from __future__ import annotations

import re

UNSAFE = re.compile(r'[%/\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')
"""Characters that some operating system does not allow in a folder's name."""


def folder_name(name: str) -> str:
    """Return a folder name that is valid on any system: unsafe characters become % and two hexadecimal digits."""
    return UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", name)
