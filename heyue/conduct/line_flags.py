"""What a collector's line speaks of, what it says or denies, and in which tone: the flags of the line model.

The words are data (line_cues.yml). A rule can be spoken of (`field`), broken in so many words (`says`), broken in a
clause that neither forbids nor warns (`plain`), cleared (`clears`), or plainly broken and not cleared (`open`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from heyue.understanding.sieve import Sieve, Sifted

CLAUSE = re.compile(r"[^，,。！!？?；;、\s…~]+")
DENIALS = ("forbids", "warns")
DEEPEST = 3  # how many times a word of line_cues.yml may name another
_SIEVE = Sieve()
_NAME = re.compile(r"\{([a-z_]+)\}")


class RuleCues(NamedTuple):
    """How a line shows that it has to do with a rule."""

    field: Sifted
    says: tuple[Sifted, ...]
    clears: Sifted


class LineCues(NamedTuple):
    """The expressions of line_cues.yml by the names of rules and stances."""

    rules: dict[str, RuleCues]
    stances: dict[str, Sifted]


@cache
def _listed() -> dict[str, Any]:
    source = (files("heyue.conduct") / "line_cues.yml").read_text(encoding="utf-8")
    listed: dict[str, Any] = yaml.safe_load(source)
    return listed


@cache
def words_of_kinds() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The kinds of words by name: the letter that stands for a kind in outlines, and its words."""
    kinds = {name: listed.split() for name, listed in _listed()["kinds"].items()}
    return {name: (letter, tuple(words)) for name, (letter, *words) in kinds.items()}


@cache
def line_cues() -> LineCues:
    """The expressions of line_cues.yml, compiled."""
    rules, stances = _listed()["rules"], _listed()["stances"]
    return LineCues(
        {rule: _rule_cues(listed) for rule, listed in rules.items()},
        {name: _compiled(listed) for name, listed in stances.items()},
    )


def _rule_cues(listed: dict[str, Any]) -> RuleCues:
    says = tuple(_compiled(each) for each in listed["says"])
    return RuleCues(_compiled(listed["field"]), says, _compiled("|".join(listed["clears"])))


def _compiled(listed: str) -> Sifted:
    return _SIEVE.compiled(expression(listed))


def expression(listed: str) -> str:
    """An expression of a file with its {names} put in; line breaks and spaces of the file count for nothing."""
    for _ in range(DEEPEST):
        listed = _NAME.sub(lambda name: _named(name[1]), listed)
    return re.sub(r"\s", "", listed)


def _named(name: str) -> str:
    if name in _listed()["words"]:
        return f"(?:{_listed()['words'][name]})"
    _, words = words_of_kinds()[name]
    return f"(?:{'|'.join(words)})"


def line_flags(masked: str) -> tuple[str, ...]:
    """The flags that hold for a masked line (linear_text.mask)."""
    cues = line_cues()
    found = _SIEVE.matching(masked)
    stances = [name for name, cue in cues.stances.items() if cue.bit & found]
    denies = any(name in stances for name in DENIALS)
    plainly = _SIEVE.matching(_assertive_part(masked)) if denies else found
    flags = [flag for rule, each in cues.rules.items() for flag in _rule_flags(rule, each, found, plainly)]
    plain = sum(flag.startswith("plain:") for flag in flags)
    return (*stances, *flags, f"plain rules: {min(plain, 4)}")


def _assertive_part(masked: str) -> str:
    """The line without the clauses that forbid or warn."""
    denials = [line_cues().stances[name] for name in DENIALS]
    clauses = CLAUSE.findall(masked)
    return "，".join(clause for clause in clauses if not any(denial.search(clause) for denial in denials))


def _rule_flags(rule: str, cues: RuleCues, found: int, plainly: int) -> Iterator[str]:
    """The flags of one rule. `found`: the expressions that match the line; `plainly`: its assertive part."""
    spoken_of = cues.field.bit & found
    if spoken_of:
        yield f"field:{rule}"
    said = [cue.bit for cue in cues.says if cue.bit & found]
    if not spoken_of and not said:
        return
    cleared = cues.clears.bit & found
    if cleared:
        yield f"clears:{rule}"
    if said:
        yield f"says:{rule}"
        plain = sum(bit & plainly != 0 for bit in said)
        yield from (f"plain:{rule}",) * (plain > 0) + (f"twice:{rule}",) * (plain > 1)
        yield from (f"open:{rule}",) * (plain > 0 and not cleared)


def says_rule(rule: str, clause: str) -> bool:
    """Whether a masked clause breaks the rule in so many words."""
    return any(cue.pattern.search(clause) for cue in line_cues().rules[rule].says)
