"""The coach's frame: signing in, the menu of each role, a session that ends, a store that is away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog
import yaml
from streamlit.testing.v1 import AppTest

from coach_ui import drafts, navigation
from coach_ui.provider import proved_email
from coach_ui.session import TOKEN
from heyue.access.limits import limits
from heyue.access.people import operator
from heyue.access.roles import PUBLIC_PAGES, roles
from heyue.desk import Desk
from heyue.errors import StoreUnavailable
from heyue.settings import ZONE
from tests.unit.coach_ui.conftest import PASSWORD, AppOf

NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)


def title(app: AppTest) -> str:
    assert not app.exception
    return str(app.title[0].value)


def fill(app: AppTest, login: str, password: str) -> AppTest:
    app.text_input[0].input(login)
    app.text_input[1].input(password)
    return app.button[0].click().run()


def end_all_sessions(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        for user in tx.users():
            tx.end_sessions(user.login)


# signing in


def test_a_visitor_reads_the_form_and_signs_in(app_of: AppOf) -> None:
    app = app_of()
    assert title(app) == "和约 · 催收教练"
    assert title(fill(app, "reviewer", PASSWORD)) == "您好，测试质检员"


def test_wrong_passwords_are_said_and_the_fifth_locks(app_of: AppOf) -> None:
    app = app_of()
    said = [fill(app, "reviewer", f"wrong {number}").error[0].value for number in range(6)]
    assert said[:4] == ["登录名或密码不对。"] * 4
    assert all(text.startswith("密码错误次数过多，已锁定。") and "约 15 分钟" in text for text in said[4:])


def test_who_comes_while_many_passwords_are_tried_is_told_to_wait(app_of: AppOf, desk: Desk) -> None:
    for number in range(limits().lockout.wrong_a_minute):
        desk.sign_in(f"nobody-{number}", "Sommer-2026!", datetime.now(ZONE))
    assert "请一分钟后再试" in fill(app_of(), "reviewer", PASSWORD).error[0].value


def test_a_disabled_user_is_told_so(app_of: AppOf, desk: Desk) -> None:
    desk.change_user("reviewer", operator("admin"), NOW, disabled=True)
    assert "已停用" in fill(app_of(), "reviewer", PASSWORD).error[0].value


def test_signing_out_brings_the_form_and_the_old_token_opens_nothing(app_of: AppOf, desk: Desk) -> None:
    app = app_of("reviewer")
    token = app.session_state[TOKEN]
    app.sidebar.button[0].click().run()
    assert title(app) == "和约 · 催收教练"
    assert "您已退出" in app.info[0].value
    assert desk.who(token, datetime.now(ZONE)) is None


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"is_logged_in": True, "email": "li@bank.example", "iat": NOW.timestamp()}, "li@bank.example"),
        ({"is_logged_in": True, "email": "li@bank.example", "iat": NOW.timestamp(), "email_verified": True}, "li@bank.example"),
        ({"is_logged_in": True, "email": "li@bank.example", "iat": NOW.timestamp(), "email_verified": False}, None),
        ({"is_logged_in": True, "email": "li@bank.example", "iat": (NOW - timedelta(minutes=6)).timestamp()}, None),
        ({"is_logged_in": True, "email": "li@bank.example"}, None),
        ({"is_logged_in": True, "iat": NOW.timestamp()}, None),
        ({"is_logged_in": False}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_provider_must_vouch_for_an_address_and_lately(claims: dict[str, Any], email: str | None) -> None:
    assert proved_email(claims, NOW) == email


# pages and roles


@pytest.mark.parametrize("role", roles())
def test_each_role_opens_its_own_pages_and_is_politely_refused_the_others(app_of: AppOf, role: str) -> None:
    app = app_of(role)
    for name, entry in navigation.entries().items():
        if name != navigation.HOME:
            app.switch_page(f"screens/{name}.py").run()
            assert not app.exception, name
            refused = any("不使用这一页" in warning.value for warning in app.warning)
            assert refused != roles()[role].may_open(name), (name, entry)


def test_a_visitor_gets_the_form_in_the_place_of_every_page_that_is_not_public(app_of: AppOf) -> None:
    app = app_of()
    for name in navigation.entries().keys() - PUBLIC_PAGES - {navigation.HOME}:
        assert title(app.switch_page(f"screens/{name}.py").run()) == "和约 · 催收教练"


def test_roles_and_menu_name_the_same_pages() -> None:
    groups = yaml.safe_load((navigation.HERE / "navigation.yml").read_text(encoding="utf-8"))
    names = [page["name"] for group in groups for page in group["pages"]]
    assert len(set(names)) == len(names)
    assert set(names) == {page for role in roles().values() for page in role.pages}
    assert set(names) >= PUBLIC_PAGES


def test_every_file_of_a_page_is_in_the_menu_file() -> None:
    assert {file.stem for file in navigation.SCREENS.glob("*.py")} == set(navigation.entries())


def test_no_folder_is_called_pages() -> None:
    """Streamlit would open what lies in it without app.py, so without sign-in and roles."""
    assert not (navigation.HERE / "pages").exists()


# a session that ends, drafts


def test_a_session_that_ran_out_shows_the_form_in_place_and_goes_on_there(app_of: AppOf, desk: Desk) -> None:
    app = app_of("admin", "audit")
    end_all_sessions(desk)
    app.run()
    assert title(app) == "和约 · 催收教练"
    assert "登录已过期" in app.info[0].value
    assert title(fill(app, "admin", PASSWORD)) == "审计"


def write_or_sign_in() -> None:
    import streamlit as st

    from coach_ui import drafts

    drafts.gather()
    if "signed_out" not in st.session_state:
        drafts.area("回复", "reply:1")


def test_a_draft_outlives_the_form_in_its_place() -> None:
    app = AppTest.from_function(write_or_sign_in).run()
    app.session_state["signed_out"] = True
    app.text_area[0].input("请您确认一下").run()
    assert not app.text_area
    del app.session_state["signed_out"]
    assert app.run().text_area[0].value == "请您确认一下"


def write_or_take_a_suggestion() -> None:
    import streamlit as st

    from coach_ui import drafts

    drafts.gather()
    st.button("放入", on_click=drafts.put, args=("reply:1", "请您确认一下"))
    drafts.area("回复", "reply:1")


def test_what_is_put_into_a_draft_stands_though_a_part_of_the_page_still_sends_what_stood_there_before() -> None:
    app = AppTest.from_function(write_or_take_a_suggestion).run()
    before = app.text_area[0].input("我自己的话").run()._tree.get_widget_states()
    assert app.button[0].click().run().text_area[0].value == "请您确认一下"
    app._run(before)
    assert app.text_area[0].value == "请您确认一下"
    assert app.text_area[0].input("请您再确认一下").run().text_area[0].value == "请您再确认一下"


def test_somebody_else_in_the_same_tab_finds_no_draft(app_of: AppOf, desk: Desk) -> None:
    app = app_of("reviewer")
    app.session_state[drafts.KEPT + "reply:1"] = "请您确认一下"
    end_all_sessions(desk)
    fill(app.run(), "reviewer", PASSWORD)
    assert app.session_state[drafts.KEPT + "reply:1"] == "请您确认一下"
    end_all_sessions(desk)
    fill(app.run(), "lead", PASSWORD)
    assert drafts.KEPT + "reply:1" not in app.session_state


# faults


def test_a_store_that_is_away_is_said_and_the_page_comes_back(
    app_of: AppOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of("admin", "audit")

    def away(*_: object) -> None:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr("heyue.store.Store.reading", away)
        patch.setattr("heyue.store.Store.transaction", away)
        assert title(app.run()) == "暂时连不上数据库"
        assert title(app.run()) == "暂时连不上数据库"
    monkeypatch.setattr("coach_ui.away.AGAIN_SECONDS", 0)  # as if two seconds had passed
    app.run()
    assert title(app) == "审计"


def test_an_error_of_ours_shows_a_number_and_no_trace(
    app_of: AppOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("赵明远 13800138000")

    monkeypatch.setattr("heyue.desk.Desk.audit_trail", broken)
    with structlog.testing.capture_logs() as lines:
        app = app_of("admin", "audit")
    assert not app.exception
    (said,) = app.error
    number = said.value.partition("编号 ")[2][:6]
    assert "赵明远" not in said.value
    assert number in {line.get("number") for line in lines}
