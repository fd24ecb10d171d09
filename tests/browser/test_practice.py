"""Practice in a real browser: a trainee talks, goes back a line, compares, ends and reads the score; a lead assigns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from heyue.practice.records import BY_KIND
from tests.browser.conftest import TABLET, Coach, PageOf, axe, settled

pytestmark = pytest.mark.browser
Shot = Callable[[Page, str], Path]
LINES = (
    "您好，我是和信消费金融的客服小李，工号1024，请问您是本人吗？",
    "听得出来您心里有火，您先说，我听着。",
    "麻烦您报一下身份证后四位，核对一下。",
    "谢谢您。这笔钱逾期了，我想先了解一下，是什么原因耽误了？",
    "明白，这段时间确实不容易。您看这周五之前先还五百元，行吗？",
)
ROUGH = "快点还，别说这些没用的。"
THREAT = "你再不还钱，我就告诉你们单位的同事。"


def finished(coach: Coach, login: str, kind: str, lines: Sequence[str], minutes: int = 0) -> str:
    """An exercise that has been talked to its end or as far as the lines go, and scored."""
    user, at = coach.user(login), coach.now() - timedelta(minutes=minutes)
    talk = coach.desk.start_practice(user, BY_KIND, "easy", at, kind)
    for line in lines:
        at += timedelta(seconds=15)
        if not coach.desk.refresh_practice(user, talk.talk_id).has_ended:
            coach.desk.practise_line(user, talk.talk_id, line, at)
    coach.desk.finish_practice(user, talk.talk_id, None, at)
    return talk.talk_id


def say(page: Page, line: str) -> None:
    """Write a line and press Enter; done when the box is empty and the line stands in the talk."""
    said = page.locator(".heyue-turn").count()
    page.get_by_label("您说").fill(line)
    page.get_by_label("您说").press("Enter")
    expect(page.locator(".heyue-turn")).to_have_count(said + 2)
    expect(page.get_by_label("您说")).to_have_value("")
    settled(page)


def test_a_trainee_talks_goes_back_compares_and_reads_the_score(page_of: PageOf, screenshot: Shot) -> None:
    page = page_of("trainee", "practice")
    screenshot(page, "practice-start")
    axe(page)
    page.get_by_text("按类型", exact=True).click()
    expect(page.get_by_role("combobox", name="类型")).to_be_visible()
    settled(page).get_by_role("button", name="开始练习").click()
    expect(page.get_by_label("您说")).to_be_visible()
    settled(page)
    for line in LINES[:4]:
        say(page, line)
    before = page.locator(".heyue-turn").count()
    page.get_by_text("显示提示").click()
    expect(page.get_by_role("button", name="放入回复框").first).to_be_visible()
    screenshot(settled(page), "practice-talk")
    axe(page)
    page.get_by_label("您说").press_sequentially(THREAT)
    expect(page.get_by_text("依据：").first).to_be_visible()
    screenshot(settled(page), "practice-warning")
    page.get_by_label("您说").press("Enter")
    expect(page.locator(".heyue-turn")).to_have_count(before + 2)
    settled(page).get_by_role("button", name="撤回一句").click()
    expect(page.locator(".heyue-turn")).to_have_count(before)
    say(settled(page), LINES[4])
    page.get_by_role("link", name="对照最初的").click()
    expect(page.get_by_role("heading", name="两种说法对照")).to_be_visible()
    screenshot(settled(page), "practice-compare")
    axe(page)
    page.get_by_role("link", name="回到这一支：这一支").click()
    expect(page.get_by_label("您说")).to_be_visible()
    settled(page).get_by_role("button", name="结束练习").click()
    page.get_by_role("button", name="结束并看评分").click()
    expect(page.get_by_role("heading", name="对练评分")).to_be_visible()
    screenshot(settled(page), "practice-score")
    axe(page)
    for tab, name in (("紧张曲线", "curve"), ("底牌与结果", "card")):
        page.get_by_role("tab", name=tab).click()
        screenshot(settled(page), f"practice-{name}")
        axe(page)


def test_a_pause_stops_the_box_until_one_goes_on(page_of: PageOf, screenshot: Shot) -> None:
    page = page_of("collector", "practice")
    page.get_by_role("button", name="开始练习").click()
    expect(page.get_by_label("您说")).to_be_visible()
    settled(page).get_by_role("button", name="暂停").click()
    expect(page.get_by_text("已暂停，不计时。")).to_be_visible()
    expect(page.get_by_label("您说")).to_have_count(0)
    screenshot(settled(page), "practice-paused")
    axe(page)
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_label("您说")).to_be_visible()
    settled(page).get_by_role("button", name="结束练习").click()
    expect(page.get_by_text("您觉得对方是哪一类？")).to_be_visible()
    screenshot(settled(page), "practice-guess")


def test_the_record_shows_skills_and_a_certificate(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    for number, kind in enumerate(("victim", "promiser", "stubborn")):
        finished(coach, "trainee", kind, LINES[: 5 - number], minutes=90 - 20 * number)
    page = page_of(
        "trainee", f"practice?talk={finished(coach, 'trainee', 'stubborn', (*LINES[:3], ROUGH, THREAT))}"
    )
    page.get_by_role("tab", name="更好的说法").click()
    expect(page.get_by_role("button", name="从这一句重新来").first).to_be_visible()
    screenshot(settled(page), "practice-better")
    axe(page)
    page.get_by_role("link", name="回到对练首页").click()
    settled(page).get_by_role("tab", name="我的练习").click()
    expect(page.get_by_text("能力变化")).to_be_visible()
    screenshot(settled(page), "practice-record")
    axe(page)
    page.get_by_role("link", name="成绩单").click()
    expect(page.get_by_role("heading", name="对练成绩单")).to_be_visible()
    screenshot(settled(page), "practice-certificate")
    axe(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="回到对练首页")).to_be_hidden()
    screenshot(settled(page), "practice-certificate-printed")
    page.emulate_media(media="screen")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 XLSX").click()
    assert download.value.suggested_filename.startswith("heyue-practice-trainee-")


def test_a_lead_assigns_and_the_trainee_sees_it(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    finished(coach, "trainee", "evasive", LINES)
    lead = page_of("lead", "practice")
    lead.get_by_role("tab", name="团队").click()
    lead.get_by_text("布置练习", exact=True).click()
    lead.get_by_role("combobox", name="给谁").fill("测试学员")
    lead.get_by_role("option", name="测试学员").click()
    lead.keyboard.press("Escape")
    settled(lead).get_by_role("button", name="布置", exact=True).click()
    expect(lead.get_by_text("已布置给 1 人")).to_be_visible()
    screenshot(settled(lead), "practice-team")
    axe(lead)
    trainee = page_of("trainee", "practice")
    expect(trainee.get_by_text("主管布置").first).to_be_visible()
    trainee.get_by_role("button", name="开始", exact=True).first.click()
    expect(trainee.get_by_label("您说")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_tablet_shows_it_without_scrolling_sideways(
    coach: Coach, page_of: PageOf, screenshot: Shot, scheme: str
) -> None:
    here = finished(coach, "trainee", "sophisticated", LINES)
    for path, name in (("practice", "start"), (f"practice?talk={here}", "score")):
        page = page_of("trainee", path, viewport=TABLET, color_scheme=scheme)
        screenshot(page, f"tablet-practice-{name}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        axe(page)
