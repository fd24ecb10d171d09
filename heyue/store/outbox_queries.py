"""The outbox: messages that go out, from the queue to the provider's report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from heyue.records import NOT_ARRIVED, OutboundMessage
from heyue.store.outbox_tables import IS_NOTICE, IS_PROMPT, delivery_reports, gate_decisions, outbox
from heyue.store.queries import CLOCKS_APART, Queries

QUEUED, SENDING, SENT, DELIVERED, FAILED = "queued", "sending", "sent", "delivered", "failed"
REFUSED, UNKNOWN, WITHHELD, LAPSED = "refused", "unknown", "withheld", "lapsed"
COUNTED = (SENDING, SENT, DELIVERED, FAILED, UNKNOWN)  # may have reached the debtor: a contact
NOT_REPORTED = (SENDING, SENT, UNKNOWN)
LEFT_OPEN = timedelta(days=2)  # so long what became of a message is looked for
GIVEN_UP = (QUEUED, REFUSED, WITHHELD, LAPSED)  # by what we know it did not reach the debtor


@dataclass(frozen=True)
class Outgoing:
    """A message of the outbox and where it stands. `overridden`: rules that a human breaks with a reason."""

    message: OutboundMessage
    state: str
    tries: int
    due_at: datetime
    not_after: datetime
    is_human: bool
    overridden: frozenset[str] = frozenset()
    provider: str | None = None
    code: str | None = None
    queued_at: datetime | None = None


class OutboxQueries(Queries):
    """Messages that go out, the gate's decisions, the providers' reports."""

    def add_outgoing(
        self, message: OutboundMessage, at: datetime, *, person_hash: bytes | None, is_proactive: bool, is_human: bool,
        due_at: datetime, not_after: datetime, overridden: frozenset[str] = frozenset(),
    ) -> bool:  # fmt: skip
        """Queue a message. False when its id is known: nothing changes."""
        self.must_last = True
        body = json.dumps({"text": message.text, "parameters": dict(message.parameters)}, ensure_ascii=False)
        return self.insert_or_ignore(
            outbox, message_id=message.message_id, case_id=message.case_id, conversation_id=message.conversation_id,
            channel=message.channel, address_sealed=self.keys.seal(message.address),
            address_hash=self.keys.address_hash(message.address), person_hash=person_hash, kind=message.kind,
            template=message.template, body_sealed=self.keys.seal(body), overridden=",".join(sorted(overridden)) or None,
            is_proactive=is_proactive, is_human=is_human, state=QUEUED, queued_at=at, due_at=due_at, not_after=not_after,
        )  # fmt: skip

    def outgoing(self, message_id: str) -> Outgoing | None:
        """One message of the outbox."""
        query = select(outbox).where(outbox.c.message_id == message_id)
        row = self.connection.execute(query).mappings().one_or_none()
        return self._outgoing(row) if row else None

    def _outgoing(self, row: Any) -> Outgoing:
        body = json.loads(self.keys.open(row["body_sealed"]))
        message = OutboundMessage(
            row["message_id"], row["case_id"], row["channel"], self.keys.open(row["address_sealed"]), row["kind"],
            body["text"], row["conversation_id"], row["template"], body["parameters"], row["due_at"], row["not_after"],
        )  # fmt: skip
        return Outgoing(
            message, row["state"], row["tries"], row["due_at"], row["not_after"], row["is_human"],
            frozenset((row["overridden"] or "").split(",")) - {""}, row["provider"], row["code"],
            row["queued_at"],
        )  # fmt: skip

    def outgoing_of_case(self, case_id: str) -> list[dict[str, Any]]:
        """What was to go out for a case and what became of it, without the words, in order."""
        wanted = ("message_id", "channel", "kind", "template", "state", "queued_at", "due_at", "sent_at", "code")
        query = select(*(outbox.c[name] for name in wanted)).where(outbox.c.case_id == case_id)
        return [dict(row) for row in self.connection.execute(query.order_by(outbox.c.queued_at)).mappings()]

    def cut_off_talks(self, conversation_ids: Sequence[str]) -> set[str]:
        """Of these talks those in which a line did not arrive and no later one went out."""
        later = outbox.alias("later")
        since = select(later.c.message_id).where(
            later.c.conversation_id == outbox.c.conversation_id, later.c.queued_at > outbox.c.queued_at,
            later.c.state.not_in(NOT_ARRIVED),
        )  # fmt: skip
        query = select(outbox.c.conversation_id).where(
            outbox.c.conversation_id.in_(conversation_ids), outbox.c.state.in_(NOT_ARRIVED), ~since.exists()
        )
        return set(self.connection.execute(query).scalars())

    def due_messages(self, at: datetime, channels: Sequence[str], most: int) -> list[str]:
        """The ids of messages that wait to be sent on these channels: answers and people's lines before the bot's notices."""
        found: list[str] = []
        for which in (IS_PROMPT, IS_NOTICE):
            query = (
                select(outbox.c.message_id)
                .where(which, outbox.c.due_at <= at, outbox.c.channel.in_(channels))
                .order_by(outbox.c.due_at, outbox.c.queued_at, outbox.c.message_id)
                .limit(most - len(found))
            )
            found += self.connection.execute(query).scalars()
        return found

    def bring_forward(self, at: datetime) -> None:
        """Answers that were said later than now, before the clock was set back, are said now, in their order; messages that were
        claimed then are claimed now, so that a claim whose worker died ends in time."""
        until = at + CLOCKS_APART
        self.connection.execute(update(outbox).where(outbox.c.state == SENDING, outbox.c.sent_at > until).values(sent_at=at))
        query = (
            select(outbox.c.message_id)
            .where(IS_PROMPT, ~outbox.c.is_human, ~outbox.c.is_proactive, outbox.c.queued_at > until, outbox.c.due_at > until)
            .order_by(outbox.c.queued_at.desc(), outbox.c.message_id.desc())
        )
        for later, message_id in enumerate(self.connection.execute(query).scalars().all()):
            moment = at - timedelta(microseconds=later)
            self.move_outgoing(message_id, [QUEUED], queued_at=moment, due_at=moment)

    def due_before(self, message_id: str, at: datetime, claimed_since: datetime) -> datetime | None:
        """When the last message is due that was said before this one, in the same talk and of the same kind, and that may
        still go out or is on its way (a claim older than that is nobody's any more); None when there is none."""
        mine, before = outbox.alias("mine"), outbox.alias("before")
        goes = (before.c.state == QUEUED) & (before.c.not_after > at)
        is_on_its_way = (before.c.state == SENDING) & (before.c.sent_at >= claimed_since)
        query = select(func.max(before.c.due_at)).where(
            mine.c.message_id == message_id, before.c.conversation_id == mine.c.conversation_id,
            before.c.kind == mine.c.kind, before.c.queued_at < mine.c.queued_at, goes | is_on_its_way,
        )  # fmt: skip
        due_at: datetime | None = self.connection.execute(query).scalar_one_or_none()
        return due_at

    def waiting_in_talks(self, kind: str, until: datetime, channels: Sequence[str], most: int) -> list[tuple[str, str, str]]:
        """Messages of a kind that were due by then and are still queued, in the order they were said: (id, talk, channel)."""
        query = (
            select(outbox.c.message_id, outbox.c.conversation_id, outbox.c.channel)
            .where(
                outbox.c.state == QUEUED, outbox.c.due_at <= until, outbox.c.kind == kind,
                outbox.c.channel.in_(channels), outbox.c.conversation_id.isnot(None),
            )
            .order_by(outbox.c.queued_at, outbox.c.message_id)
            .limit(most)
        )  # fmt: skip
        return [(message_id, talk, channel) for message_id, talk, channel in self.connection.execute(query)]

    def message_states(self, message_ids: Sequence[str]) -> dict[str, str]:
        """Where these messages stand; those that were never queued are left out."""
        query = select(outbox.c.message_id, outbox.c.state).where(outbox.c.message_id.in_(message_ids))
        return dict(self.connection.execute(query).all())

    def move_outgoing(self, message_id: str, before: Sequence[str], **now: object) -> bool:
        """Change where a message stands, if it still stands in one of the states `before`. Whether it did."""
        self.must_last = True
        here = (outbox.c.message_id == message_id) & outbox.c.state.in_(before)
        return bool(self.connection.execute(update(outbox).where(here).values(**now)).rowcount == 1)

    def abandon_claims(self, claimed_before: datetime, at: datetime) -> list[Outgoing]:
        """Messages of which nobody has said within that time what became of them, neither their worker nor, where the provider's
        answer left it open, a report: unknown for good from now on. Each comes once."""
        is_claimed = (outbox.c.state == SENDING) & (outbox.c.sent_at < claimed_before)
        is_open = (outbox.c.state == UNKNOWN) & outbox.c.settled_at.is_(None) & (outbox.c.sent_at < claimed_before)
        is_late = outbox.c.due_at >= claimed_before - LEFT_OPEN  # and not from before somebody looked
        query = select(outbox).where(is_claimed | (is_open & is_late))
        return [each for row in self.connection.execute(query).mappings() if self._settled(each := self._outgoing(row), at)]

    def _settled(self, lost: Outgoing, at: datetime) -> bool:
        self.must_last = True
        here = (outbox.c.message_id == lost.message.message_id) & (outbox.c.state == lost.state) & outbox.c.settled_at.is_(None)
        return bool(self.connection.execute(update(outbox).where(here).values(state=UNKNOWN, settled_at=at)).rowcount == 1)

    def is_followed(self, sent: Outgoing) -> bool:
        """Whether a later message of its talk was taken by the provider."""
        query = select(outbox.c.message_id).where(
            outbox.c.conversation_id == sent.message.conversation_id, outbox.c.queued_at > sent.queued_at,
            outbox.c.state.in_((SENT, DELIVERED)),
        )  # fmt: skip
        return self.connection.execute(query.limit(1)).first() is not None

    def add_decision(self, message: OutboundMessage, at: datetime, stage: str, verdict: Any) -> None:
        """Log a yes or no of the gate (heyue.conduct.contact_gate.Verdict) with its rules."""
        self.connection.execute(
            insert(gate_decisions).values(
                message_id=message.message_id, case_id=message.case_id, channel=message.channel, kind=message.kind, at=at,
                stage=stage, allowed=verdict.allowed, asked=json.dumps(verdict.asked),
                refused=json.dumps(verdict.refused), rules=",".join(verdict.rules),
                policy_version=verdict.policy_version,
            )
        )  # fmt: skip

    def decisions(self, message_id: str) -> list[dict[str, Any]]:
        """What the gate said to a message, in order."""
        return self._decisions(gate_decisions.c.message_id == message_id)

    def decisions_of_case(self, case_id: str) -> list[dict[str, Any]]:
        """What the gate said to every message of a case, in order."""
        return self._decisions(gate_decisions.c.case_id == case_id)

    def _decisions(self, condition: Any) -> list[dict[str, Any]]:
        query = select(gate_decisions).where(condition)
        rows = self.connection.execute(query.order_by(gate_decisions.c.decision_id)).mappings()
        return [
            {**row, "asked": json.loads(row["asked"]), "refused": json.loads(row["refused"])} for row in rows
        ]

    # providers' reports

    def add_report(self, provider: str, message: str, outcome: str, code: str | None, at: datetime, is_dead: bool) -> bool:
        """Keep a provider's report. False when it is known."""
        self.must_last = True
        return self.insert_or_ignore(
            delivery_reports, provider=provider, message=message, outcome=outcome, code=code, at=at,
            is_address_dead=is_dead,
        )  # fmt: skip

    def reports(self, provider: str, names: Sequence[str]) -> list[Any]:
        """What a provider reported of a message under any of its names, in the order it was reported."""
        query = select(delivery_reports).where(
            delivery_reports.c.provider == provider, delivery_reports.c.message.in_(names)
        )
        return list(self.connection.execute(query.order_by(delivery_reports.c.report_id)).mappings())

    def message_of_provider(self, provider: str, provider_id: str) -> str | None:
        """Which of our messages has this number at the provider."""
        query = select(outbox.c.message_id).where(
            outbox.c.provider == provider, outbox.c.provider_id == provider_id
        )
        found = self.connection.execute(query.limit(1)).scalar_one_or_none()
        return None if found is None else str(found)
