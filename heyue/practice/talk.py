"""A practice talk as the readers of the coach take it."""

from __future__ import annotations

from heyue.coaching.transcript import CaseFacts, Said, Transcript
from heyue.money import yuan_from_fen
from heyue.practice.debtor import Exercise


def transcript_of(exercise: Exercise) -> Transcript:
    """The talk so far, with what the case shows."""
    case = exercise.persona.case
    facts = CaseFacts(case.days_overdue, yuan_from_fen(case.amount_due_fen), case.broken_promises)
    said = tuple(Said(turn.speaker, turn.text, turn.at) for turn in exercise.turns)
    return Transcript(said, exercise.persona.channel, facts)
