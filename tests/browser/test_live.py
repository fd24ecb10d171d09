"""A collector's working day in the browser: sees who waits, takes over, writes, is stopped, says it well, gives back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from heyue.delivery.sender import REFUSED, Receipt
from heyue.desk import Desk
from tests.browser.conftest import Coach, PageOf, axe, settled
from tests.outgoing import Provider, still

pytestmark = pytest.mark.browser
ANGRY, MEEK = "13800000003", "13800000004"  # borrowers of demonstration cases
UNLUCKY, SILENCED = "13800000006", "13800000007"
GREETING = "您好，我是云杉消费金融的客服小王，工号1024。"
THREAT = "再不还钱我就告诉你单位的同事和领导，让你在厂里抬不起头"


@pytest.fixture(scope="module")
def reader(coach: Coach) -> Iterator[None]:
    """The coach's reader, as `heyue run` starts it."""
    database = coach.desk.store.engine.url
    process = subprocess.Popen(
        [sys.executable, "-m", "heyue.cli", "read-talks", "--follow", "--database", str(database)],
        env=os.environ | {"HEYUE_DATA_FOLDER": str(Path(database.database).parent)},
    )
    yield
    process.terminate()
    process.wait(10)


def say(coach: Coach, phone: str, *texts: str) -> str:
    """Let the borrower say something; the conversation's id."""
    for text in texts:
        here = coach.desk.receive("sms", phone, text, coach.now()).conversation_id
    return here


def sending(coach: Coach) -> Desk:
    """The desk of a worker that has a provider of SMS."""
    return Desk(coach.desk.store, coach.desk.policy, coach.desk.contact_policy, frozenset({"sms"}))


def open_talk(page: Page, name: str) -> Page:
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("log")).to_be_visible()
    return page


def in_tab(page: Page, tab: str, name: str) -> Locator:
    """A button in a tab, opened again where the talk was read meanwhile and its tabs were drawn anew."""
    button = page.get_by_role("button", name=name)
    for _ in range(3):
        page.get_by_role("tab", name=tab).click()
        with suppress(TimeoutError):
            button.wait_for(timeout=5_000)
            break
    return button


def test_a_collector_takes_over_is_stopped_once_and_gives_back(
    coach: Coach, reader: None, page_of: PageOf, screenshot: Callable[[Page, str], Path]
) -> None:
    here = say(coach, ANGRY, "你们有病啊天天催", "滚，老子就是不还")
    page = open_talk(page_of("collector", "live"), "周*国")
    expect(page.get_by_text("挑衅型").first).to_be_visible()
    axe(page)
    page.get_by_role("button", name="接手", exact=True).click()
    expect(page.get_by_text("尚未核实：不要提及债务")).to_be_visible()
    screenshot(page, "live_brief")
    page.get_by_role("button", name="开始回复").click()
    assert coach.desk.receive("sms", ANGRY, "说话啊", coach.now()).outcome == "silent"

    box = page.get_by_label("回复借款人")
    box.click()
    page.keyboard.type(THREAT, delay=60)
    expect(box).to_have_value(THREAT)
    expect(
        page.get_by_text("以曝光、告知单位、亲友、邻里相威胁")
    ).to_be_visible()  # while typing, without leaving the box
    expect(page.get_by_role("button", name="发送", exact=True)).to_have_count(0)
    screenshot(page, "live_stopped")
    axe(page)
    box.fill("您好，我是云杉消费金融的客服小王，工号1024。您别着急，您慢慢说。")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_role("log")).to_contain_text("工号1024")
    expect(box).to_have_value("")

    page.get_by_role("button", name="交回机器人").click()
    page.get_by_role("button", name="交回", exact=True).click()
    expect(page.get_by_text("请先写一句备注")).to_be_visible()
    page.get_by_label("给下一位同事的备注").fill("已安抚，请继续核实")
    screenshot(page, "live_hand_back")
    page.get_by_role("button", name="交回", exact=True).click()
    expect(page.get_by_role("button", name="接手", exact=True)).to_be_visible()
    assert coach.desk.bot_may_speak(here)


