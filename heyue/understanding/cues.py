"""The cues of promises, compiled once from data/promise_cues.yml."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

NAMED = re.compile(r"\{([a-z_]+)\}")  # in a cue: the expression of that name


@cache
def cue(name: str) -> re.Pattern[str]:
    """The expression called `name` in promise_cues.yml.

    Raises:
        KeyError: the file has no such cue.
    """
    return _cues()[name]


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    raw = yaml.safe_load((files("heyue.understanding") / "data/promise_cues.yml").read_text(encoding="utf-8"))
    whole = {name: NAMED.sub(lambda named: raw[named[1]], pattern) for name, pattern in raw.items()}
    return {name: re.compile(re.sub(r"\n\s*|(?<=\|)\s+", "", pattern)) for name, pattern in whole.items()}
