"""What the retention job asks the store: facts of cases, rows whose time is over, legal holds, requests of persons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Date, and_, delete, func, insert, or_, select, tuple_, update

from heyue.retention.judge import CaseFacts
from heyue.retention.policy import RowPolicy
from heyue.settings import ZONE
from heyue.store.outbox_tables import outbox
from heyue.store.outreach_tables import human_tasks
from heyue.store.queries import Queries
from heyue.store.rights_tables import legal_holds, person_requests
from heyue.store.tables import (
    cases,
    contact_attempts,
    contact_points,
    conversations,
    metadata,
    opt_outs,
    payments,
    promises,
    stops,
)
from heyue.store.talk_tables import appeals, reviews

RECORDS = (  # a case's records, and when each was made
    conversations.c.last_turn_at, outbox.c.queued_at, promises.c.recorded_at, payments.c.paid_at, contact_attempts.c.at,
    human_tasks.c.at,
)  # fmt: skip
PAID = (
    select(func.coalesce(func.sum(payments.c.amount_fen), 0))
    .where(payments.c.case_id == cases.c.case_id)
    .scalar_subquery()
)
IS_SETTLED = or_(cases.c.status == "settled", cases.c.amount_due_fen <= PAID)
ONLY: dict[str | None, Any] = {
    None: True,
    "without_case": None,  # depends on the table
    "case_gone": ~select(cases.c.case_id).where(cases.c.case_id == metadata.tables["gate_decisions"].c.case_id).exists(),
    "address_gone": ~select(contact_points.c.case_id)
    .where(contact_points.c.address_hash == opt_outs.c.address_hash)
    .exists(),
}


@dataclass(frozen=True)
class LegalHold:
    """Somebody forbids to delete a case, until somebody lifts it."""

    hold_id: int
    case_id: str
    why: str
    set_by: str
    set_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None


class RetentionQueries(Queries):
    """Retention, legal holds, requests of persons."""

    def cases_to_judge(self, after: str, most: int) -> list[str]:
        """The next cases that are settled or restricted, by their numbers; those of self-checks are left out."""
        query = (
            select(cases.c.case_id)
            .where(cases.c.case_id > after, or_(IS_SETTLED, cases.c.restricted_at.isnot(None)))
            .where(~cases.c.case_id.like("PROBE-%"))
            .order_by(cases.c.case_id)
            .limit(most)
        )
        return list(self.connection.execute(query).scalars())

    def retention_facts(self, case_ids: Sequence[str], is_held: bool = False) -> list[CaseFacts]:
        """What the periods of these cases count from; with `is_held` nobody adds to them until the transaction ends."""
        here = select(cases.c.case_id, cases.c.due_date, cases.c.restricted_at, IS_SETTLED.label("is_settled")).where(
            cases.c.case_id.in_(case_ids)
        )
        rows = self.connection.execute(here.with_for_update(of=cases) if is_held else here).mappings().all()
        last = self._last_records(case_ids)
        holds = set(self._keys(legal_holds.c.case_id, case_ids, legal_holds.c.lifted_at.is_(None)))
        disputed = self._with_open_appeals(case_ids)
        states: dict[str, list[str]] = {}
        for case_id, state in self.connection.execute(
            select(stops.c.case_id, stops.c.state).where(stops.c.case_id.in_(case_ids))
        ):
            states.setdefault(case_id, []).append(state)
        return [
            CaseFacts(
                row["case_id"], bool(row["is_settled"]), last.get(row["case_id"]) or _midnight(row["due_date"]),
                tuple(states.get(row["case_id"], ())), row["case_id"] in holds, row["case_id"] in disputed,
                row["restricted_at"],
            )
            for row in rows
        ]  # fmt: skip

    def _last_records(self, case_ids: Sequence[str]) -> dict[str, datetime]:
        last: dict[str, datetime] = {}
        for column in RECORDS:
            case_id = column.table.c.case_id
            query = select(case_id, func.max(column)).where(case_id.in_(case_ids)).group_by(case_id)
            for here, at in self.connection.execute(query):
                last[here] = max(at, last.get(here, at))
        return last

    def _keys(self, column: Any, case_ids: Sequence[str], condition: Any) -> list[str]:
        return list(self.connection.execute(select(column).where(column.in_(case_ids), condition)).scalars())

    def _with_open_appeals(self, case_ids: Sequence[str]) -> set[str]:
        talks = select(conversations.c.case_id).where(conversations.c.case_id.in_(case_ids), appeals.c.state == "open")
        joined = talks.join(reviews, reviews.c.conversation_id == conversations.c.conversation_id)
        return set(self.connection.execute(joined.join(appeals, appeals.c.review_id == reviews.c.review_id)).scalars())

    def restrict_case(self, case_id: str, at: datetime | None) -> None:
        """From now on only few see the case and its talks so far; None: as before."""
        self.connection.execute(update(cases).where(cases.c.case_id == case_id).values(restricted_at=at))
        theirs = update(conversations).where(conversations.c.case_id == case_id)
        self.connection.execute(theirs.values(restricted_at=at))

    def count_expired(self, policy: RowPolicy, now: datetime) -> int:
        """How many rows the policy lets go now."""
        if self._must_wait(policy):
            return 0
        query = select(func.count()).select_from(metadata.tables[policy.table]).where(self._expired(policy, now))
        return int(self.connection.execute(query).scalar_one())

    def delete_expired(self, policy: RowPolicy, now: datetime, most: int) -> int:
        """Delete some of the rows that the policy lets go; how many."""
        if self._must_wait(policy):
            return 0
        table = metadata.tables[policy.table]
        key = tuple_(*table.primary_key.columns) if len(table.primary_key.columns) > 1 else table.primary_key.columns.values()[0]  # fmt: skip
        chosen = select(*table.primary_key.columns).where(self._expired(policy, now)).limit(most)
        return int(self.connection.execute(delete(table).where(key.in_(chosen))).rowcount)

    def _must_wait(self, policy: RowPolicy) -> bool:
        """Hashes are compared only when all are of one key, lest somebody is written to who refused."""
        return policy.only == "address_gone" and len(self.keys.hash_numbers) > 1

    def _expired(self, policy: RowPolicy, now: datetime) -> Any:
        table, before = metadata.tables[policy.table], policy.before(now)
        since = table.c[policy.since]
        aged = since < (before.date() if isinstance(since.type, Date) else before)
        if policy.only is None:
            return aged
        return and_(aged, table.c.case_id.is_(None) if policy.only == "without_case" else ONLY[policy.only])

    # legal holds

    def add_hold(self, case_id: str, why: str, by: str, at: datetime) -> int:
        """Forbid to delete a case; the number of the hold."""
        values = {"case_id": case_id, "why_sealed": self.keys.seal(why), "set_by": by, "set_at": at}
        return int(self.connection.execute(insert(legal_holds).values(**values)).inserted_primary_key[0])

    def lift_hold(self, hold_id: int, why: str, by: str, at: datetime) -> bool:
        """Let a hold end. False where there is none that stands."""
        here = (legal_holds.c.hold_id == hold_id) & legal_holds.c.lifted_at.is_(None)
        values = {"lifted_by": by, "lifted_at": at, "lifted_why_sealed": self.keys.seal(why)}
        return bool(self.connection.execute(update(legal_holds).where(here).values(**values)).rowcount == 1)

    def holds(self, case_id: str | None = None) -> list[LegalHold]:
        """All holds (of a case), also those that were lifted, in order."""
        query = select(legal_holds).order_by(legal_holds.c.hold_id)
        if case_id is not None:
            query = query.where(legal_holds.c.case_id == case_id)
        return [
            LegalHold(
                row["hold_id"], row["case_id"], self.keys.open(row["why_sealed"]), row["set_by"], row["set_at"],
                row["lifted_by"], row["lifted_at"],
            )
            for row in self.connection.execute(query).mappings()
        ]  # fmt: skip

    # requests of persons

    def add_request(
        self, kind: str, at: datetime, operator: str, address: str | None, answer: dict[str, Any]
    ) -> int:
        """Keep the proof of a person's request and its answer; neither holds personal data."""
        values = {
            "kind": kind, "at": at, "operator": operator, "answer": json.dumps(answer, ensure_ascii=False),
            "address_hash": None if address is None else self.keys.address_hash(address),
        }  # fmt: skip
        return int(self.connection.execute(insert(person_requests).values(**values)).inserted_primary_key[0])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
