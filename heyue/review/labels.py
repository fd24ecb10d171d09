"""A reviewed talk as a labelled transcript (contracts.md section 3), for export and retraining."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from heyue.coaching.assessment import Assessment
from heyue.coaching.debtor_types import TYPES
from heyue.coaching.situations import SITUATIONS
from heyue.coaching.transcript import COLLECTOR, Said, Transcript
from heyue.errors import BadInput
from heyue.money import fen_from_yuan
from heyue.records import NAMED_AMOUNTS, PromiseTerms
from heyue.review.scorecard import RULES
from heyue.understanding.reasons import REASONS

CERTAINTIES = ("firm", "conditional", "vague")
LABELS: dict[str, tuple[str | None, ...]] = {
    "debtor_type": TYPES, "situation": SITUATIONS, "reason": (*REASONS, None),
}  # fmt: skip
PROMISES = "promises"


class Flag(NamedTuple):
    """A rule broken in a turn (from 0)."""

    turn: int
    rule: str


@dataclass(frozen=True)
class ReviewDecision:
    """What reviewers decided of a talk.

    `confirmed`: flags of the machine that they confirmed; `added`: flags that it had missed. `labels`: what they
    corrected, by name: debtor_type, situation, reason, promises (a list of the promises as in the contracts).
    """

    confirmed: Collection[Flag] = ()
    added: Collection[Flag] = ()
    labels: Mapping[str, Any] = field(default_factory=dict)


def labelled_transcript(
    transcript_id: str, transcript: Transcript, assessment: Assessment, decision: ReviewDecision
) -> dict[str, Any]:
    """One line of a labelled transcript file: the machine's labels where nobody corrected them, the reviewers' flags.

    Raises:
        BadInput: a label, promise or flag is not one of the contracts; the message names field and remedy.
    """
    machine = assessment.as_dict()
    gold = {name: machine[name] for name in (*LABELS, PROMISES)} | dict(decision.labels)
    _check_labels(gold)
    flags = sorted({*decision.confirmed, *decision.added})
    _check_flags(flags, transcript.turns)
    line: dict[str, Any] = {"id": transcript_id}
    if transcript.channel is not None:
        line["channel"] = transcript.channel
    if case := {name: value for name, value in asdict(transcript.case).items() if value is not None}:
        line["case"] = case
    line["turns"] = [_turn(each) for each in transcript.turns]
    line["gold"] = gold | {"violations": [each._asdict() for each in flags]}
    return line


def _turn(said: Said) -> dict[str, str]:
    turn = {"speaker": said.speaker, "text": said.text}
    return turn | {"at": said.at.isoformat()} if said.at is not None else turn


def _check_labels(gold: Mapping[str, Any]) -> None:
    for name, value in gold.items():
        if name == PROMISES:
            _check_promises(value)
        elif name not in LABELS:
            raise BadInput(f"{name}: no such label; take one of {', '.join((*LABELS, PROMISES))}")
        elif value not in LABELS[name]:
            known = ", ".join(each or "null" for each in LABELS[name])
            raise BadInput(f"{name}: {value!r} is not known; take one of {known}")


def _check_promises(promises: Any) -> None:
    if not isinstance(promises, list | tuple):
        raise BadInput("promises: must be a list; give an empty one where nothing was promised")
    for number, raw in enumerate(promises):
        try:
            terms = PromiseTerms.from_dict(raw)
            if terms.amount is not None and terms.amount not in NAMED_AMOUNTS:
                fen_from_yuan(terms.amount)
        except (AttributeError, TypeError, ValueError, BadInput) as error:
            remedy = 'days like 2026-11-27, an amount like "2000.00" or full, half, minimum'
            raise BadInput(f"promises, {number}: {error}; give {remedy}") from error
        if terms.certainty not in CERTAINTIES:
            raise BadInput(
                f"promises, {number}, certainty: {terms.certainty!r} is not known; "
                f"take one of {', '.join(CERTAINTIES)}"
            )
        if terms.start is not None and terms.end is not None and terms.end < terms.start:
            raise BadInput(f"promises, {number}, end: lies before start; exchange them")


def _check_flags(flags: Sequence[Flag], turns: Sequence[Said]) -> None:
    for flag in flags:
        if flag.rule not in RULES:
            raise BadInput(f"violations, rule: {flag.rule!r} is not known; take one of {', '.join(RULES)}")
        if not 0 <= flag.turn < len(turns) or turns[flag.turn].speaker != COLLECTOR:
            raise BadInput(
                f"violations, turn: {flag.turn} is no turn of the collector; take one of his, from 0 on"
            )
