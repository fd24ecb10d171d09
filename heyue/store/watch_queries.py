"""What the store says of work that waits: counted by state, without names, for those who watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from heyue.store.outbox_queries import QUEUED, SENDING
from heyue.store.outbox_tables import outbox, owed_answers
from heyue.store.outreach_tables import human_tasks
from heyue.store.queries import Queries
from heyue.store.tables import IS_UNREAD, conversations, promises

WAITING = ("handing_over", "human")
RUNS_HERE = conversations.c.origin == "bot"  # a call or an upload is led by people from the start, elsewhere


@dataclass(frozen=True)
class Standing:
    """How much waits now. By channel: messages that are due, and since when the oldest is; by task and by holder: what
    people have to do; by state: promises. `unread`: talks with turns that the coach's reader has not seen."""

    due: dict[str, int]
    oldest_due: dict[str, datetime]
    claimed: int
    owed: int
    unread: int
    tasks: dict[str, int]
    conversations: dict[str, int]
    promises: dict[str, int]


class WatchQueries(Queries):
    """Counts."""

    def standing(self, at: datetime) -> Standing:
        """How much waits at this moment."""
        is_due = (outbox.c.state == QUEUED) & (outbox.c.due_at <= at)
        query = select(outbox.c.channel, func.count(), func.min(outbox.c.due_at)).where(is_due)
        due = self.connection.execute(query.group_by(outbox.c.channel)).all()
        claimed = select(func.count()).select_from(outbox).where(outbox.c.state == SENDING)
        return Standing(
            {channel: count for channel, count, _ in due}, {channel: oldest for channel, _, oldest in due},
            int(self.connection.execute(claimed).scalar_one()),
            int(self.connection.execute(select(func.count()).select_from(owed_answers)).scalar_one()),
            int(self.connection.execute(select(func.count()).select_from(conversations).where(IS_UNREAD)).scalar_one()),
            self._counted(human_tasks.c.task, human_tasks.c.done_at.is_(None)),
            dict.fromkeys(WAITING, 0)  # an alert on a figure that is not there never fires, nor goes out
            | self._counted(conversations.c.holder, RUNS_HERE & conversations.c.holder.in_(WAITING)),
            self._counted(promises.c.state, promises.c.state.is_not(None)),
        )  # fmt: skip

    def _counted(self, column: object, condition: object) -> dict[str, int]:
        query = select(column, func.count()).where(condition).group_by(column)
        return dict(self.connection.execute(query).all())
