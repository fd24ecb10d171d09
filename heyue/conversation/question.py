"""Questions of borrowers. Before verification only those are answered that tell nothing of a debt."""

from __future__ import annotations

from heyue.conversation import promise
from heyue.conversation.effects import Request
from heyue.conversation.exchange import Exchange

BEFORE_VERIFICATION = {
    "ask_who": "who_before",
    "ask_purpose": "purpose_before",
    "ask_scam": "scam",
    "ask_bot": "bot",
}
AFTER_VERIFICATION = {
    "ask_who": "who",
    "ask_purpose": "purpose",
    "ask_scam": "scam",
    "ask_bot": "bot",
    "ask_amount": "amount_due",
    "ask_calculation": "calculation",
    "ask_how_to_pay": "how_to_pay",
    "ask_instalments": "instalments",
    "ask_extension": "extension",
    "ask_waiver": "waiver",
    "ask_credit_record": "credit_record",
    "ask_consequences": "consequences",
}
# what a human must decide is taken down, never promised (N-01)
REQUESTS = {"ask_waiver": "waiver", "ask_instalments": "instalments", "ask_extension": "extension"}
HELD_INTENTS = frozenset(AFTER_VERIFICATION) - frozenset(BEFORE_VERIFICATION) - {"ask_amount"}


def hear(exchange: Exchange) -> None:
    """Answer the question of a verified borrower, then come back to what was open."""
    promise.note_reason(exchange)
    exchange.say(AFTER_VERIFICATION[exchange.intent])
    if kind := REQUESTS.get(exchange.intent):
        exchange.do(Request(kind))
    exchange.dialogue.unanswered = max(exchange.dialogue.unanswered - 1, 0)  # asking is taking part
    promise.ask_again(exchange)
