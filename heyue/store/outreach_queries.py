"""What outreach looks at: many cases at once with their promises, payments, addresses, notices and what borrowers wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.sql import Select

from heyue.records import Case, RecordedPromise
from heyue.store.case_queries import CaseQueries, ContactPoint
from heyue.store.outbox_queries import COUNTED, FAILED, QUEUED, REFUSED
from heyue.store.outbox_tables import outbox
from heyue.store.promise_queries import promise_of
from heyue.store.tables import STANDS, cases, contact_points, conversations, messages, payments, promises

REACHABLE = ("active", "promised")  # status of cases that outreach looks at
STANDING = ("open", "due")
PLACE = (cases.c.due_date, cases.c.case_id)
CasePlace = tuple[date, str]  # of a case in the order in which outreach goes through all of them
Ledger = tuple[list[RecordedPromise], list[tuple[datetime, int]]]


@dataclass(frozen=True)
class Reachable:
    """Which cases outreach looks at: due on that day at the latest. `creditor`: None for all."""

    due_until: date
    creditor: str | None = None

    def query(self) -> Select:
        """Their places."""
        query = select(*PLACE).where(
            cases.c.status.in_(REACHABLE), cases.c.due_date <= self.due_until, ~cases.c.case_id.startswith("PROBE-")
        )
        return query if self.creditor is None else query.where(cases.c.creditor == self.creditor)


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

    def reachable_page(self, wanted: Reachable, after: CasePlace | None, most: int) -> list[CasePlace]:
        """The cases that outreach looks at, the longest overdue first: so many of those after a place."""
        query = wanted.query().order_by(*PLACE).limit(most)
        if after is not None:
            query = query.where(tuple_(*PLACE) > tuple_(*after, types=[column.type for column in PLACE]))
        return [(due_date, case_id) for due_date, case_id in self.connection.execute(query)]

    def reachable_among(self, wanted: Reachable, case_ids: Collection[str]) -> list[str]:
        """Which of these cases outreach looks at, the longest overdue first."""
        query = wanted.query().where(cases.c.case_id.in_(case_ids)).order_by(*PLACE)
        return [case_id for _, case_id in self.connection.execute(query)]

    def creditors(self) -> list[str]:
        """The creditors of all cases, in order: each is found from the one before, and no case is looked at twice."""
        first = select(func.min(cases.c.creditor).label("creditor")).cte("found", recursive=True)
        following = select(func.min(cases.c.creditor)).where(cases.c.creditor > first.c.creditor).scalar_subquery()
        found = first.union_all(select(following).where(first.c.creditor.is_not(None)))
        return list(self.connection.execute(select(found.c.creditor).where(found.c.creditor.is_not(None))).scalars())

    def bonds(self, case_ids: Collection[str]) -> list[tuple[str, bytes]]:
        """What binds these cases, and all that are bound to them, to one person: each case with the hashes of his addresses
        and of himself."""
        found: list[tuple[str, bytes]] = []
        known, marks, new = set[str](), set[bytes](), set(case_ids)
        while new:
            known |= new
            bonds = [*self._marks_of_addresses(new), *self._marks_of_persons(new)]
            found += bonds
            fresh = {mark for _, mark in bonds} - marks
            marks |= fresh
            sharing = select(contact_points.c.case_id).where(contact_points.c.address_hash.in_(fresh))
            same = select(cases.c.case_id).where(cases.c.person_hash.in_(fresh))
            new = set(self.connection.execute(sharing.union(same)).scalars()) - known
        return found

    def _marks_of_addresses(self, case_ids: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Each case with all hashes under which its addresses may stand; while keys change only the addresses tell them."""
        here = contact_points.c.case_id.in_(case_ids)
        if len(self.keys.hash_numbers) == 1:
            yield from self.connection.execute(select(contact_points.c.case_id, contact_points.c.address_hash).where(here))
            return
        sealed = select(contact_points.c.case_id, contact_points.c.address_sealed).where(here)
        for case_id, address in self.connection.execute(sealed):
            yield from ((case_id, mark) for mark in self.keys.address_hashes(self.keys.open(address)))

    def _marks_of_persons(self, case_ids: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Each case with all hashes under which its borrower may stand."""
        here = cases.c.case_id.in_(case_ids) & cases.c.person_hash.is_not(None)
        if len(self.keys.hash_numbers) == 1:
            yield from self.connection.execute(select(cases.c.case_id, cases.c.person_hash).where(here))
            return
        sealed = select(cases.c.case_id, cases.c.name_sealed, cases.c.id_last4_sealed).where(here)
        for case_id, name, digits in self.connection.execute(sealed):
            yield from (
                (case_id, mark) for mark in self.keys.person_hashes(self.keys.open(name), self.opened(digits))
            )

    def case_facts(self, case_ids: Sequence[str], since: datetime) -> dict[str, CaseFacts]:
        """What is known of these cases; of notices and messages what came after `since`."""
        rows = self.connection.execute(select(cases).where(cases.c.case_id.in_(case_ids))).mappings()
        found = {row["case_id"]: CaseFacts(self._case(row)) for row in rows}
        for case_id, (made, paid) in self.ledgers(found).items():
            found[case_id].promises, found[case_id].payments = made, paid
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

    def standing_page(self, after: str, most: int) -> list[str]:
        """The cases of whose promises the ledger says that they stand: so many of those after a case number."""
        query = select(promises.c.case_id).where(STANDS, promises.c.case_id > after).distinct()
        return list(self.connection.execute(query.order_by(promises.c.case_id).limit(most)).scalars())

    def ledgers(self, case_ids: Collection[str]) -> dict[str, Ledger]:
        """The promises and payments of these cases, each in order."""
        found: dict[str, Ledger] = {case_id: ([], []) for case_id in case_ids}
        for row in self._of(promises, case_ids, promises.c.promise_id):
            found[row["case_id"]][0].append(promise_of(row))
        for row in self._of(payments, case_ids, payments.c.paid_at, payments.c.payment_id):
            found[row["case_id"]][1].append((row["paid_at"], row["amount_fen"]))
        return found
