"""Why the payment is late, read from a whole talk: the main cause of all that the borrower says.

Each turn is read as a message first. How sure its reason is, which comes first and last and which prevails are flags
of a second model, that sees the words of the whole talk too; until it has been trained the clearest turn decides.
What the collector speaks of is context, as far as the borrower answers it: "厂里没发粮吗？" - "系". A third model looks at the
collector's words alone, as people's answers tell what they have heard; its log-probabilities and those of the second are averaged.

Where only the bot asks, a talk is messages, and the clearest decides: the second model learnt from what collectors say,
and would lose every third reason among the bot's standing phrases (docs/models.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.errors import Broken
from heyue.understanding import reasons
from heyue.understanding.linear_text import Blocks, LinearText, blocks_of_all, pooled, softmax
from heyue.understanding.reasons import NO_REASON, reason_input
from heyue.understanding.remembered import Remembered

MODELS = Path(__file__).parent / "models"
TALK_MODEL_FILE = MODELS / "reason_talks.npz"
COLLECTOR_MODEL_FILE = MODELS / "reasons_by_collector.npz"
# of the model of talks and that of the collector's words, chosen on held-out voices (docs/models.md)
TALK_TEMPERATURE, COLLECTOR_TEMPERATURE = 0.6, 0.6
REMEMBERED_TURNS = 20_000  # some 15 MB; so one more turn of a live talk costs one turn
ASKED = "asked@"  # marks what the collector speaks of
READ_CHARACTERS = 400  # of one turn, as models of messages read no more
SURENESS = (0.25, 0.5, 0.8)
FLOOR = 0.01  # below it a probability tells nothing
PREVAILING = 0.3  # in nats above no reason, over all turns


class BothSides(NamedTuple):
    """The borrower's turns, and those of the collector's that the borrower answers."""

    own: Sequence[str]
    asked: Sequence[str] = ()


def both_sides(turns: Iterable[tuple[bool, str]]) -> BothSides:
    """The two sides of a talk. `turns`: in their order, each with whether the borrower says it."""
    own: list[str] = []
    asked: list[str] = []
    unanswered: list[str] = []
    for is_own, text in turns:
        if is_own:
            own.append(text)
            asked += unanswered
            unanswered = []
        else:
            unanswered.append(text)
    return BothSides(own, asked)


class TurnRead(NamedTuple):
    """One turn read as a message: its masked text, its flags, and the probability of each reason."""

    masked: str
    flags: tuple[str, ...]
    probabilities: np.ndarray


_turns_read: Remembered[tuple[LinearText, str], TurnRead] = Remembered(REMEMBERED_TURNS)


def _read_turns(turns: Sequence[tuple[LinearText, str]]) -> list[TurnRead]:
    (messages, _), *_ = turns
    inputs = [reason_input(turn) for _, turn in turns]
    probabilities = messages.probabilities_of_all(blocks_of_all(inputs))
    return [TurnRead(*seen, row) for seen, row in zip(inputs, probabilities, strict=True)]


@lru_cache(REMEMBERED_TURNS)
def _heard(turn: str) -> tuple[str, tuple[str, ...]]:
    """A turn of the collector's, masked, and what it speaks of."""
    masked, flags = reason_input(turn[:READ_CHARACTERS])
    return masked, tuple(ASKED + flag for flag in flags)


def collector_words(asked: Sequence[str]) -> str:
    """The masked turns of the collector that the borrower answers, a turn a line."""
    return "\n".join(_heard(turn)[0] for turn in asked)


def talk_input(turns: Sequence[str], messages: LinearText, asked: Sequence[str] = ()) -> tuple[str, Blocks]:
    """The masked talk, a turn a line, and what the model of talks sees of it.

    Args:
        turns: the borrower's, in their order. messages: the model that reads single messages. asked: the collector's
            turns that he answers.
    """
    blocks = _talk_inputs([BothSides(turns, asked)], messages)[0]
    return blocks.words, blocks


def _talk_inputs(talks: Sequence[BothSides], messages: LinearText) -> list[Blocks]:
    keys = [(messages, turn[:READ_CHARACTERS]) for turns, _ in talks for turn in turns]
    read = iter(_turns_read.of_all(keys, _read_turns))
    seen = [_seen([next(read) for _ in turns], messages.labels, asked) for turns, asked in talks]
    return blocks_of_all(seen)


def _seen(read: Sequence[TurnRead], labels: Sequence[str], asked: Sequence[str]) -> tuple[str, list[str]]:
    """The masked talk and its flags."""
    said = {flag for turn in read for flag in turn.flags}
    said |= {flag for turn in asked for flag in _heard(turn)[1]}
    evidence = _evidence(labels, [turn.probabilities for turn in read])
    return "\n".join(turn.masked for turn in read), sorted(said | evidence)


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


@cache
def collector_model() -> LinearText | None:
    """The trained model that reads the collector's words, or None."""
    return LinearText.load(COLLECTOR_MODEL_FILE) if COLLECTOR_MODEL_FILE.exists() else None


def talk_reason(turns: Sequence[str], asked: Sequence[str] = ()) -> tuple[str | None, float]:
    """The main reason that the borrower states in `turns`, his own in their order, and how sure that is.

    Args:
        asked: the collector's turns that he answers.
    """
    return talk_reasons([BothSides(turns, asked)])[0]


def talk_reasons(talks: Sequence[BothSides]) -> list[tuple[str | None, float]]:
    """The same for many talks at once."""
    messages, model, of_collector = reasons.reason_model(), talk_model(), collector_model()
    if messages is None or model is None or of_collector is None:
        return [clearest_reason(talk.own) for talk in talks]
    collector = blocks_of_all([(collector_words(talk.asked), ()) for talk in talks])
    return reasons_by_both(model, of_collector, _talk_inputs(talks, messages), collector)


def reasons_by_both(
    model: LinearText, of_collector: LinearText, own: Sequence[Blocks], collector: Sequence[Blocks]
) -> list[tuple[str | None, float]]:
    """The reason of each talk by two models together; by the first alone where the collector says nothing.

    Args:
        own: what the first sees of each talk; collector: what the second sees.

    Raises:
        Broken: the models know other reasons.
    """
    if model.labels != of_collector.labels:
        raise Broken(f"{TALK_MODEL_FILE} and {COLLECTOR_MODEL_FILE} know other reasons: run `make train`")
    if not own:
        return []
    scores = model.scores_of_all(own)
    together = pooled([scores, of_collector.scores_of_all(collector)], (TALK_TEMPERATURE, COLLECTOR_TEMPERATURE))
    heard = np.array([bool(each.words) for each in collector])
    return reasons.likeliest(model.labels, np.where(heard[:, None], together, softmax(scores)))


def clearest_reason(turns: Sequence[str]) -> tuple[str | None, float]:
    """The reason of the turn, read as a message, that states one most surely, and how sure that is."""
    read = reasons.reasons_of([turn[:READ_CHARACTERS] for turn in turns])
    stated = [reason for reason in read if reason[0] is not None]
    return max(stated, key=lambda reason: reason[1], default=(None, reasons.WORDING_CONFIDENCE))
