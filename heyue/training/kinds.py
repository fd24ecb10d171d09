"""Kinds of voices: authors of nlu_data who were asked for something special, whose figures stand by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import yaml

OLDER = "older voices"


class OfVoice(Protocol):
    """A judged text, whose author is known."""

    @property
    def voice(self) -> str: ...


T = TypeVar("T", bound=OfVoice)


def voice_kinds(data: Path, folder: str) -> dict[str, str]:
    """The kind of each voice of a folder that voices.yml of `data` names; empty where there is no such file."""
    path = data / "voices.yml"
    kinds = yaml.safe_load(path.read_text(encoding="utf-8"))[folder] if path.exists() else {}
    return {voice: kind for kind, voices in kinds.items() for voice in voices}


def by_kind(judged: Sequence[T], kinds: Mapping[str, str]) -> list[tuple[str, list[T]]]:
    """The judged texts of each kind of voices, the older ones first; nothing where all are of one kind."""
    of_kind: dict[str, list[T]] = {OLDER: []}
    for each in judged:
        of_kind.setdefault(kinds.get(each.voice, OLDER), []).append(each)
    found = [(kind, some) for kind, some in of_kind.items() if some]
    return found if len(found) > 1 else []
