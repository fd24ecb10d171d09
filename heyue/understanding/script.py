"""One script to read: simplified characters and half-width forms. Length never changes, so spans stay true."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files


@cache
def _table() -> dict[int, str]:
    """Traditional to simplified, character by character (OpenCC's table), and what typing adds to it."""
    lines = (files("opencc") / "dictionary/TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line)
    table = {
        ord(traditional): simplified[0] for traditional, simplified, *_ in pairs if len(traditional) == 1
    }
    return table | {ord("號"): "号", ord("圓"): "元", ord("嘅"): "的"}


def simplify(text: str) -> str:
    """`text` in simplified characters and half-width forms, of the same length."""
    if text.isascii():
        return text
    return "".join(map(_half_width, text)).translate(_table())


@cache
def _half_width(character: str) -> str:
    """The compatibility form (NFKC) of one character where that is one character too."""
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character
