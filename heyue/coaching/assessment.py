"""Everything that the coach reads in a talk, as one record: `heyue classify` and the live page show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heyue.coaching import suggestions, talk_state
from heyue.coaching.debtor_types import type_evidence, types_of_all
from heyue.coaching.reading import TalkReading, collector_blocks, read_talk, talk_blocks
from heyue.coaching.situations import situations_of_all
from heyue.coaching.suggestions import Suggestion
from heyue.coaching.tension import tension_curve
from heyue.coaching.transcript import BORROWER, Transcript
from heyue.coaching.who_owes import borrowers_promises, borrowers_reason
from heyue.conduct.talk_check import TalkViolation, check_talks
from heyue.money import fen_from_yuan, spoken_yuan
from heyue.understanding.promises import Promise
from heyue.understanding.reason_talks import BothSides, both_sides, clearest_reason, talk_reasons


@dataclass(frozen=True)
class Assessment:
    """What a talk shows.

    `probabilities`: one a debtor type. `tension`: after each turn, 0 to 1. `state`: the step of the contact for which
    `suggestions` are meant.
    """

    debtor_type: str
    probabilities: dict[str, float]
    situation: str
    reason: str | None
    promises: list[Promise]
    violations: list[TalkViolation]
    state: str
    suggestions: list[Suggestion]
    tension: list[float]

    def as_dict(self) -> dict[str, Any]:
        """The fields of contracts.md section 4."""
        return {
            "debtor_type": self.debtor_type,
            "probabilities": {name: round(share, 4) for name, share in self.probabilities.items()},
            "situation": self.situation,
            "reason": self.reason,
            "promises": [each.terms().as_dict() | {"text": each.text} for each in self.promises],
            "violations": [each._asdict() for each in self.violations],
            "suggestions": [{"text": each.text, "technique": each.technique} for each in self.suggestions],
        }


def assess(transcript: Transcript, now: datetime) -> Assessment:
    """Read a talk. `now`: the time of turns that have none.

    Raises:
        Broken: a model has not been trained.
    """
    return assess_all([transcript], now)[0]


def assess_all(transcripts: Sequence[Transcript], now: datetime) -> list[Assessment]:
    """Read many talks: as `assess`, but the models look at all of them at once, which takes a third of the time."""
    talks = [read_talk(transcript, now) for transcript in transcripts]
    blocks = talk_blocks(talks)
    reasons = _reasons(transcripts)
    judged = zip(
        types_of_all(blocks), situations_of_all(blocks, collector_blocks(talks)), reasons, _violations(transcripts), strict=True
    )
    return [
        _assessment(transcript, talk, types, situations, reason, violations)
        for transcript, talk, (types, situations, reason, violations) in zip(
            transcripts, talks, judged, strict=True
        )
    ]


def _violations(transcripts: Sequence[Transcript]) -> list[list[TalkViolation]]:
    return check_talks([lines_said(each) for each in transcripts], [each.facts for each in transcripts])


def _reasons(transcripts: Sequence[Transcript]) -> list[str | None]:
    sides = [(_both_sides(each), each.is_by_bot) for each in transcripts]
    led_by_people = iter(talk_reasons([talk for talk, is_by_bot in sides if not is_by_bot]))
    return [(clearest_reason(talk.own) if is_by_bot else next(led_by_people))[0] for talk, is_by_bot in sides]


def _both_sides(transcript: Transcript) -> BothSides:
    return both_sides((turn.speaker == BORROWER, turn.text) for turn in transcript.turns)


def _assessment(
    transcript: Transcript, talk: TalkReading, types: dict[str, float],
    situations: dict[str, float], reason: str | None, violations: list[TalkViolation],
) -> Assessment:  # fmt: skip
    said = transcript.turns
    own = [turn.masked for turn, each in zip(talk.turns, said, strict=True) if each.speaker == BORROWER]
    asked = [turn.masked for turn, each in zip(talk.turns, said, strict=True) if each.speaker != BORROWER]
    debtor_type, situation = _likeliest(types), _likeliest(situations)
    promises = borrowers_promises(talk.standing, talk.ended, situations)
    reason = borrowers_reason(reason, situations)
    state = talk_state.state_of(
        own, asked, any(each.start for each in promises), reason is not None, situation
    )
    is_sure = min(types[debtor_type], situations[situation]) >= suggestions.SURE_ENOUGH
    return Assessment(
        debtor_type, types, situation, reason, promises, violations, state,
        _suggestions(transcript, state, debtor_type, situation, promises) if is_sure or not own else [],
        _tension(transcript, talk, violations),
    )  # fmt: skip


def explanation(transcript: Transcript, found: Assessment) -> dict[str, Any]:
    """What stands behind an assessment: the state of the talk, the tension, the words that speak for the type."""
    return {
        "state": found.state,
        "tension": found.tension,
        "evidence": [each._asdict() for each in type_evidence(transcript, found.debtor_type)],
    }


def lines_said(transcript: Transcript) -> list[tuple[int, str, datetime | None]]:
    """The lender's turns as check_talk takes them. Who writes at night is answered by the bot at night: that disturbs
    nobody, so its turns count as said at no time."""
    return [
        (number, turn.text, None if number in transcript.bot_turns else turn.at)
        for number, turn in enumerate(transcript.turns)
        if turn.speaker != BORROWER
    ]


def _likeliest(share: dict[str, float]) -> str:
    return max(share, key=share.__getitem__)


def _suggestions(
    transcript: Transcript, state: str, debtor_type: str, situation: str, promises: list[Promise]
) -> list[Suggestion]:
    own = transcript.borrower_turns
    already = [turn.text for turn in transcript.turns if turn.speaker != BORROWER]
    return suggestions.suggest(
        state, debtor_type, situation, own[-1].text if own else "", already, _facts(transcript, promises)
    )


def _facts(transcript: Transcript, promises: list[Promise]) -> dict[str, str]:
    """The slots of the playbook whose values are known."""
    case = transcript.case
    facts: dict[str, str] = {}
    if case.amount_due is not None:
        facts["amount_due"] = spoken_yuan(fen_from_yuan(case.amount_due))
    if case.days_overdue is not None:
        facts["days_overdue"] = str(case.days_overdue)
    dated = [each for each in promises if each.end is not None]
    if dated and dated[-1].end is not None:
        facts["promise_day"] = f"{dated[-1].end.month}月{dated[-1].end.day}日"
        if dated[-1].amount and dated[-1].amount[0].isdigit():
            facts["promise_amount"] = spoken_yuan(fen_from_yuan(dated[-1].amount))
    return facts


def _tension(transcript: Transcript, talk: TalkReading, violations: list[TalkViolation]) -> list[float]:
    return tension_curve(
        [turn.speaker == BORROWER for turn in transcript.turns],
        [turn.masked for turn in talk.turns],
        frozenset(each.turn for each in violations),
    )
