"""The use cases of a contact: a message comes in, is answered, and the answer is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from heyue.conduct.disclosure import reveals_debt
from heyue.conversation import engine
from heyue.conversation.dialogue import CLOSED
from heyue.conversation.exchange import Exchange, Line
from heyue.conversation.off_script import OffScriptAnswer, off_script_question
from heyue.conversation.outcomes import DisclosureBlocked
from heyue.desk.carry_out import carry_out
from heyue.desk.contact_known import answer_id
from heyue.desk.last_message import LastMessage, dialogue_of, is_answered, said_meanwhile, unheard
from heyue.desk.outbox import OutboxDesk
from heyue.desk.unsent import HANDING_OVER, call_human
from heyue.records import Case, ConversationRecord
from heyue.settings import BOT
from heyue.store import Tx
from heyue.store.outbox_queries import WITHHELD
from heyue.understanding.reading import Reading
from heyue.watch.metrics import CONFIDENCE, MESSAGES, band_of

logger = structlog.get_logger(__name__)
ANSWER, SILENT, STRANGER = "answer", "silent", "stranger"
MAY_SPEAK = ("bot", HANDING_OVER)  # while handing over the bot still says its farewell
SIDE_BY_SIDE = timedelta(seconds=10)  # a message that comes so soon after another may find that one still in work


@dataclass(frozen=True)
class Arrived:
    """A message that has come in. `key`: the same when the provider brings it again."""

    channel: str
    address: str
    text: str = field(repr=False)
    at: datetime = field()
    key: str | None = None


@dataclass(frozen=True)
class Received:
    """What becomes of an incoming message.

    `outcome`: answer (the bot answers in dialogue session `session_id`), silent (a human has the talk, or the
    message came twice), stranger (the sender is not known: `first_time` says whether a neutral line is due).
    `is_owed`: it came twice, and the answer to it is still to come.
    `said_meanwhile`: what a human wrote since the borrower's message before, for channels that can only answer.
    `is_behind`: the bot, which has the talk, has not heard the borrower's message before yet, perhaps another process is at it.
    """

    outcome: str
    conversation_id: str = ""
    session_id: str = ""
    turn_id: int = 0
    first_time: bool = False
    said_meanwhile: tuple[str, ...] = ()
    is_owed: bool = False
    is_behind: bool = False


@dataclass(frozen=True)
class Heard:
    """The bot's answer to one message: the lines to say and the tone that chooses between their wordings.

    `question`: what a language model may be asked, where one of the lines says that the bot has no answer.
    """

    lines: list[Line]
    tone: dict[str, str | None]
    question: OffScriptAnswer | None = None


class ContactDesk(OutboxDesk):
    """Contacts between borrowers and the bot."""

    def receive(
        self, channel: str, address: str, text: str, at: datetime, message_key: str | None = None,
        pushes: bool = False,
    ) -> Received:  # fmt: skip
        """Store a message that has come in and say who answers it. A message key seen before changes nothing.

        Args:
            pushes: the channel acknowledges now and answers later, through the outbox: the answer is owed.
        """
        with self.store.transaction() as tx:
            tx.hold_addresses([address])
            return self._receive(tx, Arrived(channel, address, text, at, message_key), pushes)

    def receive_together(self, arrived: Sequence[Arrived]) -> list[Received | Exception]:
        """Store messages of channels that push, in one transaction: what became of each, in their order.

        One that cannot be stored does not keep the others out. When this returns all others are safe.

        Raises:
            StoreUnavailable: the store did not answer; none is stored.
        """
        with self.store.transaction() as tx:
            # before anything else: two processes that bring messages of the same people never wait for each other in a circle
            tx.hold_addresses([each.address for each in arrived])
            return [self._received_apart(tx, each) for each in arrived]

    def _received_apart(self, tx: Tx, message: Arrived) -> Received | Exception:
        try:
            with tx.apart():
                return self._receive(tx, message, pushes=True)
        except Exception as error:  # whatever is wrong with this one: whoever brought it is told
            return error

    def _receive(self, tx: Tx, message: Arrived, pushes: bool) -> Received:
        """What becomes of a message from an address that this transaction holds."""
        address, at = message.address, message.at
        conversation = self._current_conversation(tx, address, at)
        if conversation is None:
            cases = tx.cases_of_address(address)
            if not cases:
                tx.afterwards.append(MESSAGES.labels("in", message.channel, "stranger").inc)
                return Received(STRANGER, first_time=tx.note_stranger(address, at))
            conversation = tx.open_conversation(_most_pressing(cases).case_id, message.channel, address, at)
        turn_id, is_new = tx.add_turn(conversation.conversation_id, "borrower", message.text, at, message.key)
        if is_new:
            tx.afterwards.append(partial(_note_message, message.channel, conversation.conversation_id, turn_id))
        outcome = ANSWER if is_new and conversation.holder == "bot" else SILENT
        segment = conversation.turn_count // self.policy.conduct.turns_per_session
        session_id = f"{conversation.conversation_id}.{segment}"
        if pushes and not conversation.is_pushed:
            tx.mark_pushed(conversation.conversation_id)
        if pushes and outcome == ANSWER:
            tx.owe_answer(turn_id, conversation.conversation_id, session_id, at)
        said = conversation.handler and not (pushes or conversation.is_pushed)
        meanwhile = said_meanwhile(tx, conversation, turn_id) if said else ()
        is_owed = pushes and not is_new and tx.is_owed(turn_id)
        is_soon = conversation.holder == "bot" and abs(at - conversation.last_turn_at) < SIDE_BY_SIDE
        is_behind = is_soon and bool(unheard(tx, conversation, turn_id))
        return Received(
            outcome, conversation.conversation_id, session_id, turn_id, said_meanwhile=meanwhile, is_owed=is_owed,
            is_behind=is_behind,
        )  # fmt: skip

    def unheard_before(self, conversation_id: str, turn_id: int) -> frozenset[int]:
        """The borrower's turns before this one that the bot has not heard yet."""
        with self.store.reading() as tx:
            return frozenset(unheard(tx, tx.conversation(conversation_id), turn_id))

    def _current_conversation(self, tx: Tx, address: str, at: datetime) -> ConversationRecord | None:
        """The contact that this message continues, or None when a new one begins."""
        latest: ConversationRecord | None = tx.latest_conversation(address)
        if latest is None:
            return None
        conduct = self.policy.conduct
        closed = latest.dialogue.get("stage") == CLOSED and latest.holder == "bot"
        rest = (
            timedelta(minutes=conduct.idle_minutes_reopen)
            if closed
            else timedelta(hours=conduct.idle_hours_continue)
        )
        continues = abs(at - latest.last_turn_at) <= rest or latest.holder != "bot"  # a human ends it
        return latest if continues else None

    def hear(
        self, conversation_id: str, flow: str, intent: str, confidence: float, reading: Reading, at: datetime,
        turn_id: int | None = None,
    ) -> Heard:  # fmt: skip
        """Answer one message: the lines to say. Dialogue, ledger and stops change in the same transaction.

        A message whose answer was lost in a crash, and the same message sent once more, get that answer again; one that
        has its answer, brought by two workers, gets no second.

        Raises:
            UnknownConversation: no such conversation.
            StoreUnavailable: the store did not answer; nothing has changed.
        """
        with self.store.transaction() as tx:
            conversation, case = tx.hold_conversation_and_case(conversation_id)
            last, mark = LastMessage.of(conversation), tx.keys.address_hash(reading.text).hex()
            lost = last.lost_answer(conversation.holder, mark)
            if is_answered(tx, last, turn_id, lost) or (conversation.holder != "bot" and not lost):
                return Heard([], {})
            dialogue = dialogue_of(conversation)
            exchange = Exchange(
                case, self.policy, at, dialogue, intent, confidence, reading, conversation.channel
            )
            for outcome in lost:
                exchange.say(outcome)
            if not lost:
                engine.hear(exchange, flow)
                carry_out(exchange, tx, conversation, turn_id)
            tx.afterwards.append(partial(_note_heard, exchange, conversation_id, turn_id))
            heard = replace(last, turn_id=turn_id or 0, mark=mark, unsaid=tuple(exchange.said) if turn_id else ())
            tx.save_dialogue(conversation_id, heard.beside(dialogue.as_dict()))
            question = off_script_question(exchange, self.contact_policy) if self.may_word(BOT) else None
            return Heard(exchange.lines(), self._tone(exchange), question)

    def worded(self, heard: Heard) -> Heard:
        """The answer with what the language model says to its question. Waits for that, within the limits of the settings."""
        if heard.question is None or self.language_model is None:
            return heard
        text = self.language_model.line(heard.question)
        lines = [replace(each, text=text) if each.name == heard.question.outcome else each for each in heard.lines]
        return replace(heard, lines=lines)

    def _tone(self, exchange: Exchange) -> dict[str, str | None]:
        days = exchange.case.days_overdue(exchange.today)
        return {"stage": self.policy.stage(days), "debtor_type": exchange.case.debtor_type}

    def record_answer(
        self, conversation_id: str, turn_id: int, reading: dict[str, Any], lines: list[str], at: datetime
    ) -> bool:
        """Store how a message was understood and what the bot says to it, before that is delivered.

        An answer that is owed over a channel that pushes goes into the outbox in the same transaction, as far as the
        contact gate lets it out. False, with nothing said, when it does not, which calls for a human, when a human has
        taken over meanwhile, when the outbox has an answer to this message already, or when a later message, that another
        process has heard meanwhile, says that the number is somebody else's.

        Raises:
            DisclosureBlocked: a line names the debt to somebody who is not verified. Nothing is stored.
        """
        with self.store.transaction() as tx:
            conversation = tx.hold_conversation(conversation_id)
            tx.set_reading(turn_id, reading)
            is_owed = tx.end_owing(turn_id)
            if conversation.is_pushed and not is_owed and tx.outgoing(answer_id(turn_id)):
                return False  # he was told of a fault meanwhile, or this is the second try: nothing more goes out
            last = LastMessage.of(conversation)
            if last.unsaid and last.turn_id == turn_id:
                tx.save_dialogue(conversation_id, replace(last, unsaid=()).beside(conversation.dialogue))
            is_stranger = conversation.dialogue.get("situation") == "wrong_party"
            if conversation.holder not in MAY_SPEAK or (turn_id < last.turn_id and is_stranger):
                return False
            if not conversation.dialogue.get("verified"):
                _guard(conversation, tx.case(conversation.case_id), lines)
            if is_owed:
                lines = self._by_day_or_night(lines, at)
                decision = self._put_answer(tx, conversation, turn_id, lines, at)
                if decision.state == WITHHELD:  # he waits for an answer that the bot may not give: a person must look
                    call_human(tx, conversation_id, decision.verdict.refused[0], at)
                    return False
            self._put_lines(tx, conversation_id, turn_id, lines, at, answer_id(turn_id) if is_owed else None)
            tx.afterwards.append(partial(_note_answer, conversation, turn_id, len(lines), reading))
            return True

    def owes_answer(self, conversation_id: str, turn_id: int) -> bool:
        """Whether a message of this contact still waits for the bot's answer, which no crash or fault takes away."""
        with self.store.transaction() as tx:
            conversation = tx.conversation(conversation_id)
            last = LastMessage.of(conversation)
            if conversation.holder != "bot" and not (conversation.holder == HANDING_OVER and last.unsaid):
                return False
            waits = turn_id > last.turn_id or (turn_id == last.turn_id and bool(last.unsaid))
            return waits and turn_id in [turn.turn_id for turn in tx.turns(conversation_id)]

    def bot_may_speak(self, conversation_id: str) -> bool:
        """Whether no human has taken the conversation."""
        with self.store.transaction() as tx:
            return tx.conversation(conversation_id).holder in MAY_SPEAK


