"""The debtor behind a case: all his cases and addresses, how often he was contacted, what he refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, or_, select, update

from heyue.records import NEVER_SENT, Case
from heyue.store.conduct_queries import ConductQueries
from heyue.store.conversation_queries import ConversationQueries
from heyue.store.outbox_queries import COUNTED
from heyue.store.outbox_tables import outbox
from heyue.store.tables import cases, contact_points, conversations, messages, opt_outs, stops

PASSIVE = "passive"  # as provider of an answer given in the HTTP response itself
LENDER_SIDE = ("bot", "collector")


@dataclass(frozen=True)
class Debtor:
    """One person, as far as the store can tell: his cases, and the hashes of his addresses and of himself."""

    case_ids: tuple[str, ...]
    address_hashes: tuple[bytes, ...]
    person_hashes: tuple[bytes, ...]


class DebtorQueries(ConversationQueries, ConductQueries):
    """What the contact gate asks about a debtor over cases, channels and people."""

    def debtor(self, case: Case, address: str) -> Debtor:
        """Whose case this is: all cases bound to it by a shared address, or by the same name and identity digits."""
        hashes, found = set(self.keys.address_hashes(address)), {case.case_id}
        persons = set(self.keys.person_hashes(case.borrower_name, case.id_last4))
        while True:
            hashes |= self._hashes_of_addresses(found)
            sharing = select(contact_points.c.case_id).where(contact_points.c.address_hash.in_(hashes))
            same = select(cases.c.case_id).where(cases.c.person_hash.in_(persons))
            more = set(self.connection.execute(sharing.union(same)).scalars()) - found
            if not more:
                return Debtor(tuple(sorted(found)), tuple(sorted(hashes)), tuple(sorted(persons)))
            found |= more
            persons |= self._hashes_of_persons(more)

    def _hashes_of_addresses(self, case_ids: set[str]) -> set[bytes]:
        """All hashes under which addresses of these cases may stand; while keys change only the addresses tell them."""
        here = contact_points.c.case_id.in_(case_ids)
        if len(self.keys.hash_numbers) == 1:
            return set(self.connection.execute(select(contact_points.c.address_hash).where(here)).scalars())
        sealed = self.connection.execute(select(contact_points.c.address_sealed).where(here)).scalars()
        return {each for address in sealed for each in self.keys.address_hashes(self.keys.open(address))}

    def _hashes_of_persons(self, case_ids: set[str]) -> set[bytes]:
        """All hashes under which the borrowers of these cases may stand."""
        here = cases.c.case_id.in_(case_ids) & cases.c.person_hash.isnot(None)
        if len(self.keys.hash_numbers) == 1:
            return set(self.connection.execute(select(cases.c.person_hash).where(here)).scalars())
        rows = self.connection.execute(select(cases.c.name_sealed, cases.c.id_last4_sealed).where(here))
        return {
            each for name, digits in rows for each in self.keys.person_hashes(self.keys.open(name), self.opened(digits))
        }

    def stranger(self, address: str) -> Debtor:
        """Somebody of whom nothing is known but his address."""
        return Debtor((), tuple(self.keys.address_hashes(address)), ())

    def note_persons(self) -> None:
        """Write down whose cases those are that come from before schema 0006: the hash needs the store's key."""
        unknown = select(cases.c.case_id, cases.c.name_sealed, cases.c.id_last4_sealed).where(
            cases.c.person_hash.is_(None), cases.c.id_last4_sealed.isnot(None)
        )
        found = [
            {"here": case_id, "now": self.keys.person_hash(self.keys.open(name), self.keys.open(digits))}
            for case_id, name, digits in self.connection.execute(unknown).all()
        ]
        if found:
            known = cases.c.case_id == bindparam("here")
            self.connection.execute(update(cases).where(known).values(person_hash=bindparam("now")), found)

    def hold_debtor(self, debtor: Debtor) -> None:
        """Nobody else decides on a contact with this person until the transaction ends, or takes in a message of his.

        All cases of one person have the same hashes.
        """
        self.hold_hashes({*debtor.address_hashes, *debtor.person_hashes})

    def touches(self, debtor: Debtor, since: datetime) -> list[tuple[datetime, str, bool]]:
        """Contacts that the lender's side began since then: (moment, channel, by a human)."""
        theirs = or_(
            outbox.c.address_hash.in_(debtor.address_hashes), outbox.c.case_id.in_(debtor.case_ids),
            outbox.c.person_hash.in_(debtor.person_hashes),
        )  # fmt: skip
        query = select(outbox.c.sent_at, outbox.c.channel, outbox.c.is_human).where(
            outbox.c.is_proactive, outbox.c.state.in_(COUNTED), outbox.c.sent_at >= since, theirs
        )
        sent = [(at, channel, by_human) for at, channel, by_human in self.connection.execute(query)]
        return sent + self._talks_elsewhere(debtor, since)

    def _talks_elsewhere(self, debtor: Debtor, since: datetime) -> list[tuple[datetime, str, bool]]:
        """Calls and chats that humans began in other systems (feed)."""
        first = (
            select(messages.c.speaker)
            .where(messages.c.conversation_id == conversations.c.conversation_id)
            .order_by(messages.c.turn_id)
            .limit(1)
            .scalar_subquery()
        )
        query = select(conversations.c.started_at, conversations.c.channel).where(
            conversations.c.case_id.in_(debtor.case_ids), conversations.c.origin == "feed",
            conversations.c.started_at >= since, first == "collector",
        )  # fmt: skip
        return [(at, channel, True) for at, channel in self.connection.execute(query)]

    def opt_outs_of(self, debtor: Debtor) -> dict[str, datetime]:
        """The channels that the person refused, and when last."""
        query = select(opt_outs.c.channel, opt_outs.c.at).where(opt_outs.c.address_hash.in_(debtor.address_hashes))
        latest: dict[str, datetime] = {}
        for channel, at in self.connection.execute(query):
            latest[channel] = max(at, latest.get(channel, at))
        return latest

    def has_opted_out_since(
        self, debtor: Debtor, at: datetime, turn_id: int | None, channel: str | None
    ) -> bool:
        """Whether the person has refused after that moment; where it is known by which message, after the message `turn_id`.

        Args:
            channel: only this one counts; None: any.
        """
        cause = opt_outs.c.cause_turn_id
        is_later = opt_outs.c.at > at
        if turn_id is not None:
            is_later = or_(cause.is_(None) & is_later, cause > turn_id)
        query = select(opt_outs.c.opt_out_id).where(opt_outs.c.address_hash.in_(debtor.address_hashes), is_later)
        if channel is not None:
            query = query.where(opt_outs.c.channel == channel)
        return self.connection.execute(query.limit(1)).first() is not None

    def stops_of(self, case_ids: tuple[str, ...]) -> list[tuple[str, str, datetime]]:
        """The states that stop messages in these cases: (case, state, since)."""
        query = select(stops.c.case_id, stops.c.state, stops.c.at).where(stops.c.case_id.in_(case_ids))
        return [(case_id, state, at) for case_id, state, at in self.connection.execute(query)]

    def lift_stop(self, case_id: str, state: str) -> None:
        """A state no longer stops messages in this case."""
        self.connection.execute(delete(stops).where(stops.c.case_id == case_id, stops.c.state == state))

    def end_opt_out(self, address: str, channel: str) -> None:
        """The person at this address takes messages on this channel again."""
        self.connection.execute(
            delete(opt_outs).where(
                self.is_at(opt_outs, address), opt_outs.c.channel == channel
            )
        )

    def is_held_by_human(self, case_id: str) -> bool:
        """Whether a person has a conversation of this case in hand, or is about to."""
        query = select(conversations.c.conversation_id).where(
            conversations.c.case_id == case_id, conversations.c.origin == "bot", conversations.c.holder != "bot"
        )
        return self.connection.execute(query.limit(1)).first() is not None

    def last_heard(self, address: str, channel: str, since: datetime) -> datetime | None:
        """When the person at this address last wrote on this channel, if since then."""
        return self._last_said(address, channel, since, ("borrower",))

    def last_said_to(self, address: str, channel: str, since: datetime) -> datetime | None:
        """When something was last said to this address on this channel, if since then."""
        query = (
            select(outbox.c.sent_at)
            .where(
                self.is_at(outbox, address), outbox.c.channel == channel,
                outbox.c.state.in_(COUNTED), outbox.c.sent_at >= since,
            )
            .order_by(outbox.c.sent_at.desc())
            .limit(1)
        )  # fmt: skip
        sent_at: datetime | None = self.connection.execute(query).scalar_one_or_none()
        return sent_at or self._last_said(address, channel, since, LENDER_SIDE)

    def _last_said(
        self, address: str, channel: str, since: datetime, speakers: tuple[str, ...]
    ) -> datetime | None:
        query = (
            select(messages.c.at)
            .join(conversations, conversations.c.conversation_id == messages.c.conversation_id)
            .outerjoin(outbox, outbox.c.message_id == messages.c.outgoing_id)
            .where(
                self.is_at(conversations, address),
                conversations.c.last_turn_at >= since, messages.c.channel == channel,
                messages.c.speaker.in_(speakers), messages.c.at >= since,
                or_(outbox.c.state.is_(None), outbox.c.state.not_in(NEVER_SENT)),
            )
            .order_by(messages.c.at.desc())
            .limit(1)
        )  # fmt: skip
        found: datetime | None = self.connection.execute(query).scalar_one_or_none()
        return found

    def free_words_since(self, address: str, channel: str, since: datetime) -> int:
        """How many messages without a template went to this address since then, by the provider's own count."""
        query = select(func.count()).where(
            self.is_at(outbox, address), outbox.c.channel == channel,
            outbox.c.template.is_(None), outbox.c.state.in_(COUNTED), outbox.c.sent_at >= since,
            or_(outbox.c.provider.is_(None), outbox.c.provider != PASSIVE),
        )  # fmt: skip
        return int(self.connection.execute(query).scalar_one())
