"""What leaves the house: words in which names, numbers, sums, days and places are marks, such as 〔金额1〕.

The marks come back in the reply and are filled in here, so that no fact is ever in the hands of the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from heyue.conduct.line_check import check_line
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates
from heyue.understanding.linear_text import SURNAMES
from heyue.understanding.script import simplify

MARK = re.compile(r"〔([^〔〕]{1,12})〕")
SUM, DAY, NUMBER, NAME, PLACE, FIRM, ADDRESS = "金额", "日期", "号码", "姓名", "地点", "单位", "网址"
LENDER, PRODUCT = "机构", "产品"
MOST_OF_A_NAME = 3
RARE = 100  # how often a word stands in the corpus of jieba's dictionary, below which it may be a given name
LOOSE = "few"  # "过几天" tells no day
READ_CHARACTERS = 400  # of one message
_BRACKETS = str.maketrans("〔〕【】\n\r\t", "（）（）   ")
_NET = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
# phones, cards, identity numbers, also spaced, full-width or spelt out; accounts such as wx_id123
_LONG = re.compile(
    r"[0-9０-９](?:[ \-－]?[0-9０-９]){4,18}[xXＸ]?|[零〇一二三四五六七八九幺两]{7,18}|[A-Za-z][A-Za-z0-9_\-]*[0-9_][A-Za-z0-9_\-]*"
)
_DIGITS = re.compile(r"[0-9０-９]+(?:[.．][0-9０-９]+)?[xXＸ]?|[零〇一二三四五六七八九幺]{4,}")
_SAID_NAME = re.compile(rf"(?:我叫|叫做?|我是|姓名[是为：: ]*|本人)([{SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=\W|$)")
_TITLED = re.compile(
    rf"[{SURNAMES}](?:总|经理|主任|老师|先生|女士|小姐|主管|老板|[队厂科局行处]长|律师|警官|师傅|[哥姐叔姨婶嫂])|[小老阿][{SURNAMES}](?=\W|[说讲跟和借找来去那的]|$)"
)
_OF_KIN = re.compile(
    r"(?:老[公婆]|爱人|丈夫|妻子|媳妇|儿子|女儿|爸爸?|妈妈?|[父母]亲|哥哥?|姐姐?|弟弟?|妹妹?|[妹姐]夫|[叔舅姨婶嫂]|朋友|同[事学]|老板|领导|邻居|担保人|联系人)"
    rf"(?:名?叫|是)?([{SURNAMES}][\u4e00-\u9fff]{{1,2}})"
)
_KINDS_OF_WORDS = {"nr": NAME, "nrt": NAME, "nrfg": NAME, "ns": PLACE, "nt": FIRM}  # jieba's part-of-speech tags

Found = tuple[int, int, str]


def warm_up() -> None:
    """Load what the first call would wait for."""
    list(entities("我叫张伟"))
    check_line("您好")


def words_of_case(name: str, creditor: str | None, product: str | None, digits: str | None) -> dict[str, str]:
    """The borrower, the lender, the product and the digits of a case, with their kinds: what Concealed takes as known."""
    words = {name: NAME, creditor: LENDER, product: PRODUCT, digits: NUMBER}
    return {word: kind for word, kind in words.items() if word}


class Concealed:
    """Texts of one question under one set of marks: the same words have the same mark.

    Args:
        known: words that have a mark of their own, such as the lender's name, and the kinds after which they are called.
    """

    def __init__(self, at: datetime, known: Mapping[str, str]) -> None:
        self._at = at
        self._words: dict[str, str] = {}
        self._known = known
        for word, kind in known.items():
            self._mark(word, kind)

    def conceal(self, text: str, is_ours: bool = False) -> str:
        """The text with marks.

        Args:
            is_ours: a handwritten line, which names nobody but who is known.
        """
        text = text[:READ_CHARACTERS].translate(_BRACKETS)
        pieces, done = [], 0
        for start, stop, kind in _apart([*self._facts(text), *([] if is_ours else _names(text))]):
            pieces += [text[done:start], self._mark(text[start:stop], kind)]
            done = stop
        return "".join([*pieces, text[done:]])

    def reveal(self, text: str) -> str:
        """The text with what its marks stand for.

        Raises:
            KeyError: a mark stands for nothing.
        """
        words = {mark: word for word, mark in reversed(self._words.items())}
        return MARK.sub(lambda found: words[found[0]], text)

    def mark_of(self, word: str) -> str | None:
        """The mark of a word; None where it has none."""
        return self._words.get(word)

    def _mark(self, word: str, kind: str) -> str:
        if word not in self._words:
            of_kind = sum(mark.startswith(f"〔{kind}") for mark in self._words.values())
            self._words[word] = f"〔{kind}{of_kind + 1}〕"
        return self._words[word]

    def _facts(self, text: str) -> Iterator[Found]:
        """What a fact is, what goes first in case of doubt first."""
        yield from ((each.start(), each.end(), ADDRESS) for each in _NET.finditer(text))
        yield from ((each.start(), each.end(), NUMBER) for each in _LONG.finditer(text))
        for word, kind in self._known.items():
            yield from ((each.start(), each.end(), kind) for each in re.finditer(re.escape(word), text))
        yield from ((*each.span, SUM) for each in find_amounts(text) if each.amount[0].isdigit())
        yield from ((*each.span, DAY) for each in find_dates(text, self._at) if each.grain != LOOSE)
        yield from ((each.start(), each.end(), NUMBER) for each in _DIGITS.finditer(text))


def marks_in(text: str) -> list[str]:
    """The marks of a text, in order."""
    return [found[0] for found in MARK.finditer(text)]


def _names(text: str) -> Iterator[Found]:
    """Who may be a person, and what a place or firm: rather too much than too little."""
    for pattern in (_SAID_NAME, _OF_KIN):
        yield from ((each.start(1), each.end(1), NAME) for each in pattern.finditer(text))
    yield from entities(text)
    before, place = "", 0
    for word, _ in tagged(simplify(text)):
        begin, place = place, place + len(word)
        if before in SURNAMES and len(before) == 1 and len(word) == 2 and _is_rare(word):
            yield begin - 1, place, NAME
        elif word[0] in SURNAMES and 1 < len(word) <= MOST_OF_A_NAME and _is_rare(word, 1):
            yield begin, place, NAME
        before = word


def _is_rare(word: str, below: int = RARE) -> bool:
    """Whether jieba's dictionary knows a word hardly or not at all."""
    return int(_tagger().tokenizer.FREQ.get(word, 0)) < below


