"""The disclosure guard: the last look at a line before it goes to a person who is not verified.

Source: compliance V06, C-03, C-06 and first_sms_must_not_contain (no amount, no overdue word, no ID digits).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Protocol

import yaml

from heyue.understanding.script import simplify


class CaseSecrets(Protocol):
    """What of a case matters here: a record of cases has it, and a case of practice."""

    @property
    def creditor(self) -> str: ...
    @property
    def product(self) -> str | None: ...
    @property
    def id_last4(self) -> str | None: ...


@cache
def debt_pattern() -> re.Pattern[str]:
    """One expression over the debt words and the form of an amount (debt_words.yml)."""
    raw = yaml.safe_load((files("heyue.conduct") / "debt_words.yml").read_text(encoding="utf-8"))
    return re.compile("|".join([*map(re.escape, raw["words"]), raw["amount_pattern"]]))


def reveals_debt(text: str, case: CaseSecrets) -> str | None:
    """The words of `text` that would tell a third person of the debt, or None.

    The creditor's name may hold such a word ("江岸小额贷款"): who writes must be said, so it is left out of the search.
    """
    secrets = (case.product, case.id_last4)
    plain = text.replace(case.creditor, "")
    for secret in secrets:
        if secret and secret in plain:
            return secret
    found = debt_pattern().search(simplify(plain))
    return found[0] if found else None
