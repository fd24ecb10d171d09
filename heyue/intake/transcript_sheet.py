"""The rows of an XLSX file, read with limits: what comes here was written by anybody."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zipfile import ZipFile

from heyue.errors import BadInput
from heyue.intake.transcript_problem import refusal
from heyue.intake.workbook_check import (
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED_MIB,
    has_document_type,
    is_too_big,
)

MOST_SHEETS = 30
CELL_FAULTS = {
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#N/A",
}  # what a broken formula shows


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a file that is not empty: its rows with their numbers, without empty ones.

    `lines`: how many it claims to have; 0 where it does not say.
    """

    title: str
    sheets: int
    lines: int
    rows: Iterator[tuple[int, list[str]]]


@contextmanager
def opened_sheet(data: bytes) -> Iterator[Sheet]:
    """The first sheet with anything in it; its rows come one by one while it is open.

    Raises:
        BadInput: not an XLSX file, damaged, or too big once unpacked.
    """
    with readable():
        check_unpacked(data)
        from openpyxl import load_workbook  # half a second that other files need not pay

        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        sheets = book.worksheets[:MOST_SHEETS]
        claimed = [sheet.max_row or 0 for sheet in sheets]
        filled = (each for each in range(len(sheets)) if next(cells_of(sheets[each]), None))
        place = next(filled, None)
        if place is None:
            raise refusal("empty")
        sheet, lines = sheets[place], min(claimed[place], MOST_ROWS)
        yield Sheet(str(sheet.title), len(book.worksheets), lines, cells_of(sheet))
    finally:
        book.close()


@contextmanager
def readable() -> Iterator[None]:
    """Raises BadInput for whatever the library stumbles over: on hostile files it raises errors of every kind."""
    try:
        yield
    except (BadInput, GeneratorExit):
        raise
    except Exception:
        raise refusal("not_spreadsheet") from None


def check_unpacked(data: bytes) -> None:
    """Raises BadInput where the parts would be too big, or one declares a document type."""
    with ZipFile(io.BytesIO(data)) as archive:
        if is_too_big(archive):
            raise refusal("unpacks_too_big", most=MOST_UNPACKED_MIB)
        if has_document_type(archive):
            raise refusal("not_spreadsheet")


def cells_of(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, as text, with their numbers. The size that the file claims is not believed."""
    with readable():
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
        for line, cells in enumerate(rows, start=1):
            if any(cells):
                yield line, [cell_text(cell) for cell in cells]


def cell_text(cell: object) -> str:
    """A cell as text: times whole in ISO form, whole numbers without a decimal point, broken formulas empty."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return "" if cell in CELL_FAULTS else cell.strip()
    if isinstance(cell, datetime):
        midnight = cell.time() == datetime.min.time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
