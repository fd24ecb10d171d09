"""The use case of retraining: reviewed talks as labelled transcripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from heyue.desk.base import DeskBase
from heyue.desk.live import talk_as_it_stands
from heyue.desk.reading import transcript_of
from heyue.desk.reviewed_talk import assessment_of, completed, reading_of
from heyue.desk.turn_numbers import TurnNumbers
from heyue.review.labels import labelled_transcript
from heyue.review.records import counted
from heyue.review.work import ReviewWork


class LabelDesk(DeskBase):
    """Labels for retraining."""

    def labelled_talks(self, actor: str, at: datetime, is_masked: bool) -> Iterator[dict[str, Any]]:
        """Every talk whose review is final, as labelled transcripts (contracts.md section 3); audited before the first.

        Args:
            actor: who takes them away.
        """
        with self.store.transaction() as tx:
            counting = [each for reviews in tx.reviews_by_talk().values() if (each := counted(reviews))]
            details = {"what": "labels", "reviews": len(counting), "masked": is_masked}
            tx.audit("labels_exported", at, actor=actor, details=details)
        for review in counting:
            yield self._labelled(review.conversation_id, review.review_id, at, is_masked)

    def _labelled(
        self, conversation_id: str, review_id: int, at: datetime, is_masked: bool
    ) -> dict[str, Any]:
        with self.store.reading() as tx:
            talk = talk_as_it_stands(tx, conversation_id, at, self.policy)
            work = completed(ReviewWork.from_dict(tx.work_of([review_id])[review_id]), talk)
        transcript = transcript_of(talk.conversation, talk.case, talk.turns)
        if is_masked:
            shown = [turn for turn in talk.masked().turns if turn.is_said]
            pairs = zip(transcript.turns, shown, strict=True)
            transcript = replace(
                transcript, turns=tuple(replace(each, text=turn.text) for each, turn in pairs)
            )
        numbers, decision = TurnNumbers.of(talk.turns), work.decision()
        said = replace(
            decision, confirmed=numbers.flags_among_said(decision.confirmed), added=numbers.flags_among_said(decision.added)
        )
        found = numbers.found_among_said(assessment_of(reading_of(talk)))
        return labelled_transcript(conversation_id, transcript, found, said)
