"""Cues: regular expressions with a name, kept in data files and compiled once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

NAMED = re.compile(r"\{([a-z_]+)\}")  # in a cue: the expression of that name


def cue(name: str) -> re.Pattern[str]:
    """The cue of promises called `name` in data/promise_cues.yml.

    Raises:
        KeyError: the file has no such cue.
    """
    return cues_of("heyue.understanding", "data/promise_cues.yml")[name]


@cache
def cues_of(package: str, file: str) -> Mapping[str, re.Pattern[str]]:
    """The expressions of a data file by their names. A line of an expression may end after any |."""
    raw = yaml.safe_load((files(package) / file).read_text(encoding="utf-8"))
    whole = {name: NAMED.sub(lambda named: raw[named[1]], pattern) for name, pattern in raw.items()}
    return {name: re.compile(re.sub(r"\n\s*|(?<=\|)\s+", "", pattern)) for name, pattern in whole.items()}
