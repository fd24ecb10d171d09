"""The store of handwritten lines, and which of them a debtor says next: never one twice, facts only from the card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path
from random import Random
from string import Formatter
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

from heyue.practice.persona import KINDS
from heyue.review.data_file import DataFile

REASON_ACTS = ("reason_hint", "reason_plain")
PARTING = ("goodbye", "thank", "hang_up")
MOODS = ("cold", "neutral", "warm", "hot")
SLOTS = frozenset(
    {"id_last4", "amount", "day", "far_day", "small_amount", "amount_due", "product", "pay_day"}
)
# Slots that each line of an act must hold; a debtor could not be held to what he says without them.
NEEDED = MappingProxyType({"verify_ok": {"id_last4"}, "promise_dated": {"day", "amount"}})


class Store(NamedTuple):
    """The lines of one kind: by act and mood, and for reasons by act and code."""

    by_mood: Mapping[str, Mapping[str, tuple[str, ...]]]
    by_reason: Mapping[str, Mapping[str, tuple[str, ...]]]


class Chosen(NamedTuple):
    """A line of the store, its slots not yet filled, and the act it does."""

    act: str
    line: str


@cache
def store(kind: str) -> Store:
    """The lines of one kind of debtor."""
    return read_store(files("heyue.practice") / "utterances" / f"{kind}.yml")


def stores() -> Iterator[tuple[str, Store]]:
    """The lines of every kind."""
    return ((kind, store(kind)) for kind in KINDS)


def read_store(source: Path | Traversable) -> Store:
    """The lines of one file.

    Raises:
        BadInput: it cannot be read, or a line is wrong; the message names file, act and what to mend.
    """
    data = DataFile.read(source)
    found: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for act in data.fields:
        part = data.part(act)
        if act not in REASON_ACTS:
            part.only(*MOODS)
        found[act] = {group: _lines(part, act, group) for group in part.fields}
    return Store(
        {act: groups for act, groups in found.items() if act not in REASON_ACTS},
        {act: groups for act, groups in found.items() if act in REASON_ACTS},
    )


def _lines(part: DataFile, act: str, group: str) -> tuple[str, ...]:
    listed = part.texts(group)
    for line in listed:
        slots = slots_of(line)
        if unknown := slots - SLOTS:
            raise part.wrong(
                group, f"has a line with the slots {unknown}; take those of docs/practice.md: {line}"
            )
        if missing := NEEDED.get(act, set()) - slots:
            raise part.wrong(group, f"has a line without {missing}: {line}")
    return listed


def slots_of(line: str) -> frozenset[str]:
    """The slots of a line."""
    return frozenset(name for _, name, _, _ in Formatter().parse(line) if name is not None)


def choose(
    kind: str,
    act: str,
    mood: str,
    reason: str,
    known: frozenset[str],
    said: frozenset[str],
    choice: Random,
    must: frozenset[str] = frozenset(),
    is_agreed: bool = True,
) -> Chosen | None:
    """A line for an act that was not said before, in the nearest mood, else of the nearest act; None where none is left.

    Args:
        reason: the code whose lines tell his reason. is_agreed: his parting words may rest on an agreement. known: slots that can be filled. must: slots that the line has to hold.
    """
    for each in (act, *near_acts(act)):
        for lines in _by_nearness(store(kind), each, mood, reason):
            fitting = [
                line for line in lines
                if line not in said and must <= slots_of_cached(line) <= known
                and (is_agreed or each not in PARTING or not _agreed().search(line))
            ]  # fmt: skip
            if fitting:
                return Chosen(each, choice.choice(fitting))
    return None


slots_of_cached = cache(slots_of)


@cache
def _agreed() -> re.Pattern[str]:
    return re.compile(_acts()["agreed"])


def _by_nearness(lines: Store, act: str, mood: str, reason: str) -> Iterator[Sequence[str]]:
    if act in REASON_ACTS:
        yield lines.by_reason.get(act, {}).get(reason, ())
        return
    moods = lines.by_mood.get(act, {})
    yield from (moods.get(each, ()) for each in _acts()["near_moods"][mood])


def near_acts(act: str) -> tuple[str, ...]:
    """What a debtor does instead when he has nothing left to say for an act, the nearest first."""
    return tuple(_acts()["near_acts"].get(act, ()))


def stalls(kind: str, phase: str) -> tuple[str, ...]:
    """What a kind of debtor does when nothing else decides (acts.yml)."""
    return tuple(_acts()["stalls"][kind][phase])


@cache
def _acts() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load((files("heyue.practice") / "acts.yml").read_text(encoding="utf-8"))
    return raw
