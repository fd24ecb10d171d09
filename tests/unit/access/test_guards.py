"""The desk asks for the role itself: no face that forgets to ask opens the users or the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from heyue.access.audit import AuditFilter
from heyue.access.people import User, operator
from heyue.access.roles import OPERATOR, roles
from heyue.desk import Desk, open_desk
from heyue.desk.base import NotAllowed
from heyue.settings import Settings
from tests.unit.access.test_sign_in import NOW, PASSWORD

PEOPLE = {key: User(key, key, role) for key, role in roles().items()}
WAYS: dict[str, tuple[str, Callable[[Desk, User], object]]] = {
    "the list of users": ("keep_users", lambda desk, by: desk.users(by)),
    "a new user": ("keep_users", lambda desk, by: desk.add_user("new", "新", "lead", PASSWORD, by, NOW)),
    "another's password": ("keep_users", lambda desk, by: desk.change_user("other", by, NOW, password="Sonne-8-Schnee")),
    "another's role": ("keep_users", lambda desk, by: desk.change_user("other", by, NOW, role="admin")),
    "another's standing": ("keep_users", lambda desk, by: desk.change_user("other", by, NOW, disabled=True)),
    "one's own name": ("keep_users", lambda desk, by: desk.change_user(by.login, by, NOW, name="某")),
    "the audit log": ("read_audit", lambda desk, by: desk.audit_trail(by, AuditFilter())),
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(Settings(f"sqlite:///{tmp_path / 'heyue.db'}", tmp_path))
    for login, role in [*((key, key) for key in PEOPLE), ("other", "collector")]:
        opened.add_user(login, "某人", role, PASSWORD, operator("test"), NOW)
    yield opened
    opened.store.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", PEOPLE)
def test_only_a_role_that_may_gets_through(desk: Desk, role: str, way: str) -> None:
    action, attempt = WAYS[way]
    if roles()[role].may(action):
        attempt(desk, PEOPLE[role])
        return
    with desk.store.reading() as tx:
        before = tx.users(), tx.password_hash("other")
    with pytest.raises(NotAllowed, match=f"{role} may not {action}"):
        attempt(desk, PEOPLE[role])
    with desk.store.reading() as tx:
        assert (tx.users(), tx.password_hash("other")) == before


@pytest.mark.parametrize("change", [{"role": "lead"}, {"disabled": True}])
def test_an_admin_does_not_change_what_they_may_themselves(desk: Desk, change: dict[str, object]) -> None:
    with pytest.raises(NotAllowed, match="nobody changes their own role"):
        desk.change_user("admin", PEOPLE["admin"], NOW, **change)  # type: ignore[arg-type]
    assert desk.change_user("admin", operator("admin"), NOW, **change).login == "admin"  # type: ignore[arg-type]


def test_nobody_can_be_given_the_role_of_the_command_line() -> None:
    assert OPERATOR.key not in roles()
