"""What goes before everything else: danger to life, death, a human, a complaint, no more messages."""

from __future__ import annotations

from heyue.conversation import situation
from heyue.conversation.dialogue import CLOSED
from heyue.conversation.effects import HandOver, NoteCase, OptOut, Stop
from heyue.conversation.exchange import Exchange

SURE = 0.6

# intent -> outcome said, state that stops reminders, situation noted, note for the human (None: no human needed)
ENDINGS: dict[str, tuple[str, str | None, str | None, str | None]] = {
    "self_harm": ("crisis", "SELF_HARM", None, "self-harm words: call at once"),
    "deceased": ("deceased", "DECEASED", "deceased", "borrower reported dead"),
    "want_human": ("to_human", None, None, "asks for a human"),
    "complaint": ("complaint_noted", "COMPLAINT_OPEN", None, "complaint"),
    "opt_out": ("opted_out", "OPTED_OUT", None, None),
}


def hear_urgent(exchange: Exchange) -> bool:
    """Carry out an ending that holds at any moment, verified or not. True when the contact has ended."""
    ending = ENDINGS.get(exchange.intent)
    if ending is None or is_about_another(exchange) or is_in_doubt(exchange):
        return False
    outcome, stop, new_situation, note = ending
    exchange.say(outcome)
    if exchange.intent == "opt_out":
        exchange.do(OptOut())
    if stop:
        exchange.do(Stop(stop))
    # an opt-out leaves the case as it stands: it ends some day, and until then the gate holds every message back
    status = "human" if note else None
    exchange.do(NoteCase(situation=new_situation, reason=exchange.dialogue.reason, status=status))
    if note:
        exchange.do(HandOver(note))
    exchange.dialogue.situation = new_situation or exchange.dialogue.situation
    exchange.dialogue.stage, exchange.dialogue.asked = CLOSED, None
    return True


def is_about_another(exchange: Exchange) -> bool:
    """A verified borrower is alive: the death he speaks of is another's, unless the words are plain."""
    return (
        exchange.intent == "deceased"
        and exchange.dialogue.verified
        and "deceased" not in exchange.reading.signals
    )


def is_in_doubt(exchange: Exchange) -> bool:
    """Death and self-harm end the contact on plain words or a sure reading, not on a guess ("烦死了")."""
    if exchange.intent not in ("self_harm", "deceased") or exchange.intent in exchange.reading.signals:
        return False
    return exchange.confidence < SURE


def hear(exchange: Exchange) -> None:
    """A death in the family of a verified borrower: care first, as for any distress."""
    situation.hear_distress(exchange)
