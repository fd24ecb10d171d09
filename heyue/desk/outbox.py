"""How every use case puts a message into the outbox: judged by the contact gate, logged, queued once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from heyue.conduct.contact_gate import Contact, Verdict, judge_contact
from heyue.conduct.contact_policy import ContactPolicy
from heyue.conduct.contact_words import demands
from heyue.desk.base import DeskBase
from heyue.desk.contact_known import Asking, answer_id, known_of
from heyue.errors import Refused
from heyue.records import ConversationRecord, OutboundMessage
from heyue.store import Tx
from heyue.store.outbox_queries import QUEUED, WITHHELD
from heyue.watch.metrics import GATE_CHECKS, GATE_DECISIONS, yes_no

ANSWERED_AT_ONCE = timedelta(minutes=10)  # so long after his message an answer disturbs nobody, even at night
ANSWER_KEPT = timedelta(hours=24)  # an answer that has not gone out by then says nothing to anybody any more
NO_RULES: frozenset[str] = frozenset()


class NotPermitted(Refused):
    """The contact gate does not let a human's line out. `why`: the first check that said no; `says`: in Chinese."""

    def __init__(self, why: str, says: str) -> None:
        super().__init__(f"the contact gate says no: {why}")
        self.why = why
        self.says = says


@dataclass(frozen=True)
class Decision:
    """What became of a message that somebody wants to send. `state`: of the outbox; withheld: it is not queued.

    A message that only the clock is against is queued all the same, until its hour.
    """

    message_id: str
    state: str
    verdict: Verdict
    is_new: bool


class OutboxDesk(DeskBase):
    """What the groups of use cases that send have in common."""

    def _judged(
        self, tx: Tx, message: OutboundMessage, at: datetime, can_send: bool, overridden: frozenset[str] = NO_RULES,
        written_at: datetime | None = None,
    ) -> Verdict:  # fmt: skip
        """The gate's verdict on a message that arrives at that moment; it was written then, or before."""
        known = known_of(tx, Asking(message, at, self.policy, self.contact_policy, can_send, written_at))
        contact = Contact(
            message.channel, message.kind, message.text, at, message.template, overridden, message.parameters
        )
        return judge_contact(contact, known, self.contact_policy)

    def _put(
        self, tx: Tx, message: OutboundMessage, at: datetime, overridden: frozenset[str] = NO_RULES,
        may_wait: bool = True,
    ) -> Decision:  # fmt: skip
        """Judge, log and queue a message. One that is in the outbox already stays as it is.

        Args:
            may_wait: whether one that only the clock is against is queued until its hour.
        """
        if known := tx.outgoing(message.message_id):
            return Decision(message.message_id, known.state, _last_verdict(tx, message.message_id), False)
        due_at = max(at, message.not_before or at)
        verdict = self._judged(tx, message, due_at, message.channel in self.pushing, overridden)
        self._log_decision(tx, message, at, "enqueue", verdict)
        not_after = message.not_after or self._kept_until(verdict, due_at)
        if not verdict.allowed:
            if not (may_wait and verdict.opens_at and (message.not_after is None or verdict.opens_at < message.not_after)):
                return Decision(message.message_id, WITHHELD, verdict, True)
            due_at, not_after = verdict.opens_at, message.not_after or self._kept_until(verdict, verdict.opens_at)
        is_new = self._queue(tx, message, at, verdict, due_at, not_after, overridden)
        return Decision(message.message_id, QUEUED, verdict, is_new)

    def _log_decision(self, tx: Tx, message: OutboundMessage, at: datetime, stage: str, verdict: Verdict) -> None:
        """Keep what the gate said, and count it."""
        tx.add_decision(message, at, stage, verdict)
        tx.afterwards.append(partial(_count_decision, stage, verdict, self.contact_policy))

    def _kept_until(self, verdict: Verdict, due_at: datetime) -> datetime:
        """Until when a message is tried: it must arrive before the wall of that day (T-05).

        Only an answer to who has just written may come later: it is not kept for an hour at which he sleeps.
        """
        wall = self.contact_policy.wall
        if verdict.is_proactive:
            return wall.end_after(due_at)
        at_once = due_at + ANSWERED_AT_ONCE
        return max(wall.end_after(due_at), at_once) if wall.hold(due_at) else at_once

    def _queue(
        self, tx: Tx, message: OutboundMessage, at: datetime, verdict: Verdict, due_at: datetime, not_after: datetime,
        overridden: frozenset[str],
    ) -> bool:  # fmt: skip
        case = tx.case(message.case_id) if message.case_id else None
        return tx.add_outgoing(
            message, at, person_hash=tx.keys.person_hash(case.borrower_name, case.id_last4) if case else None,
            is_proactive=verdict.is_proactive, is_human=self.contact_policy.kinds[message.kind].by == "human",
            due_at=due_at, not_after=not_after, overridden=overridden,
        )  # fmt: skip

    def _put_answer(
        self, tx: Tx, conversation: ConversationRecord, turn_id: int, said: list[str], at: datetime
    ) -> Decision:
        """Queue the answer to a borrower's message, as one message."""
        text = "\n".join(said)
        rules = self.contact_policy.channels.get(conversation.channel)
        if rules and rules.labels_all and self.contact_policy.label not in text:
            text = f"{''.join(said)}（{self.contact_policy.label}）"
        message = OutboundMessage(
            answer_id(turn_id), conversation.case_id, conversation.channel,
            tx.address_of(conversation.conversation_id), "reply", text, conversation.conversation_id,
        )  # fmt: skip
        return self._put(tx, message, at)

    def _put_lines(
        self, tx: Tx, conversation_id: str, turn_id: int, lines: list[str], at: datetime, outgoing_id: str | None
    ) -> None:
        """Write what the bot answers into the transcript. Keyed by the message it answers: once, whoever writes it."""
        said = [(line, f"answer:{turn_id}:{number}") for number, line in enumerate(lines)]
        tx.add_turns(conversation_id, "bot", said, at, outgoing_id)

    def _by_day_or_night(self, lines: list[str], at: datetime) -> list[str]:
        """The lines without those that demand, in the hours in which the bot does not."""
        policy = self.contact_policy
        if not policy.no_demand.hold(at):
            return lines
        return [line for line in lines if not demands(line, policy)] or [policy.night_line]


def _count_decision(stage: str, verdict: Verdict, policy: ContactPolicy) -> None:
    GATE_DECISIONS.labels(stage, yes_no(verdict.allowed)).inc()
    for name in verdict.asked:
        GATE_CHECKS.labels(policy.rule_of(name), yes_no(name not in verdict.refused)).inc()


def _last_verdict(tx: Tx, message_id: str) -> Verdict:
    """What the gate said last to a message, from the log."""
    said = tx.decisions(message_id)[-1]
    return Verdict(
        said["allowed"], tuple(said["asked"]), tuple(said["refused"]),
        tuple(rule for rule in said["rules"].split(",") if rule), said["policy_version"],
    )  # fmt: skip
