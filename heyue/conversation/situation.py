"""What borrowers do instead of promising: paid already, dispute, not my loan, cannot, will not, bereaved, unwell."""

from __future__ import annotations

import re

from heyue.conversation import promise
from heyue.conversation.dialogue import CLOSED, SETTLED
from heyue.conversation.effects import HandOver, NoteCase, Request, Stop
from heyue.conversation.exchange import Exchange

HELD_INTENTS = frozenset(
    {"already_paid", "dispute_amount", "not_my_loan", "cannot_pay_now", "cannot_pay_long", "refuse_to_pay"}
)
DISTRESSED = frozenset({"distress", "cannot_pay_now", "cannot_pay_long"})

# a favour is asked for, and nothing is said to be wrong
FAVOUR = re.compile("帮[我忙你着]|麻烦|问[问下声一]|申请|反映|争取|求[你您]")
CONTESTS = re.compile("不对|不是|错|不认|不符|不合理|多[收扣算要]|凭[什啥]|为[什啥]|异议|有问题|离谱|对不上|算清|核清|请改|更正")

# intent -> outcome said, situation and reason noted, state that stops reminders
CHECKED_BY_HUMAN = {
    "already_paid": ("already_paid", "already_paid", None, "ALREADY_PAID_REVIEW"),
    "dispute_amount": ("dispute_noted", "dispute", "dispute", "DISPUTE"),
    "not_my_loan": ("not_my_loan_noted", "dispute", "fraud", "DISPUTE"),
}


def hear(exchange: Exchange) -> None:
    """A verified borrower names his situation instead of a promise."""
    intent = exchange.intent
    if intent == "dispute_amount" and FAVOUR.search(exchange.text) and not CONTESTS.search(exchange.text):
        ask_for_waiver(exchange)
    elif intent in CHECKED_BY_HUMAN:
        hear_claim(exchange)
    elif intent in ("cannot_pay_now", "cannot_pay_long"):
        hear_inability(exchange)
    elif intent == "refuse_to_pay":
        hear_refusal(exchange)
    else:
        hear_distress(exchange)


def ask_for_waiver(exchange: Exchange) -> None:
    """A fee is spoken of but not contested ("罚息那个帮我问问"): taken down as a request, reminders need not stop."""
    exchange.say("waiver")
    exchange.do(Request("waiver"))
    promise.ask_again(exchange)


def hear_claim(exchange: Exchange) -> None:
    """Something a human must check: reminders pause until then (compliance C, dispute of the debt)."""
    outcome, situation, reason, state = CHECKED_BY_HUMAN[exchange.intent]
    dialogue = exchange.dialogue
    dialogue.situation = situation
    dialogue.reason = dialogue.reason or reason
    exchange.do(Stop(state))
    exchange.do(NoteCase(situation=situation, reason=dialogue.reason, status="human"))
    dialogue.stage, dialogue.unanswered = SETTLED, 0
    exchange.say(outcome)
    exchange.ask("anything_else")


def hear_inability(exchange: Exchange) -> None:
    """He cannot pay: explain the hardship channel, ask once what is possible, then let a human decide (S-02, N-01)."""
    dialogue = exchange.dialogue
    promise.note_reason(exchange)
    dialogue.pleas += 1
    dialogue.situation = (
        "unable_long" if exchange.intent == "cannot_pay_long" else dialogue.situation or "unable_short"
    )
    exchange.do(NoteCase(situation=dialogue.situation, reason=dialogue.reason))
    if dialogue.pleas == 1:
        exchange.do(Request("hardship"))
        exchange.say("hardship_explained")
        ask_why_or_when(exchange)
        return
    exchange.do(Stop("HARDSHIP_REVIEW"))
    end_with_human(exchange, "hardship_to_human", "hardship request")


def hear_distress(exchange: Exchange) -> None:
    """Illness, grief or despair: care first; the second time reminders stop and a human follows up."""
    dialogue = exchange.dialogue
    promise.note_reason(exchange)
    dialogue.pleas += 1
    if dialogue.pleas == 1:
        exchange.say("hear_distress")
        promise.ask_again(exchange)
        return
    dialogue.situation = dialogue.situation or "unable_short"
    exchange.do(Stop("HARDSHIP_REVIEW"))
    exchange.do(NoteCase(situation=dialogue.situation, reason=dialogue.reason))
    end_with_human(exchange, "distress_to_human", "borrower in distress")


def hear_refusal(exchange: Exchange) -> None:
    """He will not pay: hear why, explain once, never press; the second refusal goes to a human."""
    dialogue = exchange.dialogue
    promise.note_reason(exchange)
    dialogue.refusals += 1
    dialogue.situation = "broken_promises" if exchange.case.broken_promises >= 2 else "unwilling"
    exchange.do(NoteCase(situation=dialogue.situation, reason=dialogue.reason or "unwilling"))
    if dialogue.refusals == 1:
        exchange.say("refusal_heard")
        ask_why_or_when(exchange)
    else:
        end_with_human(exchange, "refusal_to_human", "refuses to pay")


def ask_why_or_when(exchange: Exchange) -> None:
    """First why, so that the human who takes over knows; where that is known, what could be done and when."""
    dialogue = exchange.dialogue
    declined = dialogue.reason is None and dialogue.reason_settled
    known = dialogue.reason not in (None, "unwilling")  # "不还" is no cause
    exchange.ask("when" if known or declined else "reason")


def end_with_human(exchange: Exchange, outcome: str, note: str) -> None:
    """Close the contact and give it to a human; the bot says nothing more."""
    exchange.say(outcome)
    exchange.do(NoteCase(status="human"))
    exchange.do(HandOver(note))
    exchange.dialogue.stage, exchange.dialogue.asked = CLOSED, None
