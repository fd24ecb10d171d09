"""Tables of talks: columns, spreadsheets, rows out of place, quotes that do not pair up."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import pytest
from openpyxl import Workbook

from heyue.errors import BadInput
from heyue.intake.transcript_columns import ColumnMapping, channel_named, guess_mapping
from heyue.intake.transcript_file import ReadTranscript, RowProblem, inspect_file, read_transcripts

HEADER = ("编号", "说话人", "内容", "时间")


def book_of(*sheets: Sequence[Sequence[object]], merge: str = "") -> bytes:
    book = Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        for row in rows:
            sheet.append(list(row))
        if merge and number == 0:
            sheet.merge_cells(merge)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(
    data: bytes, name: str = "t.csv", mapping: ColumnMapping | None = None
) -> tuple[dict[str, list[str]], list[tuple[str, int | None]]]:
    """Texts of the turns by talk; problems as code and line."""
    talks, problems = {}, []
    for item in read_transcripts(name, data, mapping):
        if isinstance(item, RowProblem):
            problems.append((item.code, item.line))
        else:
            talks[item.external_id] = [turn.text for turn in item.transcript.turns]
    return talks, problems


@pytest.mark.parametrize(
    ("columns", "expect"),
    [
        (["会话ID", "角色", "发送人", "消息内容", "消息时间"], ("会话ID", "角色", "消息内容", "消息时间")),
        (["Call_ID", "Speaker", "Text", "Start"], ("Call_ID", "Speaker", "Text", "Start")),
        (["录音编号", "说话方", "转写文本", "开始时间"], ("录音编号", "说话方", "转写文本", "开始时间")),
        (["序号", "昵称", "聊天内容", "发送时间"], (None, "昵称", "聊天内容", "发送时间")),
        (["甲", "乙"], (None, None, None, None)),
    ],
    ids=lambda value: value[0] or "none",
)
def test_columns_are_guessed_from_their_names(columns: list[str], expect: tuple[str | None, ...]) -> None:
    mapping = guess_mapping(columns)
    assert (mapping.transcript_id, mapping.speaker, mapping.text, mapping.time) == expect


def test_units_and_spaces_in_names_do_not_matter() -> None:
    mapping = guess_mapping(["欠款金额 （元）", "逾期天数(天)", "爽约次数", "坐席工号", "日期"])
    assert mapping == ColumnMapping(
        amount_due="欠款金额 （元）", days_overdue="逾期天数(天)", broken_promises="爽约次数",
        collector="坐席工号", day="日期",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "channel"), [("企业微信", "wechat"), ("SMS", "sms"), ("外呼", "phone"), ("信鸽", None)]
)
def test_channels_have_many_names(said: str, channel: str | None) -> None:
    assert channel_named(said) == channel


def test_a_spreadsheet_with_title_merged_ids_real_dates_and_a_second_sheet() -> None:
    data = book_of(
        [
            ["2026年11月通话记录"], HEADER, (7, "坐席", "您好", datetime(2026, 11, 20, 10, 12, 33)),
            (None, "客户", 2000, "2026-11-20 10:13"), (None, None, None, None), (8, "坐席", "在吗", None),
        ],
        [["别的"]],
        merge="A3:A4",
    )  # fmt: skip
    talks, problems = read(data, "通话.xlsx")
    assert talks == {"7": ["您好", "2000"], "8": ["在吗"]}
    assert problems == [("other_sheets", None), ("title_rows", 2), ("blank_id", 4)]
    (first, _) = (each for each in read_transcripts("t.xlsx", data) if isinstance(each, ReadTranscript))
    assert [turn.at and turn.at.isoformat() for turn in first.transcript.turns] == [
        "2026-11-20T10:12:33+08:00", "2026-11-20T10:13:00+08:00",
    ]  # fmt: skip


def test_a_formula_that_was_never_calculated_is_told_and_an_empty_first_sheet_passed_over() -> None:
    data = book_of(
        [], [HEADER, ("a", "坐席", '="您"&"好"', ""), ("a", "客户", "好", ""), ("a", "客户", "#REF!", "")]
    )
    talks, problems = read(data, "t.xlsx")
    assert talks == {"a": ["好"]}
    assert problems == [("other_sheets", None), ("no_text", 2), ("no_text", 4)]


def test_a_file_named_otherwise_is_known_by_its_content() -> None:
    assert inspect_file("t.csv", book_of([HEADER, ("a", "坐席", "您好", "")])).kind == "xlsx"
    assert inspect_file("t.txt", "编号\t说话人\t内容\na\t坐席\t您好\n".encode()).kind == "csv"
    assert inspect_file("t", b'{"turns": [{"speaker": "agent", "text": "hi"}]}').kind == "jsonl"


def test_an_unpaired_quote_swallows_no_other_row() -> None:
    rows = (
        ['a,坐席,"您好'] + [f"a,客户,第{number}句" for number in range(300)] + ['b,坐席,"在吗"', 'b,客户,"在']
    )
    talks, problems = read(("编号,说话人,内容\n" + "\n".join(rows)).encode())
    assert talks["a"] == ['"您好'] + [f"第{number}句" for number in range(300)]
    assert talks["b"] == ["在吗", '"在']
    assert problems == [("unpaired_quote", 2), ("unpaired_quote", 304)]


def test_two_unpaired_quotes_do_not_join_the_rows_between_them() -> None:
    text = '编号,说话人,内容\na,坐席,"一\na,客户,二\na,坐席,三"\na,客户,四\n'
    assert read(text.encode()) == ({"a": ['"一', "二", '三"', "四"]}, [("unpaired_quote", 2)])


def test_rows_of_a_talk_may_stand_anywhere() -> None:
    rows = [f"{talk},客户,{talk}-{turn}" for turn in range(3) for talk in "abc"]
    talks, problems = read(("编号,说话人,内容\n" + "\n".join(rows)).encode())
    assert talks == {talk: [f"{talk}-{turn}" for turn in range(3)] for talk in "abc"}
    assert problems == []


def test_a_chosen_mapping_goes_before_the_guess() -> None:
    data = "谁,什么,内容\n客户,甲,乙\n".encode()
    assert list(read(data, mapping=ColumnMapping(speaker="谁", text="什么"))[0].values()) == [["甲"]]


def test_columns_that_are_not_clear_are_asked_for() -> None:
    data = "谁,什么\n客户,甲\n".encode()
    preview = inspect_file("t.csv", data)
    assert (preview.columns, preview.mapping) == (("谁", "什么"), ColumnMapping())
    assert [each.code for each in preview.problems] == ["column_unclear", "column_unclear"]
    with pytest.raises(BadInput, match="说话人、内容"):
        read(data)
    with pytest.raises(BadInput, match="没有这些列：丙"):
        read(data, mapping=ColumnMapping(speaker="谁", text="丙"))
    assert [
        each.name for each in inspect_file("t.csv", data, ColumnMapping(speaker="谁", text="什么")).speakers
    ] == ["客户"]


def test_a_speaker_named_as_the_collector_column_says_is_the_collector() -> None:
    data = "编号,发送人,内容,坐席姓名\n1,周宁,您好,周宁\n1,客户,好,周宁\n".encode()
    (talk,) = read_transcripts("t.csv", data)
    assert isinstance(talk, ReadTranscript)
    assert [turn.speaker for turn in talk.transcript.turns] == ["collector", "borrower"]
    assert talk.collector == "周宁"


@pytest.mark.parametrize(
    ("day", "time", "at", "problem"),
    [
        ("2026-11-20", "10:12", "2026-11-20T10:12:00+08:00", None),
        ("2026/11/20", "下午3:05:09", "2026-11-20T15:05:09+08:00", None),
        ("2026年11月20日 10:12:00", "00:01:30", "2026-11-20T10:13:30+08:00", None),
        ("2026-11-20", "00:01:30", None, "no_start"),
        ("", "2026年11月20日 星期五 晚上11:30", "2026-11-20T23:30:00+08:00", None),
        ("", "1795140840000", "2026-11-20T10:14:00+08:00", None),
        ("", "20261120101400", "2026-11-20T10:14:00+08:00", None),
        ("", "0001-01-01T00:00:00+14:00", None, "time_unread"),
        ("", "2026-13-40 10:12", None, "time_unread"),
        ("", "2026-11-20 25:61", None, "time_unread"),
        ("", "上午10:12", None, "no_day"),
        ("2026-11-20", "", None, "no_clock"),
        ("", "刚才", None, "time_unread"),
    ],
)  # fmt: skip
def test_times_are_read_or_told_and_never_made_up(
    day: str, time: str, at: str | None, problem: str | None
) -> None:
    data = f"编号,说话人,内容,日期,时间\n1,客户,好,{day},{time}\n".encode()
    *problems, talk = read_transcripts("t.csv", data)
    assert isinstance(talk, ReadTranscript)
    (turn,) = talk.transcript.turns
    assert (turn.at.isoformat() if turn.at else None) == at
    assert [each.code for each in problems if isinstance(each, RowProblem)] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("渠道", "信鸽", "bad_channel"), ("逾期天数", "很久", "bad_number"), ("爽约次数", "1.5", "bad_number"),
        ("欠款金额", "1E+999999", "bad_amount"), ("欠款金额", "12.345", "bad_amount"), ("编号", "x" * 129, "bad_id"),
    ],
)  # fmt: skip
def test_a_bad_value_is_told_with_line_and_remedy(column: str, value: str, code: str) -> None:
    extra = f",{column}" if column != "编号" else ""
    talk_id, last = (value, "") if column == "编号" else ("1", f",{value}")
    items = list(read_transcripts("t.csv", f"编号,说话人,内容{extra}\n{talk_id},客户,好{last}\n".encode()))
    first = items[0]
    assert isinstance(first, RowProblem)
    assert (first.code, first.line, len(items)) == (code, 2, 2 if first.taken else 1)
    assert value[:10] in first.reason
    assert first.remedy


def test_a_talk_beyond_the_limits_is_told_and_the_next_one_read() -> None:
    long = "a,客户,好\n" * 5_001 + "b,客户,在\n"
    talks, problems = read(("编号,说话人,内容\n" + long).encode())
    assert talks == {"b": ["在"]}
    assert problems == [("too_long", 2)]
