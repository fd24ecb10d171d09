"""One script: the quick way for usual characters changes what the whole table changes, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from heyue.understanding.script import _TABLE, simplify

ALL = [chr(code) for code in range(0x110000)]


def test_every_character_is_written_as_the_table_says() -> None:
    changed = [each for each in ALL if simplify(each) != (each if each.isascii() else each.translate(_TABLE))]
    assert changed == []


@given(st.text(alphabet="还錢，！？：；（）～。…“”'aＡ１ 佢㗎①ﬁ\u200b\ud800", max_size=12))
def test_a_text_is_written_as_its_characters(text: str) -> None:
    assert simplify(text) == "".join(map(simplify, text))
