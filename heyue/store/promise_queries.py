"""The promise ledger and the payments, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from heyue.records import PromiseTerms, RecordedPromise
from heyue.store.queries import Queries
from heyue.store.tables import payments, promise_changes, promises
from heyue.watch.metrics import PROMISE_CHANGES


class PromiseQueries(Queries):
    """Promises and payments."""

    def add_promise(
        self, case_id: str, promise_key: str, terms: PromiseTerms, amount_due_fen: int, at: datetime,
        cause_turn_id: int | None, conversation_id: str | None,
    ) -> RecordedPromise:  # fmt: skip
        """Put a promise into the ledger. The same key again changes nothing and gives the promise that stands."""
        self.must_last = True
        is_new = self.insert_or_ignore(
            promises, promise_key=promise_key, case_id=case_id, conversation_id=conversation_id,
            cause_turn_id=cause_turn_id, start=terms.start, end=terms.end, amount=terms.amount,
            certainty=terms.certainty, amount_due_fen=amount_due_fen, state="open", paid_fen=0, recorded_at=at,
        )  # fmt: skip
        row = self.connection.execute(
            select(promises).where(promises.c.promise_key == promise_key)
        ).mappings().one()  # fmt: skip
        if is_new:
            self._note_change(row["promise_id"], "open", 0, at, cause_turn_id)
        return promise_of(row)

    def promises(self, case_id: str) -> list[RecordedPromise]:
        """All promises of a case, in the order in which they were made."""
        rows = self.connection.execute(
            select(promises).where(promises.c.case_id == case_id).order_by(promises.c.promise_id)
        ).mappings()
        return [promise_of(row) for row in rows]

    def set_promise_state(
        self, promise_id: str, state: str, paid_fen: int, at: datetime, cause: int | str | None
    ) -> None:
        """Change where a promise stands, with what caused it (a message's turn id, a payment, a day that passed)."""
        self.must_last = True
        self.connection.execute(
            update(promises)
            .where(promises.c.promise_id == int(promise_id))
            .values(state=state, paid_fen=paid_fen)
        )
        self._note_change(int(promise_id), state, paid_fen, at, cause)

    def _note_change(self, promise_id: int, state: str, paid_fen: int, at: datetime, cause: object) -> None:
        self.connection.execute(
            insert(promise_changes).values(
                promise_id=promise_id,
                state=state,
                paid_fen=paid_fen,
                at=at,
                cause=None if cause is None else str(cause),
            )
        )
        self.afterwards.append(PROMISE_CHANGES.labels(state).inc)

    def add_payment(self, case_id: str, paid_at: datetime, amount_fen: int, ordinal: int = 0) -> bool:
        """Take a payment (negative: a reversal). `ordinal` tells equal payments of one moment apart. True when new."""
        self.must_last = True
        return self.insert_or_ignore(
            payments, case_id=case_id, paid_at=paid_at, amount_fen=amount_fen, ordinal=ordinal
        )

    def payments(self, case_id: str) -> list[tuple[datetime, int]]:
        """All payments of a case as (moment, fen), in order of time; reversals are negative."""
        rows = self.connection.execute(
            select(payments.c.paid_at, payments.c.amount_fen)
            .where(payments.c.case_id == case_id)
            .order_by(payments.c.paid_at, payments.c.payment_id)
        )
        return [(paid_at, amount_fen) for paid_at, amount_fen in rows]

    def paid_fen(self, case_id: str) -> int:
        """What has been paid on a case in all, reversals taken off."""
        total = self.connection.execute(
            select(func.coalesce(func.sum(payments.c.amount_fen), 0)).where(payments.c.case_id == case_id)
        ).scalar_one()
        return int(total)


def promise_of(row: Any) -> RecordedPromise:
    """A row of the ledger as a record."""
    return RecordedPromise(
        promise_id=str(row["promise_id"]),
        case_id=row["case_id"],
        terms=PromiseTerms(row["start"], row["end"], row["amount"], row["certainty"]),
        amount_due_fen=row["amount_due_fen"],
        state=row["state"],
        recorded_at=row["recorded_at"],
        paid_fen=row["paid_fen"],
        cause_turn_id=row["cause_turn_id"],
    )
