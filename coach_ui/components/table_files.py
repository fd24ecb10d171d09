"""Tables as files to take away. A cell that a spreadsheet would take for a formula is text (CSV injection, OWASP)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import BytesIO, StringIO

import pandas as pd

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # of full width too: some spreadsheets read them so


def csv_of(table: pd.DataFrame) -> bytes:
    """The table as CSV that spreadsheets open as UTF-8."""
    file = StringIO()
    lines = csv.writer(file)
    lines.writerow(table.columns)
    lines.writerows([harmless(cell) for cell in row] for row in table.itertuples(index=False))
    return file.getvalue().encode("utf-8-sig")


def xlsx_of(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """The tables as one workbook, each on the sheet of its name."""
    from openpyxl import Workbook  # half a second that only an export pays

    book = Workbook(write_only=True)
    for name, table in tables.items():
        sheet = book.create_sheet(name)
        sheet.append(list(table.columns))
        for row in table.itertuples(index=False):
            sheet.append([harmless(cell) for cell in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def harmless(cell: object) -> object:
    """The cell, kept from being taken for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
