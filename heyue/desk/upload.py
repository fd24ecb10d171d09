"""Finished transcripts from files go into the store, each once; the coach's reader then reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from heyue.access.people import User
from heyue.coaching.turn_reading import times
from heyue.desk.base import DeskBase, require
from heyue.intake.transcript_file import ReadTranscript
from heyue.store import Tx

UPLOAD = "upload"
UNNAMED_CHANNEL = "phone"  # of talks that name none, where nobody chose one


class UploadDesk(DeskBase):
    """Transcripts that reviewers bring."""

    def take_transcripts(self, user: User, talks: Sequence[ReadTranscript], at: datetime) -> int:
        """Store transcripts; those whose id is known already are left. Returns how many were new; audited.

        Raises:
            NotAllowed: the role may not.
        """
        require(user, "upload")
        with self.store.transaction() as tx:
            count = sum(self._take(tx, talk, at) for talk in talks)
            if count:
                tx.audit("transcripts_uploaded", at, actor=user.login, details={"count": count})
            return count

    def _take(self, tx: Tx, talk: ReadTranscript, at: datetime) -> bool:
        if tx.talk_from_elsewhere(UPLOAD, talk.external_id):
            return False
        said = talk.transcript.turns
        first_at = next((turn.at for turn in said if turn.at), None)
        channel = talk.transcript.channel or UNNAMED_CHANNEL
        facts = {name: value for name, value in asdict(talk.transcript.case).items() if value is not None}
        conversation = tx.add_talk(
            channel, UPLOAD, talk.external_id, first_at or at, handler=talk.collector, facts=facts,
            is_timed=first_at is not None,
        )  # fmt: skip
        turns = [
            (turn.speaker, turn.text, said_at)
            for turn, said_at in zip(said, times(said, first_at or at), strict=True)
        ]
        tx.add_whole_talk(conversation.conversation_id, channel, turns)
        return True
