"""A desk over a store of its own, with cases and users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.policy import default_policy
from heyue.records import Case
from heyue.settings import ZONE
from heyue.store import Keys, Store

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)  # a Tuesday
PHONE, DEMO_PHONE = "13800138000", "13800138001"
CASES = [
    Case(
        "C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), phone=PHONE, id_last4="5126", product="现金分期"
    ),
    Case("DEMO-001", "林晓雯", "云山消费金融", 865_050, date(2026, 11, 10), phone=DEMO_PHONE),
]
LEAD = User("chen", "陈主管", role_of("lead"))
COLLECTOR = User("wang", "王小姐", role_of("collector"))
OTHER_COLLECTOR = User("li", "李先生", role_of("collector"))
REVIEWER = User("zhou", "周老师", role_of("reviewer"))
TRAINEE = User("sun", "孙同学", role_of("trainee"))
ADMIN = User("gao", "高工", role_of("admin"))


@contextmanager
def desk_over(folder: Path, cases: Sequence[Case]) -> Iterator[Desk]:
    """A desk over a new store with these cases."""
    store = Store.open(f"sqlite:///{folder / 'heyue.db'}", Keys.from_data_key(bytes(32)))
    store.migrate()
    with store.transaction() as tx:
        tx.put_cases([(case, "usable") for case in cases])
    yield Desk(store, default_policy())
    store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_over(tmp_path, CASES) as opened:
        yield opened
