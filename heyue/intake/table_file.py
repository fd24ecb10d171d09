"""Read a table row by row: CSV in UTF-8 (with or without BOM) or GB18030, or the first sheet of an XLSX file."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

from heyue.errors import BadInput, HeyueError
from heyue.intake.workbook_check import (
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED_MIB,
    has_document_type,
    is_too_big,
)

CHUNK = 1 << 16


@dataclass(frozen=True)
class Row:
    """One row: its line number in the file (the header is line 1) and its values by column, trimmed."""

    line: int
    values: dict[str, str]


def rows_of(path: Path, required: tuple[str, ...]) -> Iterator[Row]:
    """The rows of `path`, one at a time.

    Raises:
        BadInput: no such file, not readable as a table, or a required column is missing.
    """
    if not path.is_file():
        raise BadInput(f"{path}: there is no such file")
    rows = _xlsx_rows(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv_rows(path)
    header: list[str] | None = None
    for line, cells in rows:
        if header is None:
            header = _header(path, cells, required)
        elif any(cells):
            yield Row(line, dict(zip(header, cells, strict=False)))
    if header is None:
        raise BadInput(f"{path}: the file is empty; its first line must name the columns")


def _header(path: Path, cells: list[str], required: tuple[str, ...]) -> list[str]:
    missing = [name for name in required if name not in cells]
    if missing:
        raise BadInput(
            f"{path}, line 1: column {', '.join(missing)} is missing; the first line must name the columns"
        )
    return cells


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    encoding = encoding_of(path)
    try:
        with path.open(encoding=encoding, newline="") as source:
            reader = csv.reader(source)
            for cells in reader:
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadInput(f"{path}: not a CSV file ({error})") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: the text is neither UTF-8 nor GB18030; save it as CSV in UTF-8") from None


def encoding_of(path: Path) -> str:
    """utf-8-sig where the whole file is valid UTF-8, else gb18030.

    Raises:
        BadInput: the file holds NUL bytes, so it is no text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            if b"\0" in chunk:
                raise BadInput(f"{path}: this is no text file; save the table as CSV in UTF-8, or as XLSX")
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return "gb18030"
    return "utf-8-sig"


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet. The size that the file claims is not believed."""
    from openpyxl import load_workbook  # half a second that a CSV file need not pay

    with _readable(path):
        with ZipFile(path) as archive:
            if is_too_big(archive):
                raise BadInput(f"{path}: unpacks to more than {MOST_UNPACKED_MIB} MB; save the table as CSV")
            if has_document_type(archive):
                raise BadInput(f"{path}: no spreadsheet program wrote this XLSX file; save the table as CSV")
        book = load_workbook(path, read_only=True, data_only=True)
    try:
        with _readable(path):
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
            for line, cells in enumerate(rows, start=1):
                yield line, [_spoken(cell) for cell in cells]
    finally:
        book.close()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raises BadInput for whatever the library stumbles over: on damaged files it raises errors of every kind."""
    try:
        yield
    except (HeyueError, GeneratorExit):
        raise
    except Exception:
        raise BadInput(f"{path}: not a readable XLSX file; save the table as CSV") from None


def _spoken(cell: object) -> str:
    """A cell as text: dates in ISO form, whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
