"""The use cases of collectors: to watch the running conversations, to take one over, to speak, to give it back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from heyue.access.people import User
from heyue.conduct.line_facts import UNKNOWN, LineFacts
from heyue.conduct.rules import rules
from heyue.desk.base import require
from heyue.desk.going_on import go_on
from heyue.desk.last_message import LastMessage
from heyue.desk.masking import masked_case, masked_reading, masked_talk, masked_text, masked_turns
from heyue.desk.outbox import Decision, NotPermitted, OutboxDesk
from heyue.desk.unsent import waiting_marked
from heyue.errors import Refused, UnknownConversation
from heyue.ledger import settle
from heyue.policy import Policy
from heyue.records import (
    Case,
    ConversationRecord,
    ListedTalk,
    OutboundMessage,
    RecordedPromise,
    TalkReading,
    Turn,
)
from heyue.store import Tx
from heyue.watch.metrics import MESSAGES

RUNNING_HOURS = 24
MOST_LISTED = 200
DEMONSTRATION = "DEMO-"  # how the numbers of demonstration cases begin


class NotHeld(Refused):
    """Only who has taken a conversation over speaks in it and gives it back."""


@dataclass(frozen=True)
class OpenTalk:
    """One conversation on the screen. `case`: None where the store has none.

    `promises`: as they stand now, also ended ones. `stops`: states that stop reminders. `note`: of who had it before.
    """

    listed: ListedTalk
    turns: list[Turn]
    reading: TalkReading | None
    case: Case | None
    promises: list[RecordedPromise]
    stops: list[str]
    note: str | None = None

    @property
    def conversation(self) -> ConversationRecord:
        return self.listed.conversation

    def masked(self) -> OpenTalk:
        """The same with personal data masked."""
        return replace(
            self,
            listed=masked_talk(self.listed),
            turns=masked_turns(self.turns, self.case),
            reading=self.reading and masked_reading(self.reading, self.case),
            case=self.case and masked_case(self.case),
        )


@dataclass(frozen=True)
class HeldBy:
    """Somebody else has taken the conversation over already."""

    handler: str


@dataclass(frozen=True)
class BrokenRule:
    """A rule that a draft breaks: its words and where they stand, the rule's name and source, what to say instead."""

    rule: str
    text: str
    span: tuple[int, int]
    name: str
    source: str
    instead: str


