"""The fuzz (bench/fuzz) finds what is broken and shows the shortest of it; a little of it runs here with a fixed seed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import strategies as st

from bench.fuzz.judging import Entry, Fault, nothing_but, within
from bench.fuzz.lines import line_entries
from bench.fuzz.wire import FRAMINGS, Draft
from heyue.errors import BadInput


def judged(text: str) -> int:
    """A reader with a mistake in it."""
    with nothing_but(BadInput):
        if "b" in text:
            raise BadInput("no b")
        if "a" in text:
            raise KeyError("a")
    return 1


def test_a_fault_is_kept_with_its_seed_and_the_shortest_input_and_counted_when_it_comes_again() -> None:
    entry = Entry("texts", st.text("abc"), judged, 1.0)
    found = entry.run(7)
    assert found is not None
    assert (found.seed, found.shown) == (7, "'a'")
    assert "KeyError" in found.fault
    assert entry.run(8) is None
    assert len(entry.failures) == 1
    assert sum(entry.signs.values()) > 1


def test_what_takes_too_long_is_a_fault() -> None:
    with pytest.raises(Fault, match="hang"), within(0.05):
        sum(1 for _ in itertools.count())


@pytest.mark.parametrize("framing", FRAMINGS)
def test_only_a_request_that_is_whole_must_be_answered(framing: str) -> None:
    draft = Draft("POST", "/x", b"{}", framing=framing)
    assert draft.on_wire()
    assert draft.is_whole == (framing == "whole")


@pytest.mark.parametrize("name", ["extract", "check", "classify"])
def test_a_few_hundred_lines_of_every_kind_are_answered(name: str) -> None:
    entry = next(each for each in line_entries() if each.name == name)
    entry.chunk = 8
    entry.run(2026)
    assert entry.failures == []
    assert entry.inputs > 50
