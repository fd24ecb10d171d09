"""A newcomer's first click after `make run`: play a borrower against the real bot and see how the coach reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import axe, settled
from tests.e2e.test_run import Product, product

pytestmark = pytest.mark.browser
TALK = ("你好", "我是赵明远本人", "5126", "后天还三千二，工资还没发", "对")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with product(tmp_path_factory.mktemp("try_it")) as started:
        yield started


def test_a_visitor_promises_and_sees_the_promise_recorded(
    running: Product, contexts: Callable[..., BrowserContext], screenshot: Callable[[Page, str], Path]
) -> None:
    page = contexts().new_page()
    page.goto(running.coach)
    settled(page)  # a click on what is still being drawn is lost
    page.get_by_role("link", name="体验").first.click()
    settled(page)
    axe(page)
    for turn, words in enumerate(TALK, 1):
        box = page.get_by_placeholder("像借款人那样回复…")
        box.fill(words)
        box.press("Enter")
        expect(page.locator(".heyue-turn.borrower")).to_have_count(turn)
        expect(page.locator(".heyue-turn.lender").nth(turn - 1)).to_be_visible()
    promised = page.get_by_text("3,200元 · 待履行")
    expect(promised).to_be_attached()  # behind its tab: the last turn has been drawn
    expect(page.get_by_text("工资未发、拖欠")).to_be_visible()  # the reader has read it
    screenshot(page, "try_it")
    axe(page)
    page.get_by_role("tab", name="约定").click()
    expect(promised).to_be_visible()


