"""Files that nobody can read: refused in the reviewer's words, and never with any other error."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from heyue.errors import BadInput
from heyue.intake import transcript_bytes, transcript_sheet, workbook_check
from heyue.intake.transcript_file import ReadTranscript, RowProblem, inspect_file, read_transcripts
from heyue.intake.transcript_problem import wording

NAMES = ("t.jsonl", "t.csv", "t.xlsx", "t.txt", "t.srt", "t")


def workbook() -> bytes:
    book, written = Workbook(), io.BytesIO()
    book.active.append(["编号", "说话人", "内容", "时间"])
    book.active.append(["a", "坐席", "您好", "2026-11-20 10:12"])
    book.save(written)
    return written.getvalue()


def archive_of(size: int) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * size)
    return written.getvalue()


WORKBOOK = workbook()


def read_all(name: str, data: bytes) -> None:
    """Inspect and read; only BadInput may come out."""
    with suppress(BadInput):
        inspect_file(name, data)
    with suppress(BadInput):
        for item in read_transcripts(name, data):
            if isinstance(item, ReadTranscript):
                json.dumps([turn.text for turn in item.transcript.turns], ensure_ascii=False).encode()
                assert item.external_id
                assert item.transcript.turns
            else:
                assert item.reason
                assert item.remedy


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("t.csv", b"", "文件是空的"),
        ("t.csv", b"\n \n", "没有找到列名"),
        ("t.txt", "今天天气不错。\n我们去公园。\n".encode(), "没有认出是谁说的话"),
        ("t.txt", bytes(range(256)) * 8, "不是文字"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 100, "旧的 XLS"),
        ("t.xlsx", b"id,text\n", "不能作为 XLSX 打开"),
        ("t.xlsx", archive_of(10), "不能作为 XLSX 打开"),
        ("t.json", b'[{"turns": []}]', "JSON 数组"),
    ],
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else str(value),
)
def test_a_file_that_cannot_be_read_is_refused_in_words(name: str, data: bytes, says: str) -> None:
    for look in (inspect_file, lambda name, data: list(read_transcripts(name, data))):
        with pytest.raises(BadInput, match=says):
            look(name, data)


def test_a_zip_bomb_is_not_unpacked() -> None:
    with pytest.raises(BadInput, match="解开后超过"):
        inspect_file("t.xlsx", archive_of((workbook_check.MOST_UNPACKED_MIB + 1) << 20))


def test_a_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript_bytes, "MOST_MIB", 1)
    with pytest.raises(BadInput, match="最多 1 MB"):
        inspect_file("t.csv", b"x" * ((1 << 20) + (1 << 20)))


def test_a_sheet_that_claims_a_billion_rows_and_a_last_row_far_away_ends() -> None:
    written = io.BytesIO()
    with ZipFile(io.BytesIO(WORKBOOK)) as source, ZipFile(written, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b'r="2"', b'r="999999999999"').replace(b"A1:D2", b"A1:D999999999")
            target.writestr(part.filename, content)
    preview = inspect_file("t.xlsx", written.getvalue())
    assert preview.rows <= transcript_sheet.MOST_ROWS


def test_one_broken_character_does_not_change_the_encoding() -> None:
    data = "催收员：您好，您说\n借款人：月底还\n".encode()
    *problems, talk = read_transcripts("t.txt", data[:-2])
    assert isinstance(talk, ReadTranscript)
    assert [turn.text for turn in talk.transcript.turns] == ["您好，您说", "月底�"]
    assert [each.code for each in problems if isinstance(each, RowProblem)] == ["damaged_text"]


def test_a_line_without_end_is_told_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    good = b'{"id": "a", "turns": [{"speaker": "agent", "text": "hi"}]}'
    long = (
        b'{"id": "b", "turns": [{"speaker": "agent", "text": "' + b"x" * transcript_bytes.MOST_LINE + b'"}]}'
    )
    problem, talk = read_transcripts("t.jsonl", long + b"\n" + good)
    assert isinstance(problem, RowProblem)
    assert isinstance(talk, ReadTranscript)
    assert (problem.code, problem.line, talk.external_id, talk.line) == ("line_too_long", 1, "a", 2)


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000, '{"turns": ' * 5_000, '{"id": ' + "9" * 5_000 + ', "turns": [{"speaker": "a", "text": "b"}]}',
        '{"id": {"a": [1]}, "case": [1], "channel": 7, "turns": [{"speaker": "客户", "text": "b", "at": [1e999]}]}',
        '{"case": {"amount_due": "1E+999999", "days_overdue": 1e308}, "turns": [{"speaker": "客户", "text": "\\ud800\\u0000"}]}',
    ],
    ids=["nested", "open", "number", "types", "values"],
)  # fmt: skip
def test_hostile_json_raises_nothing(line: str) -> None:
    read_all("t.jsonl", line.encode())


def test_every_problem_has_reason_remedy_and_whether_it_was_taken() -> None:
    for code, words in wording()["rows"].items():
        assert set(words) == {"taken", "reason", "remedy"}, code


@settings(deadline=None)
@given(data=st.binary(max_size=400), name=st.sampled_from(NAMES))
def test_arbitrary_bytes_raise_nothing_but_bad_input(data: bytes, name: str) -> None:
    read_all(name, data)


PIECES = st.sampled_from(
    ["客户", "坐席", "张三", "：", ": ", ",", "\t", '"', "\n", "\r\n", " ", "2026-11-20 10:12:33", "[00:01:23]", "99:99",
     "0000-00-00 00:00", "编号,说话人,内容,时间\n", "1\n00:00:01,000 --> 00:00:02,000\n", "「", "- - - - - -\n", "{", "}",
     '{"turns": [{"speaker": "客户", "text": "好"}]}', "\x00", "\ufeff", "😅", "第1句", "消息对象:", "通话编号：", "日期：", "昨天 10:12"]
)  # fmt: skip


@settings(deadline=None)
@given(
    pieces=st.lists(PIECES, max_size=30),
    name=st.sampled_from(NAMES),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_broken_exports_raise_nothing_but_bad_input(pieces: list[str], name: str, encoding: str) -> None:
    read_all(name, "".join(pieces).encode(encoding))


@settings(deadline=None, max_examples=50)
@given(place=st.integers(0, len(WORKBOOK) - 1), put=st.binary(min_size=1, max_size=8))
def test_damaged_spreadsheets_raise_nothing_but_bad_input(place: int, put: bytes) -> None:
    read_all("t.xlsx", WORKBOOK[:place] + put + WORKBOOK[place + len(put) :])
    read_all("t.xlsx", WORKBOOK[:place])
