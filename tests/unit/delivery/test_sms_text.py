"""Segments of an SMS, and its words kept short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heyue.delivery.sms_text import compact, is_gsm, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1), ("好", 1), ("好" * 70, 1), ("好" * 71, 2), ("好" * 134, 2), ("好" * 135, 3), ("好" * 201, 3), ("好" * 202, 4),
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("é" * 160, 1),
        ("€" * 80, 1), ("€" * 81, 2), ("a" * 152 + "€" + "a" * 152, 3), ("a" * 151 + "€" + "a" * 153, 2),
        ("a" * 69 + "好", 1), ("a" * 70 + "好", 2), ("ç" * 70, 1), ("ç" * 71, 2),
        ("😀" * 35, 1), ("😀" * 36, 2), ("😀" * 66, 2), ("😀" * 67, 3), ("好" * 66 + "😀" + "好" * 66, 3),
    ],
)  # fmt: skip
def test_segments_are_counted_as_networks_count_them(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text(max_size=700))
def test_no_text_takes_fewer_segments_than_it_has_room_for(text: str) -> None:
    room = 160 if is_gsm(text) else 70
    units = len(text) if is_gsm(text) else len(text.encode("utf-16-be", "surrogatepass")) // 2
    assert segments(text) >= max(1, -(-units // room))


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("您好\n请问 您是本人吗？\n", "您好请问您是本人吗？"),
        ("  您好，  退订回 T ， 人工", "您好，退订回T，人工"),
        ("pay by  1 May", "pay by 1 May"),
        ("见官方 App 通知", "见官方App通知"),
        ("\n\n", ""),
    ],
)
def test_a_text_is_kept_short_without_losing_a_word(text: str, short: str) -> None:
    assert compact(text) == short


@given(st.text(max_size=200))
def test_only_white_space_is_left_out(text: str) -> None:
    assert "".join(compact(text).split()) == "".join(text.split())
