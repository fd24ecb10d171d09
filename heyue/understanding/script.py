"""One script to read: simplified characters, half-width forms, no invisible marks; spans stay those of the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

# Cantonese characters for words that Mandarin writes with one character too
CANTONESE = {
    "圓": "元", "嘅": "的", "㗎": "的", "咗": "了", "俾": "给", "畀": "给", "嗰": "那", "喺": "在", "唔": "不", "冇": "没",
    "佢": "他", "係": "是", "嚟": "来", "攞": "拿", "啱": "对", "哋": "们", "啲": "些", "睇": "看", "搵": "找", "掂": "定",
}  # fmt: skip
SENTENCE_END = "。!?;\n"  # in a plain text
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
THIS = re.compile(
    "呢(?=[一1]?[两二三2-3几][天日]|个?(?:礼拜|星期)(?![一二三四五六日天])|个(?:周末|月))"
)  # Cantonese for 这
NUMERAL = "0-9零〇一二三四五六七八九十两廿卅"
REMEMBERED_TEXTS = 16  # the readers of a message ask for it one after the other
# spaces inside a day or a sum: "12 月 5 号", "周 五", "3 千"
LOOSE = re.compile(
    rf"(?<=[0-9]) +(?=[年月日号天个周星礼块元万千百kKwW点])|(?<=[0-9]年|[0-9]月) +(?=[{NUMERAL}])|(?<=年) +(?=[0-9十])|(?<=周) +(?=[一二三四五六日天])"
)


@dataclass(frozen=True)
class Plain:
    """A text as it is read. `origin[i]`: where its character i stands in the original; None where nothing moved."""

    text: str
    original: str
    origin: tuple[int, ...] | None = None

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """The span in the original text of the characters from `start` up to `stop`."""
        if self.origin is None or stop <= start:
            return start, stop
        return self.origin[start], self.origin[stop - 1] + 1

    def said(self, start: int, stop: int) -> str:
        """The original words there."""
        begin, end = self.span(start, stop)
        return self.original[begin:end]


class _Table(dict[int, str]):
    """Traditional to simplified (OpenCC's table) and compatibility forms (NFKC), learnt as characters turn up."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code))
        if len(folded) != 1:
            folded = chr(code)  # "㏩" stays: the length may not change
        self[code] = _traditional().get(folded, folded)
        return self[code]


_TABLE = _Table()


@cache
def _traditional() -> dict[str, str]:
    source = (files("heyue.understanding") / "data/traditional.txt").read_text(encoding="utf-8")
    pairs = "".join(line for line in source.splitlines() if not line.startswith("#"))
    return dict(zip(pairs[::2], pairs[1::2], strict=True)) | CANTONESE


Respelling = tuple[tuple[str, str], ...]  # characters and what is written for each


def respelling(old: str, new: str) -> Respelling:
    """Each character of `old` for the one at its place in `new`, which must not be one of `old` itself."""
    return tuple(zip(old, new, strict=True))


def respelt(text: str, by: Respelling) -> str:
    """As `str.translate`, which on Chinese takes several times as long."""
    for old, new in by:
        text = text.replace(old, new)
    return text


_WIDE_MARKS = respelling("，！？：；（）～", ",!?:;()~")


@cache
def _unusual() -> re.Pattern[str]:
    """A character that `_TABLE` may change, beside the wide marks."""
    old_script = re.escape("".join(_traditional()))
    usual = "".join(old for old, _ in _WIDE_MARKS)
    return re.compile(f"[{old_script}]|[^\x00-\x7f\u4e00-\u9fff、。“”{usual}]")


def is_usual(text: str) -> bool:
    """Whether `simplify` changes nothing in a text but wide punctuation marks."""
    return _unusual().search(text) is None


@lru_cache(REMEMBERED_TEXTS)
def simplify(text: str) -> str:
    """`text` in simplified characters and half-width forms, of the same length."""
    if text.isascii():
        return text
    return respelt(text, _WIDE_MARKS) if is_usual(text) else text.translate(_TABLE)


def plain_text(text: str) -> Plain:
    """`text` ready to be read: simplified, without invisible marks and without spaces inside days and sums."""
    plain = simplify(text)
    if "呢" in plain:
        plain = THIS.sub("这", plain)
    if " " not in plain and INVISIBLE.search(plain) is None:
        return Plain(plain, text)
    dropped = {match.start() for match in INVISIBLE.finditer(plain)}
    for match in LOOSE.finditer(plain):
        dropped.update(range(*match.span()))
    if not dropped:
        return Plain(plain, text)
    origin = tuple(index for index in range(len(plain)) if index not in dropped)
    return Plain("".join(plain[index] for index in origin), text, origin)
