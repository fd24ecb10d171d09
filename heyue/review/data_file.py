"""A data file that a lead may change, read field by field; what is wrong is named by file and field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from heyue.errors import BadInput


@dataclass(frozen=True)
class DataFile:
    """The fields of a YAML file, or of a part of it. `place`: file, and the part's name."""

    place: str
    fields: dict[Any, Any]

    @staticmethod
    def read(source: Path | Traversable) -> DataFile:
        """The file's fields.

        Raises:
            BadInput: it cannot be read or is no table.
        """
        try:
            raw = yaml.safe_load(source.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BadInput(f"{source}: the file cannot be read: {error}") from error
        if not isinstance(raw, dict):
            raise BadInput(f'{source}: must hold fields such as version: "1"')
        return DataFile(str(source), raw)

    def wrong(self, field: str, remedy: str) -> BadInput:
        """The error that says which field of which file is wrong and what it must be."""
        return BadInput(f"{self.place}: {field} {remedy}")

    def only(self, *known: str) -> None:
        """Make sure that no other field stands here: a misspelt one would go unnoticed."""
        for field in self.fields:
            if field not in known:
                raise self.wrong(str(field), f"is not known; take one of {', '.join(known)}")

    def part(self, field: str) -> DataFile:
        """The table under `field`."""
        raw = self.fields.get(field)
        if not isinstance(raw, dict) or not raw:
            raise self.wrong(field, "must be a table with at least one entry")
        return DataFile(f"{self.place}, {field}", raw)

    def parts(self, field: str) -> Iterator[tuple[str, DataFile]]:
        """Name and fields of each table in the table under `field`, in order."""
        inner = self.part(field)
        return ((str(name), inner.part(name)) for name in inner.fields)

    def text(self, field: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.fields.get(field, default)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, "must be a text (in quotes where it looks like a number)")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts; empty where the field is missing."""
        value = self.fields.get(field, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise self.wrong(field, "must be a list of texts")
        return tuple(value)

    def flag(self, field: str) -> bool:
        """true or false; false where the field is missing."""
        value = self.fields.get(field, False)
        if not isinstance(value, bool):
            raise self.wrong(field, "must be true or false")
        return value

    def count(self, field: str, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        value = self.fields.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(field, f"must be a whole number from {least} to {most}")
        return value

    def share(self, field: str) -> float:
        """A share from 0 to 1."""
        value = self.fields.get(field)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise self.wrong(field, "must be a share from 0 to 1")
        return float(value)
