"""A talk as its review looks at it: the machine's flags and labels, its answers on the scorecard."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from heyue.coaching.assessment import Assessment
from heyue.coaching.debtor_types import TYPES
from heyue.conduct.talk_check import TalkViolation
from heyue.desk.live import OpenTalk
from heyue.desk.masking import masked_text
from heyue.errors import Refused
from heyue.records import PromiseTerms, TalkReading
from heyue.review.labels import LABELS, PROMISES, Flag
from heyue.review.scorecard import Answer, Quote
from heyue.review.work import FlagVerdict, ReviewWork
from heyue.understanding.promises import Promise


class NotRead(Refused):
    """The coach's reader has not read the talk yet."""


def reading_of(talk: OpenTalk) -> TalkReading:
    """What the machine has read in the talk.

    Raises:
        NotRead: nothing yet.
    """
    if talk.reading is None:
        raise NotRead(f"the talk {talk.conversation.conversation_id} waits to be read")
    return talk.reading


def lender_turns(talk: OpenTalk) -> Collection[int]:
    """The numbers of the turns that the lender's side said, in order."""
    return [number for number, turn in enumerate(talk.turns) if turn.speaker != "borrower" and turn.is_said]


def machine_flags(talk: OpenTalk) -> list[Flag]:
    """The flags of the machine, each once, in order."""
    violations = reading_of(talk).details["violations"]
    return sorted({Flag(each["turn"], each["rule"]) for each in violations})


def machine_labels(talk: OpenTalk) -> dict[str, Any]:
    """The labels as the machine has them.

    Raises:
        NotRead: it has none yet.
    """
    reading = reading_of(talk)
    labels: dict[str, Any] = {name: getattr(reading, name) for name in LABELS}
    promises = [PromiseTerms.from_dict(each).as_dict() for each in reading.details["promises"]]
    return labels | {PROMISES: promises}


def completed(work: ReviewWork, talk: OpenTalk) -> ReviewWork:
    """The work with all labels: what the reviewer left as it was is confirmed, whatever the machine says later."""
    return replace(work, labels=machine_labels(talk) | dict(work.labels))


def assessment_of(reading: TalkReading) -> Assessment:
    """What the machine had found, as the scorecard's rules read it."""
    details = reading.details
    shares = dict.fromkeys(TYPES, 0.0) | {reading.debtor_type: reading.confidence}
    return Assessment(
        reading.debtor_type, shares, reading.situation, reading.reason,
        [Promise.from_dict(each | {"span": (0, len(each["text"]))}) for each in details["promises"]],
        [TalkViolation(each["turn"], each["rule"], each["text"]) for each in details["violations"]],
        reading.state, [], details["tension"],
    )  # fmt: skip


def with_verdicts(found: Assessment, talk: OpenTalk, verdicts: Sequence[FlagVerdict]) -> Assessment:
    """The same without the flags that a reviewer rejected and with those that he added."""
    rejected = {each.flag for each in verdicts if not each.is_confirmed}
    kept = [each for each in found.violations if Flag(each.turn, each.rule) not in rejected]
    added = [
        TalkViolation(each.turn, each.rule, talk.turns[each.turn].text)
        for each in verdicts
        if each.is_added and each.is_confirmed
    ]
    return replace(found, violations=kept + added)


def masked_answer(answer: Answer, talk: OpenTalk) -> Answer:
    """The answer with its quotes as they stand in the masked talk; where they do not, the whole turn."""
    turns = talk.masked().turns
    quotes = []
    for quote in answer.evidence:
        text, whole = masked_text(quote.text, talk.case), turns[quote.turn].text
        quotes.append(Quote(quote.turn, text if text in whole else whole))
    return replace(answer, evidence=tuple(quotes))


def masked_work(work: ReviewWork, talk: OpenTalk) -> ReviewWork:
    """The work as it is kept and shown: whoever wrote it may have seen more than its readers may."""
    answers = (
        replace(masked_answer(each, talk), comment=masked_text(each.comment, talk.case)) for each in work.answers
    )
    comments = {turn: masked_text(text, talk.case) for turn, text in work.comments.items()}
    return replace(
        work, answers=tuple(answers), comments=comments, note=masked_text(work.note, talk.case)
    )
