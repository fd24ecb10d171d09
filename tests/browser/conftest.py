"""The coach in a real browser: a server over a store of its own, people of each role, pictures, accessibility.

A browser test is marked `browser`, asks for `page_of` (a page of somebody signed in) or `visit` (one of nobody), and may
end with `screenshot(page, name)` and `axe(page)`. Pictures go to $HEYUE_SCREENSHOTS, else to pytest's temporary folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, expect, sync_playwright

from heyue.access.people import SignedIn, User, operator
from heyue.access.roles import roles
from heyue.desk import Desk, open_desk
from heyue.launch.demonstration import load_demonstration
from heyue.launch.part import RunningPart, last_lines
from heyue.launch.product import ROOT, Plan, environment_of, parts_of
from heyue.launch.supervisor import Supervisor
from heyue.settings import ZONE, Settings
from tests.bot_process import free_port
from tests.conftest import program
from tests.integration.test_store_postgres import cluster, url  # noqa: F401  fixtures

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
]  # fmt: skip
LAPTOP, TABLET = {"width": 1366, "height": 900}, {"width": 768, "height": 1024}
START_SECONDS = 60.0
WAIT_MS = 30_000  # the machine may be busy with other tests
GRAVE = ("serious", "critical")
# What unfolds moves what is below it for half a second, and a click on something that moves is lost on a busy machine.
WITHOUT_MOTION = """
const animate = Element.prototype.animate;
Element.prototype.animate = function (frames, options) { return animate.call(this, frames, {...options, duration: 0}); };
"""
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
NOTE_RUNS = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.hasRun = false;
  new MutationObserver(() => { window.hasRun = true; }).observe(app, {attributeFilter: ["data-test-script-state"]});
}"""
QUICK_MILLISECONDS = 5_000
OPENED = pytest.StashKey[list[BrowserContext]]()
PageOf = Callable[..., Page]


@dataclass
class Coach:
    """A running coach and the desk over its store."""

    url: str
    desk: Desk
    part: RunningPart

    def now(self) -> datetime:
        return datetime.now(ZONE)

    def user(self, login: str) -> User:
        """Somebody who may use the coach."""
        return next(user for user in self.desk.users(operator("test")) if user.login == login)

    def token_of(self, login: str) -> str:
        """A new session of the user."""
        verdict = self.desk.sign_in(login, password_of(login), self.now())
        assert isinstance(verdict, SignedIn), verdict
        return verdict.token

    @property
    def cookie_name(self) -> str:
        return f"heyue_session_{self.url.rpartition(':')[2]}"


def password_of(login: str) -> str:
    return f"{login[::-1]}-Passwort-1"


def add_people(desk: Desk) -> None:
    """A user of each role, whose login is the role's name."""
    for role in roles().values():
        desk.add_user(
            role.key, f"测试{role.name}", role.key, password_of(role.key), operator("test"), datetime.now(ZONE)
        )


@contextmanager
def running_coach(
    data_folder: Path, database_url: str | None = None, port: int | None = None
) -> Iterator[Coach]:
    """A coach on a free port over a store with a user of each role and the demonstration cases."""
    settings = Settings(database_url or f"sqlite:///{data_folder / 'heyue.db'}", data_folder)
    plan = Plan(bot_port=free_port(), coach_port=port or free_port())
    desk = open_desk(settings)
    add_people(desk)
    load_demonstration(desk.store, ROOT / "bot/demo/cases.csv", data_folder, date.today())  # noqa: DTZ011
    (part,) = [part for part in parts_of(plan) if part.name == "coach"]
    with Supervisor(ROOT, environment_of(plan, settings), data_folder / "logs") as supervisor:
        supervisor.start([part])
        supervisor.wait_until_all_answer(START_SECONDS)
        yield Coach(part.url, desk, supervisor.running[0])
    desk.store.close()


@pytest.fixture(scope="session")
def coach(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coach]:
    """The coach that all browser tests share; a test that changes a user makes one of its own."""
    with running_coach(tmp_path_factory.mktemp("coach")) as running:
        yield running


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Ended with the browser tests: Playwright keeps an event loop running, which asynchronous tests cannot have."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("browser"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test what its pages and the coach's log said: where nobody sees pictures, there is no more."""
    report = yield
    if report.when == "call" and report.failed:
        for context in item.stash.get(OPENED, []):
            for page in context.pages:
                state = page.locator('[data-testid="stApp"]').get_attribute("data-test-script-state")
                words = " | ".join(page.inner_text("body").split("\n\n"))
                report.sections.append((f"page {page.url} ({state})", words))
        if "coach" in item.funcargs:
            report.sections.append(("coach", last_lines(item.funcargs["coach"].part.log)))
    return report


@pytest.fixture
def contexts(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browsers that share no cookies; closed with the test."""
    opened = request.node.stash.setdefault(OPENED, [])

    def open_context(**options: Any) -> BrowserContext:
        context = chromium.new_context(**{"locale": "zh-CN", "viewport": LAPTOP} | options)
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(WITHOUT_MOTION)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def visit(coach: Coach, contexts: Callable[..., BrowserContext]) -> PageOf:
    """Opens a page with nobody signed in: visit(path, **options of the browser)."""

    def open_page(path: str = "", **options: Any) -> Page:
        page = contexts(**options).new_page()
        page.goto(f"{coach.url}/{path}")
        return settled(page)

    return open_page


@pytest.fixture
def page_of(coach: Coach, contexts: Callable[..., BrowserContext]) -> PageOf:
    """Opens a page as the user of a role: page_of(role, path, **options of the browser)."""

    def open_page(login: str, path: str = "", **options: Any) -> Page:
        context = contexts(**options)
        context.add_cookies([{"name": coach.cookie_name, "value": coach.token_of(login), "url": coach.url}])
        page = context.new_page()
        page.goto(f"{coach.url}/{path}")
        return settled(page)

    return open_page


def settled(page: Page) -> Page:
    """The page once Streamlit has drawn all of it."""
    page.wait_for_selector(IDLE)
    page.wait_for_selector('[data-testid="stMain"] [data-testid="stElementContainer"]', state="attached")
    page.wait_for_timeout(300)  # the last elements and their transitions
    return page


def sign_in(page: Page, login: str, password: str | None = None) -> None:
    """Fill the sign-in form and send it."""
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码", exact=True).fill(password or password_of(login))
    page.evaluate(NOTE_RUNS)  # a refusal can be quicker than anybody looks whether the page runs
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    with suppress(TimeoutError):  # of a run that is over at once and changes nothing, nothing can be seen: what follows tells
        page.wait_for_function("window.hasRun", timeout=QUICK_MILLISECONDS)
    settled(page)


def menu(page: Page) -> list[str]:
    """The titles in the menu."""
    links = page.get_by_test_id("stSidebarNavLink").locator("[label]").all()
    return [str(each.get_attribute("label")) for each in links]


@pytest.fixture(scope="session")
def screenshot(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Page, str], Path]:
    """Takes a picture of the whole page."""
    chosen = os.environ.get("HEYUE_SCREENSHOTS")
    folder = Path(chosen) if chosen else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> Path:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        return folder / f"{name}.png"

    return take


def axe(page: Page) -> None:
    """Hold the page against the rules of axe-core; nothing serious or critical may be found."""
    settled(page)  # what is still fading in has other colours
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    grave = [
        (each["id"], each["help"], [(node["html"][:300], node["failureSummary"]) for node in each["nodes"]])
        for each in found
        if each["impact"] in GRAVE
    ]
    assert not grave, "\n".join(str(each) for each in grave)
