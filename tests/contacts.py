"""Contacts in a store, as the bot, an upload and the reader leave them there, for tests of figures."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from heyue.desk import Desk
from heyue.records import Case, PromiseTerms, TalkReading

DETAILS = ("evidence", "promises", "suggestions", "types", "tension")
PROMISED_FEN = 100_000
numbers = itertools.count(1)


def add_contact(
    desk: Desk, at: datetime, *, channel: str = "sms", outcome: str | None = "right_party", collector: str | None = None,
    overdue: int = 10, debtor_type: str = "promiser", situation: str = "cooperative", reason: str | None = "forgot",
    state: str = "confirming", tension: float = 0.2, rules: Sequence[str] = (), promised: date | None = None,
    paid_at: datetime | None = None, stop: str | None = None, opts_out: bool = False,
) -> str:  # fmt: skip
    """One contact of a case of its own: the bot's, or that of a collector where one is named. Its id.

    Args:
        promised: the last day of a promise in the ledger; paid_at: when it was paid in full.
    """
    number = next(numbers)
    case = Case(
        f"F-{number}",
        "钱多多",
        "云山消费金融",
        500_000,
        at.date() - timedelta(days=overdue),
        phone=f"139{number:08}",
    )
    with desk.store.transaction() as tx:
        tx.put_case(case)
        if collector is None:
            here = tx.open_conversation(case.case_id, channel, case.phone or "", at).conversation_id
        else:
            talk = tx.add_talk(channel, "upload", f"t-{number}", at, case_id=case.case_id, handler=collector)
            assert talk is not None
            here = talk.conversation_id
        tx.add_turn(here, "bot" if collector is None else "collector", "您好，请问是钱多多吗？", at)
        turn_id, _ = tx.add_turn(here, "borrower", "是我，电话13900001234，周五还", at)
        if collector is None and outcome is not None:
            tx.add_attempt(case.case_id, channel, outcome, at, here)
        if promised is not None:
            terms = PromiseTerms(promised, promised, "1000.00")
            tx.add_promise(case.case_id, f"{here}:0:0", terms, PROMISED_FEN, at, turn_id, here)
        if paid_at is not None:
            tx.add_payment(case.case_id, paid_at, PROMISED_FEN)
        if stop is not None:
            tx.add_stop(case.case_id, stop, at, turn_id)
        if opts_out:
            tx.add_opt_out(case.phone or "", channel, at, turn_id)
        reading = TalkReading(
            2, debtor_type, 0.8, situation, reason, state, tension, tension, len(rules), int(promised is not None),
            {name: [] for name in DETAILS} | {"violations": [{"turn": 0, "rule": rule, "text": "您好"} for rule in rules]},
        )  # fmt: skip
        tx.put_reading(here, reading, ["您好，请问是钱多多吗？", "是我，周五还"], at)
    return here
