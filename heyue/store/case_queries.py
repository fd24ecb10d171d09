"""Cases and the contact points of their borrowers."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from heyue.errors import UnknownCase
from heyue.records import Case
from heyue.store.keys import plain_address
from heyue.store.queries import Queries
from heyue.store.tables import IS_DEMONSTRATION, cases, contact_points, conversations

ADDED, UPDATED, UNCHANGED = "added", "updated", "unchanged"
FROM_THE_FILE = (
    "borrower_name", "creditor", "amount_due_fen", "due_date", "gender", "phone", "wechat_openid", "id_last4",
    "product", "minimum_due_fen", "pay_day", "broken_promises",
)  # fmt: skip
OWN_STATE = ("status", "situation", "reason", "debtor_type")
PLAIN_COLUMNS = (
    "creditor", "amount_due_fen", "due_date", "gender", "product", "minimum_due_fen", "pay_day", "broken_promises",
)  # fmt: skip

# Read with every message, so built once (see conversation_queries)
ONE_CASE = select(cases).where(cases.c.case_id == bindparam("here"))
POINTS_OF_CASE = (
    select(contact_points)
    .where(contact_points.c.case_id == bindparam("here"))
    .order_by(contact_points.c.channel)
)
NO_PROBE = select(cases.c.case_id).where(~cases.c.case_id.like("PROBE-%"))
LAST_TURN = (
    select(conversations.c.last_turn_at)
    .where(conversations.c.case_id == cases.c.case_id)
    .order_by(conversations.c.last_turn_at.desc())
    .limit(1)
    .scalar_subquery()
)
CASES_OF_ADDRESS = (
    select(cases)
    .join(contact_points)
    .where(contact_points.c.address_hash.in_(bindparam("address_hashes", expanding=True)))
    .order_by(LAST_TURN.is_(None), LAST_TURN.desc(), cases.c.case_id)
)


@dataclass(frozen=True)
class ContactPoint:
    """One way to reach a borrower. `channel`: phone or wechat. `state`: usable, wrong_party, opted_out, invalid."""

    channel: str
    address: str
    state: str


class CaseQueries(Queries):
    """Cases and contact points."""

    def put_case(self, case: Case, phone_state: str = "usable") -> str:
        """Take a case from a case file: added, updated or unchanged. What Heyue learnt itself stays as it is."""
        known = self.connection.execute(
            select(cases.c.row_hash).where(cases.c.case_id == case.case_id)
        ).scalar_one_or_none()
        if known in self._row_hashes(case, phone_state):
            return UNCHANGED
        if known is None:
            self.connection.execute(insert(cases).values(self._new_row(case, phone_state)))
        else:
            changed = self._row(case, phone_state)
            self.connection.execute(update(cases).where(cases.c.case_id == case.case_id).values(**changed))
        self._put_contact_point(case.case_id, "phone", case.phone, phone_state)
        self._put_contact_point(case.case_id, "wechat", case.wechat_openid, "usable")
        return ADDED if known is None else UPDATED

    def put_cases(self, batch: list[tuple[Case, str]]) -> Counter[str]:
        """Take many cases with the state of their phones; how many were added, updated, unchanged."""
        ids = [case.case_id for case, _ in batch]
        known = dict(
            self.connection.execute(
                select(cases.c.case_id, cases.c.row_hash).where(cases.c.case_id.in_(ids))
            ).all()
        )
        new = [(case, state) for case, state in batch if case.case_id not in known]
        if new:
            self.connection.execute(insert(cases), [self._new_row(case, state) for case, state in new])
            points = [point for case, state in new for point in self._new_points(case, state)]
            self.connection.execute(insert(contact_points), points)
        outcome = Counter(added=len(new))
        for case, state in batch:
            if case.case_id in known:
                same = known[case.case_id] in self._row_hashes(case, state)
                outcome[UNCHANGED if same else self.put_case(case, state)] += 1
        return outcome

    def _new_row(self, case: Case, phone_state: str) -> dict[str, Any]:
        own = {name: getattr(case, name) for name in OWN_STATE}
        return {"case_id": case.case_id, **self._row(case, phone_state), **own}

    def _row(self, case: Case, phone_state: str) -> dict[str, Any]:
        return {name: getattr(case, name) for name in PLAIN_COLUMNS} | {
            "row_hash": self._row_hashes(case, phone_state)[0],
            "name_sealed": self.sealed(case.borrower_name),
            "id_last4_sealed": self.sealed(case.id_last4),
            "person_hash": self.keys.person_hash(case.borrower_name, case.id_last4),
        }

    def _row_hashes(self, case: Case, phone_state: str) -> list[bytes]:
        """Keyed hashes over what the case file says, the one to write first, so that the same row again changes nothing."""
        said = [str(getattr(case, name)) for name in FROM_THE_FILE]
        return self.keys.look_ups(json.dumps([*said, phone_state]))

    def _new_points(self, case: Case, phone_state: str) -> list[dict[str, Any]]:
        ways = (("phone", case.phone, phone_state), ("wechat", case.wechat_openid, "usable"))
        return [self._point(case.case_id, way, address, state) for way, address, state in ways if address]

    def _point(self, case_id: str, channel: str, address: str, state: str) -> dict[str, Any]:
        return {
            "case_id": case_id,
            "channel": channel,
            "address_sealed": self.sealed(plain_address(address)),
            "address_hash": self.keys.address_hash(address),
            "state": state,
        }

    def _put_contact_point(self, case_id: str, channel: str, address: str | None, state: str) -> None:
        """Keep one contact point in step with the case file. A known address keeps its state."""
        here = (contact_points.c.case_id == case_id) & (contact_points.c.channel == channel)
        known = self.connection.execute(
            select(contact_points.c.address_hash).where(here)
        ).scalar_one_or_none()
        if known in (self.keys.address_hashes(address) if address else [None]):
            return
        if known is not None:
            self.connection.execute(delete(contact_points).where(here))
        if address is not None:
            self.connection.execute(
                insert(contact_points).values(self._point(case_id, channel, address, state))
            )

    def case(self, case_id: str | None) -> Case:
        """One case with its contact data (None: the case that a talk from elsewhere does not have).

        Raises:
            UnknownCase: no case has this number.
        """
        row = self.connection.execute(ONE_CASE, {"here": case_id}).mappings().one_or_none()
        if row is None:
            raise UnknownCase(f"no case has the number {case_id!r}")
        return self._with_contacts(self._case(row))

    def has_case(self, case_id: str) -> bool:
        """Whether there is a case of this number."""
        return (
            self.connection.execute(select(cases.c.case_id).where(cases.c.case_id == case_id)).first()
            is not None
        )

    def _case(self, row: Any) -> Case:
        """A case without its contact data."""
        return Case(
            case_id=row["case_id"],
            borrower_name=self.keys.open(row["name_sealed"]),
            id_last4=self.opened(row["id_last4_sealed"]),
            **{name: row[name] for name in (*PLAIN_COLUMNS, *OWN_STATE)},
        )

    def _with_contacts(self, case: Case) -> Case:
        at = {point.channel: point.address for point in self.contact_points(case.case_id)}
        return replace(case, phone=at.get("phone"), wechat_openid=at.get("wechat"))

    def contact_points(self, case_id: str) -> list[ContactPoint]:
        """All ways to reach the borrower of a case."""
        rows = self.connection.execute(POINTS_OF_CASE, {"here": case_id}).mappings()
        return [
            ContactPoint(row["channel"], self.keys.open(row["address_sealed"]), row["state"]) for row in rows
        ]

    def set_contact_state(self, address: str, state: str, at: datetime, only_from: str | None = None) -> None:
        """Mark an address in every case that has it; with `only_from`, where it is so marked now."""
        self.must_last = True
        marking = update(contact_points).where(self.is_at(contact_points, address))
        if only_from is not None:
            marking = marking.where(contact_points.c.state == only_from)
        self.connection.execute(marking.values(state=state, changed_at=at))

    def set_case_state(self, case_id: str, **changes: str | None) -> None:
        """Write status, situation, reason or debtor_type of a case; only the fields given."""
        if unknown := set(changes) - set(OWN_STATE):
            raise TypeError(f"not a state of a case: {', '.join(sorted(unknown))}")
        if changes:
            self.connection.execute(update(cases).where(cases.c.case_id == case_id).values(**changes))

    def cases_of_address(self, address: str) -> list[Case]:
        """The cases that a phone number or openid belongs to, the most recently contacted first."""
        here = {"address_hashes": self.keys.address_hashes(address)}
        rows = self.connection.execute(CASES_OF_ADDRESS, here).mappings()
        return [self._with_contacts(self._case(row)) for row in rows.all()]

    def demonstration_case_ids(self) -> list[str]:
        """The numbers of the demonstration cases, in order."""
        query = select(cases.c.case_id).where(IS_DEMONSTRATION)
        return list(self.connection.execute(query.order_by(cases.c.case_id)).scalars())

    def first_case_id(self) -> str | None:
        """The first case number, those of self-checks left out; None in an empty store."""
        found: str | None = self.connection.execute(NO_PROBE.order_by(cases.c.case_id).limit(1)).scalar()
        return found

    def has_real_cases(self) -> bool:
        """Whether there is a case besides the demonstration's and self-checks'."""
        return self.connection.execute(NO_PROBE.where(~IS_DEMONSTRATION).limit(1)).first() is not None

    def has_demonstration_cases(self) -> bool:
        """Whether there is a case of the demonstration's."""
        return self.connection.execute(select(cases.c.case_id).where(IS_DEMONSTRATION).limit(1)).first() is not None

    def delete_case(self, case_id: str) -> None:
        """Remove a case and all that belongs to it (the case of a self-check)."""
        self.connection.execute(delete(cases).where(cases.c.case_id == case_id))
