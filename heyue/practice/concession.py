"""Does a collector's line give away more than the policy allows?

He waives principal or interest, promises to delete a record, grants a day past `promise.horizon_days` or more than
`promise.max_instalments` instalments (policy.yml). The words are data (concessions.yml).
Source: compliance.md part B (false_concession); policy.yml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from heyue.conduct.line_flags import CLAUSE
from heyue.policy import default_policy
from heyue.understanding.dates import find_dates
from heyue.understanding.numerals import whole_number
from heyue.understanding.script import simplify

SENTENCE = re.compile(r"[^。！!？?；;\n]+")
DAYS_OF_UNIT = {"年": 365, "月": 30, "周": 7, "期": 7, "天": 1}  # by the last character: 个月, 星期
HALF = "半"


class Words(NamedTuple):
    """The expressions of concessions.yml."""

    gives: re.Pattern[str]
    denies: re.Pattern[str]
    left_to_others: re.Pattern[str]
    far: re.Pattern[str]
    far_by_name: re.Pattern[str]
    instalments: re.Pattern[str]
    grants: re.Pattern[str]
    refuses: re.Pattern[str]


@cache
def words() -> Words:
    """The expressions, compiled; {names} in them stand for the words of the file."""
    source = (files("heyue.practice") / "concessions.yml").read_text(encoding="utf-8")
    raw: dict[str, Any] = yaml.safe_load(source)
    for name, listed in raw["words"].items():
        source = source.replace(f"{{{name}}}", f"(?:{listed})")
    named: dict[str, Any] = yaml.safe_load(source)
    return Words(
        re.compile("|".join(named["gives"])), *(re.compile(named[field]) for field in Words._fields[1:])
    )


def concedes_too_much(line: str, now: datetime | None = None) -> bool:
    """Whether the line grants what the policy does not.

    Args:
        now: from when days are counted; None: only spans of time ("三个月后") are, not days ("2月3号").
    """
    plain = simplify(line)
    return any(_gives(sentence) or _grants_too_long(sentence, now) for sentence in SENTENCE.findall(plain))


def _gives(sentence: str) -> bool:
    """Whether it waives money or promises to delete a record, on the collector's own word."""
    if words().left_to_others.search(sentence):
        return False
    clauses = [clause for clause in CLAUSE.findall(sentence) if not words().denies.search(clause)]
    return words().gives.search("，".join(clauses)) is not None


def _grants_too_long(sentence: str, now: datetime | None) -> bool:
    """Whether it grants a day too far away or too many instalments."""
    known = words()
    if (
        known.refuses.search(sentence)
        or known.denies.search(sentence)
        or known.left_to_others.search(sentence)
    ):
        return False
    if not known.grants.search(sentence):
        return False
    promise = default_policy().promise
    return (
        known.far_by_name.search(sentence) is not None
        or any(days > promise.horizon_days for days in _spans(sentence))
        or any(count > promise.max_instalments for count in _instalments(sentence))
        or (now is not None and _names_day_past(sentence, now, promise.horizon_days))
    )


def _spans(sentence: str) -> Iterator[float]:
    """The lengths of the times that pass first, in days."""
    for found in words().far.finditer(sentence):
        count = 0.5 if found["number"] == HALF else whole_number(found["number"]) or 0
        yield count * DAYS_OF_UNIT[found["unit"][-1]]


def _instalments(sentence: str) -> Iterator[int]:
    for found in words().instalments.finditer(sentence):
        yield whole_number(found["number"] or found["bare"]) or 0


def _names_day_past(sentence: str, now: datetime, horizon_days: int) -> bool:
    last = now.date() + timedelta(horizon_days)
    return any(day.start is not None and day.start > last for day in find_dates(sentence, now))
