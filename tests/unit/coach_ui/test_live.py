"""实时会话 and 体验 without a browser: nothing there, something there, refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from heyue.desk import Desk
from heyue.records import Case
from heyue.settings import ZONE
from tests.language_models import stand_in_model
from tests.unit.coach_ui.conftest import AppOf

REWORD = "按这段对话改写"
PHONE = "13800138000"


def words(app: object) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "html")
    return " ".join(
        str(getattr(each, "value", "") or getattr(each, "body", "")) for kind in kinds for each in app.get(kind)  # type: ignore[attr-defined]
    )


@pytest.fixture
def conversation(desk: Desk) -> str:
    now = datetime.now(ZONE)
    case = Case("DEMO-001", "赵明远", "云杉消费金融", 320_000, date(2026, 11, 15), phone=PHONE, id_last4="5126")
    with desk.store.transaction() as tx:
        tx.put_case(case)
    here = desk.receive("sms", PHONE, "你们有病啊，天天催", now).conversation_id
    desk.read_talk(here, now)
    return here


def test_without_conversations_it_says_so(app_of: AppOf) -> None:
    app = app_of("collector", "live")
    assert not app.exception
    assert "现在没有这样的会话" in words(app)


def test_a_conversation_is_listed_masked_and_opens(app_of: AppOf, conversation: str) -> None:
    app = app_of("collector", "live")
    (entry,) = [button for button in app.button if button.key == f"open:{conversation}"]
    assert r"赵\*远 · 短信" in entry.label  # as Markdown
    entry.click().run()
    app.query_params["talk"] = conversation
    app.run()
    assert not app.exception
    assert "挑衅型" in words(app)
    assert "赵明远" not in words(app)


@pytest.mark.parametrize("login", ["trainee", "reviewer", "admin"])
def test_other_roles_are_refused(app_of: AppOf, login: str) -> None:
    assert "不使用这一页" in words(app_of(login, "live"))


def test_anybody_may_try_but_only_with_demonstration_cases(app_of: AppOf) -> None:
    app = app_of(None, "try_it")
    assert not app.exception
    assert "没有演示案件" in words(app)


def test_a_visitor_sees_his_talk_and_how_it_is_read(app_of: AppOf, conversation: str) -> None:
    app = app_of(None, "try_it")
    assert not app.exception
    assert "挑衅型" in words(app)


def test_a_bot_that_is_away_is_told(app_of: AppOf, conversation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYUE_BOT_URL", "http://127.0.0.1:9")
    app = app_of(None, "try_it")
    app.chat_input[0].set_value("在吗").run()
    assert not app.exception
    assert "机器人没有应答" in words(app)


def test_suggestions_are_reworded_on_demand_where_a_model_is_configured(
    app_of: AppOf, conversation: str, desk: Desk
) -> None:
    def opened() -> AppTest:
        app = app_of("collector", "live")
        app.query_params["talk"] = conversation
        return app.run()

    assert REWORD not in [button.label for button in opened().button]
    with stand_in_model() as (stand_in, model):
        stand_in.says = lambda line: line.replace("您", "您这边", 1)
        desk.language_model = model
        app = opened()
        before = [each.value for each in app.code]
        next(button for button in app.button if button.label == REWORD).click().run()
        assert not app.exception
        after = [each.value for each in app.code]
        assert len(stand_in.heard) == len(after) == len(before)
    assert any("您这边" in each for each in after)
    assert "措辞由AI生成" in words(app)


def test_a_lead_adds_and_lifts_what_stops_messages_and_a_collector_cannot(
    app_of: AppOf, conversation: str, desk: Desk
) -> None:
    def opened(login: str) -> AppTest:
        app = app_of(login, "live")
        app.query_params["talk"] = conversation
        return app.run()

    def button(app: AppTest) -> Any:
        return next(each for each in app.button if each.label == "确定")

    key = "stops.why:DEMO-001"
    assert not any(each.key == key for each in opened("collector").text_input)
    app = opened("lead")
    for choice, stands in (("登记：已委托律师", ["LAWYER"]), ("解除：已委托律师", [])):
        assert button(app).disabled  # without a reason
        next(each for each in app.selectbox if each.label == "要做什么").select(choice)
        app.text_input(key=key).input("来函告知").run()
        button(app).click().run()
        assert not app.exception
        assert ("已委托律师：自" in words(app)) is bool(stands)
        assert app.text_input(key=key).value == ""
        with desk.store.reading() as tx:
            assert tx.stops("DEMO-001") == stands
