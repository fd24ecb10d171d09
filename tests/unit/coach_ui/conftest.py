"""The coach's pages without a browser: a store of their own, and the app as somebody of a role.

def test_my_page(app_of: AppOf) -> None:
    page = app_of("reviewer", "review")
    assert page.title[0].value == "质检"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import streamlit
from argon2 import PasswordHasher
from streamlit.testing.v1 import AppTest

from coach_ui.session import TOKEN
from heyue.access.people import SignedIn, User, operator
from heyue.access.roles import roles
from heyue.desk import Desk, desk_of_process
from heyue.settings import ZONE

APP = Path(__file__).parents[3] / "coach_ui/app.py"
PASSWORD = "Wolke-7-Regen"
AppOf = Callable[..., AppTest]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk of the pages, over an empty store with a user of each role: trainee, collector, …"""
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("HEYUE_DATABASE_URL", raising=False)
    monkeypatch.setattr("heyue.access.passwords.HASHER", PasswordHasher(1, 8, 1))  # real hashes take long
    monkeypatch.setattr("coach_ui.cookie.token", lambda: None)  # AppTest has no browser
    monkeypatch.setattr("heyue.watch.logs.configure", lambda _: None)  # the log of a process, which here is pytest's
    desk_of_process.cache_clear()
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()
    opened = desk_of_process()
    for role in roles().values():
        opened.add_user(role.key, f"测试{role.name}", role.key, PASSWORD, operator("test"), datetime.now(ZONE))
    yield opened
    opened.store.close()
    desk_of_process.cache_clear()


def user_of(desk: Desk, login: str) -> User:
    """Somebody who may use the coach."""
    return next(user for user in desk.users(operator("test")) if user.login == login)


@pytest.fixture
def app_of(desk: Desk) -> AppOf:
    """Opens a page: app_of(login, name of the page). Without a login nobody is signed in."""

    def open_page(login: str | None = None, page: str = "welcome") -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=30)
        if login is not None:
            verdict = desk.sign_in(login, PASSWORD, datetime.now(ZONE))
            assert isinstance(verdict, SignedIn)
            app.session_state[TOKEN] = verdict.token
        app.run()
        return app if page == "welcome" else app.switch_page(f"screens/{page}.py").run()

    return open_page
