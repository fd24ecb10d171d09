"""The page of outreach campaigns: planned, looked at, started, paused, ended; what people have to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.desk.outreach import STAGES, Wanted
from heyue.settings import ZONE
from heyue.store.campaign_outcome_queries import CampaignOutcome
from tests.outreaching import overdue
from tests.unit.coach_ui.conftest import AppOf

LEAD = User("lead", "主管", role_of("lead"))
REMINDERS = frozenset({"reminder"})


@pytest.fixture
def cases(desk: Desk) -> None:
    """Somebody 3 days overdue and somebody 40 days, counted from the real today."""
    today = datetime.now(ZONE).date()
    with desk.store.transaction() as tx:
        for number, days in ((1, 3), (2, 40)):
            tx.put_case(replace(overdue(number), due_date=today - timedelta(days=days)))


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [each for each in app.button if each.label == label]
    return button.click().run()


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.success, *app.warning, *app.info, *app.error]
    return "\n".join(str(each.value) for each in parts)


def test_an_empty_page_says_what_to_do(app_of: AppOf) -> None:
    app = app_of("lead", "campaigns")
    assert not app.exception
    assert "还没有外联计划" in said(app)
    assert "还没有配置短信或微信的发送服务" in said(app)


@pytest.mark.usefixtures("cases")
def test_a_plan_is_previewed_kept_started_and_paused(app_of: AppOf, desk: Desk) -> None:
    app = app_of("lead", "campaigns")
    app.text_input[0].input("十一月")
    app = press(app, "预览")
    shown = app.dataframe[0].value.to_string()
    assert "本消息由AI生成" in shown
    assert "按已配置短信和微信预览" in said(app)
    assert "短信（计费 2 条）" in shown
    assert "短信共计费" in said(app)
    assert "后期提醒已结束，转人工跟进（O-07）" in shown
    assert "13900000001" not in shown
    app = press(app, "保存计划")
    assert "已保存：十一月" in said(app)
    app = press(app, "启动")
    assert "已启动" in said(app)
    assert desk.campaigns(LEAD)[0].campaign.state == "running"
    app = press(app, "暂停")
    assert desk.campaigns(LEAD)[0].campaign.state == "paused"
    app = press(app, "结束")
    assert "结束后不能再启动" in said(app)  # and asks once more, which tests/browser confirms
    assert desk.campaigns(LEAD)[0].campaign.state == "paused"
    assert not app.exception


@pytest.mark.usefixtures("cases")
def test_with_a_sender_the_preview_shows_the_words(app_of: AppOf, desk: Desk) -> None:
    desk.pushing = frozenset({"sms"})
    app = press(app_of("lead", "campaigns"), "预览")
    assert "本消息由AI生成" in app.dataframe[0].value.to_string()
    assert [each.label for each in app.metric] == ["发送", "转人工"]


@pytest.mark.parametrize(("name", "words"), [("", "请填写计划名称"), ("  ", "请填写计划名称")])
def test_a_plan_without_a_name_is_refused_in_chinese(app_of: AppOf, desk: Desk, name: str, words: str) -> None:
    app = app_of("lead", "campaigns")
    app.text_input[0].input(name)
    assert words in said(press(app, "保存计划"))
    assert desk.campaigns(LEAD) == []


@pytest.mark.usefixtures("cases")
def test_a_case_that_was_given_to_people_is_given_back(app_of: AppOf, desk: Desk) -> None:
    now = datetime.now(ZONE)
    desk.run_outreach(now, Wanted(REMINDERS))
    app = app_of("lead", "tasks")
    assert "后期提醒已结束，转人工跟进（O-07）" in said(app)
    app = press(app, "交回自动外联")
    assert desk.tasks(LEAD) == []
    assert "没有需要人工跟进的案件" in said(app)
    with desk.store.reading() as tx:
        assert tx.case("C-2").status == "active"


def test_what_somebody_else_ended_meanwhile_does_not_start(app_of: AppOf, desk: Desk) -> None:
    number = desk.add_campaign(LEAD, "十一月", REMINDERS, STAGES, None, datetime.now(ZONE))
    app = app_of("lead", "campaigns")
    desk.end_campaign(LEAD, number, datetime.now(ZONE))
    assert "已结束" in said(press(app, "启动"))
    assert desk.campaigns(LEAD)[0].campaign.state == "ended"


@pytest.mark.usefixtures("cases")
def test_a_large_campaign_says_when_it_was_counted(
    app_of: AppOf, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heyue.desk.campaign_outcomes.COUNTED_WHILE_WAITING", 0)
    at = datetime(2026, 11, 26, 9, 30, tzinfo=ZONE)
    number = desk.add_campaign(LEAD, "十一月", REMINDERS, STAGES, None, at)
    desk.start_campaign(LEAD, number, at)
    with desk.store.transaction() as tx:
        for each in ("m-1", "m-2"):
            tx.note_campaign_message(number, each, "C-1")
    assert "正在统计" in said(app_of("lead", "campaigns"))
    with desk.store.transaction() as tx:
        tx.keep_outcome(number, CampaignOutcome(Counter(sent=2), 1, 0, 0, 0, 0), at)
    shown = said(app_of("lead", "campaigns"))
    assert "进度：共 2 条" in shown
    assert "统计截至 11-26 09:30" in shown
    assert "正在统计" not in shown


def test_a_name_cannot_draw_anything(app_of: AppOf, desk: Desk) -> None:
    desk.add_campaign(LEAD, "**[x](http://evil)**<b>", REMINDERS, STAGES, None, datetime.now(ZONE))
    app = app_of("lead", "campaigns")
    assert "[x](http://evil)" not in said(app)


@pytest.mark.parametrize("role", ["trainee", "collector", "reviewer", "admin"])
def test_others_do_not_open_it(app_of: AppOf, role: str) -> None:
    assert "不使用这一页" in said(app_of(role, "campaigns"))
