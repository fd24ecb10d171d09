"""Why the payment is late, read from a whole talk: the main cause of all that the borrower says.

Each turn is read as a message first. How sure its reason is, which comes first and last and which prevails are flags
of a second model, that sees the words of the whole talk too; until it has been trained the clearest turn decides.
What the collector speaks of is context: "厂里没发粮吗？" - "系".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.understanding import reasons
from heyue.understanding.linear_text import Blocks, LinearText, blocks_of
from heyue.understanding.reasons import NO_REASON, reason_input, reason_of
from heyue.understanding.word_vectors import meaning_of

TALK_MODEL_FILE = Path(__file__).parent / "models" / "reason_talks.npz"
REMEMBERED_TURNS = 2_000  # some 15 MB; so one more turn of a live talk costs one turn
REMEMBERED_QUESTIONS = 20_000  # some 20 MB: collectors say the same things over and over
ASKED = "asked@"  # marks what the collector speaks of
READ_CHARACTERS = 400  # of one turn, as models of messages read no more
SURENESS = (0.25, 0.5, 0.8)
FLOOR = 0.01  # below it a probability tells nothing
PREVAILING = 0.3  # in nats above no reason, over all turns


class TurnRead(NamedTuple):
    """One turn read as a message: what the models see of it, and the probability of each reason."""

    masked: str
    blocks: Blocks
    probabilities: np.ndarray


@lru_cache(REMEMBERED_TURNS)
def _read_turn(turn: str, messages: LinearText) -> TurnRead:
    masked, flags = reason_input(turn)
    blocks = blocks_of(masked, flags)
    return TurnRead(masked, blocks, messages.probabilities_of(blocks))


@lru_cache(REMEMBERED_QUESTIONS)
def _asked(turn: str) -> tuple[str, ...]:
    return tuple(ASKED + flag for flag in reason_input(turn)[1])


def talk_input(turns: Sequence[str], messages: LinearText, asked: Sequence[str] = ()) -> tuple[str, Blocks]:
    """The masked talk, a turn a line, and what the model of talks sees of it.

    Args:
        turns: the borrower's, in their order. messages: the model that reads single messages. asked: the collector's
            turns.
    """
    read = [_read_turn(turn[:READ_CHARACTERS], messages) for turn in turns]
    masked = "\n".join(turn.masked for turn in read)
    said = {flag for turn in read for flag in turn.blocks.flags}
    said |= {flag for turn in asked for flag in _asked(turn[:READ_CHARACTERS])}
    return masked, Blocks(
        [token for turn in read for token in turn.blocks.ngrams],
        [run for turn in read for run in turn.blocks.concept_runs],
        meaning_of(masked),
        tuple(sorted(said | _evidence(messages.labels, [turn.probabilities for turn in read]))),
    )


def _evidence(labels: Sequence[str], turns: Sequence[np.ndarray]) -> set[str]:
    """What single turns say, as flags."""
    if not turns:
        return {f"prevails:{NO_REASON}"}
    probabilities = np.array(turns)
    surest = probabilities.max(axis=0)
    flags = {
        f"said{sureness}:{labels[place]}"
        for sureness in SURENESS
        for place in np.flatnonzero(surest >= sureness)
    }
    stated = [label for place in probabilities.argmax(axis=1) if (label := labels[place]) != NO_REASON]
    flags |= {f"again:{label}" for label in stated if stated.count(label) > 1}
    if stated:
        flags |= {f"first:{stated[0]}", f"last:{stated[-1]}"}
    return flags | {f"prevails:{_prevailing(labels, probabilities)}"}


def _prevailing(labels: Sequence[str], probabilities: np.ndarray) -> str:
    logs = np.log(probabilities + FLOOR)
    gains = (logs - logs[:, [labels.index(NO_REASON)]]).clip(0, None).sum(axis=0)
    return labels[gains.argmax()] if gains.max() > PREVAILING else NO_REASON


@cache
def talk_model() -> LinearText | None:
    """The trained model that reads whole talks, or None."""
    return LinearText.load(TALK_MODEL_FILE) if TALK_MODEL_FILE.exists() else None


def talk_reason(turns: Sequence[str], asked: Sequence[str] = ()) -> tuple[str | None, float]:
    """The main reason that the borrower states in `turns`, his own in their order, and how sure that is.

    Args:
        asked: the collector's turns.
    """
    messages, talks = reasons.reason_model(), talk_model()
    if messages is None or talks is None:
        return _clearest(turns)
    probabilities = talks.probabilities_of(talk_input(turns, messages, asked)[1])
    place = int(probabilities.argmax())
    code = talks.labels[place]
    return (None if code == NO_REASON else code), float(probabilities[place])


def _clearest(turns: Iterable[str]) -> tuple[str | None, float]:
    stated = [reason for reason in map(reason_of, turns) if reason[0] is not None]
    return max(stated, key=lambda reason: reason[1], default=(None, reasons.WORDING_CONFIDENCE))
