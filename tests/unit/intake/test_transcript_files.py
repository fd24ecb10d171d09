"""Uploaded transcripts: files as other systems write them (tests/data/transcript_files), read as expected.jsonl says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from heyue.errors import BadInput
from heyue.intake.transcript_file import (
    ColumnMapping,
    ReadTranscript,
    RowProblem,
    inspect_file,
    read_transcripts,
)
from heyue.intake.transcript_speakers import OTHERS

FILES = Path(__file__).parents[2] / "data/transcript_files"
CASES = [json.loads(line) for line in (FILES / "expected.jsonl").read_text(encoding="utf-8").splitlines()]


def read(
    name: str, data: bytes, speakers: Mapping[str, str] | None = None, mapping: ColumnMapping | None = None
) -> tuple[list[ReadTranscript], list[RowProblem]]:
    items = list(read_transcripts(name, data, mapping, speakers))
    return (
        [each for each in items if isinstance(each, ReadTranscript)],
        [each for each in items if isinstance(each, RowProblem)],
    )


def as_expected(talk: ReadTranscript) -> dict[str, Any]:
    case = talk.transcript.case
    return {
        "id": None if talk.external_id.startswith("sha256-") else talk.external_id,
        "collector": talk.collector,
        "channel": talk.transcript.channel,
        "case": [case.days_overdue, case.amount_due, case.broken_promises],
        "turns": [
            [turn.speaker, turn.text, turn.at.isoformat() if turn.at else None]
            for turn in talk.transcript.turns
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_file_is_read_as_its_line_says(case: dict[str, Any]) -> None:
    data = (FILES / case["id"]).read_bytes()
    talks, problems = read(case["id"], data, case["given"])
    assert [as_expected(talk) for talk in talks] == case["expect"]["talks"]
    assert [[each.code, each.line] for each in problems] == case["expect"]["problems"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_preview_leaves_to_a_person_who_says_nothing_by_name(case: dict[str, Any]) -> None:
    preview = inspect_file(case["id"], (FILES / case["id"]).read_bytes())
    assert preview.kind == case["expect"]["kind"]
    undecided = sorted(each.name for each in preview.speakers if each.guess is None)
    assert undecided == case["expect"]["undecided"]
    assert preview.first_rows
    assert all(len(row) <= len(preview.columns) for row in preview.first_rows)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_encodings_change_nothing(case: dict[str, Any], encoding: str) -> None:
    text = (FILES / case["id"]).read_text(encoding="utf-8")
    talks, _ = read(case["id"], text.replace("\n", "\r\n").encode(encoding), case["given"])
    assert [as_expected(talk) for talk in talks] == case["expect"]["talks"]


def test_an_id_made_from_the_content_depends_neither_on_the_encoding_nor_on_the_choice_of_roles() -> None:
    data = (FILES / "letters.txt").read_bytes()
    (first,), _ = read("letters.txt", data, {"A": "collector", "B": "borrower"})
    (second,), _ = read("other.txt", data.decode().encode("gb18030"), {"A": "borrower", "B": "collector"})
    (third,), _ = read("other.txt", data + "A: 再见\n".encode(), {"A": "borrower", "B": "collector"})
    assert first.external_id == second.external_id != third.external_id


def test_a_talk_with_an_undecided_speaker_is_left_as_a_whole() -> None:
    talks, problems = read("letters.txt", (FILES / "letters.txt").read_bytes(), {"A": "collector"})
    assert talks == []
    assert [(each.code, each.line, each.taken) for each in problems] == [("unknown_speaker", 2, False)]
    assert "B" in problems[0].reason


def test_one_choice_serves_for_all_other_speakers() -> None:
    (talk,), problems = read(
        "letters.txt", (FILES / "letters.txt").read_bytes(), {"A": "collector", OTHERS: "borrower"}
    )
    assert [turn.speaker for turn in talk.transcript.turns] == ["collector", "borrower"] * 2
    assert problems == []


def test_an_ignored_speaker_is_left_out() -> None:
    (talk,), _ = read("letters.txt", (FILES / "letters.txt").read_bytes(), {"A": "ignored", "B": "borrower"})
    assert [turn.text for turn in talk.transcript.turns] == ["方便", "周四：先还三百"]


@pytest.mark.parametrize(
    ("speakers", "channel"), [({"A": "boss"}, None), ({}, "pigeon")], ids=["role", "channel"]
)
def test_a_choice_that_does_not_exist_is_refused(speakers: dict[str, str], channel: str | None) -> None:
    with pytest.raises(BadInput, match="不对"):
        list(read_transcripts("letters.txt", (FILES / "letters.txt").read_bytes(), None, speakers, channel))


def test_the_default_channel_holds_where_the_talk_names_none() -> None:
    talks = [
        each
        for each in read_transcripts(
            "talks.jsonl", (FILES / "talks.jsonl").read_bytes(), default_channel="sms"
        )
        if isinstance(each, ReadTranscript)
    ]
    assert [talk.transcript.channel for talk in talks] == ["phone", "sms"]


def test_a_file_read_once_and_pasted_twice_gives_each_talk_once() -> None:
    data = (FILES / "talks.jsonl").read_bytes()
    once, _ = read("talks.jsonl", data)
    twice, problems = read("talks.jsonl", data + data)
    assert [talk.external_id for talk in twice] == [talk.external_id for talk in once]
    assert sum(each.code in ("duplicate_id", "same_content") for each in problems) == 6


def test_progress_never_runs_ahead_of_the_preview() -> None:
    for case in CASES:
        data = (FILES / case["id"]).read_bytes()
        talks, _ = read(case["id"], data, case["given"])
        assert all(talk.line <= talk.last_line <= inspect_file(case["id"], data).rows for talk in talks)
