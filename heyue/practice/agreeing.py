"""How a debtor comes to an agreement: what he confirms, accepts, settles and adds."""

from __future__ import annotations

from dataclasses import replace

from heyue.practice.answer import ASKS, Answer, Now, is_dated
from heyue.practice.bargaining import Reply, reply_to
from heyue.practice.reactions import is_hot, is_ready
from heyue.practice.state import Agreed, Terms


def confirms(now: Now) -> Answer | None:
    """What he promised is read back to him: concrete once he has said yes to day and sum."""
    promise, offer = now.state.promise, now.heard.offer
    if promise is None or promise.day is None or (now.heard.does("counter_offer") and offer != promise[:2]):
        return None
    if not now.heard.does("read_back", "accept_offer") and offer == Terms():
        return None
    own = Terms(promise.day, promise.amount_fen)
    if _agrees(offer, own):
        is_concrete = promise.is_concrete or offer == own
        return Answer("confirm_yes", replace(now.state, promise=promise._replace(is_concrete=is_concrete)))
    if now.heard.does("read_back") or promise.is_concrete:
        return Answer("confirm_change", now.state, own)
    return None


def _agrees(said: Terms, own: Terms) -> bool:
    """Whether what was said is his own day and sum, as far as it was said."""
    return said.day in (None, own.day) and said.amount_fen in (None, own.amount_fen)


def accepts(now: Now) -> Answer | None:
    """His own proposal is accepted: he is taken at his word."""
    proposal, offer = now.state.proposal, now.heard.offer
    if proposal is None or is_dated(now.state.promise) or now.heard.does("counter_offer"):
        return None
    matches = offer != Terms() and _agrees(offer, proposal)
    if not (matches or (now.heard.does("accept_offer") and _agrees(offer, proposal))):
        return None
    first = reply_to(now.persona.card, Terms(), now.today, now.level.opening_share).terms
    amount = proposal.amount_fen or (now.persona.case.amount_due_fen if proposal.day else first.amount_fen)
    return _promises(now, Terms(proposal.day or first.day, amount), offer)


def negotiates(now: Now) -> Answer | None:
    """Asked for a day or a sum, or offered one: who is ready agrees or bargains, who is not stalls in his own way."""
    offers = now.heard.offer != Terms()
    ready = is_ready(now.state, now.persona, now.level)
    if not (offers or now.heard.does(*ASKS) or (ready and now.heard.does("open_question", "accept_offer"))):
        return None
    if is_dated(now.state.promise):
        return _raises(now) if now.heard.does("counter_offer") or offers else None
    if ready:
        return _settles(now, reply_to(now.persona.card, now.heard.offer, now.today, _share(now)))
    return None


def _share(now: Now) -> float:
    """Once asked for more he admits to all that he can pay."""
    return 1.0 if now.state.times("counter_offer") else now.level.opening_share


def _settles(now: Now, reply: Reply) -> Answer:
    if reply.asks_for is None:
        return _promises(now, reply.terms, now.heard.offer)
    return Answer(
        "bargain", replace(now.state, proposal=reply.terms), reply.terms, frozenset({reply.asks_for})
    )


def _promises(now: Now, terms: Terms, offer: Terms) -> Answer:
    is_concrete = offer == terms and now.heard.does("read_back")
    promise = Agreed(terms.day, terms.amount_fen, is_concrete)
    return Answer("promise_dated", replace(now.state, promise=promise, proposal=None), terms)


def _raises(now: Now) -> Answer | None:
    """Asked for more than he promised: he adds what he kept back, once; then it is all he can."""
    promise = now.state.promise
    if promise is None or promise.day is None:
        return None
    own, offer = Terms(promise.day, promise.amount_fen), now.heard.offer
    more = None if now.heard.does("counter_offer") else own.amount_fen
    reply = reply_to(now.persona.card, Terms(offer.day or own.day, offer.amount_fen or more), now.today, 1.0)
    if reply.asks_for is None and reply.terms != own and not is_hot(now.state):
        return _promises(now, reply.terms, now.heard.offer)
    return Answer("confirm_change", now.state, own)
