"""The use cases of a contact: a message comes in, is answered, and the answer is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

import structlog

from heyue.conduct.disclosure import reveals_debt
from heyue.conversation import engine
from heyue.conversation.dialogue import CLOSED, Dialogue
from heyue.conversation.exchange import Exchange, Line
from heyue.conversation.off_script import OffScriptAnswer, off_script_question
from heyue.conversation.outcomes import DisclosureBlocked
from heyue.desk.carry_out import carry_out
from heyue.desk.contact_known import answer_id
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
LAST_MESSAGE = "last_message"  # where LastMessage stands in what is stored of a dialogue


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
    """

    outcome: str
    conversation_id: str = ""
    session_id: str = ""
    turn_id: int = 0
    first_time: bool = False
    said_meanwhile: tuple[str, ...] = ()
    is_owed: bool = False


@dataclass(frozen=True)
class Heard:
    """The bot's answer to one message: the lines to say and the tone that chooses between their wordings.

    `question`: what a language model may be asked, where one of the lines says that the bot has no answer.
    """

    lines: list[Line]
    tone: dict[str, str | None]
    question: OffScriptAnswer | None = None


@dataclass(frozen=True)
class LastMessage:
    """The message taken in last. Kept beside the dialogue, so that one that comes again after a crash is not taken in
    twice ("5126" would be the digits first and then a sum): it gets the answer that was lost.

    `unsaid`: the outcomes of its answer until that stands in the transcript; `mark`: a keyed hash of its text.
    """

    turn_id: int = 0
    mark: str = ""
    unsaid: tuple[str, ...] = ()

    @staticmethod
    def of(conversation: ConversationRecord) -> LastMessage:
        raw = conversation.dialogue.get(LAST_MESSAGE, {})
        return LastMessage(**(raw | {"unsaid": tuple(raw.get("unsaid", ()))}))

    def lost_answer(self, holder: str, mark: str) -> tuple[str, ...]:
        """The answer to give again to a message of this mark; whatever is written, a farewell is still said."""
        return self.unsaid if holder == HANDING_OVER or (holder == "bot" and mark == self.mark) else ()

    def beside(self, dialogue: dict[str, Any]) -> dict[str, Any]:
        """What is stored of a dialogue whose last message this is."""
        return dialogue | {LAST_MESSAGE: {"turn_id": self.turn_id, "mark": self.mark, "unsaid": self.unsaid}}


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
            return self._receive(tx, Arrived(channel, address, text, at, message_key), pushes)

    def receive_together(self, arrived: Sequence[Arrived]) -> list[Received | Exception]:
        """Store messages of channels that push, in one transaction: what became of each, in their order.

        One that cannot be stored does not keep the others out. When this returns all others are safe.

        Raises:
            StoreUnavailable: the store did not answer; none is stored.
        """
        with self.store.transaction() as tx:
            # by address, as every process does it: two that bring the same messages never wait for each other in a circle
            found = {place: self._received_apart(tx, arrived[place]) for place in _by_address(arrived)}
        return [found[place] for place in range(len(arrived))]

    def _received_apart(self, tx: Tx, message: Arrived) -> Received | Exception:
        try:
            with tx.apart():
                return self._receive(tx, message, pushes=True)
        except Exception as error:  # whatever is wrong with this one: whoever brought it is told
            return error

    def _receive(self, tx: Tx, message: Arrived, pushes: bool) -> Received:
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
        meanwhile = _said_meanwhile(tx, conversation, turn_id) if said else ()
        is_owed = pushes and not is_new and tx.is_owed(turn_id)
        return Received(
            outcome, conversation.conversation_id, session_id, turn_id, said_meanwhile=meanwhile, is_owed=is_owed
        )

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
            conversation, case = tx.conversation_and_case(conversation_id)
            last, mark = LastMessage.of(conversation), tx.keys.address_hash(reading.text).hex()
            lost = last.lost_answer(conversation.holder, mark)
            is_answered = turn_id is not None and turn_id == last.turn_id and not lost
            if is_answered or (conversation.holder != "bot" and not lost):
                return Heard([], {})
            dialogue = _dialogue(conversation)
            exchange = Exchange(
                case, self.policy, at, dialogue, intent, confidence, reading, conversation.channel
            )
            for outcome in lost:
                exchange.say(outcome)
            if not lost:
                engine.hear(exchange, flow)
                carry_out(exchange, tx, conversation, turn_id)
            tx.afterwards.append(partial(_note_heard, exchange, conversation_id, turn_id))
            heard = LastMessage(turn_id or 0, mark, tuple(exchange.said) if turn_id else ())
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
        taken over meanwhile, or when the outbox has an answer to this message already.

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
            if conversation.holder not in MAY_SPEAK:
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


def _by_address(arrived: Sequence[Arrived]) -> list[int]:
    """The places of messages, sorted by whose they are; those of one person stay in their order."""
    return sorted(range(len(arrived)), key=lambda place: arrived[place].address)


def _said_meanwhile(tx: Tx, conversation: ConversationRecord, turn_id: int) -> tuple[str, ...]:
    """The human's lines between a message of the borrower and the one before. The same message gives the same lines."""
    before = [turn for turn in tx.turns(conversation.conversation_id) if turn.turn_id < turn_id]
    since = takewhile(lambda turn: turn.speaker != "borrower", reversed(before))
    return tuple(turn.text for turn in since if turn.speaker == "collector")[::-1]


def _dialogue(conversation: ConversationRecord) -> Dialogue:
    return Dialogue.from_dict(
        {name: value for name, value in conversation.dialogue.items() if name != LAST_MESSAGE}
    )


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
