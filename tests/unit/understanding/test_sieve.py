"""The sieve leaves out only expressions that cannot match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.coaching import behaviour
from heyue.conduct.line_flags import line_cues
from heyue.understanding.promise_features import part_pattern
from heyue.understanding.sieve import Sieve, Sifted, look_ahead, needs_of

EXPRESSIONS = [
    "还不了|没钱", "我.{0,4}[还付]", "a(?:b|cd)+e?", "(?:不|没)(?:还|给)(?!$)", "^(?:不|没有)[了吧]*$", "x*", "(?<!不)还(?=钱)", "[^不]行",
    "a|b|", "(ab)?c", "[一-三]号", "(?:不){2}还", "好.", "\\d{3}块",
]  # fmt: skip
LETTERS = "abcdex还不了没钱我付给有吧行一二三四号好12块"


def all_cues() -> list[Sifted]:
    cues = line_cues()
    of_rules = [cue for rule in cues.rules.values() for cue in (rule.field, *rule.says, rule.clears)]
    return [*of_rules, *cues.stances.values(), *behaviour.cues().values()]


@settings(max_examples=300, deadline=None)
@given(st.text(LETTERS, max_size=12))
def test_what_matches_is_never_sifted_out(text: str) -> None:
    sieve = Sieve()
    cues = [sieve.compiled(expression) for expression in EXPRESSIONS]
    for cue in cues:
        matches = cue.pattern.search(text) is not None
        assert bool(sieve.matching(text) & cue.bit) == matches
        assert (cue.search(text) is not None) == matches


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_every_cue_of_ours_finds_texts_made_to_match_it(data: st.DataObject) -> None:
    cue = data.draw(st.sampled_from(all_cues()))
    text = data.draw(st.from_regex(cue.pattern))
    assert cue.search(text)


@pytest.mark.parametrize(
    ("expression", "text"),
    [("还不了|没钱", "能还的"), ("我.{0,4}[还付]", "我去给"), ("(?:不|没)(?:还|给)", "没有还")],
)
def test_an_expression_that_lacks_a_piece_is_left_out(expression: str, text: str) -> None:
    sieve = Sieve()
    sieve.compiled(expression)
    assert sieve.possible(text) == 0


def test_nothing_is_needed_by_what_can_be_empty() -> None:
    assert needs_of("x*") == needs_of("a|b|") == needs_of(".") == []


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EXPRESSIONS), st.text(LETTERS, max_size=12))
def test_a_look_ahead_changes_no_match(expression: str, text: str) -> None:
    ahead = f"{look_ahead(expression)}(?:{expression})"
    spans = [match.span() for match in re.finditer(expression, text)]
    assert [match.span() for match in re.finditer(ahead, text)] == spans


def test_parts_of_promises_begin_with_known_characters() -> None:
    assert part_pattern()[0].pattern.startswith("(?=[")
