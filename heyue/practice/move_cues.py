"""The flags of the model of moves: which expressions of move_cues.yml a line holds, how long it is, how it asks."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from heyue.understanding.sieve import Sieve, Sifted

DEEPEST = 3  # how many times a word of move_cues.yml may name another
MOST_QUESTIONS = 2
CHARACTERS_OF_STEP, MOST_STEPS = 8, 5  # lengths that the model tells apart
QUESTION_ENDS = ("？", "吗", "呢", "吧", "不", "呀", "啊")
_SIEVE = Sieve()
_NAME = re.compile(r"\{([a-z_]+)\}")


@cache
def _cues() -> dict[str, Sifted]:
    """The expressions by the move that they show."""
    source = (files("heyue.practice") / "move_cues.yml").read_text(encoding="utf-8")
    raw: dict[str, Any] = yaml.safe_load(source)
    return {move: _compiled(listed, raw["words"]) for move, listed in raw["cues"].items()}


def _compiled(listed: str, words: dict[str, str]) -> Sifted:
    for _ in range(DEEPEST):
        listed = _NAME.sub(lambda name: f"(?:{words[name[1]]})", listed)
    return _SIEVE.compiled(re.sub(r"\s", "", listed))


def move_flags(masked: str) -> tuple[str, ...]:
    """The flags that hold for a masked line (linear_text.mask)."""
    cues = _cues()
    found = _SIEVE.matching(masked)
    shown = [move for move, cue in cues.items() if cue.bit & found]
    asks = ("ends asking",) if masked.endswith(QUESTION_ENDS) else ()
    questions = min(masked.count("？"), MOST_QUESTIONS)
    length = min(len(masked) // CHARACTERS_OF_STEP, MOST_STEPS)
    return (*shown, *asks, f"questions: {questions}", f"length: {length}")
