"""Signing in: passwords, lock-out, sessions, and what the audit log says of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heyue.access.audit import AuditFilter
from heyue.access.limits import limits
from heyue.access.people import (
    Disabled,
    LockedUntil,
    SignedIn,
    TooManyAttempts,
    UnknownEmail,
    WrongPassword,
    operator,
)
from heyue.desk import Desk, open_desk
from heyue.settings import ZONE, Settings

NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
LOGIN, PASSWORD = "li.na", "Wolke-7-Regen"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(f"sqlite:///{tmp_path / 'heyue.db'}", tmp_path)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    opened = open_desk(settings)
    opened.add_user(LOGIN, "李娜", "reviewer", PASSWORD, operator("test"), NOW, "li.na@bank.example")
    yield opened
    opened.store.close()


def signed_in(desk: Desk, at: datetime = NOW) -> str:
    verdict = desk.sign_in(LOGIN, PASSWORD, at)
    assert isinstance(verdict, SignedIn)
    return verdict.token


def events(desk: Desk) -> list[tuple[str, str]]:
    return [(each.event, each.actor) for each in reversed(desk.audit_trail(operator("test"), AuditFilter()).events)]


def test_the_right_password_opens_a_session(desk: Desk) -> None:
    found = desk.who(signed_in(desk), NOW)
    assert found is not None
    assert (found.login, found.name, found.role.key) == (LOGIN, "李娜", "reviewer")


def test_a_login_is_taken_in_any_case_and_with_blanks_around(desk: Desk) -> None:
    assert isinstance(desk.sign_in(" Li.Na ", PASSWORD, NOW), SignedIn)


def test_neither_password_nor_token_stands_in_the_store(desk: Desk, tmp_path: Path) -> None:
    token = signed_in(desk)
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.name.startswith("heyue.db"))
    assert LOGIN.encode() in written
    assert PASSWORD.encode() not in written
    assert token.encode() not in written


@pytest.mark.parametrize(
    ("login", "password"), [(LOGIN, "wrong"), (LOGIN, ""), ("nobody", PASSWORD), ("", "")]
)
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    desk: Desk, login: str, password: str
) -> None:
    assert desk.sign_in(login, password, NOW) == WrongPassword()


def test_the_hash_is_computed_for_an_unknown_login_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str | None] = []
    monkeypatch.setattr("heyue.desk.access.is_password", lambda _, known: looked_at.append(known) is not None)
    desk.sign_in("nobody", PASSWORD, NOW)
    assert looked_at == [None]


def test_five_wrong_passwords_lock_even_against_the_right_one(desk: Desk) -> None:
    verdicts = [desk.sign_in(LOGIN, "wrong", NOW) for _ in range(5)]
    locked = LockedUntil(NOW + timedelta(minutes=15))
    assert verdicts == [WrongPassword()] * 4 + [locked]
    assert desk.sign_in(LOGIN, PASSWORD, NOW + timedelta(minutes=14)) == locked
    assert isinstance(desk.sign_in(LOGIN, PASSWORD, NOW + timedelta(minutes=15)), SignedIn)


def test_after_the_lock_the_counting_begins_anew(desk: Desk) -> None:
    for _ in range(5):
        desk.sign_in(LOGIN, "wrong", NOW)
    later = NOW + timedelta(minutes=16)
    assert [desk.sign_in(LOGIN, "wrong", later) for _ in range(4)] == [WrongPassword()] * 4


def test_a_right_password_takes_the_wrong_ones_before_it_back(desk: Desk) -> None:
    for _ in range(3):
        assert [desk.sign_in(LOGIN, "wrong", NOW) for _ in range(4)] == [WrongPassword()] * 4
        signed_in(desk)


def test_a_restart_does_not_forget_wrong_passwords(desk: Desk, settings: Settings) -> None:
    for _ in range(4):
        desk.sign_in(LOGIN, "wrong", NOW)
    again = open_desk(settings)
    assert isinstance(again.sign_in(LOGIN, "wrong", NOW), LockedUntil)
    again.store.close()


def test_attempts_at_the_same_moment_get_no_more_than_five_looks_at_the_password(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    monkeypatch.setattr("heyue.desk.access.is_password", lambda password, _: bool(looks.append(password)))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: desk.sign_in(LOGIN, f"guess {number}", NOW), range(20)))
    assert len(looks) == 5


def wrong_ones(desk: Desk, number: int, at: datetime = NOW) -> set[type]:
    """Try one password on many logins."""
    return {type(desk.sign_in(f"nobody-{each}", "Sommer-2026!", at)) for each in range(number)}


def test_one_password_on_many_logins_is_stopped_until_the_minute_is_over(desk: Desk) -> None:
    most = limits().lockout.wrong_a_minute
    assert wrong_ones(desk, most) == {WrongPassword}
    assert wrong_ones(desk, 2) == {TooManyAttempts}
    assert desk.sign_in(LOGIN, PASSWORD, NOW + timedelta(seconds=59)) == TooManyAttempts()
    assert isinstance(desk.sign_in(LOGIN, PASSWORD, NOW + timedelta(seconds=60)), SignedIn)


def test_who_is_stopped_with_all_others_is_not_locked_for_it(desk: Desk) -> None:
    wrong_ones(desk, limits().lockout.wrong_a_minute)
    for _ in range(9):
        desk.sign_in(LOGIN, "wrong", NOW)
    assert isinstance(desk.sign_in(LOGIN, PASSWORD, NOW + timedelta(minutes=1)), SignedIn)


def test_right_passwords_and_attempts_at_a_locked_login_use_nothing_up(desk: Desk) -> None:
    for _ in range(2 * limits().lockout.wrong_a_minute):
        signed_in(desk)
    for _ in range(2 * limits().lockout.wrong_a_minute):
        desk.sign_in(LOGIN, "wrong", NOW)
    assert wrong_ones(desk, 5) == {WrongPassword}


def test_a_clock_that_was_set_back_stops_nobody(desk: Desk) -> None:
    wrong_ones(desk, limits().lockout.wrong_a_minute)
    signed_in(desk, NOW - timedelta(hours=1))


def test_a_session_ends_after_eight_hours_without_use(desk: Desk) -> None:
    token = signed_in(desk)
    assert desk.who(token, NOW + timedelta(hours=7, minutes=59))
    assert desk.who(token, NOW + timedelta(hours=8)) is None


def test_use_prolongs_a_session_but_not_for_ever(desk: Desk) -> None:
    token = signed_in(desk)
    assert desk.visit(token, NOW + timedelta(hours=7))
    assert desk.visit(token, NOW + timedelta(hours=11, minutes=59))
    assert desk.visit(token, NOW + timedelta(hours=12)) is None


def test_looking_who_it_is_does_not_prolong_a_session(desk: Desk) -> None:
    token = signed_in(desk)
    assert desk.who(token, NOW + timedelta(hours=7))
    assert desk.who(token, NOW + timedelta(hours=9)) is None


def test_signing_out_ends_this_session_only(desk: Desk) -> None:
    here, there = signed_in(desk), signed_in(desk)
    desk.sign_out(here, NOW)
    desk.sign_out("no token at all", NOW)
    assert desk.who(here, NOW) is None
    assert desk.who(there, NOW)


def test_ended_sessions_are_cleared_away(desk: Desk) -> None:
    signed_in(desk)
    signed_in(desk, NOW + timedelta(days=1))
    with desk.store.reading() as tx:
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM user_sessions").scalar_one() == 1


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ({"role": "lead"}, True),
        ({"password": "Sonne-8-Schnee"}, True),
        ({"disabled": True}, True),
        ({"name": "李娜娜"}, False),
        ({"role": "reviewer", "disabled": False}, False),  # as it was
    ],
)
def test_what_takes_rights_away_ends_the_sessions(
    desk: Desk, change: dict[str, str | bool], ends: bool
) -> None:
    token = signed_in(desk)
    desk.change_user(LOGIN, operator("admin"), NOW, **change)  # type: ignore[arg-type]
    assert (desk.who(token, NOW) is None) == ends


def test_a_disabled_user_learns_it_only_with_the_right_password(desk: Desk) -> None:
    desk.change_user(LOGIN, operator("admin"), NOW, disabled=True)
    assert desk.sign_in(LOGIN, "wrong", NOW) == WrongPassword()
    assert desk.sign_in(LOGIN, PASSWORD, NOW) == Disabled()
    desk.change_user(LOGIN, operator("admin"), NOW, disabled=False)
    signed_in(desk)


def test_a_new_password_unlocks(desk: Desk) -> None:
    for _ in range(5):
        desk.sign_in(LOGIN, "wrong", NOW)
    desk.change_user(LOGIN, operator("admin"), NOW, password="Sonne-8-Schnee")
    assert desk.sign_in(LOGIN, PASSWORD, NOW) == WrongPassword()
    assert isinstance(desk.sign_in(LOGIN, "Sonne-8-Schnee", NOW), SignedIn)


def test_an_identity_provider_names_people_by_email(desk: Desk) -> None:
    verdict = desk.sign_in_by_email("Li.Na@bank.example", NOW)
    assert isinstance(verdict, SignedIn)
    assert verdict.user.login == LOGIN
    assert desk.sign_in_by_email("somebody@bank.example", NOW) == UnknownEmail()
    desk.change_user(LOGIN, operator("admin"), NOW, disabled=True)
    assert desk.sign_in_by_email("li.na@bank.example", NOW) == Disabled()


def test_somebody_without_a_password_cannot_sign_in_by_one(desk: Desk) -> None:
    desk.add_user("wang", "王", "lead", None, operator("test"), NOW, "wang@bank.example")
    for password in ("", "None", PASSWORD):
        assert desk.sign_in("wang", password, NOW) == WrongPassword()


def test_everything_is_audited_and_a_mistyped_login_is_not_written_down(desk: Desk) -> None:
    desk.sign_in("my-password-in-the-wrong-box", "x", NOW)
    desk.sign_in(LOGIN, "wrong", NOW)
    token = signed_in(desk)
    desk.sign_out(token, NOW)
    desk.change_user(LOGIN, operator("admin"), NOW, role="lead")
    for _ in range(limits().lockout.wrong_passwords):
        desk.sign_in(LOGIN, "wrong", NOW)
    assert events(desk) == [
        ("user_added", "test"), ("sign_in_failed", "-"), ("sign_in_failed", LOGIN), ("signed_in", LOGIN),
        ("signed_out", LOGIN), ("user_changed", "admin"), *[("sign_in_failed", LOGIN)] * 5, ("user_locked", LOGIN),
    ]  # fmt: skip
    changed = desk.audit_trail(operator("test"), AuditFilter(event="user_changed")).events
    assert changed[0].details == {"login": LOGIN, "changed": ["role"], "role": "lead"}
