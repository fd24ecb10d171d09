"""What a reviewer has made of a talk: answers, verdicts on flags, comments on turns, corrected labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from heyue.errors import BadInput
from heyue.money import fen_from_yuan
from heyue.records import NAMED_AMOUNTS, PromiseTerms
from heyue.review.labels import LABELS, PROMISES, Flag, ReviewDecision
from heyue.review.scorecard import RULES, YES, Answer, Quote, Scorecard, check_evidence


class BadWork(BadInput):
    """The work cannot be taken as it is. `why`: promise_days, promise_amount, quote, flag, label."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class FlagVerdict(NamedTuple):
    """What the reviewer says of a flag. `is_added`: the reviewer's own, which the machine had not seen."""

    turn: int
    rule: str
    is_confirmed: bool
    is_added: bool = False

    @property
    def flag(self) -> Flag:
        return Flag(self.turn, self.rule)


class Missing(NamedTuple):
    """What has to be decided before a review is finished: items of the card, flags of the machine."""

    items: tuple[str, ...]
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class ReviewWork:
    """`comments`: by turn (from 0). `labels`: debtor_type, situation, reason, promises, as the reviewer sees them; what
    is missing is as the machine has it. `note`: on the whole talk."""

    answers: tuple[Answer, ...] = ()
    verdicts: tuple[FlagVerdict, ...] = ()
    comments: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "answers": [[each.item, each.verdict, each.evidence, each.comment] for each in self.answers],
            "verdicts": self.verdicts,
            "comments": list(self.comments.items()),
            "labels": dict(self.labels),
            "note": self.note,
        }

    @staticmethod
    def from_dict(raw: Mapping[str, Any]) -> ReviewWork:
        return ReviewWork(
            tuple(
                Answer(item, verdict, tuple(Quote(*each) for each in evidence), comment)
                for item, verdict, evidence, comment in raw.get("answers", ())
            ),
            tuple(FlagVerdict(*each) for each in raw.get("verdicts", ())),
            dict(raw.get("comments", ())),
            raw.get("labels", {}),
            raw.get("note", ""),
        )

    def decision(self) -> ReviewDecision:
        """The part of it that becomes labels."""
        confirmed = [each.flag for each in self.verdicts if each.is_confirmed and not each.is_added]
        added = [each.flag for each in self.verdicts if each.is_confirmed and each.is_added]
        return ReviewDecision(confirmed, added, self.labels)

    def missing(self, scorecard: Scorecard, flags: Collection[Flag]) -> Missing:
        """What is not decided yet of the card and of the machine's flags."""
        answered, judged = {each.item for each in self.answers}, {each.flag for each in self.verdicts}
        return Missing(
            tuple(each.id for each in scorecard.items if each.id not in answered),
            tuple(sorted(set(flags) - judged)),
        )

    def with_answers(self, changes: Mapping[str, str], scorecard: Scorecard) -> ReviewWork:
        """The work with other answers to some items; flags that speak against a yes are rejected with it."""
        answers = tuple(replace(each, verdict=changes.get(each.item, each.verdict)) for each in self.answers)
        cleared = {
            rule for item, verdict in changes.items() if verdict == YES for rule in scorecard.item(item).rules
        }
        verdicts = tuple(
            each._replace(is_confirmed=each.is_confirmed and each.rule not in cleared)
            for each in self.verdicts
        )
        return replace(self, answers=answers, verdicts=verdicts)


def check_work(
    work: ReviewWork, scorecard: Scorecard, lenders: Collection[int], readings: Sequence[Sequence[str]]
) -> None:
    """Make sure that the work can be kept: every quote stands in the talk, flags, labels and promises are possible.

    Args:
        lenders: the numbers of the turns of the lender's side.
        readings: the texts of the turns, plain and masked: a quote is taken from either.

    Raises:
        BadWork: what is wrong. BadInput: an item that the card does not have.
    """
    for answer in work.answers:
        scorecard.item(answer.item)
        _check_quotes(answer, readings)
    for flag in (each.flag for each in work.verdicts):
        if flag.rule not in RULES or flag.turn not in lenders:
            raise BadWork("flag", f"{flag.rule}: no rule, or turn {flag.turn} is not the collector's")
    for name, known in LABELS.items():
        if name in work.labels and work.labels[name] not in known:
            raise BadWork("label", f"{name}: {work.labels[name]!r} is not known")
    for raw in work.labels.get(PROMISES, ()):
        check_promise(PromiseTerms.from_dict(raw))


def check_promise(terms: PromiseTerms) -> None:
    """Make sure that a promise can be.

    Raises:
        BadWork: its last day lies before the first, or the amount is none.
    """
    if terms.start is not None and terms.end is not None and terms.end < terms.start:
        raise BadWork("promise_days", f"{terms.end} lies before {terms.start}: exchange them")
    if terms.amount is not None and terms.amount not in NAMED_AMOUNTS:
        try:
            fen_from_yuan(terms.amount)
        except BadInput as error:
            raise BadWork("promise_amount", str(error)) from error


def _check_quotes(answer: Answer, readings: Sequence[Sequence[str]]) -> None:
    for quote in answer.evidence:
        one = replace(answer, evidence=(quote,))
        if not any(_stands(one, texts) for texts in readings):
            raise BadWork("quote", f"{answer.item}: {quote.text!r} does not stand in turn {quote.turn}")


def _stands(answer: Answer, texts: Sequence[str]) -> bool:
    try:
        check_evidence([answer], texts)
    except BadInput:
        return False
    return True


def differences(one: ReviewWork, other: ReviewWork) -> list[str]:
    """On which items and labels two reviews of a talk differ; "flags" where they differ on the broken rules."""
    mine, others = judgements(one), judgements(other)
    found = [name for name in {**mine, **others} if mine.get(name) != others.get(name)]
    if _promised(one) != _promised(other):
        found.append(PROMISES)
    if _broken(one) != _broken(other):
        found.append("flags")
    return found


def judgements(work: ReviewWork) -> dict[str, str | None]:
    """The verdict on each item, and the labels but for the promises: what agreement is measured on."""
    labels = {name: work.labels[name] for name in LABELS if name in work.labels}
    return {answer.item: answer.verdict for answer in work.answers} | labels


def _promised(work: ReviewWork) -> list[dict[str, Any]]:
    return [PromiseTerms.from_dict(each).as_dict() for each in work.labels.get(PROMISES, ())]


def _broken(work: ReviewWork) -> set[Flag]:
    return {each.flag for each in work.verdicts if each.is_confirmed}


def agreed(one: ReviewWork, other: ReviewWork) -> ReviewWork:
    """What both reviews say: where the adjudication of a talk begins."""
    unlike = set(differences(one, other))
    same = {each.flag: each.is_confirmed for each in other.verdicts}
    return ReviewWork(
        tuple(each for each in one.answers if each.item not in unlike),
        tuple(each for each in one.verdicts if same.get(each.flag) == each.is_confirmed),
        labels={name: value for name, value in one.labels.items() if name not in unlike},
    )


def contradictions(work: ReviewWork, scorecard: Scorecard) -> list[str]:
    """The items answered yes although a flag of one of their rules is confirmed."""
    broken = {each.rule for each in work.verdicts if each.is_confirmed}
    return [
        each.item
        for each in work.answers
        if each.verdict == YES and broken & set(scorecard.item(each.item).rules)
    ]
