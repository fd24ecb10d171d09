"""Debtor types by nested rotation over voices: settings are chosen inside the training voices, figures come from outside.

Every alternative is judged after every borrower turn of every held-out talk.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from heyue.training.alternatives import POOLS, Alternative, Settings
from heyue.training.rotation import rotation
from heyue.training.scores import Judged
from heyue.training.talks import Talks
from heyue.understanding.linear_text import softmax

TEMPERATURES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0)
UNSURE = 0.5  # a talk is hard where a model of words alone is wrong, or less sure than this


@dataclass(frozen=True)
class Outer:
    """What one alternative gave for one group of held-out voices.

    `logs`: log-probabilities before the temperature, one row of `rows`. `judge_ms`: a talk, of all judged at once, features ready.
    """

    rows: np.ndarray
    logs: np.ndarray
    settings: Settings
    temperature: float
    train_seconds: float
    judge_ms: float

    @property
    def probabilities(self) -> np.ndarray:
        """Calibrated, one row of `rows`."""
        return softmax(self.logs / self.temperature)


@dataclass
class TypeEvaluation:
    """The probabilities of every alternative for every row that was held out. `by_size`: those of the learning curve."""

    talks: Talks
    outers: dict[str, list[Outer]] = field(default_factory=dict)
    by_size: dict[int, list[Outer]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The alternatives, with the pools whose members were judged."""
        return [*self.outers, *(pool for pool, members in POOLS.items() if set(members) <= set(self.outers))]

    @property
    def held(self) -> np.ndarray:
        """The held-out rows, in the order of every alternative's probabilities."""
        return np.concatenate([outer.rows for outer in next(iter(self.outers.values()))])

    def judged(self, name: str, rows: np.ndarray | None = None) -> list[Judged]:
        """What an alternative gave for these rows; for whole talks when None."""
        held, shares = self.shares(name)
        wanted = self.talks.whole[held] if rows is None else np.isin(held, rows)
        return judged_rows(self.talks, held[wanted], shares[wanted])

    def shares(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """The held-out rows, and the probabilities that an alternative gave for them."""
        if name in POOLS:
            return self.held, softmax(np.mean([np.log(self.shares(member)[1]) for member in POOLS[name]], axis=0))
        outers = self.outers[name]
        return (
            np.concatenate([outer.rows for outer in outers]),
            np.concatenate([outer.probabilities for outer in outers]),
        )

    def hard_rows(self, words_only: str) -> np.ndarray:
        """Whole talks whose type the model of words alone gives wrongly, or less sure than UNSURE."""
        held, shares = self.shares(words_only)
        right = np.array(self.talks.labels)[shares.argmax(axis=1)] == self.talks.table.labels[held]
        is_easy = right & (shares.max(axis=1) >= UNSURE)
        return np.asarray(held[self.talks.whole[held] & ~is_easy])

    def family_rows(self) -> np.ndarray:
        """Whole talks whose words those of other types share: only behaviour tells them apart."""
        held = self.held
        in_family = np.array([talk.family is not None for talk in self.talks.talks])
        return np.asarray(held[self.talks.whole[held] & in_family[self.talks.talk[held]]])

    def early_rows(self) -> np.ndarray:
        """Every held-out talk after three borrower turns."""
        return np.asarray(self.held[self.talks.early(self.held)])


def judged_rows(talks: Talks, rows: np.ndarray, shares: np.ndarray) -> list[Judged]:
    """The likeliest label of each row."""
    return [
        Judged(
            str(talks.voices[row]), talks.words(row), str(talks.table.labels[row]),
            talks.labels[share.argmax()], float(share.max()),
        )
        for row, share in zip(rows, shares, strict=True)
    ]  # fmt: skip


def judge_held_out(
    talks: Talks, alternative: Alternative, held_out: Sequence[str], known_voices: Sequence[str]
) -> Outer:
    """Choose settings inside the known voices, train on all of them, judge the held-out ones."""
    settings, temperature = choose(talks, alternative, known_voices)
    return judge_with(talks, alternative, held_out, known_voices, settings, temperature)


def judge_with(
    talks: Talks,
    alternative: Alternative,
    held_out: Sequence[str],
    known_voices: Sequence[str],
    settings: Settings,
    temperature: float,
) -> Outer:
    """Train on the known voices and judge the held-out ones."""
    known, rows = talks.rows_of(known_voices), talks.rows_of(held_out)
    begun = time.perf_counter()
    judge = alternative.fit(talks, known, settings)
    train_seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    logs = np.log(judge(rows))
    judge_ms = 1000 * (time.perf_counter() - begun) / len(rows)
    return Outer(rows, logs, settings, temperature, train_seconds, judge_ms)


def choose(talks: Talks, alternative: Alternative, voices: Sequence[str]) -> tuple[Settings, float]:
    """The settings with the best log-likelihood on one half of `voices` after training on the other; their temperature.

    Likelihood, not F1: it tells candidates apart that get the same talks right.
    """
    if len(set(voices)) < 2:
        return alternative.candidates[0], 1.0
    held_out, known = next(rotation(voices, 2))
    found = []
    for settings in alternative.candidates:
        outer = judge_with(talks, alternative, held_out, known, settings, 1.0)
        temperature, likelihood = best_temperature(talks, outer)
        found.append((likelihood, settings, temperature))
    _, settings, temperature = max(found, key=lambda each: each[0])
    return settings, temperature


def best_temperature(talks: Talks, outer: Outer) -> tuple[float, float]:
    """The temperature under which whole talks and those after three turns are likeliest, and that log-likelihood."""
    counted = talks.whole[outer.rows] | talks.early(outer.rows)
    right = np.array([talks.labels.index(label) for label in talks.table.labels[outer.rows[counted]]])
    picks = np.arange(len(right))

    def likelihood(temperature: float) -> float:
        return float(np.log(softmax(outer.logs[counted] / temperature)[picks, right]).mean())

    best = max(TEMPERATURES, key=likelihood)
    return best, likelihood(best)
