"""The use case of suggestions that fit a talk: worded anew by a language model, when a collector asks for it."""

from __future__ import annotations

from datetime import datetime

from heyue.access.people import User
from heyue.coaching.rewording import FittedLine
from heyue.desk.base import DeskBase
from heyue.desk.live import OpenTalk, sees, talk_as_it_stands
from heyue.errors import UnknownConversation


class SuggestionDesk(DeskBase):
    """Suggestions for running conversations."""

    def fitted_suggestions(self, user: User, conversation_id: str, at: datetime) -> list[dict[str, str]]:
        """The suggestions of the last reading in words that fit the talk; those that no lawful words were found for as they are.

        Raises:
            UnknownConversation: there is none that the user may see.
        """
        with self.store.reading() as tx:
            talk = talk_as_it_stands(tx, conversation_id, at, self.policy)
        if not sees(user, talk.conversation):
            raise UnknownConversation(f"no conversation has the id {conversation_id!r}")
        listed: list[dict[str, str]] = talk.reading.details["suggestions"] if talk.reading else []
        if self.language_model is None:
            return listed
        lines = self.language_model.lines([_task(talk, each["text"], at) for each in listed])
        return [each | {"text": line or each["text"]} for each, line in zip(listed, lines, strict=True)]


def _task(talk: OpenTalk, line: str, at: datetime) -> FittedLine:
    conversation = talk.conversation
    is_verified = conversation.origin != "bot" or bool(conversation.dialogue.get("verified"))
    said = tuple((turn.speaker, turn.text) for turn in talk.turns)
    return FittedLine(line, said, talk.case, is_verified, at)
