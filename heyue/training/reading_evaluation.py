"""Reasons and promises, each judged for voices that their model never saw."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from heyue.coaching.talk_promises import talk_promises
from heyue.coaching.talk_training import UNDATED
from heyue.coaching.transcript import BORROWER
from heyue.coaching.turn_reading import TurnReading, times
from heyue.coaching.who_owes import borrowers_promises, borrowers_reason
from heyue.training.scores import Judged
from heyue.training.situation_evaluation import SituationTalks
from heyue.training.talk_messages import messages_of
from heyue.understanding.amounts import find_amounts
from heyue.understanding.clauses import clauses_of, readable
from heyue.understanding.dates import find_dates
from heyue.understanding.linear_text import blocks_of
from heyue.understanding.linear_training import Example, fit
from heyue.understanding.promise_model import PromiseModel
from heyue.understanding.promise_training import train_promises
from heyue.understanding.promises import Promise, promised
from heyue.understanding.reason_talks import reasons_by_both
from heyue.understanding.reason_training import (
    COLLECTOR_SETTINGS,
    REASON_SETTINGS,
    TALK_SETTINGS,
    Talk,
    Utterance,
    collector_examples,
    extra_example,
    extra_lines,
    read_reasons,
    read_talks,
    reason_example,
    talk_example,
    train_reasons,
)
from heyue.understanding.reasons import NO_REASON, reasons_by

PROMISE_PARTS = {"dates": ("start", "end"), "amounts": ("amount",), "certainty": ("certainty",)}
TERMS = ("start", "end", "amount", "certainty")
Terms = dict[str, Any]


class JudgedPromises(NamedTuple):
    """One text of a held-out voice: the promises by hand and those read, as contracts.md section 2 has them."""

    voice: str
    text: str
    right: list[Terms]
    given: list[Terms]

    def agrees(self, *fields: str) -> bool:
        """Whether these fields of all promises are read right, in their order."""
        picked = [
            [tuple(each[name] for name in fields) for each in found] for found in (self.right, self.given)
        ]
        return picked[0] == picked[1]


def judge_reasons(data: Path, held_out: Collection[str]) -> list[Judged]:
    """Reasons of the held-out voices' messages; their utterances for intents teach nothing either."""
    messages = read_reasons(data / "messages")
    examples = [reason_example(line) for line in _of_others(messages, held_out)]
    examples += [extra_example(line) for line in _of_others(extra_lines(data), held_out)]
    model = fit(examples, REASON_SETTINGS)
    lines = [line for line in messages if line.voice in held_out]
    return [
        Judged(line.voice, line.text, line.label, given or NO_REASON, confidence)
        for line, (given, confidence) in zip(lines, reasons_by(model, [line.text for line in lines]), strict=True)
    ]


def _of_others(lines: Iterable[Utterance], held_out: Collection[str]) -> list[Utterance]:
    return [line for line in lines if line.voice not in held_out]


class Message(NamedTuple):
    """A labelled message: who wrote it, and its line of nlu_data/messages."""

    voice: str
    raw: dict[str, Any]


def read_messages(folder: Path) -> list[Message]:
    """The messages of every <voice>.jsonl in `folder`."""
    return [
        Message(path.stem, json.loads(line))
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def judge_promises(
    messages: Sequence[Message], talks: Sequence[Message], held_out: Collection[str]
) -> list[JudgedPromises]:
    """Promises of the held-out voices' messages, by a model of the others' messages and of all talks."""
    model = train_promises(
        [*(each.raw for each in messages if each.voice not in held_out), *_turns(talks, ())]
    )
    return [
        JudgedPromises(
            each.voice, each.raw["text"], each.raw["gold"]["promises"],
            _terms(promises_by(model, each.raw["text"], datetime.fromisoformat(each.raw["now"]))),
        )
        for each in messages
        if each.voice in held_out
    ]  # fmt: skip


def _turns(talks: Sequence[Message], held_out: Collection[str]) -> Iterator[dict[str, Any]]:
    """What the talks of all other voices teach."""
    return (turn for each in talks if each.voice not in held_out for turn in messages_of(each.raw))


def promises_by(model: PromiseModel, text: str, now: datetime) -> list[Promise]:
    """The promises that a model reads in a message."""
    plain = readable(text)
    clauses = clauses_of(plain, find_dates(text, now), find_amounts(text))
    return promised(text, plain, clauses, model.judge(plain, clauses, now.date()), now.date())


def judge_talk_promises(
    messages: Sequence[Message], talks: Sequence[Message], known: SituationTalks, held_out: Collection[str]
) -> list[JudgedPromises]:
    """Promises of the held-out voices' talks, by a model of all messages and of the others' talks, and as the others' situations tell
    with whom a talk is held.

    Args:
        known: the same talks, in their order.
    """
    model = train_promises([*(each.raw for each in messages), *_turns(talks, held_out)])
    situations = known.models_without(held_out)
    found = []
    for talk, labelled, seen in zip(talks, known.labelled, known.examples, strict=True):
        if talk.voice in held_out:
            said = labelled.transcript.turns
            moments = times(said, UNDATED)
            readings = [
                TurnReading("", tuple(promises_by(model, turn.text, at)) if turn.speaker == BORROWER else ())
                for turn, at in zip(said, moments, strict=True)
            ]
            right = [{name: each[name] for name in TERMS} for each in talk.raw["gold"]["promises"]]
            standing = talk_promises(said, readings, UNDATED)
            given = _terms(borrowers_promises(standing, moments[-1], situations.shares(seen)))
            found.append(JudgedPromises(talk.voice, talk.raw["id"], right, given))
    return found


def _terms(promises: Iterable[Promise]) -> list[Terms]:
    return [each.terms().as_dict() for each in promises]


class ReasonTalks(NamedTuple):
    """The labelled talks, and what the models of their reasons see of each."""

    talks: list[Talk]
    own: list[Example]
    collector: list[list[Example]]


def read_reason_talks(data: Path) -> ReasonTalks:
    """The talks as they look to a model of messages that no author of a talk has written for."""
    messages = train_reasons(data)
    talks = read_talks(data / "types")
    return ReasonTalks(talks, [talk_example(talk, messages) for talk in talks], [collector_examples(talk) for talk in talks])


def judge_talk_reasons(
    read: ReasonTalks, known: SituationTalks, held_out: Collection[str]
) -> list[Judged]:
    """Reasons of the held-out voices' talks, as the others' situations tell with whom a talk is held.

    Args:
        known: the same talks, in their order.
    """
    rows = list(zip(read.talks, read.own, read.collector, known.examples, strict=True))
    learnt = [(own, collector) for talk, own, collector, _ in rows if talk.voice not in held_out]
    model = fit([own for own, _ in learnt], TALK_SETTINGS)
    of_collector = fit([each for _, collector in learnt for each in collector], COLLECTOR_SETTINGS)
    situations = known.models_without(held_out)
    found = []
    for talk, own, (*_, collector), whole in rows:
        if talk.voice in held_out:
            seen, heard = (blocks_of(each.masked, each.flags) for each in (own, collector))
            ((given, confidence),) = reasons_by_both(model, of_collector, [seen], [heard])
            stated = borrowers_reason(given, situations.shares(whole))
            found.append(Judged(talk.voice, "\n".join(talk.turns), talk.label, stated or NO_REASON, confidence))
    return found
