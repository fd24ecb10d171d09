"""Which column of a table of talks holds what: guessed from the header's names (transcript_columns.yml)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True)
class ColumnMapping:
    """The names of the columns that hold each field; None where there is none.

    `speaker` and `text` are needed. `day` is for tables with the date in a column of its own.
    Without `transcript_id` the whole file is one talk.
    """

    transcript_id: str | None = None
    speaker: str | None = None
    text: str | None = None
    time: str | None = None
    day: str | None = None
    channel: str | None = None
    collector: str | None = None
    days_overdue: str | None = None
    amount_due: str | None = None
    broken_promises: str | None = None

    @property
    def chosen(self) -> dict[str, str]:
        """The fields that have a column."""
        return {field: column for field, column in asdict(self).items() if column}

    @property
    def unclear(self) -> list[str]:
        """The needed fields that have none."""
        return [field for field in ("speaker", "text") if field not in self.chosen]


def guess_mapping(columns: Sequence[str]) -> ColumnMapping:
    """The mapping that the names of `columns` suggest; a column serves one field at most."""
    found: dict[str, str] = {}
    for field, patterns in column_words()["fields"].items():
        for pattern in patterns:
            named = (
                each for each in columns if each not in found.values() and pattern.fullmatch(plain(each))
            )
            if column := next(named, None):
                found[field] = column
                break
    return ColumnMapping(**found)


@lru_cache(maxsize=1024)
def guess_field(name: str) -> str | None:
    """The field that one name means, as in a header line such as "通话时间：…"; None for any other word."""
    return next(iter(guess_mapping([name]).chosen), None)


@lru_cache(maxsize=1024)
def channel_named(said: str) -> str | None:
    """The channel (contracts.md section 3) that a word means; None for an unknown one."""
    for channel, pattern in column_words()["channels"].items():
        if pattern.fullmatch(plain(said)):
            return str(channel)
    return None


def plain(name: str) -> str:
    """A name without what spreadsheets hang on it: "欠款金额 (元)" -> "欠款金额"."""
    bare = re.sub(r"[^\w]|_", "", name.casefold())
    return re.sub(r"(?<=.)(元|天|次|rmb|人民币)$", "", bare)


@cache
def column_words() -> dict[str, Any]:
    raw = yaml.safe_load((files("heyue.intake") / "transcript_columns.yml").read_text(encoding="utf-8"))
    return {
        "fields": {field: [re.compile(each) for each in names] for field, names in raw["fields"].items()},
        "channels": {channel: re.compile(names) for channel, names in raw["channels"].items()},
    }
