"""`heyue doctor`: what the product needs on this machine, looked at one by one, each with its remedy (checkup.yml)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from importlib.resources import files
from typing import Any

import yaml

from heyue.errors import BadSetting, HeyueError
from heyue.launch.checkup import machine, servers, store
from heyue.launch.checkup.finding import NOT_NEEDED, Bad, Check, Unproved
from heyue.settings import Settings

CHECKS: Mapping[str, Check] = {**machine.CHECKS, **store.CHECKS, **servers.CHECKS}
GOOD, BAD, UNPROVED, LEFT_OUT = "good", "bad", "unproved", "left_out"
UNFINISHED = "没有查完"


@dataclass(frozen=True)
class Line:
    """One line of the check-up. `remedy`: of a bad one, and of one that nothing proves right.

    `state`: good, bad, unproved, left_out (not configured or not installed).
    """

    name: str
    state: str
    says: str
    remedy: str = ""


def readable_settings(database_url: str | None) -> tuple[Settings, list[Line]]:
    """The settings of this process, and a bad line for each variable that had to be left out of its environment."""
    words, wrong = _words()["setting"], list[Line]()
    while True:
        try:
            return Settings.from_environment(database_url), wrong
        except BadSetting as error:
            wrong.append(Line(words["name"], BAD, f"{error.variable} {words['wrong']}（{error}）", _remedy(words)))
            del os.environ[error.variable]


def check_up(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Line]:
    """Look at everything, one after the other; what is bad hides nothing that comes after."""
    for key, check in CHECKS.items():
        yield _line(_words()[key], partial(check, settings, clock()))


def _line(words: Mapping[str, Any], look: Callable[[], str]) -> Line:
    name: str = words["name"]
    try:
        said = look()
    except Bad as bad:
        state = UNPROVED if isinstance(bad, Unproved) else BAD
        return Line(name, state, str(bad), _remedy(words, bad.remedy).format(**bad.facts))
    except HeyueError as error:
        return Line(name, BAD, f"{words.get('wrong', UNFINISHED)}（{error}）", _remedy(words))
    except Exception as error:  # of a library: its words may hold a secret
        return Line(name, BAD, f"{UNFINISHED}（{type(error).__name__}）", _remedy(words))
    return Line(name, LEFT_OUT, words["left_out"]) if said is NOT_NEEDED else Line(name, GOOD, said)


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    read: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        (files(__name__) / "checkup.yml").read_text(encoding="utf-8")
    )
    return read


def _remedy(words: Mapping[str, Any], name: str = "default") -> str:
    """The words of a remedy; the usual ones of a check that has none of this name."""
    remedies = words["remedies"]
    return str(remedies.get(name, remedies["default"]))
