"""The use cases of sending: a message is judged, queued, claimed, given to its provider, and its fate is kept.

A claim is one transaction with the gate's counters; the provider is asked outside of any. Whoever dies in between leaves
a claim that becomes unknown: it is never sent again, a provider's report says later what became of it.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from heyue.conduct.contact_gate import Verdict
from heyue.delivery.sender import (
    ACCEPTED,
    LATER,
    REFUSED,
    UNKNOWN,
    DeliveryReport,
    ProviderState,
    Receipt,
    Sender,
)
from heyue.desk.going_on import go_on
from heyue.desk.outbox import Decision, OutboxDesk
from heyue.desk.provider_state import SharedState
from heyue.desk.unsent import note_unsent
from heyue.errors import Unknown, UnknownConversation
from heyue.records import NEVER_SENT, OutboundMessage
from heyue.store import Tx, outbox_queries
from heyue.store.outbox_queries import (
    GIVEN_UP,
    LAPSED,
    NOT_REPORTED,
    QUEUED,
    SENDING,
    SENT,
    WITHHELD,
    Outgoing,
)
from heyue.watch.metrics import REPORTS, SENDS, SMS_SEGMENTS

__all__ = ["Decision", "DeliveryDesk"]
logger = structlog.get_logger(__name__)
CLAIM_HOLDS = timedelta(seconds=120)  # longer than any provider is waited for
Clock = Callable[[], datetime]
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
LONGEST_IN_A_TALK = timedelta(minutes=1)  # somebody waits there
BEHIND = timedelta(seconds=1)  # so long at least a message waits that one before it holds up
CODE_LENGTH = 64


class DeliveryDesk(OutboxDesk):
    """Messages that go out."""

    def judge(self, message: OutboundMessage, at: datetime) -> Verdict:
        """Whether the message might be delivered at that moment; nothing is written."""
        with self.store.reading() as tx:
            return self._judged(tx, message, at, message.channel in self.pushing)

    def enqueue(self, message: OutboundMessage, at: datetime) -> Decision:
        """Judge a message, log the decision and put it into the outbox; the same message id again changes nothing."""
        with self.store.transaction() as tx:
            return self._put(tx, message, at)

    def deliver_due(self, now: Clock, senders: Mapping[str, Sender], most: int = 100) -> Counter[str]:
        """Send what is due on the senders' channels; how many messages came to which state.

        Args:
            now: asked anew for each message, which is judged at the moment at which it is sent: a slow provider makes
                a batch last past the end of the hours.
        """
        with self.store.transaction() as tx:
            at = now()
            tx.bring_forward(at)
            for lost in tx.abandon_claims(at - CLAIM_HOLDS, at):
                if lost.state == SENDING or not tx.is_followed(lost):  # a talk that goes on needs nobody for a line left open
                    note_unsent(tx, lost.message, outbox_queries.UNKNOWN, None, at)
        with self.store.reading() as tx:
            waiting = tx.due_messages(at, list(senders), most)
        states = (self._tried(message_id, now, senders) for message_id in waiting)
        return Counter(state for state in states if state is not None)

    def _tried(self, message_id: str, now: Clock, senders: Mapping[str, Sender]) -> str | None:
        """Send one message of many. One that cannot be judged (its talk is gone) must not keep those behind it back."""
        try:
            return self._deliver(message_id, now, senders)
        except Unknown as error:
            logger.error("delivery.not_judged", message=message_id, error=type(error).__name__)
            return None

    def deliver(
        self, message_ids: Sequence[str], at: datetime, senders: Mapping[str, Sender]
    ) -> dict[str, str]:
        """Send these messages now, if they are still queued and due; where they stand."""
        for message_id in message_ids:
            self._deliver(message_id, lambda: at, senders)
        return self.message_states(message_ids)

    def message_states(self, message_ids: Sequence[str]) -> dict[str, str]:
        """Where messages stand: queued, sending, sent, delivered, failed, refused, unknown, withheld, lapsed."""
        with self.store.reading() as tx:
            return tx.message_states(message_ids)

    def _deliver(self, message_id: str, now: Clock, senders: Mapping[str, Sender]) -> str | None:
        """Send one message; the state it came to, None when another worker has it."""
        claimed, state = self._claim(message_id, now, {channel: each.name for channel, each in senders.items()})
        if claimed is None:
            return state
        sender = senders[claimed.message.channel]
        try:
            receipt = sender.send(claimed.message, now())
        except Exception as error:  # a sender must not raise; whether the message went out nobody knows
            logger.error("delivery.sender_failed", sender=sender.name, message=message_id, error=type(error).__name__)
            receipt = Receipt(UNKNOWN, code=type(error).__name__)
        return self._record(claimed, sender.name, receipt, now())

    def _claim(
        self, message_id: str, now: Clock, providers: Mapping[str, str]
    ) -> tuple[Outgoing | None, str | None]:
        """Take a message for sending, if nobody else has and the gate still lets it out: then it counts as a contact."""
        with self.store.transaction() as tx:
            waiting = self._held_outgoing(tx, message_id)
            at = now()  # once nobody has to be waited for any more
            if waiting is None or waiting.message.channel not in providers or waiting.due_at > at:
                return None, None
            if at >= waiting.not_after:
                return None, self._given_up(tx, waiting.message, LAPSED, waiting.code, at)
            if not self._is_still_wanted(tx, waiting.message, at):
                return None, self._given_up(tx, waiting.message, WITHHELD, "stale", at)
            if self._is_behind(tx, waiting, at):
                return None, QUEUED
            verdict = self._judged(tx, waiting.message, at, True, waiting.overridden, waiting.queued_at)
            self._log_decision(tx, waiting.message, at, "delivery", verdict)
            if not verdict.allowed:
                return None, self._put_off(tx, waiting, verdict, at)
            is_ours = tx.move_outgoing(
                message_id, [QUEUED], state=SENDING, sent_at=at, provider=providers[waiting.message.channel],
                tries=waiting.tries + 1, is_proactive=verdict.is_proactive,
            )  # fmt: skip
            return (waiting, SENDING) if is_ours else (None, None)

    def _is_still_wanted(self, tx: Tx, message: OutboundMessage, at: datetime) -> bool:
        """Whether there is still a reason for a message that the gate would let out."""
        return True

    def _is_behind(self, tx: Tx, waiting: Outgoing, at: datetime) -> bool:
        """Put a message off while one said before it in the talk still waits: answers do not overtake each other.

        One that would lapse meanwhile goes first all the same: late words are better than none.
        """
        before = tx.due_before(waiting.message.message_id, at, at - CLAIM_HOLDS)
        due_at = max(before, at + BEHIND) if before else at
        is_behind = at < due_at < waiting.not_after
        if is_behind:
            tx.move_outgoing(waiting.message.message_id, [QUEUED], due_at=due_at)
        return is_behind

    def _held_outgoing(self, tx: Tx, message_id: str) -> Outgoing | None:
        """A queued message to somebody about whom nobody else decides until the transaction ends; nor does anybody take the talk
        over meanwhile, who would see it wait there and still have it go out behind his back."""
        found = tx.outgoing(message_id)
        if found is not None:
            case_id, address = found.message.case_id, found.message.address
            tx.hold_debtor(tx.debtor(tx.case(case_id), address) if case_id else tx.stranger(address))
            if found.message.conversation_id is not None:
                with contextlib.suppress(UnknownConversation):  # it is not judged then, but may lapse
                    tx.hold_conversation(found.message.conversation_id)
            found = tx.outgoing(message_id)  # as it stands now that we hold him
        return found if found is not None and found.state == QUEUED else None

    def _given_up(self, tx: Tx, message: OutboundMessage, state: str, code: str | None, at: datetime) -> str:
        """A waiting message will not go out any more."""
        if tx.move_outgoing(message.message_id, [QUEUED], state=state, settled_at=at, code=code):
            tx.afterwards.append(SENDS.labels(message.channel, state).inc)
            note_unsent(tx, message, state, code, at)
        return state

    def _put_off(self, tx: Tx, waiting: Outgoing, verdict: Verdict, at: datetime) -> str:
        """Wait for the hour if only the clock is against the message and it may still arrive then."""
        if verdict.opens_at and verdict.opens_at < waiting.not_after:
            tx.move_outgoing(waiting.message.message_id, [QUEUED], due_at=verdict.opens_at)
            return QUEUED
        return self._given_up(tx, waiting.message, WITHHELD, verdict.refused[0], at)

    def _record(self, claimed: Outgoing, provider: str, receipt: Receipt, at: datetime) -> str:
        """Keep what the provider said; where the message stands then."""
        message_id, code = claimed.message.message_id, (receipt.code or "")[:CODE_LENGTH] or None
        with self.store.transaction() as tx:
            now = _after(receipt, claimed, at) | {"code": code, "provider_id": receipt.provider_id}
            moved = tx.move_outgoing(message_id, [SENDING, outbox_queries.UNKNOWN], **now)
            if moved and now["state"] in NEVER_SENT:
                note_unsent(tx, claimed.message, str(now["state"]), code, at)
            tx.afterwards.append(partial(self._note_sent, claimed.message, receipt))
            if receipt.opted_out:
                self._note_opt_out(tx, claimed.message.channel, claimed.message.address, at, claimed.message.case_id)
            if receipt.outcome == ACCEPTED and receipt.provider_id:  # the report may have been quicker
                for report in tx.reports(provider, [f"provider:{receipt.provider_id}"]):
                    _apply(tx, message_id, report["outcome"], report["at"], report["code"], report["is_address_dead"])
            return tx.message_states([message_id])[message_id]

    def _note_sent(self, message: OutboundMessage, receipt: Receipt) -> None:
        """Count what a provider said; an SMS that it took, in segments."""
        SENDS.labels(message.channel, receipt.outcome).inc()
        if receipt.segments is None:
            return
        SMS_SEGMENTS.labels(message.kind).inc(receipt.segments)
        most = self.contact_policy.channels[message.channel].most_segments
        is_long = most is not None and receipt.segments > most
        logger.info("delivery.sms", message=message.message_id, kind=message.kind, segments=receipt.segments, is_long=is_long)

    def record_report(self, report: DeliveryReport) -> bool:
        """Take a provider's report, in whatever order and however often it comes. False when it is known."""
        name = f"own:{report.message_id}" if report.message_id else f"provider:{report.provider_id}"
        with self.store.transaction() as tx:
            code = (report.code or "")[:CODE_LENGTH] or None
            if not tx.add_report(report.provider, name, report.outcome, code, report.at, report.is_address_dead):
                return False
            message_id = report.message_id or tx.message_of_provider(report.provider, report.provider_id or "")
            if message_id:
                _apply(tx, message_id, report.outcome, report.at, code, report.is_address_dead)
            tx.afterwards.append(REPORTS.labels(report.provider, report.outcome).inc)
            return True

    def opt_out(self, channel: str, address: str, at: datetime) -> bool:
        """The person at this address wants no more on this channel, from this moment. Audited. False when he had said so."""
        with self.store.transaction() as tx:
            return self._note_opt_out(tx, channel, address, at)

    def _note_opt_out(
        self, tx: Tx, channel: str, address: str, at: datetime, case_id: str | None = None
    ) -> bool:
        is_new = tx.add_opt_out(address, channel, at, None)
        tx.set_contact_state(address, "opted_out", at, only_from="usable")
        tx.audit("opt_out", at, case_id=case_id, details={"channel": channel})
        return is_new

    def opt_in(self, channel: str, address: str, at: datetime) -> None:
        """The person at this address opens the channel again. Audited."""
        with self.store.transaction() as tx:
            tx.end_opt_out(address, channel)
            tx.set_contact_state(address, "usable", at, only_from="opted_out")
            for case in tx.cases_of_address(address):
                tx.lift_stop(case.case_id, "OPTED_OUT")
                if case.status == "stopped":
                    go_on(tx, case, at, self.contact_policy, "bot")
            tx.audit("opt_in", at, details={"channel": channel})

    def provider_state(self, now: Callable[[], datetime]) -> ProviderState:
        """What the processes share about providers: tokens and cursors, sealed in the store."""
        return SharedState(self.store, now)


