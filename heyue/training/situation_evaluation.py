"""Situations of talks, judged for voices that their models never saw."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from heyue.coaching.situations import situations_by
from heyue.coaching.talk_training import (
    LabelledTalk,
    SituationExamples,
    read_talks,
    situation_examples,
    train_situations,
    train_situations_by_collector,
)
from heyue.training.scores import Judged
from heyue.understanding.linear_text import LinearText, blocks_of


class SituationModels(NamedTuple):
    """The two models of situations: of the borrower's side, and of the collector's words."""

    own: LinearText
    collector: LinearText

    def shares(self, talk: SituationExamples) -> dict[str, float]:
        """The probability of each situation of a whole talk."""
        own, collector = (blocks_of(side[-1].masked, side[-1].flags) for side in talk)
        return situations_by(self.own, self.collector, [own], [collector])[0]


class SituationTalks(NamedTuple):
    """The labelled talks, and what the models of situations see of each."""

    labelled: list[LabelledTalk]
    examples: list[SituationExamples]

    def models_without(self, held_out: Collection[str]) -> SituationModels:
        """The models of all voices' talks but these."""
        known = [
            seen for talk, seen in zip(self.labelled, self.examples, strict=True) if talk.voice not in held_out
        ]
        return SituationModels(train_situations(known), train_situations_by_collector(known))


def read_situation_talks(data: Path) -> SituationTalks:
    """The talks under `data`, each read once."""
    talks = read_talks(data / "types")
    return SituationTalks(talks, [situation_examples(talk) for talk in talks])


def judge_situations(known: SituationTalks, held_out: Collection[str]) -> list[Judged]:
    """Situations of the held-out voices' talks, at their end."""
    models = known.models_without(held_out)
    found = []
    for talk, seen in zip(known.labelled, known.examples, strict=True):
        if talk.voice in held_out:
            shares = models.shares(seen)
            text = "\n".join(turn.text for turn in talk.transcript.borrower_turns)
            given = max(shares, key=shares.__getitem__)
            found.append(Judged(talk.voice, text, talk.situation, given, shares[given]))
    return found
