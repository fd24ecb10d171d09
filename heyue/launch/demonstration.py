"""The demonstration: invented borrowers in every stage, overdue by so many days on the day they are loaded, and a user
of the coach in each role."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime, timedelta
from pathlib import Path

from heyue.access.passwords import made_up_password
from heyue.access.people import operator
from heyue.access.roles import roles
from heyue.desk.access import AccessDesk
from heyue.intake.importing import import_cases
from heyue.store import Store

USERS_FILE = "demonstration-users.txt"


def load_demonstration(store: Store, shipped: Path, data_folder: Path, today: date) -> Path | None:
    """Take the demonstration cases into a store that has no case yet.

    The shipped file says `days_overdue`; the case file made of it, with due dates, stays in the data folder.

    Returns:
        That case file, or None when the store has cases already.
    """
    with store.reading() as tx:
        if tx.first_case_id():
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


def add_demonstration_users(desk: AccessDesk, data_folder: Path, now: datetime) -> Path | None:
    """Make a user of each role with a random password, in a store that has no user and only invented cases.

    Returns:
        The file with logins and passwords, which only its owner can read, or None when no user was made.
    """
    with desk.store.reading() as tx:
        if tx.has_real_cases() or tx.users():
            return None
    file, passwords = data_folder / USERS_FILE, {key: made_up_password() for key in roles()}
    lines = [f"{key:<10} {password}  {roles()[key].name}\n" for key, password in passwords.items()]
    write_secret(file, "".join(lines))
    for key, password in passwords.items():
        desk.add_user(key, f"演示{roles()[key].name}", key, password, operator("heyue run"), now)
    return file


def write_secret(file: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first moment on."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), 0o600)  # a file that stood there keeps its own mode otherwise
        out.write(text)
