"""What the intent model sees of a reading, and the signals that need no model. No Rasa in here."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from heyue.understanding.linear_text import mask
from heyue.understanding.reading import READ_CHARACTERS, Reading
from heyue.understanding.reasons import worded_reasons
from heyue.understanding.signals import near_misses_of, without_idioms

TRAINING_NOW = datetime(2026, 11, 18, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # an ordinary Wednesday
OVERRIDING_SIGNALS = {
    "media": "media",
    "silence": "silence",
    "emoji_only": "emoji_only",
    "self_harm": "self_harm",
    "opt_out": "opt_out",
}
STOP_ANYWAY = frozenset({"deceased", "wrong_number", "third_party"})
ROUND_NUMBER = re.compile(r"\d+00")
FAREWELL_NUMBERS = frozenset({"88", "886", "3166"})
QUESTION = re.compile(r"[?？]|[吗嘛么呢][。.!！~ ]*$")
BRIEF, SHORT, LONG = 2, 5, 25


class IntentInput(NamedTuple):
    """What the model is trained on and asked with."""

    masked: str
    flags: tuple[str, ...]


def intent_input(reading: Reading) -> IntentInput:
    """The masked text and the flags of one reading."""
    text = reading.text[:READ_CHARACTERS]
    masked = mask(text, (day.span for day in reading.dates), (amount.span for amount in reading.amounts))
    masked = without_idioms(masked)
    return IntentInput(masked, tuple(sorted(_flags(reading, masked))))


def _flags(reading: Reading, masked: str) -> set[str]:
    digits = bool(reading.id_digits) and not ROUND_NUMBER.fullmatch(reading.text.strip())
    flags = {f"signal:{name}" for name in reading.signals - {"id_digits"}}
    flags |= {f"near:{name}" for name in near_misses_of(reading.text[:READ_CHARACTERS])}
    flags |= {f"promise:{promise.certainty}" for promise in reading.promises}
    flags |= {"promise:day" for promise in reading.promises if promise.start or promise.end}
    flags |= {"promise:amount" for promise in reading.promises if promise.amount}
    flags.add("promise:some" if reading.promises else "promise:none")
    flags |= {"day"} if reading.dates else {"no_day"}
    flags |= {"amount"} if reading.amounts else {"no_amount"}
    # The wordings, not the judged reason: that model learns from the same utterances and would know them by heart.
    flags |= {f"worded:{code}" for code in worded_reasons(masked)}
    if QUESTION.search(masked):
        flags.add("question")
    if digits:
        flags.add("id_digits")
    flags.add(_length(masked))
    return flags


def _length(masked: str) -> str:
    size = len(masked)
    return "brief" if size <= BRIEF else "short" if size <= SHORT else "long" if size > LONG else "middling"


def certain_intent(reading: Reading, likeliest: str | None) -> str | None:
    """The intent that a signal settles, given what the model takes for the likeliest one.

    A wish for no more messages yields where contact stops anyway: "他走了，别再发了" is first of all a death.
    """
    certain = overriding_intent(reading)
    return None if certain == "opt_out" and likeliest in STOP_ANYWAY else certain


def overriding_intent(reading: Reading) -> str | None:
    """The intent that a signal settles whatever the model says; the graver first (see OVERRIDING_SIGNALS)."""
    for signal, intent in OVERRIDING_SIGNALS.items():
        if signal in reading.signals:
            return intent
    if reading.text.strip() in FAREWELL_NUMBERS:
        return "goodbye"
    return "give_id_digits" if _only_digits(reading) else None


def _only_digits(reading: Reading) -> bool:
    """ID digits alone; a bare round number ("3000") is left to the model, which takes it for an amount."""
    return "id_digits" in reading.signals and not ROUND_NUMBER.fullmatch(reading.text.strip())
