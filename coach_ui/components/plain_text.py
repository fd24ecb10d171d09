"""Words from outside as text: what Streamlit takes for Markdown would style them, or load a picture from anywhere."""

from __future__ import annotations

import re

MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")


def plain(text: str) -> str:
    """The text in Markdown that shows it as it is."""
    return MARKS.sub(r"\\\1", text)
