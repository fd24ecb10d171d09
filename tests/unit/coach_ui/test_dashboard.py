"""看板: the figures, the talks behind them, the files; empty, full, refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pandas as pd
import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from coach_ui.components import contact_tables as tables
from coach_ui.components.contact_list import listed
from coach_ui.components.contacts import table_of
from coach_ui.components.export import tables_of
from coach_ui.components.figures import counts, split
from coach_ui.components.table_files import csv_of, xlsx_of
from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.settings import ZONE
from tests.contacts import add_contact
from tests.unit.coach_ui.conftest import AppOf

NOW = datetime.now(ZONE)
DAY = timedelta(days=1)
LEAD = User("lead", "测试主管", role_of("lead"))


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Ten contacts of a week ago: six promised, of these four paid in time; one by a collector; one complaint."""
    at = (NOW - 7 * DAY).replace(hour=10)
    for number in range(6):
        add_contact(desk, at, promised=(at + DAY).date(), paid_at=at + DAY if number < 4 else None)
    add_contact(desk, at, outcome="not_verified", state="verifying", debtor_type="evasive", reason=None)
    add_contact(desk, at, outcome="wrong_party", situation="wrong_party", reason=None)
    add_contact(desk, at, collector="=HYPERLINK()", channel="phone", rules=["abuse", "abuse", "harassment"])
    add_contact(desk, at, stop="COMPLAINT_OPEN", tension=0.9)
    return desk


@pytest.fixture
def contacts(full: Desk) -> pd.DataFrame:
    return table_of(full.contact_facts(LEAD, NOW - 28 * DAY, NOW, NOW))


def texts(app: AppTest) -> str:
    assert not app.exception
    return " ".join([*(each.value for each in app.caption), *(each.body for each in app.get("html"))])


# the page


def test_without_talks_it_says_what_to_do_next(app_of: AppOf) -> None:
    app = app_of("lead", "dashboard")
    assert app.title[0].value == "看板"
    assert "还没有会话" in app.info[0].value
    assert not app.dataframe


@pytest.mark.parametrize("role", ["trainee", "collector", "reviewer", "admin"])
def test_other_roles_do_not_see_it(app_of: AppOf, full: Desk, role: str) -> None:
    app = app_of(role, "dashboard")
    assert "不使用这一页" in app.warning[0].value
    assert not app.dataframe


def test_the_kept_rate_comes_first_and_every_share_has_its_count(app_of: AppOf, full: Desk) -> None:
    app = app_of("lead", "dashboard")
    said = texts(app)
    assert '<p class="name">兑现率</p><p class="value">67%</p>' in said
    assert "4 / 6  \n95%区间 30–90%" in said
    assert [each.label for each in app.metric] == ["承诺率", "核实率", "触达率"]
    assert [each.value for each in app.metric] == ["75%", "80%", "100%"]  # 6 of 8, 8 of 10, 10 of 10
    assert [each.value for each in app.subheader] == ["全部：10 次联系"]


def test_a_filter_narrows_everything(app_of: AppOf, full: Desk) -> None:
    app = app_of("lead", "dashboard")
    app.selectbox(key="contacts.channel").select("电话").run()
    assert [each.value for each in app.metric] == ["不足5例"] * 3
    assert app.subheader[0].value == "全部：1 次联系"
    app.selectbox(key="contacts.debtor_type").select("推托型").run()
    assert "没有符合这些条件的会话" in app.info[0].value


@pytest.mark.parametrize("view", ["原因与类型", "触达时段", "投诉与退订", "违规提示"])
def test_every_view_draws_itself(app_of: AppOf, full: Desk, view: str) -> None:
    app = app_of("lead", "dashboard")
    app.get("button_group")[0].set_value([view]).run()
    assert not app.exception
    assert len(app.dataframe) >= 2  # the figures, and the contacts behind them


# the figures


def test_split_tells_shares_and_counts(contacts: pd.DataFrame) -> None:
    found = split(contacts, "led_by")
    assert list(found.index) == ["机器人", "人工"]
    assert list(found.loc["机器人"]) == [
        "67%（30–90%）", "86%（49–97%）", "78%（45–94%）", "100%（70–100%）", 4, 6, 6, 7, 9, 9,
    ]  # fmt: skip
    assert found.loc["人工", "兑现率"] == "0/0"
    assert found.loc["人工", "核实率"] == "1/1"


def test_counts_put_the_biggest_group_first_and_name_what_is_missing(contacts: pd.DataFrame) -> None:
    found = counts(contacts, "reason")
    assert list(found.index) == ["忘记、没注意日期", "未说明"]
    assert list(found["联系"]) == [8, 2]


def test_reach_by_hour(contacts: pd.DataFrame) -> None:
    found = tables.reach(tables.by_hour(contacts))
    assert list(found.index) == ["10:00–10:59"]
    assert list(found.iloc[0]) == ["80%（n=10，49–94%）", 10, 8, 1, 1, 0]


def test_marks(contacts: pd.DataFrame) -> None:
    found = tables.stopped(tables.by_mark(contacts), contacts)
    assert list(found.index) == ["投诉处理中"]
    assert list(found.iloc[0]) == [1, "10%（n=10，2–40%）"]


def test_breaks_by_rule_and_by_collector(full: Desk, contacts: pd.DataFrame) -> None:
    breaks = pd.DataFrame(full.rule_breaks(LEAD, NOW - 28 * DAY, NOW))
    by_rule = tables.judged(tables.breaks_by_rule(breaks))
    assert list(by_rule.index) == ["辱骂、侮辱、歧视", "频繁骚扰、跟踪蹲守，或以此相威胁"]
    assert list(by_rule["提示"]) == list(by_rule["待复核"]) == [1, 1]
    by_handler = tables.judged(tables.breaks_by_handler(breaks, contacts))
    assert by_handler.loc["=HYPERLINK()", "涉及会话"] == 1


def test_the_list_links_to_the_transcript_and_names_nobody(contacts: pd.DataFrame) -> None:
    found = listed(contacts)
    assert found["打开"][0] == f"talk?talk={contacts['conversation_id'][0]}"
    assert "钱多多" not in found.to_string()


# the files


def test_a_workbook_has_every_split_and_no_formula(contacts: pd.DataFrame) -> None:
    book = load_workbook(BytesIO(xlsx_of(tables_of(contacts))))
    assert book.sheetnames == [
        "按周", "按渠道", "按逾期阶段", "按借款人类型", "按原因", "按机器人或人工", "按催收员", "会话",
    ]  # fmt: skip
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert "'=HYPERLINK()" in {cell.value for cell in cells}
    assert book["会话"].max_row == 11


def test_csv_opens_in_a_spreadsheet(contacts: pd.DataFrame) -> None:
    text = csv_of(contacts[["handler"]]).decode("utf-8-sig")
    assert text.splitlines()[0] == "handler"
    assert "'=HYPERLINK()" in text
    assert csv_of(contacts).startswith(b"\xef\xbb\xbf")
