"""Who can be taken in as a user, which passwords may be chosen, and what each role opens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heyue.access.audit import EVENTS_A_PAGE, AuditFilter, AuditPage
from heyue.access.limits import limits
from heyue.access.passwords import WeakPassword, hash_password, is_password, made_up_password, weakness
from heyue.access.people import NoEmail, NoLogin, NoName, NoPassword, UnknownUser, UserExists, operator
from heyue.access.roles import roles
from heyue.desk import Desk, open_desk
from heyue.errors import BadInput
from heyue.settings import ZONE, Settings

NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
GOOD = {"login": "wang", "name": "王芳", "role": "lead", "password": "Wolke-7-Regen"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(Settings(f"sqlite:///{tmp_path / 'heyue.db'}", tmp_path))
    yield opened
    opened.store.close()


def add(desk: Desk, **other: str | None) -> None:
    desk.add_user(**(GOOD | other), by=operator("test"), at=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"login": "w"}, NoLogin),
        ({"login": "王芳"}, NoLogin),
        ({"login": "wang fang"}, NoLogin),
        ({"login": ".wang"}, NoLogin),
        ({"login": "w" * 64}, NoLogin),
        ({"name": "  "}, NoName),
        ({"name": "王" * 61}, NoName),
        ({"email": "wang"}, NoEmail),
        ({"role": "boss"}, BadInput),
        ({"password": "short"}, WeakPassword),
        ({"password": None}, NoPassword),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(
    desk: Desk, other: dict[str, str | None], refusal: type[BadInput]
) -> None:
    with pytest.raises(refusal):
        add(desk, **other)
    assert desk.users(operator("test")) == []


@pytest.mark.parametrize("other", [{"email": "x@bank.example"}, {"login": "zhao"}, {"login": "WANG"}])
def test_login_and_email_belong_to_one_person(desk: Desk, other: dict[str, str]) -> None:
    add(desk, email="wang@bank.example")
    with pytest.raises(UserExists):
        add(desk, **{"email": "Wang@bank.example"} | other)
    assert [user.login for user in desk.users(operator("test"))] == ["wang"]


def test_nobody_cannot_be_changed(desk: Desk) -> None:
    with pytest.raises(UnknownUser):
        desk.change_user("nobody", operator("admin"), NOW, name="王")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("123456789", "too_short"),
        ("x" * 129, "too_long"),
        ("wang.fang2026", "like_login"),
        ("WANG.FANG", "too_short"),
        ("wang.fangwang.fang", "like_login"),
        ("aaaaaaaaaaab", "too_uniform"),
        ("wang.fang likes rain", None),
        ("一二三四五六七八九十", None),
        ("k7pm-mmnd-ndcy-h5qe", None),
    ],
)
def test_passwords_that_may_be_chosen(password: str, why: str | None) -> None:
    assert weakness(password, "wang.fang") == why


@pytest.mark.usefixtures("real_hashes")
def test_hashes_are_argon2id_with_64_mib_and_differ_for_the_same_password() -> None:
    first, second = (hash_password("Wolke-7-Regen", "wang") for _ in range(2))
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert is_password("Wolke-7-Regen", first)
    assert not is_password("Wolke-7-Regen ", first)


def test_no_more_hashes_are_computed_at_once_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than there is room for never meet, however many come."""
    most = limits().password.hashed_at_once
    meeting = threading.Barrier(most + 1, timeout=0.3)
    met: list[int] = []

    class Hasher:
        def verify(self, *_: str) -> bool:
            with suppress(threading.BrokenBarrierError):
                met.append(meeting.wait())
            return True

    monkeypatch.setattr("heyue.access.passwords.HASHER", Hasher())
    with ThreadPoolExecutor(4 * most) as pool:
        assert all(pool.map(lambda _: is_password("x", "y"), range(4 * most)))
    assert met == []


def test_made_up_passwords_differ() -> None:
    assert len({made_up_password() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("role", "opens", "does_not_open", "sees"),
    [
        (
            "trainee",
            {"practice", "try_it"},
            {"live", "review", "users", "audit", "dashboard"},
            "demonstration",
        ),
        ("collector", {"live", "appeals", "try_it"}, {"review", "users", "audit", "dashboard"}, "own"),
        ("reviewer", {"review", "upload", "rule_health", "calibration"}, {"live", "users", "audit"}, "all"),
        ("lead", {"live", "review", "dashboard", "weekly", "audit"}, {"users"}, "all"),
        ("admin", {"users", "audit"}, {"live", "review", "upload", "dashboard", "weekly"}, "none"),
    ],
)
def test_each_role_opens_its_pages_only(
    role: str, opens: set[str], does_not_open: set[str], sees: str
) -> None:
    found = roles()[role]
    assert all(found.may_open(page) for page in opens)
    assert not any(found.may_open(page) for page in does_not_open)
    assert found.sees == sees


def test_an_action_that_no_role_may_is_a_misspelling() -> None:
    assert roles()["admin"].may("keep_users")
    assert not roles()["lead"].may("keep_users")
    with pytest.raises(ValueError, match="keep_user"):
        roles()["admin"].may("keep_user")


def pages_of(desk: Desk, wanted: AuditFilter) -> list[AuditPage]:
    """The whole log, each page begun where the one before ends."""
    pages = [desk.audit_trail(operator("test"), wanted)]
    while (older := pages[-1].older) is not None:
        pages.append(desk.audit_trail(operator("test"), wanted, older))
    return pages


@pytest.fixture
def log(desk: Desk) -> Desk:
    """A desk with 120 views of cases by two people, one a minute."""
    with desk.store.transaction() as tx:
        for number in range(120):
            actor, case_id = ("li", "C-1") if number % 2 else ("wang", "C-2")
            tx.audit("case_viewed", NOW + timedelta(minutes=number), case_id=case_id, actor=actor)
    return desk


def test_the_audit_log_is_read_page_by_page_from_its_end(log: Desk) -> None:
    pages = pages_of(log, AuditFilter())
    assert [len(page.events) for page in pages] == [EVENTS_A_PAGE, EVENTS_A_PAGE, 20]
    times = [event.at for page in pages for event in page.events]
    assert times == sorted(times, reverse=True)


def test_events_of_one_moment_are_all_read_and_none_twice(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        for number in range(2 * EVENTS_A_PAGE + 1):
            tx.audit("case_viewed", NOW, case_id=f"C-{number}", actor="li")
    seen = [event.case_id for page in pages_of(desk, AuditFilter()) for event in page.events]
    assert seen == [f"C-{number}" for number in reversed(range(2 * EVENTS_A_PAGE + 1))]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (AuditFilter(actor="li"), 60),
        (AuditFilter(case_id="C-2", actor="li"), 0),
        (AuditFilter(event="signed_in"), 0),
        (AuditFilter(since=NOW + timedelta(minutes=100)), 20),
        (AuditFilter(since=NOW + timedelta(minutes=10), until=NOW + timedelta(minutes=20), actor="wang"), 5),
    ],
)
def test_the_audit_log_is_filtered(log: Desk, wanted: AuditFilter, count: int) -> None:
    found = [event for page in pages_of(log, wanted) for event in page.events]
    assert len(found) == count
