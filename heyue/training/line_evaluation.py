"""Collector lines: are rules broken, and which, judged for voices that the model never saw."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from heyue.conduct.line_check import LAWFUL, broken_rules
from heyue.conduct.line_training import LabelledLine, train_lines
from heyue.training.scores import Judged


class JudgedLine(NamedTuple):
    """One line of a held-out voice: the rules it breaks, and those found, the likeliest first."""

    voice: str
    text: str
    right: frozenset[str]
    given: tuple[str, ...]

    @property
    def first(self) -> Judged:
        """The line by one rule, for a table of confusions: right where any rule found first is one of its rules."""
        given = self.given[0] if self.given else LAWFUL
        right = given if given in self.right else min(self.right, default=LAWFUL)
        return Judged(self.voice, self.text, right, given, 1.0)


def judge_lines(
    lines: Sequence[LabelledLine], turns: Sequence[LabelledLine], held_out: Collection[str]
) -> list[JudgedLine]:
    """Lines of the held-out voices. `turns`: what collectors say in talks, by other authors: trained on, not judged."""
    model = train_lines([*(line for line in lines if line.voice not in held_out), *turns])
    return [
        JudgedLine(line.voice, line.text, frozenset(line.rules), tuple(broken_rules(model, line.text)))
        for line in lines
        if line.voice in held_out
    ]
