"""What outreach looks at: many cases at once with their promises, payments, addresses, notices and what borrowers wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from heyue.records import Case, RecordedPromise
from heyue.store.case_queries import CaseQueries, ContactPoint
from heyue.store.outbox_queries import COUNTED, FAILED, QUEUED, REFUSED
from heyue.store.outbox_tables import outbox
from heyue.store.promise_queries import promise_of
from heyue.store.tables import cases, contact_points, conversations, messages, payments, promises

REACHABLE = ("active", "promised")  # status of cases that outreach looks at
STANDING = ("open", "due")


class SentNotice(NamedTuple):
    """A message that the bot wrote of its own accord. `at`: sent, or due. `is_counted`: it waits or may have arrived.

    `is_lost`: refused by the provider, or reported as not delivered.
    """

    message_id: str
    kind: str
    channel: str
    at: datetime
    is_counted: bool
    is_lost: bool


@dataclass
class CaseFacts:
    """All that outreach must know of one case. `heard`: when and on which channel the borrower wrote, in order."""

    case: Case
    promises: list[RecordedPromise] = field(default_factory=list)
    payments: list[tuple[datetime, int]] = field(default_factory=list)
    points: list[ContactPoint] = field(default_factory=list)
    notices: list[SentNotice] = field(default_factory=list)
    heard: list[tuple[datetime, str]] = field(default_factory=list)


class OutreachQueries(CaseQueries):
    """Cases for outreach."""

    def reachable_cases(self, due_until: date, creditor: str | None = None) -> list[str]:
        """The numbers of cases that outreach looks at, due on that day at the latest: the longest overdue first."""
        query = select(cases.c.case_id).where(
            cases.c.status.in_(REACHABLE), cases.c.due_date <= due_until, ~cases.c.case_id.startswith("PROBE-")
        )
        if creditor is not None:
            query = query.where(cases.c.creditor == creditor)
        return list(self.connection.execute(query.order_by(cases.c.due_date, cases.c.case_id)).scalars())

    def creditors(self) -> list[str]:
        """The creditors of all cases."""
        return list(self.connection.execute(select(cases.c.creditor).distinct().order_by(cases.c.creditor)).scalars())

    def bound_cases(self) -> Iterator[tuple[str, bytes]]:
        """Each case with everything that binds it to others of the same person: hashes of addresses and of himself."""
        addresses = select(contact_points.c.case_id, contact_points.c.address_hash)
        persons = select(cases.c.case_id, cases.c.person_hash).where(cases.c.person_hash.is_not(None))
        for query in (addresses, persons):
            for case_id, known in self.connection.execute(query):
                yield case_id, self.keys.raised(known)

    def case_facts(self, case_ids: Sequence[str], since: datetime) -> dict[str, CaseFacts]:
        """What is known of these cases; of notices and messages what came after `since`."""
        rows = self.connection.execute(select(cases).where(cases.c.case_id.in_(case_ids))).mappings()
        found = {row["case_id"]: CaseFacts(self._case(row)) for row in rows}
        for row in self._of(promises, found, promises.c.promise_id):
            found[row["case_id"]].promises.append(promise_of(row))
        for row in self._of(payments, found, payments.c.paid_at, payments.c.payment_id):
            found[row["case_id"]].payments.append((row["paid_at"], row["amount_fen"]))
        for row in self._of(contact_points, found, contact_points.c.channel):
            point = ContactPoint(row["channel"], self.keys.open(row["address_sealed"]), row["state"])
            found[row["case_id"]].points.append(point)
        for case_id, notice in self.notices_of(found, since):
            found[case_id].notices.append(notice)
        for case_id, at, channel in self.heard_of(found, since):
            found[case_id].heard.append((at, channel))
        return found

    def _of(self, table: Any, case_ids: Collection[str], *order: Any) -> Iterable[Any]:
        query = select(table).where(table.c.case_id.in_(case_ids)).order_by(*order)
        rows: Iterable[Any] = self.connection.execute(query).mappings()
        return rows

    def notices_of(self, case_ids: Collection[str], since: datetime) -> Iterator[tuple[str, SentNotice]]:
        """What the bot wrote of its own accord since then for these cases, in order of time."""
        query = select(outbox).where(
            outbox.c.case_id.in_(case_ids), outbox.c.is_proactive, ~outbox.c.is_human, outbox.c.due_at >= since
        )
        for row in self.connection.execute(query.order_by(outbox.c.due_at)).mappings():
            is_counted = row["state"] in (*COUNTED, QUEUED)
            at = row["sent_at"] or row["due_at"]
            is_lost = row["state"] in (FAILED, REFUSED)
            yield row["case_id"], SentNotice(row["message_id"], row["kind"], row["channel"], at, is_counted, is_lost)

    def heard_of(self, case_ids: Collection[str], since: datetime) -> Iterator[tuple[str, datetime, str]]:
        """When the borrowers of these cases wrote or spoke since then: (case, moment, channel), in order of time."""
        query = (
            select(conversations.c.case_id, messages.c.at, messages.c.channel)
            .join(messages, messages.c.conversation_id == conversations.c.conversation_id)
            .where(
                conversations.c.case_id.in_(case_ids), conversations.c.last_turn_at >= since,
                conversations.c.is_timed, messages.c.speaker == "borrower", messages.c.at >= since,
            )
            .order_by(messages.c.at)
        )  # fmt: skip
        yield from self.connection.execute(query)

    def lately_noticed(self, since: datetime, most: int) -> list[str]:
        """The cases to which the bot wrote lately of its own accord, the latest first."""
        query = (
            select(outbox.c.case_id)
            .where(outbox.c.is_proactive, ~outbox.c.is_human, outbox.c.sent_at >= since, outbox.c.case_id.is_not(None))
            .order_by(outbox.c.sent_at.desc())
            .limit(most)
        )
        return list(dict.fromkeys(self.connection.execute(query).scalars()))

    def cases_with_standing_promises(self) -> list[str]:
        """The cases of whose promises the ledger says that they stand."""
        query = select(promises.c.case_id).where(promises.c.state.in_(STANDING)).distinct()
        return list(self.connection.execute(query.order_by(promises.c.case_id)).scalars())
