"""A request whose body has no end is known before anybody reads it, and any bytes may stand where a token should."""

from __future__ import annotations

import pytest

from heyue.watch.http_requests import bears, framing_problem


@pytest.mark.parametrize(
    ("lengths", "encodings", "is_clear"),
    [
        ([], [], True),
        (["0"], [], True),
        (["65536"], [], True),
        ([], ["chunked"], True),
        (["-1"], [], False),  # Sanic would read for ever
        (["+1"], [], False),
        (["1e3"], [], False),
        (["1_0"], [], False),
        (["٣"], [], False),
        ([" 3"], [], False),
        ([""], [], False),
        (["3", "3"], [], False),
        (["1, 2"], [], False),
        ([], ["gzip"], False),
        ([], ["Chunked"], False),
        ([], ["chunked", "chunked"], False),
        (["3"], ["gzip"], False),
    ],
)
def test_a_body_has_an_end_or_the_request_is_refused(lengths: list[str], encodings: list[str], is_clear: bool) -> None:
    assert (framing_problem(lengths, encodings) is None) == is_clear


@pytest.mark.parametrize(
    ("said", "is_right"),
    [
        ("Bearer sésame", True),
        ("Bearer sesame", False),
        ("bearer sésame", False),
        ("sésame", False),
        ("", False),
        (b"Bearer s\xe9same".decode("utf-8", "surrogateescape"), False),
        ("\udce8", False),
    ],
    ids=ascii,
)
def test_a_bearer_token_is_the_right_one_or_none(said: str, is_right: bool) -> None:
    assert bears(said, "sésame") == is_right
