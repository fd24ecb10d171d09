"""会话: one transcript as the figures link to it."""

from __future__ import annotations

from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from coach_ui.session import TOKEN
from heyue.access.people import SignedIn
from heyue.desk import Desk
from heyue.settings import ZONE
from tests.contacts import add_contact
from tests.unit.coach_ui.conftest import APP, PASSWORD, AppOf

NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)


def opened(desk: Desk, login: str, conversation_id: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=30)
    verdict = desk.sign_in(login, PASSWORD, datetime.now(ZONE))
    assert isinstance(verdict, SignedIn)
    app.session_state[TOKEN] = verdict.token
    app.run().switch_page("screens/talk.py")
    app.query_params["talk"] = conversation_id
    return app.run()


def viewed(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.engine.connect() as connection:
        return list(
            connection.exec_driver_sql(
                "SELECT actor, conversation_id FROM audit_events WHERE event = 'conversation_viewed'"
            ).all()
        )


@pytest.mark.parametrize("login", ["lead", "reviewer"])
def test_it_shows_the_words_masked_and_the_look_is_audited_once(desk: Desk, login: str) -> None:
    here = add_contact(desk, NOW, rules=["abuse"])
    app = opened(desk, login, here)
    assert not app.exception
    assert app.title[0].value == "短信会话 2026-11-24 10:00"
    shown = " ".join(each.body for each in app.get("html"))
    assert "钱*多" in shown
    assert "139****1234" in shown
    assert "钱多多" not in shown
    assert "辱骂" in shown
    app.run()
    assert viewed(desk) == [(login, here)]


def test_without_an_id_it_says_where_to_come_from(app_of: AppOf) -> None:
    assert "看板" in app_of("lead", "talk").info[0].value


def test_a_talk_that_is_not_there(desk: Desk) -> None:
    app = opened(desk, "lead", "nothing")
    assert not app.exception
    assert "不存在" in app.warning[0].value


@pytest.mark.parametrize("login", ["trainee", "collector", "admin"])
def test_other_roles_do_not_open_it(desk: Desk, login: str) -> None:
    here = add_contact(desk, NOW)
    app = opened(desk, login, here)
    assert "不使用这一页" in app.warning[0].value
    assert viewed(desk) == []
