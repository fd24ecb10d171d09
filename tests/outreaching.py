"""Desks with cases to be reminded, and days of a worker, for tests of outreach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from heyue.delivery.sender import Sender
from heyue.desk import Desk
from heyue.desk.outreach import Wanted
from heyue.policy import default_policy
from heyue.records import Case, PromiseTerms
from heyue.settings import ZONE
from heyue.store import Keys, Store
from tests.outgoing import still

TODAY = date(2026, 11, 26)
DAWN = datetime(2026, 11, 26, 8, 30, tzinfo=ZONE)
ALL = Wanted(frozenset({"courtesy", "reminder", "promise"}))


def open_outreach(url: str, *cases: Case, pushing: frozenset[str] = frozenset({"sms", "wechat"})) -> Desk:
    """A desk over this database whose store has these cases."""
    store = Store.open(url, Keys.from_data_key(bytes(32)))
    store.migrate()
    with store.transaction() as tx:
        tx.put_cases([(case, "usable") for case in cases])
    return Desk(store, default_policy(), pushing=pushing)


def overdue(number: int, days: int = 8, **fields: Any) -> Case:
    """A case of somebody of his own."""
    name = f"赵{'一二三四五六七八九十'[number % 10]}远"
    case = Case(
        f"C-{number}", name, "云山消费金融", 320_000, TODAY - timedelta(days=days), phone=f"139{number:08}",
        id_last4=f"{number:04}",
    )  # fmt: skip
    return replace(case, **fields)


def promise(desk: Desk, case_id: str, day: date, made: datetime, amount_fen: int = 200_000) -> None:
    """The borrower has promised to pay on that day."""
    with desk.store.transaction() as tx:
        tx.add_promise(case_id, f"{case_id}:{day}", PromiseTerms(day, day, "2000.00"), amount_fen, made, None, None)
        tx.set_case_state(case_id, status="promised")


def write(desk: Desk, query: str, *values: object, **named: object) -> None:
    with desk.store.transaction() as tx:
        getattr(tx, query)(*values, **named)


def days_of_work(desk: Desk, senders: Mapping[str, Sender], first: datetime, days: int, wanted: Wanted = ALL) -> Iterator[tuple[datetime, Counter[str]]]:
    """What a worker does on so many days: plans at dawn, sends through the day, looks promises up."""
    for n in range(days):
        dawn = first + timedelta(days=n)
        desk.settle_promises(dawn)
        planned = desk.run_outreach(dawn, wanted)
        for minutes in range(0, 12 * 60, 20):
            desk.deliver_due(still(dawn + timedelta(minutes=30 + minutes)), senders)
        yield dawn, planned
