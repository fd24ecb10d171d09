"""The frame in a real browser: who gets in, what they see, what happens when something ends or breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from coach_ui.navigation import menu_of
from heyue.access.roles import roles
from tests.browser.conftest import (
    TABLET,
    Coach,
    PageOf,
    axe,
    menu,
    password_of,
    running_coach,
    settled,
    sign_in,
)
from tests.integration.test_store_postgres import Cluster

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("role", roles())
def test_each_role_signs_in_and_sees_its_own_menu(
    coach: Coach, visit: PageOf, screenshot: Callable[[Page, str], Path], role: str
) -> None:
    page = visit()
    assert page.title() == "登录 · 和约"
    sign_in(page, role)
    expect(page.get_by_role("heading", name=f"您好，测试{roles()[role].name}")).to_be_visible()
    user = coach.user(role)
    assert menu(page) == [entry.title for entry in menu_of(user)]
    assert page.title() == "首页 · 和约"
    screenshot(page, f"home-{role}")


def test_an_address_of_another_role_is_refused_politely(page_of: PageOf) -> None:
    page = page_of("trainee", "users")
    expect(page.get_by_text("“学员”不使用这一页")).to_be_visible()
    assert page.get_by_role("table").count() == 0


def test_an_address_asked_for_before_signing_in_opens_afterwards(visit: PageOf) -> None:
    page = visit("audit")
    sign_in(page, "admin")
    expect(page.get_by_role("heading", name="审计")).to_be_visible()
    assert page.url.endswith("/audit")


def test_a_reload_and_a_second_tab_keep_the_session_until_signing_out(coach: Coach, visit: PageOf) -> None:
    page = visit()
    sign_in(page, "lead")
    page.reload()
    expect(page.get_by_role("heading", name="您好，测试主管")).to_be_visible()
    second = page.context.new_page()
    second.goto(f"{coach.url}/audit")
    expect(second.get_by_role("heading", name="审计")).to_be_visible()
    (cookie,) = [each for each in page.context.cookies() if each["name"] == coach.cookie_name]
    assert cookie["sameSite"] == "Strict"
    settled(page).get_by_role("button", name="退出登录").click()
    expect(page.get_by_text("您已退出")).to_be_visible()
    settled(page).reload()
    expect(page.get_by_label("登录名")).to_be_visible()
    assert coach.desk.who(cookie["value"], coach.now()) is None
    settled(second).reload()
    expect(second.get_by_label("登录名")).to_be_visible()


def test_a_session_that_ran_out_goes_on_in_the_same_place(
    coach: Coach, visit: PageOf, screenshot: Callable[[Page, str], Path]
) -> None:
    page = visit("users")
    sign_in(page, "admin")
    expect(page.get_by_role("heading", name="用户")).to_be_visible()
    with coach.desk.store.transaction() as tx:
        tx.end_sessions("admin")
    page.get_by_role("tab", name="新增").click()
    page.get_by_role("textbox", name="登录名").fill("li.na")
    page.get_by_role("button", name="新增").click()
    expect(page.get_by_text("登录已过期")).to_be_visible()
    screenshot(settled(page), "session-ran-out")
    sign_in(page, "admin")
    expect(page.get_by_role("heading", name="用户")).to_be_visible()


def test_five_wrong_passwords_lock_even_against_the_right_one(
    tmp_path: Path, contexts: Callable[..., BrowserContext], screenshot: Callable[[Page, str], Path]
) -> None:
    with running_coach(tmp_path) as coach:
        page = contexts().new_page()
        page.goto(coach.url)
        settled(page)
        for _ in range(5):
            sign_in(page, "collector", "not the password")
        expect(page.get_by_text("已锁定")).to_be_visible()
        screenshot(page, "sign-in-locked")
        axe(page)
        sign_in(page, "collector")
        expect(page.get_by_text("已锁定")).to_be_visible()
        sign_in(page, "reviewer")
        expect(page.get_by_role("heading", name="您好，测试质检员")).to_be_visible()


@pytest.mark.postgres
def test_a_store_that_goes_away_is_said_and_the_page_comes_back_by_itself(
    tmp_path: Path, contexts: Callable[..., BrowserContext], screenshot: Callable[[Page, str], Path],
    cluster: Cluster, url: str,
) -> None:  # fmt: skip
    with running_coach(tmp_path, url) as coach:
        page = contexts().new_page()
        page.goto(f"{coach.url}/audit")
        settled(page)
        sign_in(page, "lead")
        expect(page.get_by_role("heading", name="审计")).to_be_visible()
        cluster.stop()
        page.get_by_role("link", name="首页").click()
        expect(page.get_by_role("heading", name="暂时连不上数据库")).to_be_visible()
        screenshot(settled(page), "store-away")
        axe(page)
        cluster.start()
        expect(page.get_by_role("heading", name="您好，测试主管")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("role", "path"), [(None, ""), ("lead", ""), ("trainee", "users"), ("admin", "users"), ("admin", "audit")]
)
def test_no_grave_fault_of_accessibility(
    visit: PageOf,
    page_of: PageOf,
    screenshot: Callable[[Page, str], Path],
    role: str | None,
    path: str,
    scheme: str,
) -> None:
    page = page_of(role, path, color_scheme=scheme) if role else visit(path, color_scheme=scheme)
    screenshot(page, f"{role or 'visitor'}-{path or 'home'}-{scheme}")
    axe(page)


def test_the_dark_theme_follows_the_system(page_of: PageOf) -> None:
    ground = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    assert page_of("lead", color_scheme="dark").evaluate(ground) == "rgb(21, 27, 28)"
    assert page_of("lead", color_scheme="light").evaluate(ground) == "rgb(252, 251, 248)"


def test_a_tablet_shows_the_page_without_scrolling_sideways(
    page_of: PageOf, screenshot: Callable[[Page, str], Path]
) -> None:
    for path in ("", "users", "audit"):
        page = page_of("admin", path, viewport=TABLET)
        screenshot(page, f"tablet-{path or 'home'}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_the_keyboard_alone_signs_in_and_its_place_is_visible(visit: PageOf) -> None:
    page = visit()
    page.get_by_label("登录名").focus()
    page.keyboard.type("reviewer")
    page.keyboard.press("Tab")
    page.keyboard.type(password_of("reviewer"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="您好，测试质检员")).to_be_visible()
    settled(page).keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def test_nothing_is_asked_of_any_other_machine(coach: Coach, contexts: Callable[..., BrowserContext]) -> None:
    asked: list[str] = []
    context = contexts()
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(coach.url)
    sign_in(settled(page), "lead")
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith((coach.url, "data:", "blob:"))] == []
