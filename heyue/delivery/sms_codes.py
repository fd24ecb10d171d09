"""What the codes of SMS providers mean for a message and for a number (sms_codes.yml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from heyue.delivery.sender import REFUSED, Receipt

CODES = Path(__file__).with_name("sms_codes.yml")
DEAD, OPTED_OUT = "dead", "opted_out"


@cache
def _codes() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(CODES.read_text(encoding="utf-8"))
    return found


def is_known(provider: str, code: str) -> bool:
    """Whether it is written down what a code means when a message is given to the provider."""
    return _meaning(provider, code) is not None


def receipt_of_code(provider: str, code: str) -> Receipt:
    """What a code says that answers a message."""
    meaning = _meaning(provider, code) or {}
    return Receipt(
        meaning.get("outcome", REFUSED), code=code, retry_after_seconds=meaning.get("seconds"),
        opted_out=meaning.get("opted_out", False),
    )  # fmt: skip


def _meaning(provider: str, code: str) -> dict[str, Any] | None:
    known = _codes()[provider]["sending"]
    found: dict[str, Any] | None = known.get(code) or known.get(code.split(".")[0])
    return found


def of_number(provider: str, code: str | None) -> str | None:
    """What a report's code says of the number: dead, opted_out or nothing."""
    found: str | None = _codes()[provider]["reports"].get(code)
    return found