def _after(receipt: Receipt, claimed: Outgoing, at: datetime) -> dict[str, object]:
    """Where a message stands after what its provider said. Not taken: it was no contact, and is tried again."""
    if receipt.outcome == ACCEPTED:
        return {"state": SENT}
    if receipt.outcome == REFUSED:
        return {"state": outbox_queries.REFUSED, "settled_at": at}
    if receipt.outcome != LATER:
        return {"state": outbox_queries.UNKNOWN}
    longest = LONGEST_IN_A_TALK if claimed.message.conversation_id else LONGEST_WAIT
    doubled = min(FIRST_WAIT * 2 ** min(claimed.tries, 10), longest)
    wait = timedelta(seconds=receipt.retry_after_seconds) if receipt.retry_after_seconds else doubled
    if at + wait >= claimed.not_after:
        return {"state": LAPSED, "settled_at": at, "sent_at": None}
    return {"state": QUEUED, "due_at": at + wait, "sent_at": None}


def _apply(tx: Tx, message_id: str, outcome: str, at: datetime, code: str | None, is_address_dead: bool) -> None:
    """Let a report say what became of a message. Delivered stands whatever else is reported; not sent twice either."""
    found = tx.outgoing(message_id)
    if found is None:
        return
    if outcome == "delivered":
        arrived = {"state": outbox_queries.DELIVERED, "settled_at": at, "code": None}
        tx.move_outgoing(message_id, [*NOT_REPORTED, outbox_queries.FAILED], **arrived)
        if tx.move_outgoing(message_id, GIVEN_UP, sent_at=at, **arrived) and found.message.conversation_id:
            tx.mark_unread(found.message.conversation_id)
        return
    if tx.move_outgoing(message_id, NOT_REPORTED, state=outbox_queries.FAILED, settled_at=at, code=code):
        note_unsent(tx, found.message, outbox_queries.FAILED, code, at)
    if is_address_dead:
        tx.set_contact_state(found.message.address, "invalid", at)
