"""Texts, JSON values and broken bytes as nobody should send them, drawn by Hypothesis so that each can be made shorter."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

MOST_TIMES = 150  # that a long text repeats itself
MOMENTS = (
    "2026-11-24T10:00:00+08:00", "2024-02-29T23:59:59+08:00", "2026-12-31T23:30:00-11:00", "2027-02-06T00:00:00+08:00",
    "1900-01-01T00:00:00+08:00", "2099-12-31T23:59:59+08:00", "2100-02-28T12:00:00+00:00", "0001-01-01T00:00:00+08:00",
    "0001-01-02T00:00:00+08:00", "1582-10-10T00:00:00+08:00", "9999-12-31T23:59:59+08:00", "9999-11-30T23:59:59-12:00",
    "2026-11-24", "2026-11-24T10:00:00", "2026-13-01T00:00:00+08:00", "24.11.2026", "", "NaN", "\ud800",
)  # fmt: skip


@cache
def pieces() -> tuple[str, ...]:
    """What texts are put together from."""
    found = yaml.safe_load(Path(__file__).with_name("pieces.yml").read_text(encoding="utf-8"))
    return tuple(piece for group in found.values() for piece in group)


def spoken(numbers: bytes) -> str:
    """The text of so many pieces. Bytes are drawn much faster than lists of pieces are, and name 256 pieces in each place."""
    table = pieces()
    return "".join(table[(number + 256 * (place % 2)) % len(table)] for place, number in enumerate(numbers))


def texts(most: int = 24) -> st.SearchStrategy[str]:
    """Texts of so many pieces at most."""
    return st.binary(max_size=most).map(spoken)


def long_texts() -> st.SearchStrategy[str]:
    """Texts in which the same comes again and again."""
    parts = st.tuples(texts(3), st.binary(min_size=1, max_size=4).map(spoken), st.integers(2, MOST_TIMES), texts(3))
    return parts.map(lambda part: part[0] + part[1] * part[2] + part[3])


def said() -> st.SearchStrategy[str]:
    """What somebody may write: mostly short, at times long, at times any characters at all."""
    return st.one_of(*[texts()] * 9, texts(60), long_texts(), st.text(max_size=40))


def numbers() -> st.SearchStrategy[Any]:
    """Numbers that some reader of JSON trips over."""
    return st.sampled_from((
        0, -1, 1, 7, 31, 2**31, -(2**31), 2**63, 2**64, 10**30, 0.1, -0.0, 1e308, 5e-324, float("inf"), float("-inf"), float("nan"), True, False,
    ))  # fmt: skip


def values() -> st.SearchStrategy[Any]:
    """Any JSON value, small."""
    plain = st.one_of(st.none(), numbers(), texts(6), st.sampled_from(MOMENTS))
    return st.recursive(plain, lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(texts(2), st.sampled_from(("id", "text", "turns"))), inner, max_size=3)
    ), max_leaves=6)  # fmt: skip


def deep(opening: str = "[", closing: str = "]", inner: str = "1") -> st.SearchStrategy[str]:
    """JSON that goes so deep that a reader may fall."""
    return st.tuples(st.sampled_from((30, 300, 800, 900, 940, 960, 970, 980, 990, 1_000, 3_000, 20_000)), st.integers(-9, 9), st.booleans()).map(
        lambda drawn: opening * (drawn[0] + drawn[1]) + inner + (closing * (drawn[0] + drawn[1]) if drawn[2] else "")
    )


def written(value: Any, is_ascii: bool) -> bytes:
    """A value as JSON; what UTF-8 cannot hold stands there all the same where it is not escaped."""
    return json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")


@st.composite
def spoilt(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Something with bytes taken out, put in, or put in another's place."""
    data = draw(whole)
    start = draw(st.integers(0, max(len(data) - 1, 0)))
    gone = draw(st.integers(0, 8))
    return data[:start] + draw(st.binary(max_size=8)) + data[start + gone :]
