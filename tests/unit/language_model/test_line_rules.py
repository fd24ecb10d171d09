"""The form of a model's line: what no database, screen or phone takes, or shows otherwise than it was read, is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from heyue.language_model.line_rules import broken_form, frame_of
from heyue.settings import ZONE

LINE = "我们的工作人员会再联系您的，请您放心。"
AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)


@pytest.mark.parametrize(
    "put", ["\ud800", "\0", "\x1b[31m", "\n", "\r", "\t", "\x85", "\u200b", "\u202e", "\u2028", "\u2066", "\ue000", "\ufeff", "\ufffe", "😀", "❤", "<b>", "A"], ids=ascii
)  # fmt: skip
@pytest.mark.parametrize("place", [3, 8])
def test_a_line_with_a_character_that_is_none_is_refused(put: str, place: int) -> None:
    assert broken_form(LINE[:place] + put + LINE[place:], frame_of(LINE, AT)) == "script"


def test_the_line_itself_is_let_through() -> None:
    assert broken_form(LINE, frame_of(LINE, AT)) is None
