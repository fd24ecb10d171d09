"""The use cases of collectors: to watch the running conversations, to take one over, to give it back."""

from __future__ import annotations

from datetime import datetime

from heyue.desk.base import DeskBase


class LiveDesk(DeskBase):
    """Conversations that humans watch and take over."""

    def take_over(self, conversation_id: str, actor: str, at: datetime) -> None:
        """A human takes the conversation; from this moment the bot is silent."""
        with self.store.transaction() as tx:
            tx.set_holder(conversation_id, "human", at, actor)

    def hand_back(self, conversation_id: str, actor: str, at: datetime, note: str) -> None:
        """The human gives the conversation back to the bot."""
        with self.store.transaction() as tx:
            tx.set_holder(conversation_id, "bot", at, actor, note)
