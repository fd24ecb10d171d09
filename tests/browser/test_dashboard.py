"""A lead looks at the figures, at the talks behind a number, and prints the week."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from heyue.desk import Desk
from heyue.insight.figures import Week
from tests.browser.conftest import TABLET, Coach, PageOf, axe, running_coach, settled
from tests.contacts import add_contact

pytestmark = pytest.mark.browser
CONTACTS = 96
TYPES = (
    "provocative",
    "evasive",
    "victim",
    "confident",
    "stubborn",
    "sophisticated",
    "promiser",
    "undetermined",
)
REASONS = ("forgot", "salary_delayed", "illness", "business_loss", "payment_failure", None)
TALL = {"width": 1366, "height": 2200}  # so that a picture holds the whole page: Streamlit scrolls inside
VIEWS = ("从触达到兑现", "原因与类型", "触达时段", "投诉与退订", "违规提示")
Shot = Callable[[Page, str], Path]


def add_contacts(desk: Desk, at: datetime) -> None:
    """Some weeks of contacts, drawn from a seed."""
    draw = random.Random(5)
    for number in range(CONTACTS):
        began = (at - timedelta(days=26 * number / CONTACTS + 1)).replace(hour=draw.randrange(8, 22))
        outcome = draw.choice(("right_party",) * 4 + ("not_verified", "wrong_party"))
        promises, keeps = outcome == "right_party" and draw.random() < 0.7, draw.random() < 0.65
        add_contact(
            desk, began, channel=draw.choice(("wechat", "sms", "phone")), overdue=draw.randrange(1, 40),
            outcome=outcome,
            collector=draw.choice((None, None, "collector", "工号307")), debtor_type=draw.choice(TYPES),
            reason=draw.choice(REASONS), tension=draw.random(),
            rules=draw.choice(((), (), ("abuse",), ("false_consequence", "harassment"))),
            promised=(began + timedelta(days=2)).date() if promises else None,
            paid_at=began + timedelta(days=1) if promises and keeps else None,
            stop="COMPLAINT_OPEN" if draw.random() < 0.06 else None, opts_out=draw.random() < 0.04,
        )  # fmt: skip


@pytest.fixture(scope="module")
def coach(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coach]:
    """A coach of its own: its figures are not those of other tests."""
    with running_coach(tmp_path_factory.mktemp("figures")) as running:
        add_contacts(running.desk, running.now())
        yield running


def choose_view(page: Page, view: str) -> None:
    page.get_by_role("button", name=view, exact=True).or_(
        page.get_by_role("radio", name=view, exact=True)
    ).first.click()
    settled(page)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_can_be_read_by_everybody(page_of: PageOf, screenshot: Shot, view: str) -> None:
    page = page_of("lead", "dashboard", viewport=TALL)
    choose_view(page, view)
    page.wait_for_timeout(700)
    screenshot(page, f"dashboard-{VIEWS.index(view)}")
    axe(page)


def test_a_number_opens_the_talks_behind_it(page_of: PageOf, screenshot: Shot) -> None:
    page = page_of("lead", "dashboard")
    expect(page.get_by_role("heading", name=f"全部：{CONTACTS} 次联系")).to_be_visible()
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 60, box["y"] + 35 + 17)  # the newest week
    expect(page.get_by_role("heading", name="起：")).to_be_visible()
    screenshot(page, "dashboard-picked")


def test_the_transcript_is_read_only_and_masked(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    here = add_contact(coach.desk, coach.now() - timedelta(days=70), rules=["abuse"])
    page = page_of("lead", f"talk?talk={here}", viewport=TALL)
    expect(page.get_by_text("139****1234")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    screenshot(page, "talk")
    axe(page)


def test_a_workbook_is_taken_away_and_that_is_audited(coach: Coach, page_of: PageOf, tmp_path: Path) -> None:
    page = page_of("lead", "dashboard")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 XLSX").click()
    download.value.save_as(tmp_path / "figures.xlsx")
    assert load_workbook(tmp_path / "figures.xlsx")["会话"].max_row == CONTACTS + 1
    with coach.desk.store.engine.connect() as connection:
        actors = connection.exec_driver_sql(
            "SELECT actor FROM audit_events WHERE event = 'figures_exported'"
        ).all()
    assert actors == [("lead",)]


@pytest.mark.parametrize(
    ("name", "options"), [("dark", {"color_scheme": "dark"}), ("tablet", {"viewport": TABLET})]
)
def test_other_screens(page_of: PageOf, screenshot: Shot, name: str, options: dict[str, object]) -> None:
    for path in ("dashboard", "weekly"):
        page = page_of("lead", path, **options)
        page.wait_for_timeout(700)
        screenshot(page, f"{path}-{name}")
        axe(page)


def test_a_week_prints_on_a4(coach: Coach, page_of: PageOf, screenshot: Shot) -> None:
    page = page_of("lead", "weekly", color_scheme="dark")
    expect(
        page.get_by_role("heading", name=f"周报 {Week.of(coach.now().date()).before.name}")
    ).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_label("哪一周")).to_be_hidden()
    assert page.get_by_test_id("stMain").evaluate("each => getComputedStyle(each).overflowY") == "visible"
    assert page.locator("h3").first.evaluate("each => getComputedStyle(each).color") == "rgb(0, 0, 0)"
    picture = screenshot(page, "weekly-print")
    page.pdf(path=picture.with_suffix(".pdf"), prefer_css_page_size=True)
    sheets = picture.with_suffix(".pdf").read_bytes().count(b"/Type /Page\n")
    assert 2 <= sheets <= 6
