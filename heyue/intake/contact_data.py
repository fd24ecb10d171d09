"""Check a phone number's form: much contact data is wrong in plain sight (domain.md, contactability)."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml


@cache
def mobile_prefixes() -> frozenset[str]:
    """Known first three digits of mobile numbers (contact_data.yml)."""
    raw = yaml.safe_load((files("heyue.intake") / "contact_data.yml").read_text(encoding="utf-8"))
    return frozenset(raw["mobile_prefixes"])


def phone_fault(phone: str) -> str | None:
    """What is wrong with a plain phone number (digits only), or None for a mobile number that can be reached."""
    if not re.fullmatch(r"[0-9]+", phone):
        return "is not made of digits"
    if len(phone) == 11:
        return None if phone[:3] in mobile_prefixes() else f"begins with {phone[:3]}, which no carrier uses"
    if len(phone) in (7, 8):
        return f"has {len(phone)} digits: a landline without area code, which gets no messages"
    if len(phone) == 10 and phone[0] == "1":
        return "has 10 digits: a mobile number has 11, one is missing"
    if phone.startswith("0") and 10 <= len(phone) <= 12:
        return "is a landline, which gets no messages"
    return f"has {len(phone)} digits: a mobile number has 11"
