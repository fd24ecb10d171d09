"""The coach's reader: every talk with turns that it has not seen is read, and what it finds is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from heyue.coaching.transcript import BORROWER, COLLECTOR, CaseFacts, Said, Transcript
from heyue.desk.base import DeskBase
from heyue.desk.turn_numbers import TurnNumbers
from heyue.money import yuan_from_fen
from heyue.records import Case, ConversationRecord, TalkReading, Turn
from heyue.watch.metrics import CONFIDENCE, band_of

LEASE = timedelta(seconds=30)  # what a reader that died has claimed is read by another so long afterwards
SURE_OF_TYPE = 0.6  # probability from which a case is said to have the type


class ReadingDesk(DeskBase):
    """What the reader of talks asks for."""

    def unread_talks(self, most: int = 50) -> list[tuple[str, int]]:
        """The conversations that wait to be read and how many turns they have, the longest waiting first."""
        with self.store.reading() as tx:
            return tx.unread_talks(most)

    def claim_talks(self, most: int, at: datetime) -> list[tuple[str, int]]:
        """Take talks that wait to be read for one of several readers, as `unread_talks` gives them, without those that
        another has claimed. A reader that takes longer than LEASE may find that another read the talk too: nothing is lost."""
        with self.store.reading() as tx:  # asked many times a second: only who finds something writes
            if not tx.free_talks(1, at, LEASE):
                return []
        with self.store.transaction() as tx:
            return tx.claim_talks(most, at, LEASE)

    def read_talk(self, conversation_id: str, at: datetime) -> TalkReading:
        """Read a talk as it stands and keep what was found; turns that come meanwhile leave it unread.

        Raises:
            UnknownConversation: there is none of this id. SealBroken: a turn of it cannot be opened. Broken: a model has not
                been trained.
        """
        with self.store.reading() as tx:
            conversation = tx.conversation(conversation_id)
            turns, before = tx.turns(conversation_id), tx.reading(conversation_id)
            case = tx.case(conversation.case_id) if conversation.case_id else None
        reading = reading_of(conversation, case, turns, before)
        with self.store.transaction() as tx:
            tx.put_reading(conversation_id, reading, [turn.text for turn in turns], at)
            if case and reading.debtor_type != case.debtor_type and reading.confidence >= SURE_OF_TYPE:
                tx.set_case_state(case.case_id, debtor_type=reading.debtor_type)
            tx.afterwards.append(CONFIDENCE.labels("debtor_type", band_of(reading.confidence)).inc)
        return reading


def reading_of(
    conversation: ConversationRecord, case: Case | None, turns: list[Turn], before: TalkReading | None
) -> TalkReading:
    """What a talk shows; what was found `before` in its beginning is taken over."""
    from heyue.coaching.course import course_of  # loads the models, which the bot's process does without

    numbers = TurnNumbers.of(turns)
    known = _types_known(before) if len(numbers.said) == len(turns) else {}  # else its beginning may have changed
    course = course_of(transcript_of(conversation, case, turns), conversation.started_at, known)
    found = course.found
    return TalkReading(
        turn_count=len(turns),
        debtor_type=found.debtor_type,
        confidence=found.probabilities[found.debtor_type],
        situation=found.situation,
        reason=found.reason,
        state=found.state,
        tension=course.last_tension,
        peak_tension=course.peak_tension,
        flag_count=len(found.violations),
        promise_count=len(found.promises),
        details=numbers.details_in_talk(course.as_dict()),
    )


def _types_known(before: TalkReading | None) -> dict[int, dict[str, float]]:
    return {each["turn"]: each["probabilities"] for each in before.details["types"]} if before else {}


def transcript_of(conversation: ConversationRecord, case: Case | None, turns: list[Turn]) -> Transcript:
    """The talk as the readers take it: what was said; the bot's turns are the lender's side as a collector's are."""
    turns = [turn for turn in turns if turn.is_said]
    said = tuple(
        Said(
            BORROWER if turn.speaker == "borrower" else COLLECTOR,
            turn.text,
            turn.at if conversation.is_timed else None,
        )
        for turn in turns
    )
    facts = conversation.facts
    if case is not None:
        today = conversation.last_turn_at.date()
        facts = {
            "days_overdue": case.days_overdue(today),
            "amount_due": yuan_from_fen(case.amount_due_fen),
            "broken_promises": case.broken_promises,
        }
    bot_turns = frozenset(number for number, turn in enumerate(turns) if turn.speaker == "bot")
    return Transcript(said, conversation.channel, CaseFacts(**facts), bot_turns)
