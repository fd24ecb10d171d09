"""Reading a borrower's message: dates, amounts, promises, reasons, signals. Parts load when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heyue.understanding.amounts import AmountMention, find_amounts
    from heyue.understanding.dates import DateMention, find_dates
    from heyue.understanding.promises import Promise, extract_promises
    from heyue.understanding.reading import Reading, read
    from heyue.understanding.reasons import reason_of
    from heyue.understanding.script import simplify
    from heyue.understanding.signals import signals_of

_HOME = {
    "AmountMention": "amounts",
    "find_amounts": "amounts",
    "DateMention": "dates",
    "find_dates": "dates",
    "Promise": "promises",
    "extract_promises": "promises",
    "Reading": "reading",
    "read": "reading",
    "reason_of": "reasons",
    "signals_of": "signals",
    "simplify": "script",
}
__all__ = [
    "AmountMention",
    "DateMention",
    "Promise",
    "Reading",
    "extract_promises",
    "find_amounts",
    "find_dates",
    "read",
    "reason_of",
    "signals_of",
    "simplify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"heyue.understanding.{_HOME[name]}"), name)
