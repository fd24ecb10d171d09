"""Case files: rows good and bad (tests/data/case_rows.jsonl), encodings, spreadsheets, broken files."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from heyue.errors import BadInput
from heyue.intake import table_file
from heyue.intake.case_file import REQUIRED, check_row
from heyue.intake.importing import import_cases
from heyue.intake.table_file import Row, rows_of
from heyue.store import Keys, Store

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data/case_rows.jsonl").read_text(encoding="utf-8").splitlines()
]
GOOD = {
    "case_id": "C-1", "borrower_name": "赵明远", "gender": "男", "phone": "13800002001", "wechat_openid": "o1",
    "id_last4": "5126", "creditor": "云山消费金融", "product": "现金分期", "amount_due": "3200.00",
    "minimum_due": "320.00", "due_date": "2026-11-15", "pay_day": "15", "broken_promises": "1",
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = Store.open(f"sqlite:///{tmp_path / 'heyue.db'}", Keys.from_data_key(b"k" * 32))
    opened.migrate()
    return opened


def write_csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as out:
        writer = csv.DictWriter(out, list(GOOD))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_row(case: dict[str, Any]) -> None:
    checked = check_row(Row(7, GOOD | case["given"]))
    assert [finding.column for finding in checked.refusals] == case["expect"]["refused"]
    assert (checked.case is None) == bool(case["expect"]["refused"])
    assert [finding.column for finding in checked.warnings] == case["expect"].get("warned", [])
    assert all(str(finding).startswith("line 7, column ") for finding in checked.refusals + checked.warnings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    file = write_csv(tmp_path / "cases.csv", [GOOD], encoding)
    assert [row.values for row in rows_of(file, REQUIRED)] == [GOOD]


def test_spreadsheet_with_real_dates_and_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(list(GOOD))
    sheet.append(
        list((GOOD | {"phone": 13800002001, "amount_due": 3200.5, "due_date": date(2026, 11, 15)}).values())
    )
    book.save(tmp_path / "cases.xlsx")
    (row,) = rows_of(tmp_path / "cases.xlsx", REQUIRED)
    checked = check_row(row)
    assert checked.case is not None
    assert (checked.case.phone, checked.case.amount_due_fen, checked.case.due_date) == (
        "13800002001", 320050, date(2026, 11, 15),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("header.csv", b"a,b\n1,2\n", "column case_id"),
        ("binary.csv", b"PK\x03\x04\x00\x00\x00", "no text file"),
        ("broken.xlsx", b"not a zip", "not a readable XLSX"),
        ("latin.csv", b"case_id\xff\xff\xff\n", "neither UTF-8 nor GB18030"),
    ],
    ids=["empty", "header", "binary", "spreadsheet", "encoding"],
)
def test_unusable_file(tmp_path: Path, store: Store, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=says):
        import_cases(tmp_path / name, store)


def workbook_with(path: Path, part: str, change: tuple[bytes, bytes]) -> Path:
    """A case file as a workbook in which some bytes of one part are others."""
    book, plain = Workbook(), io.BytesIO()
    book.active.append(list(GOOD))
    book.active.append(list(GOOD.values()))
    book.save(plain)
    with ZipFile(plain) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            assert name != part or change[0] in content
            target.writestr(name, content.replace(*change) if name == part else content)
    return path


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("xl/worksheets/sheet1.xml", (b"<sheetData>", b"<sheetData")),
        ("xl/worksheets/sheet1.xml", (b'r="2"', b'r="x"')),
        ("xl/workbook.xml", (b"<sheets>", b"<sheets/><x>")),
        ("xl/styles.xml", (b"</styleSheet>", b"")),
        ("[Content_Types].xml", (b"<Types", b"<Type")),
    ],
    ids=str,
)
def test_a_damaged_spreadsheet_is_refused_in_words(tmp_path: Path, store: Store, part: str, change: tuple[bytes, bytes]) -> None:
    file = workbook_with(tmp_path / "cases.xlsx", part, change)
    with pytest.raises(BadInput, match="not a readable XLSX file"):
        import_cases(file, store)


@pytest.mark.parametrize("row", ["999999999999", "1048577"])
def test_a_row_that_claims_to_stand_far_away_ends_the_reading(
    tmp_path: Path, store: Store, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library fills up every row on the way there."""
    monkeypatch.setattr(table_file, "MOST_ROWS", 1_000)  # Excel's own limit takes it seconds
    file = workbook_with(tmp_path / "cases.xlsx", "xl/worksheets/sheet1.xml", (b'r="2"', f'r="{row}"'.encode()))
    assert import_cases(file, store).added == 0


def test_missing_file(tmp_path: Path, store: Store) -> None:
    with pytest.raises(BadInput, match="no such file"):
        import_cases(tmp_path / "nowhere.csv", store)


def test_good_rows_go_in_beside_bad_ones_and_again_nothing_changes(tmp_path: Path, store: Store) -> None:
    rows = [
        GOOD,
        GOOD | {"case_id": "C-2", "amount_due": "x"},
        GOOD | {"case_id": "C-3", "phone": "6512345"},
        GOOD,
    ]
    file = write_csv(tmp_path / "cases.csv", rows)
    first = import_cases(file, store)
    assert (first.added, first.refused) == (2, 2)
    assert [(finding.line, finding.column) for finding in first.refusals] == [
        (3, "amount_due"),
        (5, "case_id"),
    ]
    again = import_cases(file, store)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)
    with store.transaction() as tx:
        assert {point.channel: point.state for point in tx.contact_points("C-3")} == {
            "phone": "invalid", "wechat": "usable",
        }  # fmt: skip


def test_update_keeps_what_heyue_learnt(tmp_path: Path, store: Store) -> None:
    import_cases(write_csv(tmp_path / "a.csv", [GOOD]), store)
    with store.transaction() as tx:
        tx.set_case_state("C-1", situation="cooperative", status="promised")
    report = import_cases(write_csv(tmp_path / "b.csv", [GOOD | {"amount_due": "999.00"}]), store)
    assert report.updated == 1
    with store.transaction() as tx:
        case = tx.case("C-1")
    assert (case.amount_due_fen, case.situation, case.status) == (99900, "cooperative", "promised")


@given(st.dictionaries(st.sampled_from(list(GOOD)), st.text(max_size=80)))
def test_any_text_in_a_row_is_taken_or_refused(values: dict[str, str]) -> None:
    checked = check_row(Row(2, GOOD | values))
    assert (checked.case is None) == bool(checked.refusals)
