"""The checks that every line of the model must pass: form, length, and no fact that it was not given (line_rules.yml)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from heyue.language_model.concealed import LOOSE, MARK, entities, marks_in
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates
from heyue.understanding.script import simplify

BLANK = "　"  # stands for a mark while the rest is looked at
LENDER, DEBTOR = "lender", "debtor"  # whose words are looked at
QUOTES = "“”\"'「」『』 "


class Frame(NamedTuple):
    """What a line is measured by.

    `line`: the handwritten one, concealed, or words from which numbers and names may be taken. `needed`: the marks that
    it must hold, each as often; `optional`: the marks that it may hold. `most`: characters.
    """

    line: str
    needed: Counter[str]
    optional: frozenset[str]
    most: int
    at: datetime


def frame_of(line: str, at: datetime) -> Frame:
    """The frame of a line that is said in other words."""
    most = max(int(len(line) * _rules()["longer"]), len(line) + _rules()["spare"])
    return Frame(line, Counter(marks_in(line)), frozenset(), most, at)


def trimmed(reply: str) -> str:
    """The reply without what stands around it: spaces, and quotation marks that models like to add."""
    stripped = reply.strip()
    inner = stripped.strip(QUOTES)
    return inner if stripped[:1] in QUOTES and stripped[-1:] in QUOTES else stripped


def broken_form(reply: str, frame: Frame) -> str | None:
    """The first rule that a reply breaks: empty, length, script, role, mark, number, name; None when none."""
    return next((name for name, is_broken in CHECKS.items() if is_broken(reply, frame)), None)


def broken_words(reply: str, line: str, whose: str = LENDER) -> str | None:
    """The first rule that a reply breaks by words that the handwritten line does not hold: claim, human, …"""
    said, given = simplify(reply), simplify(line)
    for name, expression in _rules()["words"][whose].items():
        found = {each[0] for each in re.finditer(expression, said)}
        if any(each not in given for each in found):
            return str(name)
    return None


def _is_empty(reply: str, frame: Frame) -> bool:
    return re.search(r"\w", bare(reply)) is None and not marks_in(reply)


def _is_long(reply: str, frame: Frame) -> bool:
    return len(reply) > frame.most


def _is_foreign(reply: str, frame: Frame) -> bool:
    """Another script than Chinese, markup, emoji, more than one line."""
    words = bare(reply)
    letters = set(_pattern("letters").findall(words)) - set(_pattern("letters").findall(frame.line))
    return bool(letters) or _pattern("marks_of_text").search(words) is not None


def _steps_out(reply: str, frame: Frame) -> bool:
    """It speaks of the model, its orders, its part."""
    return _pattern("role").search(simplify(reply)) is not None


def _marks_are_wrong(reply: str, frame: Frame) -> bool:
    held = Counter(marks_in(reply))
    extra = set(held - frame.needed) - frame.optional
    return bool(frame.needed - held) or bool(extra) or set("〔〕") & set(bare(reply)) != set()


def _has_numbers(reply: str, frame: Frame) -> bool:
    """A number, sum or day besides those that the marks stand for."""
    words, line = bare(reply), bare(frame.line)
    if {each.amount for each in find_amounts(words)} - {each.amount for each in find_amounts(line)}:
        return True
    if set(_days(words, frame.at)) - set(_days(line, frame.at)):
        return True
    return bool(set(_numbers(words)) - set(_numbers(line)))


def _days(words: str, at: datetime) -> Iterator[str]:
    yield from (each.text for each in find_dates(words, at) if each.grain != LOOSE)


def _numbers(words: str) -> Iterator[str]:
    plain = _pattern("allowed").sub(BLANK, simplify(words))
    yield from (found[0] for found in _pattern("numbers").finditer(plain))


def _names_somebody(reply: str, frame: Frame) -> bool:
    """A person, place, firm or kind of workplace that the handwritten line does not name."""
    words, known = simplify(bare(reply)), simplify(frame.line)
    named = {words[start:stop] for start, stop, _ in entities(words)}
    works = {found[0][-2:] for found in _pattern("workplaces").finditer(words)}
    return any(each not in known for each in named | works)


def bare(text: str) -> str:
    """The text with a blank for each mark."""
    return MARK.sub(BLANK, text)


Check = Callable[[str, Frame], bool]
CHECKS: dict[str, Check] = {
    "empty": _is_empty, "length": _is_long, "script": _is_foreign, "role": _steps_out, "mark": _marks_are_wrong,
    "number": _has_numbers, "name": _names_somebody,
}  # fmt: skip


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_rules()[name])


@cache
def _rules() -> dict[str, Any]:
    source = (files("heyue.language_model") / "line_rules.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(source)
    return loaded
