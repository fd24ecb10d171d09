"""One script to read: simplified characters and half-width forms. Length never changes, so spans stay true."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

# Cantonese characters for words that Mandarin writes with one character too
CANTONESE = {
    "圓": "元", "嘅": "的", "㗎": "的", "咗": "了", "俾": "给", "畀": "给", "嗰": "那", "喺": "在", "唔": "不", "冇": "没",
    "佢": "他", "係": "是", "嚟": "来", "攞": "拿", "啱": "对", "哋": "们", "啲": "些", "睇": "看", "搵": "找", "掂": "定",
}  # fmt: skip


@cache
def _table() -> dict[int, str]:
    """Traditional to simplified, character by character (OpenCC's table), and what typing adds to it."""
    lines = (files("opencc") / "dictionary/TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line)
    table = {
        ord(traditional): simplified[0] for traditional, simplified, *_ in pairs if len(traditional) == 1
    }
    return table | str.maketrans(CANTONESE)


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
