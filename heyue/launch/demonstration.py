"""The demonstration cases: invented borrowers in every stage, overdue by so many days on the day they are loaded."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from heyue.intake.importing import import_cases
from heyue.store import Store


def load_demonstration(store: Store, shipped: Path, data_folder: Path, today: date) -> Path | None:
    """Take the demonstration cases into a store that has no case yet.

    The shipped file says `days_overdue`; the case file made of it, with due dates, stays in the data folder.

    Returns:
        That case file, or None when the store has cases already.
    """
    with store.transaction() as tx:
        if tx.case_ids():
            return None
    case_file = data_folder / "demonstration-cases.csv"
    write_case_file(shipped, case_file, today)
    import_cases(case_file, store)
    return case_file


def write_case_file(shipped: Path, case_file: Path, today: date) -> None:
    """Write a case file whose due dates lie `days_overdue` days before today."""
    with shipped.open(encoding="utf-8", newline="") as source, case_file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.DictReader(source)
        columns = ["due_date" if name == "days_overdue" else name for name in rows.fieldnames or []]
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        for row in rows:
            due_date = today - timedelta(days=int(row.pop("days_overdue")))
            writer.writerow(row | {"due_date": due_date.isoformat()})
