"""How the turns of a chat export begin: the form is chosen by what most lines of the file look like (chat_export.yml)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from heyue.intake.transcript_speakers import guess_role
from heyue.intake.transcript_time import DAY, STAMP, WEEKDAY

LOOKED_AT = 5_000  # lines by which the form is chosen
LONGEST_HEAD = 200  # characters
NAME_OF_DIGITS = re.compile(r"\d{5,15}")
NO_NAME = re.compile(r"[\W\d_年月日时分秒]+")
UNSURE = 3  # a form that any sentence with a colon fits must be this many times as frequent as one that proves itself


@dataclass(frozen=True)
class Head:
    """The beginning of a turn."""

    speaker: str
    text: str
    stamp: str = ""

    @property
    def dated(self) -> bool:
        """Whether the time has its day."""
        return re.match(DAY, self.stamp) is not None


@dataclass(frozen=True)
class Form:
    """A way to begin turns; `names` are the speakers of this file, `dated` whether every time has its day."""

    name: str
    alone: bool
    sure: bool
    pattern: re.Pattern[str]
    names: frozenset[str] = frozenset()
    dated: bool = False

    @property
    def untimed(self) -> bool:
        """Whether turns of this form have no times."""
        return "stamp" not in self.pattern.groupindex

    def head(self, line: str) -> Head | None:
        """The beginning of a turn in a line, whoever speaks."""
        found = self.pattern.fullmatch(line if self.alone else line[:LONGEST_HEAD])
        if found is None or (self.alone and len(line) > LONGEST_HEAD):
            return None
        speaker = found["speaker"].strip()
        if NO_NAME.fullmatch(speaker) and not NAME_OF_DIGITS.fullmatch(speaker):
            return None
        groups = found.groupdict()
        text = "" if self.alone else line[found.start("text") :].strip()
        return Head(speaker, text, groups.get("stamp") or "")

    def turn(self, line: str) -> Head | None:
        """The beginning of a turn by one of this file's speakers."""
        head = self.head(line)
        known = head is not None and head.speaker in self.names and head.dated >= self.dated
        return head if known else None


def form_of(lines: Sequence[str], is_key: Callable[[str], bool]) -> Form | None:
    """The form in which the lines begin their turns, with the speakers; None where there is none.

    `is_key`: whether a name before a colon is a word for data of the talk, such as 通话时间, and nobody.
    """
    looked_at = lines[:LOOKED_AT]
    found = {form: sum(1 for _ in heads_of(form, looked_at, is_key)) for form in forms()}
    (loose,) = (form for form in forms() if form.untimed)
    stamped = max((form for form in forms() if form is not loose), key=lambda form: found[form])
    best = loose if found[loose] > UNSURE * found[stamped] else stamped
    heads = list(heads_of(best, lines, is_key))
    dated = sum(head.dated for head in heads) * 2 > len(heads)
    names = names_of(best, heads, len(lines))
    return replace(best, names=names, dated=dated) if names else None


def heads_of(form: Form, lines: Sequence[str], is_key: Callable[[str], bool]) -> Iterator[Head]:
    found = (form.head(line) for line in lines)
    return (head for head in found if head and not is_key(head.speaker))


def names_of(form: Form, heads: list[Head], lines: int) -> frozenset[str]:
    """Who speaks. Where the form may be chance: names that come again or say a role.

    With fewer than two of these, everybody who is named, if nearly each line begins with a name.
    """
    times = Counter(head.speaker for head in heads)
    proven = frozenset(name for name, count in times.items() if count > 1 or guess_role(name))
    certain = form.sure or all(head.dated for head in heads)
    return frozenset(times) if certain or (len(proven) < 2 and len(heads) >= 0.9 * lines) else proven


@cache
def forms() -> tuple[Form, ...]:
    """All forms of chat_export.yml."""
    raw = chat_words()
    parts = {
        "{stamp}": f"(?P<stamp>{STAMP})", "{until}": STAMP, "{speaker}": f"(?P<speaker>{raw['speaker']})",
        "{text}": r"(?P<text>[\s\S]*)",
    }  # fmt: skip
    return tuple(
        Form(name, form["alone"], form["sure"], compiled(form["head"], parts))
        for name, form in raw["forms"].items()
    )


def compiled(pattern: str, parts: dict[str, str]) -> re.Pattern[str]:
    for name, part in parts.items():
        pattern = pattern.replace(name, part)
    return re.compile(pattern, re.IGNORECASE)


@cache
def day_line() -> re.Pattern[str]:
    """A line with nothing but a day, or a day and a time."""
    moment = rf"{DAY}\s?{WEEKDAY}?|{STAMP}"
    return compiled(chat_words()["day_line"], {"{moment}": moment})


@cache
def chat_words() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(
        (files("heyue.intake") / "chat_export.yml").read_text(encoding="utf-8")
    )
    return raw
