"""What the contact gate must know of a debtor, gathered from the store inside the transaction that decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from heyue.conduct.contact_facts import DEBTOR, NEVER_HEARD
from heyue.conduct.contact_gate import Known, Touch
from heyue.conduct.contact_policy import ContactPolicy
from heyue.conversation.facts import parts_fen
from heyue.ledger import ENDED, settle
from heyue.money import FEN_PER_YUAN, half_of
from heyue.policy import Policy
from heyue.records import Case, ConversationRecord, OutboundMessage, PromiseTerms, RecordedPromise, Turn
from heyue.settings import ZONE
from heyue.store import Tx
from heyue.store.debtor_queries import Debtor
from heyue.understanding.amounts import find_amounts
from heyue.understanding.signals import signals_of

TOUCHES_SINCE = timedelta(days=8)  # more than the gate counts over
LONG_AGO = timedelta(days=30)  # further back a message of the borrower opens nothing any more
STANDING = ("open", "due")
ANSWER_PREFIX = "reply:"
CONTACT_POINTS = {"sms": "phone", "wechat": "wechat", "wecom": "wechat"}  # of a case, by the channel that reaches them


@dataclass(frozen=True)
class Asking:
    """A message to be judged at a moment. `can_send`: whether there is a provider for its channel.

    `written_at`: when somebody wrote it; None: just now.
    """

    message: OutboundMessage
    at: datetime
    policy: Policy
    contact_policy: ContactPolicy
    can_send: bool
    written_at: datetime | None = None


def known_of(tx: Tx, asking: Asking) -> Known:
    """What is known of the debtor. A message to a stranger has no case: then only what its words need."""
    message, at = asking.message, asking.at
    heard_at, answered = _heard(tx, asking)
    if message.case_id is None:
        return Known(can_send=asking.can_send, last_heard_at=heard_at, answered=answered)
    case = tx.case(message.case_id)
    debtor = tx.debtor(case, message.address)
    address_state = _address_state(tx, case, message)
    today = at.astimezone(ZONE).date()
    promises = settle(tx.promises(case.case_id), tx.payments(case.case_id), today, asking.policy.promise)
    owed_fen = max(case.amount_due_fen - tx.paid_fen(case.case_id), 0)
    talk = _conversation(tx, asking)
    return Known(
        can_send=asking.can_send, case=case, owed_fen=owed_fen, role=DEBTOR if address_state else None,
        address_state=address_state, stops=_stops(tx, debtor, case, asking.contact_policy),
        opt_outs=tx.opt_outs_of(debtor), opted_out_since=_opted_out_since(tx, asking, debtor, talk), has_promise=any(each.state in STANDING for each in promises),
        last_interruption=_last_interruption(tx, case, promises), held_by_human=_is_held(tx, asking, case, talk),
        last_heard_at=heard_at, answered=answered,
        touches=[Touch(*each) for each in tx.touches(debtor, at - TOUCHES_SINCE)],
        is_first=tx.last_said_to(message.address, message.channel, _contact_began(asking, talk)) is None,
        is_verified=talk is not None and bool(talk.dialogue.get("verified")),
        ledger_fen=_ledger(tx, case, promises, owed_fen, talk), broken_rules=broken_rules(message.text),
    )  # fmt: skip


def _contact_began(asking: Asking, talk: ConversationRecord | None = None) -> datetime:
    """What was said before belongs to another contact; `talk` may run for longer, while a person has it."""
    began = asking.at - timedelta(hours=asking.policy.conduct.idle_hours_continue)
    return began if talk is None else min(began, talk.started_at)


def _opted_out_since(tx: Tx, asking: Asking, debtor: Debtor, talk: ConversationRecord | None) -> bool | None:
    """Whether he has refused after the message that this one answers, or after a person wrote it; also where that stands in
    the talk and nobody has worked on it yet. The bot heeds a refusal on any channel, a person one on this channel."""
    kind = asking.contact_policy.kinds.get(asking.message.kind)
    if kind is None or not (kind.answers or kind.by == "human"):
        return None
    said = [turn for turn in tx.turns(talk.conversation_id) if turn.speaker == "borrower"] if talk else []
    number = answered_turn(asking.message.message_id)
    answered = next((turn for turn in said if turn.turn_id == number), None)
    if answered is not None and _refuses(answered):
        return False  # this very message confirms it
    written_at = answered.at if answered else asking.written_at or asking.at
    later = [turn for turn in said if (turn.turn_id > answered.turn_id if answered else turn.at > written_at)]
    only = asking.message.channel if kind.by == "human" else None
    return any(map(_refuses, later)) or tx.has_opted_out_since(debtor, written_at, number, only)


def _refuses(turn: Turn) -> bool:
    return "opt_out" in signals_of(turn.text)


def answered_turn(message_id: str) -> int | None:
    """The borrower's message that an answer of the outbox is to; see answer_id."""
    number = message_id.removeprefix(ANSWER_PREFIX)
    return int(number) if number != message_id and number.isdigit() else None


