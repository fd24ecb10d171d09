"""What a person's rights ask of the store: everything held about him, corrections, erasure of what nobody must keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from heyue.retention.copy import given_tables
from heyue.retention.policy import personal_tables
from heyue.store.debtor_queries import DebtorQueries
from heyue.store.keys import plain_address
from heyue.store.rights_tables import person_requests
from heyue.store.tables import cases, contact_points, conversations, metadata, promises, strangers
from heyue.store.talk_tables import machine_flags, talk_details, talk_readings, talk_signatures

PROFILE = {"situation": None, "reason": None, "debtor_type": None}  # what Heyue concluded by itself
ANALYSES = (talk_details, talk_signatures, machine_flags, talk_readings)


class PersonQueries(DebtorQueries):
    """Access, correction, erasure."""

    def everything_of(self, case_ids: Sequence[str], addresses: Sequence[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The rows of each table that a person's copy gives, of these cases and addresses, in plain."""
        for name in given_tables():
            table = metadata.tables[name]
            query = select(table).where(self._belongs(table, case_ids, addresses)).order_by(*table.primary_key.columns)
            yield name, [self._plain(row) for row in self.connection.execute(query).mappings()]

    def _belongs(self, table: Table, case_ids: Sequence[str], addresses: Sequence[str]) -> Any:
        belongs = personal_tables()[table.name].belongs
        if belongs == "address":
            return table.c.address_hash.in_([each for one in addresses for each in self.keys.address_hashes(one)])
        if belongs == "conversation":
            return table.c.conversation_id.in_(self._talks_of(case_ids))
        if belongs == "promise":
            return table.c.promise_id.in_(select(promises.c.promise_id).where(promises.c.case_id.in_(case_ids)))
        return table.c.case_id.in_(case_ids)

    def _talks_of(self, case_ids: Sequence[str]) -> Any:
        return select(conversations.c.conversation_id).where(conversations.c.case_id.in_(case_ids))

    def _plain(self, row: Any) -> dict[str, Any]:
        return {name: self.opened(value) if name.endswith("_sealed") else value for name, value in row.items()}

    def correct_person(
        self, case_ids: Sequence[str], at: datetime, *, name: str | None, id_last4: str | None, phone: str | None,
        wechat: str | None,
    ) -> None:  # fmt: skip
        """Write what is given into these cases, with the hashes by which it is found."""
        for case_id in case_ids:
            case = self.case(case_id)
            here = name or case.borrower_name, id_last4 or case.id_last4
            self.connection.execute(
                update(cases)
                .where(cases.c.case_id == case_id)
                .values(
                    name_sealed=self.sealed(here[0]), id_last4_sealed=self.sealed(here[1]),
                    person_hash=self.keys.person_hash(*here),
                )
            )  # fmt: skip
            for channel, address in (("phone", phone), ("wechat", wechat)):
                if address is not None:
                    self._put_point(case_id, channel, address, at)

    def _put_point(self, case_id: str, channel: str, address: str, at: datetime) -> None:
        """A corrected address: usable, unless it was refused or stands so already."""
        here = (contact_points.c.case_id == case_id) & (contact_points.c.channel == channel)
        values = {
            "address_sealed": self.keys.seal(plain_address(address)), "address_hash": self.keys.address_hash(address),
            "state": "opted_out" if self.is_opted_out(address) else "usable", "changed_at": at,
        }  # fmt: skip
        if self.connection.execute(update(contact_points).where(here).values(**values)).rowcount == 0:
            self.connection.execute(insert(contact_points).values(case_id=case_id, channel=channel, **values))

    def erase_profile(self, case_ids: Sequence[str]) -> None:
        """Forget what Heyue concluded of a borrower by itself: no rule demands to keep it."""
        self.connection.execute(update(cases).where(cases.c.case_id.in_(case_ids)).values(**PROFILE))
        for table in ANALYSES:
            self.connection.execute(delete(table).where(table.c.conversation_id.in_(self._talks_of(case_ids))))

    def forget_stranger(self, address: str) -> None:
        """Forget that somebody unknown wrote from this address."""
        self.connection.execute(delete(strangers).where(self.is_at(strangers, address)))

    def requests(self) -> list[dict[str, Any]]:
        """The proofs of all requests, in order."""
        wanted = ("request_id", "kind", "at", "operator", "answer")
        query = select(*(person_requests.c[name] for name in wanted)).order_by(person_requests.c.request_id)
        return [dict(row) for row in self.connection.execute(query).mappings()]
