"""The cues of answer_cues.yml: by which words of the collector the machine answers an item."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from heyue.review.data_file import DataFile

_CLAUSE_ENDS = "，。！？；\n "  # speech recognisers and many writers put spaces where marks belong
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class AnswerCues:
    """How one item is answered.

    `within_last`: turns of the collector looked at, None for all; `skip`: those passed over; `otherwise`: the verdict
    where nothing is found, None for silence.
    """

    said: re.Pattern[str]
    unsaid: re.Pattern[str]
    broken_by: frozenset[str]
    within_last: int | None
    skip: re.Pattern[str]
    otherwise: str | None


@cache
def answer_cues() -> dict[str, AnswerCues]:
    """The cues of each item that has some."""
    return {item: _cues(raw) for item, raw in _file().parts("items")}


@cache
def finding_cue(name: str) -> re.Pattern[str]:
    """An expression that findings.py reads by."""
    return _any_of(_file().part("findings").texts(name))


@cache
def _file() -> DataFile:
    return DataFile.read(files("heyue.review") / "answer_cues.yml")


def _cues(raw: DataFile) -> AnswerCues:
    raw.only("said", "unsaid", "broken_by", "within_last", "skip", "otherwise")
    return AnswerCues(
        said=_any_of(raw.texts("said")),
        unsaid=_any_of(raw.texts("unsaid")),
        broken_by=frozenset(raw.texts("broken_by")),
        within_last=raw.fields.get("within_last"),
        skip=_any_of(raw.texts("skip")),
        otherwise=raw.fields.get("otherwise"),
    )


def clause_around(text: str, plain: str, span: tuple[int, int]) -> str:
    """The words of `text` around a place found in `plain` (of the same length), as far as the marks of their clause.

    The place holds at least one character; its last one may be such a mark.
    """
    start = max(plain.rfind(mark, 0, span[0]) for mark in _CLAUSE_ENDS) + 1
    ends = [place for mark in _CLAUSE_ENDS if (place := plain.find(mark, span[1] - 1)) >= 0]
    return text[start : min(ends, default=len(text))].strip()


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns)) if patterns else _NEVER