def test_a_turn_is_on_the_screen_with_its_reading_soon_after_it_came(
    coach: Coach, reader: None, page_of: PageOf, screenshot: Callable[[Page, str], Path]
) -> None:
    say(coach, MEEK, "不好意思啊，上次答应的没做到，这次一定还")
    page = open_talk(page_of("collector", "live"), "陈*桐")
    say(coach, MEEK, "真的，下周五发了工资保证先还五百，我保证")
    expect(page.get_by_role("log")).to_contain_text("保证先还五百")
    expect(page.get_by_text("保证还款型").first).to_be_visible()
    page.get_by_role("tab", name="建议").click()
    expect(page.get_by_test_id("stCode").first).to_be_visible()
    screenshot(page, "live_suggestions")


def test_personal_data_is_shown_only_on_demand(coach: Coach, page_of: PageOf) -> None:
    say(coach, MEEK, "我是陈雨桐")
    page = open_talk(page_of("collector", "live"), "陈*桐")
    expect(page.get_by_role("log")).to_contain_text("我是陈*桐")
    assert "陈雨桐" not in page.inner_text("body")
    in_tab(page, "案件", "显示个人信息").click()
    expect(page.get_by_role("log")).to_contain_text("我是陈雨桐")


def test_a_talk_in_other_hands_is_not_there_for_a_collector(coach: Coach, page_of: PageOf) -> None:
    here = say(coach, "13800000005", "在吗")
    lead = coach.user("lead")
    coach.desk.take_over(lead, here, coach.now())
    page = settled(page_of("collector", f"live?talk={here}"))
    expect(page.get_by_text("不存在，或者已由其他同事接手")).to_be_visible()


def test_a_collector_sees_at_once_that_his_line_did_not_go_out_and_why(
    coach: Coach, page_of: PageOf, screenshot: Callable[[Page, str], Path]
) -> None:
    desk = sending(coach)
    here = desk.receive("sms", UNLUCKY, "你们是谁？", coach.now(), pushes=True)
    collector = coach.user("collector")
    desk.take_over(collector, here.conversation_id, coach.now())
    desk.say(collector, here.conversation_id, GREETING, coach.now())
    page = settled(page_of("collector", f"live?talk={here.conversation_id}"))
    expect(page.get_by_role("log")).to_contain_text("待发送")
    desk.deliver_due(still(coach.now()), {"sms": Provider("sms", Receipt(REFUSED, code="isv.MOBILE_NUMBER_ILLEGAL"))})
    expect(page.get_by_role("log")).to_contain_text("✕ 未送达：服务商拒绝发送（代码 isv.MOBILE_NUMBER_ILLEGAL）")
    expect(page.get_by_text("的话没有送达：服务商拒绝发送")).to_be_visible()
    expect(page.get_by_role("button", name="✕ 上一句未送达")).to_be_visible()
    screenshot(page, "live_unsent")
    axe(page)
    page.get_by_role("button", name="放回回复框").click()
    expect(page.get_by_label("回复借款人")).to_have_value(GREETING)


def test_a_bots_answer_that_did_not_go_out_is_a_to_do_that_a_collector_takes(
    coach: Coach, page_of: PageOf, screenshot: Callable[[Page, str], Path]
) -> None:
    desk = sending(coach)
    here = desk.receive("sms", SILENCED, "你们是谁？", coach.now(), pushes=True)
    desk.send_reply(here.conversation_id, here.turn_id, [f"云杉消费金融为您服务。（{desk.contact_policy.label}）"], coach.now())
    desk.deliver_due(still(coach.now()), {"sms": Provider("sms", Receipt(REFUSED, code="isv.MOBILE_NUMBER_ILLEGAL"))})
    page = page_of("collector", "tasks")
    why = "机器人的回答没有送达：服务商拒绝发送。借款人在等回复。"
    expect(page.get_by_text(why)).to_be_visible()
    (task,) = [each for each in desk.tasks(coach.user("collector")) if each.conversation_id == here.conversation_id]
    page.locator(f".st-key-task-{task.task_id}").filter(has_text=why).get_by_role("button", name="领取", exact=True).click()
    expect(page.get_by_text("已领取")).to_be_visible()
    page.get_by_role("button", name="查看案件").click()
    expect(page.get_by_text("138****0007")).to_be_visible()
    settled(page)
    screenshot(page, "tasks")
    axe(page)
    page.get_by_role("button", name="打开会话").click()
    expect(page.get_by_text("机器人已转人工，等待接手。")).to_be_visible()
    page.get_by_role("button", name="接手", exact=True).click()
    expect(page.get_by_text("备注 机器人的回答没有送达：服务商拒绝发送")).to_be_visible()
    screenshot(page, "live_unsent_brief")