class LiveDesk(OutboxDesk):
    """Conversations that humans watch and take over."""

    def running_talks(self, user: User, at: datetime) -> list[ListedTalk]:
        """The conversations that run, of those that the user may see, the latest first; names masked."""
        with self.store.reading() as tx:
            running = tx.running_talks(at - timedelta(hours=RUNNING_HOURS), MOST_LISTED)
            found = [each for each in running if sees(user, each.conversation)]
            cut_off = tx.cut_off_talks([each.conversation.conversation_id for each in found])
        return [
            replace(masked_talk(each), is_cut_off=each.conversation.conversation_id in cut_off) for each in found
        ]

    def open_talk(self, user: User, conversation_id: str, at: datetime) -> OpenTalk:
        """One conversation with all that is known of it; the look is audited.

        Raises:
            UnknownConversation: there is none that the user may see.
        """
        with self.store.transaction() as tx:
            found = self._talk(tx, user, conversation_id, at)
            tx.audit("conversation_viewed", at, case_id=found.conversation.case_id,
                     conversation_id=conversation_id, actor=user.login)  # fmt: skip
            return found

    def refresh_talk(self, user: User, conversation_id: str, at: datetime, is_masked: bool = True) -> OpenTalk:
        """The same conversation again, for a screen that shows it already, masked or not."""
        if not is_masked:
            require(user, "unmask")
        with self.store.reading() as tx:
            return self._talk(tx, user, conversation_id, at, is_masked)

    def _talk(
        self, tx: Tx, user: User, conversation_id: str, at: datetime, is_masked: bool = True
    ) -> OpenTalk:
        found = talk_as_it_stands(tx, conversation_id, at, self.policy, user)
        if not sees(user, found.conversation):
            raise UnknownConversation(f"no conversation has the id {conversation_id!r}")
        return found.masked() if is_masked else found

    def unmask(self, user: User, conversation_id: str, at: datetime) -> OpenTalk:
        """The conversation with its personal data; audited.

        Raises:
            NotAllowed: the role may not. UnknownConversation: there is none that the user may see.
        """
        require(user, "unmask")
        with self.store.transaction() as tx:
            found = self._talk(tx, user, conversation_id, at, is_masked=False)
            tx.audit("conversation_unmasked", at, case_id=found.conversation.case_id,
                     conversation_id=conversation_id, actor=user.login)  # fmt: skip
            return found

    def take_over(self, user: User, conversation_id: str, at: datetime) -> HeldBy | None:
        """The user takes the conversation; from this moment the bot is silent. Who was quicker is named, but gives way to a lead.

        Raises:
            NotAllowed: the role may not. UnknownConversation: there is none.
        """
        require(user, "take_over")
        with self.store.transaction() as tx:
            conversation = tx.hold_conversation(conversation_id)
            is_held = conversation.holder == "human" and conversation.handler != user.login
            if is_held and not user.role.may("assign"):  # who assigns work may free a talk of somebody absent
                return HeldBy(conversation.handler or "")
            if not sees(user, conversation):
                raise UnknownConversation(f"no conversation has the id {conversation_id!r}")
            tx.set_holder(conversation_id, "human", at, user.login)
            tx.assign_talk(conversation_id, user.login)
            return None

    def hand_back(self, user: User, conversation_id: str, at: datetime, note: str) -> None:
        """The user gives the conversation back to the bot, with a note for the file; and its case to outreach, see go_on.

        Raises:
            NotHeld: it is not in the user's hands, or was never the bot's.
        """
        with self.store.transaction() as tx:
            conversation = self._held(tx, user, conversation_id)
            case = tx.case(conversation.case_id) if conversation.case_id else None
            tx.set_holder(conversation_id, "bot", at, user.login, masked_text(note, case))
            last = replace(LastMessage.of(conversation), handed_back=tx.last_turn_id(conversation_id))
            tx.save_dialogue(conversation_id, last.beside(conversation.dialogue))
            tx.finish_talk(conversation_id, user.login, at)
            if case is not None and case.status == "human":
                go_on(tx, case, at, self.contact_policy, user.login, conversation_id)

    def broken_rules(self, user: User, conversation_id: str, draft: str) -> list[BrokenRule]:
        """The rules that a draft would break if it were said in this conversation."""
        if not draft.strip():
            return []
        with self.store.reading() as tx:
            conversation = tx.conversation(conversation_id)
            case = tx.case(conversation.case_id) if conversation.case_id else None
        if not sees(user, conversation):
            raise UnknownConversation(f"no conversation has the id {conversation_id!r}")
        return broken_rules(draft, conversation, case)

    def say(
        self, user: User, conversation_id: str, text: str, at: datetime, override: str | None = None
    ) -> list[BrokenRule]:
        """Say a line to the borrower, unless it breaks a rule: then nothing is said and the rules come back.

        On a channel that pushes it goes through the contact gate into the outbox; elsewhere it is said with the next answer.

        Args:
            override: why the line is to be said all the same; audited with the rules.

        Raises:
            NotHeld: the conversation is not in the user's hands. NotAllowed: the role may not override.
            NotPermitted: the contact gate says no; nothing is said.
        """
        if override:
            require(user, "override_line")
        with self.store.transaction() as tx:
            conversation = self._held(tx, user, conversation_id)
            case = tx.case(conversation.case_id) if conversation.case_id else None
            broken = broken_rules(text, conversation, case)
            if broken and override is None:
                return broken
            pushed = self._push(tx, conversation, text, at, [each.rule for each in broken])
            refused = None if pushed is None or pushed.verdict.allowed else pushed.verdict.refused[0]
            if refused is None:
                outgoing_id = pushed.message_id if pushed else None
                turn_id, _ = tx.add_turn(conversation_id, "collector", text, at, outgoing_id=outgoing_id)
                tx.afterwards.append(MESSAGES.labels("out", conversation.channel, "collector").inc)
                if broken and override is not None:
                    tx.audit("rule_overridden", at, case_id=conversation.case_id, conversation_id=conversation_id,
                             turn_id=turn_id, actor=user.login,
                             details={"rules": [each.rule for each in broken], "why": masked_text(override, case)})  # fmt: skip
        if refused is not None:  # raised once the gate's no stands in the log
            raise NotPermitted(refused, self.contact_policy.says(refused))
        return []

    def _push(
        self, tx: Tx, conversation: ConversationRecord, text: str, at: datetime, overridden: list[str]
    ) -> Decision | None:
        """Put a collector's line into the outbox where the contact runs over a channel that pushes.

        Without a provider here the gate says no: such a contact takes no line along with its next answer.
        """
        if not conversation.is_pushed:
            return None
        message = OutboundMessage(
            f"human:{uuid.uuid4().hex}", conversation.case_id, conversation.channel,
            tx.address_of(conversation.conversation_id), "human", text, conversation.conversation_id,
        )  # fmt: skip
        return self._put(tx, message, at, overridden=frozenset(overridden), may_wait=False)

    def _held(self, tx: Tx, user: User, conversation_id: str) -> ConversationRecord:
        conversation = tx.hold_conversation(conversation_id)
        if conversation.origin != "bot":
            raise NotHeld("a talk that is led elsewhere is answered there")
        if conversation.holder != "human" or conversation.handler != user.login:
            raise NotHeld("the conversation is not in your hands: take it over first")
        return conversation


