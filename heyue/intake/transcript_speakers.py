"""Who is who in an uploaded talk: by the person's choice, else by what the speaker's name says, never by what is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from heyue.coaching.transcript import BORROWER, COLLECTOR
from heyue.intake.transcript_problem import refusal

IGNORED = "ignored"
ROLES = (COLLECTOR, BORROWER, IGNORED)
OTHERS = "*"  # in the choices: everybody who is not named and whose name says nothing


@lru_cache(maxsize=4096)
def guess_role(name: str) -> str | None:
    """The role that a speaker's name says; None where it says nothing: then a person has to choose."""
    lower = name.casefold().replace("_", " ")
    return next((role for role, words in role_words() if words.search(lower)), None)


@dataclass(frozen=True)
class Roles:
    """Who is who: `chosen` by a person (name or OTHERS to role), then by name."""

    chosen: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises BadInput where a choice is no role."""
        for role in self.chosen.values():
            if role and role not in ROLES:
                raise refusal("bad_role", said=role)

    def of(self, name: str, collector: str) -> str | None:
        """The role of `name` in a talk whose collector is called `collector` ("" where unknown)."""
        named = COLLECTOR if name == collector else None
        return self.chosen.get(name) or named or guess_role(name) or self.chosen.get(OTHERS) or None


@lru_cache(maxsize=4096)
def is_only_a_role(name: str) -> bool:
    """Whether a speaker's name is a word for anybody in that role (坐席, A), so that it names nobody."""
    left = name.casefold()
    for _, words in role_words():
        left = words.sub("", left)
    return len(re.sub(r"[\W_]|[人员方]", "", left)) < 2


@cache
def role_words() -> tuple[tuple[str | None, re.Pattern[str]], ...]:
    raw = yaml.safe_load((files("heyue.intake") / "transcript_speakers.yml").read_text(encoding="utf-8"))
    return tuple((each["role"], re.compile(each["words"])) for each in raw)
