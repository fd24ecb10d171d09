"""Reading a borrower's message: dates, amounts, promises, reasons, signals. Parts load when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heyue.understanding.amounts import AmountMention, find_amounts
    from heyue.understanding.dates import DateMention, find_dates
    from heyue.understanding.promises import Promise, extract_promises
    from heyue.understanding.script import simplify

_HOME = {
    "AmountMention": "amounts",
    "find_amounts": "amounts",
    "DateMention": "dates",
    "find_dates": "dates",
    "Promise": "promises",
    "extract_promises": "promises",
    "simplify": "script",
}
__all__ = [
    "AmountMention",
    "DateMention",
    "Promise",
    "extract_promises",
    "find_amounts",
    "find_dates",
    "simplify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"heyue.understanding.{_HOME[name]}"), name)
