"""The payment file: case_id, paid_at, amount. A negative amount takes back an earlier payment of the same sum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from heyue.errors import BadInput
from heyue.intake.case_file import Finding
from heyue.intake.table_file import Row
from heyue.money import fen_from_yuan
from heyue.settings import ZONE

PAYMENT_COLUMNS = ("case_id", "paid_at", "amount")


@dataclass(frozen=True)
class Payment:
    """A payment on a case; negative for a reversal."""

    case_id: str
    paid_at: datetime
    amount_fen: int


def check_payment(row: Row) -> Payment | Finding:
    """The payment in a row, or why it is refused."""
    case_id = row.values.get("case_id", "")
    if not case_id:
        return Finding(row.line, "case_id", "is empty, but is required")
    try:
        paid_at = datetime.fromisoformat(row.values.get("paid_at", ""))
    except ValueError:
        return Finding(
            row.line, "paid_at", f"{row.values.get('paid_at')!r} is not a date or time such as 2026-11-27"
        )
    try:
        amount_fen = signed_fen(row.values.get("amount", ""))
    except BadInput as error:
        return Finding(row.line, "amount", str(error))
    return Payment(case_id, paid_at if paid_at.tzinfo else paid_at.replace(tzinfo=ZONE), amount_fen)


def signed_fen(said: str) -> int:
    """Fen in a yuan decimal that may be negative.

    Raises:
        BadInput: no amount, or zero.
    """
    amount_fen = -fen_from_yuan(said[1:]) if said.startswith("-") else fen_from_yuan(said)
    if amount_fen == 0:
        raise BadInput("is zero")
    return amount_fen
