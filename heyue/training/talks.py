"""The labelled talks as the alternatives see them: one row after each borrower turn, features counted once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from heyue.coaching.reading import read_talk
from heyue.coaching.talk_training import UNDATED, LabelledTalk, type_examples
from heyue.coaching.transcript import BORROWER
from heyue.training.features import Table
from heyue.understanding.linear_training import Example

EARLY = 3  # borrower turns after which the type should be known


class Talks:
    """Labelled talks and their beginnings.

    One row a borrower turn: `talk` its talk's number, `turns` the borrower turns heard, `voices` who wrote it, `whole`
    whether the talk ends there, `weights` what the talk counts in training.
    """

    def __init__(self, talks: Sequence[LabelledTalk]) -> None:
        self.talks = talks
        self.lengths = np.array([len(talk.transcript.borrower_turns) for talk in talks])
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)])
        self.talk = np.repeat(np.arange(len(talks)), self.lengths)
        self.turns = np.concatenate([np.arange(1, length + 1) for length in self.lengths])
        self.voices = np.array([talk.voice for talk in talks])[self.talk]
        self.whole = self.turns == self.lengths[self.talk]
        self.weights = np.array([talk.weight for talk in talks])[self.talk]
        self.table = Table(type_examples(talks))

    @cached_property
    def turn_table(self) -> Table:
        """Each borrower turn by itself, labelled as its talk; its rows stand in the order of ours."""
        return Table([
            Example(reading.masked, (), talk.debtor_type)
            for talk in self.talks
            for turn, reading in zip(
                talk.transcript.turns, read_talk(talk.transcript, UNDATED).turns, strict=True
            )
            if turn.speaker == BORROWER
        ])  # fmt: skip

    @cached_property
    def labels(self) -> list[str]:
        """All labels, in the order of every model's probabilities."""
        return sorted(set(self.table.labels))

    def rows_of(self, voices: Collection[str]) -> np.ndarray:
        """The rows of these voices."""
        return np.flatnonzero(np.isin(self.voices, sorted(voices)))

    def early(self, rows: np.ndarray) -> np.ndarray:
        """Whether each row is its talk after three borrower turns, or its end where it has fewer."""
        return np.asarray(self.turns[rows] == np.minimum(EARLY, self.lengths[self.talk[rows]]))

    def words(self, row: int) -> str:
        """What the borrower has said until there, as written."""
        said = self.talks[self.talk[row]].transcript.borrower_turns[: self.turns[row]]
        return "\n".join(turn.text for turn in said)

    def turn_rows(self, row: int) -> np.ndarray:
        """The rows of `turn_table` that a row's talk has until there."""
        start = self.starts[self.talk[row]]
        return np.arange(start, start + self.turns[row])