def answer_id(turn_id: int) -> str:
    """The id under which the answer to a borrower's message stands in the outbox."""
    return f"{ANSWER_PREFIX}{turn_id}"


def _is_held(tx: Tx, asking: Asking, case: Case, talk: ConversationRecord | None) -> bool:
    """Whether a person has the talk that an answer belongs to (while it is handed over the bot says its farewell); for
    what is said unasked any talk of the case, or is about to."""
    kind = asking.contact_policy.kinds.get(asking.message.kind)
    if kind is not None and kind.answers:
        return talk is not None and talk.holder == "human"
    return tx.is_held_by_human(case.case_id)


def _heard(tx: Tx, asking: Asking) -> tuple[datetime, int]:
    """When the borrower last wrote on this channel, and how many free messages answered since."""
    where = (asking.message.address, asking.message.channel)
    heard_at = tx.last_heard(*where, asking.at - LONG_AGO)
    return (NEVER_HEARD, 0) if heard_at is None else (heard_at, tx.free_words_since(*where, heard_at))


def _conversation(tx: Tx, asking: Asking) -> ConversationRecord | None:
    """The contact that the message belongs to; for one of its own accord the last at this address, if it still runs."""
    message = asking.message
    if message.conversation_id is not None:
        return _own_talk(tx, message, message.conversation_id)
    latest: ConversationRecord | None = tx.latest_conversation(message.address)
    runs = latest is not None and latest.case_id == message.case_id and latest.last_turn_at >= _contact_began(asking)
    return latest if runs else None


def _own_talk(tx: Tx, message: OutboundMessage, conversation_id: str) -> ConversationRecord | None:
    """The named contact, unless it is one with somebody else or about another case: it proves nothing then."""
    talk: ConversationRecord = tx.conversation(conversation_id)
    here = tx.keys.address_hash(tx.address_of(conversation_id))
    is_own = talk.case_id == message.case_id and here == tx.keys.address_hash(message.address)
    return talk if is_own else None


def _address_state(tx: Tx, case: Case, message: OutboundMessage) -> str | None:
    """How the address stands among the case's contact points of the message's channel; None when it is none of them."""
    wanted, way = tx.keys.address_hash(message.address), CONTACT_POINTS.get(message.channel)
    for point in tx.contact_points(case.case_id):
        if point.channel == way and tx.keys.address_hash(point.address) == wanted:
            return point.state
    return None


def _stops(tx: Tx, debtor: Debtor, case: Case, policy: ContactPolicy) -> dict[str, datetime]:
    """The states that hold for this case: its own, and those of the debtor's other cases that hold for the person."""
    found: dict[str, datetime] = {}
    for case_id, state, at in tx.stops_of(debtor.case_ids):
        rule = policy.stop_states.get(state)
        if case_id == case.case_id or rule is None or rule.of_debtor:
            found[state] = max(at, found.get(state, at))
    return found


def _last_interruption(tx: Tx, case: Case, promises: list[RecordedPromise]) -> date:
    """The last day from which three years count anew: due date, a payment, a promise (L-11; demands are not relied on)."""
    paid = [moment.astimezone(ZONE).date() for moment, paid_fen in tx.payments(case.case_id) if paid_fen > 0]
    promised = [promise.recorded_at.astimezone(ZONE).date() for promise in promises]
    return max([case.due_date, *paid, *promised])


def _ledger(
    tx: Tx, case: Case, promises: list[RecordedPromise], owed_fen: int, conversation: ConversationRecord | None
) -> frozenset[int]:
    """The sums that may be named: of the case, its promises and payments, and in a talk what the borrower offered."""
    sums = {case.amount_due_fen, owed_fen, half_of(case.amount_due_fen), half_of(owed_fen)}
    if case.minimum_due_fen is not None:
        sums.add(case.minimum_due_fen)
    for promise in promises:
        if promise.state not in ENDED:
            sums |= {promise.amount_due_fen, promise.paid_fen, promise.amount_due_fen - promise.paid_fen}
    sums |= {abs(paid_fen) for _, paid_fen in tx.payments(case.case_id)}
    return frozenset(sums | (_offered(tx, case, conversation) if conversation else set()))


def _offered(tx: Tx, case: Case, conversation: ConversationRecord) -> set[int]:
    """The sums that the borrower spoke of, and those of the promise under way."""
    terms = [PromiseTerms.from_dict(each) for each in conversation.dialogue.get("terms", [])]
    said = [
        mention.amount
        for turn in tx.turns(conversation.conversation_id)
        if turn.speaker == "borrower"
        for mention in find_amounts(turn.text)
    ]
    numbers = {int(Decimal(amount) * FEN_PER_YUAN) for amount in said if amount[:1].isdigit()}
    return numbers.union(parts_fen(terms, case))


def broken_rules(text: str) -> tuple[str, ...]:
    """The rules that a line breaks. The first time loads the model (1 s and more): better not inside a transaction."""
    from heyue.conduct.line_check import check_line  # nothing else here needs the model

    return tuple(violation.rule for violation in check_line(text))