def _guard(conversation: ConversationRecord, case: Case, lines: list[str]) -> None:
    for line in lines:
        if word := reveals_debt(line, case):
            raise DisclosureBlocked(
                f"conversation {conversation.conversation_id}: {word!r} before verification"
            )


def _note_message(channel: str, conversation_id: str, turn_id: int) -> None:
    MESSAGES.labels("in", channel, "borrower").inc()
    logger.info("message.received", channel=channel, conversation=conversation_id, turn=turn_id)


def _note_heard(exchange: Exchange, conversation_id: str, turn_id: int | None) -> None:
    logger.info(
        "message.heard", conversation=conversation_id, turn=turn_id, intent=exchange.intent, says=exchange.said
    )


def _note_answer(conversation: ConversationRecord, turn_id: int, lines: int, reading: dict[str, Any]) -> None:
    MESSAGES.labels("out", conversation.channel, "bot").inc(lines)
    logger.info("message.answered", conversation=conversation.conversation_id, turn=turn_id, lines=lines)
    if reading.get("confidence") is not None:
        CONFIDENCE.labels("intent", band_of(reading["confidence"])).inc()


def _most_pressing(cases: list[Case]) -> Case:
    """The case a message is about when the sender has several: still worked on first, then the longest overdue."""
    return min(cases, key=lambda case: (case.status == "settled", case.due_date))
