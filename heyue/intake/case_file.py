"""The lender's case file: each row becomes a case or is refused with line, column and reason (contracts.md section 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from heyue.errors import BadInput
from heyue.intake.contact_data import phone_fault
from heyue.intake.table_file import Row
from heyue.money import fen_from_yuan
from heyue.records import Case

REQUIRED = ("case_id", "borrower_name", "creditor", "amount_due", "due_date")


@dataclass(frozen=True)
class Finding:
    """Something wrong in a row: where, what, and what to do about it."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.reason}"


@dataclass(frozen=True)
class CheckedRow:
    """A row of the case file: the case, or why it is refused; warnings do not refuse it.

    `phone_state`: usable, or invalid where the number cannot be reached.
    """

    case: Case | None
    refusals: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    phone_state: str = "usable"


@dataclass
class RowCheck:
    """Reads the fields of one row and gathers what is wrong with them."""

    row: Row
    refusals: list[Finding] = field(default_factory=list)

    def refuse(self, column: str, reason: str) -> None:
        self.refusals.append(Finding(self.row.line, column, reason))

    def text(self, column: str, most: int, required: bool = False) -> str | None:
        """A text of at most `most` characters; None when empty."""
        value = self.row.values.get(column, "")
        if not value:
            if required:
                self.refuse(column, "is empty, but is required")
            return None
        if len(value) > most:
            self.refuse(column, f"has {len(value)} characters; at most {most} are allowed")
            return None
        return value

    def parsed(self, column: str, parse: Callable[[str], Any], required: bool = False) -> Any:
        """A value read by `parse`, which raises BadInput or ValueError with the reason; None when empty."""
        value = self.text(column, 64, required)
        if value is None:
            return None
        try:
            return parse(value)
        except (BadInput, ValueError) as error:
            self.refuse(column, str(error))
            return None


def check_row(row: Row) -> CheckedRow:
    """The case in a row of the case file, or the reasons why there is none."""
    check = RowCheck(row)
    fields = read_fields(check)
    phone, openid = fields["phone"], fields["wechat_openid"]
    if not phone and not openid and not any(each.column == "phone" for each in check.refusals):
        check.refuse("phone", "phone and wechat_openid are both empty: one of them is required")
    if (
        fields["minimum_due_fen"]
        and fields["amount_due_fen"]
        and fields["minimum_due_fen"] > fields["amount_due_fen"]
    ):
        check.refuse("minimum_due", "is more than amount_due")
    if check.refusals:
        return CheckedRow(None, tuple(check.refusals))
    fault = phone_fault(phone) if phone else None
    warnings = (Finding(row.line, "phone", f"{fault}; it will not be used"),) if fault else ()
    return CheckedRow(Case(**fields), warnings=warnings, phone_state="invalid" if fault else "usable")


def read_fields(check: RowCheck) -> dict[str, Any]:
    """All fields of a case by their names in heyue.records.Case."""
    return {
        "case_id": check.text("case_id", 64, required=True),
        "borrower_name": check.text("borrower_name", 40, required=True),
        "gender": check.parsed("gender", gender),
        "phone": check.parsed("phone", phone_number),
        "wechat_openid": check.text("wechat_openid", 128),
        "id_last4": check.parsed("id_last4", id_digits),
        "creditor": check.text("creditor", 120, required=True),
        "product": check.text("product", 120),
        "amount_due_fen": check.parsed("amount_due", owed, required=True),
        "minimum_due_fen": check.parsed("minimum_due", fen_from_yuan),
        "due_date": check.parsed("due_date", iso_date, required=True),
        "pay_day": check.parsed("pay_day", day_of_month),
        "broken_promises": check.parsed("broken_promises", count) or 0,
    }


def gender(said: str) -> str:
    if said not in ("男", "女"):
        raise ValueError(f"{said!r} is not 男 or 女; leave it empty where it is not known")
    return said


def phone_number(said: str) -> str:
    """A phone number without spaces, dashes and country code."""
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", said):
        raise ValueError(f"{said!r} was turned into a number by a spreadsheet: format the column as text")
    plain = re.sub(r"[\s\-()（）]", "", said)
    plain = re.sub(r"^(\+?86|0086)(?=1[0-9]{10}$)", "", plain)
    if not re.fullmatch(r"[0-9]{5,15}", plain):
        raise ValueError(f"{said!r} is no phone number")
    return plain


def id_digits(said: str) -> str:
    if not re.fullmatch(r"[0-9]{3}[0-9Xx]", said):
        raise ValueError(
            "must be four characters such as 5126 or 844X; a lost leading zero comes from a number column"
        )
    return said.upper()


def owed(said: str) -> int:
    amount_fen = fen_from_yuan(said)
    if amount_fen == 0:
        raise ValueError("is zero: nothing is owed")
    return amount_fen


def iso_date(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ValueError(f"{said!r} is not a date such as 2026-11-15") from None


def day_of_month(said: str) -> int:
    if not (said.isdigit() and 1 <= int(said) <= 31):
        raise ValueError(f"{said!r} is not a day of the month, 1 to 31")
    return int(said)


def count(said: str) -> int:
    if not (said.isdigit() and len(said) <= 4):
        raise ValueError(f"{said!r} is not a count such as 0 or 2")
    return int(said)
