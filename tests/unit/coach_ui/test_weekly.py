"""周报: a week in figures, what changed, the talks to look at; empty, full, refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from coach_ui.components.contacts import table_of
from coach_ui.components.week_report import COMPLAINTS, FLAGGED, change, compared, points_of, shares_of
from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.insight.breaks import RuleBreak
from heyue.insight.figures import Share, Week
from heyue.settings import ZONE
from tests.contacts import add_contact
from tests.unit.coach_ui.conftest import AppOf

NOW = datetime.now(ZONE)
WEEK = Week.of(NOW.date()).before
MONDAY = WEEK.bounds[0] + timedelta(hours=10)
DAY = timedelta(days=1)
LEAD = User("lead", "测试主管", role_of("lead"))


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Last week: five contacts, one complaint, one flag. The week before: five promises for last week, three kept."""
    for number in range(5):
        add_contact(
            desk, MONDAY, stop="COMPLAINT_OPEN" if number == 0 else None, rules=["abuse"] * (number == 1)
        )
        made = MONDAY - 4 * DAY
        add_contact(desk, made, promised=MONDAY.date(), paid_at=made + DAY if number < 3 else None)
    return desk


def test_without_talks_it_says_what_to_do_next(app_of: AppOf) -> None:
    app = app_of("lead", "weekly")
    assert app.title[0].value == f"周报　{WEEK.name}"
    assert "这一周没有会话" in app.info[0].value


@pytest.mark.parametrize("role", ["trainee", "collector", "reviewer", "admin"])
def test_other_roles_do_not_see_it(app_of: AppOf, full: Desk, role: str) -> None:
    assert "不使用这一页" in app_of(role, "weekly").warning[0].value


def test_a_week_is_reported_with_the_talks_to_look_at(app_of: AppOf, full: Desk) -> None:
    app = app_of("lead", "weekly")
    assert not app.exception
    said = [each.value for each in app.markdown]
    assert said[0].startswith("- 兑现率 **60%**，上周 不足5例：样本太少，不作比较。")
    assert sum("查看会话](talk?talk=" in each for each in said) == 2
    assert any("**提出了投诉**" in each for each in said)
    assert len(app.table) == 11


def test_promises_count_in_the_week_in_which_they_came_due(full: Desk) -> None:
    contacts = table_of(full.contact_facts(LEAD, MONDAY - 40 * DAY, NOW, NOW))
    breaks = pd.DataFrame(full.rule_breaks(LEAD, MONDAY - 40 * DAY, NOW), columns=list(RuleBreak._fields))
    this = shares_of(contacts, breaks, WEEK)
    assert (this["兑现率"], this["承诺率"], this[COMPLAINTS], this[FLAGGED]) == (
        (3, 5),
        (0, 5),
        (1, 5),
        (1, 5),
    )
    assert next(iter(this)) == "兑现率"
    before = shares_of(contacts, breaks, WEEK.before)
    assert (before["兑现率"], before["承诺率"]) == ((0, 0), (5, 5))
    assert compared(this, before)["变化"].iloc[0] == "样本太少，不作比较"


@pytest.mark.parametrize(
    ("this", "before", "words"),
    [
        (Share(90, 100), Share(50, 100), "▲ 上升 40个百分点"),
        (Share(50, 100), Share(90, 100), "▼ 下降 40个百分点"),
        (Share(6, 10), Share(5, 10), "+10个百分点，可能出于偶然"),
        (Share(6, 10), Share(60, 100), "持平"),
        (Share(1, 4), Share(5, 10), "样本太少，不作比较"),
    ],
)
def test_change_in_words(this: Share, before: Share, words: str) -> None:
    assert change(this, before) == words


def test_the_points_are_the_kept_rate_and_what_changed_beyond_chance() -> None:
    this = {"兑现率": Share(6, 10), "承诺率": Share(90, 100), "核实率": Share(50, 100)}
    before = {"兑现率": Share(5, 10), "承诺率": Share(50, 100), "核实率": Share(51, 100)}
    assert points_of(this, before) == [
        "兑现率 **60%**，上周 50%：+10个百分点，可能出于偶然。", "承诺率 **90%**，上周 50%：▲ 上升 40个百分点。",
    ]  # fmt: skip
    assert points_of(before, before)[-1] == "其他指标与上周相比没有明显变化。"


def test_a_name_from_an_upload_is_text_and_loads_nothing(app_of: AppOf, desk: Desk) -> None:
    add_contact(desk, MONDAY, collector="![](https://example.com/x.png)", rules=["abuse"])
    app = app_of("lead", "weekly")
    assert not app.exception
    said = " ".join(each.value for each in app.markdown) + " ".join(
        str(list(each.value.index)) for each in app.table
    )
    assert "example" in said
    assert "![](" not in said
