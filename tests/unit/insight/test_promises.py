"""How promises count in figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from heyue.insight.promises import judged_promises
from heyue.policy import default_policy
from heyue.records import PromiseTerms, RecordedPromise
from heyue.settings import ZONE

MADE, TODAY = datetime(2026, 11, 2, 10, tzinfo=ZONE), date(2026, 11, 24)
LAST_DAY = date(2026, 11, 6)  # kept until the 7th, the day of grace


def promise(
    key: str, made: datetime, end: date | None, state: str = "open", paid_fen: int = 0
) -> RecordedPromise:
    return RecordedPromise(key, "C-1", PromiseTerms(end, end, None), 100_000, state, made, paid_fen)


def states(*promises: RecordedPromise, paid: tuple[datetime, ...] = ()) -> list[str]:
    payments = [(moment, 100_000) for moment in paid]
    return [each.state for each in judged_promises(list(promises), payments, TODAY, default_policy().promise)]


def test_a_promise_that_nobody_settled_is_settled_by_the_day() -> None:
    assert states(promise("1", MADE, LAST_DAY)) == ["broken"]
    assert states(promise("1", MADE, LAST_DAY), paid=(MADE + timedelta(days=1),)) == ["kept"]
    assert states(promise("1", MADE, TODAY)) == ["due"]


def test_a_promise_replaced_in_time_is_only_replaced() -> None:
    in_time = datetime(2026, 11, 7, 20, tzinfo=ZONE)
    assert states(promise("1", MADE, LAST_DAY, "superseded"), promise("2", in_time, date(2026, 12, 1))) == [
        "superseded", "open",
    ]  # fmt: skip


def test_a_promise_replaced_after_its_time_was_broken_before() -> None:
    late = datetime(2026, 11, 8, 9, tzinfo=ZONE)
    later = promise("2", late, date(2026, 12, 1))
    assert states(promise("1", MADE, LAST_DAY, "superseded"), later)[0] == "broken"
    assert states(promise("1", MADE, LAST_DAY, "superseded", paid_fen=20_000), later)[0] == "partly_kept"


def test_a_promise_without_a_last_day_cannot_be_late() -> None:
    late = datetime(2026, 11, 20, 9, tzinfo=ZONE)
    assert (
        states(promise("1", MADE, None, "superseded"), promise("2", late, date(2026, 12, 1)))[0]
        == "superseded"
    )
