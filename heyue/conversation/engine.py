"""Hear one message: safety first, then identity, and only then the flow that the dialogue rules chose."""

from __future__ import annotations

from collections.abc import Callable

from heyue.conversation import identity, promise, question, service, situation, smalltalk
from heyue.conversation.dialogue import CLOSED, IDENTITY, SETTLED
from heyue.conversation.exchange import Exchange

FLOWS: dict[str, Callable[[Exchange], None]] = {
    "identity": identity.hear,
    "promise": promise.hear,
    "situation": situation.hear,
    "question": question.hear,
    "service": service.hear,
    "smalltalk": smalltalk.hear,
    "fallback": smalltalk.hear_unclear,
}


def hear(exchange: Exchange, flow: str) -> None:
    """Answer one message of the borrower, moving the dialogue on and adding lines and effects.

    Raises:
        KeyError: `flow` is none of FLOWS (a rule names an action that does not exist).
    """
    chosen = FLOWS[flow]
    reopen(exchange)
    introduce(exchange)
    if service.hear_urgent(exchange):
        return
    if identity.is_known_wrong_party(exchange):
        exchange.say("wrong_party_again")
    elif not exchange.dialogue.verified:
        identity.hear_unverified(exchange, flow)
    elif identity.repeats_digits(exchange):
        identity.hear_digits_again(exchange)
    elif flow != "promise" and promise.has_content(exchange):
        promise.hear(exchange)
    else:
        chosen(exchange)


def introduce(exchange: Exchange) -> None:
    """The first thing said is who writes, that it is an automated assistant, and how to refuse (I-01, A-01, A-11)."""
    if not exchange.dialogue.introduced:
        exchange.dialogue.introduced = True
        exchange.say("introduction")


def reopen(exchange: Exchange) -> None:
    """A message soon after the close goes on where the contact ended."""
    if exchange.dialogue.stage == CLOSED:
        exchange.dialogue.stage = SETTLED if exchange.dialogue.verified else IDENTITY