def talk_as_it_stands(tx: Tx, conversation_id: str, at: datetime, policy: Policy, user: User | None = None) -> OpenTalk:
    """All that is known of a conversation, unmasked. `user`: who looks; None where nobody is shown it as it is.

    Raises:
        UnknownConversation: there is none of this id, or it is restricted and the user's role sees no such ones.
    """
    listed = tx.listed_talk(conversation_id)
    if listed is None or (user and is_withheld(user, listed.conversation)):
        raise UnknownConversation(f"no conversation has the id {conversation_id!r}")
    case_id = listed.conversation.case_id
    case = tx.case(case_id) if case_id else None
    promises = tx.promises(case.case_id) if case else []
    payments = tx.payments(case.case_id) if case else []
    return OpenTalk(
        listed, waiting_marked(tx.turns(conversation_id), listed.conversation), tx.reading(conversation_id), case,
        settle(promises, payments, at.date(), policy.promise), tx.stops(case.case_id) if case else [],
        tx.last_note(conversation_id),
    )  # fmt: skip


def is_withheld(user: User, conversation: ConversationRecord) -> bool:
    """Whether a conversation is settled and only kept by law, and the user is not of those who may still see it."""
    return conversation.is_restricted and not user.role.may("see_restricted")


def sees(user: User, conversation: ConversationRecord) -> bool:
    """Whether the user's role lets this conversation be seen (roles.yml)."""
    if is_withheld(user, conversation):
        return False
    reach = user.role.sees
    if reach == "own":
        return conversation.holder != "human" or conversation.handler == user.login
    is_demonstration = (conversation.case_id or "").startswith(DEMONSTRATION)
    return reach == "all" or (reach == "demonstration" and is_demonstration)


def broken_rules(draft: str, conversation: ConversationRecord, case: Case | None) -> list[BrokenRule]:
    """The rules that a line breaks by its words, or by naming the debt before the borrower is verified."""
    from heyue.conduct.fact_check import check_line_of  # loads the model: not for the bot

    is_unverified = conversation.origin == "bot" and not conversation.dialogue.get("verified")
    facts = UNKNOWN
    if case and is_unverified:
        facts = LineFacts(
            verified_identity=False, creditor=case.creditor, product=case.product, id_last4=case.id_last4
        )
    return [described(each.rule, each.text, each.span) for each in check_line_of(draft, facts)]


def described(rule: str, text: str, span: tuple[int, int]) -> BrokenRule:
    """A broken rule with what the screen says of it."""
    return BrokenRule(rule, text, span, rules()[rule].name, rules()[rule].source, rules()[rule].instead)
