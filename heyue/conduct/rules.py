"""The rules that a collector can break: what each is called, how grave it is, where it comes from, what to say instead."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

LINE_RULES = (
    "abuse", "violence_threat", "exposure_threat", "false_authority", "false_consequence", "third_party_disclosure",
    "third_party_pressure", "private_payment", "made_up_fee", "borrow_to_repay", "hinder_complaint", "harassment",
    "false_concession", "privacy_probe",
)  # fmt: skip
TALK_RULES = ("no_identity", "quiet_hours")


class Rule(NamedTuple):
    """One rule of rules.yml, in the words of whoever reads it on a screen."""

    name: str
    severity: str
    source: str
    instead: str


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its identifier (contracts.md section 1)."""
    raw = yaml.safe_load((files("heyue.conduct") / "rules.yml").read_text(encoding="utf-8"))
    return {identifier: Rule(**fields) for identifier, fields in raw.items()}
