"""Talks as the coach looks at them: lists, what its reader found, search."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql import Select

from heyue.records import ConversationRecord, ListedTalk, TalkFilter, TalkReading
from heyue.store import search
from heyue.store.conversation_queries import ADD_MESSAGE, COUNT_TURNS, ConversationQueries
from heyue.store.tables import IS_UNREAD, cases, conversations, messages
from heyue.store.talk_tables import machine_flags, talk_details, talk_readings, talk_signatures

READING_COLUMNS = (
    "turn_count", "debtor_type", "confidence", "situation", "reason", "state", "tension", "peak_tension",
    "flag_count", "promise_count",
)  # fmt: skip
LISTED = (
    select(
        conversations,
        cases.c.name_sealed,
        cases.c.due_date,
        *(talk_readings.c[name].label(f"read_{name}") for name in READING_COLUMNS),
    )
    .select_from(
        conversations.outerjoin(cases, cases.c.case_id == conversations.c.case_id).outerjoin(
            talk_readings, talk_readings.c.conversation_id == conversations.c.conversation_id
        )
    )
    .where(conversations.c.case_id.is_(None) | ~conversations.c.case_id.like("PROBE-%"))
)
UNREAD = (
    select(conversations.c.conversation_id, conversations.c.turn_count)
    .where(IS_UNREAD)
    .order_by(conversations.c.last_turn_at)
    .limit(bindparam("most"))
)
FREE = UNREAD.where(  # a claim of a later moment was made before the clock was set back
    or_(
        conversations.c.reader_claimed_at.is_(None),
        ~conversations.c.reader_claimed_at.between(bindparam("since"), bindparam("until")),
    )
)
MARK_READ = (
    update(conversations)
    .where(conversations.c.conversation_id == bindparam("here"))
    .values(unread_turns=conversations.c.turn_count - bindparam("read"), reader_claimed_at=None)
)
SAME = {
    "channel": conversations.c.channel,
    "origin": conversations.c.origin,
    "debtor_type": talk_readings.c.debtor_type,
    "situation": talk_readings.c.situation,
    "reason": talk_readings.c.reason,
}


class TalkQueries(ConversationQueries):
    """Talks and their readings."""

    def unread_talks(self, most: int) -> list[tuple[str, int]]:
        """The talks with turns that the coach's reader has not seen and how many turns they have, the longest waiting
        first."""
        return [(here, count) for here, count in self.connection.execute(UNREAD, {"most": most})]

    def free_talks(self, most: int, at: datetime, lease: timedelta) -> list[tuple[str, int]]:
        """Those of the unread talks that no reader has claimed within its lease."""
        rows = self.connection.execute(FREE, _claimable(most, at, lease))
        return [(here, count) for here, count in rows]

    def claim_talks(self, most: int, at: datetime, lease: timedelta) -> list[tuple[str, int]]:
        """Take free talks for one reader: no other finds them free until they are read or the lease is over."""
        query = FREE.with_for_update(skip_locked=True, key_share=True)  # SQLite holds the whole database as it is
        rows = self.connection.execute(query, _claimable(most, at, lease)).all()
        claimed = conversations.c.conversation_id.in_([here for here, _ in rows])
        self.connection.execute(update(conversations).where(claimed).values(reader_claimed_at=at))
        return [(here, count) for here, count in rows]

    def put_reading(
        self, conversation_id: str, reading: TalkReading, texts: Sequence[str], at: datetime
    ) -> None:
        """Keep what was found in a talk in place of what was found before. `texts`: its turns, for the search."""
        self.connection.execute(MARK_READ, {"here": conversation_id, "read": reading.turn_count})
        found = {name: getattr(reading, name) for name in READING_COLUMNS}
        details = self.keys.seal(json.dumps(reading.details, ensure_ascii=False))
        self._put(talk_readings, conversation_id, read_at=at, **found)
        self._put(talk_details, conversation_id, details_sealed=details)
        self._put(talk_signatures, conversation_id, signature=search.signature(texts, self.keys))
        self.connection.execute(
            delete(machine_flags).where(machine_flags.c.conversation_id == conversation_id)
        )
        flags = {(each["turn"], each["rule"]) for each in reading.details["violations"]}
        if flags:
            rows = [{"conversation_id": conversation_id, "turn": turn, "rule": rule} for turn, rule in flags]
            self.connection.execute(insert(machine_flags), rows)

    def _put(self, table: Any, conversation_id: str, **values: object) -> None:
        changed = self.connection.execute(
            update(table).where(table.c.conversation_id == conversation_id).values(**values)
        )
        if changed.rowcount == 0:
            self.insert_or_ignore(table, conversation_id=conversation_id, **values)

    def reading(self, conversation_id: str) -> TalkReading | None:
        """What was found in a talk, with its details; None while it is unread."""
        row = self.connection.execute(
            select(talk_readings, talk_details.c.details_sealed)
            .join(talk_details, talk_details.c.conversation_id == talk_readings.c.conversation_id)
            .where(talk_readings.c.conversation_id == conversation_id)
        ).mappings().one_or_none()  # fmt: skip
        if row is None:
            return None
        details = json.loads(self.keys.open(row["details_sealed"]))
        return TalkReading(**{name: row[name] for name in READING_COLUMNS}, details=details)

    def running_talks(self, since: datetime, most: int) -> list[ListedTalk]:
        """The contacts that had a turn since, or that a human holds, the latest first."""
        latest = conversations.c.last_turn_at.desc()
        held = LISTED.where(
            conversations.c.origin == "bot", conversations.c.holder.in_(("handing_over", "human"))
        )
        lately = LISTED.where(conversations.c.last_turn_at >= since, conversations.c.origin != "upload")
        held, lately = (query.where(conversations.c.restricted_at.is_(None)) for query in (held, lately))
        # asked apart, each has its index; asked as one, the whole table is gone through
        found = [
            each for query in (held, lately) for each in self._listed(query.order_by(latest).limit(most))
        ]
        once = {each.conversation.conversation_id: each for each in found}
        return sorted(once.values(), key=lambda each: each.conversation.last_turn_at, reverse=True)

    def listed_talk(self, conversation_id: str) -> ListedTalk | None:
        """One contact as lists show it."""
        found = self._listed(LISTED.where(conversations.c.conversation_id == conversation_id))
        return found[0] if found else None

    def talks(self, wanted: TalkFilter, most: int, after: int = 0) -> list[ListedTalk]:
        """A page of the talks that pass the filter, the latest first."""
        query = filtered(LISTED, wanted).order_by(
            conversations.c.started_at.desc(), conversations.c.conversation_id
        )
        if not wanted.words:
            return self._listed(query.limit(most).offset(after))
        found = list(self._with_words(query, wanted.words, after + most))
        return self.talks_of(found[after:])

    def count_talks(self, wanted: TalkFilter) -> int:
        """How many talks pass the filter, its words aside."""
        query = filtered(LISTED, wanted).with_only_columns(func.count())
        return int(self.connection.execute(query).scalar_one())

    def talks_of(self, conversation_ids: Sequence[str]) -> list[ListedTalk]:
        """These contacts, in this order."""
        found = {
            each.conversation.conversation_id: each
            for each in self._listed(LISTED.where(conversations.c.conversation_id.in_(conversation_ids)))
        }
        return [found[each] for each in conversation_ids if each in found]

    def _with_words(self, query: Select, words: str, most: int) -> Iterator[str]:
        """The first talks in which the words stand: the signatures choose, the messages decide."""
        marks, wanted = search.wanted_marks(words, self.keys), search.plain_words(words)
        signed = query.join(
            talk_signatures, talk_signatures.c.conversation_id == conversations.c.conversation_id
        )
        rows = self.connection.execute(
            signed.with_only_columns(conversations.c.conversation_id, talk_signatures.c.signature)
        )
        for conversation_id, of_talk in rows:
            if most > 0 and search.may_hold(marks, of_talk) and self._says(conversation_id, wanted):
                yield conversation_id
                most -= 1

    def _says(self, conversation_id: str, wanted: str) -> bool:
        sealed = self.connection.execute(
            select(messages.c.text_sealed).where(messages.c.conversation_id == conversation_id)
        ).scalars()
        return any(wanted in search.plain_words(self.keys.open(each)) for each in sealed)

    def _listed(self, query: Select) -> list[ListedTalk]:
        return [
            ListedTalk(
                self._conversation(row), self.opened(row["name_sealed"]), row["due_date"],
                TalkReading(**{name: row[f"read_{name}"] for name in READING_COLUMNS})
                if row["read_turn_count"] is not None else None,
            )
            for row in self.connection.execute(query).mappings()
        ]  # fmt: skip

    def add_talk(
        self, channel: str, origin: str, external_id: str, at: datetime, *, case_id: str | None = None,
        handler: str | None = None, facts: dict[str, Any] | None = None, is_timed: bool = True,
    ) -> ConversationRecord:  # fmt: skip
        """The talk of this external id, begun now unless it is known; it was or is led elsewhere, by a human."""
        self.insert_or_ignore(
            conversations, conversation_id=uuid.uuid4().hex, case_id=case_id, channel=channel, origin=origin,
            external_id=external_id, started_at=at, last_turn_at=at, holder="human", handler=handler,
            facts=json.dumps(facts, ensure_ascii=False) if facts else None, is_timed=is_timed,
        )  # fmt: skip
        row = self.connection.execute(
            select(conversations).where(_from_elsewhere(origin, external_id))
        ).mappings().one()  # fmt: skip
        return self._conversation(row)

    def add_whole_talk(
        self, conversation_id: str, channel: str, turns: Sequence[tuple[str, str, datetime]]
    ) -> None:
        """Store all turns of a new talk: speaker, text, time of each."""
        rows = [
            {"conversation_id": conversation_id, "channel": channel, "speaker": speaker, "at": at,
             "text_sealed": self.keys.seal(text), "message_key": None, "outgoing_id": None}
            for speaker, text, at in turns
        ]  # fmt: skip
        self.connection.execute(ADD_MESSAGE, rows)
        last = {
            "here": conversation_id,
            "at": rows[-1]["at"],
            "speaker": rows[-1]["speaker"],
            "more": len(rows),
        }
        self.connection.execute(COUNT_TURNS, last)

    def talk_from_elsewhere(self, origin: str, external_id: str) -> ConversationRecord | None:
        """The talk of this id in the system that it comes from, or None."""
        row = self.connection.execute(
            select(conversations).where(_from_elsewhere(origin, external_id))
        ).mappings().one_or_none()  # fmt: skip
        return self._conversation(row) if row else None


def _claimable(most: int, at: datetime, lease: timedelta) -> dict[str, object]:
    return {"most": most, "since": at - lease, "until": at + lease}


def _from_elsewhere(origin: str, external_id: str) -> Any:
    return (conversations.c.origin == origin) & (conversations.c.external_id == external_id)


def filtered(query: Select, wanted: TalkFilter) -> Select:
    """The query with the conditions of the filter, but for its words; restricted talks are in no list."""
    query = query.where(conversations.c.restricted_at.is_(None))
    for name, column in SAME.items():
        if (value := getattr(wanted, name)) is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(conversations.c.started_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(conversations.c.started_at < wanted.until)
    if wanted.handler is not None:
        named = conversations.c.handler
        query = query.where(named == wanted.handler if wanted.handler else named.is_(None))
    if wanted.is_flagged is not None:
        flags = talk_readings.c.flag_count
        query = query.where(flags > 0 if wanted.is_flagged else flags == 0)
    if wanted.least_tension is not None:
        query = query.where(talk_readings.c.peak_tension >= wanted.least_tension)
    if wanted.most_confidence is not None:
        query = query.where(talk_readings.c.confidence <= wanted.most_confidence)
    if wanted.rule is not None:
        flagged = select(machine_flags.c.conversation_id).where(machine_flags.c.rule == wanted.rule)
        query = query.where(conversations.c.conversation_id.in_(flagged))
    return query
