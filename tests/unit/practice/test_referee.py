"""The referee: scripted collectors play every persona, and what must hold of the talks holds."""

from __future__ import annotations

from collections import Counter

import pytest

from heyue.practice.collectors import collectors, heard_in
from heyue.practice.referee import Played, Rate, matches, played, rate
from heyue.practice.referee_report import figures_of, table
from tests.unit.practice.talks import AT

TALKS = 480  # half of one round of all collectors, personas and levels or less; `heyue practice referee` plays more


@pytest.fixture(scope="module")
def talks() -> list[Played]:
    return [played(*match, AT) for match in matches(TALKS)]


def test_no_talk_has_a_fault(talks: list[Played]) -> None:
    assert not Counter(fault for each in talks for fault in each.faults)


def test_the_skilled_succeed_more_often_than_the_rigid_and_those_than_the_abusive(talks: list[Played]) -> None:
    dated = {
        name: rate([each for each in talks if each.collector == name], lambda each: each.is_dated).share
        for name in collectors()
    }
    assert min(dated["skilled"], dated["professional"], dated["listener"]) > 0.6
    assert dated["rigid"] < dated["skilled"] - 0.3
    assert max(dated["blaming"], dated["threatening"]) < dated["rigid"]


def test_there_are_eight_policies_and_each_has_its_say(talks: list[Played]) -> None:
    assert len(collectors()) >= 8
    assert set(Counter(each.collector for each in talks)) == set(collectors())


def test_the_figures_are_told(talks: list[Played]) -> None:
    figures = figures_of(talks)
    assert figures["talks"] == TALKS
    assert set(figures["measures"]) == set(collectors())
    assert all(name in table(figures) for name in collectors())


def test_intervals_are_wilsons() -> None:
    low, high = Rate(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.49, 0.943)
    assert Rate(0, 0).interval == (0.0, 1.0)


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("行，12月3号我还500元。", "promised"),
        ("滚，你们这帮骗子！", "heated"),
        ("我在开会，回头再说。", "puts_off"),
        ("呜呜，我活不下去了，求求你。", "grief"),
    ],
)
def test_a_collector_hears_by_the_coachs_readers(words: str, heard: str) -> None:
    assert heard_in(words, AT) == heard
