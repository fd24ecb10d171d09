"""Bring a case file or a payment file into the store: in batches, good rows first of all.

Memory stays the same but for the case numbers met so far (100 bytes a row).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from heyue.intake.case_file import REQUIRED, CheckedRow, Finding, check_row
from heyue.intake.payment_file import PAYMENT_COLUMNS, Payment, check_payment
from heyue.intake.table_file import rows_of
from heyue.ledger import settle
from heyue.policy import Policy
from heyue.settings import ZONE
from heyue.store import Store, Tx

BATCH = 1_000
Progress = Callable[[int], None]


@dataclass
class ImportReport:
    """What an import did: rows by outcome, what was refused and what was odd."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def refuse(self, findings: tuple[Finding, ...]) -> None:
        self.refused += 1
        self.refusals += findings


def import_cases(path: Path, store: Store, progress: Progress = lambda rows: None) -> ImportReport:
    """Put the cases of `path` into the store. The same file again changes nothing.

    Raises:
        BadInput: the file cannot be read as a case file at all. StoreUnavailable: the store failed; batches
            before are in, the rest is not, and the import can simply be run again.
    """
    report, seen = ImportReport(), set[str]()
    for batch in batches(checked_cases(path, report, seen)):
        with store.transaction() as tx:
            outcome = tx.put_cases([(checked.case, checked.phone_state) for checked in batch if checked.case])
        report.added += outcome["added"]
        report.updated += outcome["updated"]
        report.unchanged += outcome["unchanged"]
        progress(len(batch))
    return report


def checked_cases(path: Path, report: ImportReport, seen: set[str]) -> Iterator[CheckedRow]:
    """The good rows of a case file; refusals and warnings go into the report."""
    for row in rows_of(path, REQUIRED):
        checked = check_row(row)
        if checked.case is not None and checked.case.case_id in seen:
            again = Finding(
                row.line,
                "case_id",
                f"{checked.case.case_id} stands in this file before; the first row counts",
            )
            checked = CheckedRow(None, (again,))
        if checked.case is None:
            report.refuse(checked.refusals)
            continue
        seen.add(checked.case.case_id)
        report.warnings += checked.warnings
        yield checked


def batches(rows: Iterator[CheckedRow]) -> Iterator[list[CheckedRow]]:
    """The rows in lists of at most BATCH."""
    while batch := list(islice(rows, BATCH)):
        yield batch


def import_payments(path: Path, store: Store, policy: Policy) -> ImportReport:
    """Put the payments of `path` into the store and bring the promises of their cases up to date.

    Raises:
        BadInput: the file cannot be read as a payment file at all. StoreUnavailable: as for import_cases.
    """
    report, times = ImportReport(), dict[Payment, int]()
    for row in rows_of(path, PAYMENT_COLUMNS):
        payment = check_payment(row)
        if isinstance(payment, Finding):
            report.refuse((payment,))
            continue
        ordinal = times[payment] = times.get(payment, -1) + 1  # equal payments of one moment are told apart
        with store.transaction() as tx:
            take_payment(tx, payment, ordinal, row.line, policy, report)
    return report


def take_payment(
    tx: Tx, payment: Payment, ordinal: int, line: int, policy: Policy, report: ImportReport
) -> None:
    """Store one payment and settle the promises of its case."""
    if not tx.has_case(payment.case_id):
        report.refuse(
            (Finding(line, "case_id", f"no case has the number {payment.case_id!r}: import it first"),)
        )
        return
    if not tx.add_payment(payment.case_id, payment.paid_at, payment.amount_fen, ordinal):
        report.unchanged += 1
        return
    report.added += 1
    promises = tx.promises(payment.case_id)
    today = payment.paid_at.astimezone(ZONE).date()
    for before, after in zip(
        promises, settle(promises, tx.payments(payment.case_id), today, policy.promise), strict=True
    ):
        if (before.state, before.paid_fen) != (after.state, after.paid_fen):
            cause = f"payment of {payment.paid_at.isoformat()}"
            tx.set_promise_state(after.promise_id, after.state, after.paid_fen, payment.paid_at, cause)
