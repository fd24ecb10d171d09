"""The pages of the administrator: users and audit."""

from __future__ import annotations

from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from coach_ui.refusals import in_chinese
from heyue.access.passwords import WeakPassword
from heyue.access.people import NoEmail, NoLogin, NoName, NoPassword, UserExists, operator
from heyue.desk import Desk
from heyue.errors import Refused
from heyue.settings import ZONE
from tests.unit.coach_ui.conftest import PASSWORD, AppOf


def field(app: AppTest, label: str, number: int = -1) -> object:
    """The text box of this label; of several the last, which is in the form for somebody new."""
    return [each for each in app.text_input if each.label == label][number]


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [each for each in app.button if each.label == label]
    return button.click().run()


def add(app: AppTest, **values: str) -> AppTest:
    for label, value in values.items():
        field(app, label).input(value)  # type: ignore[attr-defined]
    return press(app, "新增")


def test_somebody_new_can_sign_in_and_is_in_the_list(app_of: AppOf, desk: Desk) -> None:
    app = add(app_of("admin", "users"), 登录名="li.na", 姓名="李娜", 密码="Sonne-8-Schnee")
    assert app.success[0].value == "已新增：li.na"
    assert "li.na" in app.table[0].value.to_string()
    assert app.run().success == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"登录名": "李", "姓名": "李娜", "密码": PASSWORD}, "登录名须为"),
        ({"登录名": "li.na", "姓名": " ", "密码": PASSWORD}, "请填写姓名"),
        ({"登录名": "li.na", "姓名": "李娜", "密码": "short"}, "密码太短"),
        ({"登录名": "li.na", "姓名": "李娜"}, "请填写密码"),
        ({"登录名": "lead", "姓名": "李娜", "密码": PASSWORD}, "已经有人使用"),
    ],
)
def test_what_cannot_be_taken_is_said_in_chinese(
    app_of: AppOf, desk: Desk, values: dict[str, str], words: str
) -> None:
    app = add(app_of("admin", "users"), **values)
    assert words in app.error[0].value
    assert len(desk.users(operator("test"))) == 5


@pytest.mark.parametrize(
    "refusal",
    [NoEmail(), NoLogin(), NoName(), NoPassword(), UserExists()]
    + [WeakPassword(why) for why in ("too_short", "too_long", "like_login", "too_uniform")],
)
def test_every_refusal_has_words(refusal: Refused) -> None:
    assert in_chinese(refusal).endswith("。")


def test_disabling_somebody_ends_the_session_and_shows_in_the_list(app_of: AppOf, desk: Desk) -> None:
    app = app_of("admin", "users")
    app.selectbox[0].set_value(desk.users(operator("test"))[1]).run()
    app.checkbox[0].check()
    press(app, "保存")
    assert app.success[0].value == "已保存：collector"
    assert [user.login for user in desk.users(operator("test")) if user.disabled_at] == ["collector"]
    assert "停用" in app.table[0].value.to_string()


def test_nobody_can_take_the_own_rights_away(app_of: AppOf) -> None:
    app = app_of("admin", "users")
    assert app.selectbox[0].value.login == "admin"
    assert not app.checkbox
    assert [each.label for each in app.selectbox] == ["用户", "角色"]  # the role of somebody new


def test_the_audit_page_shows_filters_and_turns(app_of: AppOf, desk: Desk) -> None:
    with desk.store.transaction() as tx:
        for number in range(60):
            tx.audit("case_viewed", datetime.now(ZONE), case_id=f"C-{number}", actor="lead")
    app = app_of("admin", "audit")
    assert len(app.table[0].value) == 50
    press(app, "较早")
    assert "查看案件" in app.table[0].value.to_string()
    assert 10 < len(app.table[0].value) < 50
    app.text_input[1].input("C-7").run()
    assert len(app.table[0].value) == 1
    app.text_input[1].input("C-nobody").run()
    assert app.info[0].value == "没有符合条件的记录。"
