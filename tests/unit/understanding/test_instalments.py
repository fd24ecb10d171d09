"""Payments in parts, as the trained model and the rules for parts read them."""

from __future__ import annotations

from datetime import datetime

import pytest

from heyue.settings import ZONE
from heyue.understanding.promises import extract_promises

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)  # a Tuesday
Part = tuple[str | None, str | None, str]  # day, sum, certainty


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("周五还五百，月底全部结清", [("2026-11-27", "500.00", "firm"), ("2026-11-30", "full", "firm")]),
        ("周四先还四千，剩下两千三，28号结清", [("2026-11-26", "4000.00", "firm"), ("2026-11-28", "2300.00", "firm")]),
        ("先还500，剩下的月底还", [(None, "500.00", "firm"), ("2026-11-30", None, "firm")]),
        ("明天八百，余下的等工资发了再给", [("2026-11-25", "800.00", "firm"), (None, None, "conditional")]),
        ("今天五百，剩下的有钱就还", [("2026-11-24", "500.00", "firm"), (None, None, "vague")]),
        ("10号给一半，另一半25号", [("2026-12-10", "half", "firm"), ("2026-12-25", "half", "firm")]),
        (
            "10号、25号、31号各还五百",
            [("2026-12-10", "500.00", "firm"), ("2026-12-25", "500.00", "firm"), ("2026-12-31", "500.00", "firm")],
        ),
        ("周五先还一千，其余的有钱再说", [("2026-11-27", "1000.00", "firm")]),  # put off, not promised
        ("周五还五百给我妈，月底再说", []),  # to somebody else
    ],
)
def test_each_part_has_its_day_and_its_sum(text: str, parts: list[Part]) -> None:
    found = [each.terms() for each in extract_promises(text, NOW)]
    assert [(each.start and each.start.isoformat(), each.amount, each.certainty) for each in found] == parts
