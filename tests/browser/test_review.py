"""Quality review in a real browser: a talk judged by keys and clicks, an appeal, a calibration, the health of the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from heyue.access.people import operator
from heyue.review.labels import Flag
from heyue.review.records import ADJUDICATION, SECOND, ReviewFilter
from heyue.review.scorecard import NO
from heyue.review.work import FlagVerdict
from tests.browser.conftest import TABLET, Coach, PageOf, axe, settled, sign_in
from tests.unit.desk.review_talks import CONFIRMED, REJECTED, THREAT, add_talk, finished, review_in, work_with

pytestmark = pytest.mark.browser
PROBE = Flag(4, "privacy_probe")
Shot = Callable[[Page, str], Path]


def talk(coach: Coach, *flags: Flag) -> str:
    at = coach.now() - timedelta(minutes=5)
    return add_talk(coach.desk, *(flags or (THREAT,)), at=at, handler="collector", case_id="DEMO-001")


def claimed(coach: Coach, *flags: Flag) -> int:
    number = review_in(coach.desk, talk(coach, *flags))
    coach.desk.claim_review(coach.user("reviewer"), number, coach.now())
    return number


@pytest.fixture
def _settled_talks(coach: Coach) -> None:
    """Some finished reviews, so that figures have something to show."""
    reviewer, lead = coach.user("reviewer"), coach.user("lead")
    for number in range(3):
        here = talk(coach)
        review_in(coach.desk, here, SECOND)
        verdict = REJECTED if number == 2 else CONFIRMED
        added = FlagVerdict(4, "false_concession", True, is_added=True)
        work = work_with(verdict, added, truthful=NO) if number == 1 else work_with(verdict)
        finished(coach.desk, reviewer, here, work, at=coach.now())
        finished(coach.desk, lead, here, work_with(CONFIRMED), SECOND, at=coach.now())


def test_the_queue_leads_to_a_review(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    for _ in range(4):
        talk(coach)
    coach.desk.fill_queue(coach.now())
    page = page_of("reviewer", "review")
    screenshot(page, "review-queue")
    axe(page)
    page.get_by_role("button", name="领取下一段").click()
    expect(page.get_by_role("heading", name="会话点评")).to_be_visible()
    assert "review=" in page.url
    expect(page.get_by_role("button", name="完成点评")).to_be_visible()


def test_a_line_of_the_queue_is_chosen_and_assigned_by_a_lead(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    talk(coach)
    coach.desk.fill_queue(coach.now())
    page = page_of("lead", "review")
    frame = page.get_by_test_id("stDataFrame").first
    frame.click(position={"x": 15, "y": 55})
    expect(page.get_by_role("button", name="指派", exact=True)).to_be_visible()
    screenshot(settled(page), "review-queue-chosen")
    axe(page)


def test_flags_are_decided_by_one_key_each_but_not_while_typing(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    page = page_of("reviewer", f"review_talk?review={claimed(coach, THREAT, PROBE)}")
    page.keyboard.press("j")
    page.keyboard.press("y")
    expect(page.get_by_text("✓ 已确认", exact=False).first).to_be_visible()
    settled(page).keyboard.press("n")
    expect(page.get_by_text("✗ 已驳回", exact=False).first).to_be_visible()
    screenshot(settled(page), "review-flags")
    axe(page)
    page.get_by_role("tab", name="点评").click()
    box = page.get_by_label("对这一句的点评")
    box.click()
    page.keyboard.type("yes, j k n")
    assert box.input_value() == "yes, j k n"
    page.get_by_role("tab", name="违规提示").click()
    expect(page.get_by_text("✗ 已驳回", exact=False).first).to_be_visible()


def test_a_review_is_finished_from_the_machines_proposals(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    number = claimed(coach)
    page = page_of("reviewer", f"review_talk?review={number}")
    page.get_by_role("button", name="驳回").click()
    page.get_by_role("tab", name="评分表").click()
    page.get_by_role("button", name="采纳机器建议").click()
    expect(page.get_by_role("button", name="采纳机器建议（0 项未答）")).to_be_visible()
    screenshot(settled(page), "review-scorecard")
    axe(page)
    page.get_by_role("button", name="引用与说明").first.click()
    expect(page.get_by_label("引用的原话")).to_be_visible()
    page.get_by_role("tab", name="标签").click()
    screenshot(settled(page), "review-labels")
    axe(page)
    page.get_by_role("button", name="完成点评").click()
    expect(page.get_by_text("点评已完成。")).to_be_visible()
    screenshot(settled(page), "review-finished")
    axe(page)


def test_two_tabs_of_one_reviewer_overwrite_nothing(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    number = claimed(coach)
    first = page_of("reviewer", f"review_talk?review={number}")
    second = page_of("reviewer", f"review_talk?review={number}")
    first.get_by_role("button", name="确认").click()
    second.get_by_role("button", name="驳回").click()
    settled(first).get_by_role("button", name="保存草稿").click()
    expect(first.get_by_text("草稿已保存。")).to_be_visible()
    settled(second).get_by_role("button", name="保存草稿").click()
    expect(second.get_by_text("已在别处")).to_be_visible()
    screenshot(settled(second), "review-saved-elsewhere")
    saved = coach.desk.refresh_review(coach.user("reviewer"), number, coach.now())
    assert saved.work.verdicts == (CONFIRMED,)


def test_a_draft_outlives_a_session_that_runs_out(coach: Coach, page_of: PageOf) -> None:
    page = page_of("reviewer", f"review_talk?review={claimed(coach)}")
    page.get_by_role("tab", name="点评").click()
    page.get_by_label("总评").fill("先写一半")
    with coach.desk.store.transaction() as tx:
        tx.end_sessions("reviewer")
    page.get_by_role("tab", name="评分表").click()
    expect(page.get_by_text("登录已过期")).to_be_visible()
    sign_in(settled(page), "reviewer")
    page.get_by_role("tab", name="点评").click()
    expect(page.get_by_label("总评")).to_have_value("先写一半")


def test_a_collector_appeals_and_a_lead_rules(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    here = talk(coach)
    finished(coach.desk, coach.user("reviewer"), here, work_with(CONFIRMED, empathy=NO), at=coach.now())
    page = page_of("collector", f"appeals?talk={here}")
    page.get_by_label("申诉理由").fill("那句话是在复述客户的问题")
    page.get_by_role("button", name="提出申诉").click()
    expect(page.get_by_text("申诉已提交。")).to_be_visible()
    screenshot(settled(page), "appeals-collector")
    axe(page)
    lead = page_of("lead", f"appeals?talk={here}")
    lead.get_by_label("裁定理由").fill("听了录音，维持")
    screenshot(settled(lead), "appeals-lead")
    axe(lead)
    lead.get_by_role("button", name="维持原评分").click()
    expect(lead.get_by_text("裁定已记录")).to_be_visible()


def test_a_calibration_stands_side_by_side(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    here = talk(coach)
    page = page_of("lead", f"calibration?new={here}")
    screenshot(page, "calibration-new")
    page.get_by_role("button", name="开始校准").last.click()
    expect(page.get_by_text("校准已开始")).to_be_visible()
    for login, work in (("reviewer", work_with(CONFIRMED)), ("lead", work_with(REJECTED))):
        user = coach.user(login)
        review = coach.desk.calibration(user, here).review_of(user)
        assert review is not None
        coach.desk.save_review(user, review.review_id, work, review.revision, coach.now(), is_final=True)
    page = page_of("reviewer", f"calibration?talk={here}")
    expect(page.get_by_text("≠ 不一致").first).to_be_visible()
    screenshot(page, "calibration")
    axe(page)


@pytest.mark.usefixtures("_settled_talks")
def test_a_lead_adjudicates_with_both_reviews_beside(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    other = coach.desk.add_user("second-lead", "另一位主管", "lead", "Wolke-7-Regen", operator("test"), coach.now())
    waiting = coach.desk.review_queue(other, ReviewFilter(round=ADJUDICATION), coach.now()).lines
    assert waiting
    coach.desk.claim_review(other, waiting[0].review.review_id, coach.now())
    token = coach.desk.sign_in("second-lead", "Wolke-7-Regen", coach.now()).token  # type: ignore[union-attr]
    page = page_of("lead")
    page.context.clear_cookies()
    page.context.add_cookies([{"name": coach.cookie_name, "value": token, "url": coach.url}])
    page.goto(f"{coach.url}/review_talk?review={waiting[0].review.review_id}")
    settled(page).get_by_role("tab", name="对照").click()
    expect(page.get_by_text("≠ 不一致").first).to_be_visible()
    screenshot(settled(page), "review-adjudication")
    axe(page)


@pytest.mark.usefixtures("_settled_talks")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rule_health_and_agreement_are_readable(page_of: PageOf, screenshot: Shot, scheme: str) -> None:
    page = page_of("reviewer", "rule_health", color_scheme=scheme)
    expect(page.get_by_role("table")).to_be_visible()
    screenshot(page, f"rule-health-{scheme}")
    axe(page)
    page = page_of("reviewer", "calibration", color_scheme=scheme)
    page.get_by_role("tab", name="双人复评一致性").click()
    expect(page.get_by_text("两人盲评")).to_be_visible()
    screenshot(settled(page), f"agreement-{scheme}")
    axe(page)


def test_a_tablet_and_the_dark_show_a_review_without_scrolling_sideways(
    coach: Coach, page_of: PageOf, screenshot: Shot
) -> None:
    number = claimed(coach)
    for path in ("review", f"review_talk?review={number}", "rule_health"):
        page = page_of("reviewer", path, viewport=TABLET, color_scheme="dark")
        screenshot(page, f"tablet-{path.partition('?')[0]}-dark")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        axe(page)