def entities(text: str) -> Iterator[Found]:
    """The names of people, places and firms in a text, where they stand and their kind."""
    plain = simplify(text)
    yield from ((each.start(), each.end(), NAME) for each in _TITLED.finditer(plain) if each[0] not in _no_names())
    before, place = ("", ""), 0
    for word, tag in tagged(plain):
        begin, place = place, place + len(word)
        kind = _KINDS_OF_WORDS.get(tag)
        if _is_torn_name(before, (word, tag)):
            begin, kind = begin - len(before[0]), NAME
        if kind and place - begin > 1 and plain[begin:place] not in _no_names():
            yield begin, place, kind
        before = (word, tag)


def _is_torn_name(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether the tagger has torn a name in two: a surname and the rest, or a surname with a half and the other half."""
    (surname, its), (rest, tag) = before, after
    if not surname or not rest[:1].isalpha() or len(surname + rest) > MOST_OF_A_NAME:
        return False
    if len(surname) == 1 and its[:2] == "nr":
        return tag[:1] not in "rupcd"
    if surname[0] not in SURNAMES:
        return False
    if len(surname) == 1:
        return its[:1] in "nqgj" and tag[:1] in "nazi"
    return len(rest) == 1 and its[:1] in "nv" and (tag[:2] == "nr" or tag in ("ag", "ng"))


def tagged(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text with jieba's part-of-speech tags."""
    return ((each.word, each.flag) for each in _tagger().cut(text))


@cache
def _no_names() -> frozenset[str]:
    text = (files("heyue.language_model") / "no_names.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if line[:1] != "#" for word in line.split())


@cache
def _tagger() -> Any:
    import logging

    import jieba
    import jieba.posseg

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba.posseg.dt


def _apart(found: list[Found]) -> list[Found]:
    """The places that do not overlap, in their order; of two that do the one named first."""
    kept: list[Found] = []
    for start, stop, kind in found:
        if start < stop and all(stop <= other[0] or start >= other[1] for other in kept):
            kept.append((start, stop, kind))
    return sorted(kept)
