"""Lines that a channel says itself when the bot cannot. Their wording stands in bot/domain with all others."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

DOMAIN = Path(__file__).parent / "domain"


@cache
def channel_line(outcome: str) -> str:
    """The wording of `outcome` in bot/domain/fallback.yml."""
    responses = yaml.safe_load((DOMAIN / "fallback.yml").read_text(encoding="utf-8"))["responses"]
    return str(responses[f"utter_{outcome}"][0]["text"])
