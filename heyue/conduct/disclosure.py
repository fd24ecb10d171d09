"""The disclosure guard: the last look at a line before it goes to a person who is not verified.

Source: compliance V06, C-03, C-06 and first_sms_must_not_contain (no amount, no overdue word, no ID digits).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

from heyue.records import Case
from heyue.understanding.script import simplify


@cache
def debt_pattern() -> re.Pattern[str]:
    """One expression over the debt words and the form of an amount (debt_words.yml)."""
    raw = yaml.safe_load((files("heyue.conduct") / "debt_words.yml").read_text(encoding="utf-8"))
    return re.compile("|".join([*map(re.escape, raw["words"]), raw["amount_pattern"]]))


def reveals_debt(text: str, case: Case) -> str | None:
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
