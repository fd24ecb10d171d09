"""What a borrower writes, and what stands in a case file, is text on every page: nothing of it runs or is fetched."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from heyue.records import Case
from tests.browser.conftest import Coach, PageOf, settled

pytestmark = pytest.mark.browser
ELSEWHERE = "http://203.0.113.9"
WORDS = (
    f"<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'><svg onload='window.hacked = 3'>"
    f"<style>body {{ display: none }}</style><iframe src='{ELSEWHERE}/f'></iframe><img src='{ELSEWHERE}/p.png'>"
    f"![p]({ELSEWHERE}/q.png) [k](javascript:window.hacked=4) **粗** `码` :red[红] $x$ </div></p> 我下周五还两千"
)
CASE = Case("M-<b>1</b>", "赵<img src=x onerror='window.hacked=5'>", "云山消费金融", 320_000, date(2026, 11, 15), phone="13811112222")


@pytest.fixture
def talk(coach: Coach) -> str:
    with coach.desk.store.transaction() as tx:
        tx.put_case(CASE)
    here = coach.desk.receive("sms", "13811112222", WORDS, coach.now()).conversation_id
    coach.desk.read_talk(here, coach.now())
    return here


def watched(page: Page) -> list[str]:
    """What the page asks others for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def test_hostile_words_are_shown_as_they_are_and_do_nothing(coach: Coach, talk: str, page_of: PageOf) -> None:
    page = page_of("lead", "live")
    asked = watched(page)
    page.get_by_text("赵*").first.click()
    settled(page)
    said = page.locator(".heyue-said", has_text="我下周五还两千")
    expect(said).to_have_count(1)
    assert said.inner_text() == WORDS
    page.get_by_role("button", name=re.compile("接手")).first.click()
    settled(page)
    assert page.evaluate("window.hacked") is None
    assert page.locator(".heyue-said :is(script, img, svg, iframe, style, a)").count() == 0
    assert page.locator("[src*='203.0.113.9'], [href*='203.0.113.9'], [href^='javascript']").count() == 0
    assert not [url for url in asked if not url.startswith((coach.url, coach.url.replace("http", "ws"), "data:", "blob:"))]
