"""No statement of the desk goes through a big table: all its use cases run, and PostgreSQL says how it would do what they ask."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from heyue.desk import Desk
from heyue.desk.practice import PracticeDesk
from heyue.desk.practice_record import PracticeRecordDesk
from heyue.desk.trial import TrialDesk
from heyue.policy import default_policy
from heyue.store import Keys, Store
from heyue.store.tables import contact_points, metadata
from tests.big_store.day import Day
from tests.big_store.loading import fill
from tests.big_store.plans import scans, statements_of
from tests.integration.test_store_postgres import Cluster, cluster  # noqa: F401  fixture

pytestmark = pytest.mark.postgres
CASES = 8_000
SMALL = frozenset({  # they grow with the people who work here, what persons and courts ask, days, or what is under way
    "users", "user_sessions", "campaigns", "review_draws", "provider_state", "provider_leases", "owed_answers",
    "calibrations", "appeals", "practice_talks", "practice_assignments", "alembic_version", "audit_chains", "data_keys", "legal_holds",
    "person_requests", "strangers",
})  # fmt: skip
COUNTED = "Seq Scan on promises: SELECT promises.state, count(*)"  # heyue_promises: asked by Prometheus, every 10 s at most
FEWEST_ROWS = 100  # of a table that is not small: otherwise what is said of it proves nothing
OF_SMALL_TABLES = {*vars(PracticeRecordDesk), *(name for each in PracticeDesk.__mro__[:2] for name in vars(each))}
OVER_HTTP = {TrialDesk.say_as_borrower.__name__}
NO_STATEMENT = {"get_ready", "may_word", "worded"}
OF_THE_WHOLE_STORE = {  # an operator's commands that mean every row: the log verified or archived, keys counted and changed
    "verify_audit", "audit_to_archive", "drop_archived_audit", "key_status", "rotate_keys",
}  # fmt: skip


class WatchedDesk(Desk):
    """Remembers which of its use cases were called."""

    called: set[str]

    def __getattribute__(self, name: str) -> Any:
        object.__getattribute__(self, "__dict__").setdefault("called", set()).add(name)
        return super().__getattribute__(name)


@pytest.fixture(scope="module")
def desk(cluster: Cluster) -> Iterator[WatchedDesk]:  # noqa: F811
    name = f"heyue_{uuid4().hex[:8]}"
    with cluster.database(name):
        store = Store.open(cluster.url(name), Keys.from_data_key(bytes(32)))
        store.migrate()
        fill(store, CASES)
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # else PostgreSQL looks at the tables anew whenever it likes, and what it knows of them decides its ways
            connection.exec_driver_sql("ALTER SYSTEM SET autovacuum = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
            connection.exec_driver_sql("ANALYZE")
        yield WatchedDesk(store, default_policy(), pushing=frozenset({"sms"}))
        store.close()


def test_every_big_table_is_filled(desk: Desk) -> None:
    with desk.store.engine.connect() as connection:
        rows = {
            name: len(connection.execute(select(table).limit(FEWEST_ROWS)).all())
            for name, table in metadata.tables.items()
        }
    assert {name for name, count in rows.items() if count < FEWEST_ROWS} <= SMALL
    assert set(metadata.tables) >= SMALL - {"alembic_version"}


def test_no_statement_goes_through_a_big_table(desk: WatchedDesk) -> None:
    with statements_of(desk.store.engine) as seen:
        for deed in Day(desk, CASES).deeds():
            for number in range(2):  # the second time other ways may be gone: what is there already is found
                deed.do(number)
    assert len(seen) > 200
    found = scans(desk.store.engine, seen, SMALL)
    found = [each for each in found if not each.startswith(COUNTED)]
    assert not found, "\n\n".join(found)
    use_cases = {name for name, _ in inspect.getmembers(Desk, inspect.isfunction) if not name.startswith("_")}
    left_out = OF_SMALL_TABLES | OVER_HTTP | NO_STATEMENT | OF_THE_WHOLE_STORE
    assert use_cases - desk.called - left_out == set(), "not in tests/big_store/day.py"


def test_a_statement_without_an_index_is_named(desk: Desk) -> None:
    by_state = select(contact_points.c.case_id).where(contact_points.c.state == "invalid")
    last = select(contact_points.c.case_id).where(contact_points.c.state == "invalid").order_by("case_id")
    with statements_of(desk.store.engine) as seen, desk.store.reading() as tx:
        tx.connection.execute(by_state)
        tx.connection.execute(last)
        tx.has_case("B-1")
    found = scans(desk.store.engine, seen, SMALL)
    assert len(found) == 2
    assert all("FROM contact_points" in each for each in found)
