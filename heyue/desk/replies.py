"""The use cases of answering over channels that can push: answers that are owed, and ways to give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from heyue.delivery.sender import Sender
from heyue.desk.contact import ContactDesk
from heyue.desk.contact_known import answer_id, broken_rules
from heyue.desk.delivery import DeliveryDesk
from heyue.desk.outbox import ANSWER_KEPT, Decision
from heyue.desk.unsent import call_human
from heyue.records import OutboundMessage
from heyue.store.debtor_queries import PASSIVE
from heyue.store.outbox_queries import COUNTED, QUEUED, SENDING, SENT, UNKNOWN, WITHHELD
from heyue.watch.metrics import SENDS

IN_WORK = timedelta(seconds=30)  # so long an answer may take before somebody else looks after it
LEFT = timedelta(seconds=5)  # due for so long an answer is left: neither its request nor its first try has taken it
AT_ONCE = 100
UNANSWERED = "unanswered"  # why a person is called
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Owed:
    """A borrower's message that was acknowledged to its provider and still waits for the bot's answer.

    `is_behind`: see Received.
    """

    conversation_id: str
    session_id: str
    turn_id: int
    channel: str
    text: str
    at: datetime
    is_behind: bool = False


@dataclass(frozen=True)
class Waiting:
    """The answer to a message, which stands in the outbox and has not gone out."""

    conversation_id: str
    turn_id: int
    channel: str


class ReplyDesk(ContactDesk, DeliveryDesk):
    """Answers over channels that can push."""

    def get_ready(self) -> None:
        """Load what judging an answer needs, or the first one keeps the store locked meanwhile."""
        broken_rules("您好")

    def owed_answers(self, at: datetime, in_work: timedelta = IN_WORK) -> list[Owed]:
        """The messages that wait for longer than `in_work`, oldest first; those that nobody waits for are let go."""
        found: list[Owed] = []
        with self.store.transaction() as tx:
            tx.bring_owed_forward(at)
            waiting = tx.owed_answers(at - in_work)
        for turn_id, conversation_id, session_id, came_at in waiting:
            if at - came_at > ANSWER_KEPT or not self.owes_answer(conversation_id, turn_id):
                self._let_go(turn_id, conversation_id, at)
                continue
            with self.store.reading() as tx:
                turn = next(each for each in tx.turns(conversation_id) if each.turn_id == turn_id)
                channel = tx.conversation(conversation_id).channel
            found.append(Owed(conversation_id, session_id, turn_id, channel, turn.text, came_at))
        return found

    def _let_go(self, turn_id: int, conversation_id: str, at: datetime) -> None:
        """The bot does not answer this message any more: it is too old, or he has been answered to a later one. A person
        learns of it, unless one has the talk anyway."""
        with self.store.transaction() as tx:
            holder = tx.hold_conversation(conversation_id).holder
            is_lost = tx.end_owing(turn_id) and holder == "bot"
            if is_lost:
                call_human(tx, conversation_id, UNANSWERED, at)
        logger.warning("replies.let_go", conversation=conversation_id, turn=turn_id, calls_human=is_lost)

    def left_answers(self, at: datetime, channels: Sequence[str]) -> list[Waiting]:
        """The first answers that are due on these channels and were left, by a crash, a fault or a provider that was busy."""
        with self.store.transaction() as tx:
            tx.bring_forward(at)
            left = tx.waiting_in_talks("reply", at - LEFT, channels, AT_ONCE)
        return [Waiting(talk, int(message_id.rpartition(":")[2]), channel) for message_id, talk, channel in left]

    def deliver_reply(self, turn_id: int, at: datetime, senders: Mapping[str, Sender]) -> str | None:
        """Send the answer to a message now; where it stands, None when there is none."""
        return self.deliver([answer_id(turn_id)], at, senders).get(answer_id(turn_id))

    def reply_due_at(self, turn_id: int) -> datetime | None:
        """When the answer to a message is to be tried again, while it waits."""
        with self.store.reading() as tx:
            known = tx.outgoing(answer_id(turn_id))
        return known.due_at if known is not None and known.state == QUEUED else None

    def passive_reply(self, turn_id: int, at: datetime) -> str | None:
        """Claim the answer to a message, to be given in the HTTP response to it; None when there is nothing to say.

        Nobody sends it in any other way then, until `passive_given` says what became of it. The same message again, which
        the provider repeats when it got no response, gets the same answer.
        """
        message_id = answer_id(turn_id)
        with self.store.reading() as tx:
            known = tx.outgoing(message_id)
        if known is None:
            return None
        if known.provider == PASSIVE and known.state in COUNTED:
            self._note_asked_again(message_id)
            return known.message.text
        claimed, _ = self._claim(message_id, lambda: at, {known.message.channel: PASSIVE})
        return claimed.message.text if claimed else None

    def _note_asked_again(self, message_id: str) -> None:
        """Whoever is writing the answer at this moment does not give it back any more: it is written elsewhere as well."""
        with self.store.transaction() as tx:
            tx.move_outgoing(message_id, [SENDING], state=UNKNOWN)

    def passive_given(self, turn_id: int, is_written: bool) -> None:
        """A claimed answer was written into the response, or surely not: then it waits to be sent in another way."""
        now = {"state": SENT} if is_written else {"state": QUEUED, "sent_at": None}
        with self.store.transaction() as tx:
            known = tx.outgoing(answer_id(turn_id))
            if known is not None and known.provider == PASSIVE:
                tx.move_outgoing(answer_id(turn_id), [SENDING, UNKNOWN] if is_written else [SENDING], **now)
                if is_written:
                    tx.afterwards.append(SENDS.labels(known.message.channel, PASSIVE).inc)

    def send_reply(
        self, conversation_id: str, turn_id: int, lines: list[str], at: datetime,
        senders: Mapping[str, Sender] | None = None,
    ) -> Decision:  # fmt: skip
        """Answer a message with lines that do not come from the bot's engine, unless it has its answer already.

        They stand in the transcript then. Where the gate does not let them out the answer stays owed.
        """
        with self.store.transaction() as tx:
            conversation = tx.hold_conversation(conversation_id)
            decision = self._put_answer(tx, conversation, turn_id, lines, at)
            if decision.state != WITHHELD:
                tx.end_owing(turn_id)
            if decision.is_new and decision.state != WITHHELD:
                self._put_lines(tx, conversation_id, turn_id, lines, at, decision.message_id)
        if senders is not None:
            self.deliver_reply(turn_id, at, senders)
        return decision

    def address_handed_over(self, conversation_id: str) -> str | None:
        """Where the borrower is reached whose conversation the bot has given away; None while it is the bot's."""
        with self.store.reading() as tx:
            if tx.conversation(conversation_id).holder == "bot":
                return None
            address: str = tx.address_of(conversation_id)
            return address

    def answer_stranger(
        self, channel: str, address: str, line: str, message_key: str, at: datetime
    ) -> Decision:
        """Put the neutral line to somebody unknown who wrote into the outbox; once for each message of his."""
        message = OutboundMessage(f"stranger:{channel}:{message_key}"[:128], None, channel, address, "stranger", line)
        return self.enqueue(message, at)
