"""Lines that a channel says itself when the bot cannot. Their wording stands in bot/domain with all others."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

DOMAIN = Path(__file__).parent / "domain"


@cache
def channel_line(outcome: str) -> str:
    """The wording of `outcome` in bot/domain."""
    files = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(DOMAIN.glob("*.yml")))
    found = next(each["responses"] for each in files if f"utter_{outcome}" in each.get("responses", {}))
    return str(found[f"utter_{outcome}"][0]["text"])
