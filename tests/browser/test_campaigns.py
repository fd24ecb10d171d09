"""A lead plans reminders: looks at who would get what, keeps the plan, starts it, and sees what people have to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk.outreach import Wanted
from tests.browser.conftest import TABLET, Coach, PageOf, axe, settled
from tests.outgoing import Provider, still
from tests.outreaching import overdue, promise

pytestmark = pytest.mark.browser
LEAD = User("lead", "主管", role_of("lead"))


@pytest.fixture
def cases(coach: Coach) -> None:
    """Some real cases beside those of the demonstration, so that a worker with a sender would write to them."""
    today = coach.now().date()
    with coach.desk.store.transaction() as tx:
        for number, days in ((31, 2), (32, 9), (33, 21), (34, 45)):
            tx.put_case(replace(overdue(number), due_date=today - timedelta(days=days)))


@pytest.mark.usefixtures("cases")
def test_a_plan_from_preview_to_outcome(
    coach: Coach, page_of: PageOf, screenshot: Callable[[Page, str], Path]
) -> None:
    page = page_of("lead", "campaigns")
    page.get_by_text("新建计划").click()
    settled(page)
    page.get_by_label("名称").fill("十一月逾期提醒")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("按已配置短信和微信预览")).to_be_visible()
    settled(page)
    screenshot(page, "campaigns-preview")
    axe(page)
    page.get_by_role("button", name="保存计划").click()
    expect(page.get_by_text("已保存：十一月逾期提醒")).to_be_visible()
    page.get_by_role("button", name="启动").click()
    expect(page.get_by_text("：已启动")).to_be_visible()  # not the advice that speaks of plans that are
    work_of_a_day(coach)
    page.reload()
    expect(page.get_by_text("进度：共 3 条")).to_be_visible()
    settled(page)
    screenshot(page, "campaigns")
    axe(page)
    page.get_by_role("tab", name="消息模板").click()
    settled(page)
    screenshot(page, "campaigns-templates")
    page.get_by_role("tab", name="计划", exact=True).click()
    page.get_by_role("button", name="结束").click()
    page.get_by_role("button", name="确认结束").click()
    expect(page.get_by_text("十一月逾期提醒：已结束")).to_be_visible()
    assert coach.desk.campaigns(LEAD)[0].campaign.state == "ended"


def work_of_a_day(coach: Coach) -> None:
    """What a worker does with the campaign: plans it, sends, and the borrowers do something."""
    desk, dawn = coach.desk, coach.now().replace(hour=8, minute=30)
    before, desk.pushing = desk.pushing, frozenset({"sms"})
    (line,) = desk.campaigns(LEAD)
    desk.run_outreach(dawn, Wanted(line.campaign.purposes), line.campaign.campaign_id)
    for minutes in [*range(0, 690, 30), 689]:
        desk.deliver_due(still(dawn + timedelta(minutes=minutes)), {"sms": Provider()})
    evening = dawn.replace(hour=20)
    desk.receive("sms", "13900000031", "周五还两千", evening)
    promise(desk, "C-31", evening.date() + timedelta(days=2), evening)
    with desk.store.transaction() as tx:
        tx.add_payment("C-32", evening, 320_000)
    desk.pushing = before


def test_a_campaign_is_kept_on_a_tablet(page_of: PageOf, screenshot: Callable[[Page, str], Path]) -> None:
    page = page_of("lead", "campaigns", viewport=TABLET)
    page.get_by_text("新建计划").click()
    settled(page)
    screenshot(page, "campaigns-tablet")
    axe(page)
