"""JSON Lines commands answer anything in its place: order kept, the rest goes on, exit status 1 at the end."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.cli import main
from heyue.cli.json_lines import MOST_LINES, Reader, answers, arriving, together

TALK = {
    "id": "t",
    "turns": [{"speaker": "collector", "text": "您好"}, {"speaker": "borrower", "text": "周五还"}],
}
BAD = [
    b"{", b"[]", b"17", b'"x"', b"null", b"NaN", b"\xff\xfe", b'{"id": 1, "text": "\xc4\xe3"}', b"[" * 20_000,
    b'{"id": 2}', b'{"id": 3, "text": 5, "turns": 5}', b'{"id": 4, "text": null, "turns": []}',
    b"Infinity", b'{"id": NaN, "text": "x"}', b'{"id": 6, "text": "x", "more": -Infinity}', b'{"id": 1e999, "text": "x"}',
    json.dumps({"id": 5, "text": "x" * 100_001, "turns": [{"speaker": "borrower", "text": "x" * 100_001}]}).encode(),
]  # fmt: skip


class Stdin(io.BytesIO):
    """Standard input as the commands read it."""

    @property
    def buffer(self) -> Stdin:
        return self


def run(
    words: list[str], lines: list[bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, list[dict[str, Any]]]:
    monkeypatch.setattr(sys, "stdin", Stdin(b"\n".join(lines) + b"\n"))
    status = main(words)
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("command", ["extract", "check", "classify"])
def test_bad_lines_are_answered_in_their_place(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = json.dumps(TALK | {"text": "周五还"}).encode()
    status, found = run([command], [good, *BAD, good], monkeypatch, capsys)
    assert status == 1
    assert len(found) == len(BAD) + 2
    assert ["error" in answer for answer in found] == [False, *[True] * len(BAD), False]
    assert "Traceback" not in json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("command", ["extract", "check", "classify"])
@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00\x01\u202e\u200b", "😀" * 500, "还" * 5_000, "一" * 9_000, "1" * 9_000, "\ud800", "a" * 9_000, "不" * 9_000],
    ids=ascii,
)  # fmt: skip
def test_odd_texts_are_read(
    command: str, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = [{"speaker": "collector", "text": text}, {"speaker": "borrower", "text": text}]
    status, found = run(
        [command], [json.dumps({"id": "x", "text": text, "turns": turns}).encode()], monkeypatch, capsys
    )
    assert status == 0, found
    assert found[0]["id"] == "x"


def test_several_jobs_give_the_same_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        json.dumps({"id": number, "text": f"{number % 28 + 1}号还{number}00"}).encode()
        for number in range(200)
    ]
    now = ["--now", "2026-11-24T10:00:00+08:00"]
    assert run(["extract", *now, "--jobs", "2"], lines, monkeypatch, capsys) == run(
        ["extract", *now], lines, monkeypatch, capsys
    )


def test_classify_answers_after_each_turn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = TALK | {"turns": TALK["turns"] * 2}
    status, found = run(
        ["classify", "--each-turn", "--explain"], [json.dumps(talk).encode()], monkeypatch, capsys
    )
    assert status == 0
    assert [answer["turn"] for answer in found] == [1, 3]
    for answer in found:
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=0.01)
        assert answer["debtor_type"] == max(answer["probabilities"], key=answer["probabilities"].get)
        assert len(answer["tension"]) == answer["turn"] + 1


def test_check_explains(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    line = json.dumps({"id": 1, "text": "把验证码发给我，我替你操作"}).encode()
    status, found = run(["check", "--explain"], [line], monkeypatch, capsys)
    assert status == 0
    violation = found[0]["violations"][0]
    assert violation["rule"] == "privacy_probe"
    assert {"text", "name", "source", "instead", "severity"} <= set(violation)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_get_an_answer_a_line(lines: list[bytes]) -> None:
    split = [part for line in lines for part in line.split(b"\n")]
    found = list(answers(together(split), Reader(lambda raw: raw, lambda raws: [[{"seen": True}]] * len(raws))))
    assert len(found) == sum(bool(part.strip()) for part in split)


class Pieces(io.BytesIO):
    """Input that arrives a few bytes at a time."""

    def read1(self, size: int | None = -1) -> bytes:
        return super().read1(3)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=20), max_size=6))
def test_lines_are_whole_however_they_arrive(lines: list[bytes]) -> None:
    sent = b"\n".join(lines)
    expected = [part for part in sent.split(b"\n") if part.strip()]
    assert [line for group in arriving(Pieces(sent)) for line in group] == expected
    assert [line for group in arriving(io.BytesIO(sent)) for line in group] == expected


def test_no_more_lines_than_agreed_are_read_together() -> None:
    groups = list(arriving(io.BytesIO(b"1\n" * (2 * MOST_LINES + 1))))
    assert [len(group) for group in groups] == [MOST_LINES, MOST_LINES, 1]


def test_a_line_that_cannot_be_answered_does_not_spoil_the_others() -> None:
    def halves(numbers: list[int]) -> list[list[dict[str, Any]]]:
        if any(number % 2 for number in numbers):
            raise ValueError("odd")
        return [[{"half": number // 2}] for number in numbers]

    lines = [json.dumps({"id": number}).encode() for number in range(4)]
    found = list(answers(together(lines), Reader(lambda raw: raw["id"], halves)))
    assert found == [
        {"id": 0, "half": 0}, {"id": 1, "error": "odd"}, {"id": 2, "half": 1}, {"id": 3, "error": "odd"},
    ]  # fmt: skip
